//! The words of a text and where they stand in it.

use unicode_segmentation::UnicodeSegmentation;

/// The zero-width non-joiner: it stands within words.
pub(crate) const ZWNJ: char = '\u{200c}';

/// A word as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    /// Where it begins, in bytes.
    pub(crate) at: usize,
}

/// The words of `text`, by the rules of Unicode (UAX 29): «می‌روم» is one, and so is “don't”.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let words = text.unicode_word_indices();
    words.map(|(at, text)| Word { text, at })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<&str> {
        words(text).map(|word| word.text).collect()
    }

    #[test]
    fn words_are_cut_as_readers_see_them() {
        assert_eq!(
            of("سلام، می‌روم به «دانشگاه»؛ don't go: 3.14 و ۱۴۰۵!"),
            [
                "سلام",
                "می‌روم",
                "به",
                "دانشگاه",
                "don't",
                "go",
                "3.14",
                "و",
                "۱۴۰۵"
            ]
        );
        assert_eq!(of(" \n،.؟! 🙂"), [""; 0]);
    }

    #[test]
    fn a_word_stands_where_it_says() {
        let text = "یک two ۳";
        for word in words(text) {
            assert!(text[word.at..].starts_with(word.text));
        }
    }
}
