//! Which language a text is in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use whatlang::{Detector, Lang};

/// A language that texts are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    Persian,
    English,
    Arabic,
    /// Another one, or none that could be told.
    Other,
}

/// Letters that Persian has and Arabic has not.
const PERSIAN: [char; 4] = ['پ', 'چ', 'ژ', 'گ'];
/// Spelt so in Arabic alone.
const ARABIC: [char; 3] = ['ة', 'إ', 'ى'];
/// So much of a text is looked at.
const LOOKED_AT: usize = 20_000;
/// Below this the letters of a script say more than words that happen to look alike.
const SURE: f64 = 0.5;

/// The language of most of `text`.
#[must_use]
pub fn language(text: &str) -> Language {
    let text = &text[..text.floor_char_boundary(LOOKED_AT)];
    let (mut latin, mut arabic) = (0_usize, 0_usize);
    for c in text.chars() {
        latin += usize::from(c.is_ascii_alphabetic());
        arabic += usize::from(matches!(c, '\u{620}'..='\u{64a}' | '\u{671}'..='\u{6d3}'));
    }
    match (latin, arabic) {
        (0, 0) => Language::Other,
        _ if arabic >= latin => persian_or_arabic(text),
        _ => english_or_other(text),
    }
}

fn persian_or_arabic(text: &str) -> Language {
    let count = |letters: &[char]| text.chars().filter(|c| letters.contains(c)).count();
    let (persian, arabic) = (count(&PERSIAN), count(&ARABIC));
    let guessed = Detector::with_allowlist(vec![Lang::Pes, Lang::Ara, Lang::Urd]).detect(text);
    match guessed {
        Some(info) if info.confidence() >= SURE && info.lang() == Lang::Ara => Language::Arabic,
        Some(info) if info.confidence() >= SURE && info.lang() == Lang::Urd => Language::Other,
        _ if arabic > persian => Language::Arabic,
        _ => Language::Persian,
    }
}

fn english_or_other(text: &str) -> Language {
    match whatlang::detect(text) {
        Some(info) if info.lang() != Lang::Eng && info.confidence() >= SURE => Language::Other,
        _ => Language::English,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_apart_also_by_a_few_words() {
        for (text, expected) in [
            (
                "این گزارش دربارهٔ برنامهٔ درسی نیم‌سال آینده است.",
                Language::Persian,
            ),
            ("گزارش", Language::Persian),
            ("كتابهاي درسي گروه", Language::Persian),
            (
                "The minutes of the last meeting were approved.",
                Language::English,
            ),
            ("Agenda", Language::English),
            (
                "ذهب الطلاب إلى الجامعة في الصباح الباكر لحضور المحاضرة الأولى",
                Language::Arabic,
            ),
            (
                "Der Ausschuss hat gestern über den Haushalt des nächsten Jahres beraten.",
                Language::Other,
            ),
            ("۱۲۳ ؟!", Language::Other),
            ("", Language::Other),
        ] {
            assert_eq!(language(text), expected, "{text}");
        }
    }

    #[test]
    fn most_of_a_mixed_text_decides() {
        let text = "جلسهٔ شورا دربارهٔ پروژهٔ React و TypeScript در دانشکدهٔ فنی برگزار شد.";
        assert_eq!(language(text), Language::Persian);
    }
}
