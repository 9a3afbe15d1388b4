//! The document that a shared document holds now.

use serde_json::{Map, Value};
use yrs::types::text::YChange;
use yrs::{
    Any, Doc, Out, ReadTxn, Text, Transact, Xml, XmlElementRef, XmlFragment, XmlOut, XmlTextRef,
};

use super::{FIELD, marks};
use crate::node::Node;
use crate::schema::MAX_DEPTH;
use crate::{ProseError, clean};

/// The document in `doc`, cleaned: browsers are not trusted to keep the schema.
///
/// # Errors
/// When it exceeds what a document may hold.
pub fn read(doc: &Doc) -> Result<Node, ProseError> {
    read_in(&doc.transact())
}

/// The document as `txn` sees it.
///
/// # Errors
/// When it exceeds what a document may hold.
pub fn read_in<T: ReadTxn>(txn: &T) -> Result<Node, ProseError> {
    let mut content = Vec::new();
    if let Some(fragment) = txn.get_xml_fragment(FIELD) {
        for child in fragment.children(txn) {
            push_json(txn, &child, 2, &mut content)?;
        }
    }
    let mut doc = Map::new();
    doc.insert("type".to_owned(), "doc".into());
    doc.insert("content".to_owned(), content.into());
    clean(&doc.into())
}

/// One child as the JSON that the editor would make of it; a text is several nodes.
pub(super) fn push_json<T: ReadTxn>(
    txn: &T,
    child: &XmlOut,
    depth: usize,
    out: &mut Vec<Value>,
) -> Result<(), ProseError> {
    if depth > MAX_DEPTH {
        return Err(ProseError::TooDeep { most: MAX_DEPTH });
    }
    match child {
        XmlOut::Text(text) => out.extend(runs(txn, text).into_iter().map(text_json)),
        XmlOut::Element(element) => out.push(element_json(txn, element, depth)?),
        XmlOut::Fragment(_) => {}
    }
    Ok(())
}

fn element_json<T: ReadTxn>(
    txn: &T,
    element: &XmlElementRef,
    depth: usize,
) -> Result<Value, ProseError> {
    let mut content = Vec::new();
    for child in element.children(txn) {
        push_json(txn, &child, depth + 1, &mut content)?;
    }
    let mut node = Map::new();
    let name = element.try_tag().map_or("", |tag| tag.as_ref());
    node.insert("type".to_owned(), name.into());
    node.insert("attrs".to_owned(), attributes(txn, element).into());
    node.insert("content".to_owned(), content.into());
    Ok(node.into())
}

/// The attributes of an element that are set.
pub(super) fn attributes<T: ReadTxn>(txn: &T, element: &XmlElementRef) -> Map<String, Value> {
    let set = element
        .attributes(txn)
        .filter_map(|(name, value)| match value {
            Out::Any(Any::Null | Any::Undefined) => None,
            Out::Any(value) => Some((name.to_owned(), marks::json(&value))),
            _ => None,
        });
    set.collect()
}

/// A piece of a text with one formatting.
pub(super) struct Run {
    pub(super) text: String,
    pub(super) attrs: yrs::types::Attrs,
}

/// The pieces of a text; things embedded in it that are no text are passed over.
pub(super) fn runs<T: ReadTxn>(txn: &T, text: &XmlTextRef) -> Vec<Run> {
    let pieces = text.diff(txn, YChange::identity).into_iter();
    pieces
        .filter_map(|piece| match piece.insert {
            Out::Any(Any::String(text)) => Some(Run {
                text: text.to_string(),
                attrs: piece.attributes.map(|attrs| *attrs).unwrap_or_default(),
            }),
            _ => None,
        })
        .collect()
}

fn text_json(run: Run) -> Value {
    let mut node = Map::new();
    node.insert("type".to_owned(), "text".into());
    node.insert("marks".to_owned(), marks::to_json(&run.attrs).into());
    node.insert("text".to_owned(), run.text.into());
    node.into()
}
