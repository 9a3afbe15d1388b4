//! Endings taken off words, so that «کتاب‌هایشان» is found by «کتاب» and “meetings” by “meeting”.
//!
//! Persian endings are taken off lightly: only such as stand after nearly every noun, and only while
//! enough of the word stays. A wrong stem does no harm as long as both sides have the same one.

use std::cell::OnceCell;

use rust_stemmers::{Algorithm, Stemmer};

/// Plural, comparison, possession and the like, in folded letters; the longest that fits goes first.
const ENDINGS: [&str; 37] = [
    "هایشان",
    "هایتان",
    "هایمان",
    "هایی",
    "هایم",
    "هایت",
    "هایش",
    "های",
    "ها",
    "ترینها",
    "ترین",
    "تری",
    "تر",
    "یشان",
    "یتان",
    "یمان",
    "شان",
    "تان",
    "مان",
    "اند",
    "ایم",
    "اید",
    "ات",
    "اتی",
    "انی",
    "ان",
    "یی",
    "ید",
    "یم",
    "ند",
    "ام",
    "ای",
    "اش",
    "م",
    "ت",
    "ش",
    "ی",
];
/// Plurals of office and university that no ending tells, and their singulars, in folded letters.
const BROKEN: [(&str, &str); 35] = [
    ("اساتید", "استاد"),
    ("اسناد", "سند"),
    ("اشعار", "شعر"),
    ("اعضا", "عضو"),
    ("اعضای", "عضو"),
    ("افراد", "فرد"),
    ("امور", "امر"),
    ("اهداف", "هدف"),
    ("اخبار", "خبر"),
    ("ارقام", "رقم"),
    ("تصاویر", "تصویر"),
    ("جداول", "جدول"),
    ("حروف", "حرف"),
    ("دروس", "درس"),
    ("دلایل", "دلیل"),
    ("زنان", "زن"),
    ("ضوابط", "ضابطه"),
    ("علوم", "علم"),
    ("عوامل", "عامل"),
    ("فنون", "فن"),
    ("قوانین", "قانون"),
    ("کتب", "کتاب"),
    ("مبالغ", "مبلغ"),
    ("مدارس", "مدرسه"),
    ("مدارک", "مدرک"),
    ("مراحل", "مرحله"),
    ("مراکز", "مرکز"),
    ("مسایل", "مسیله"),
    ("مطالب", "مطلب"),
    ("منابع", "منبع"),
    ("موارد", "مورد"),
    ("موانع", "مانع"),
    ("نتایج", "نتیجه"),
    ("نکات", "نکته"),
    ("وظایف", "وظیفه"),
];
/// What an ending of so many letters must leave.
const LEFT: usize = 3;
/// What an ending of one letter must leave: most words of three or four letters that end so have it
/// of their own.
const LEFT_BY_ONE: usize = 4;
/// The longest word that is looked at, in bytes: whatever is longer is no word of a language.
const MAX_BYTES: usize = 128;

thread_local! {
    static ENGLISH: OnceCell<Stemmer> = const { OnceCell::new() };
}

/// What is left of a folded word without its ending.
#[must_use]
pub(crate) fn stem(word: &str) -> String {
    if word.len() > MAX_BYTES {
        return word.to_owned();
    }
    if word
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || byte == b'\'')
    {
        return english(word);
    }
    persian(word).to_owned()
}

/// Another stem that a word asked for may have in a text: «جلسه» and «جلسات» are too short to have the
/// same one without many others having it too.
#[must_use]
pub(crate) fn other_stem(word: &str) -> Option<String> {
    let left = |ending| {
        word.strip_suffix(ending)
            .filter(|left| left.chars().count() == LEFT)
    };
    let plural = left("ات").map(|left| format!("{left}ه"));
    plural.or_else(|| left("ه").map(str::to_owned))
}

fn english(word: &str) -> String {
    let bare = word.strip_suffix("'s").unwrap_or(word);
    ENGLISH.with(|stemmer| {
        let stemmer = stemmer.get_or_init(|| Stemmer::create(Algorithm::English));
        stemmer.stem(bare).into_owned()
    })
}

fn persian(word: &str) -> &str {
    let bare = without_ending(word);
    singular(word)
        .or_else(|| singular(bare))
        .unwrap_or_else(|| without_he(bare))
}

fn without_ending(word: &str) -> &str {
    let endings = ENDINGS.iter().filter(|ending| fits(word, ending));
    let Some(ending) = endings.max_by_key(|ending| ending.len()) else {
        return word;
    };
    let left = word.strip_suffix(ending).unwrap_or(word);
    let is_short = ending.chars().count() == 1 || left.chars().count() <= LEFT;
    // «بزرگ‌ترها» and «دانشگاهیان»: one more may stand before it.
    let again = ["ها", "تر", "ان", "ی"].into_iter().filter(|_| !is_short);
    let again = again
        .filter(|ending| fits(left, ending))
        .find_map(|ending| left.strip_suffix(ending));
    again.unwrap_or(left)
}

/// «مقاله» and «مقالات» have one stem, as far as the word is long enough without its last letter.
fn without_he(word: &str) -> &str {
    if fits(word, "ه") {
        word.strip_suffix('ه').unwrap_or(word)
    } else {
        word
    }
}

/// The singular of a plural that has another form.
fn singular(word: &str) -> Option<&'static str> {
    let known = BROKEN.iter().find(|(plural, _)| *plural == word);
    known.map(|(_, singular)| without_he(singular))
}

fn fits(word: &str, ending: &str) -> bool {
    // «شورای» is «شورا» with an ezafe; only behind «ه» the letter belongs to the ending.
    if ending == "ای" && !word.ends_with("های") {
        return false;
    }
    let left = if ending.chars().count() == 1 {
        LEFT_BY_ONE
    } else {
        LEFT
    };
    word.strip_suffix(ending)
        .is_some_and(|rest| rest.chars().count() >= left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for forms in [
            ["کتاب", "کتابها", "کتابهای", "کتابهایی", "کتابهایشان"],
            [
                "دانشگاه",
                "دانشگاهها",
                "دانشگاهی",
                "دانشگاهیان",
                "دانشگاهمان",
            ],
            ["بزرگ", "بزرگتر", "بزرگترین", "بزرگترها", "بزرگان"],
            ["مقاله", "مقالات", "مقاله", "مقالههای", "مقالهای"],
            ["شورا", "شورای", "شوراها", "شوراهای", "شوراهایی"],
            ["مدرک", "مدارک", "مدرکها", "مدرکی", "مدارکشان"],
            ["meeting", "meetings", "meeting's", "meeting", "meetings"],
        ] {
            let stems = forms.map(stem);
            assert!(stems.iter().all(|one| *one == stems[0]), "{stems:?}");
        }
    }

    #[test]
    fn short_words_keep_what_is_theirs() {
        for word in [
            "من", "زمان", "است", "آب", "کار", "دست", "ها", "تر", "پدر", "مادر", "دفتر", "جان",
        ] {
            assert_eq!(stem(word), word);
        }
    }

    #[test]
    fn whatever_is_no_word_stays_as_it_is() {
        for odd in ["", "1405", "c3po", "🙂", &"ا".repeat(1_000)] {
            assert_eq!(stem(odd), odd);
        }
    }
}
