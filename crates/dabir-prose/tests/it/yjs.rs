//! Shared documents: what the browser's editor writes and what it finds.
//!
//! `tests/yjs/make.mjs` makes the fixtures with the real editor.

use std::collections::BTreeMap;

use dabir_prose::{Mark, Node, ProseError, clean, yjs};
use proptest::prelude::*;
use yrs::types::text::YChange;
use yrs::updates::decoder::Decode;
use yrs::{
    Any, Doc, Number, Out, ReadTxn, StateVector, Text, Transact, Update, Xml, XmlElementPrelim,
    XmlFragment, XmlOut, XmlTextPrelim,
};

use crate::make::*;

/// A fixture: its update, and the document that the editor saw in it.
macro_rules! fixture {
    ($name:literal) => {
        (
            include_bytes!(concat!("../yjs/", $name, ".update")).as_slice(),
            include_str!(concat!("../yjs/", $name, ".json")),
        )
    };
}

const FIXTURES: [(&[u8], &str); 6] = [
    fixture!("minutes"),
    fixture!("minutes_edited"),
    fixture!("lists"),
    fixture!("lists_edited"),
    fixture!("table"),
    fixture!("table_edited"),
];

fn opened(update: &[u8]) -> Doc {
    let doc = yjs::new_doc();
    apply(&doc, update);
    doc
}

fn apply(doc: &Doc, update: &[u8]) {
    let update = Update::decode_v1(update).unwrap();
    doc.transact_mut().apply_update(update).unwrap();
}

fn update_of(doc: &Doc) -> Vec<u8> {
    doc.transact()
        .encode_state_as_update_v1(&StateVector::default())
}

/// Everything that a shared document holds, in one text; unset values left out.
fn dump(doc: &Doc) -> String {
    let txn = doc.transact();
    let mut out = String::new();
    for child in txn.get_xml_fragment(yjs::FIELD).unwrap().children(&txn) {
        dump_child(&txn, &child, &mut out);
    }
    out
}

fn dump_child<T: ReadTxn>(txn: &T, child: &XmlOut, out: &mut String) {
    match child {
        XmlOut::Element(element) => {
            let attributes: BTreeMap<_, _> = element
                .attributes(txn)
                .map(|(name, value)| (name.to_owned(), dump_out(&value)))
                .collect();
            out.push_str(&format!("<{} {attributes:?}>", element.tag()));
            for child in element.children(txn) {
                dump_child(txn, &child, out);
            }
            out.push_str("</>\n");
        }
        XmlOut::Text(text) => {
            for run in text.diff(txn, YChange::identity) {
                let attrs = run.attributes.map(|attrs| *attrs).unwrap_or_default();
                let attrs: BTreeMap<_, _> = attrs
                    .iter()
                    .map(|(name, value)| (name.to_string(), dump_any(value)))
                    .collect();
                out.push_str(&format!("[{} {attrs:?}]", dump_out(&run.insert)));
            }
        }
        XmlOut::Fragment(_) => out.push('?'),
    }
}

fn dump_out(value: &Out) -> String {
    match value {
        Out::Any(value) => dump_any(value),
        _ => "?".to_owned(),
    }
}

fn dump_any(value: &Any) -> String {
    match value {
        // Browsers have one kind of number.
        Any::Number(Number::Float(number)) => number.to_string(),
        Any::Number(Number::Int(number)) => number.to_string(),
        Any::Map(map) => {
            let set = map
                .iter()
                .filter(|(_, value)| !matches!(value, Any::Null | Any::Undefined));
            let map: BTreeMap<_, _> = set
                .map(|(name, value)| (name.clone(), dump_any(value)))
                .collect();
            format!("{map:?}")
        }
        Any::Array(list) => format!("{:?}", list.iter().map(dump_any).collect::<Vec<_>>()),
        other => format!("{other:?}"),
    }
}

#[test]
fn what_the_editor_wrote_is_read() {
    for (update, json) in FIXTURES {
        let seen = clean(&serde_json::from_str(json).unwrap()).unwrap();
        assert_eq!(show(&yjs::read(&opened(update)).unwrap()), show(&seen));
    }
}

#[test]
fn we_write_what_the_editor_would() {
    for (update, _) in FIXTURES {
        let theirs = opened(update);
        let ours = yjs::from_node(&yjs::read(&theirs).unwrap());
        assert_eq!(dump(&ours), dump(&theirs));
    }
}

#[test]
fn what_is_there_already_is_not_written_again() {
    for (update, _) in FIXTURES {
        let doc = opened(update);
        let before = update_of(&doc);
        yjs::replace(&doc, &yjs::read(&doc).unwrap());
        assert_eq!(update_of(&doc), before);
    }
}

#[test]
fn a_restored_version_merges_with_what_others_type() {
    let old = doc(vec![p("جلسهٔ فردا لغو شد"), p("دوم")]);
    let now = doc(vec![p("جلسهٔ امروز برگزار شد"), p("میانه"), p("دوم")]);
    let server = yjs::from_node(&now);
    let browser = opened(&update_of(&server));
    // Somebody types at the end of the first paragraph while the server restores.
    {
        let mut txn = browser.transact_mut();
        let Some(XmlOut::Element(first)) = txn.get_xml_fragment(yjs::FIELD).unwrap().get(&txn, 0)
        else {
            panic!("no paragraph");
        };
        let Some(XmlOut::Text(text)) = first.get(&txn, 0) else {
            panic!("no text");
        };
        let end = text.len(&txn);
        text.insert(&mut txn, end, " 😀 افزوده");
    }
    yjs::replace(&server, &old);
    assert_eq!(yjs::read(&server).unwrap(), old);
    apply(&server, &update_of(&browser));
    apply(&browser, &update_of(&server));
    let merged = doc(vec![p("جلسهٔ فردا لغو شد 😀 افزوده"), p("دوم")]);
    assert_eq!(show(&yjs::read(&server).unwrap()), show(&merged));
    assert_eq!(show(&yjs::read(&browser).unwrap()), show(&merged));
}

#[test]
fn formatting_changes_alone_keep_the_text() {
    let comment = |id: &str| Mark::Comment { id: id.to_owned() };
    let before = doc(vec![line(vec![marked(
        "یک دو سه",
        &[Mark::Bold, comment("c1")],
    )])]);
    let after = doc(vec![line(vec![
        marked("یک ", &[comment("c1"), comment("c2")]),
        marked("دو", &[link("https://a.ir"), Mark::Bold]),
        Node::text(" سه"),
    ])]);
    let shared = yjs::from_node(&before);
    yjs::replace(&shared, &after);
    assert_eq!(show(&yjs::read(&shared).unwrap()), show(&after));
    assert_eq!(dump(&shared), dump(&yjs::from_node(&after)));
}

#[test]
fn things_without_words_keep_their_order() {
    let swapped = |first: [Node; 2], check: fn(Vec<Node>) -> Node| {
        let [one, other] = first;
        let after = doc(vec![check(vec![other.clone(), one.clone()])]);
        let shared = yjs::from_node(&doc(vec![check(vec![one, other])]));
        yjs::replace(&shared, &after);
        assert_eq!(show(&yjs::read(&shared).unwrap()), show(&after));
    };
    swapped([picture("f1", None), picture("f2", None)], quote);
    swapped([mention("u1", "الف"), mention("u2", "ب")], line);
}

#[test]
fn what_no_editor_would_write_is_cleaned_or_refused() {
    let hostile = yjs::new_doc();
    let root = hostile.get_or_insert_xml_fragment(yjs::FIELD);
    {
        let mut txn = hostile.transact_mut();
        let item = root.push_back(&mut txn, XmlElementPrelim::empty("listItem"));
        item.insert_attribute(&mut txn, "onclick", Any::from("x"));
        let script = item.push_back(&mut txn, XmlElementPrelim::empty("script"));
        script.push_back(&mut txn, XmlTextPrelim::new("بماند"));
    }
    assert_eq!(yjs::read(&hostile).unwrap(), doc(vec![p("بماند")]));
    {
        let mut txn = hostile.transact_mut();
        let mut deep = root.push_back(&mut txn, XmlElementPrelim::empty("blockquote"));
        for _ in 0..200 {
            deep = deep.push_back(&mut txn, XmlElementPrelim::empty("blockquote"));
        }
    }
    assert!(matches!(
        yjs::read(&hostile),
        Err(ProseError::TooDeep { .. })
    ));
    yjs::replace(&hostile, &doc(vec![p("درست")]));
    assert_eq!(yjs::read(&hostile).unwrap(), doc(vec![p("درست")]));
}

#[test]
fn an_untouched_shared_document_is_an_empty_one() {
    assert_eq!(yjs::read(&yjs::new_doc()).unwrap(), Node::empty());
}

proptest! {
    #![proptest_config(tries(128))]

    #[test]
    fn any_document_becomes_any_other(one in documents(), other in documents()) {
        let shared = yjs::from_node(&one);
        prop_assert_eq!(show(&yjs::read(&shared).unwrap()), show(&one));
        yjs::replace(&shared, &other);
        prop_assert_eq!(show(&yjs::read(&shared).unwrap()), show(&other));
        let elsewhere = opened(&update_of(&shared));
        prop_assert_eq!(show(&yjs::read(&elsewhere).unwrap()), show(&other));
    }
}
