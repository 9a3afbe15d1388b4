//! Files made to do harm: each is refused by name, or read within bounds.

use std::time::{Duration, Instant};

use dabir_extract::Code;
use dabir_extract::model::MAX_TEXT;

use crate::archive::{
    Entry, around, deflated, document, docx, epub, many, stored, xlsx, zip, zip_counted,
};
use crate::helper::read;
use crate::pdfs;

/// What is to become of a file.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Refused(Code),
    /// Read to its end, or as far as text is taken.
    Read,
    /// One or the other.
    Either,
}

use Fate::{Either, Read, Refused};

struct Case(&'static str, &'static str, Vec<u8>, Fate);

const DOCUMENT: &str = "word/document.xml";
/// No file may take longer.
const LONGEST: Duration = Duration::from_secs(60);

fn check(cases: Vec<Case>) {
    for Case(name, kind, bytes, fate) in cases {
        let begun = Instant::now();
        let said = read(kind, &bytes);
        assert!(
            begun.elapsed() < LONGEST,
            "{name} took {:?}",
            begun.elapsed()
        );
        assert!(said.text().len() <= MAX_TEXT + said.parts.len(), "{name}");
        let is_fine = match (fate, said.refused) {
            (Refused(code), Some(refused)) => code == refused,
            (Read, None) => said.is_done,
            (Either, refused) => said.is_done || refused.is_some(),
            _ => false,
        };
        assert!(is_fine, "{name}: {fate:?}, and not {:?}", said.refused);
    }
}

fn body(inner: &[u8]) -> Entry {
    deflated(DOCUMENT, inner)
}

fn word(text: &str) -> Entry {
    body(document(&format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")).as_bytes())
}

#[test]
fn archives_that_unpack_to_more_than_they_are() {
    let bomb = || many(DOCUMENT, b' ', 21 << 20);
    let nested = zip(&[stored("inner.zip", &zip(&[bomb()]))]);
    let sized = Entry { size: 10, ..bomb() };
    let big = vec![b' '; 65 << 20];
    let half = vec![b' '; 51 << 20];
    check(vec![
        Case(
            "a flat bomb",
            "package",
            zip(&[bomb()]),
            Refused(Code::Ratio),
        ),
        Case(
            "a bomb in a bomb",
            "package",
            nested,
            Refused(Code::UnknownKind),
        ),
        Case(
            "a bomb that says it is small",
            "package",
            zip(&[sized]),
            Refused(Code::Ratio),
        ),
        Case(
            "a part of 65 MiB",
            "package",
            zip(&[stored(DOCUMENT, &big)]),
            Refused(Code::TooLarge),
        ),
        Case(
            "two parts of 51 MiB",
            "package",
            zip(&[
                stored("word/styles.xml", &[b"<a>", &half[..], b"</a>"].concat()),
                stored(DOCUMENT, &[b"<a>", &half[..], b"</a>"].concat()),
            ]),
            Refused(Code::TooLarge),
        ),
        Case(
            "a bomb for a mimetype",
            "package",
            zip(&[many("mimetype", b'a', 21 << 20)]),
            Refused(Code::Ratio),
        ),
    ]);
}

#[test]
fn archives_whose_directories_lie() {
    let two = [word("a"), deflated("b.xml", b"<b/>")];
    let shared = [
        word("a"),
        Entry {
            at: Some(0),
            ..deflated("b.xml", b"<b/>")
        },
    ];
    let long = [
        Entry {
            packed_size: Some(5_000),
            ..word("a")
        },
        deflated("b.xml", b"<b/>"),
    ];
    let text = document("<w:p><w:r><w:t>a</w:t></w:r></w:p>");
    let inner = stored("b.xml", text.as_bytes());
    // Its own bytes, and then the other's head with its name, are what stands before those it reads.
    let skipped = text.len() + 30 + inner.name.len();
    let behind = Entry {
        extra: u16::try_from(skipped).unwrap(),
        ..stored(DOCUMENT, text.as_bytes())
    };
    let last = Entry {
        extra: 1,
        ..stored("c.xml", b"<c/>")
    };
    let beyond = [Entry {
        at: Some(4_000_000),
        ..word("a")
    }];
    let within = [Entry {
        at: Some(3),
        packed_size: Some(1),
        ..word("a")
    }];
    let entries: Vec<Entry> = (0..2_001).map(|n| stored(&format!("{n}"), b"")).collect();
    let named = |name: &str| zip(&[word("a"), stored(name, b"x")]);
    let link = zip(&[
        word("a"),
        Entry {
            mode: 0o120_777,
            ..stored("link", b"/etc/passwd")
        },
    ]);
    let whole = zip(&two);
    let half = whole[..whole.len() / 2].to_vec();
    let headless = whole[..whole.len() - 22].to_vec();
    let polyglot = [b"%PDF-1.7\n%polyglot\n".as_slice(), &whole].concat();
    check(vec![
        Case(
            "entries that share bytes",
            "package",
            zip(&shared),
            Refused(Code::Overlap),
        ),
        Case(
            "a length beyond the next",
            "package",
            zip(&long),
            Refused(Code::Overlap),
        ),
        Case(
            "a head that leads to the bytes of the next",
            "package",
            zip(&[behind, inner]),
            Refused(Code::Overlap),
        ),
        Case(
            "a head that leads into the directory",
            "package",
            zip(&[word("a"), last]),
            Refused(Code::Overlap),
        ),
        Case(
            "a place beyond the end",
            "package",
            zip(&beyond),
            Refused(Code::Overlap),
        ),
        Case(
            "a place in between",
            "package",
            zip(&within),
            Refused(Code::Damaged),
        ),
        Case(
            "one name twice",
            "package",
            zip(&[word("a"), word("b")]),
            Refused(Code::Overlap),
        ),
        Case(
            "one name in two cases",
            "package",
            named("WORD/document.xml"),
            Refused(Code::Overlap),
        ),
        Case(
            "2,001 entries",
            "package",
            zip(&entries),
            Refused(Code::TooManyEntries),
        ),
        Case(
            "65,535 entries",
            "package",
            zip_counted(&two, Some(65_535)),
            Refused(Code::TooLarge),
        ),
        Case(
            "more entries than there are",
            "package",
            zip_counted(&two, Some(9)),
            Refused(Code::Damaged),
        ),
        Case(
            "a name above",
            "package",
            named("../../etc/cron.d/x"),
            Refused(Code::Path),
        ),
        Case(
            "a name from the root",
            "package",
            named("/etc/passwd"),
            Refused(Code::Path),
        ),
        Case(
            "a name with backslashes",
            "package",
            named("..\\x"),
            Refused(Code::Path),
        ),
        Case(
            "a name of a drive",
            "package",
            named("C:x"),
            Refused(Code::Path),
        ),
        Case("a link", "package", link, Refused(Code::Path)),
        Case(
            "a password",
            "package",
            zip(&[Entry {
                flags: 1,
                ..word("a")
            }]),
            Refused(Code::Encrypted),
        ),
        Case(
            "an unknown method",
            "package",
            zip(&[Entry {
                method: 99,
                ..word("a")
            }]),
            Refused(Code::Damaged),
        ),
        Case("half an archive", "package", half, Refused(Code::Damaged)),
        Case("no directory", "package", headless, Refused(Code::Damaged)),
        Case(
            "an archive behind a PDF",
            "package",
            polyglot,
            Refused(Code::Damaged),
        ),
        Case(
            "bytes at random",
            "package",
            vec![0x5a; 100_000],
            Refused(Code::Damaged),
        ),
        Case("nothing", "package", Vec::new(), Refused(Code::Damaged)),
        Case(
            "what does not inflate",
            "package",
            zip(&[Entry {
                packed: vec![0xff; 99],
                ..word("a")
            }]),
            Refused(Code::Damaged),
        ),
    ]);
}

#[test]
fn xml_that_is_not_what_it_seems() {
    let xml = |text: &[u8]| zip(&[body(text)]);
    let laughs = br#"<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>"#;
    let outside = br#"<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>"#;
    let parameter = br#"<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>"#;
    let deep = "<a>".repeat(10_000);
    let attributes: String = (0..100_000).map(|n| format!(" a{n}='1'")).collect();
    let long = [b"<a b='".as_slice(), &vec![b'x'; 20 << 20], b"'/>"].concat();
    check(vec![
        Case(
            "a billion laughs",
            "package",
            xml(laughs),
            Refused(Code::Entities),
        ),
        Case(
            "an entity elsewhere",
            "package",
            xml(outside),
            Refused(Code::Entities),
        ),
        Case(
            "a document type elsewhere",
            "package",
            xml(parameter),
            Refused(Code::Entities),
        ),
        Case(
            "an entity nobody declared",
            "package",
            docx("&lol;"),
            Refused(Code::Entities),
        ),
        Case(
            "10,000 deep",
            "package",
            xml(deep.as_bytes()),
            Refused(Code::TooDeep),
        ),
        Case(
            "a tag without end",
            "package",
            xml(b"<a><b"),
            Refused(Code::Damaged),
        ),
        Case(
            "tags that cross",
            "package",
            xml(b"<a><b></a></b>"),
            Refused(Code::Damaged),
        ),
        Case(
            "no UTF-8",
            "package",
            xml(b"<a>\xff\xfe\xfa</a>"),
            Refused(Code::Damaged),
        ),
        Case(
            "100,000 attributes",
            "package",
            xml(format!("<a{attributes}/>").as_bytes()),
            Read,
        ),
        Case(
            "an attribute of 20 MiB",
            "package",
            zip(&[stored(DOCUMENT, &long)]),
            Refused(Code::TooLarge),
        ),
        Case(
            "NULs and bidi controls",
            "package",
            zip(&[word("a&#0;\u{202e}b")]),
            Either,
        ),
    ]);
    let said = read("package", &zip(&[word("a\u{202e}\u{2066}b")]));
    assert_eq!(said.text(), "ab\n");
}

#[test]
fn documents_that_have_no_end() {
    let text = "متن ".repeat(1_500_000);
    let much = stored(
        DOCUMENT,
        document(&format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")).as_bytes(),
    );
    let cell = r#"<c r="XFD1048576" t="s"><v>99999999999</v></c>"#;
    let cells = format!(
        "<sheet><dimension ref=\"A1:XFD1048576\"/><row r=\"1048576\">{}</row></sheet>",
        cell.repeat(1_000)
    );
    let sheet = || deflated("xl/worksheets/sheet1.xml", cells.as_bytes());
    let strings = format!(
        "<sst count=\"4000000000\">{}</sst>",
        "<si/>".repeat(1_500_000)
    );
    let shared = stored("xl/sharedStrings.xml", strings.as_bytes());
    let rows = r#"<table-row number-rows-repeated="1000000000"><table-cell number-columns-repeated="1000000000"><p>x</p></table-cell></table-row>"#;
    let content = format!("<c><table name=\"a\">{rows}</table></c>");
    let odf = |entries: &[Entry]| {
        let kind = stored(
            "mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet",
        );
        zip(&[std::slice::from_ref(&kind), entries].concat())
    };
    let encrypted = deflated("META-INF/manifest.xml", b"<m><e><encryption-data/></e></m>");
    let loops = ["a.xhtml"; 10_000];
    let outside = [("../../../etc/passwd", ""), ("a.xhtml", "<p>x")];
    let container = br#"<!DOCTYPE c [<!ENTITY a "b">]><container/>"#;
    let book = stored("mimetype", b"application/epub+zip");
    check(vec![
        Case("10 MiB of text", "package", zip(&[much]), Read),
        Case("a billion cells", "package", xlsx(sheet(), None), Read),
        Case(
            "strings without end",
            "package",
            xlsx(sheet(), Some(shared)),
            Refused(Code::TooLarge),
        ),
        Case(
            "rows a billion times",
            "package",
            odf(&[deflated("content.xml", content.as_bytes())]),
            Read,
        ),
        Case(
            "a sheet with a password",
            "package",
            odf(&[encrypted]),
            Refused(Code::Encrypted),
        ),
        Case(
            "a sheet without content",
            "package",
            odf(&[]),
            Refused(Code::Damaged),
        ),
        Case(
            "a book that goes in circles",
            "package",
            epub(&[("a.xhtml", "<p>x")], &loops),
            Read,
        ),
        Case(
            "a chapter elsewhere",
            "package",
            epub(&outside, &["../../../etc/passwd", "a.xhtml"]),
            Read,
        ),
        Case(
            "a book without a beginning",
            "package",
            zip(std::slice::from_ref(&book)),
            Refused(Code::Damaged),
        ),
        Case(
            "a book with entities",
            "package",
            zip(&[book, deflated("META-INF/container.xml", container)]),
            Refused(Code::Entities),
        ),
        Case(
            "a slide that is missing",
            "package",
            zip(&[deflated("ppt/presentation.xml", b"<p/>")]),
            Read,
        ),
        Case(
            "an archive of pictures",
            "package",
            zip(&[stored("a.png", b"x")]),
            Refused(Code::UnknownKind),
        ),
    ]);
    let said = read("package", &epub(&[("a.xhtml", "<p>x")], &loops));
    assert_eq!(said.parts.len(), 1, "each chapter once");
}

#[test]
fn pages_and_plain_text_without_sense() {
    let random: Vec<u8> = (0..1_000_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let attribute = format!("<a href='{}'>x", "x".repeat(1 << 20));
    let quotes = "> ".repeat(20_000);
    check(vec![
        Case("200,000 divs", "html", b"<div>".repeat(200_000), Read),
        Case(
            "a comment without end",
            "html",
            [b"<!--".as_slice(), &vec![b'-'; 1 << 20]].concat(),
            Read,
        ),
        Case(
            "a script without end",
            "html",
            [b"<script>".as_slice(), &vec![b'<'; 1 << 20]].concat(),
            Read,
        ),
        Case(
            "an attribute of 1 MiB",
            "html",
            attribute.into_bytes(),
            Read,
        ),
        Case("a page of bytes at random", "html", random.clone(), Read),
        Case("text of bytes at random", "text", random.clone(), Read),
        Case("text of NULs", "text", vec![0; 1 << 20], Read),
        Case("100,000 brackets", "markdown", b"[".repeat(100_000), Either),
        Case(
            "20,000 quotes in each other",
            "markdown",
            quotes.into_bytes(),
            Either,
        ),
        Case("a table of bytes at random", "csv", random, Either),
        Case(
            "a field without end",
            "csv",
            [b"\"".as_slice(), &vec![b','; 1 << 20]].concat(),
            Read,
        ),
    ]);
    let said = read("text", &vec![b'a'; 40 << 20]);
    assert!(said.about.truncated);
}

#[test]
fn pictures_that_would_fill_memory() {
    let half = {
        let png = png(64, 64);
        png[..png.len() - 20].to_vec()
    };
    let mut jpeg =
        b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x22\0\x02\x11\x01\x03\x11\x01"
            .to_vec();
    jpeg.extend([0; 100]);
    check(vec![
        Case(
            "60,000 × 60,000 pixels",
            "picture",
            png(60_000, 60_000),
            Refused(Code::TooManyPixels),
        ),
        Case(
            "19,000 × 19,000 pixels",
            "picture",
            png(19_000, 19_000),
            Refused(Code::TooManyPixels),
        ),
        Case("half a PNG", "picture", half, Refused(Code::Damaged)),
        Case("a JPEG of 65,535 × 65,535", "picture", jpeg, Either),
        Case(
            "a WebP of nothing",
            "picture",
            b"RIFF\x10\0\0\0WEBPVP8 \0\0\0\0".to_vec(),
            Refused(Code::Damaged),
        ),
        Case(
            "a script called a picture",
            "picture",
            b"<script>alert(1)</script>".to_vec(),
            Refused(Code::UnknownKind),
        ),
        Case(
            "an archive called a picture",
            "picture",
            docx(""),
            Refused(Code::UnknownKind),
        ),
    ]);
}

/// A PNG that says it has so many pixels, and has none.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut head = b"IHDR".to_vec();
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend([8, 6, 0, 0, 0]);
    let mut crc = flate2::Crc::new();
    crc.update(&head);
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    png.extend(&head);
    png.extend(crc.sum().to_be_bytes());
    let mut data = b"IDAT".to_vec();
    data.extend([0x78, 0x9c, 0x63, 0, 0, 0, 1]);
    let mut crc = flate2::Crc::new();
    crc.update(&data);
    png.extend(7_u32.to_be_bytes());
    png.extend(&data);
    png.extend(crc.sum().to_be_bytes());
    png
}

#[test]
fn pdfs_that_go_in_circles() {
    check(
        pdfs::hostile()
            .into_iter()
            .map(|(name, bytes)| Case(name, "pdf", bytes, Either))
            .collect(),
    );
    let refused = |bytes: &[u8]| read("pdf", bytes).refused;
    assert_eq!(refused(b"no PDF at all"), Some(Code::Damaged));
    assert_eq!(refused(&pdfs::locked()), Some(Code::Encrypted));
}

#[test]
fn a_thing_called_another_is_refused_or_read_as_what_it_is_called() {
    let page = around("x", b"", b'a', 10, b"");
    check(vec![
        Case(
            "a document called a PDF",
            "pdf",
            docx("x"),
            Refused(Code::Damaged),
        ),
        Case("a document called text", "text", docx("x"), Read),
        Case(
            "a picture called an archive",
            "package",
            png(1, 1),
            Refused(Code::Damaged),
        ),
        Case("an archive called a page", "html", zip(&[page]), Read),
    ]);
}
