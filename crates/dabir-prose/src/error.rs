//! What can be wrong with a document that somebody brings or takes along.

/// Why a document was not taken or not given. The words are for the person who asked for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProseError {
    /// The JSON is not a ProseMirror document at all.
    #[error("the content is not a document: {why}")]
    NotADocument {
        /// What stands there instead.
        why: &'static str,
    },
    /// Blocks stand in blocks stand in blocks.
    #[error("the document nests deeper than {most} levels")]
    TooDeep {
        /// The bound.
        most: usize,
    },
    /// More parts than an editor can hold.
    #[error("the document has more than {most} parts")]
    TooManyNodes {
        /// The bound.
        most: usize,
    },
    /// More text than a document may have.
    #[error("the document has more than {most} bytes of text")]
    TooLong {
        /// The bound, in bytes of UTF-8.
        most: usize,
    },
    /// The file is no Word document that can be read.
    #[error("the file is not a readable Word document: {why}")]
    NotDocx {
        /// What is wrong with it.
        why: &'static str,
    },
    /// A document does not go into the archive that a Word document is.
    #[error("the Word document cannot be packed")]
    NotPacked,
    /// A document does not fit on the pages that a PDF may have.
    #[error("the document has more than {most} pages")]
    TooManyPages {
        /// The bound.
        most: usize,
    },
    /// A document does not go into a PDF.
    #[error("the PDF cannot be written")]
    NotPrinted,
    /// The file would fill the memory of who unpacks it.
    #[error("the file is packed like a bomb: {why}")]
    Bomb {
        /// What it does.
        why: &'static str,
    },
}

impl ProseError {
    /// The word for programs, as problem details carry it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotADocument { .. } => "document.not_a_document",
            Self::TooDeep { .. } => "document.too_deep",
            Self::TooManyNodes { .. } => "document.too_many_nodes",
            Self::TooLong { .. } => "document.too_long",
            Self::NotDocx { .. } => "document.not_docx",
            Self::NotPacked => "document.not_packed",
            Self::TooManyPages { .. } => "document.too_many_pages",
            Self::NotPrinted => "document.not_printed",
            Self::Bomb { .. } => "document.bomb",
        }
    }
}
