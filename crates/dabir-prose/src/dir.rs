//! Which way a block reads when its writer has not said.
//!
//! Browsers take the first letter, and «Rust زبان خوبی است» comes out from left to right. Here words
//! vote: a block reads from the right when more than two of five words do. Persian text is full of
//! Latin names, English text is hardly ever full of Persian ones, hence not one half.

use crate::node::{Dir, Kind, Node};

/// The direction of `text`, or `None` when no letter tells.
#[must_use]
pub fn of_text(text: &str) -> Option<Dir> {
    let mut votes = Votes::default();
    votes.add(text);
    votes.result()
}

/// The direction of `node` when nobody has chosen one: `None` follows what is around it.
#[must_use]
pub fn by_content(node: &Node) -> Option<Dir> {
    match &node.kind {
        Kind::CodeBlock { .. } => Some(Dir::Ltr),
        // A list that changes sides with a later item would jump while somebody types.
        kind if kind.is_list() => node.content.iter().find_map(first_line),
        _ => {
            let mut votes = Votes::default();
            collect(node, &mut votes);
            votes.result()
        }
    }
}

/// The direction in which `node` is shown within something that reads `around`.
#[must_use]
pub fn shown(node: &Node, around: Dir) -> Dir {
    // Items, rows and cells have no direction of their own.
    if !node.kind.has_dir() && node.kind != Kind::Doc {
        return around;
    }
    node.dir.or_else(|| by_content(node)).unwrap_or(around)
}

/// The direction of a whole document; `otherwise` when no letter tells.
#[must_use]
pub fn of_document(doc: &Node, otherwise: Dir) -> Dir {
    shown(doc, otherwise)
}

/// Forgets the directions that the text of a document has by itself, so that only choices remain.
pub fn forget_obvious(doc: &mut Node) {
    forget_in(doc, Dir::Rtl);
}

fn forget_in(node: &mut Node, around: Dir) {
    let chosen = node.dir.take();
    let natural = shown(node, around);
    node.dir = chosen.filter(|dir| *dir != natural);
    let shown = node.dir.unwrap_or(natural);
    for child in &mut node.content {
        forget_in(child, shown);
    }
}

fn first_line(node: &Node) -> Option<Dir> {
    if node.kind.is_textblock() {
        return by_content(node);
    }
    node.content.iter().find_map(first_line)
}

fn collect(node: &Node, votes: &mut Votes) {
    match &node.kind {
        Kind::CodeBlock { .. } => {}
        Kind::Text { text, marks } if !marks.contains(&crate::Mark::Code) => votes.add(text),
        Kind::Mention { label, .. } => votes.add(label),
        _ => {
            for child in &node.content {
                collect(child, votes);
            }
        }
    }
}

#[derive(Default)]
struct Votes {
    rtl: usize,
    ltr: usize,
}

impl Votes {
    fn add(&mut self, text: &str) {
        for word in text.split_whitespace().filter(|word| !is_address(word)) {
            match word.chars().find_map(strong) {
                Some(Dir::Rtl) => self.rtl += 1,
                Some(Dir::Ltr) => self.ltr += 1,
                None => {}
            }
        }
    }

    fn result(&self) -> Option<Dir> {
        let all = self.rtl + self.ltr;
        if all == 0 {
            return None;
        }
        Some(if self.rtl * 5 > all * 2 {
            Dir::Rtl
        } else {
            Dir::Ltr
        })
    }
}

fn is_address(word: &str) -> bool {
    word.contains("://") || (word.contains('@') && word.contains('.'))
}

/// The direction of a letter; digits and signs have none of their own.
fn strong(c: char) -> Option<Dir> {
    if !c.is_alphabetic() {
        return None;
    }
    let rtl = matches!(u32::from(c),
        0x590..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x1_0800..=0x1_0fff | 0x1_e800..=0x1_efff);
    Some(if rtl { Dir::Rtl } else { Dir::Ltr })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Dir>) {
        assert_eq!(of_text(text), expected, "{text}");
    }

    #[test]
    fn words_vote_for_the_direction() {
        check("سلام دنیا", Some(Dir::Rtl));
        check("Rust زبان خوبی است", Some(Dir::Rtl));
        check("Rust و PostgreSQL و Kubernetes خوب‌اند", Some(Dir::Rtl));
        check("We met علی yesterday", Some(Dir::Ltr));
        check("Hello", Some(Dir::Ltr));
        check("۱۴۰۵/۰۸/۲۹ 12:00 — ...", None);
        check(
            "https://example.org/a https://example.org/b سلام",
            Some(Dir::Rtl),
        );
        check("", None);
    }

    #[test]
    fn a_list_reads_as_its_first_item_does() {
        let item = |text: &str| {
            Node::new(
                Kind::ListItem,
                vec![Node::paragraph(vec![Node::text(text)])],
            )
        };
        let list = Node::new(
            Kind::BulletList,
            vec![item("سلام"), item("one two"), item("x y")],
        );
        assert_eq!(by_content(&list), Some(Dir::Rtl));
    }

    #[test]
    fn code_reads_from_the_left_whatever_its_comments_say() {
        let code = Node::new(
            Kind::CodeBlock { language: None },
            vec![Node::text("// سلام")],
        );
        assert_eq!(shown(&code, Dir::Rtl), Dir::Ltr);
    }
}
