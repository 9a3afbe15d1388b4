//! Lists as Microsoft Word pastes them: paragraphs that say `mso-list`, the bullet typed into them.

use super::style::Style;
use super::tree::Tree;

/// How one such paragraph stands in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item {
    /// From 1 on.
    pub(super) level: usize,
    /// Numbered rather than dotted.
    pub(super) ordered: bool,
}

/// The deepest level that Word has.
const MAX_LEVEL: usize = 9;

/// The place in a list of the paragraph `id`, if it says it has one.
pub(super) fn item(tree: &Tree, id: usize) -> Option<Item> {
    if !matches!(
        tree.tag(id),
        Some("p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
    ) {
        return None;
    }
    let value = Style::of(tree, id).get("mso-list")?;
    let level = value
        .split_whitespace()
        .find_map(|word| word.strip_prefix("level"))?;
    Some(Item {
        level: level.parse().unwrap_or(1).clamp(1, MAX_LEVEL),
        ordered: marker(tree, id).is_some_and(|text| is_number(&text)),
    })
}

/// Whether `id` is the typed bullet or number, which the list draws by itself.
pub(super) fn is_marker(tree: &Tree, id: usize) -> bool {
    Style::of(tree, id).get("mso-list").as_deref() == Some("ignore")
}

fn marker(tree: &Tree, id: usize) -> Option<String> {
    if is_marker(tree, id) {
        return Some(tree.all_text(id));
    }
    tree.children(id)
        .iter()
        .find_map(|child| marker(tree, *child))
}

fn is_number(marker: &str) -> bool {
    let marker = marker.trim_matches(|c: char| c.is_whitespace() || c == '\u{a0}');
    marker.ends_with(['.', ')', '-']) && marker.starts_with(char::is_alphanumeric)
}
