//! What a file is, by its first bytes. Its name and what the browser says are hints where the content
//! leaves a choice, and otherwise lies to be told.

use dabir_extract::Kind as Reader;

use crate::name::ending;

/// So many bytes are looked at.
pub(crate) const LOOKED_AT: usize = 8 << 10;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sniffed {
    pub(crate) media_type: String,
    /// As [`File::kind`](crate::File::kind).
    pub(crate) kind: &'static str,
    /// How it can be read, if it can.
    pub(crate) reader: Option<Reader>,
    pub(crate) mismatch: bool,
}

/// Endings, and the kind that each one tells.
const ENDINGS: [(&str, &[&str]); 13] = [
    ("pdf", &["pdf"]),
    ("document", &["docx", "odt", "doc", "rtf"]),
    ("sheet", &["xlsx", "xlsm", "ods", "xls"]),
    ("slides", &["pptx", "odp", "ppt"]),
    ("book", &["epub"]),
    ("page", &["html", "htm", "xhtml"]),
    ("markdown", &["md", "markdown"]),
    (
        "text",
        &[
            "txt", "log", "json", "xml", "svg", "yaml", "toml", "srt", "tex", "css", "js",
        ],
    ),
    ("table", &["csv", "tsv"]),
    (
        "picture",
        &[
            "png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff", "heic", "avif", "ico",
        ],
    ),
    (
        "archive",
        &["zip", "gz", "tar", "7z", "rar", "zst", "xz", "bz2"],
    ),
    ("sound", &["mp3", "ogg", "wav", "m4a", "flac", "opus"]),
    ("film", &["mp4", "mkv", "webm", "mov", "avi"]),
];

/// Media types of zip archives that are documents, the kind of each, and of which format the helper
/// calls it.
const PACKAGES: [(&str, &str, &str); 7] = [
    (
        "docx",
        "document",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        "xlsx",
        "sheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        "pptx",
        "slides",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    ("odt", "document", "application/vnd.oasis.opendocument.text"),
    (
        "ods",
        "sheet",
        "application/vnd.oasis.opendocument.spreadsheet",
    ),
    (
        "odp",
        "slides",
        "application/vnd.oasis.opendocument.presentation",
    ),
    ("epub", "book", "application/epub+zip"),
];

/// What a file called `name` is that begins with `head`.
pub(crate) fn sniff(head: &[u8], name: &str) -> Sniffed {
    let told = ending(name);
    let (media_type, kind, reader) = by_content(head, told.as_deref());
    let expected = told.and_then(|told| expected(&told));
    Sniffed {
        mismatch: expected.is_some_and(|expected| !agree(expected, kind)),
        media_type,
        kind,
        reader,
    }
}

/// The kind and the media type of what the helper found an archive to be.
pub(crate) fn of_format(format: &str) -> Option<(&'static str, &'static str)> {
    let found = PACKAGES.iter().find(|known| known.0 == format);
    found.map(|(_, kind, media_type)| (*kind, *media_type))
}

/// Whether a file whose name tells `expected` and which is of `kind` is named rightly.
pub(crate) fn agree(expected: &str, kind: &str) -> bool {
    let is_text = |kind: &str| matches!(kind, "text" | "markdown" | "table" | "page");
    // Old office files are of one kind to whoever looks at their first bytes, and so are archives.
    expected == kind
        || (is_text(expected) && is_text(kind))
        || (kind == "archive" && matches!(expected, "document" | "sheet" | "slides" | "book"))
        || (kind == "office" && matches!(expected, "document" | "sheet" | "slides"))
}

/// The kind that an ending tells.
pub(crate) fn expected(ending: &str) -> Option<&'static str> {
    let found = ENDINGS.iter().find(|(_, all)| all.contains(&ending));
    found.map(|(kind, _)| *kind)
}

fn by_content(head: &[u8], ending: Option<&str>) -> (String, &'static str, Option<Reader>) {
    let head = &head[..head.len().min(LOOKED_AT)];
    if is_text(head) {
        let (media_type, kind, reader) = of_text(head, ending);
        return (media_type.to_owned(), kind, Some(reader));
    }
    let Some(found) = infer::get(head) else {
        return ("application/octet-stream".to_owned(), "other", None);
    };
    let media_type = found.mime_type();
    let (kind, reader) = match media_type {
        "application/pdf" => ("pdf", Some(Reader::Pdf)),
        "application/zip" => ("archive", Some(Reader::Package)),
        "image/png" | "image/jpeg" | "image/webp" | "image/gif" => {
            ("picture", Some(Reader::Picture))
        }
        _ if head.starts_with(b"PK\x03\x04") => {
            let known = PACKAGES.iter().find(|known| known.2 == media_type);
            (
                known.map_or("archive", |known| known.1),
                Some(Reader::Package),
            )
        }
        _ => (of_rest(found.matcher_type(), head), None),
    };
    (media_type.to_owned(), kind, reader)
}

fn of_rest(found: infer::MatcherType, head: &[u8]) -> &'static str {
    use infer::MatcherType as M;
    match found {
        _ if head.starts_with(b"\xd0\xcf\x11\xe0") => "office",
        M::Image => "picture",
        M::Audio => "sound",
        M::Video => "film",
        M::Archive => "archive",
        M::App => "program",
        M::Doc => "document",
        _ => "other",
    }
}

fn of_text(head: &[u8], ending: Option<&str>) -> (&'static str, &'static str, Reader) {
    match ending {
        _ if is_page(head) => ("text/html", "page", Reader::Html),
        Some("md" | "markdown") => ("text/markdown", "markdown", Reader::Markdown),
        Some("csv" | "tsv") => ("text/csv", "table", Reader::Csv),
        _ => ("text/plain", "text", Reader::Text),
    }
}

fn is_page(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let begins = head.trim_ascii_start();
    let begins = begins[..begins.len().min(15)].to_ascii_lowercase();
    begins.starts_with(b"<!doctype html")
        || begins.starts_with(b"<html")
        || begins.starts_with(b"<head")
}

/// Whether nothing stands in it that no text has. Old Persian text is of high bytes; UTF-16 has zeros in
/// every other place, or a mark.
fn is_text(head: &[u8]) -> bool {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return true;
    }
    let is_odd = |byte: &u8| *byte < 0x20 && !matches!(*byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    if head.starts_with(b"%PDF-") || head.starts_with(b"GIF8") {
        return false;
    }
    if !head.iter().any(is_odd) {
        return true;
    }
    let zeros = |at: usize| {
        head.iter()
            .skip(at)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let many = head.len() / 10;
    let is_wide = (odd > many && even == 0) || (even > many && odd == 0);
    is_wide && !head.iter().any(|byte| *byte != 0 && is_odd(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &[u8], name: &str, media_type: &str, kind: &str, mismatch: bool) {
        let found = sniff(head, name);
        assert_eq!(
            (found.media_type.as_str(), found.kind, found.mismatch),
            (media_type, kind, mismatch),
            "{name}"
        );
    }

    #[test]
    fn content_decides_and_a_lie_is_told() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";
        check(b"%PDF-1.7\n%\xe2", "a.pdf", "application/pdf", "pdf", false);
        check(b"%PDF-1.7\n%\xe2", "a.png", "application/pdf", "pdf", true);
        check(png, "photo.jpg", "image/png", "picture", false);
        check(png, "photo.pdf", "image/png", "picture", true);
        check(
            b"MZ\x90\0\x03\0\0\0\x04\0",
            "report.pdf",
            "application/vnd.microsoft.portable-executable",
            "program",
            true,
        );
        check(
            b"PK\x03\x04\x14\0\0\0",
            "a.docx",
            "application/zip",
            "archive",
            false,
        );
        check(
            "گزارش".as_bytes(),
            "a.md",
            "text/markdown",
            "markdown",
            false,
        );
        check(
            b"\xd1\xc7\xe4 \xd4\xe5\xd1",
            "old.txt",
            "text/plain",
            "text",
            false,
        );
        check(b"  <!DOCTYPE html><p>", "a.txt", "text/html", "page", false);
        check(
            b"<svg onload=alert(1)>",
            "a.png",
            "text/plain",
            "text",
            true,
        );
        check(
            b"\0\x01\x02\x03",
            "data",
            "application/octet-stream",
            "other",
            false,
        );
        check(b"", "empty.txt", "text/plain", "text", false);
    }
}
