//! The words that say what a text is about, by YAKE (Campos and others, 2020).

use std::panic::{AssertUnwindSafe, catch_unwind};

use dabir_core::names::fold;
use yake_rust::{Config, StopWords, get_n_best};

use crate::language::Language;

/// So much of a text is looked at, in bytes: the algorithm's time grows with it.
const LOOKED_AT: usize = 200_000;
/// What is longer, in bytes, is no word: the algorithm's library breaks down on much of it.
const LONGEST: usize = 200;

/// At most `most` keywords of a text, the best first; none for languages whose empty words are not known,
/// and for a text on which the algorithm's library breaks down.
#[must_use]
pub fn keywords(text: &str, language: Language, most: usize) -> Vec<String> {
    let code = match language {
        Language::Persian => "fa",
        Language::English => "en",
        Language::Arabic | Language::Other => return Vec::new(),
    };
    let Some(empty) = StopWords::predefined(code) else {
        return Vec::new();
    };
    let text = plain(&text[..text.floor_char_boundary(LOOKED_AT)]);
    let config = Config {
        ngrams: 2,
        ..Config::default()
    };
    // More than are wanted: some are the same but for their spelling.
    let find = || get_n_best(most * 2, &text, &empty, &config);
    let found = catch_unwind(AssertUnwindSafe(find)).unwrap_or_default();
    let mut known = Vec::new();
    let mut keywords = Vec::new();
    for item in found {
        let folded = fold(&item.raw);
        let is_news = !known.iter().any(|one: &String| one.contains(&folded));
        if is_news && keywords.len() < most {
            known.push(folded);
            keywords.push(item.raw);
        }
    }
    keywords
}

/// The lines of a text without what is too long for a word.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for line in text.lines() {
        let words = line.split_whitespace().filter(|word| word.len() <= LONGEST);
        for word in words {
            plain.push_str(word);
            plain.push(' ');
        }
        plain.push('\n');
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_what_it_is_about() {
        let persian = "درگاه دانشگاه هر روز داده‌های دانشجویان را می‌گیرد. گزارش درگاه دانشگاه برای معاونت است. \
                       اگر درگاه دانشگاه پاسخ ندهد، کار دیرتر انجام می‌شود. داده‌های دانشجویان در پایگاه داده می‌ماند. \
                       استادان نیز به درگاه دانشگاه می‌آیند و داده‌های دانشجویان را می‌بینند.";
        let found = keywords(persian, Language::Persian, 3).join(" ");
        assert!(
            found.contains("درگاه") && found.contains("دانشگاه"),
            "{found}"
        );
        let english = "The port manager hands out ports. Every port has a lease, and the port manager takes it back.";
        let found = keywords(english, Language::English, 3)
            .join(" ")
            .to_lowercase();
        assert!(found.contains("port manager"), "{found}");
    }

    #[test]
    fn what_is_no_text_has_no_keywords_and_breaks_nothing() {
        for letter in ["Z", "-", "<", "ب", "a.", "\u{200c}", "(", "1,"] {
            let text = letter.repeat(LOOKED_AT / letter.len());
            for language in [Language::English, Language::Persian] {
                assert!(keywords(&text, language, 5).is_empty(), "{letter}");
            }
        }
        // As long as a word may be; the library looks at these.
        let long = format!("{} ", "Z<(".repeat(LONGEST / 3)).repeat(900);
        assert!(keywords(&long, Language::English, 5).len() <= 1);
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        assert!(keywords("", Language::Persian, 5).is_empty());
        assert!(keywords("؟ ! ۱", Language::English, 5).is_empty());
        assert!(keywords("bonjour", Language::Other, 5).is_empty());
    }
}
