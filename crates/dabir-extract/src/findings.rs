//! What a reader has found so far, within bounds.

use crate::model::{About, Heading, MAX_LIST, MAX_TEXT, MAX_WORDS, Part, Refusal};

/// Why a reader goes no further.
#[derive(Debug)]
pub(crate) enum Stop {
    /// There is as much text as is taken.
    Full,
    Refused(Refusal),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What was found in one file.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) about: About,
    pub(crate) parts: Vec<Part>,
    pub(crate) headings: Vec<Heading>,
    pub(crate) links: Vec<String>,
    pub(crate) thumbnail: Option<Vec<u8>>,
    length: usize,
}

impl Findings {
    pub(crate) fn of(format: &str) -> Self {
        let mut findings = Self::default();
        format.clone_into(&mut findings.about.format);
        findings
    }

    /// Begins a page, a sheet, a slide or a chapter.
    pub(crate) fn part(&mut self, name: impl Into<String>) -> Result<(), Stop> {
        if self.parts.len() == MAX_LIST {
            return self.full();
        }
        let (name, text) = (short(&name.into()), String::new());
        self.parts.push(Part { name, text });
        Ok(())
    }

    /// Adds text, without what cannot be seen and without marks that turn it around.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Stop> {
        if self.parts.is_empty() {
            self.parts.push(Part::default());
        }
        let Some(Part { text: whole, .. }) = self.parts.last_mut() else {
            return Ok(());
        };
        let before = whole.len();
        whole.extend(text.chars().filter(|c| is_kept(*c)));
        self.length += whole.len() - before;
        if self.length <= MAX_TEXT {
            return Ok(());
        }
        let over = self.length - MAX_TEXT;
        let end = whole.floor_char_boundary(whole.len().saturating_sub(over));
        whole.truncate(end);
        self.length = MAX_TEXT;
        self.full()
    }

    /// Ends the line, unless it has ended.
    pub(crate) fn line(&mut self) -> Result<(), Stop> {
        match self.parts.last() {
            Some(part) if !part.text.is_empty() && !part.text.ends_with('\n') => self.text("\n"),
            _ => Ok(()),
        }
    }

    /// Takes the text of this part after `place` for a heading.
    pub(crate) fn heading_since(&mut self, level: u8, place: usize) {
        let text = short(self.since(place));
        if !text.is_empty() && self.headings.len() < MAX_LIST {
            let level = level.clamp(1, 9);
            self.headings.push(Heading { level, text });
        }
    }

    /// Remembers where a link leads, once.
    pub(crate) fn link(&mut self, url: &str) {
        let url = short(url);
        let leads_out = ["http://", "https://", "mailto:", "tel:"];
        let is_news = || !self.links.contains(&url);
        if self.links.len() < MAX_LIST && leads_out.iter().any(|s| url.starts_with(s)) && is_news()
        {
            self.links.push(url);
        }
    }

    /// Where text stands now, to ask for what came after.
    pub(crate) fn place(&self) -> usize {
        self.parts.last().map_or(0, |part| part.text.len())
    }

    /// The text of this part after `place`.
    fn since(&self, place: usize) -> &str {
        let text = self.parts.last().map(|part| part.text.as_str());
        text.and_then(|text| text.get(place..)).unwrap_or("")
    }

    fn full(&mut self) -> Result<(), Stop> {
        self.about.truncated = true;
        Err(Stop::Full)
    }
}

/// Words in one line, without spaces around them, at most [`MAX_WORDS`].
pub(crate) fn short(text: &str) -> String {
    let words = text.split_whitespace();
    let mut line = String::new();
    let mut count = 0;
    for word in words {
        if count >= MAX_WORDS {
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        let kept = word.chars().filter(|c| is_kept(*c)).take(MAX_WORDS - count);
        let before = line.len();
        line.extend(kept);
        count += 1 + line[before..].chars().count();
    }
    line
}

/// The words of a field, or nothing when it has none.
pub(crate) fn words(text: &str) -> Option<String> {
    Some(short(text)).filter(|text| !text.is_empty())
}

/// Control characters hide what stands beside them, and bidi controls turn it around; a half space is
/// part of a word and stays.
fn is_kept(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' => false,
        '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' => false,
        '\u{e0000}'..='\u{e007f}' => false,
        _ => !c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_bounded_and_free_of_what_cannot_be_seen() {
        let mut found = Findings::of("text");
        found.text("می\u{200c}رود\u{202e}\0\u{7}\r\n").unwrap();
        assert_eq!(found.since(0), "می\u{200c}رود\n");
        let much = "س".repeat(MAX_TEXT);
        assert!(matches!(found.text(&much), Err(Stop::Full)));
        assert!(found.about.truncated);
        assert!(found.parts[0].text.len() <= MAX_TEXT);
    }

    #[test]
    fn what_is_listed_is_short_and_links_lead_somewhere() {
        let mut found = Findings::default();
        found.text(&"x ".repeat(5_000)).unwrap();
        found.heading_since(0, 0);
        assert!(found.headings[0].text.chars().count() <= MAX_WORDS);
        for url in [
            "javascript:alert(1)",
            "https://a.example",
            "https://a.example",
        ] {
            found.link(url);
        }
        assert_eq!(found.links, ["https://a.example"]);
    }
}
