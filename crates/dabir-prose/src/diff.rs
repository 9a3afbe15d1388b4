//! What changed between two versions of a document, as a tree that a page can show.
//!
//! Blocks are matched by what they share, words inside matched blocks one by one. Removed things stand
//! where they stood, so the tree reads as both versions at once.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::node::{Kind, Mark, Node, attrs};
use crate::{text, words};

/// Ranges of more blocks than this are matched by their kinds alone.
const MAX_MATCHED: usize = 60;
/// Two blocks that share less than this are two blocks, not one that was edited.
const LEAST_LIKENESS: f64 = 0.3;

/// What became of a part of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It is as it was; what stands in it may not be.
    Same,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its looks are others: attributes of a block, marks of a text.
    Changed,
}

/// A node of either version, with what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The node, without its content; the old one where it was removed.
    pub node: Node,
    /// What became of it.
    pub change: Change,
    /// The marks that a text had before.
    pub was: Vec<Mark>,
    /// What stands in it.
    pub content: Vec<Part>,
}

/// How much was changed, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Words that are new.
    pub added: usize,
    /// Words that are gone.
    pub removed: usize,
    /// Blocks and stretches of text that look different.
    pub changed: usize,
}

/// Compares two documents.
#[must_use]
pub fn compare(old: &Node, new: &Node) -> Part {
    both(old, new)
}

/// Counts what [`compare`] found.
#[must_use]
pub fn count(part: &Part) -> Counts {
    let mut counts = Counts::default();
    add_counts(part, &mut counts);
    counts
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.node.name())?;
        let attrs = attrs(&self.node);
        if !attrs.is_empty() {
            map.serialize_entry("attrs", &attrs)?;
        }
        if self.change != Change::Same {
            map.serialize_entry("change", &self.change)?;
        }
        if !self.content.is_empty() {
            map.serialize_entry("content", &self.content)?;
        }
        if let Kind::Text { text, marks } = &self.node.kind {
            map.serialize_entry("marks", marks)?;
            map.serialize_entry("text", text)?;
        }
        if !self.was.is_empty() {
            map.serialize_entry("was", &self.was)?;
        }
        map.end()
    }
}

fn add_counts(part: &Part, counts: &mut Counts) {
    let words = |part: &Part| {
        let text = part.node.as_text().unwrap_or_default();
        text.split_whitespace().count()
    };
    match part.change {
        Change::Added => counts.added += words(part),
        Change::Removed => counts.removed += words(part),
        Change::Changed => counts.changed += 1,
        Change::Same => {}
    }
    for child in &part.content {
        add_counts(child, counts);
    }
}

/// A node of which both versions have one.
fn both(old: &Node, new: &Node) -> Part {
    let content = if new.kind.is_textblock() {
        lines(&old.content, &new.content)
    } else {
        blocks(&old.content, &new.content)
    };
    let same = old.kind == new.kind && old.dir == new.dir;
    Part {
        change: if same { Change::Same } else { Change::Changed },
        content,
        ..bare(new)
    }
}

/// A node of which one version has none, with all that stands in it.
fn whole(node: &Node, change: Change) -> Part {
    Part {
        change,
        content: node
            .content
            .iter()
            .map(|child| whole(child, change))
            .collect(),
        ..bare(node)
    }
}

fn bare(node: &Node) -> Part {
    Part {
        node: Node::leaf(node.kind.clone()).with_dir(node.dir),
        change: Change::Same,
        was: Vec::new(),
        content: Vec::new(),
    }
}

fn blocks(old: &[Node], new: &[Node]) -> Vec<Part> {
    let mut out = Vec::with_capacity(new.len());
    let prints = |nodes: &[Node]| nodes.iter().map(fingerprint).collect::<Vec<_>>();
    for step in words::steps(&prints(old), &prints(new)) {
        if step.same {
            out.extend(new[step.new].iter().map(|node| whole(node, Change::Same)));
        } else {
            matched(&old[step.old], &new[step.new], &mut out);
        }
    }
    out
}

fn fingerprint(node: &Node) -> u64 {
    let mut hasher = DefaultHasher::new();
    node.hash(&mut hasher);
    hasher.finish()
}

/// Blocks that all differ: which of the new ones came from which of the old.
fn matched(old: &[Node], new: &[Node], out: &mut Vec<Part>) {
    let pairs = if old.len().max(new.len()) > MAX_MATCHED {
        by_kind(old, new)
    } else {
        by_likeness(old, new)
    };
    let (mut o, mut n) = (0, 0);
    for (old_at, new_at) in pairs {
        unmatched(&old[o..old_at], &new[n..new_at], out);
        out.push(both(&old[old_at], &new[new_at]));
        (o, n) = (old_at + 1, new_at + 1);
    }
    unmatched(&old[o..], &new[n..], out);
}

fn unmatched(old: &[Node], new: &[Node], out: &mut Vec<Part>) {
    out.extend(old.iter().map(|node| whole(node, Change::Removed)));
    out.extend(new.iter().map(|node| whole(node, Change::Added)));
}

fn by_kind(old: &[Node], new: &[Node]) -> Vec<(usize, usize)> {
    let names = |nodes: &[Node]| nodes.iter().map(Node::name).collect::<Vec<_>>();
    words::steps(&names(old), &names(new))
        .into_iter()
        .filter(|step| step.same)
        .flat_map(|step| step.old.zip(step.new))
        .collect()
}

/// The pairs, in order on both sides, that are most alike altogether.
fn by_likeness(old: &[Node], new: &[Node]) -> Vec<(usize, usize)> {
    let alike = likenesses(old, new);
    // best[o][n]: the most that the blocks from `o` and `n` on can be alike.
    let mut best = vec![vec![0.0_f64; new.len() + 1]; old.len() + 1];
    for o in (0..old.len()).rev() {
        for n in (0..new.len()).rev() {
            let paired = alike[o][n] + best[o + 1][n + 1];
            best[o][n] = best[o + 1][n].max(best[o][n + 1]).max(paired);
        }
    }
    let mut pairs = Vec::new();
    let (mut o, mut n) = (0, 0);
    while o < old.len() && n < new.len() {
        if best[o][n] <= best[o + 1][n] {
            o += 1;
        } else if best[o][n] <= best[o][n + 1] {
            n += 1;
        } else {
            pairs.push((o, n));
            (o, n) = (o + 1, n + 1);
        }
    }
    pairs
}

fn likenesses(old: &[Node], new: &[Node]) -> Vec<Vec<f64>> {
    let bag = |node: &Node| {
        let mut words: Vec<String> = text::plain(node)
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        words.sort_unstable();
        words
    };
    let new_bags: Vec<Vec<String>> = new.iter().map(bag).collect();
    let row = |node: &Node| {
        let own = bag(node);
        let pairs = new.iter().zip(&new_bags);
        pairs
            .map(|(other, words)| likeness(node, &own, other, words))
            .collect()
    };
    old.iter().map(row).collect()
}

/// From 0 to a bit over 1; 0 when they cannot be one block that was edited.
fn likeness(old: &Node, old_words: &[String], new: &Node, new_words: &[String]) -> f64 {
    if !can_become(old, new) {
        return 0.0;
    }
    let most = old_words.len().max(new_words.len());
    if most == 0 {
        return 0.5;
    }
    let shared = shared(old_words, new_words) as f64 / most as f64;
    if shared < LEAST_LIKENESS {
        return 0.0;
    }
    shared + if old.name() == new.name() { 0.1 } else { 0.0 }
}

/// Whether one is the other edited: a paragraph may become a heading, a list no table.
fn can_become(old: &Node, new: &Node) -> bool {
    old.name() == new.name()
        || (old.kind.is_textblock() && new.kind.is_textblock())
        || (old.kind.is_list() && new.kind.is_list())
        || (is_item(old) && is_item(new))
        || (old.kind.cell().is_some() && new.kind.cell().is_some())
}

fn is_item(node: &Node) -> bool {
    matches!(node.kind, Kind::ListItem | Kind::TaskItem { .. })
}

/// How many words two sorted lists share.
fn shared(a: &[String], b: &[String]) -> usize {
    let (mut i, mut j, mut count) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                (i, j, count) = (i + 1, j + 1, count + 1);
            }
        }
    }
    count
}

/// The smallest part of a line: a word, a space, a sign, a break, a mention.
struct Token<'a> {
    node: &'a Node,
    text: &'a str,
    key: String,
}

fn tokens(line: &[Node]) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    for node in line {
        match &node.kind {
            Kind::Text { text, .. } => {
                out.extend(words::tokens(text).into_iter().map(|text| Token {
                    node,
                    text,
                    key: text.to_owned(),
                }));
            }
            Kind::Mention { id, .. } => out.push(Token {
                node,
                text: "",
                key: format!("@\0{id}"),
            }),
            _ => out.push(Token {
                node,
                text: "",
                key: "\n".to_owned(),
            }),
        }
    }
    out
}

fn keys<'a>(tokens: &'a [Token<'_>]) -> Vec<&'a str> {
    tokens.iter().map(|token| token.key.as_str()).collect()
}

fn lines(old: &[Node], new: &[Node]) -> Vec<Part> {
    let (old, new) = (tokens(old), tokens(new));
    let mut out = Vec::new();
    for step in words::steps(&keys(&old), &keys(&new)) {
        if step.same {
            kept(&old[step.old], &new[step.new], &mut out);
        } else {
            side(&old, step.old, Change::Removed, &mut out);
            side(&new, step.new, Change::Added, &mut out);
        }
    }
    out
}

fn kept(old: &[Token<'_>], new: &[Token<'_>], out: &mut Vec<Part>) {
    for (old, new) in old.iter().zip(new) {
        let (was, is) = (old.node.marks(), new.node.marks());
        let (change, was) = if was == is {
            (Change::Same, Vec::new())
        } else {
            (Change::Changed, was.to_vec())
        };
        push(new, change, was, out);
    }
}

fn side(tokens: &[Token<'_>], range: Range<usize>, change: Change, out: &mut Vec<Part>) {
    for token in &tokens[range] {
        push(token, change, Vec::new(), out);
    }
}

/// Adds a token; what looks like the part before it joins it.
fn push(token: &Token<'_>, change: Change, was: Vec<Mark>, out: &mut Vec<Part>) {
    let Kind::Text { marks, .. } = &token.node.kind else {
        out.push(Part {
            change,
            was,
            ..bare(token.node)
        });
        return;
    };
    if let Some(last) = out.last_mut()
        && last.change == change
        && last.was == was
        && let Kind::Text { text, marks: same } = &mut last.node.kind
        && same == marks
    {
        text.push_str(token.text);
        return;
    }
    let node = Node::marked(token.text, marks.clone());
    out.push(Part {
        node,
        change,
        was,
        content: Vec::new(),
    });
}
