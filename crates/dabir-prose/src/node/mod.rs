//! The tree: what a document consists of.
//!
//! It is the tree of the editor (ProseMirror as TipTap configures it) with types: each kind holds
//! exactly the attributes it may have. JSON is written by [`serde::Serialize`]; reading JSON goes
//! through [`clean`](crate::clean), so no node that came from outside is unchecked.

mod attrs;
mod json;
mod mark;

pub use attrs::{Attrs, attrs};
pub use mark::Mark;

/// One node of a document: a block, a piece of a line, or the document itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Node {
    /// What it is, with its attributes.
    pub kind: Kind,
    /// The direction that a writer chose for this block; `None` follows the text.
    pub dir: Option<Dir>,
    /// What stands in it.
    pub content: Vec<Node>,
}

/// Everything that a document can contain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the editor's and say it")]
pub enum Kind {
    Doc,
    Paragraph,
    /// From 1 to 4.
    Heading {
        level: u8,
    },
    BulletList,
    OrderedList {
        start: u32,
    },
    ListItem,
    TaskList,
    TaskItem {
        checked: bool,
    },
    Blockquote,
    CodeBlock {
        language: Option<String>,
    },
    HorizontalRule,
    Image(Image),
    Table,
    TableRow,
    TableHeader(Cell),
    TableCell(Cell),
    HardBreak,
    /// A person or thing that the writer points at: `@label`.
    Mention {
        id: String,
        label: String,
    },
    Text {
        text: String,
        marks: Vec<Mark>,
    },
}

/// A picture that stands as a block of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Image {
    /// The address of one of the house's own files.
    pub src: String,
    /// What it shows, for those who do not see it.
    pub alt: Option<String>,
    /// The words that appear over it.
    pub title: Option<String>,
    /// Shown so many pixels wide.
    pub width: Option<u32>,
    /// Shown so many pixels high.
    pub height: Option<u32>,
}

/// How a cell of a table lies in the grid.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cell {
    /// How many columns it covers.
    pub colspan: u32,
    /// How many rows it covers.
    pub rowspan: u32,
    /// How its text is aligned.
    pub align: Option<Align>,
    /// The width in pixels of each column it covers, as somebody dragged it.
    pub colwidth: Vec<u32>,
}

impl Default for Cell {
    fn default() -> Self {
        Self {
            colspan: 1,
            rowspan: 1,
            align: None,
            colwidth: Vec::new(),
        }
    }
}

/// The direction of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dir {
    /// From right to left, as Persian is.
    Rtl,
    /// From left to right, as English and code are.
    Ltr,
}

impl Dir {
    /// `rtl` or `ltr`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rtl => "rtl",
            Self::Ltr => "ltr",
        }
    }

    /// Reads `rtl` or `ltr`; anything else, `auto` included, follows the text.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "rtl" => Some(Self::Rtl),
            "ltr" => Some(Self::Ltr),
            _ => None,
        }
    }
}

/// How the text of a cell is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Align {
    Left,
    Center,
    Right,
}

impl Align {
    /// The word that HTML, CSS and the editor use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Center => "center",
            Self::Right => "right",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "left" => Some(Self::Left),
            "center" => Some(Self::Center),
            "right" => Some(Self::Right),
            _ => None,
        }
    }
}

impl Node {
    /// A node with content that follows its text's direction.
    #[must_use]
    pub fn new(kind: Kind, content: Vec<Node>) -> Self {
        Self {
            kind,
            dir: None,
            content,
        }
    }

    /// A node without content.
    #[must_use]
    pub fn leaf(kind: Kind) -> Self {
        Self::new(kind, Vec::new())
    }

    /// Text without marks.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::marked(text, Vec::new())
    }

    /// Text with marks.
    #[must_use]
    pub fn marked(text: impl Into<String>, marks: Vec<Mark>) -> Self {
        Self::leaf(Kind::Text {
            text: text.into(),
            marks,
        })
    }

    /// A paragraph.
    #[must_use]
    pub fn paragraph(content: Vec<Node>) -> Self {
        Self::new(Kind::Paragraph, content)
    }

    /// The smallest document: one empty paragraph, where a caret can stand.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(Kind::Doc, vec![Self::paragraph(Vec::new())])
    }

    /// The same node with this direction.
    #[must_use]
    pub fn with_dir(mut self, dir: Option<Dir>) -> Self {
        self.dir = dir;
        self
    }

    /// The editor's name for this kind of node.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.kind.name()
    }

    /// The text of a text node.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The marks of a text node.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        match &self.kind {
            Kind::Text { marks, .. } => marks,
            _ => &[],
        }
    }

    /// Where a text node leads.
    #[must_use]
    pub fn href(&self) -> Option<&str> {
        self.marks().iter().find_map(Mark::href)
    }

    /// How many nodes this tree has, itself included.
    #[must_use]
    pub fn count(&self) -> usize {
        1 + self.content.iter().map(Node::count).sum::<usize>()
    }
}

impl Kind {
    /// The editor's name for this kind of node.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Doc => "doc",
            Self::Paragraph => "paragraph",
            Self::Heading { .. } => "heading",
            Self::BulletList => "bulletList",
            Self::OrderedList { .. } => "orderedList",
            Self::ListItem => "listItem",
            Self::TaskList => "taskList",
            Self::TaskItem { .. } => "taskItem",
            Self::Blockquote => "blockquote",
            Self::CodeBlock { .. } => "codeBlock",
            Self::HorizontalRule => "horizontalRule",
            Self::Image(_) => "image",
            Self::Table => "table",
            Self::TableRow => "tableRow",
            Self::TableHeader(_) => "tableHeader",
            Self::TableCell(_) => "tableCell",
            Self::HardBreak => "hardBreak",
            Self::Mention { .. } => "mention",
            Self::Text { .. } => "text",
        }
    }

    /// Whether it stands in a line of text.
    #[must_use]
    pub fn is_inline(&self) -> bool {
        matches!(
            self,
            Self::Text { .. } | Self::HardBreak | Self::Mention { .. }
        )
    }

    /// Whether lines of text stand directly in it.
    #[must_use]
    pub fn is_textblock(&self) -> bool {
        matches!(
            self,
            Self::Paragraph | Self::Heading { .. } | Self::CodeBlock { .. }
        )
    }

    /// Whether it is a list of any kind.
    #[must_use]
    pub fn is_list(&self) -> bool {
        matches!(
            self,
            Self::BulletList | Self::OrderedList { .. } | Self::TaskList
        )
    }

    /// The cell, when this is one of a table's.
    #[must_use]
    pub fn cell(&self) -> Option<&Cell> {
        match self {
            Self::TableHeader(cell) | Self::TableCell(cell) => Some(cell),
            _ => None,
        }
    }

    /// Whether a direction can be chosen for it.
    #[must_use]
    pub fn has_dir(&self) -> bool {
        self.is_textblock() || self.is_list() || matches!(self, Self::Blockquote | Self::Table)
    }
}
