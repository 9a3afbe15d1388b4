//! The pieces of a line of text: what may be in them, and how neighbours join.

use super::address;
use crate::node::{Kind, Mark, Node};

/// The longest id and label of a mention, in characters.
const MAX_MENTION_CHARS: usize = 256;

/// Whether nothing can be read in `pieces`.
pub(crate) fn is_blank(pieces: &[Node]) -> bool {
    pieces.iter().all(|piece| match &piece.kind {
        Kind::Text { text, .. } => text.chars().all(char::is_whitespace),
        _ => false,
    })
}

/// `pieces` with allowed marks and characters, neighbours that look alike joined.
pub(super) fn tidy(pieces: Vec<Node>) -> Vec<Node> {
    let mut out: Vec<Node> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match piece.kind {
            Kind::Text { text, marks } => push_lines(&text, &tidy_marks(marks), &mut out),
            Kind::Mention { id, label } => push(mention(&id, &label), &mut out),
            _ => push(Node::leaf(Kind::HardBreak), &mut out),
        }
    }
    out
}

fn push_lines(text: &str, marks: &[Mark], out: &mut Vec<Node>) {
    let text = text.replace("\r\n", "\n");
    for (n, part) in text.split(['\n', '\r']).enumerate() {
        if n > 0 {
            out.push(Node::leaf(Kind::HardBreak));
        }
        push(Node::marked(tidy_line(part), marks.to_vec()), out);
    }
}

fn push(node: Node, out: &mut Vec<Node>) {
    if let Kind::Text { text, marks } = &node.kind {
        if text.is_empty() {
            return;
        }
        if let Some(Node {
            kind:
                Kind::Text {
                    text: before,
                    marks: same,
                },
            ..
        }) = out.last_mut()
            && same == marks
        {
            before.push_str(text);
            return;
        }
    }
    out.push(node);
}

fn tidy_marks(marks: Vec<Mark>) -> Vec<Mark> {
    let allowed = marks.into_iter().filter_map(|mark| match mark {
        Mark::Link { href } => address::link(&href).map(|href| Mark::Link { href }),
        Mark::Comment { id } => address::is_id(&id).then_some(Mark::Comment { id }),
        other => Some(other),
    });
    Mark::arrange(allowed.collect())
}

/// A mention, or its words when it points at nothing.
fn mention(id: &str, label: &str) -> Node {
    let tidy = |text: &str| -> String {
        let line = tidy_line(&text.replace(['\n', '\r'], " "));
        line.trim().chars().take(MAX_MENTION_CHARS).collect()
    };
    let (id, label) = (tidy(id), tidy(label));
    if id.is_empty() {
        return Node::text(if label.is_empty() {
            label
        } else {
            format!("@{label}")
        });
    }
    let label = if label.is_empty() { id.clone() } else { label };
    Node::leaf(Kind::Mention { id, label })
}

/// One line without characters that no text format can carry. ZWNJ and bidi marks stay.
pub(super) fn tidy_line(text: &str) -> String {
    text.chars().filter(|c| is_text(*c)).collect()
}

/// Code, its line ends made alike.
pub(super) fn tidy_code(code: &str) -> String {
    let code = code.replace("\r\n", "\n").replace('\r', "\n");
    code.chars().filter(|c| *c == '\n' || is_text(*c)).collect()
}

fn is_text(c: char) -> bool {
    c == '\t' || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
}
