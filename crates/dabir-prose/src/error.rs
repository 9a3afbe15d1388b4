//! What can be wrong with a document that somebody brings.

/// Why a document was not taken. The words are for the person who brought it.
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
            Self::Bomb { .. } => "document.bomb",
        }
    }
}
