//! What is asked of `dabir-extract` and what it answers: the words that it and its caller share.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The most text that is taken from one file, in bytes of UTF-8.
pub const MAX_TEXT: usize = 8 << 20;
/// The most headings, links and parts of one file.
pub const MAX_LIST: usize = 2_000;
/// The longest heading, title, name or link, in characters.
pub const MAX_WORDS: usize = 500;

/// How a file is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Pdf,
    /// A zip archive: what is in it decides.
    Package,
    Html,
    Markdown,
    Text,
    /// Rows of fields with commas, semicolons or tabs between them.
    Csv,
    Picture,
}

/// Every kind and its word.
const KINDS: [(Kind, &str); 7] = [
    (Kind::Pdf, "pdf"),
    (Kind::Package, "package"),
    (Kind::Html, "html"),
    (Kind::Markdown, "markdown"),
    (Kind::Text, "text"),
    (Kind::Csv, "csv"),
    (Kind::Picture, "picture"),
];

impl Kind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let known = KINDS.iter().find(|(kind, _)| *kind == self);
        known.map_or("", |(_, word)| word)
    }

    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let known = KINDS.iter().find(|(_, known)| *known == word);
        known.map(|(kind, _)| *kind)
    }
}

/// Why a file was not read. The words are stable: pages translate them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Its kind has no reader here.
    UnknownKind,
    /// It is not what its kind is, or breaks off.
    Damaged,
    /// It opens with a password.
    Encrypted,
    TooManyEntries,
    /// It unpacks to more than is read.
    TooLarge,
    /// It unpacks to so much from so little that nobody made it to be read.
    Ratio,
    /// Entries of the archive share their bytes, or have one name.
    Overlap,
    /// A name in the archive leads out of it.
    Path,
    TooDeep,
    /// It declares entities or a document type of its own.
    Entities,
    /// A picture of more pixels than are drawn.
    TooManyPixels,
    TooSlow,
    TooMuchMemory,
    /// Its reader did something that it may not, or broke down.
    Crashed,
    /// The program that reads this kind is not installed.
    NoReader,
    /// The helper could not be started, or said what nobody understands.
    Helper,
}

impl Code {
    /// The word that stands in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownKind => "unknown_kind",
            Self::Damaged => "damaged",
            Self::Encrypted => "encrypted",
            Self::TooManyEntries => "too_many_entries",
            Self::TooLarge => "too_large",
            Self::Ratio => "ratio",
            Self::Overlap => "overlap",
            Self::Path => "path",
            Self::TooDeep => "too_deep",
            Self::Entities => "entities",
            Self::TooManyPixels => "too_many_pixels",
            Self::TooSlow => "too_slow",
            Self::TooMuchMemory => "too_much_memory",
            Self::Crashed => "crashed",
            Self::NoReader => "no_reader",
            Self::Helper => "helper",
        }
    }

    /// Whether the same file may be read another time: it was not its fault.
    #[must_use]
    pub fn may_pass(self) -> bool {
        matches!(self, Self::Helper | Self::NoReader)
    }
}

/// Why a file was not read, with what is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub code: Code,
    pub detail: String,
}

impl Refusal {
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { code, detail }
    }

    #[must_use]
    pub fn encrypted() -> Self {
        Self::new(
            Code::Encrypted,
            "it opens with a password; upload it without one",
        )
    }

    #[must_use]
    pub fn too_slow() -> Self {
        Self::new(Code::TooSlow, "reading it took longer than any file may")
    }

    #[must_use]
    pub fn too_much_memory() -> Self {
        Self::new(
            Code::TooMuchMemory,
            "reading it took more memory than any file may",
        )
    }

    #[must_use]
    pub fn too_large() -> Self {
        Self::new(Code::TooLarge, "what is in it is more than is read")
    }

    /// What it is for a reader to die of a signal.
    #[must_use]
    pub fn of_signal(signal: i32) -> Self {
        match signal {
            libc::SIGXCPU | libc::SIGKILL => Self::too_slow(),
            libc::SIGABRT => Self::too_much_memory(),
            libc::SIGXFSZ => Self::too_large(),
            other => {
                let detail = format!("its reader broke down (signal {other}); the file is damaged");
                Self::new(Code::Crashed, detail)
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Refusal {}

/// What a file says of itself, and what was seen of it as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// `docx`, `pdf`, `png` …: what it is.
    pub format: String,
    pub title: Option<String>,
    pub author: Option<String>,
    /// As the file writes it.
    pub created: Option<String>,
    pub modified: Option<String>,
    pub pages: Option<u32>,
    pub encoding: Option<String>,
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// How a picture is turned: 1 to 8, as EXIF counts.
    pub orientation: Option<u8>,
    /// It carries programs. They were not looked at.
    pub macros: bool,
    /// There is more text than was taken.
    pub truncated: bool,
    /// How sure it is that letters stand in the order in which they are read, from 0 to 1; `None` when
    /// nothing had to be put right.
    pub order_confidence: Option<f64>,
    /// Lines that were turned around.
    pub turned_lines: u32,
}

/// A page, a sheet, a slide or a chapter; the whole when a file has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub name: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// 1 is the greatest.
    pub level: u8,
    pub text: String,
}

/// One line of the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// What holds the helper in: the first line.
    Confined(Vec<String>),
    About(About),
    Part(Part),
    Heading(Heading),
    Link(String),
    /// A JPEG in base64.
    Thumbnail(String),
    Refused(Refusal),
    /// The last line: all was said.
    Done,
}
