//! PDF out, read back by poppler.

use std::io::Write;
use std::process::{Command, Stdio};

use dabir_prose::Picture;
use dabir_prose::{Align, Cell, Image, Kind, Mark, Node, ProseError, pdf};
use proptest::prelude::*;

use crate::make::*;

/// What a program of poppler says of a PDF.
fn poppler(program: &str, options: &[&str], pdf: &[u8]) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(pdf).unwrap();
    let mut command = Command::new(program);
    command.args(options).arg(file.path()).stderr(Stdio::null());
    if program == "pdftotext" {
        command.arg("-");
    }
    let output = command.output().unwrap_or_else(|error| {
        panic!("{program}: {error}; PDFs are read with poppler; install the package `poppler-utils` and try again")
    });
    String::from_utf8(output.stdout).unwrap()
}

/// The text of a PDF in the order in which it is read. Poppler gives words of the other direction
/// between two marks as they stand, so that the space after them comes first; here it follows.
fn read(pdf: &[u8]) -> String {
    let said = poppler("pdftotext", &["-layout", "-enc", "UTF-8"], pdf);
    let mut out = String::new();
    let mut spaces: Vec<usize> = Vec::new();
    let mut just_begun = false;
    for c in said.chars() {
        match (c, spaces.last_mut()) {
            ('\u{202a}' | '\u{202b}', _) => spaces.push(0),
            ('\u{202c}', _) => {
                let before = spaces.pop().unwrap_or_default();
                out.push_str(&" ".repeat(before));
            }
            (' ', Some(before)) if just_begun => *before += 1,
            _ => out.push(c),
        }
        just_begun = match c {
            '\u{202a}' | '\u{202b}' => true,
            ' ' => just_begun,
            _ => false,
        };
    }
    out
}

fn write(content: Vec<Node>) -> Vec<u8> {
    pdf::write("", &doc(content), &mut |_| None).unwrap()
}

/// The lines of a document as they are read, each with single spaces.
fn lines(content: Vec<Node>) -> Vec<String> {
    let said = read(&write(content));
    let lines = said.lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.join(" ")
    });
    lines.filter(|line| !line.is_empty()).collect()
}

#[track_caller]
fn check(content: Node, expected: &str) {
    assert_eq!(lines(vec![content]), [expected]);
}

#[test]
fn persian_words_are_read_as_they_were_written() {
    for said in [
        "سلام بر همهٔ کتاب‌ها و نامه‌ها",
        "محمّد می‌رود به خانهٔ آرش و لاله",
        "حتماً الآن لطفاً بیایید",
        "پژوهش‌گران گچ‌بری را می‌شناسند",
        "گفت‌وگو در ۲۹ آبان ۱۴۰۵",
        "«نقل» را ـ اگر بشود ـ بخوان",
    ] {
        check(p(said), said);
        check(h(1, said), said);
        check(Node::paragraph(vec![marked(said, &[Mark::Italic])]), said);
    }
}

#[test]
fn latin_words_keep_their_order_among_persian_ones() {
    check(
        p("زبان Rust نسخهٔ 1.95 خوب است"),
        "زبان Rust نسخهٔ 1.95 خوب است",
    );
    check(
        p("The word کتاب‌ها is Persian"),
        "The word کتاب‌ها is Persian",
    );
    check(
        line(vec![
            Node::text("دستور "),
            marked("let x = 1", &[Mark::Code]),
            Node::text(" را ببین"),
        ]),
        "دستور let x = 1 را ببین",
    );
}

/// Where a word begins and ends from the left of the page, in points. Here poppler gives the letters
/// as they stand, from left to right.
fn reach(pdf: &[u8], word: &str) -> (f32, f32) {
    let said = poppler("pdftotext", &["-bbox"], pdf);
    let stands: String = word.chars().rev().collect();
    let line = said
        .lines()
        .find(|line| line.contains(&format!(">{word}<")) || line.contains(&format!(">{stands}<")))
        .unwrap_or_else(|| panic!("no {word} in {said}"));
    let number = |name: &str| -> f32 {
        let (_, rest) = line.split_once(&format!("{name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    (number("xMin"), number("xMax"))
}

#[test]
fn lines_begin_at_their_side() {
    let (left, right) = (68.0, 595.28 - 68.0);
    let near = |a: f32, b: f32| (a - b).abs() < 2.0;
    let pdf = write(vec![
        line(vec![Node::text("نخست"), br(), Node::text("سپس"), br()]),
        line(vec![]),
        line(vec![Node::text("first"), br(), Node::text("then")]),
        table(vec![tr(vec![td("آغاز"), td("پایان")])]),
    ]);
    assert!(near(reach(&pdf, "نخست").1, right));
    assert!(near(reach(&pdf, "سپس").1, right));
    assert!(near(reach(&pdf, "first").0, left));
    assert!(near(reach(&pdf, "then").0, left));
    assert!(reach(&pdf, "آغاز").0 > reach(&pdf, "پایان").1);
}

#[test]
fn letters_that_no_font_has_are_still_said() {
    let said = lines(vec![p("see 漢字 and 😀 here")]).concat();
    assert_eq!(said.replace(' ', ""), "see漢字and😀here");
}

#[test]
fn lists_count_in_the_digits_of_their_language() {
    let items = || vec![li(vec![p("a")]), li(vec![p("b")])];
    assert_eq!(lines(vec![ol(9, items())]), ["9. a", "10. b"]);
    assert_eq!(lines(vec![ul(items())]), ["• a", "• b"]);
    let persian = vec![ol(9, vec![li(vec![p("الف")]), li(vec![p("ب")])])];
    assert_eq!(lines(persian), ["۹. الف", "۱۰. ب"].map(as_poppler_reads));
    let tasks = tasks(vec![
        task(true, vec![p("done")]),
        task(false, vec![p("not yet")]),
    ]);
    assert_eq!(lines(vec![tasks]), ["☑ done", "☐ not yet"]);
}

/// Poppler reads the dot after a number that begins a Persian line as if it came before.
fn as_poppler_reads(line: &str) -> String {
    let (number, rest) = line.split_once(". ").unwrap();
    format!(".{number} {rest}")
}

#[test]
fn the_head_of_a_table_stands_on_each_of_its_pages() {
    let mut rows = vec![tr(vec![th("Name"), th("Number")])];
    rows.extend((0..120).map(|n| tr(vec![td(&format!("row{n}")), td("x")])));
    let said = read(&write(vec![table(rows)]));
    let pages: Vec<&str> = said
        .split('\u{c}')
        .filter(|page| !page.is_empty())
        .collect();
    assert!(pages.len() > 2);
    for page in &pages {
        assert_eq!(page.matches("Name").count(), 1, "{page}");
    }
    for n in 0..120 {
        assert!(said.contains(&format!("row{n} ")), "row{n}");
    }
}

#[test]
fn cells_lose_nothing_however_they_lie() {
    let cell = |colspan, rowspan, words: &str| {
        let cell = Cell {
            colspan,
            rowspan,
            align: Some(Align::Center),
            ..Cell::default()
        };
        Node::new(Kind::TableCell(cell), vec![p(words)])
    };
    let long: String = (0..1_500).map(|n| format!("w{n} ")).collect();
    let tall: String = (0..200).map(|n| format!("t{n} ")).collect();
    let said = read(&write(vec![table(vec![
        tr(vec![cell(1, 2, &tall), cell(2, 1, "wide")]),
        tr(vec![cell(1, 1, &long), cell(1, 1, "last")]),
    ])]));
    let words: std::collections::HashSet<&str> = said.split_whitespace().collect();
    assert!((0..1_500).all(|n| words.contains(format!("w{n}").as_str())));
    assert!((0..200).all(|n| words.contains(format!("t{n}").as_str())));
    assert!(words.contains("wide") && words.contains("last"));
}

#[test]
fn links_lead_where_they_lead() {
    let pdf = write(vec![
        line(vec![
            marked("the plan", &[link("https://example.org/plan")]),
            marked("راهنما", &[link("https://fa.example.org/راهنما")]),
            marked("findings", &[link("#s1")]),
            marked("ours", &[link("/docs/7")]),
        ]),
        h(1, "Findings"),
    ]);
    let links = poppler("pdfinfo", &["-url"], &pdf);
    assert!(links.contains("https://example.org/plan"), "{links}");
    assert!(links.contains("https://fa.example.org/%D8%B1%D8%A7%D9%87%D9%86%D9%85%D8%A7"));
    assert!(!links.contains("/docs/7"));
    let raw = String::from_utf8_lossy(&pdf);
    assert_eq!(raw.matches("/Subtype/Link").count(), 3);
    assert!(raw.contains("/Outlines"));
}

#[test]
fn a_file_says_what_it_is() {
    let doc = doc(vec![h(1, "گزارش"), p(&"متن دراز ".repeat(2_000))]);
    let pdf = pdf::write("گزارش سالانه", &doc, &mut |_| None).unwrap();
    let info = poppler("pdfinfo", &[], &pdf);
    assert!(info.contains("گزارش سالانه"), "{info}");
    assert!(info.contains("(A4)"), "{info}");
    assert!(String::from_utf8_lossy(&pdf).contains("/Lang(fa)"));
    let pages = read(&pdf);
    assert!(pages.contains("\n") && pages.split('\u{c}').nth(1).unwrap().contains('۲'));
    let again = pdf::write("گزارش سالانه", &doc, &mut |_| None).unwrap();
    assert!(pdf == again, "the same document gave other bytes");
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    image::RgbImage::new(width, height)
        .write_to(
            &mut std::io::Cursor::new(&mut bytes),
            image::ImageFormat::Png,
        )
        .unwrap();
    bytes
}

fn with_picture(bytes: &[u8]) -> Vec<u8> {
    let picture = Node::leaf(Kind::Image(Image {
        src: "/api/v1/files/f1/content".to_owned(),
        alt: Some("a chart".to_owned()),
        ..Image::default()
    }));
    let doc = doc(vec![picture.clone(), picture]);
    pdf::write("", &doc, &mut |_| {
        Some(Picture {
            bytes: bytes.to_vec(),
            extension: "png",
            size: (1, 1),
        })
    })
    .unwrap()
}

#[test]
fn pictures_are_shown_once_kept_and_broken_ones_leave_their_words() {
    let good = png(300, 200);
    let pdf = with_picture(&good);
    let list = poppler("pdfimages", &["-list"], &pdf);
    assert!(list.contains("300") && list.contains("200"), "{list}");
    assert_eq!(
        String::from_utf8_lossy(&pdf)
            .matches("/Subtype/Image")
            .count(),
        1
    );
    let mut half = good.clone();
    half.truncate(good.len() / 2);
    // It says that it has more pixels than there is memory for.
    let mut liar = good.clone();
    liar[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
    for broken in [&half, &liar, &b"no picture".to_vec(), &Vec::new()] {
        assert_eq!(read(&with_picture(broken)).matches("a chart").count(), 2);
    }
}

#[test]
fn hostile_documents_find_their_pages() {
    let word = "x".repeat(60_000);
    assert_eq!(read(&write(vec![p(&word)])).matches('x').count(), 60_000);
    let mut deep = p("bottom");
    for _ in 0..28 {
        deep = ul(vec![li(vec![p("level"), deep])]);
    }
    let deep = read(&write(vec![quote(vec![quote(vec![deep])])]));
    assert_eq!(deep.matches("level").count(), 28);
    assert!(deep.contains("bottom"));
    let wide = (0..200).map(|n| td(&format!("c{n}"))).collect();
    write(vec![table(vec![tr(wide)])]);
    let marks: Vec<Node> = (0..3_000)
        .map(|n| marked("w ", &[link(&format!("https://a.ir/{n}"))]))
        .collect();
    assert_eq!(read(&write(vec![line(marks)])).matches('w').count(), 3_000);
    let endless = pdf::write(
        "",
        &doc(vec![code(None, &"\n".repeat(270_000))]),
        &mut |_| None,
    );
    assert_eq!(
        endless.unwrap_err(),
        ProseError::TooManyPages {
            most: pdf::MAX_PAGES
        }
    );
}

proptest! {
    #![proptest_config(tries(24))]

    #[test]
    fn every_document_can_be_written(doc in documents()) {
        let pdf = pdf::write("x", &doc, &mut |_| None).unwrap();
        prop_assert!(pdf.starts_with(b"%PDF-1.7"));
    }

    #[test]
    fn every_letter_can_be_written(words in "\\PC{0,40}", wild in any::<String>(), level in 1_u8..5) {
        let clean = dabir_prose::clean(&doc(vec![
            h(level, &words),
            line(vec![marked(&wild, &[Mark::Italic]), Node::text(words.as_str())]),
            code(None, &wild),
            table(vec![tr(vec![td(&words), td(&wild)])]),
        ]).to_json()).unwrap();
        prop_assert!(pdf::write(&wild, &clean, &mut |_| None).is_ok());
    }
}
