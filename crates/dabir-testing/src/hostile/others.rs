//! Pages, tables, plain texts and pictures that are made to do harm, and what is called something else.

use super::Fate::{Either, Read, Refused};
use super::archive::{around, docx, zip};
use super::{Case, case};

/// Pages, tables and plain text without sense.
pub(super) fn pages() -> Vec<Case> {
    let random: Vec<u8> = (0..1_000_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let attribute = format!("<a href='{}'>x", "x".repeat(1 << 20));
    let quotes = "> ".repeat(20_000);
    vec![
        case("200,000 divs", "html", b"<div>".repeat(200_000), Read),
        case(
            "a comment without end",
            "html",
            [b"<!--".as_slice(), &vec![b'-'; 1 << 20]].concat(),
            Read,
        ),
        case(
            "a script without end",
            "html",
            [b"<script>".as_slice(), &vec![b'<'; 1 << 20]].concat(),
            Read,
        ),
        case(
            "an attribute of 1 MiB",
            "html",
            attribute.into_bytes(),
            Read,
        ),
        case("a page of bytes at random", "html", random.clone(), Read),
        case("text of bytes at random", "text", random.clone(), Read),
        case("text of NULs", "text", vec![0; 1 << 20], Read),
        case("100,000 brackets", "markdown", b"[".repeat(100_000), Either),
        case(
            "20,000 quotes in each other",
            "markdown",
            quotes.into_bytes(),
            Either,
        ),
        case("a table of bytes at random", "csv", random, Either),
        case(
            "a field without end",
            "csv",
            [b"\"".as_slice(), &vec![b','; 1 << 20]].concat(),
            Read,
        ),
    ]
}

/// Pictures that would fill memory.
pub(super) fn pictures() -> Vec<Case> {
    let half = {
        let png = png(64, 64);
        png[..png.len() - 20].to_vec()
    };
    let mut jpeg =
        b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x22\0\x02\x11\x01\x03\x11\x01"
            .to_vec();
    jpeg.extend([0; 100]);
    vec![
        case(
            "60,000 × 60,000 pixels",
            "picture",
            png(60_000, 60_000),
            Refused("too_many_pixels"),
        ),
        case(
            "19,000 × 19,000 pixels",
            "picture",
            png(19_000, 19_000),
            Refused("too_many_pixels"),
        ),
        case("half a PNG", "picture", half, Refused("damaged")),
        case("a JPEG of 65,535 × 65,535", "picture", jpeg, Either),
        case(
            "a WebP of nothing",
            "picture",
            b"RIFF\x10\0\0\0WEBPVP8 \0\0\0\0".to_vec(),
            Refused("damaged"),
        ),
        case(
            "a script called a picture",
            "picture",
            b"<script>alert(1)</script>".to_vec(),
            Refused("unknown_kind"),
        ),
        case(
            "an archive called a picture",
            "picture",
            docx(""),
            Refused("unknown_kind"),
        ),
    ]
}

/// Things that are called another.
pub(super) fn disguises() -> Vec<Case> {
    let page = around("x", b"", b'a', 10, b"");
    vec![
        case(
            "a document called a PDF",
            "pdf",
            docx("x"),
            Refused("damaged"),
        ),
        case("a document called text", "text", docx("x"), Read),
        case(
            "a picture called an archive",
            "package",
            png(1, 1),
            Refused("damaged"),
        ),
        case("an archive called a page", "html", zip(&[page]), Read),
    ]
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
