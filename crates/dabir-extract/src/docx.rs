//! Word documents.

use std::collections::HashMap;

use crate::archive::Archive;
use crate::findings::{Findings, Stop};
use crate::package::{links, read_about};
use crate::xml::{Node, Tag, walk};

pub(crate) fn read(archive: &Archive<'_>, found: &mut Findings) -> Result<(), Stop> {
    read_about(archive, "docProps/core.xml", &mut found.about)?;
    let levels = levels(archive)?;
    links(archive, "word/_rels/document.xml.rels", found)?;
    for name in [
        "word/document.xml",
        "word/footnotes.xml",
        "word/endnotes.xml",
    ] {
        let Some(entry) = archive.read(name)? else {
            continue;
        };
        let mut text = Text {
            levels: &levels,
            found,
            level: None,
            begins: 0,
            is_text: false,
        };
        walk(entry, |node| text.take(node))?;
    }
    Ok(())
}

struct Text<'a> {
    levels: &'a HashMap<String, u8>,
    found: &'a mut Findings,
    /// How great a heading this paragraph is.
    level: Option<u8>,
    begins: usize,
    /// Within what is shown; what was deleted stands elsewhere.
    is_text: bool,
}

impl Text<'_> {
    fn take(&mut self, node: Node<'_>) -> Result<(), Stop> {
        match node {
            Node::Start(tag) => self.begin(&tag),
            Node::Text(text) if self.is_text => self.found.text(text),
            Node::Text(_) => Ok(()),
            Node::End(name) => self.end(name),
        }
    }

    fn begin(&mut self, tag: &Tag<'_>) -> Result<(), Stop> {
        match tag.name() {
            "t" => self.is_text = true,
            "tab" => self.found.text("\t")?,
            "br" | "cr" => self.found.text("\n")?,
            "p" => (self.level, self.begins) = (None, self.found.place()),
            "pStyle" => {
                let style = tag.attribute("val");
                self.level = style.and_then(|style| self.levels.get(&style).copied());
            }
            "outlineLvl" => self.level = outline(tag),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str) -> Result<(), Stop> {
        match name {
            "t" => self.is_text = false,
            "p" => {
                if let Some(level) = self.level.take() {
                    self.found.heading_since(level, self.begins);
                }
                self.found.text("\n")?;
            }
            "tc" => self.found.text("\t")?,
            _ => {}
        }
        Ok(())
    }
}

/// The styles of headings by their ids, which are in the language of whoever wrote the document.
fn levels(archive: &Archive<'_>) -> Result<HashMap<String, u8>, Stop> {
    let mut levels = HashMap::new();
    let Some(entry) = archive.read("word/styles.xml")? else {
        return Ok(levels);
    };
    let mut style = None;
    walk(entry, |node| {
        if let Node::Start(tag) = node {
            match tag.name() {
                "style" => style = tag.attribute("styleId"),
                "outlineLvl" => {
                    if let (Some(id), Some(level)) = (style.clone(), outline(&tag)) {
                        levels.insert(id, level);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })?;
    Ok(levels)
}

/// Counted from nought; nine is none.
fn outline(tag: &Tag<'_>) -> Option<u8> {
    let level: u8 = tag.attribute("val")?.parse().ok()?;
    (level < 9).then_some(level + 1)
}
