//! PDFs made by hand: good ones, and such as go in circles.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::Fate::{Either, Refused};
use super::{Case, case};

/// A PDF of these objects, numbered from 1; the first is its catalogue.
fn pdf(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n", number + 1).bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let at = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        out.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let size = objects.len() + 1;
    out.extend(
        format!("trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{at}\n%%EOF\n").bytes(),
    );
    out
}

fn stream(head: &str, bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len();
    [
        format!("<<{head}/Length {length}>>\nstream\n").as_bytes(),
        bytes,
        b"\nendstream",
    ]
    .concat()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    stream("/Filter/FlateDecode", &encoder.finish().unwrap())
}

/// A page whose letters, drawn from left to right, are these.
pub fn page(drawn: &str, info: &str) -> Vec<u8> {
    let letters: Vec<char> = drawn.chars().collect();
    let codes = (1..=letters.len()).map(|code| format!("{code:02x}"));
    let codes: String = codes.collect();
    let known = letters.iter().enumerate();
    let known = known.map(|(at, c)| format!("<{:02x}> <{:04x}>\n", at + 1, *c as u32));
    let map = format!(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n\
         1 begincodespacerange <00> <ff> endcodespacerange\n{} beginbfchar\n{}endbfchar\nendcmap end end",
        letters.len(),
        known.collect::<String>(),
    );
    let content = format!("BT /F1 12 Tf 50 700 Td <{codes}> Tj ET");
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>".to_vec(),
        deflated(content.as_bytes()),
        format!("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/FirstChar 1/LastChar 99/Widths[{}]/ToUnicode 6 0 R>>", "600 ".repeat(99)).into_bytes(),
        stream("", map.as_bytes()),
        format!("<<{info}>>").into_bytes(),
    ];
    pdf(&objects, "/Info 7 0 R")
}

/// One that opens with a password.
fn locked() -> Vec<u8> {
    let key = "00".repeat(32);
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[]/Count 0>>".to_vec(),
        format!("<</Filter/Standard/V 2/R 3/Length 128/P -44/O<{key}>/U<{key}>>>").into_bytes(),
    ];
    pdf(&objects, "/Encrypt 3 0 R/ID[<00><00>]")
}

/// Files made to have their reader go in circles, or fill its memory.
pub(super) fn hostile() -> Vec<Case> {
    let catalogue = || b"<</Type/Catalog/Pages 2 0 R>>".to_vec();
    let good = page("a", "");
    let objects = |rest: &[&[u8]]| {
        let rest = rest.iter().map(|object| object.to_vec());
        pdf(
            &std::iter::once(catalogue()).chain(rest).collect::<Vec<_>>(),
            "",
        )
    };
    let one_page: &[u8] = b"<</Type/Pages/Kids[3 0 R]/Count 1>>";
    let with = |content: Vec<u8>, resources: &str| {
        let page = format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<<{resources}>>>>"
        );
        pdf(
            &[catalogue(), one_page.to_vec(), page.into_bytes(), content],
            "",
        )
    };
    let bomb = deflated(&vec![b' '; 64 << 20]);
    let deep = [b"<</Type/Pages/Kids".as_slice(), &b"[".repeat(200_000)].concat();
    let previous = {
        let text = String::from_utf8_lossy(&objects(&[one_page])).replace("/Root", "/Prev 0/Root");
        text.into_bytes()
    };
    let circles = [
        ("a tree of pages in a circle", objects(&[b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 99999999>>"])),
        ("two trees in a circle", objects(&[b"<</Type/Pages/Kids[3 0 R]/Count 2>>", b"<</Type/Pages/Kids[2 0 R]/Parent 2 0 R/Count 2>>"])),
        ("an object that is itself", objects(&[b"2 0 R"])),
        ("a length that is itself", with(b"<</Length 4 0 R>>\nstream\nBT\nendstream".to_vec(), "")),
        ("a length of 4 GiB", with(b"<</Length 4294967295>>\nstream\nBT\nendstream".to_vec(), "")),
        ("a page of 64 MiB of spaces", with(bomb, "")),
        ("a form that draws itself", with(stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</A 4 0 R>>>>", b"/A Do /A Do"), "/XObject<</A 4 0 R>>")),
        ("a font that is its page", with(stream("", b"BT /F 9 Tf (a) Tj ET"), "/Font<</F 3 0 R>>")),
        ("200,000 brackets", objects(&[&deep])),
        ("an index that begins before itself", previous),
        ("a broken index", String::from_utf8_lossy(&good).replace("startxref\n", "startxref\n9").into_bytes()),
        ("half of it", good[..good.len() / 2].to_vec()),
        ("its head alone", b"%PDF-1.7\n".to_vec()),
        ("objects in a stream that is itself", objects(&[b"<</Type/ObjStm/N 4000000000/First 9/Extends 2 0 R/Length 0>>\nstream\n\nendstream"])),
        ("a million pages", objects(&[&[b"<</Type/Pages/Count 1000000/Kids[".as_slice(), &b"3 0 R ".repeat(200_000), b"]>>"].concat(), b"<</Type/Page/MediaBox[0 0 9 9]>>"])),
        ("a picture of 4 billion pixels", with(stream("/Type/XObject/Subtype/Image/Width 65535/Height 65535/BitsPerComponent 8/ColorSpace/DeviceRGB", b"x"), "/XObject<</A 4 0 R>>")),
    ];
    let circles = circles.map(|(name, bytes)| case(name, "pdf", bytes, Either));
    let refused = [
        case(
            "no PDF at all",
            "pdf",
            b"no PDF at all".to_vec(),
            Refused("damaged"),
        ),
        case(
            "a PDF with a password",
            "pdf",
            locked(),
            Refused("encrypted"),
        ),
    ];
    circles.into_iter().chain(refused).collect()
}
