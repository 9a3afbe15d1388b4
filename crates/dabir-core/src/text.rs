//! Text from outside, made safe to show on one line of a log or a terminal.

/// The longest piece of foreign text that goes into a log line or an error, in bytes.
const MAX_BYTES: usize = 1_024;

/// `text` on one line, without characters that move the cursor or turn the reading direction.
///
/// Control and bidirectional format characters become their `\u{…}` escapes, and what is longer
/// than 1 KiB ends with `…`. Letters of any script, ZWNJ included, stay as they are.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MAX_BYTES));
    for c in text.chars() {
        if out.len() >= MAX_BYTES {
            out.push('…');
            break;
        }
        if moves_the_reader(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether `c` could rewrite the line that it stands in: control characters, and those that embed,
/// override or isolate a direction.
#[must_use]
pub fn moves_the_reader(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}')
}

/// The first `most` characters of `text`, the last of them an ellipsis when something was cut.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Reads digits as people type them: ASCII, Persian (۰-۹) and Arabic (٠-٩) all become ASCII.
#[must_use]
pub fn ascii_digits(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '۰'..='۹' => char::from(b'0' + (c as u32 - '۰' as u32) as u8),
            '٠'..='٩' => char::from(b'0' + (c as u32 - '٠' as u32) as u8),
            _ => c,
        })
        .collect()
}

/// Writes ASCII digits as Persian ones.
#[must_use]
pub fn persian_digits(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0'..='9' => char::from_u32('۰' as u32 + (c as u32 - '0' as u32)).unwrap_or(c),
            _ => c,
        })
        .collect()
}

/// A cell of CSV that is text in every spreadsheet: what begins as a formula gets a quote before it.
#[must_use]
pub fn csv_cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("سلام دنیا", 5), "سلام…");
        assert_eq!(cut("سلام", 4), "سلام");
        assert_eq!(cut("", 0), "");
    }

    #[test]
    fn control_and_bidi_characters_cannot_rewrite_a_line() {
        assert_eq!(
            one_line("a\nb\u{1b}[31m\u{202e}c"),
            r"a\u{a}b\u{1b}[31m\u{202e}c"
        );
        assert_eq!(one_line("می‌روم"), "می‌روم");
        assert!(one_line(&"x".repeat(5_000)).len() <= MAX_BYTES + '…'.len_utf8());
    }

    #[test]
    fn digits_of_three_scripts_are_the_same_number() {
        assert_eq!(ascii_digits("۱۴۰۵/٠٨/29"), "1405/08/29");
        assert_eq!(persian_digits("1405/08/29"), "۱۴۰۵/۰۸/۲۹");
    }
}
