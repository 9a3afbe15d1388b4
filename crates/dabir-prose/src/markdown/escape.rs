//! Signs that mean something to Markdown, written so that they mean themselves.

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    /// It begins a line.
    pub(super) line_start: bool,
    /// It ends a line.
    pub(super) line_end: bool,
}

impl Spot {
    /// It neither begins nor ends a line.
    pub(super) const MIDDLE: Self = Self {
        line_start: false,
        line_end: false,
    };
}

/// `text` as Markdown that reads as exactly `text`.
pub(super) fn text(text: &str, spot: Spot) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 8);
    let mut n = 0;
    if spot.line_start {
        n = start_of_line(&chars, &mut out);
    }
    let spaces_before = chars.iter().take_while(|c| c.is_whitespace()).count();
    let spaces_after = chars.iter().rev().take_while(|c| c.is_whitespace()).count();
    let end = chars.len() - spaces_after;
    for (at, c) in chars.iter().copied().enumerate().skip(n) {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1).copied();
        let edge = (spot.line_end && at >= end) || (spot.line_start && at < spaces_before);
        if c == '&' && is_reference(&chars[at + 1..]) {
            out.push('\\');
        }
        one(c, before, after, edge, &mut out);
    }
    out
}

fn one(c: char, before: Option<char>, after: Option<char>, edge: bool, out: &mut String) {
    match c {
        '\\' | '`' | '*' | '[' | ']' | '<' | '~' | '|' => {
            out.push('\\');
            out.push(c);
        }
        // A line under which this stands would become a heading's end.
        '#' if after.is_none() => out.push_str("\\#"),
        '_' if !(is_word(before) && is_word(after)) => out.push_str("\\_"),
        // Before a link it would make a picture of it.
        '!' if after.is_none() => out.push_str("\\!"),
        '\u{a0}' => out.push_str("&nbsp;"),
        '\t' => out.push_str("&#9;"),
        c if c.is_whitespace() && (edge || c != ' ') => {
            out.push_str(&format!("&#{};", u32::from(c)));
        }
        c => out.push(c),
    }
}

/// Whether an ampersand before `rest` could name a character.
fn is_reference(rest: &[char]) -> bool {
    let name = rest
        .iter()
        .take_while(|c| c.is_ascii_alphanumeric() || **c == '#');
    matches!(rest.get(name.count()), None | Some(';'))
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphanumeric)
}

/// Writes what would begin a list, heading or quote; answers how many characters it took.
fn start_of_line(chars: &[char], out: &mut String) -> usize {
    match chars.first() {
        Some(c @ ('#' | '>' | '+' | '-' | '=' | ':')) => {
            out.push('\\');
            out.push(*c);
            1
        }
        Some(c) if c.is_ascii_digit() => {
            let digits = chars.iter().take_while(|c| c.is_ascii_digit()).count();
            if let Some(c @ ('.' | ')')) = chars.get(digits) {
                out.extend(&chars[..digits]);
                out.push('\\');
                out.push(*c);
                digits + 1
            } else {
                0
            }
        }
        _ => 0,
    }
}

/// The address of a link or picture.
pub(super) fn address(address: &str) -> String {
    let mut out = String::with_capacity(address.len() + 2);
    out.push('<');
    for c in address.chars() {
        match c {
            '<' | '>' | '\\' | '|' => {
                out.push('\\');
                out.push(c);
            }
            '&' => out.push_str("&amp;"),
            _ => out.push(c),
        }
    }
    out.push('>');
    let simple = address
        .chars()
        .all(|c| c.is_alphanumeric() || "/:.-_#?=%@+,~;".contains(c));
    if simple { address.to_owned() } else { out }
}

/// The title of a picture, with its quotes.
pub(super) fn title(title: &str) -> String {
    format!("\"{}\"", text(title, Spot::MIDDLE).replace('"', "\\\""))
}

/// The id of a mention as part of an address.
pub(super) fn id(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for c in id.chars() {
        if c.is_alphanumeric() || "-_.:@".contains(c) {
            out.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}

/// The id of a mention out of an address.
pub(super) fn unescape_id(id: &str) -> String {
    let mut bytes = Vec::with_capacity(id.len());
    let mut rest = id.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
