//! A word as it is compared, and the units that words make together.

use dabir_core::names::fold;
use twox_hash::XxHash3_64;
use unicode_normalization::char::is_combining_mark;

use crate::stem::stem;
use crate::words::{Word, words};

/// What is written before a word, joined to it or not.
const BEFORE: [&str; 2] = ["می", "نمی"];
/// What is written after a word, joined to it or not.
const AFTER: [&str; 17] = [
    "ها",
    "های",
    "هایی",
    "هایم",
    "هایت",
    "هایش",
    "هایمان",
    "هایتان",
    "هایشان",
    "تر",
    "ترین",
    "ام",
    "ات",
    "اش",
    "ای",
    "اند",
    "ایم",
];
/// No word of a language is longer, in bytes; of what is, so much is compared.
const MAX_BYTES: usize = 64;
/// How many letters a beginning has that is kept by itself.
pub(super) const EDGE: usize = 3;

/// A word as it is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Folded {
    /// As it is spelt, in small letters.
    pub(super) spelt: String,
    /// Folded, without what stands between its parts.
    pub(super) joined: String,
    /// What a ZWNJ or a mark within the word separates; empty when nothing does.
    pub(super) parts: Vec<String>,
}

impl Folded {
    fn of(word: &str) -> Self {
        let folded = fold(word);
        let parts = folded.split(|c: char| !c.is_alphanumeric());
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).map(cut).collect();
        let is_spelt = |c: &char| c.is_alphanumeric() && !is_combining_mark(*c) && *c != KASHIDA;
        let seen = word.chars().filter(is_spelt);
        Self {
            spelt: cut(&seen.flat_map(char::to_lowercase).collect::<String>()),
            joined: cut(&parts.concat()),
            parts: if parts.len() > 1 { parts } else { Vec::new() },
        }
    }

    /// Its parts, or itself.
    pub(super) fn pieces(&self) -> &[String] {
        if self.parts.is_empty() {
            std::slice::from_ref(&self.joined)
        } else {
            &self.parts
        }
    }

    /// This word and the next as one.
    fn with(mut self, next: &Self) -> Self {
        let parts = [self.pieces(), next.pieces()].concat();
        self.spelt = cut(&(self.spelt + &next.spelt));
        self.joined = cut(&(self.joined + &next.joined));
        self.parts = parts;
        self
    }
}

const KASHIDA: char = '\u{640}';

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_BYTES)].to_owned()
}

/// The words of a text; whatever folds to nothing is none.
pub(super) fn folded(text: &str) -> impl Iterator<Item = Folded> {
    let folded = words(text).map(|Word { text, .. }| Folded::of(text));
    folded.filter(|word| !word.joined.is_empty())
}

/// The words with what is usually written at their sides, a ZWNJ between them: «می روم» is one unit.
pub(super) fn units(words: impl Iterator<Item = Folded>) -> Vec<Folded> {
    let mut units: Vec<Folded> = Vec::new();
    for word in words {
        let belongs =
            |last: &Folded| BEFORE.contains(&&*last.joined) || AFTER.contains(&&*word.joined);
        match units.pop_if(|last| belongs(last)) {
            Some(last) => units.push(last.with(&word)),
            None => units.push(word),
        }
    }
    units
}

/// The first letters of a word that has more.
pub(super) fn edge(word: &str) -> Option<&str> {
    let (at, _) = word.char_indices().nth(EDGE)?;
    Some(&word[..at])
}

/// What holds two words together: «گفت‌وگو», «گفت و گو».
pub(super) const AND: &str = "و";

/// «گفتگو» for the parts of «گفت‌وگو»: some write it so.
pub(super) fn without_and(parts: &[String]) -> Option<String> {
    let [one, next] = parts else { return None };
    let next = next.strip_prefix(AND)?;
    (!next.is_empty()).then(|| format!("{one}{next}"))
}

/// Five bits a letter.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// How many of them a hash has: two pairs in a thousand million are taken for each other.
const LENGTH: usize = 6;

/// The hash of two words as one, or of one as if it might be two; the same in all versions.
pub(super) fn pair_hash(one: &str, next: &str) -> String {
    let stem = stem(&cut(&format!("{one}{next}")));
    let hash = XxHash3_64::oneshot(stem.as_bytes());
    let letter = |n| char::from(LETTERS[(hash >> (5 * n)) as usize % LETTERS.len()]);
    (0..LENGTH).map(letter).collect()
}
