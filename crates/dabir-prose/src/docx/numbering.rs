//! Which lists count and from where.

use std::collections::HashMap;

use super::xml::Element;

/// How a level of a list is marked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    pub(super) ordered: bool,
    pub(super) start: u32,
}

/// The lists of a document by their numbers.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    lists: HashMap<String, HashMap<usize, Level>>,
}

impl Numbering {
    pub(super) fn read(root: &Element) -> Self {
        let Some(numbering) = root.child("numbering") else {
            return Self::default();
        };
        let patterns: HashMap<&str, HashMap<usize, Level>> = numbering
            .all("abstractNum")
            .filter_map(|pattern| Some((pattern.attribute("abstractNumId")?, levels(pattern))))
            .collect();
        let lists = numbering.all("num").filter_map(|list| {
            let mut levels = patterns
                .get(list.value("abstractNumId")?)
                .cloned()
                .unwrap_or_default();
            for change in list.all("lvlOverride") {
                override_start(&mut levels, change);
            }
            Some((list.attribute("numId")?.to_owned(), levels))
        });
        Self {
            lists: lists.collect(),
        }
    }

    pub(super) fn level(&self, list: &str, level: usize) -> Level {
        let found = self.lists.get(list).and_then(|levels| levels.get(&level));
        found.copied().unwrap_or(Level {
            ordered: false,
            start: 1,
        })
    }
}

fn levels(pattern: &Element) -> HashMap<usize, Level> {
    let level = |element: &Element| {
        let format = element.value("numFmt").unwrap_or("decimal");
        let start = element.value("start").and_then(|n| n.parse().ok());
        Some((
            element.attribute("ilvl")?.parse().ok()?,
            Level {
                ordered: !matches!(format, "bullet" | "none"),
                start: start.unwrap_or(1),
            },
        ))
    };
    pattern.all("lvl").filter_map(level).collect()
}

fn override_start(levels: &mut HashMap<usize, Level>, change: &Element) {
    let number = change
        .attribute("ilvl")
        .and_then(|n| n.parse::<usize>().ok());
    let start = change.value("startOverride").and_then(|n| n.parse().ok());
    if let (Some(number), Some(start)) = (number, start)
        && let Some(level) = levels.get_mut(&number)
    {
        level.start = start;
    }
}
