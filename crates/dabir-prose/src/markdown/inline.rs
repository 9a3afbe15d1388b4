//! Lines of text as Markdown.
//!
//! Stars and tildes are used where every reader of Markdown understands them alike: around text that
//! begins and ends with a letter. Elsewhere («**!سلام**ها») the rules of CommonMark take the stars for
//! stars, so HTML tags say it.

use super::escape::{self, Spot};
use crate::node::{Kind, Mark, Node};

/// How a line break is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breaks {
    /// As a new line, in paragraphs.
    Lines,
    /// As a tag, where a new line would end the block: headings and cells.
    Tags,
}

/// The pieces of a line.
pub(super) fn line(pieces: &[Node], breaks: Breaks) -> String {
    let mut writer = Writer {
        out: String::new(),
        breaks,
        after_signs: false,
    };
    let mut n = 0;
    while n < pieces.len() {
        let href = pieces[n].href();
        let same = pieces[n..].iter().take_while(|p| p.href() == href).count();
        let end = n + same;
        match href {
            Some(href) => writer.link(href, pieces, n..end),
            None => writer.pieces(pieces, n..end),
        }
        n = end;
    }
    writer.out
}

struct Writer {
    out: String,
    breaks: Breaks,
    /// Stars or tildes of ours stand last; more of them would be read with them.
    after_signs: bool,
}

impl Writer {
    fn link(&mut self, href: &str, pieces: &[Node], range: std::ops::Range<usize>) {
        self.push("[");
        self.pieces(pieces, range);
        self.push(&format!("]({})", escape::address(href)));
    }

    fn pieces(&mut self, pieces: &[Node], range: std::ops::Range<usize>) {
        for n in range {
            let next = pieces.get(n + 1);
            match &pieces[n].kind {
                Kind::Text { text, marks } => {
                    let spot = self.spot(n.checked_sub(1).map(|n| &pieces[n]), next);
                    self.text(text, marks, spot, next);
                }
                Kind::HardBreak if self.breaks == Breaks::Lines => self.push("\\\n"),
                Kind::HardBreak => self.push("<br>"),
                Kind::Mention { id, label } => {
                    let label = escape::text(label, Spot::MIDDLE);
                    self.push(&format!("[@{label}](mention:{})", escape::id(id)));
                }
                _ => {}
            }
        }
    }

    fn spot(&self, before: Option<&Node>, after: Option<&Node>) -> Spot {
        let is_edge = |node: Option<&Node>| node.is_none_or(|node| node.kind == Kind::HardBreak);
        Spot {
            line_start: is_edge(before),
            line_end: is_edge(after),
        }
    }

    fn text(&mut self, text: &str, marks: &[Mark], spot: Spot, next: Option<&Node>) {
        if marks.contains(&Mark::Code) {
            self.code(text);
            return;
        }
        let plain = escape::text(text, spot);
        let signs = self.signs(text, marks, next);
        let tags: Vec<&str> = marks.iter().filter_map(|m| tag(m, signs)).collect();
        for tag in &tags {
            self.push(&format!("<{tag}>"));
        }
        self.push(signs);
        self.push(&plain);
        self.push(signs);
        self.after_signs = !signs.is_empty();
        for tag in tags.iter().rev() {
            self.push(&format!("</{tag}>"));
        }
    }

    /// The stars or tildes around `text`; none when tags have to say it.
    fn signs(&self, text: &str, marks: &[Mark], next: Option<&Node>) -> &'static str {
        let holds = |edge: Option<char>| edge.is_some_and(is_letter);
        if self.after_signs || !holds(text.chars().next()) || !holds(text.chars().next_back()) {
            return "";
        }
        let has = |mark| marks.contains(&mark);
        match (has(Mark::Bold), has(Mark::Italic), has(Mark::Strike)) {
            (true, true, _) => "***",
            (true, false, _) => "**",
            (false, true, _) => "*",
            (false, false, true) if self.stands_free(next) => "~~",
            _ => "",
        }
    }

    /// Whether no letter touches the text; readers differ about tildes within a word.
    fn stands_free(&self, next: Option<&Node>) -> bool {
        let first = next
            .and_then(Node::as_text)
            .and_then(|text| text.chars().next());
        self.out.chars().next_back().is_none_or(char::is_whitespace)
            && first.is_none_or(char::is_whitespace)
    }

    fn code(&mut self, text: &str) {
        // A bar would end a cell, and a tab or several spaces at the edge would be eaten.
        if text.contains(['|', '\t']) || text.trim().is_empty() {
            let alone = Spot {
                line_start: true,
                line_end: true,
            };
            let plain = escape::text(text, alone);
            self.push(&format!("<code>{plain}</code>"));
            return;
        }
        let fence = "`".repeat(longest_run(text, '`') + 1);
        let tick = text.starts_with('`') || text.ends_with('`');
        let spaced = text.starts_with(' ') && text.ends_with(' ');
        let pad = if tick || spaced { " " } else { "" };
        self.push(&format!("{fence}{pad}{text}{pad}{fence}"));
    }

    fn push(&mut self, text: &str) {
        if !text.is_empty() {
            self.after_signs = false;
            self.out.push_str(text);
        }
    }
}

/// The longest run of `sign` in `text`.
pub(super) fn longest_run(text: &str, sign: char) -> usize {
    text.split(|c| c != sign).map(str::len).max().unwrap_or(0)
}

/// The tag that says `mark` where `signs` do not.
fn tag(mark: &Mark, signs: &str) -> Option<&'static str> {
    match mark {
        Mark::Underline => Some("u"),
        Mark::Highlight => Some("mark"),
        Mark::Bold if !signs.contains("**") => Some("strong"),
        Mark::Italic if !matches!(signs, "*" | "***") => Some("em"),
        Mark::Strike if signs != "~~" => Some("s"),
        _ => None,
    }
}

/// Whether stars beside `c` are read as emphasis wherever they stand.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{200c}')
}
