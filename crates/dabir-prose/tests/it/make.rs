//! Documents for tests: short words for trees, and trees by chance.

use dabir_prose::{Align, Cell, Dir, Image, Kind, Mark, Node, clean};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

pub(crate) fn doc(content: Vec<Node>) -> Node {
    Node::new(Kind::Doc, content)
}

pub(crate) fn p(text: &str) -> Node {
    Node::paragraph(vec![Node::text(text)])
}

pub(crate) fn line(pieces: Vec<Node>) -> Node {
    Node::paragraph(pieces)
}

pub(crate) fn h(level: u8, text: &str) -> Node {
    Node::new(Kind::Heading { level }, vec![Node::text(text)])
}

pub(crate) fn li(content: Vec<Node>) -> Node {
    Node::new(Kind::ListItem, content)
}

pub(crate) fn ul(items: Vec<Node>) -> Node {
    Node::new(Kind::BulletList, items)
}

pub(crate) fn ol(start: u32, items: Vec<Node>) -> Node {
    Node::new(Kind::OrderedList { start }, items)
}

pub(crate) fn task(checked: bool, content: Vec<Node>) -> Node {
    Node::new(Kind::TaskItem { checked }, content)
}

pub(crate) fn tasks(items: Vec<Node>) -> Node {
    Node::new(Kind::TaskList, items)
}

pub(crate) fn code(language: Option<&str>, text: &str) -> Node {
    let language = language.map(str::to_owned);
    Node::new(Kind::CodeBlock { language }, vec![Node::text(text)])
}

pub(crate) fn quote(content: Vec<Node>) -> Node {
    Node::new(Kind::Blockquote, content)
}

pub(crate) fn br() -> Node {
    Node::leaf(Kind::HardBreak)
}

pub(crate) fn mention(id: &str, label: &str) -> Node {
    Node::leaf(Kind::Mention {
        id: id.to_owned(),
        label: label.to_owned(),
    })
}

pub(crate) fn link(href: &str) -> Mark {
    Mark::Link {
        href: href.to_owned(),
    }
}

pub(crate) fn marked(text: &str, marks: &[Mark]) -> Node {
    Node::marked(text, marks.to_vec())
}

pub(crate) fn th(text: &str) -> Node {
    Node::new(Kind::TableHeader(Cell::default()), vec![p(text)])
}

pub(crate) fn td(text: &str) -> Node {
    Node::new(Kind::TableCell(Cell::default()), vec![p(text)])
}

pub(crate) fn tr(cells: Vec<Node>) -> Node {
    Node::new(Kind::TableRow, cells)
}

pub(crate) fn table(rows: Vec<Node>) -> Node {
    Node::new(Kind::Table, rows)
}

pub(crate) fn picture(id: &str, alt: Option<&str>) -> Node {
    Node::leaf(Kind::Image(Image {
        src: format!("/api/v1/files/{id}/content"),
        alt: alt.map(str::to_owned),
        ..Image::default()
    }))
}

/// A document in one line, for a failure that can be read.
pub(crate) fn show(node: &Node) -> String {
    node.to_json().to_string()
}

/// `cases` tries, none of them kept in a file.
pub(crate) fn tries(cases: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    }
}

/// Words that break careless writers: Persian with ZWNJ, signs of Markdown, HTML and XML, spaces.
fn words() -> impl Strategy<Value = String> {
    let tricky = prop::sample::select(vec![
        "سلام",
        "می‌روم",
        "کتاب‌ها",
        "«نقل»",
        "۱۴۰۵/۰۸/۲۹",
        "؟",
        "گفت:",
        "Rust",
        "hello",
        "a",
        "1.",
        "1)",
        "12",
        "-",
        "+",
        "*",
        "**",
        "_",
        "__",
        "~",
        "~~",
        "`",
        "``",
        "#",
        "##",
        ">",
        "<",
        "<b>",
        "</div>",
        "&",
        "&amp;",
        "&#32;",
        "\\",
        "|",
        "[",
        "]",
        "(",
        ")",
        "[x]",
        "[ ]",
        "![",
        "](",
        "http://a.ir",
        "a@b.ir",
        "www.a.ir",
        "!",
        "=",
        "===",
        "---",
        "***",
        ":",
        "\"",
        "'",
        "\u{200f}",
        "\u{200c}",
        "\u{a0}",
        "\t",
        "😀",
        "é",
        "{",
        "}",
        "$",
        "^",
        ".",
        ",",
    ]);
    let space = prop::sample::select(vec![" ", " ", " ", "", "  "]);
    vec((tricky, space), 1..7).prop_map(|pairs| {
        pairs
            .into_iter()
            .map(|(word, space)| format!("{word}{space}"))
            .collect()
    })
}

fn marks() -> impl Strategy<Value = Vec<Mark>> {
    let one = prop_oneof![
        Just(Mark::Bold),
        Just(Mark::Italic),
        Just(Mark::Strike),
        Just(Mark::Code),
        Just(Mark::Underline),
        Just(Mark::Highlight),
        prop::sample::select(vec![
            "https://example.org/a_b*c",
            "https://fa.example.org/راهنما?q=1&r=(2)",
            "mailto:ali@example.org",
            "tel:+98211234",
            "/docs/7#بخش",
            "#s2",
        ])
        .prop_map(link),
    ];
    vec(one, 0..4).prop_map(Mark::arrange)
}

fn pieces() -> impl Strategy<Value = Vec<Node>> {
    let piece = prop_oneof![
        8 => (words(), marks()).prop_map(|(text, marks)| Node::marked(text, marks)),
        1 => Just(br()),
        1 => (prop::sample::select(vec!["u1", "user:9 )", "کاربر"]), words())
            .prop_map(|(id, label)| mention(id, &label)),
    ];
    vec(piece, 0..5)
}

fn dir() -> impl Strategy<Value = Option<Dir>> {
    prop_oneof![6 => Just(None), 1 => Just(Some(Dir::Rtl)), 1 => Just(Some(Dir::Ltr))]
}

fn cell() -> impl Strategy<Value = Cell> {
    let align = option::weighted(
        0.3,
        prop::sample::select(vec![Align::Left, Align::Center, Align::Right]),
    );
    (
        align,
        prop_oneof![9 => Just(1_u32), 1 => Just(2)],
        prop_oneof![9 => Just(1_u32), 1 => Just(2)],
    )
        .prop_map(|(align, colspan, rowspan)| Cell {
            colspan,
            rowspan,
            align,
            ..Cell::default()
        })
}

fn image() -> impl Strategy<Value = Node> {
    (
        option::of(words()),
        option::weighted(0.3, words()),
        option::weighted(0.3, 1_u32..2_000),
    )
        .prop_map(|(alt, title, width)| {
            Node::leaf(Kind::Image(Image {
                src: "/api/v1/files/f-1/content".to_owned(),
                alt,
                title,
                width,
                height: None,
            }))
        })
}

fn code_text() -> impl Strategy<Value = String> {
    vec(words(), 0..4).prop_map(|lines| lines.join("\n"))
}

fn leaf_block() -> impl Strategy<Value = Node> {
    prop_oneof![
        6 => (pieces(), dir()).prop_map(|(line, dir)| Node::paragraph(line).with_dir(dir)),
        2 => (1_u8..=4, pieces(), dir())
            .prop_map(|(level, line, dir)| Node::new(Kind::Heading { level }, line).with_dir(dir)),
        1 => (prop::sample::select(vec![None, Some("rust"), Some("c++")]), code_text())
            .prop_map(|(language, text)| code(language, &text)),
        1 => Just(Node::leaf(Kind::HorizontalRule)),
        1 => image(),
    ]
}

fn block() -> impl Strategy<Value = Node> {
    leaf_block().prop_recursive(3, 24, 4, |inner| {
        let blocks = || vec(inner.clone(), 0..4);
        let row = vec((any::<bool>(), cell(), vec(inner.clone(), 0..3)), 1..4).prop_map(|cells| {
            tr(cells
                .into_iter()
                .map(|(head, cell, content)| {
                    let kind = if head {
                        Kind::TableHeader(cell)
                    } else {
                        Kind::TableCell(cell)
                    };
                    Node::new(kind, content)
                })
                .collect())
        });
        prop_oneof![
            (vec(blocks().prop_map(li), 1..4), dir())
                .prop_map(|(items, dir)| ul(items).with_dir(dir)),
            (
                prop::sample::select(vec![0_u32, 1, 7, 999]),
                vec(blocks().prop_map(li), 1..4)
            )
                .prop_map(|(start, items)| ol(start, items)),
            vec(
                (any::<bool>(), blocks()).prop_map(|(c, b)| task(c, b)),
                1..4
            )
            .prop_map(tasks),
            (blocks(), dir()).prop_map(|(content, dir)| quote(content).with_dir(dir)),
            vec(row, 1..4).prop_map(table),
        ]
    })
}

/// Clean documents with everything in them.
pub(crate) fn documents() -> impl Strategy<Value = Node> {
    vec(block(), 0..6).prop_map(|blocks| clean(&doc(blocks).to_json()).unwrap())
}

/// JSON that looks like a document and is not quite one.
pub(crate) fn garbage() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "doc",
        "paragraph",
        "heading",
        "bulletList",
        "orderedList",
        "listItem",
        "taskList",
        "taskItem",
        "blockquote",
        "codeBlock",
        "horizontalRule",
        "hardBreak",
        "image",
        "table",
        "tableRow",
        "tableHeader",
        "tableCell",
        "mention",
        "text",
        "iframe",
        "",
        "script",
    ]);
    let value = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words().prop_map(Value::from),
        prop::sample::select(vec![
            "javascript:alert(1)",
            "//evil",
            "/api/v1/files/x/content",
            "rtl",
            "auto",
            "7",
            "-1"
        ])
        .prop_map(Value::from),
        Just(json!([1, "x", -3])),
    ];
    let attr = prop::sample::select(vec![
        "level", "start", "checked", "src", "alt", "colspan", "rowspan", "align", "colwidth", "id",
        "label", "dir", "href", "onclick", "language", "width",
    ]);
    let attrs = vec((attr, value), 0..4).prop_map(|pairs| {
        Value::Object(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
    });
    let mark = prop::sample::select(vec!["bold", "link", "comment", "code", "blink"]);
    let marks = vec((mark, attrs.clone()), 0..3).prop_map(|marks| {
        marks
            .into_iter()
            .map(|(kind, attrs)| json!({"type": kind, "attrs": attrs}))
            .collect::<Vec<_>>()
    });
    let text = prop_oneof![words(), any::<String>()];
    let leaf = prop_oneof![
        3 => (text, marks).prop_map(|(text, marks)| json!({"type": "text", "text": text, "marks": marks})),
        1 => (name.clone(), attrs.clone()).prop_map(|(name, attrs)| json!({"type": name, "attrs": attrs})),
        1 => Just(Value::Null),
        1 => Just(json!([])),
    ];
    leaf.prop_recursive(6, 60, 5, move |inner| {
        (name.clone(), attrs.clone(), vec(inner, 0..5)).prop_map(
            |(name, attrs, content)| json!({"type": name, "attrs": attrs, "content": content}),
        )
    })
    .prop_map(|node| json!({"type": "doc", "content": [node]}))
}
