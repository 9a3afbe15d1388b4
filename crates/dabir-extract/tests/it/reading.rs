//! Good files: their words, headings, links and facts.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, RgbImage};

use crate::helper::{Said, read};
use dabir_testing::hostile::archive::{deflated, document, docx, epub, stored, xlsx, zip};

fn headings(said: &Said) -> Vec<(u8, &str)> {
    said.headings
        .iter()
        .map(|one| (one.level, one.text.as_str()))
        .collect()
}

#[test]
fn a_word_document_tells_its_words_headings_links_and_facts() {
    let body = r#"<w:p><w:pPr><w:pStyle w:val="a1"/></w:pPr><w:r><w:t>گزارش &amp; برنامه</w:t></w:r></w:p>
        <w:p><w:r><w:t xml:space="preserve">می‌رود </w:t></w:r><w:r><w:t>Faculty</w:t><w:delText>gone</w:delText></w:r></w:p>
        <w:tbl><w:tr><w:tc><w:p><w:r><w:t>A</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>B</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"#;
    let styles = r#"<w:styles><w:style w:styleId="a1"><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style></w:styles>"#;
    let core = r#"<cp:p xmlns:dc="x" xmlns:cp="x" xmlns:dcterms="x"><dc:title>گزارش</dc:title><dc:creator>Sara</dc:creator><dcterms:created>2026-01-01T00:00:00Z</dcterms:created></cp:p>"#;
    let rels = r#"<Relationships><Relationship Id="1" Target="https://dabir.example/a" TargetMode="External"/><Relationship Id="2" Target="styles.xml"/></Relationships>"#;
    let said = read(
        "package",
        &zip(&[
            deflated("word/document.xml", document(body).as_bytes()),
            deflated("word/styles.xml", styles.as_bytes()),
            deflated("docProps/core.xml", core.as_bytes()),
            deflated("word/_rels/document.xml.rels", rels.as_bytes()),
            stored("word/vbaProject.bin", b"x"),
        ]),
    );
    assert!(said.is_done, "{said:?}");
    assert_eq!(said.about.format, "docx");
    assert_eq!(
        said.text(),
        "گزارش & برنامه\nمی\u{200c}رود Faculty\nA\n\tB\n\t"
    );
    assert_eq!(headings(&said), [(2, "گزارش & برنامه")]);
    assert_eq!(said.links, ["https://dabir.example/a"]);
    assert_eq!(said.about.title.as_deref(), Some("گزارش"));
    assert_eq!(said.about.author.as_deref(), Some("Sara"));
    assert_eq!(said.about.created.as_deref(), Some("2026-01-01T00:00:00Z"));
    assert!(said.about.macros);
}

#[test]
fn open_documents_are_read_whatever_they_are() {
    let content = r#"<office:document-content xmlns:text="t" xmlns:office="o" xmlns:xlink="x"><office:body><office:text>
        <text:h text:outline-level="1">سرفصل</text:h><text:p>متن <text:a xlink:href="https://a.example">پیوند</text:a></text:p>
        </office:text></office:body></office:document-content>"#;
    let kind = "application/vnd.oasis.opendocument.text";
    let said = read(
        "package",
        &zip(&[
            stored("mimetype", kind.as_bytes()),
            deflated("content.xml", content.as_bytes()),
        ]),
    );
    assert_eq!(said.about.format, "odt");
    assert_eq!(said.text(), "سرفصل\nمتن پیوند\n");
    assert_eq!(headings(&said), [(1, "سرفصل")]);
    assert_eq!(said.links, ["https://a.example"]);
    let content = r#"<c xmlns:table="t" xmlns:text="x"><table:table table:name="برگه"><table:table-row><table:table-cell><text:p>نام</text:p></table:table-cell><table:table-cell table:number-columns-repeated="1000000000"><text:p>2</text:p></table:table-cell></table:table-row></table:table></c>"#;
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    let said = read(
        "package",
        &zip(&[
            stored("mimetype", kind.as_bytes()),
            deflated("content.xml", content.as_bytes()),
        ]),
    );
    assert_eq!(said.about.format, "ods");
    assert_eq!(
        (said.parts[0].name.as_str(), said.text().as_str()),
        ("برگه", "نام\t2\t\n")
    );
}

#[test]
fn sheets_slides_and_books_have_parts() {
    let sheet = r#"<worksheet><sheetData><row><c t="s"><v>1</v></c><c><v>12.5</v></c><c t="inlineStr"><is><t>متن</t></is></c></row></sheetData></worksheet>"#;
    let shared = r#"<sst><si><t>a</t></si><si><r><t>ب</t></r><r><t>پ</t></r></si></sst>"#;
    let said = read(
        "package",
        &xlsx(
            deflated("xl/worksheets/sheet1.xml", sheet.as_bytes()),
            Some(deflated("xl/sharedStrings.xml", shared.as_bytes())),
        ),
    );
    assert_eq!(
        (said.about.format.as_str(), said.text().as_str()),
        ("xlsx", "بپ\t12.5\tمتن\t\n")
    );
    let slide = |text: &str| {
        format!(
            r#"<p:sld xmlns:p="p" xmlns:a="a"><p:sp><p:nvPr><p:ph type="title"/></p:nvPr><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sp></p:sld>"#
        )
    };
    let said = read(
        "package",
        &zip(&[
            deflated("ppt/presentation.xml", b"<p/>"),
            deflated("ppt/slides/slide10.xml", slide("Ten").as_bytes()),
            deflated("ppt/slides/slide2.xml", slide("Two").as_bytes()),
        ]),
    );
    assert_eq!(headings(&said), [(1, "Two"), (1, "Ten")]);
    assert_eq!(said.about.pages, Some(2));
    let chapters = [
        (
            "a.xhtml",
            "<html><head><title>x</title></head><body><h1>یک</h1><p>متن</p></body></html>",
        ),
        ("b.xhtml", "<p>دو</p>"),
    ];
    let said = read("package", &epub(&chapters, &["b.xhtml", "a.xhtml"]));
    assert_eq!(said.text(), "دو\n\nیک\nمتن\n");
    assert_eq!(said.about.title.as_deref(), Some("کتاب"));
    assert_eq!(said.about.author.as_deref(), Some("علی"));
}

#[test]
fn pages_and_plain_text_are_read_as_people_see_them() {
    let page = r#"<!doctype html><title>صفحه &amp; من</title><style>p{}</style><script>let a = "<p>no</p>"</script>
        <meta name="author" content="Sara"><h2>سر <b>فصل</b></h2><p>متن <a href="https://a.example/?a=1&amp;b=2">پیوند</a></p>"#;
    let said = read("html", page.as_bytes());
    assert_eq!(said.about.title.as_deref(), Some("صفحه & من"));
    assert_eq!(said.about.author.as_deref(), Some("Sara"));
    assert_eq!(headings(&said), [(2, "سر فصل")]);
    assert_eq!(said.links, ["https://a.example/?a=1&b=2"]);
    assert!(!said.text().contains("no") && said.text().contains("متن پیوند"));
    let said = read(
        "markdown",
        "# سر *فصل*\n\n[پیوند](https://a.example) و `code`\n\n- یک\n- دو\n".as_bytes(),
    );
    assert_eq!(said.text(), "سر فصل\nپیوند و code\nیک\nدو\n");
    assert_eq!(headings(&said), [(1, "سر فصل")]);
    let (old, _, _) = encoding_rs::WINDOWS_1256.encode("گزارش جلسه\r\nبعد");
    let said = read("text", &old);
    assert_eq!(said.text(), "گزارش جلسه\nبعد");
    assert_eq!(said.about.encoding.as_deref(), Some("windows-1256"));
    let said = read("csv", "نام;سن\n\"الف;ب\";۲\n".as_bytes());
    assert_eq!(said.text(), "نام\tسن\nالف;ب\t۲\n");
}

#[test]
fn a_picture_tells_its_size_and_a_small_one_of_it_is_drawn() {
    let mut png = Cursor::new(Vec::new());
    RgbImage::new(1_000, 500)
        .write_to(&mut png, ImageFormat::Png)
        .unwrap();
    let said = read("picture", &png.into_inner());
    assert_eq!(said.about.format, "png");
    assert_eq!(
        (said.about.width, said.about.height),
        (Some(1_000), Some(500))
    );
    let jpeg = STANDARD.decode(said.thumbnail.unwrap()).unwrap();
    let small = image::load_from_memory(&jpeg).unwrap();
    assert_eq!((small.width(), small.height()), (512, 256));
    let said = read("picture", b"GIF89a\x02\0\x03\0");
    assert_eq!((said.about.width, said.about.height), (Some(2), Some(3)));
}

#[test]
fn an_empty_document_is_read_and_says_nothing() {
    for (kind, bytes) in [
        ("text", Vec::new()),
        ("html", Vec::new()),
        ("package", docx("")),
    ] {
        let said = read(kind, &bytes);
        assert!(said.is_done && said.text().is_empty(), "{kind}");
    }
}
