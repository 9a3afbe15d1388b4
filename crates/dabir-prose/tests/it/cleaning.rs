//! What an editor, a program or an attacker sends becomes a document or a named error.

use dabir_prose::schema::{MAX_DEPTH, MAX_NODES, MAX_TEXT_BYTES, address};
use dabir_prose::{Kind, Mark, Node, ProseError, clean};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::make::*;

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "the tables read better")]
fn check(content: Value, expected: Vec<Node>) {
    let found = clean(&json!({"type": "doc", "content": content})).unwrap();
    assert_eq!(found, doc(expected));
}

#[test]
fn what_the_editor_writes_is_kept() {
    check(
        json!([
            {"type": "heading", "attrs": {"level": 2, "dir": "rtl"}, "content": [{"type": "text", "text": "صورت‌جلسه"}]},
            {"type": "paragraph", "attrs": {"dir": null}, "content": [
                {"type": "text", "text": "می‌روم ", "marks": [{"type": "italic"}, {"type": "bold"}]},
                {"type": "mention", "attrs": {"id": "u1", "label": "مدیر", "mentionSuggestionChar": "@"}},
                {"type": "hardBreak"},
                {"type": "text", "text": "link", "marks": [
                    {"type": "link", "attrs": {"href": "https://example.org", "target": "_blank", "rel": null, "class": null}},
                    {"type": "comment", "attrs": {"id": "c-1"}}]},
            ]},
            {"type": "taskList", "content": [
                {"type": "taskItem", "attrs": {"checked": true}, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "x"}]}]}]},
        ]),
        vec![
            h(2, "صورت‌جلسه").with_dir(Some(dabir_prose::Dir::Rtl)),
            line(vec![
                marked("می‌روم ", &[Mark::Bold, Mark::Italic]),
                mention("u1", "مدیر"),
                br(),
                marked(
                    "link",
                    &[
                        link("https://example.org"),
                        Mark::Comment {
                            id: "c-1".to_owned(),
                        },
                    ],
                ),
            ]),
            tasks(vec![task(true, vec![p("x")])]),
        ],
    );
}

#[test]
fn what_is_unknown_is_unwrapped_or_dropped() {
    check(
        json!([{"type": "iframe", "attrs": {"src": "https://evil"}, "content": [
            {"type": "paragraph", "attrs": {"onclick": "x()"}, "content": [
                {"type": "text", "text": "بماند", "marks": [{"type": "blink"}, {"type": "bold", "attrs": {"style": "x"}}]}]}]}]),
        vec![line(vec![marked("بماند", &[Mark::Bold])])],
    );
}

#[test]
fn what_stands_in_the_wrong_place_finds_one() {
    let text = json!({"type": "text", "text": "الف"});
    let para = json!({"type": "paragraph", "content": [text]});
    check(json!([text]), vec![p("الف")]);
    check(
        json!([{"type": "listItem", "content": [text]}]),
        vec![p("الف")],
    );
    check(
        json!([{"type": "bulletList", "content": [para]}]),
        vec![ul(vec![li(vec![p("الف")])])],
    );
    check(
        json!([{"type": "bulletList", "content": []}]),
        vec![Node::paragraph(vec![])],
    );
    check(
        json!([{"type": "bulletList", "content": [
            {"type": "listItem", "content": [para]},
            {"type": "orderedList", "content": [{"type": "listItem", "content": [para]}]}]}]),
        vec![ul(vec![li(vec![
            p("الف"),
            ol(1, vec![li(vec![p("الف")])]),
        ])])],
    );
    check(
        json!([{"type": "paragraph", "content": [text, {"type": "horizontalRule"}, text]}]),
        vec![p("الف"), Node::leaf(Kind::HorizontalRule), p("الف")],
    );
    check(
        json!([{"type": "listItem", "content": [{"type": "heading", "content": [text]}]}]),
        vec![h(1, "الف")],
    );
    check(
        json!([{"type": "codeBlock", "content": [{"type": "text", "text": "a", "marks": [{"type": "bold"}]}, {"type": "hardBreak"}, text]}]),
        vec![code(None, "a\nالف")],
    );
}

#[test]
fn tables_become_square() {
    let cell = |text: &str, colspan: u32| json!({"type": "tableCell", "attrs": {"colspan": colspan}, "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]});
    let empty = Node::new(
        Kind::TableCell(Default::default()),
        vec![Node::paragraph(vec![])],
    );
    check(
        json!([{"type": "table", "content": [
            {"type": "tableRow", "content": [cell("a", 1), cell("b", 1)]},
            {"type": "tableRow", "content": [cell("c", 1)]},
            {"type": "tableRow", "content": []}]}]),
        vec![table(vec![
            tr(vec![td("a"), td("b")]),
            tr(vec![td("c"), empty]),
        ])],
    );
}

#[test]
fn addresses_are_harmless() {
    for good in [
        "https://example.org/x?y=1#z",
        "HTTP://a",
        "mailto:a@b.ir",
        "tel:+98",
        "/docs/1",
        "/api/v1/files/a-1/content",
        "#s1",
        "https://fa.wikipedia.org/wiki/دبیر",
    ] {
        assert_eq!(address::link(good).as_deref(), Some(good));
    }
    for bad in [
        "javascript:alert(1)",
        "JaVaScRiPt:x",
        "java\nscript:x",
        " data:text/html,x",
        "vbscript:x",
        "//evil.org",
        "/\\evil.org",
        "http:evil",
        "https:///x",
        "http://",
        "file:///etc/passwd",
        "/api/v1/tokens",
        "/API/v1/users",
        "",
        "#",
        "x",
        "../x",
        "blob:https://x",
        "https://a b",
        "https://@",
        "/api/v1/files/../../content",
        "https://\u{85}x",
    ] {
        assert_eq!(address::link(bad), None, "{bad:?}");
    }
    for bad in [
        "https://example.org/x.png",
        "/x.png",
        "data:image/png;base64,AAAA",
        "/api/v1/files//content",
        "/api/v1/files/a/b/content",
    ] {
        assert_eq!(address::picture(bad), None, "{bad:?}");
    }
}

#[test]
fn a_picture_from_elsewhere_leaves_its_words() {
    let image =
        |src: &str, alt: Value| json!([{"type": "image", "attrs": {"src": src, "alt": alt}}]);
    check(
        image("https://a.ir/x.png", json!("نمودار")),
        vec![line(vec![marked("نمودار", &[link("https://a.ir/x.png")])])],
    );
    check(image("javascript:x", json!("نمودار")), vec![p("نمودار")]);
    check(image("javascript:x", Value::Null), vec![line(vec![])]);
    check(
        image("/api/v1/files/f1/content", json!("نمودار")),
        vec![picture("f1", Some("نمودار"))],
    );
}

#[test]
fn bounds_have_names() {
    let error = |content: Value| clean(&json!({"type": "doc", "content": content})).unwrap_err();
    let mut deep = json!({"type": "paragraph"});
    for _ in 0..MAX_DEPTH {
        deep = json!({"type": "blockquote", "content": [deep]});
    }
    assert_eq!(
        error(json!([deep])),
        ProseError::TooDeep { most: MAX_DEPTH }
    );
    let wide = vec![json!({"type": "paragraph"}); MAX_NODES + 1];
    assert_eq!(
        error(Value::Array(wide)),
        ProseError::TooManyNodes { most: MAX_NODES }
    );
    let long = json!([{"type": "text", "text": "ب".repeat(MAX_TEXT_BYTES)}]);
    assert_eq!(
        error(long),
        ProseError::TooLong {
            most: MAX_TEXT_BYTES
        }
    );
    for odd in [
        json!(null),
        json!([]),
        json!("doc"),
        json!({"type": "paragraph"}),
        json!({}),
    ] {
        assert!(
            matches!(clean(&odd), Err(ProseError::NotADocument { .. })),
            "{odd}"
        );
    }
}

#[test]
fn a_table_that_would_swell_is_refused() {
    let cell = json!({"type": "tableCell"});
    let wide = json!({"type": "tableRow", "content": vec![cell.clone(); 200]});
    let narrow = json!({"type": "tableRow", "content": [cell]});
    let mut rows = vec![narrow; 50_000];
    rows.push(wide);
    let value = json!({"type": "doc", "content": [{"type": "table", "content": rows}]});
    assert_eq!(
        clean(&value),
        Err(ProseError::TooManyNodes { most: MAX_NODES })
    );
}

proptest! {
    #![proptest_config(tries(256))]

    #[test]
    fn what_is_clean_stays_as_it_is(doc in documents()) {
        prop_assert_eq!(clean(&doc.to_json()).unwrap(), doc);
    }

    #[test]
    fn what_was_cleaned_is_clean(value in garbage()) {
        let once = clean(&value).unwrap();
        prop_assert_eq!(&clean(&once.to_json()).unwrap(), &once);
        let text: serde_json::Value = serde_json::from_str(&serde_json::to_string(&once).unwrap()).unwrap();
        prop_assert_eq!(clean(&text).unwrap(), once);
    }
}
