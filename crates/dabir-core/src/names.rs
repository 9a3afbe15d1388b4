//! Names of things: found however they were spelt, and sorted as a Persian reader expects.
//!
//! Whoever keeps names in a table keeps [`search_text`] and [`sort_key`] beside them, and asks by
//! [`needles`]. Whoever lets nobody in by a name compares [`key`]s.

use icu_collator::options::CollatorOptions;
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{Collator, CollatorPreferences};
use icu_locale_core::locale;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The zero-width non-joiner: a space to some who write, and nothing to others.
const ZWNJ: char = '\u{200c}';
/// Between the two spellings of a [`search_text`]; no needle holds it.
const BETWEEN: char = '\n';
/// The longest text that is searched or sorted by, in bytes; an index has to hold it.
const MAX_BYTES: usize = 1_024;

/// One spelling for letters and digits that look or sound alike: ي and ى are ی, ۱ is 1, A is a;
/// marks, kashidas and invisible characters are gone, the ZWNJ alone stays.
#[must_use]
pub fn fold(text: &str) -> String {
    let plain: Option<String> = text.chars().map(plain_letter).collect();
    let words = plain.unwrap_or_else(|| fold_any(text));
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What becomes of a letter of Persian, Arabic and English names that stands for itself whatever is
/// beside it; `None` of all others. Most names are made of these alone, and are folded ten times as
/// fast.
fn plain_letter(c: char) -> Option<char> {
    match c {
        ' '..='~' => Some(c.to_ascii_lowercase()),
        'ء'..='غ' | 'ف'..='ي' | 'پ' | 'چ' | 'ژ' | 'ک' | 'گ' | 'ی' | ZWNJ => {
            Some(same_letter(c))
        }
        '٠'..='٩' | '۰'..='۹' => char::from_digit(u32::from(c) & 0xf, 10),
        _ => None,
    }
}

fn fold_any(text: &str) -> String {
    let same: String = text.nfkc().map(same_letter).collect();
    let bare = crate::text::ascii_digits(&same).nfd().collect::<String>();
    let seen = bare
        .chars()
        .filter(|c| !is_combining_mark(*c) && !is_invisible(*c));
    seen.flat_map(char::to_lowercase).collect()
}

fn same_letter(c: char) -> char {
    match c {
        'ي' | 'ى' | 'ئ' | 'ے' => 'ی',
        'ك' => 'ک',
        'ة' | 'ۀ' | 'ہ' | 'ە' => 'ه',
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ؤ' => 'و',
        other => other,
    }
}

/// Kashida, soft hyphen, what joins letters or turns the reading direction, and what no name has.
fn is_invisible(c: char) -> bool {
    let stray = c.is_control() && !c.is_whitespace();
    stray
        || matches!(c, '\u{640}' | '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200d}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The same for all spellings of a name: folded, and without the ZWNJ.
#[must_use]
pub fn key(name: &str) -> String {
    fold(name).replace(ZWNJ, "")
}

/// What is kept beside a name to find it by: its folded form, with the ZWNJ left out and, when it
/// has one, with a space in its place too.
#[must_use]
pub fn search_text(name: &str) -> String {
    let mut text = needles(name).join(&BETWEEN.to_string());
    text.truncate(text.floor_char_boundary(MAX_BYTES));
    text
}

/// What to look for in [`search_text`]s: a name is meant when one of these is in it. Empty when
/// the query says nothing.
#[must_use]
pub fn needles(query: &str) -> Vec<String> {
    let folded = fold(query);
    let spaced = folded.replace(ZWNJ, " ");
    let mut needles = vec![folded.replace(ZWNJ, ""), spaced];
    needles.dedup();
    needles.retain(|needle| !needle.trim().is_empty());
    needles
}

/// Bytes whose order is that of the names: the Persian alphabet, then the Latin one; numbers
/// within names by their value.
///
/// # Panics
/// Never: the Persian collation is compiled in.
#[must_use]
pub fn sort_key(name: &str) -> Vec<u8> {
    let mut preferences = CollatorPreferences::from(locale!("fa"));
    preferences.numeric_ordering = Some(CollationNumericOrdering::True);
    let collator = Collator::try_new(preferences, CollatorOptions::default())
        .expect("the Persian collation is compiled in");
    let mut key = Vec::new();
    let Ok(()) = collator.write_sort_key_to(name, &mut key);
    key.truncate(MAX_BYTES);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(name: &str, query: &str) -> bool {
        let text = search_text(name);
        needles(query).iter().any(|needle| text.contains(needle))
    }

    #[test]
    fn a_name_is_found_however_it_was_spelt() {
        // The console's own search passes the same table.
        for (name, query) in [
            ("می‌روم", "میروم"),
            ("می‌روم", "می روم"),
            ("میروم", "می‌روم"),
            ("كتاب", "کتاب"),
            ("مُدیر", "مدیر"),
            ("۱۴۰۵", "1405"),
            ("1405", "۱۴۰۵"),
            ("١٤٠٥", "1405"),
            ("Sprint Planning", "sprint"),
            ("شوراي آموزشی", "شورای اموزشی"),
            ("کـــتاب", "کتاب"),
            ("جلسهٔ هفتگی", "جلسه هفتگی"),
            ("جلسۀ هفتگی", "جلسهٔ  هفتگی"),
            ("مسئول", "مسیول"),
            ("ﻻله", "لاله"),
            ("Café ①", "cafe 1"),
        ] {
            assert!(holds(name, query), "{name} holds {query}");
        }
        assert!(!holds("کتاب", "دفتر"));
    }

    #[test]
    fn a_plain_letter_is_folded_as_any_other() {
        let plain = ('\0'..='\u{ffff}').filter(|c| plain_letter(*c).is_some());
        let plain: Vec<char> = plain.collect();
        assert_eq!(plain.len(), 95 + 26 + 10 + 6 + 1 + 20);
        for one in &plain {
            let alone = one.to_string();
            assert_eq!(plain_letter(*one).map(String::from), Some(fold_any(&alone)));
            for other in &plain {
                // No two of them become one.
                let both = format!("{one}{other}");
                let each = format!("{}{}", fold_any(&alone), fold_any(&other.to_string()));
                assert_eq!(fold_any(&both), each, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn all_spellings_of_a_name_have_one_key() {
        for (one, other) in [
            ("Sara@Example.org", "sara@example.org"),
            ("Jose\u{301}", "Jos\u{e9}"),
            ("علي", "علی"),
            ("می‌نا", "مینا"),
            ("a\u{200e}l\u{ad}\u{200b}\u{2060}i\u{feff}", "ali"),
        ] {
            assert_eq!(key(one), key(other), "{one:?}");
        }
        assert_ne!(key("ali"), key("ali1"));
    }

    #[test]
    fn a_query_that_says_nothing_looks_for_nothing() {
        for query in ["", "  ", "\0", "\u{200c}", "\u{200f}", "\u{64e}"] {
            assert_eq!(needles(query), Vec::<String>::new(), "{query:?}");
        }
    }

    #[test]
    fn no_query_reaches_from_one_spelling_into_the_other() {
        let text = search_text("می‌روم");
        assert_eq!(text, "میروم\nمی روم");
        assert!(!needles("میروم\nمی").iter().any(|n| text.contains(n)));
    }

    #[test]
    fn what_is_kept_has_a_bound_and_ends_with_a_whole_letter() {
        assert!(search_text(&"سه‌".repeat(2_000)).len() <= MAX_BYTES);
        assert!(sort_key(&"سه‌".repeat(2_000)).len() <= MAX_BYTES);
    }

    #[test]
    fn names_follow_the_persian_alphabet_and_count_as_people_do() {
        let mut names = [
            "Zebra",
            "گل",
            "ماه",
            "چای",
            "جلسهٔ ۱۰",
            "پدر",
            "آب",
            "ژرف",
            "جلسهٔ ۹",
            "کتاب",
            "apple",
            "یار",
            "هنر",
            "وزن",
            "بهار",
        ];
        names.sort_by_cached_key(|name| sort_key(name));
        #[rustfmt::skip]
        assert_eq!(names, [
            "آب", "بهار", "پدر", "جلسهٔ ۹", "جلسهٔ ۱۰", "چای", "ژرف", "کتاب", "گل", "ماه", "وزن", "هنر", "یار", "apple", "Zebra",
        ]);
    }
}
