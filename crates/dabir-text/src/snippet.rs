//! The place of a text that a query found, in the text's own spelling.

use std::collections::VecDeque;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use unicode_normalization::char::is_combining_mark;
use utoipa::ToSchema;

use crate::search::Marks;
use crate::words::{Word, ZWNJ, words};

/// A piece of a snippet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Piece {
    pub text: String,
    /// Whether it was looked for.
    pub is_found: bool,
}

/// So much of a text is looked through, in bytes.
pub const LOOKED_AT: usize = 256 << 10;
/// Which part of a snippet stands before what was found.
const BEFORE: usize = 4;
/// Two words as one are looked for in so many bytes.
const NEAR: usize = 256;

/// At most `most` letters around the place where most of what is looked for stands together; the
/// text's beginning when none of it does.
#[must_use]
pub fn snippet(text: &str, marks: &Marks, most: usize) -> Vec<Piece> {
    let text = text[..text.floor_char_boundary(LOOKED_AT)].trim();
    let range = shown(text, best_place(text, marks, most), most);
    let mut pieces = Pieces::default();
    pieces.add(if range.start > 0 { "… " } else { "" }, false);
    let shown = &text[range.clone()];
    let mut at = 0;
    for (found, _) in found(shown, marks) {
        pieces.add(&shown[at..found.start], false);
        pieces.add(&shown[found.clone()], true);
        at = found.end;
    }
    pieces.add(&shown[at..], false);
    pieces.add(if range.end < text.len() { " …" } else { "" }, false);
    pieces.0
}

/// Where the words begin that stand together and are most of those looked for.
fn best_place(text: &str, marks: &Marks, most: usize) -> Option<usize> {
    // A letter of Persian has two bytes.
    let reach = most * 2 - most * 2 / BEFORE;
    let mut near: VecDeque<(Range<usize>, usize)> = VecDeque::new();
    let mut best = (0, None);
    for (range, mark) in found(text, marks) {
        while near
            .front()
            .is_some_and(|(first, _)| first.start + reach < range.end)
        {
            near.pop_front();
        }
        near.push_back((range, mark));
        let different = (0..marks.len()).filter(|mark| near.iter().any(|(_, one)| one == mark));
        let different = different.count();
        if different > best.0 {
            best = (different, near.front().map(|(first, _)| first.start));
        }
        if different == marks.len() {
            break;
        }
    }
    best.1
}

/// What is shown of a text: whole words, a little before the place and more after it.
fn shown(text: &str, place: Option<usize>, most: usize) -> Range<usize> {
    let place = place.unwrap_or(0);
    let before = text[..place].char_indices().rev().take(most / BEFORE);
    let start = before.last().map_or(place, |(at, _)| at);
    // Not in the middle of a word, unless it has no end.
    let start = match text[start..place].find(char::is_whitespace) {
        Some(space) if start > 0 => text.len() - text[start + space..].trim_start().len(),
        Some(_) | None if start == 0 => 0,
        _ => place,
    };
    let Some((end, _)) = text[start..].char_indices().nth(most) else {
        return start..text.len();
    };
    let cut = text[start..start + end].rfind(char::is_whitespace);
    let end = cut.filter(|cut| start + cut > place).unwrap_or(end);
    start..start + text[start..start + end].trim_end().len()
}

/// The words of a text that are looked for, with which of the marks each one is.
fn found(text: &str, marks: &Marks) -> impl Iterator<Item = (Range<usize>, usize)> {
    let mut chars = text.char_indices();
    let (mut word, mut was, mut done) = (0, Was::Outside, 0);
    std::iter::from_fn(move || {
        for (at, c) in chars.by_ref() {
            let is = Was::of(c);
            let begins = is == Was::Inside && was != Was::Inside;
            if begins && was == Was::Outside {
                word = at;
            }
            // A mark says nothing of where it stands.
            if !is_combining_mark(c) {
                was = is;
            }
            if !begins || word < done || !marks.may_begin(c) {
                continue;
            }
            let found = at_word(text, word, marks);
            if let Some((range, mark)) = found {
                done = range.end;
                return Some((range, mark));
            }
        }
        None
    })
}

/// Where a letter stands.
#[derive(Clone, Copy, PartialEq)]
enum Was {
    Outside,
    Inside,
    Between,
}

impl Was {
    fn of(c: char) -> Self {
        match c {
            ZWNJ => Self::Between,
            c if c.is_alphanumeric() => Self::Inside,
            _ => Self::Outside,
        }
    }
}

/// The word that begins here, or two words that are looked for as one.
fn at_word(text: &str, at: usize, marks: &Marks) -> Option<(Range<usize>, usize)> {
    let near = &text[at..text.floor_char_boundary(at + NEAR)];
    let mut two = words(near);
    let first = two.next()?;
    let end = |word: Word<'_>| at + word.at + word.text.len();
    if let Some(mark) = marks.find(first.text) {
        return Some((at + first.at..end(first), mark));
    }
    let next = two.next()?;
    let both = at + first.at..end(next);
    let mark = marks.find_as_one(first.text, next.text)?;
    Some((both, mark))
}

/// Pieces that differ from their neighbours.
#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn add(&mut self, text: &str, is_found: bool) {
        let text = text.replace(char::is_control, " ");
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(piece) if piece.is_found == is_found => piece.text.push_str(&text),
            _ => self.0.push(Piece { text, is_found }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Query;

    fn shown(text: &str, query: &str, most: usize) -> String {
        let pieces = snippet(text, &Query::of(query).marks(), most);
        let shown = pieces.iter().map(|piece| match piece.is_found {
            true => format!("[{}]", piece.text),
            false => piece.text.clone(),
        });
        shown.collect()
    }

    #[test]
    fn what_was_found_is_shown_as_it_was_written() {
        for (text, query, marked) in [
            (
                "آیین‌نامهٔ كتاب‌هاي درسي را خواندم",
                "کتاب ",
                "آیین‌نامهٔ [كتاب‌هاي] درسي را خواندم",
            ),
            ("آیین‌نامهٔ كتاب‌هاي درسي", "نامه ", "[آیین‌نامهٔ] كتاب‌هاي درسي"),
            ("آیین نامهٔ داخلی", "آییننامه", "[آیین نامهٔ] داخلی"),
            ("می‌خواهم و می روم", "میروم", "می‌خواهم و [می روم]"),
            ("کتابخانهٔ مرکزی", "کتاب خانه", "[کتابخانهٔ] مرکزی"),
            ("مُدیرِ گروه", "مدیر", "[مُدیرِ] گروه"),
            (
                "He was meeting\nthem.",
                "meetings",
                "He was [meeting] them.",
            ),
            ("The meetings", "meetin", "The [meetings]"),
            ("سال ۱۴۰۵", "1405", "سال [۱۴۰۵]"),
            ("یک دو سه", "\"دو سه\"", "یک [دو] [سه]"),
        ] {
            assert_eq!(shown(text, query, 100), marked);
        }
    }

    #[test]
    fn the_place_with_most_of_the_query_is_shown() {
        let filler = "و ".repeat(150);
        let text = format!("کتاب {filler} کتاب درسی {filler}");
        let snippet = shown(&text, "کتاب درسی", 60);
        assert!(
            snippet.starts_with("… ") && snippet.contains("[کتاب] [درسی]"),
            "{snippet}"
        );
        assert!(snippet.ends_with(" …"));
        assert!(snippet.chars().count() <= 60 + 8, "{snippet}");
    }

    #[test]
    fn a_text_where_nothing_stands_shows_its_beginning() {
        assert_eq!(shown("یک دو سه", "چهار", 6), "یک دو …");
        assert_eq!(shown("", "چهار", 2), "");
        assert_eq!(shown(&"آ".repeat(50), "آ", 5), "آآآآآ …");
    }
}
