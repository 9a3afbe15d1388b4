//! From a text to its terms.

use std::collections::BTreeSet;

use super::word::{AND, Folded, edge, folded, pair_hash, units, without_and};
use crate::stem::stem;

/// So many bytes of terms are kept of one text: PostgreSQL takes no more than a mebibyte of them and of
/// those that say who may read it. Only texts that are no prose have as many.
const MAX_BYTES: usize = 640 << 10;

/// What a text is found by.
#[must_use]
pub fn terms(title: &str, body: &str) -> BTreeSet<String> {
    let mut terms = Terms::default();
    terms.add_text("t", title);
    terms.add_text("", title);
    terms.add_text("", body);
    terms.known
}

#[derive(Default)]
struct Terms {
    known: BTreeSet<String>,
    bytes: usize,
}

impl Terms {
    /// Words before pairs of them: should there be too many, the words count for more.
    fn add_text(&mut self, place: &str, text: &str) {
        let words: Vec<Folded> = folded(text).collect();
        for word in &words {
            self.add_word(place, word);
        }
        let units = units(words.iter().cloned());
        // Without parts it is one of the words.
        for unit in units.iter().filter(|unit| !unit.parts.is_empty()) {
            self.add_form(place, &unit.joined);
        }
        let pieces = words.iter().flat_map(Folded::pieces);
        self.add_pairs(place, &pieces.map(String::as_str).collect::<Vec<_>>());
        let joined = units.iter().map(|unit| unit.joined.as_str());
        self.add_pairs(place, &joined.collect::<Vec<_>>());
    }

    fn add_word(&mut self, place: &str, word: &Folded) {
        self.add(place, "w", &word.spelt);
        self.add_form(place, &word.joined);
        for part in &word.parts {
            self.add_form(place, part);
        }
        if let Some(short) = without_and(&word.parts) {
            self.add(place, "b", &pair_hash(&short, ""));
        }
    }

    fn add_form(&mut self, place: &str, word: &str) {
        self.add(place, "w", word);
        if let Some(edge) = edge(word) {
            self.add(place, "p", edge);
        }
        let stem = stem(word);
        if stem != word {
            self.add(place, "s", &stem);
        }
    }

    fn add_pairs(&mut self, place: &str, words: &[&str]) {
        for pair in words.windows(2) {
            self.add(place, "b", &pair_hash(pair[0], pair[1]));
        }
        for three in words.windows(3).filter(|three| three[1] == AND) {
            let both = [three[0], AND].concat();
            self.add(place, "b", &pair_hash(&both, three[2]));
        }
    }

    fn add(&mut self, place: &str, sign: &str, text: &str) {
        if text.is_empty() || self.bytes > MAX_BYTES {
            return;
        }
        let term = [place, sign, text].concat();
        let bytes = term.len();
        if self.known.insert(term) {
            self.bytes += bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(title: &str, body: &str) -> Vec<String> {
        let found = terms(title, body).into_iter();
        found
            .filter(|term| !term.trim_start_matches('t').starts_with('b'))
            .collect()
    }

    #[test]
    fn a_text_is_found_by_its_words_their_stems_and_their_beginnings() {
        assert_eq!(of("", "Meetings"), ["pmee", "smeet", "wmeetings"]);
        assert_eq!(of("آب", ""), ["twآب", "twاب", "wآب", "wاب"]);
        assert_eq!(
            of("", "آیین‌نامهٔ"),
            [
                "pایی",
                "pنام",
                "sاییننام",
                "wآییننامه",
                "wایین",
                "wاییننامه",
                "wنامه"
            ]
        );
        assert_eq!(
            of("", "۳.۱۴, don’t"),
            ["pdon", "w14", "w3", "w314", "wdon", "wdont", "wt", "w۳۱۴"]
        );
        assert_eq!(of("", "\0 \u{200f} 🙂 « »"), [""; 0]);
    }

    #[test]
    fn terms_are_what_any_index_takes_for_one_word() {
        let odd =
            "a\u{200f}b it's \"x\" 'y' c:d e\\f \u{a0}g\u{3000}h m\u{64f}n \u{fdfa} _z_ 日本 naïve";
        for term in terms(odd, odd) {
            assert!(term.chars().all(char::is_alphanumeric), "{term:?}");
            assert_eq!(term.to_ascii_lowercase(), term);
        }
    }

    #[test]
    fn a_text_that_is_no_prose_has_a_bounded_number_of_terms() {
        let noise: String = (0..60_000_u32)
            .map(|n| format!("{:x} ", n.wrapping_mul(2_654_435_761)))
            .collect();
        let bytes: usize = terms("title", &noise).iter().map(String::len).sum();
        assert!(bytes < 1 << 20, "{bytes}");
    }
}
