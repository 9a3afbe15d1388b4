//! What is made of what the helper found: language, counts, keywords, and what a page shows of it.

use dabir_extract::{About, Heading};
use dabir_text::{
    Language, Spelling, Statistics, fingerprint, keywords, language, spelling, statistics,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::run::Extract;

/// Which analyser made a result; a newer one finds more.
pub const ANALYSER: i32 = 1;
/// The most text that is kept, in bytes.
pub(crate) const MAX_KEPT: usize = 2 << 20;
const KEYWORDS: usize = 12;
/// So many headings, links and parts a result tells.
const SHOWN: usize = 200;

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Analysis {
    /// Which analyser made it.
    pub analyser: i32,
    /// `docx`, `pdf`, `png` …
    pub format: String,
    pub title: Option<String>,
    pub author: Option<String>,
    /// As the file writes it.
    pub created: Option<String>,
    pub modified: Option<String>,
    /// Pages, sheets, slides or chapters.
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
    /// How sure it is that letters stand in the order in which they are read, from 0 to 1.
    pub order_confidence: Option<f64>,
    /// Lines of a PDF that stood as they are drawn, and were turned around.
    pub turned_lines: u32,
    /// `None` for a file without text.
    pub text: Option<TextFacts>,
    pub headings: Vec<HeadingFacts>,
    pub links: Vec<String>,
    /// Names of sheets.
    pub parts: Vec<String>,
    /// What held the reader in.
    pub confined: Vec<String>,
}

/// What can be said of a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TextFacts {
    pub language: Language,
    pub statistics: Statistics,
    pub keywords: Vec<String>,
    pub spelling: Spelling,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeadingFacts {
    /// 1 is the greatest.
    pub level: u8,
    pub text: String,
}

/// An analysis, and what is kept beside it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Analysed {
    pub(crate) analysis: Analysis,
    pub(crate) text: String,
    pub(crate) fingerprint: Option<i64>,
    pub(crate) thumbnail: Option<Vec<u8>>,
}

/// Makes of an extract what there is to say of it.
pub(crate) fn analyse(extract: Extract) -> Analysed {
    let texts: Vec<&str> = extract
        .parts
        .iter()
        .map(|part| part.text.trim_end())
        .collect();
    // PostgreSQL takes none; the helper sends none, unless somebody else speaks for it.
    let mut text = texts.join("\n\n");
    text.retain(|c| c != '\0');
    let has_text = !text.trim().is_empty();
    let facts = has_text.then(|| {
        let language = language(&text);
        TextFacts {
            language,
            statistics: statistics(&text, language),
            keywords: keywords(&text, language, KEYWORDS),
            spelling: spelling(&text),
        }
    });
    let fingerprint = fingerprint(&text).map(|print| print.0.cast_signed());
    let named = extract.parts.iter().map(|part| part.name.clone());
    let parts = named.filter(|name| name.parse::<u32>().is_err() && !name.is_empty());
    let About {
        format,
        title,
        author,
        created,
        modified,
        pages,
        encoding,
        width,
        height,
        orientation,
        macros,
        truncated,
        order_confidence,
        turned_lines,
    } = extract.about;
    let kept = text.floor_char_boundary(MAX_KEPT);
    let analysis = Analysis {
        analyser: ANALYSER,
        format,
        title,
        author,
        created,
        modified,
        pages,
        encoding,
        width,
        height,
        orientation,
        macros,
        truncated: truncated || kept < text.len(),
        order_confidence,
        turned_lines,
        text: facts,
        parts: parts.take(SHOWN).collect(),
        headings: extract
            .headings
            .into_iter()
            .take(SHOWN)
            .map(Into::into)
            .collect(),
        links: extract.links.into_iter().take(SHOWN).collect(),
        confined: extract.confined,
    };
    Analysed {
        analysis,
        fingerprint,
        text: text[..kept].to_owned(),
        thumbnail: extract.thumbnail,
    }
}

impl From<Heading> for HeadingFacts {
    fn from(Heading { level, text }: Heading) -> Self {
        Self { level, text }
    }
}

#[cfg(test)]
mod tests {
    use dabir_extract::Part;

    use super::*;

    #[test]
    fn a_text_is_counted_and_a_picture_has_none() {
        let text = "این گزارش دربارهٔ درگاه دانشگاه است. درگاه دانشگاه داده‌های دانشجویان را مي‌گیرد."
            .to_owned();
        let name = "1".to_owned();
        let extract = Extract {
            parts: vec![Part { name, text }],
            ..Extract::default()
        };
        let made = analyse(extract);
        let facts = made.analysis.text.unwrap();
        assert_eq!(facts.language, Language::Persian);
        assert_eq!(
            (facts.statistics.sentences, facts.spelling.arabic_yeh),
            (2, 1)
        );
        assert!(made.fingerprint.is_some() && made.analysis.parts.is_empty());
        assert_eq!(analyse(Extract::default()).analysis.text, None);
    }
}
