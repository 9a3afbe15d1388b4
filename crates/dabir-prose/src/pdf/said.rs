//! The words of a block in pieces that are set at once, and how each part of them looks.

use crate::dir;
use crate::node::{Dir, Kind, Mark, Node};

/// The longest piece, in bytes. Longer texts have a line that ends early; they fill pages anyway.
const MAX_BYTES: usize = 32 * 1024;
/// The most changes of looks in a piece.
const MAX_PARTS: usize = 2_048;
/// So far back a piece looks for a space to end at.
const SEARCH: usize = 256;
/// Where code is set in from, in letters.
const TAB: usize = 4;

/// How a part of a text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Look {
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) code: bool,
    pub(super) underlined: bool,
    pub(super) struck: bool,
    pub(super) highlighted: bool,
    pub(super) mention: bool,
    /// The number of the link that it belongs to.
    pub(super) link: Option<usize>,
}

/// One piece. The first look is the plain one.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) looks: Vec<Look>,
    /// Where each part ends, and the number of its look.
    pub(super) parts: Vec<(usize, u16)>,
}

impl Said {
    pub(super) fn new() -> Self {
        Self {
            text: String::new(),
            looks: vec![Look::default()],
            parts: Vec::new(),
        }
    }
}

/// What `content` says. `link` gives a link its number.
pub(super) fn pieces(content: &[Node], link: &mut dyn FnMut(&str) -> Option<usize>) -> Vec<Said> {
    let mut speaker = Speaker {
        done: Vec::new(),
        now: Said::new(),
    };
    let mut before: Option<(&str, Option<usize>)> = None;
    for piece in content {
        let href = piece.href();
        let number = match (href, before) {
            // The parts of one link that look different are one link.
            (Some(href), Some((same, number))) if href == same => number,
            (Some(href), _) => link(href),
            (None, _) => None,
        };
        before = href.map(|href| (href, number));
        speaker.piece(piece, number);
    }
    speaker.finish()
}

struct Speaker {
    done: Vec<Said>,
    now: Said,
}

impl Speaker {
    fn piece(&mut self, piece: &Node, link: Option<usize>) {
        match &piece.kind {
            Kind::Text { text, marks } => self.text(text, look(marks, link)),
            Kind::HardBreak => self.say("\n", Look::default()),
            Kind::Mention { label, .. } => {
                let look = Look {
                    mention: true,
                    ..Look::default()
                };
                let dir = dir::of_text(label).unwrap_or(Dir::Ltr);
                self.apart(&format!("@{label}"), dir, look);
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, look: Look) {
        if look.code {
            self.apart(text, Dir::Ltr, look);
        } else if text.contains('\t') {
            self.say(&text.replace('\t', "    "), look);
        } else {
            self.say(text, look);
        }
    }

    /// Says what does not take part in the order of the words around it.
    fn apart(&mut self, text: &str, dir: Dir, look: Look) {
        let isolate = match dir {
            Dir::Rtl => "\u{2067}",
            Dir::Ltr => "\u{2066}",
        };
        self.say(isolate, Look::default());
        self.say(text, look);
        self.say("\u{2069}", Look::default());
    }

    fn say(&mut self, mut text: &str, look: Look) {
        while self.now.text.len() + text.len() > MAX_BYTES || self.now.parts.len() >= MAX_PARTS {
            let room = if self.now.parts.len() >= MAX_PARTS {
                0
            } else {
                MAX_BYTES.saturating_sub(self.now.text.len())
            };
            let (fits, rest) = text.split_at(end(text, room));
            self.put(fits, look);
            text = rest;
            self.end_line();
            self.next();
        }
        self.put(text, look);
    }

    fn put(&mut self, text: &str, look: Look) {
        if text.is_empty() {
            return;
        }
        let now = &mut self.now;
        now.text.push_str(text);
        let end = now.text.len();
        let known = now.looks.iter().rposition(|known| *known == look);
        let number = known.unwrap_or_else(|| {
            now.looks.push(look);
            now.looks.len() - 1
        }) as u16;
        match now.parts.last_mut() {
            Some((there, same)) if *same == number => *there = end,
            _ => now.parts.push((end, number)),
        }
    }

    /// A piece that others follow ends its line by ending.
    fn end_line(&mut self) {
        let now = &mut self.now;
        if !now.text.ends_with('\n') {
            return;
        }
        now.text.pop();
        let length = now.text.len();
        for (end, _) in &mut now.parts {
            *end = length.min(*end);
        }
        now.parts.dedup_by_key(|(end, _)| *end);
        now.parts.retain(|(end, _)| *end > 0);
    }

    fn next(&mut self) {
        self.done
            .push(std::mem::replace(&mut self.now, Said::new()));
    }

    fn finish(mut self) -> Vec<Said> {
        if self.done.is_empty() || !self.now.text.is_empty() {
            self.next();
        }
        self.done
    }
}

/// Where a text is cut that has room for so many bytes: after a space if one is near.
fn end(text: &str, room: usize) -> usize {
    let room = text.floor_char_boundary(room);
    let near = text.floor_char_boundary(room.saturating_sub(SEARCH));
    let last = text.get(near..room).unwrap_or_default();
    last.rfind([' ', '\n']).map_or(room, |at| near + at + 1)
}

fn look(marks: &[Mark], link: Option<usize>) -> Look {
    let has = |mark: &Mark| marks.contains(mark);
    Look {
        bold: has(&Mark::Bold),
        italic: has(&Mark::Italic),
        code: has(&Mark::Code),
        underlined: has(&Mark::Underline),
        struck: has(&Mark::Strike),
        highlighted: has(&Mark::Highlight),
        mention: false,
        link,
    }
}

/// Code with spaces where it has tabs, so that it stands where it stood.
pub(super) fn code(content: &[Node]) -> Vec<Said> {
    let mut speaker = Speaker {
        done: Vec::new(),
        now: Said::new(),
    };
    for text in content.iter().filter_map(Node::as_text) {
        for line in text.split_inclusive('\n') {
            speaker.say(&untabbed(line), Look::default());
        }
    }
    speaker.finish()
}

fn untabbed(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut at = 0;
    for c in line.chars() {
        let wide = if c == '\t' { TAB - at % TAB } else { 1 };
        match c {
            '\t' => out.extend(std::iter::repeat_n(' ', wide)),
            _ => out.push(c),
        }
        at += wide;
    }
    out
}

/// A number in the digits of text in this direction.
pub(super) fn number(number: usize, dir: Dir) -> String {
    let digits = number.to_string();
    match dir {
        Dir::Ltr => digits,
        Dir::Rtl => digits.chars().map(persian).collect(),
    }
}

fn persian(digit: char) -> char {
    let value = digit.to_digit(10).unwrap_or_default();
    char::from_u32(u32::from('۰') + value).unwrap_or(digit)
}
