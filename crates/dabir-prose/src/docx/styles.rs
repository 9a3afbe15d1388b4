//! What a document's styles mean, whatever language Word named them in.

use std::collections::{HashMap, HashSet};

use super::xml::Element;

/// What a paragraph is by its style.
#[derive(Debug, Clone, Default)]
pub(super) struct Style {
    pub(super) role: Role,
    pub(super) bidi: Option<bool>,
    pub(super) list: Option<(String, usize)>,
}

/// The meanings that a document here knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Role {
    #[default]
    Text,
    Heading(u8),
    Quote,
    Code,
    /// Goes on with the item before it.
    Continuation,
}

/// The styles of a document by their ids.
#[derive(Debug, Default)]
pub(super) struct Styles {
    paragraphs: HashMap<String, Style>,
    code: HashSet<String>,
}

impl Styles {
    pub(super) fn read(root: &Element) -> Self {
        let mut styles = Self::default();
        let all = root
            .child("styles")
            .into_iter()
            .flat_map(|styles| styles.all("style"));
        for style in all {
            let id = style.attribute("styleId").unwrap_or_default().to_owned();
            let name = style.value("name").unwrap_or_default().to_lowercase();
            if style.attribute("type") == Some("character") {
                if is_code(&name) {
                    styles.code.insert(id);
                }
                continue;
            }
            styles.paragraphs.insert(id, paragraph(style, &name));
        }
        styles
    }

    pub(super) fn paragraph(&self, id: Option<&str>) -> Style {
        id.and_then(|id| self.paragraphs.get(id).cloned())
            .unwrap_or_default()
    }

    pub(super) fn is_code(&self, id: &str) -> bool {
        self.code.contains(id)
    }
}

fn paragraph(style: &Element, name: &str) -> Style {
    let properties = style.child("pPr");
    let numbering = properties.and_then(|p| p.child("numPr"));
    let list = numbering.and_then(|n| {
        let level = n
            .value("ilvl")
            .and_then(|level| level.parse().ok())
            .unwrap_or(0);
        Some((n.value("numId")?.to_owned(), level))
    });
    let outline = properties.and_then(|p| p.value("outlineLvl")?.parse::<u8>().ok());
    Style {
        role: role(name, outline),
        bidi: properties.and_then(|p| p.flag("bidi")),
        list,
    }
}

fn role(name: &str, outline: Option<u8>) -> Role {
    if let Some(level) = name
        .strip_prefix("heading ")
        .and_then(|n| n.trim().parse::<u8>().ok())
    {
        return Role::Heading(level.clamp(1, 4));
    }
    match name {
        "title" => Role::Heading(1),
        "subtitle" => Role::Heading(2),
        "quote" | "intense quote" | "block text" => Role::Quote,
        _ if is_code(name) => Role::Code,
        _ if name.starts_with("list continue") => Role::Continuation,
        _ => outline.map_or(Role::Text, |level| {
            if level < 9 {
                Role::Heading((level + 1).min(4))
            } else {
                Role::Text
            }
        }),
    }
}

fn is_code(name: &str) -> bool {
    matches!(
        name,
        "html preformatted"
            | "html code"
            | "code"
            | "inline code"
            | "source code"
            | "verbatim char"
            | "plain text"
    )
}
