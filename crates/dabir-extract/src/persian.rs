//! Persian from PDFs: shapes back to letters, and lines that stand as they are drawn back in the order
//! in which they are read.

use unicode_normalization::UnicodeNormalization;

/// Words that stand in every Persian text.
const COMMON: [&str; 36] = [
    "از", "این", "به", "با", "بر", "برای", "تا", "است", "را", "در", "که", "و", "آن", "یک", "شده",
    "می", "های", "خود", "هر", "ما", "شد", "کرد", "بود", "شود", "دارد", "باید", "کند", "هم", "نیز",
    "یا", "اما", "اگر", "پس", "بین", "دو", "ها",
];

/// A text that was put right.
#[derive(Debug, PartialEq)]
pub(crate) struct Mended {
    pub(crate) text: String,
    /// How many lines were turned around.
    pub(crate) turned: u32,
    /// From 0 to 1; `None` where there was nothing to tell it by.
    pub(crate) confidence: Option<f64>,
}

/// Puts a page's text right.
pub(crate) fn mend(text: &str) -> Mended {
    let (mut forwards, mut backwards) = (0_usize, 0_usize);
    for line in text.lines().filter(|line| has_arabic(line)) {
        forwards += common_in(&letters(line));
        backwards += common_in(&letters(&turn(line)));
    }
    let all = forwards + backwards;
    let is_turned = backwards > forwards;
    let mut turned = 0;
    let mut mended = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = line
            .strip_suffix('\n')
            .map_or((line, ""), |line| (line, "\n"));
        if is_turned && has_arabic(line) {
            turned += 1;
            mended.push_str(&letters(&turn(line)));
        } else {
            mended.push_str(&letters(line));
        }
        mended.push_str(end);
    }
    let confidence = (all > 0).then(|| forwards.max(backwards) as f64 / all as f64);
    Mended {
        text: mended,
        turned,
        confidence,
    }
}

/// Shapes that letters have within a word, and ligatures, as the letters they are.
fn letters(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' => {
                let letter = c.nfkc();
                plain.extend(letter.map(|c| match c {
                    'ي' | 'ى' => 'ی',
                    'ك' => 'ک',
                    other => other,
                }));
            }
            other => plain.push(other),
        }
    }
    plain
}

/// The line from its other end, its numbers and Latin words left as they are.
fn turn(line: &str) -> String {
    let mut turned = String::with_capacity(line.len());
    let mut run = String::new();
    for c in line.chars().rev() {
        if runs_right(c) || (!run.is_empty() && matches!(c, '.' | '/' | ':' | '-' | '٫')) {
            run.push(c);
            continue;
        }
        put_run(&mut turned, &mut run);
        turned.push(mirrored(c));
    }
    put_run(&mut turned, &mut run);
    turned
}

/// What runs to the right was turned with the rest, and is turned back.
fn put_run(turned: &mut String, run: &mut String) {
    let kept = run.trim_end_matches(['.', '/', ':', '-', '٫']).len();
    let after = run.split_off(kept);
    turned.extend(run.chars().rev());
    turned.push_str(&after);
    run.clear();
}

fn runs_right(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '۰'..='۹' | '٠'..='٩')
}

fn mirrored(c: char) -> char {
    match c {
        '(' => ')',
        ')' => '(',
        '[' => ']',
        ']' => '[',
        '«' => '»',
        '»' => '«',
        other => other,
    }
}

fn has_arabic(line: &str) -> bool {
    line.chars().any(|c| {
        matches!(c, '\u{620}'..='\u{64a}' | '\u{671}'..='\u{6d3}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
    })
}

fn common_in(line: &str) -> usize {
    let words = line.split(|c: char| !c.is_alphabetic());
    words.filter(|word| COMMON.contains(word)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: &str = "گزارش این جلسه برای دانشکدهٔ فنی در سال ۱۴۰۵ آماده شده است (React 19).";

    #[test]
    fn a_line_that_stands_as_it_is_drawn_is_turned_and_another_one_is_not() {
        let drawn = turn(READ);
        let mended = mend(&drawn);
        assert_eq!(mended.text, READ);
        assert_eq!((mended.turned, mended.confidence), (1, Some(1.0)));
        assert_eq!(mend(READ).text, READ);
        assert_eq!(mend(READ).turned, 0);
    }

    #[test]
    fn shapes_become_letters_in_either_order() {
        assert_eq!(mend("ﺳﻼﻡ ﺑﻪ ﺗﻮ").text, "سلام به تو");
        assert_eq!(mend("ﻮﺗ ﻪﺑ ﻡﻼﺳ").text, "سلام به تو");
        assert_eq!(mend("plain text").confidence, None);
    }
}
