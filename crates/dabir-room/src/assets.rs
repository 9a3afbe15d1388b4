//! The page's script, style, fonts and icon, as `web/dist/room` had them when this was compiled.
//!
//! Their names carry a hash of what is in them, so a browser may keep them for ever.

/// The `Cache-Control` of every asset.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// Name, bytes, and whether these are gzip.
const FILES: &[(&str, &[u8], bool)] = &include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// A file of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset {
    pub content_type: &'static str,
    /// What to send.
    pub body: &'static [u8],
    /// Whether `body` is compressed and wants `Content-Encoding: gzip`.
    pub gzip: bool,
}

/// The asset below `assets/` with this name.
#[must_use]
pub fn find(name: &str) -> Option<Asset> {
    let (name, body, gzip) = *FILES.iter().find(|(known, ..)| *known == name)?;
    Some(Asset {
        content_type: content_type(name),
        body,
        gzip,
    })
}

/// The full name of the asset that begins and ends like this, such as `seal-` and `.svg`.
pub fn name_of(start: &str, end: &str) -> &'static str {
    FILES
        .iter()
        .map(|(name, ..)| *name)
        .find(|name| name.starts_with(start) && name.ends_with(end))
        .unwrap_or_default()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_under_its_name_and_has_a_type() {
        for (name, body, gzip) in FILES {
            let asset = find(name).expect("it is listed");
            assert_eq!((asset.body, asset.gzip), (*body, *gzip));
            assert_ne!(asset.content_type, "application/octet-stream", "{name}");
            assert_eq!(body.starts_with(&[0x1f, 0x8b]), *gzip, "{name}");
        }
    }

    #[test]
    fn other_names_are_not_found() {
        for name in ["", "/", "../room.json", "room.css", "fa.js.gz"] {
            assert_eq!(find(name), None, "{name}");
        }
    }
}
