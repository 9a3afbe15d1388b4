//! From what somebody writes to what is asked of an index.
//!
//! Words, all of which must be there; "phrases"; and what must not be there, `-so`. The last word may
//! be unfinished. There is no other syntax and no mistake to make in this one.

use std::collections::HashSet;
use std::ops::Range;

use dabir_core::names::{fold, key};
use dabir_core::text::moves_the_reader;

use super::common::is_common;
use super::expression::Expression;
use super::word::{AND, EDGE, Folded, folded, pair_hash, units, without_and};
use crate::stem::{other_stem, stem};

/// What somebody looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    wanted: Vec<Wanted>,
    excluded: Vec<Wanted>,
    /// The words beside each other that would do best beside each other.
    together: Vec<Expression>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Word {
        unit: Folded,
        /// The word and the one before or after it as one.
        beside: Vec<String>,
        /// Whether more may follow: the last word, while somebody types.
        is_begun: bool,
    },
    Phrase(Vec<Folded>),
}

/// So many words are asked for; what follows is not looked at.
const MAX_WORDS: usize = 12;
/// With more words than this, a text is looked for in fewer ways.
const MANY: usize = 5;
/// So many bytes of a query are read.
const MAX_BYTES: usize = 8 << 10;
/// What begins and ends a phrase.
const QUOTES: [char; 6] = ['"', '“', '”', '„', '«', '»'];

impl Query {
    /// What `text` asks for.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = &text[..text.floor_char_boundary(MAX_BYTES)];
        let mut query = Self::default();
        let (mut left, mut runs) = (MAX_WORDS, 0);
        for Said {
            words,
            is_quoted,
            is_excluded,
            is_begun,
        } in said(text)
        {
            let words = units(folded(&words).take(left));
            left = left.saturating_sub(words.iter().map(|unit| unit.pieces().len()).sum());
            if is_excluded && !is_quoted {
                query.excluded.extend(words.into_iter().map(Wanted::alone));
            } else if is_quoted && !words.is_empty() {
                let list = if is_excluded {
                    &mut query.excluded
                } else {
                    &mut query.wanted
                };
                list.push(Wanted::Phrase(words));
            } else {
                query
                    .together
                    .extend(words.windows(2).map(|two| together(&two[0], &two[1])));
                runs += usize::from(!words.is_empty());
                query.wanted.extend(run(&words, is_begun));
            }
        }
        query.forget_common_words();
        // Words that a phrase parts stand beside nobody.
        if runs > 1 || query.is_long() {
            query.together.clear();
        }
        query
    }

    /// Unless there are no others.
    fn forget_common_words(&mut self) {
        if !self.wanted.iter().all(Wanted::is_common) {
            self.wanted.retain(|wanted| !wanted.is_common());
        }
    }

    /// Whether it has so many words that few texts have them all, and asking in every way would take
    /// long.
    fn is_long(&self) -> bool {
        self.wanted.len() > MANY
    }

    /// Whether nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// What a text must fulfil to be found with each rank, the best one first. Empty when nothing is
    /// asked.
    ///
    /// All words in the title as they are spelt; all in the title; all anywhere and together; all
    /// as they are spelt; all. A long query has the last of these alone.
    #[must_use]
    pub fn ranks(&self) -> Vec<Expression> {
        let each = |ask: fn(&Wanted) -> Option<Expression>| {
            let parts: Vec<Expression> = self.wanted.iter().filter_map(ask).collect();
            Expression::all(parts)
        };
        let (exact, any) = (each(Wanted::exact), each(Wanted::any));
        // The pairs say that the words are there.
        let phrases = self.wanted.iter().filter_map(Wanted::phrase);
        let together = (!self.together.is_empty())
            .then(|| self.together.iter().cloned().chain(phrases).collect());
        let together = together.and_then(Expression::all);
        if self.is_long() {
            return any.into_iter().collect();
        }
        let title = [exact.as_ref(), any.as_ref()].map(|one| one.map(Expression::in_title));
        let mut ranks: Vec<Expression> = Vec::new();
        for rank in title.into_iter().chain([together, exact, any]).flatten() {
            if !ranks.contains(&rank) {
                ranks.push(rank);
            }
        }
        ranks
    }

    /// What a text must not fulfil.
    #[must_use]
    pub fn excluded(&self) -> Option<Expression> {
        Expression::any(self.excluded.iter().filter_map(Wanted::any).collect())
    }

    /// What of a text is to be marked.
    #[must_use]
    pub fn marks(&self) -> Marks {
        let mut marks = Marks::default();
        for wanted in &self.wanted {
            wanted.mark(&mut marks);
        }
        let words = marks.words.iter();
        let beginnings = words.flat_map(|(stems, begun)| stems.iter().chain(begun));
        marks.firsts = beginnings.filter_map(|text| text.chars().next()).collect();
        marks
    }
}

/// One thing that a query says.
struct Said {
    words: String,
    is_quoted: bool,
    is_excluded: bool,
    is_begun: bool,
}

/// What a query says, one after the other. A quote that is not closed yet says nothing.
fn said(text: &str) -> Vec<Said> {
    let pieces: Vec<&str> = text.split(QUOTES).collect();
    let mut said = Vec::new();
    let mut is_excluded = false;
    for (n, piece) in pieces.iter().enumerate() {
        let is_last = n + 1 == pieces.len();
        if n % 2 == 1 && !is_last {
            let words = (*piece).to_owned();
            said.push(Said {
                words,
                is_quoted: true,
                is_excluded,
                is_begun: false,
            });
            continue;
        }
        let (plain, minus): (Vec<&str>, Vec<&str>) = piece
            .split_whitespace()
            .map(|token| token.trim_start_matches(moves_the_reader))
            .partition(|token| !token.starts_with('-'));
        let ends_open = !piece.ends_with(char::is_whitespace);
        let last = piece.split_whitespace().next_back().unwrap_or_default();
        is_excluded = ends_open && last.trim_start_matches(moves_the_reader) == "-";
        let is_begun =
            is_last && ends_open && plain.last().is_some_and(|token| last.ends_with(token));
        let unquoted = |words: &[&str], is_excluded, is_begun| Said {
            words: words.join(" "),
            is_quoted: false,
            is_excluded,
            is_begun,
        };
        said.push(unquoted(&plain, false, is_begun));
        said.extend(minus.iter().map(|word| unquoted(&[word], true, false)));
    }
    said
}

/// Words that stand one after the other.
fn run(words: &[Folded], is_begun: bool) -> impl Iterator<Item = Wanted> {
    let compounds = compounds(words);
    (0..words.len()).map(move |n| {
        let with = compounds.iter().filter(|(range, _)| range.contains(&n));
        Wanted::Word {
            unit: words[n].clone(),
            beside: with.map(|(_, joined)| joined.clone()).collect(),
            is_begun: is_begun && n + 1 == words.len(),
        }
    })
}

/// What might be one word: two that stand beside each other, or two with «و» between them.
fn compounds(words: &[Folded]) -> Vec<(Range<usize>, String)> {
    let joined = |range: Range<usize>| -> Option<(Range<usize>, String)> {
        let words = words.get(range.clone())?;
        let mut ends = words.first().into_iter().chain(words.last());
        let has_sense = !ends.any(|word| is_common(&word.joined));
        has_sense.then(|| {
            (
                range,
                words.iter().map(|word| word.joined.as_str()).collect(),
            )
        })
    };
    let with_and = |n: &usize| words.get(n + 1).is_some_and(|word| word.joined == AND);
    let two = (0..words.len()).filter_map(|n| joined(n..n + 2));
    let three = (0..words.len())
        .filter(with_and)
        .filter_map(|n| joined(n..n + 3));
    two.chain(three).collect()
}

impl Wanted {
    fn alone(unit: Folded) -> Self {
        Self::Word {
            unit,
            beside: Vec::new(),
            is_begun: false,
        }
    }

    fn is_common(&self) -> bool {
        match self {
            Self::Word { unit, .. } => is_common(&unit.joined),
            Self::Phrase(_) => false,
        }
    }

    /// As it is spelt.
    fn exact(&self) -> Option<Expression> {
        match self {
            Self::Word { unit, .. } => Some(word(&unit.spelt)),
            Self::Phrase(units) => phrase(units),
        }
    }

    /// In any form and spelling.
    fn any(&self) -> Option<Expression> {
        match self {
            Self::Word {
                unit,
                beside,
                is_begun,
            } => {
                let mut spellings = forms(&unit.joined);
                if !unit.parts.is_empty() {
                    let parts = unit
                        .parts
                        .iter()
                        .filter_map(|part| Expression::any(forms(part)));
                    spellings.extend(Expression::all(parts.collect()));
                    spellings.extend(
                        without_and(&unit.parts)
                            .into_iter()
                            .flat_map(|word| forms(&word)),
                    );
                }
                spellings.push(pair(&unit.joined, ""));
                spellings.extend(beside.iter().flat_map(|both| forms(both)));
                if *is_begun {
                    spellings.extend(begun(unit, beside));
                }
                Expression::any(spellings)
            }
            Self::Phrase(units) => phrase(units),
        }
    }

    fn phrase(&self) -> Option<Expression> {
        match self {
            Self::Word { .. } => None,
            Self::Phrase(units) => phrase(units),
        }
    }

    fn mark(&self, marks: &mut Marks) {
        match self {
            Self::Word {
                unit,
                beside,
                is_begun,
            } => {
                let all = beside.iter().chain([&unit.joined]);
                // Shorter ones are looked for in titles alone.
                let is_long = unit.joined.chars().nth(EDGE - 1).is_some();
                let begun = (*is_begun && is_long).then(|| unit.joined.clone());
                marks
                    .words
                    .push((all.map(|word| stem(word)).collect(), begun));
            }
            Self::Phrase(units) => {
                let words = units.iter().map(|unit| (vec![stem(&unit.joined)], None));
                marks.words.extend(words);
            }
        }
    }
}

fn word(text: &str) -> Expression {
    Expression::Term(format!("w{text}"))
}

/// The word in any form.
fn forms(text: &str) -> Vec<Expression> {
    let is_form = |stem: &str| Expression::Term(format!("s{stem}"));
    let own = stem(text);
    let mut forms = vec![word(&own), is_form(&own)];
    if let Some(other) = other_stem(text) {
        // The shorter one is a word of its own: «نام» is no form of «نامه».
        forms.extend((other.len() > own.len()).then(|| word(&other)));
        forms.push(is_form(&other));
    }
    forms
}

/// Whatever begins as the word does. One or two letters begin too many words to be looked for
/// anywhere but in titles.
fn begins(text: &str) -> Expression {
    match text.chars().count() {
        n if n < EDGE => Expression::Begins(format!("tw{text}")),
        EDGE => Expression::Term(format!("p{text}")),
        _ => Expression::Begins(format!("w{text}")),
    }
}

/// Whatever begins as the unit does, or as it does with the word before it.
fn begun(unit: &Folded, beside: &[String]) -> Vec<Expression> {
    let whole = beside.iter().chain([&unit.joined]);
    let whole = whole.map(|text| begins(text));
    let in_parts = unit.parts.split_last().and_then(|(last, before)| {
        let before = before
            .iter()
            .filter_map(|part| Expression::any(forms(part)));
        Expression::all(before.chain([begins(last)]).collect())
    });
    whole.chain(in_parts).collect()
}

/// The words as they stand, one after the other: written apart or together, and each two of them
/// beside each other.
fn phrase(units: &[Folded]) -> Option<Expression> {
    let apart: Vec<&str> = units
        .iter()
        .flat_map(Folded::pieces)
        .map(String::as_str)
        .collect();
    let joined: Vec<&str> = units.iter().map(|unit| unit.joined.as_str()).collect();
    let reading = |words: &[&str]| {
        let each = words.iter().map(|text| word(text));
        let pairs = words.windows(2).map(|two| pair(two[0], two[1]));
        Expression::all(each.chain(pairs).collect())
    };
    let readings = [reading(&apart), reading(&joined)];
    Expression::any(readings.into_iter().flatten().collect())
}

fn pair(one: &str, next: &str) -> Expression {
    Expression::Term(format!("b{}", pair_hash(one, next)))
}

/// Two units beside each other, written apart or together.
fn together(one: &Folded, next: &Folded) -> Expression {
    let joined = pair(&one.joined, &next.joined);
    match (one.pieces().last(), next.pieces().first()) {
        (Some(last), Some(first)) if *last != one.joined || *first != next.joined => {
            Expression::Any(vec![joined, pair(last, first)])
        }
        _ => joined,
    }
}

/// What of a text is to be marked.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// For each word its stems, and what it begins with while somebody types it.
    words: Vec<(Vec<String>, Option<String>)>,
    firsts: HashSet<char>,
}

impl Marks {
    /// How many different words are to be marked.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether a word that begins so may be one of them; tells most of a text apart quickly.
    #[must_use]
    pub(crate) fn may_begin(&self, first: char) -> bool {
        if first.is_ascii() {
            return self.firsts.contains(&first.to_ascii_lowercase());
        }
        let folded = fold(first.encode_utf8(&mut [0; 4]));
        folded
            .chars()
            .next()
            .is_some_and(|first| self.firsts.contains(&first))
    }

    /// Which of them two words of a text are when they are read as one.
    #[must_use]
    pub(crate) fn find_as_one(&self, one: &str, next: &str) -> Option<usize> {
        let both = stem(&(key(one) + &key(next)));
        self.words
            .iter()
            .position(|(wanted, _)| wanted.contains(&both))
    }

    /// Which of them a word of a text is.
    #[must_use]
    pub(crate) fn find(&self, word: &str) -> Option<usize> {
        let word = folded(word).next()?;
        let forms = [vec![word.joined], word.parts].concat();
        let stems: Vec<String> = forms.iter().map(|form| stem(form)).collect();
        self.words.iter().position(|(wanted, begun)| {
            let begins =
                |form: &String| begun.as_ref().is_some_and(|begun| form.starts_with(begun));
            stems.iter().any(|stem| wanted.contains(stem)) || forms.iter().any(begins)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::terms;
    use super::*;

    /// With which rank a text is found, `None` when it is not.
    fn rank(title: &str, body: &str, query: &str) -> Option<usize> {
        let terms = terms(title, body);
        let query = Query::of(query);
        let is_out = query.excluded().is_some_and(|out| out.holds(&terms));
        let ranks = query.ranks();
        ranks
            .iter()
            .position(|rank| rank.holds(&terms))
            .filter(|_| !is_out)
    }

    fn finds(text: &str, query: &str) -> bool {
        rank("", text, &format!("{query} ")).is_some()
    }

    #[test]
    fn a_text_is_found_in_every_spelling() {
        for (text, query) in [
            ("من می‌روم", "میروم"),
            ("من می‌روم", "می روم"),
            ("من میروم", "می‌روم"),
            ("من میروم", "می روم"),
            ("من می روم", "میروم"),
            ("من می روم", "می‌روم"),
            ("كتابهاي درسي", "کتاب درسی"),
            ("کتاب‌های درسی", "کتابها"),
            ("کتاب ها را بیاور", "کتاب‌ها"),
            ("کتابها را بیاور", "کتاب ها"),
            ("بزرگ‌ترین دانشگاه", "بزرگترین"),
            ("آیین نامهٔ داخلی", "آییننامه"),
            ("آیین نامهٔ داخلی", "آیین‌نامه"),
            ("آیین‌نامهٔ داخلی", "آیین نامه"),
            ("آئین‌نامهٔ داخلی", "ایین نامه"),
            ("آییننامهٔ داخلی", "آیین نامه داخلی"),
            ("گفت‌وگو کردند", "گفت و گو"),
            ("گفت و گو کردند", "گفت‌وگو"),
            ("گفت‌وگو کردند", "گفتگو"),
            ("گفتگو کردند", "گفت‌وگو"),
            ("جلسات شورای آموزشی", "جلسه شورا"),
            ("جلسهٔ شورا", "جلسات"),
            ("منابع و مآخذ", "منبع"),
            ("سال ۱۴۰۵", "1405"),
            ("The meetings were moved", "meeting move"),
            ("a data base", "database"),
            ("the database", "data base"),
            ("don’t", "don't"),
            ("مُدیرِ گروه", "مدیر"),
        ] {
            assert!(finds(text, query), "{text}: {query}");
        }
        assert!(!finds("کتاب", "دفتر"));
        assert!(!finds("نام", "نامه") && !finds("نامه", "نام"));
        assert!(!finds("علی و رضا", "علیرضا"));
        assert!(!finds("کتاب", "کتاب دفتر"), "all words are wanted");
    }

    #[test]
    fn what_is_being_typed_finds_what_begins_so() {
        let is_found = |query| rank("شورا", "صورت‌جلسهٔ آموزشی meetings", query).is_some();
        for begun in [
            "آمو",
            "آموز",
            "شورا آمو",
            "صورت‌جل",
            "صورت جل",
            "صورتجل",
            "meetin",
            "ش",
            "شو",
        ] {
            assert!(is_found(begun), "{begun}");
        }
        for other in ["آمو ", "آمو شورا", "-آمو", "آ", "\"آمو\""] {
            assert!(!is_found(other), "{other}");
        }
    }

    #[test]
    fn a_phrase_stands_as_it_is_written() {
        let text = "گزارش سالانهٔ آیین‌نامهٔ داخلی را می‌خوانم";
        for phrase in [
            "\"گزارش سالانه\"",
            "«آیین نامه داخلی»",
            "“آیین‌نامهٔ داخلی را می خوانم”",
            "\"داخلی را میخوانم\"",
            "\"گزارش\" داخلی",
        ] {
            assert!(rank("", text, phrase).is_some(), "{phrase}");
        }
        for other in [
            "\"گزارش آیین‌نامه\"",
            "\"داخلی آیین‌نامه\"",
            "\"گزارشی سالانه\"",
            "-\"گزارش سالانه\" داخلی",
        ] {
            assert!(rank("", text, other).is_none(), "{other}");
        }
        assert!(rank("", text, "-\"سالانه گزارش\" داخلی").is_some());
        assert!(
            rank("", text, "\"گزارش آیین‌نامه").is_some(),
            "it is not closed yet"
        );
    }

    #[test]
    fn what_is_not_wanted_stays_away() {
        assert!(rank("", "budget report", "budget -reports").is_none());
        assert!(rank("", "budget report", "budget \u{200f}-report").is_none());
        assert!(rank("", "budget report", "budget - report").is_some());
        assert!(rank("", "sign-in page", "sign-in").is_some());
        assert!(Query::of("-budget").is_empty(), "nothing is asked for");
    }

    #[test]
    fn titles_and_exact_spellings_come_first() {
        let query = "آب شهر";
        for (n, (title, body)) in [
            ("آب شهر", ""),
            ("اب شهرها", ""),
            ("", "این اب شهری است"),
            ("", "شهر بی آب"),
            ("", "شهرها و اب"),
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(rank(title, body, query), Some(n), "{title}: {body}");
        }
    }

    #[test]
    fn common_words_are_asked_for_when_there_are_no_others() {
        assert!(finds("budget", "the budget of the"));
        assert!(!finds("budget", "of the"));
        assert!(finds("the end of it", "of the"));
        assert!(finds("گزارش بودجه", "گزارش دربارهٔ بودجه"));
    }

    #[test]
    fn a_query_without_words_asks_nothing_and_a_long_one_has_an_end() {
        for text in [
            "",
            "  ",
            "؟!",
            "\u{200c}",
            "\0",
            "\"\"",
            "-",
            "--",
            "\"-\"",
            "«",
            "\u{202b}\u{200f}",
            "*",
            "🙂",
        ] {
            let query = Query::of(text);
            assert!(query.is_empty() && query.ranks().is_empty(), "{text:?}");
        }
        let long = (0..1_000).map(|n| format!("یک{n} ")).collect::<String>();
        assert_eq!(Query::of(&long).wanted.len(), MAX_WORDS);
    }
}
