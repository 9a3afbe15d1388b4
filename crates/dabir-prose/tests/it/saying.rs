//! What a document says: text, outline, links, mentions, files.

use dabir_prose::text::{self, Heading, Link, Mention};
use dabir_prose::{Kind, Mark, Node};

use crate::make::*;

fn sample() -> Node {
    doc(vec![
        h(1, "صورت‌جلسه"),
        line(vec![
            Node::text("با "),
            mention("u1", "علی"),
            br(),
            marked("نشا", &[link("/docs/2")]),
            marked("نی", &[link("/docs/2"), Mark::Bold]),
            Node::text(" و "),
            marked("پرونده", &[link("/api/v1/files/f9/content")]),
        ]),
        table(vec![
            tr(vec![th("نام"), th("زمان")]),
            tr(vec![td("الف"), td("۱۰")]),
        ]),
        ul(vec![li(vec![p("یک"), ul(vec![li(vec![p("دو")])])])]),
        h(3, "پایان"),
        line(vec![mention("u1", "علی")]),
        picture("f1", Some("نمودار")),
    ])
}

#[test]
fn the_words_of_a_document_stand_in_lines() {
    assert_eq!(
        text::plain(&sample()),
        "صورت‌جلسه\nبا @علی\nنشانی و پرونده\nنام\tزمان\nالف\t۱۰\nیک\nدو\nپایان\n@علی\nنمودار"
    );
    assert_eq!(text::title(&sample(), 5).as_deref(), Some("صورت…"));
    assert_eq!(text::title(&Node::empty(), 5), None);
}

#[test]
fn its_parts_are_found() {
    let heading = |level, text: &str, number| Heading {
        level,
        text: text.to_owned(),
        number,
    };
    assert_eq!(
        text::outline(&sample()),
        [heading(1, "صورت‌جلسه", 1), heading(3, "پایان", 2)]
    );
    let link = |href: &str, text: &str| Link {
        href: href.to_owned(),
        text: text.to_owned(),
    };
    assert_eq!(
        text::links(&sample()),
        [
            link("/docs/2", "نشانی"),
            link("/api/v1/files/f9/content", "پرونده")
        ]
    );
    assert_eq!(
        text::mentions(&sample()),
        [Mention {
            id: "u1".to_owned(),
            label: "علی".to_owned()
        }]
    );
    assert_eq!(text::files(&sample()), ["f1", "f9"]);
}

#[test]
fn a_document_is_empty_until_it_says_or_shows_something() {
    assert!(text::is_empty(&Node::empty()));
    assert!(text::is_empty(&doc(vec![ul(vec![li(vec![p("  ")])])])));
    assert!(!text::is_empty(&doc(vec![Node::leaf(
        Kind::HorizontalRule
    )])));
    assert!(!text::is_empty(&sample()));
}

#[test]
fn plain_text_becomes_paragraphs() {
    assert_eq!(
        text::document("# سلام\n\n* نه").unwrap(),
        doc(vec![p("# سلام"), line(vec![]), p("* نه")])
    );
    assert_eq!(text::document("").unwrap(), Node::empty());
}
