//! What changed between two versions.

use dabir_prose::diff::{self, Change, Counts, Part};
use dabir_prose::{Kind, Mark, Node, clean};
use proptest::prelude::*;

use crate::make::*;

/// A part as one line: `+added`, `-removed`, `~changed`, blocks in brackets.
fn brief(part: &Part) -> String {
    let sign = match part.change {
        Change::Same => "",
        Change::Added => "+",
        Change::Removed => "-",
        Change::Changed => "~",
    };
    match &part.node.kind {
        Kind::Text { text, .. } => format!("{sign}{text}|"),
        kind => {
            let content: String = part.content.iter().map(brief).collect();
            format!("{sign}{}[{content}]", kind.name())
        }
    }
}

#[track_caller]
fn check(old: Vec<Node>, new: Vec<Node>, expected: &str) {
    assert_eq!(
        brief(&diff::compare(&doc(old), &doc(new))),
        format!("doc[{expected}]")
    );
}

#[test]
fn words_change_inside_their_block() {
    check(
        vec![p("جلسه فردا است")],
        vec![p("جلسه امروز است")],
        "paragraph[جلسه |-فردا|+امروز| است|]",
    );
    check(
        vec![p("a b c d")],
        vec![h(1, "a b c d")],
        "~heading[a b c d|]",
    );
    check(
        vec![p("a b c")],
        vec![line(vec![
            Node::text("a "),
            marked("b", &[Mark::Bold]),
            Node::text(" c"),
        ])],
        "paragraph[a |~b| c|]",
    );
}

#[test]
fn blocks_come_and_go_where_they_stood() {
    check(
        vec![p("یک دو سه"), p("چهار پنج شش")],
        vec![p("چهار پنج هفت")],
        "-paragraph[-یک دو سه|]paragraph[چهار پنج |-شش|+هفت|]",
    );
    check(
        vec![p("x")],
        vec![p("x"), p("y")],
        "paragraph[x|]+paragraph[+y|]",
    );
    check(
        vec![ul(vec![li(vec![p("الف")]), li(vec![p("ب")])])],
        vec![ul(vec![
            li(vec![p("الف")]),
            li(vec![p("میانه")]),
            li(vec![p("ب")]),
        ])],
        "bulletList[listItem[paragraph[الف|]]+listItem[+paragraph[+میانه|]]listItem[paragraph[ب|]]]",
    );
}

#[test]
fn changes_are_counted_and_written_as_json() {
    let part = diff::compare(
        &doc(vec![p("جلسه فردا است")]),
        &doc(vec![p("جلسه امروز عصر است")]),
    );
    assert_eq!(
        diff::count(&part),
        Counts {
            added: 2,
            removed: 1,
            changed: 0
        }
    );
    let json = serde_json::to_value(&part).unwrap();
    assert_eq!(json["content"][0]["content"][1]["change"], "removed");
    assert_eq!(json["content"][0]["content"][0].get("change"), None);
}

#[test]
fn long_documents_are_compared_in_time() {
    let page = |word: &str| doc((0..20_000).map(|n| p(&format!("{word} {n}"))).collect());
    let part = diff::compare(&page("یک"), &page("دو"));
    assert!(diff::count(&part).added >= 20_000);
}

/// One of the two versions out of the tree.
fn version(part: &Part, gone: Change) -> Option<Node> {
    (part.change != gone).then(|| {
        let content = part
            .content
            .iter()
            .filter_map(|child| version(child, gone))
            .collect();
        Node::new(part.node.kind.clone(), content).with_dir(part.node.dir)
    })
}

proptest! {
    #![proptest_config(tries(128))]

    #[test]
    fn the_new_version_stands_in_the_tree(old in documents(), new in documents()) {
        let part = diff::compare(&old, &new);
        let found = version(&part, Change::Removed).unwrap();
        prop_assert_eq!(show(&clean(&found.to_json()).unwrap()), show(&new));
    }

    #[test]
    fn nothing_changed_between_a_document_and_itself(doc in documents()) {
        prop_assert_eq!(diff::count(&diff::compare(&doc, &doc)), Counts::default());
    }
}
