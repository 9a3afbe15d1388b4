//! Which addresses a document may hold.

/// The longest address kept.
const MAX_BYTES: usize = 2_048;
const FILES: &str = "/api/v1/files/";
const CONTENT: &str = "/content";

/// The address of a link, if a click on it is harmless: the web, mail, telephone, a place in this
/// document, or one of the house's own pages and files.
#[must_use]
pub fn link(href: &str) -> Option<String> {
    // A link may be asked about for each of its words; this one would take long to look through.
    if href.len() > MAX_BYTES {
        return None;
    }
    let href = href.trim();
    let plain = !href.chars().any(|c| c.is_control() || c.is_whitespace());
    let harmless = is_outside(href) || is_own_page(href) || is_fragment(href);
    (plain && harmless).then(|| href.to_owned())
}

/// The address of a picture, if it is the content of one of the house's own files.
#[must_use]
pub fn picture(src: &str) -> Option<String> {
    file_id(src).map(|_| src.trim().to_owned())
}

/// The id of the file that `address` is the content of.
#[must_use]
pub fn file_id(address: &str) -> Option<&str> {
    let id = address.trim().strip_prefix(FILES)?.strip_suffix(CONTENT)?;
    is_id(id).then_some(id)
}

/// The address of a file's content.
#[must_use]
pub fn of_file(id: &str) -> String {
    format!("{FILES}{id}{CONTENT}")
}

/// Whether `id` could name something of ours: letters, digits, `-` and `_`.
pub(crate) fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn is_outside(href: &str) -> bool {
    let Some((scheme, rest)) = href.split_once(':') else {
        return false;
    };
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => rest
            .strip_prefix("//")
            .is_some_and(|host| host.chars().next().is_some_and(|c| !"/\\?#@:".contains(c))),
        "mailto" | "tel" => !rest.is_empty(),
        _ => false,
    }
}

/// A path on this host. Two slashes, or a slash and a backslash, would be another host; the API is
/// no page, its files alone are.
fn is_own_page(href: &str) -> bool {
    href.starts_with('/')
        && !href.contains('\\')
        && !href.starts_with("//")
        && (!href.to_ascii_lowercase().starts_with("/api/") || file_id(href).is_some())
}

fn is_fragment(href: &str) -> bool {
    href.len() > 1 && href.starts_with('#')
}
