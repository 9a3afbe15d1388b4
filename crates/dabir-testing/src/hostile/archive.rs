//! Zip archives made by hand, so that they can lie.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// What an entry is to be, with room for lies.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: String,
    pub packed: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    /// What it says it unpacks to.
    pub size: u32,
    pub mode: u16,
    /// Where the directory says it is, if not where it is.
    pub at: Option<u32>,
    /// How long the directory says it is, if not as long as it is.
    pub packed_size: Option<u32>,
    /// How much its own head says stands between its name and its bytes.
    pub extra: u16,
}

pub fn deflated(name: &str, bytes: &[u8]) -> Entry {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    Entry {
        name: name.to_owned(),
        packed: encoder.finish().unwrap(),
        method: 8,
        flags: 0,
        size: u32::try_from(bytes.len()).unwrap(),
        mode: 0,
        at: None,
        packed_size: None,
        extra: 0,
    }
}

pub fn stored(name: &str, bytes: &[u8]) -> Entry {
    Entry {
        packed: bytes.to_vec(),
        method: 0,
        ..deflated(name, bytes)
    }
}

/// `count` bytes of `byte`, deflated without being held.
pub fn many(name: &str, byte: u8, count: usize) -> Entry {
    around(name, b"", byte, count, b"")
}

pub fn around(name: &str, head: &[u8], byte: u8, count: usize, tail: &[u8]) -> Entry {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(head).unwrap();
    let chunk = vec![byte; 1 << 16];
    let mut left = count;
    while left > 0 {
        let now = left.min(chunk.len());
        encoder.write_all(&chunk[..now]).unwrap();
        left -= now;
    }
    encoder.write_all(tail).unwrap();
    Entry {
        packed: encoder.finish().unwrap(),
        ..deflated(name, b"")
    }
}

pub fn zip(entries: &[Entry]) -> Vec<u8> {
    zip_counted(entries, None)
}

/// An archive that says it has so many entries.
pub fn zip_counted(entries: &[Entry], count: Option<u16>) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let at = u32::try_from(out.len()).unwrap();
        let name = u16::try_from(entry.name.len()).unwrap();
        let packed = u32::try_from(entry.packed.len()).unwrap();
        out.extend(b"PK\x03\x04\x14\0");
        out.extend(entry.flags.to_le_bytes());
        out.extend(entry.method.to_le_bytes());
        out.extend([0; 8]);
        out.extend(packed.to_le_bytes());
        out.extend(entry.size.to_le_bytes());
        out.extend(name.to_le_bytes());
        out.extend(entry.extra.to_le_bytes());
        out.extend(entry.name.as_bytes());
        out.extend(&entry.packed);
        directory.extend(b"PK\x01\x02\x14\x03\x14\0");
        directory.extend(entry.flags.to_le_bytes());
        directory.extend(entry.method.to_le_bytes());
        directory.extend([0; 8]);
        directory.extend(entry.packed_size.unwrap_or(packed).to_le_bytes());
        directory.extend(entry.size.to_le_bytes());
        directory.extend(name.to_le_bytes());
        directory.extend([0; 8]);
        directory.extend([0; 2]);
        directory.extend(entry.mode.to_le_bytes());
        directory.extend(entry.at.unwrap_or(at).to_le_bytes());
        directory.extend(entry.name.as_bytes());
    }
    let count = count.unwrap_or(u16::try_from(entries.len()).unwrap());
    let at = u32::try_from(out.len()).unwrap();
    let length = u32::try_from(directory.len()).unwrap();
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0; 2]);
    out
}

/// A Word document with this body.
pub fn docx(body: &str) -> Vec<u8> {
    zip(&[deflated("word/document.xml", document(body).as_bytes())])
}

pub fn document(body: &str) -> String {
    format!(r#"<?xml version="1.0"?><w:document xmlns:w="w"><w:body>{body}</w:body></w:document>"#)
}

/// A workbook with one sheet.
pub fn xlsx(sheet: Entry, shared: Option<Entry>) -> Vec<u8> {
    let mut entries = vec![
        deflated("xl/workbook.xml", br#"<workbook xmlns:r="r"><sheets><sheet name="Sheet" r:id="1"/></sheets></workbook>"#),
        deflated("xl/_rels/workbook.xml.rels", br#"<Relationships><Relationship Id="1" Target="worksheets/sheet1.xml"/></Relationships>"#),
        sheet,
    ];
    entries.extend(shared);
    zip(&entries)
}

/// A book of these chapters, in this order.
pub fn epub(chapters: &[(&str, &str)], order: &[&str]) -> Vec<u8> {
    let items = chapters
        .iter()
        .map(|(name, _)| format!(r#"<item id="{name}" href="{name}"/>"#));
    let refs = order
        .iter()
        .map(|name| format!(r#"<itemref idref="{name}"/>"#));
    let book = format!(
        r#"<package xmlns:dc="dc"><metadata><dc:title>کتاب</dc:title><dc:creator>علی</dc:creator></metadata><manifest>{}</manifest><spine>{}</spine></package>"#,
        items.collect::<String>(),
        refs.collect::<String>(),
    );
    let mut entries = vec![
        stored("mimetype", b"application/epub+zip"),
        deflated("META-INF/container.xml", br#"<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>"#),
        deflated("OEBPS/book.opf", book.as_bytes()),
    ];
    for (name, text) in chapters.iter().filter(|(name, _)| !name.starts_with("..")) {
        entries.push(deflated(&format!("OEBPS/{name}"), text.as_bytes()));
    }
    zip(&entries)
}
