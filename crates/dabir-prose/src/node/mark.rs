//! Marks: what is true of a piece of text.

use std::fmt;

use crate::schema::address;

/// One mark on a piece of text. The order of the variants is the order in which they are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the editor's and say it")]
pub enum Mark {
    Link {
        href: String,
    },
    Bold,
    Code,
    Italic,
    Strike,
    Underline,
    Highlight,
    /// Belongs to a thread of comments; several threads may cover one text.
    Comment {
        id: String,
    },
}

impl Mark {
    /// The editor's name for this mark.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Link { .. } => "link",
            Self::Bold => "bold",
            Self::Code => "code",
            Self::Italic => "italic",
            Self::Strike => "strike",
            Self::Underline => "underline",
            Self::Highlight => "highlight",
            Self::Comment { .. } => "comment",
        }
    }

    /// Whether code may not have it: code is shown as it is.
    fn decorates(&self) -> bool {
        matches!(
            self,
            Self::Bold | Self::Italic | Self::Strike | Self::Underline | Self::Highlight
        )
    }

    /// `marks` as a text may have them: in order, each once, one link, and code undecorated.
    #[must_use]
    pub fn arrange(mut marks: Vec<Mark>) -> Vec<Mark> {
        marks.sort();
        marks.dedup();
        if marks.contains(&Mark::Code) {
            marks.retain(|mark| !mark.decorates());
        }
        let links = marks.iter().filter(|mark| mark.is_link()).count();
        marks.drain(..links.saturating_sub(1));
        marks
    }

    /// A link as somebody brings it. Of an address that the schema refuses nothing is kept: it may be as
    /// long as the file, and each word of the link gets the mark.
    pub(crate) fn link_to(href: &str) -> Self {
        let href = address::link(href).unwrap_or_default();
        Self::Link { href }
    }

    /// Whether it is a link.
    #[must_use]
    pub fn is_link(&self) -> bool {
        self.href().is_some()
    }

    /// Where a link leads.
    #[must_use]
    pub fn href(&self) -> Option<&str> {
        match self {
            Self::Link { href } => Some(href),
            _ => None,
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
