//! Changes to a shared document: as few as possible, so that they merge with what others type.

use std::collections::HashSet;
use std::ops::Range;

use serde_json::Value;
use yrs::types::Attrs;
use yrs::{
    Any, Doc, OffsetKind, Text, Transact, TransactionMut, Xml, XmlElementPrelim, XmlElementRef,
    XmlFragment, XmlOut, XmlTextPrelim, XmlTextRef,
};

use super::{FIELD, marks, read};
use crate::node::{Kind, Node, attrs};
use crate::words;

/// Makes `doc` say what `node` says. What both say already is left alone, word by word, so text that
/// somebody else types meanwhile stays where it was typed.
pub fn replace(doc: &Doc, node: &Node) {
    let kind = doc.offset_kind();
    let fragment = doc.get_or_insert_xml_fragment(FIELD);
    let mut writer = Writer {
        txn: doc.transact_mut(),
        utf16: kind == OffsetKind::Utf16,
    };
    writer.children(&fragment, &node.content);
}

struct Writer<'d> {
    txn: TransactionMut<'d>,
    utf16: bool,
}

/// A child as Yjs has it: one element, or all text nodes that stand side by side.
#[derive(Clone, Copy)]
enum Part<'a> {
    Element(&'a Node),
    Text(&'a [Node]),
}

impl Writer<'_> {
    fn children(&mut self, parent: &impl XmlFragment, content: &[Node]) {
        let there: Vec<XmlOut> = parent.children(&self.txn).collect();
        let wanted = parts(content);
        let old: Vec<String> = there.iter().map(|child| self.fingerprint(child)).collect();
        let new: Vec<String> = wanted.iter().map(Part::fingerprint).collect();
        // From the end, so that places before a change stay valid.
        for step in words::steps(&old, &new).into_iter().rev() {
            if !step.same {
                self.change(parent, &there, &wanted, step.old, step.new);
            }
        }
    }

    /// Turns the children `old` into the parts `new`: those of one name become each other.
    fn change(
        &mut self,
        parent: &impl XmlFragment,
        there: &[XmlOut],
        wanted: &[Part<'_>],
        old: Range<usize>,
        new: Range<usize>,
    ) {
        let names = |range: Range<usize>| range.map(|n| name_of(&there[n])).collect::<Vec<_>>();
        let old_names = names(old.clone());
        let new_names: Vec<String> = wanted[new.clone()].iter().map(Part::name).collect();
        for step in words::steps(&old_names, &new_names).into_iter().rev() {
            let from = old.start + step.old.start;
            if step.same {
                for n in (0..step.old.len()).rev() {
                    self.update(&there[from + n], wanted[new.start + step.new.start + n]);
                }
                continue;
            }
            let count = u32::try_from(step.old.len()).unwrap_or(u32::MAX);
            if count > 0 {
                parent.remove_range(&mut self.txn, index(from), count);
            }
            for n in step.new.rev() {
                self.insert(parent, index(from), wanted[new.start + n]);
            }
        }
    }

    fn update(&mut self, child: &XmlOut, part: Part<'_>) {
        match (child, part) {
            (XmlOut::Element(element), Part::Element(node)) => {
                self.update_attributes(element, node);
                self.children(element, &node.content);
            }
            (XmlOut::Text(text), Part::Text(pieces)) => self.update_text(text, pieces),
            _ => {}
        }
    }

    fn update_attributes(&mut self, element: &XmlElementRef, node: &Node) {
        let there = read::attributes(&self.txn, element);
        let wanted = attrs(node);
        for name in there.keys().filter(|name| !wanted.contains_key(*name)) {
            element.remove_attribute(&mut self.txn, name);
        }
        for (name, value) in &wanted {
            if there.get(name) != Some(value) {
                element.insert_attribute(&mut self.txn, name.as_str(), marks::any(value));
            }
        }
    }

    fn insert(&mut self, parent: &impl XmlFragment, at: u32, part: Part<'_>) {
        match part {
            Part::Text(pieces) => {
                let text = parent.insert(&mut self.txn, at, XmlTextPrelim::new(""));
                self.fill_text(&text, pieces);
            }
            Part::Element(node) => {
                let element =
                    parent.insert(&mut self.txn, at, XmlElementPrelim::empty(node.name()));
                for (name, value) in attrs(node) {
                    element.insert_attribute(&mut self.txn, name, marks::any(&value));
                }
                for (n, part) in parts(&node.content).into_iter().enumerate() {
                    self.insert(&element, index(n), part);
                }
            }
        }
    }

    fn fill_text(&mut self, text: &XmlTextRef, pieces: &[Node]) {
        for (piece, attrs) in pieces.iter().filter_map(run) {
            let end = text.len(&self.txn);
            text.insert_with_attributes(&mut self.txn, end, piece, attrs);
        }
    }

    /// Changes the words that differ, then the formatting that differs.
    fn update_text(&mut self, text: &XmlTextRef, pieces: &[Node]) {
        let old: String = read::runs(&self.txn, text)
            .into_iter()
            .map(|run| run.text)
            .collect();
        let new: String = pieces.iter().filter_map(Node::as_text).collect();
        let (old, new) = (words::tokens(&old), words::tokens(&new));
        let places = self.places(&old);
        for step in words::steps(&old, &new)
            .into_iter()
            .rev()
            .filter(|step| !step.same)
        {
            let (from, to) = (places[step.old.start], places[step.old.end]);
            if to > from {
                text.remove_range(&mut self.txn, from, to - from);
            }
            text.insert(&mut self.txn, from, &new[step.new].concat());
        }
        self.update_formatting(text, pieces);
    }

    fn update_formatting(&mut self, text: &XmlTextRef, pieces: &[Node]) {
        let there = read::runs(&self.txn, text);
        let there: Vec<(u32, Attrs)> = there
            .into_iter()
            .map(|run| (self.len(&run.text), run.attrs))
            .collect();
        let wanted: Vec<(u32, Attrs)> = pieces
            .iter()
            .filter_map(run)
            .map(|(text, attrs)| (self.len(text), attrs))
            .collect();
        for (range, old, new) in overlaps(&there, &wanted) {
            let change = formatting_change(old, new);
            if !change.is_empty() {
                text.format(&mut self.txn, range.start, range.end - range.start, change);
            }
        }
    }

    /// Where each token begins, and where the last one ends.
    fn places(&self, tokens: &[&str]) -> Vec<u32> {
        let mut places = vec![0];
        let mut at = 0;
        for token in tokens {
            at += self.len(token);
            places.push(at);
        }
        places
    }

    fn len(&self, text: &str) -> u32 {
        index(if self.utf16 {
            text.encode_utf16().count()
        } else {
            text.len()
        })
    }

    /// What tells children that say the same from those that do not.
    fn fingerprint(&self, child: &XmlOut) -> String {
        let mut json = Vec::new();
        // What is too deep is like nothing that is wanted, and so goes.
        match read::push_json(&self.txn, child, 2, &mut json) {
            Ok(()) => canonical(child_kind(child), json),
            Err(_) => String::new(),
        }
    }
}

fn child_kind(child: &XmlOut) -> &'static str {
    match child {
        XmlOut::Text(_) => "text",
        _ => "element",
    }
}

fn name_of(child: &XmlOut) -> String {
    match child {
        XmlOut::Element(element) => element
            .try_tag()
            .map_or_else(String::new, ToString::to_string),
        XmlOut::Text(_) => "text".to_owned(),
        XmlOut::Fragment(_) => String::new(),
    }
}

impl Part<'_> {
    fn name(&self) -> String {
        match self {
            Self::Element(node) => node.name().to_owned(),
            Self::Text(_) => "text".to_owned(),
        }
    }

    fn fingerprint(&self) -> String {
        match self {
            Self::Element(node) => canonical("element", vec![node.to_json()]),
            Self::Text(pieces) => canonical("text", pieces.iter().map(Node::to_json).collect()),
        }
    }
}

/// JSON that two ways of writing the same node share: nothing that is empty or unset, marks in order.
fn canonical(kind: &str, json: Vec<Value>) -> String {
    let json: Vec<Value> = json.into_iter().filter_map(trim).collect();
    format!("{kind}{}", Value::from(json))
}

fn trim(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Array(list) => {
            let list: Vec<Value> = list.into_iter().filter_map(trim).collect();
            (!list.is_empty()).then(|| list.into())
        }
        Value::Object(map) => {
            let map: serde_json::Map<_, _> = map.into_iter().filter_map(trim_entry).collect();
            (!map.is_empty()).then(|| map.into())
        }
        other => Some(other),
    }
}

/// Marks alone mean the same in any order.
fn trim_entry((name, value): (String, Value)) -> Option<(String, Value)> {
    let mut value = trim(value)?;
    if name == "marks"
        && let Value::Array(marks) = &mut value
    {
        marks.sort_by_key(Value::to_string);
    }
    Some((name, value))
}

fn parts(content: &[Node]) -> Vec<Part<'_>> {
    let is_text = |node: &Node| matches!(node.kind, Kind::Text { .. });
    content
        .chunk_by(|a, b| is_text(a) && is_text(b))
        .map(|chunk| match chunk {
            [only] if !is_text(only) => Part::Element(only),
            pieces => Part::Text(pieces),
        })
        .collect()
}

fn run(piece: &Node) -> Option<(&str, Attrs)> {
    match &piece.kind {
        Kind::Text { text, marks } => Some((text, marks::to_attrs(marks))),
        _ => None,
    }
}

/// The stretches of a text in which neither side changes its formatting.
fn overlaps<'a>(
    old: &'a [(u32, Attrs)],
    new: &'a [(u32, Attrs)],
) -> Vec<(Range<u32>, &'a Attrs, &'a Attrs)> {
    let mut out = Vec::new();
    let (mut o, mut n, mut at) = (0, 0, 0);
    let (mut old_end, mut new_end) = (0, 0);
    while let (Some((old_len, old_attrs)), Some((new_len, new_attrs))) = (old.get(o), new.get(n)) {
        let (old_stop, new_stop) = (old_end + old_len, new_end + new_len);
        let stop = old_stop.min(new_stop);
        out.push((at..stop, old_attrs, new_attrs));
        at = stop;
        if old_stop == stop {
            (o, old_end) = (o + 1, old_stop);
        }
        if new_stop == stop {
            (n, new_end) = (n + 1, new_stop);
        }
    }
    out
}

/// What to set and, as `null`, what to take back.
fn formatting_change(old: &Attrs, new: &Attrs) -> Attrs {
    let names: HashSet<_> = old.keys().chain(new.keys()).collect();
    let mut change = Attrs::new();
    for name in names {
        let wanted = new.get(name).unwrap_or(&Any::Null);
        let there = old.get(name).unwrap_or(&Any::Null);
        if !same_value(there, wanted) {
            change.insert(name.clone(), wanted.clone());
        }
    }
    change
}

/// Whether two values say the same; the editor writes unset attributes as `null`.
fn same_value(a: &Any, b: &Any) -> bool {
    let is_mark = |value: &Any| !matches!(value, Any::Null | Any::Undefined);
    is_mark(a) == is_mark(b) && trim(marks::json(a)) == trim(marks::json(b))
}

fn index(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
