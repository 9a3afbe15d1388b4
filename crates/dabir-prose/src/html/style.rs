//! What an element's `style` says that a document can keep.

use super::tree::Tree;
use crate::node::{Align, Dir, Mark};

/// The declarations of a `style` attribute.
pub(super) struct Style<'a>(&'a str);

impl<'a> Style<'a> {
    pub(super) fn of(tree: &'a Tree, id: usize) -> Self {
        Self(tree.attribute(id, "style").unwrap_or_default())
    }

    /// The value of a property, in small letters.
    pub(super) fn get(&self, property: &str) -> Option<String> {
        self.0.split(';').find_map(|declaration| {
            let (name, value) = declaration.split_once(':')?;
            let same = name.trim().eq_ignore_ascii_case(property);
            same.then(|| value.trim().to_ascii_lowercase())
        })
    }

    /// `marks` as this style changes them. Google Docs wraps all in a `<b>` that is not bold.
    pub(super) fn change(&self, marks: &mut Vec<Mark>) {
        if self.0.is_empty() {
            return;
        }
        self.toggle(marks, "font-weight", &Mark::Bold, is_bold, |value| {
            value == "normal" || value.parse::<u32>().is_ok_and(|weight| weight < 600)
        });
        self.toggle(marks, "font-style", &Mark::Italic, is_slanted, |v| {
            v == "normal"
        });
        for property in ["text-decoration", "text-decoration-line"] {
            let value = self.get(property).unwrap_or_default();
            // Links are underlined by themselves.
            if value.contains("underline") && !marks.iter().any(Mark::is_link) {
                marks.push(Mark::Underline);
            }
            if value.contains("line-through") {
                marks.push(Mark::Strike);
            }
        }
        if self.get("mso-highlight").is_some() {
            marks.push(Mark::Highlight);
        }
    }

    fn toggle(
        &self,
        marks: &mut Vec<Mark>,
        property: &str,
        mark: &Mark,
        on: impl Fn(&str) -> bool,
        off: impl Fn(&str) -> bool,
    ) {
        match self.get(property) {
            Some(value) if on(&value) => marks.push(mark.clone()),
            Some(value) if off(&value) => marks.retain(|known| known != mark),
            _ => {}
        }
    }

    pub(super) fn keeps_spaces(&self) -> Option<bool> {
        let value = self.get("white-space")?;
        Some(value.starts_with("pre") || value == "break-spaces")
    }

    pub(super) fn is_hidden(&self) -> bool {
        self.get("display").is_some_and(|v| v == "none")
            || self.get("mso-hide").is_some_and(|v| v == "all")
    }
}

fn is_bold(value: &str) -> bool {
    value.starts_with("bold") || value.parse::<u32>().is_ok_and(|weight| weight >= 600)
}

fn is_slanted(value: &str) -> bool {
    value == "italic" || value.starts_with("oblique")
}

/// The direction that an element says it has.
pub(super) fn dir(tree: &Tree, id: usize) -> Option<Dir> {
    let said = tree.attribute(id, "dir").and_then(Dir::parse);
    said.or_else(|| Dir::parse(&Style::of(tree, id).get("direction")?))
}

/// The alignment that a cell says it has.
pub(super) fn align(tree: &Tree, id: usize) -> Option<Align> {
    let said = tree.attribute(id, "align").and_then(Align::parse);
    said.or_else(|| Align::parse(&Style::of(tree, id).get("text-align")?))
}
