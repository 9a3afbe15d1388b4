//! Files made to do harm: bombs, loops, lies about sizes, depth without end.
#![expect(
    clippy::unwrap_used,
    reason = "whatever makes a file stops at what it did not expect"
)]

mod packages;
mod others;
pub mod archive;
pub mod pdf;

/// A package says what it is in its first bytes.
const HEAD: usize = 100;

/// A file, what it is given out to be, and what is to become of it.
#[derive(Debug)]
pub struct Case {
    pub name: &'static str,
    /// As the helper knows kinds: `package`, `pdf`, `html`, `markdown`, `text`, `csv`, `picture`.
    pub kind: &'static str,
    pub bytes: Vec<u8>,
    pub fate: Fate,
}

impl Case {
    /// How the name of such a file ends.
    #[must_use]
    pub fn ending(&self) -> &'static str {
        let holds = |words: &[u8]| {
            let head = &self.bytes[..self.bytes.len().min(HEAD)];
            head.windows(words.len()).any(|some| some == words)
        };
        match self.kind {
            "package" if holds(b"xl/") => "xlsx",
            "package" if holds(b"ppt/") => "pptx",
            "package" if holds(b"opendocument.spreadsheet") => "ods",
            "package" if holds(b"mimetype") => "epub",
            "package" => "docx",
            "markdown" => "md",
            "text" => "txt",
            "picture" => "png",
            same => same,
        }
    }
}

/// What is to become of a file.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    /// With this word in the API.
    Refused(&'static str),
    /// Read to its end, or as far as text is taken.
    Read,
    /// One or the other.
    Either,
}

/// All of them, made group by group.
pub const GROUPS: [fn() -> Vec<Case>; 8] = [
    packages::bombs,
    packages::directories,
    packages::xml,
    packages::endless,
    others::pages,
    others::pictures,
    others::disguises,
    pdf::hostile,
];

fn case(name: &'static str, kind: &'static str, bytes: Vec<u8>, fate: Fate) -> Case {
    Case {
        name,
        kind,
        bytes,
        fate,
    }
}
