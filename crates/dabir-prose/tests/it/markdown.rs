//! Markdown out and in.

use std::time::Instant;

use dabir_prose::{Align, Cell, Dir, Image, Kind, Mark, Node, clean, dir, markdown};
use proptest::prelude::*;

use crate::make::*;

/// `source` is what we write for `expected`, and means it.
#[track_caller]
fn check(source: &str, expected: Vec<Node>) {
    let expected = doc(expected);
    assert_eq!(markdown::write(&expected).trim_end(), source);
    check_read(source, expected.content);
}

#[track_caller]
fn check_write(text: &str, expected: &str) {
    assert!(markdown::write(&doc(vec![p(text)])) == expected);
}

#[track_caller]
fn check_read(source: &str, expected: Vec<Node>) {
    assert_eq!(
        show(&markdown::parse(source).unwrap()),
        show(&doc(expected)),
        "{source}"
    );
}

#[test]
fn blocks_are_written_as_a_person_would() {
    check("# صورت‌جلسه\n\nمی‌روم.", vec![h(1, "صورت‌جلسه"), p("می‌روم.")]);
    check(
        "- یک\n- دو\n  1. الف\n  2. ب",
        vec![ul(vec![
            li(vec![p("یک")]),
            li(vec![
                p("دو"),
                ol(1, vec![li(vec![p("الف")]), li(vec![p("ب")])]),
            ]),
        ])],
    );
    check(
        "7. a\n8. b",
        vec![ol(7, vec![li(vec![p("a")]), li(vec![p("b")])])],
    );
    check(
        "- [x] شد\n- [ ] نه",
        vec![tasks(vec![
            task(true, vec![p("شد")]),
            task(false, vec![p("نه")]),
        ])],
    );
    check(
        "- a\n\n* b",
        vec![ul(vec![li(vec![p("a")])]), ul(vec![li(vec![p("b")])])],
    );
    check("> الف\n>\n> ب", vec![quote(vec![p("الف"), p("ب")])]);
    check(
        "```rust\nfn f() {}\n```",
        vec![code(Some("rust"), "fn f() {}")],
    );
    check("````\na\n```\nb\n````", vec![code(None, "a\n```\nb")]);
    check(
        "a\n\n***\n\nb",
        vec![p("a"), Node::leaf(Kind::HorizontalRule), p("b")],
    );
    check(
        "![نمودار](/api/v1/files/f1/content)",
        vec![picture("f1", Some("نمودار"))],
    );
    check(
        "الف\\\nب",
        vec![line(vec![Node::text("الف"), br(), Node::text("ب")])],
    );
    check(
        "- الف\n\n  ```\n  x\n  ```\n\n- ب",
        vec![ul(vec![
            li(vec![p("الف"), code(None, "x")]),
            li(vec![p("ب")]),
        ])],
    );
}

#[test]
fn tables_are_tables_when_markdown_has_them() {
    let right = |head: bool, text: &str| {
        let cell = Cell {
            align: Some(Align::Right),
            ..Cell::default()
        };
        Node::new(
            if head {
                Kind::TableHeader(cell)
            } else {
                Kind::TableCell(cell)
            },
            vec![p(text)],
        )
    };
    check(
        "| نام | عدد |\n| --- | --: |\n| a\\|b | ۱ |",
        vec![table(vec![
            tr(vec![th("نام"), right(true, "عدد")]),
            tr(vec![td("a|b"), right(false, "۱")]),
        ])],
    );
    let spread = Node::new(
        Kind::TableCell(Cell {
            colspan: 2,
            ..Cell::default()
        }),
        vec![p("ب")],
    );
    let written = markdown::write(&doc(vec![table(vec![
        tr(vec![td("a"), td("b")]),
        tr(vec![spread]),
    ])]));
    assert!(written.starts_with("<table dir=\"ltr\">"), "{written}");
}

#[test]
fn marks_are_written_as_a_person_would() {
    check(
        "**مهم** و *کج* و ~~نه~~ و `code`",
        vec![line(vec![
            marked("مهم", &[Mark::Bold]),
            Node::text(" و "),
            marked("کج", &[Mark::Italic]),
            Node::text(" و "),
            marked("نه", &[Mark::Strike]),
            Node::text(" و "),
            marked("code", &[Mark::Code]),
        ])],
    );
    check(
        "***هر دو***",
        vec![line(vec![marked("هر دو", &[Mark::Bold, Mark::Italic])])],
    );
    check(
        "<u>زیر</u> <mark>رنگ</mark>",
        vec![line(vec![
            marked("زیر", &[Mark::Underline]),
            Node::text(" "),
            marked("رنگ", &[Mark::Highlight]),
        ])],
    );
    check(
        "[نشانی](https://example.org/a_b) و [@علی](mention:u1)",
        vec![line(vec![
            marked("نشانی", &[link("https://example.org/a_b")]),
            Node::text(" و "),
            mention("u1", "علی"),
        ])],
    );
    check("``a`b``", vec![line(vec![marked("a`b", &[Mark::Code])])]);
    check(
        "<strong>سلام\\!</strong>ها",
        vec![line(vec![marked("سلام!", &[Mark::Bold]), Node::text("ها")])],
    );
}

#[test]
fn signs_mean_themselves() {
    check(
        "\\# نه \\*\\*نه\\*\\* snake_case \\<b> 1. \\[x\\] a\\|b R&D x",
        vec![p("# نه **نه** snake_case <b> 1. [x] a|b R&D x")],
    );
    check("1\\. سال", vec![p("1. سال")]);
    check("\\- x", vec![p("- x")]);
    check("&#32;x", vec![p(" x")]);
}

#[test]
fn a_chosen_direction_is_kept() {
    check(
        "<div dir=\"rtl\">\n\nhello\n\n</div>\n\nworld",
        vec![p("hello").with_dir(Some(Dir::Rtl)), p("world")],
    );
}

#[test]
fn what_others_write_is_read() {
    check_read("---\ntitle: x\n---\n\nسلام", vec![p("سلام")]);
    check_read(
        "Title\n=====\n\n* a\n\n  b\n* c",
        vec![
            h(1, "Title"),
            ul(vec![li(vec![p("a"), p("b")]), li(vec![p("c")])]),
        ],
    );
    check_read(
        "a\nb  \nc",
        vec![line(vec![Node::text("a b"), br(), Node::text("c")])],
    );
    check_read("##### پنج", vec![h(4, "پنج")]);
    check_read("    code\n    more", vec![code(None, "code\nmore")]);
    check_read(
        "<https://a.ir> [x][1]\n\n[1]: javascript:alert(1)",
        vec![line(vec![
            marked("https://a.ir", &[link("https://a.ir")]),
            Node::text(" x"),
        ])],
    );
    check_read("a <script>alert(1)</script> b", vec![p("a alert(1) b")]);
    check_read(
        "<script>\nalert(1)\n</script>\n\n<iframe src=x></iframe>\n\nb",
        vec![p("b")],
    );
    check_read(
        "![x](https://a.ir/1.png)",
        vec![line(vec![marked("x", &[link("https://a.ir/1.png")])])],
    );
    check_read("[a](<javascript:x>)", vec![p("a")]);
    check_read("", vec![line(vec![])]);
}

#[test]
fn pictures_find_their_files() {
    let found = markdown::parse_with("![الف](pics/1.png \"ب\")", &mut |name| {
        (name == "pics/1.png").then(|| "/api/v1/files/f1/content".to_owned())
    });
    let image = Image {
        src: "/api/v1/files/f1/content".to_owned(),
        alt: Some("الف".to_owned()),
        title: Some("ب".to_owned()),
        ..Image::default()
    };
    assert_eq!(found.unwrap(), doc(vec![Node::leaf(Kind::Image(image))]));
}

#[test]
fn what_is_under_an_item_of_html_stays_under_it() {
    let item = markdown::parse("- <p><br><br></p>\n\n  - زیر").unwrap();
    let written = markdown::write(&item);
    assert!(written.contains("\n\n  - زیر"), "{written}");
    assert_eq!(markdown::parse(&written).unwrap(), item);
}

#[test]
fn a_task_of_spaces_keeps_them() {
    let task = r#"<ul data-type="taskList"><li data-type="taskItem" data-checked="false"><p>&nbsp; </p></li></ul>"#;
    let task = markdown::parse(task).unwrap();
    let written = markdown::write(&task);
    assert!(written.contains(">\u{a0}</p>"), "{written}");
    assert_eq!(markdown::parse(&written).unwrap(), task, "{written}");
}

#[test]
fn a_long_run_of_spaces_is_written_soon() {
    let start = Instant::now();
    let spaces = " ".repeat(100_000);
    check_write(&format!("a{spaces}b"), &format!("a{spaces}b\n"));
    let edges = "&#32;".repeat(100_000);
    check_write(&format!("{spaces}a{spaces}"), &format!("{edges}a{edges}\n"));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn what_nests_without_end_is_unwrapped() {
    for source in [
        ">".repeat(50_000),
        "- ".repeat(5_000),
        "*a **b ".repeat(20_000),
        "[".repeat(50_000),
        "<b>".repeat(50_000),
        "![".repeat(20_000),
    ] {
        let found = markdown::parse(&format!("{source} پایان")).unwrap();
        assert!(dabir_prose::text::plain(&found).contains("پایان"));
        assert_eq!(clean(&found.to_json()).unwrap(), found);
    }
}

proptest! {
    #![proptest_config(tries(256))]

    #[test]
    fn what_is_written_is_read_again(mut doc in documents()) {
        dir::forget_obvious(&mut doc);
        let written = markdown::write(&doc);
        prop_assert_eq!(show(&markdown::parse(&written).unwrap()), show(&doc), "{}", written);
    }

    #[test]
    fn any_text_is_a_clean_document(text in "([-*+>#|`~_\\[\\]()!<>&:=. \n\t1x]|<div dir=\"rtl\">|</div>|<p>|سلام|\\PC){0,60}") {
        let found = markdown::parse(&text).unwrap();
        prop_assert_eq!(show(&clean(&found.to_json()).unwrap()), show(&found));
    }
}
