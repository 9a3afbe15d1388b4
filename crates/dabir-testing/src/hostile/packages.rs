//! Word documents, sheets and books that are made to do harm.

use super::Fate::{Either, Read, Refused};
use super::archive::{Entry, deflated, document, docx, epub, many, stored, xlsx, zip, zip_counted};
use super::{Case, Fate, case};

const DOCUMENT: &str = "word/document.xml";

fn body(inner: &[u8]) -> Entry {
    deflated(DOCUMENT, inner)
}

fn word(text: &str) -> Entry {
    body(document(&format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")).as_bytes())
}

fn package(name: &'static str, bytes: Vec<u8>, fate: Fate) -> Case {
    case(name, "package", bytes, fate)
}

/// Archives that unpack to more than they are.
pub(super) fn bombs() -> Vec<Case> {
    let bomb = || many(DOCUMENT, b' ', 21 << 20);
    let nested = zip(&[stored("inner.zip", &zip(&[bomb()]))]);
    let sized = Entry { size: 10, ..bomb() };
    let big = vec![b' '; 65 << 20];
    let half = vec![b' '; 51 << 20];
    vec![
        package("a flat bomb", zip(&[bomb()]), Refused("ratio")),
        package("a bomb in a bomb", nested, Refused("unknown_kind")),
        package(
            "a bomb that says it is small",
            zip(&[sized]),
            Refused("ratio"),
        ),
        package(
            "a part of 65 MiB",
            zip(&[stored(DOCUMENT, &big)]),
            Refused("too_large"),
        ),
        package(
            "two parts of 51 MiB",
            zip(&[
                stored("word/styles.xml", &[b"<a>", &half[..], b"</a>"].concat()),
                stored(DOCUMENT, &[b"<a>", &half[..], b"</a>"].concat()),
            ]),
            Refused("too_large"),
        ),
        package(
            "a bomb for a mimetype",
            zip(&[many("mimetype", b'a', 21 << 20)]),
            Refused("ratio"),
        ),
    ]
}

/// Archives whose directories lie.
pub(super) fn directories() -> Vec<Case> {
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
    vec![
        package("entries that share bytes", zip(&shared), Refused("overlap")),
        package("a length beyond the next", zip(&long), Refused("overlap")),
        package(
            "a head that leads to the bytes of the next",
            zip(&[behind, inner]),
            Refused("overlap"),
        ),
        package(
            "a head that leads into the directory",
            zip(&[word("a"), last]),
            Refused("overlap"),
        ),
        package("a place beyond the end", zip(&beyond), Refused("overlap")),
        package("a place in between", zip(&within), Refused("damaged")),
        package(
            "one name twice",
            zip(&[word("a"), word("b")]),
            Refused("overlap"),
        ),
        package(
            "one name in two cases",
            named("WORD/document.xml"),
            Refused("overlap"),
        ),
        package("2,001 entries", zip(&entries), Refused("too_many_entries")),
        package(
            "65,535 entries",
            zip_counted(&two, Some(65_535)),
            Refused("too_large"),
        ),
        package(
            "more entries than there are",
            zip_counted(&two, Some(9)),
            Refused("damaged"),
        ),
        package("a name above", named("../../etc/cron.d/x"), Refused("path")),
        package(
            "a name from the root",
            named("/etc/passwd"),
            Refused("path"),
        ),
        package("a name with backslashes", named("..\\x"), Refused("path")),
        package("a name of a drive", named("C:x"), Refused("path")),
        package("a link", link, Refused("path")),
        package(
            "a password",
            zip(&[Entry {
                flags: 1,
                ..word("a")
            }]),
            Refused("encrypted"),
        ),
        package(
            "an unknown method",
            zip(&[Entry {
                method: 99,
                ..word("a")
            }]),
            Refused("damaged"),
        ),
        package("half an archive", half, Refused("damaged")),
        package("no directory", headless, Refused("damaged")),
        package("an archive behind a PDF", polyglot, Refused("damaged")),
        package("bytes at random", vec![0x5a; 100_000], Refused("damaged")),
        package("nothing", Vec::new(), Refused("damaged")),
        package(
            "what does not inflate",
            zip(&[Entry {
                packed: vec![0xff; 99],
                ..word("a")
            }]),
            Refused("damaged"),
        ),
    ]
}

/// XML that is not what it seems.
pub(super) fn xml() -> Vec<Case> {
    let xml = |text: &[u8]| zip(&[body(text)]);
    let laughs = br#"<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>"#;
    let outside = br#"<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>"#;
    let parameter = br#"<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>"#;
    let deep = "<a>".repeat(10_000);
    let attributes: String = (0..100_000).map(|n| format!(" a{n}='1'")).collect();
    let long = [b"<a b='".as_slice(), &vec![b'x'; 20 << 20], b"'/>"].concat();
    vec![
        package("a billion laughs", xml(laughs), Refused("entities")),
        package("an entity elsewhere", xml(outside), Refused("entities")),
        package(
            "a document type elsewhere",
            xml(parameter),
            Refused("entities"),
        ),
        package(
            "an entity nobody declared",
            docx("&lol;"),
            Refused("entities"),
        ),
        package("10,000 deep", xml(deep.as_bytes()), Refused("too_deep")),
        package("a tag without end", xml(b"<a><b"), Refused("damaged")),
        package(
            "tags that cross",
            xml(b"<a><b></a></b>"),
            Refused("damaged"),
        ),
        package("no UTF-8", xml(b"<a>\xff\xfe\xfa</a>"), Refused("damaged")),
        package(
            "100,000 attributes",
            xml(format!("<a{attributes}/>").as_bytes()),
            Read,
        ),
        package(
            "an attribute of 20 MiB",
            zip(&[stored(DOCUMENT, &long)]),
            Refused("too_large"),
        ),
        package(
            "NULs and bidi controls",
            zip(&[word("a&#0;\u{202e}b")]),
            Either,
        ),
    ]
}

/// Documents that have no end.
pub(super) fn endless() -> Vec<Case> {
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
    vec![
        package("10 MiB of text", zip(&[much]), Read),
        package("a billion cells", xlsx(sheet(), None), Read),
        package(
            "strings without end",
            xlsx(sheet(), Some(shared)),
            Refused("too_large"),
        ),
        package(
            "rows a billion times",
            odf(&[deflated("content.xml", content.as_bytes())]),
            Read,
        ),
        package(
            "a sheet with a password",
            odf(&[encrypted]),
            Refused("encrypted"),
        ),
        package("a sheet without content", odf(&[]), Refused("damaged")),
        package(
            "a book that goes in circles",
            epub(&[("a.xhtml", "<p>x")], &loops),
            Read,
        ),
        package(
            "a chapter elsewhere",
            epub(&outside, &["../../../etc/passwd", "a.xhtml"]),
            Read,
        ),
        package(
            "a book without a beginning",
            zip(std::slice::from_ref(&book)),
            Refused("damaged"),
        ),
        package(
            "a book with entities",
            zip(&[book, deflated("META-INF/container.xml", container)]),
            Refused("entities"),
        ),
        package(
            "a slide that is missing",
            zip(&[deflated("ppt/presentation.xml", b"<p/>")]),
            Read,
        ),
        package(
            "an archive of pictures",
            zip(&[stored("a.png", b"x")]),
            Refused("unknown_kind"),
        ),
    ]
}
