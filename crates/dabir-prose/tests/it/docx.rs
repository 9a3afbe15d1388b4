//! Word documents out and in.

use std::io::Write;

use dabir_prose::Picture;
use dabir_prose::docx::{self, Limits};
use dabir_prose::schema::MAX_NODES;
use dabir_prose::{Align, Cell, Dir, Image, Kind, Mark, Node, clean};
use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::make::*;

/// A document goes to Word and comes back as it was.
#[track_caller]
fn check(content: Vec<Node>) {
    let doc = doc(content);
    let found = docx::parse(&docx::write(&doc).unwrap()).unwrap();
    assert_eq!(show(&found), show(&doc));
}

fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn word(body: &str) -> Vec<u8> {
    packed(&[(
        "word/document.xml",
        format!("<w:document xmlns:w='x'><w:body>{body}</w:body></w:document>").as_bytes(),
    )])
}

#[track_caller]
fn check_error(bytes: &[u8], code: &str) {
    let error = docx::parse(bytes).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
}

#[test]
fn persian_text_comes_back_as_it_was() {
    check(vec![
        h(1, "صورت‌جلسهٔ شورا"),
        line(vec![
            Node::text("می‌رویم به Tehran و 12:30 "),
            marked("مهم", &[Mark::Bold, Mark::Italic]),
            Node::text(" و "),
            marked("نشانی", &[link("https://example.org/?a=1&b=2")]),
            br(),
            marked("let x = \"<&>\";", &[Mark::Code]),
            marked(
                "\tرنگ  دو فاصله ",
                &[Mark::Strike, Mark::Underline, Mark::Highlight],
            ),
        ]),
        p("hello").with_dir(Some(Dir::Rtl)),
        p("سلام").with_dir(Some(Dir::Ltr)),
        line(vec![]),
        Node::leaf(Kind::HorizontalRule),
        quote(vec![p("نقل"), p("دوم")]),
        code(None, "fn f() {\n    // سلام\n}"),
    ]);
}

#[test]
fn lists_come_back_as_they_were() {
    check(vec![
        ul(vec![
            li(vec![
                p("یک"),
                ol(1, vec![li(vec![p("الف")]), li(vec![p("ب"), p("ادامه")])]),
            ]),
            li(vec![p("دو"), p("دنباله")]),
        ]),
        ol(7, vec![li(vec![p("هفت")])]),
        ol(1, vec![li(vec![p("a")])]),
        tasks(vec![
            task(true, vec![p("شد")]),
            task(
                false,
                vec![p("نه"), tasks(vec![task(false, vec![p("زیر")])])],
            ),
        ]),
        p("پایان"),
    ]);
}

#[test]
fn tables_come_back_as_they_were() {
    let cell = |colspan, rowspan, align, text: &str| {
        let cell = Cell {
            colspan,
            rowspan,
            align,
            ..Cell::default()
        };
        Node::new(Kind::TableCell(cell), vec![p(text)])
    };
    check(vec![table(vec![
        tr(vec![th("نام"), th("زمان"), th("x")]),
        tr(vec![
            cell(1, 2, Some(Align::Right), "دو سطر"),
            cell(2, 1, Some(Align::Center), "دو ستون"),
        ]),
        tr(vec![
            cell(1, 1, Some(Align::Left), "a"),
            cell(1, 1, None, "b"),
        ]),
    ])]);
}

#[test]
fn pictures_go_along() {
    let shown = Image {
        src: "/api/v1/files/f1/content".to_owned(),
        alt: Some("نمودار \"۱\"".to_owned()),
        width: Some(320),
        height: Some(200),
        title: None,
    };
    let doc = doc(vec![Node::leaf(Kind::Image(shown.clone()))]);
    let bytes = docx::write_with(&doc, &mut |_| {
        Some(Picture {
            bytes: vec![1, 2, 3],
            extension: "png",
            size: (640, 400),
        })
    })
    .unwrap();
    let mut stored = Vec::new();
    let found = docx::parse_with(&bytes, Limits::default(), &mut |name, bytes| {
        stored.push((name.to_owned(), bytes));
        Some(shown.src.clone())
    });
    assert_eq!(show(&found.unwrap()), show(&doc));
    assert_eq!(
        stored,
        [("word/media/image1.png".to_owned(), vec![1, 2, 3])]
    );
    assert_eq!(
        docx::parse(&docx::write(&doc).unwrap()).unwrap(),
        self::doc(vec![p("نمودار \"۱\"")])
    );
}

#[test]
fn what_word_writes_is_read() {
    let read = |body: &str| show(&docx::parse(&word(body)).unwrap());
    assert_eq!(
        read(
            "<w:p><w:ins><w:r><w:t>نو</w:t></w:r></w:ins><w:del><w:r><w:delText>کهنه</w:delText></w:r></w:del></w:p>"
        ),
        show(&doc(vec![p("نو")])),
    );
    assert_eq!(
        read(
            "<w:sdt><w:sdtContent><w:p><w:pPr><w:bidi/></w:pPr><w:r><w:rPr><w:rtl/><w:bCs/></w:rPr><w:t>&#x633;لام &amp; </w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        ),
        show(&doc(vec![line(vec![marked("سلام & ", &[Mark::Bold])])])),
    );
}

#[test]
fn hostile_files_get_named_errors() {
    check_error(b"", "document.not_docx");
    check_error(b"PK\x03\x04 not really", "document.not_docx");
    check_error(&packed(&[("a.txt", b"x")]), "document.not_docx");
    check_error(&word("<w:p>"), "document.not_docx");
    check_error(
        &packed(&[(
            "word/document.xml",
            b"<!DOCTYPE x [<!ENTITY a 'b'>]><w:document><w:body/></w:document>",
        )]),
        "document.not_docx",
    );
    check_error(
        &word("<w:p><w:r><w:t>&lol;</w:t></w:r></w:p>"),
        "document.not_docx",
    );
    check_error(&word(&"<w:sdt>".repeat(300)), "document.too_deep");
    check_error(&word(&" ".repeat(30 * 1024 * 1024)), "document.bomb");
    let texts: String = (0..=MAX_NODES).map(|n| format!("<w:t>{n}</w:t>")).collect();
    check_error(
        &word(&format!("<w:p><w:r>{texts}</w:r></w:p>")),
        "document.too_many_nodes",
    );
    let many: Vec<String> = (0..2_001).map(|n| format!("f{n}")).collect();
    let many: Vec<(&str, &[u8])> = many
        .iter()
        .map(|name| (name.as_str(), b"".as_slice()))
        .collect();
    check_error(&packed(&many), "document.bomb");
    let mut broken = docx::write(&doc(vec![p("سلام")])).unwrap();
    let half = broken.len() / 2;
    broken.truncate(half);
    check_error(&broken, "document.not_docx");
}

proptest! {
    #![proptest_config(tries(128))]

    #[test]
    fn every_document_can_be_written_and_read(doc in documents()) {
        let found = docx::parse(&docx::write(&doc).unwrap()).unwrap();
        prop_assert_eq!(show(&clean(&found.to_json()).unwrap()), show(&found));
    }

    #[test]
    fn damaged_files_never_panic(doc in documents(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = docx::write(&doc).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        match docx::parse(&bytes) {
            Ok(found) => prop_assert!(found.kind == Kind::Doc),
            Err(error) => prop_assert_ne!(error.code(), "document.not_a_document"),
        }
    }
}
