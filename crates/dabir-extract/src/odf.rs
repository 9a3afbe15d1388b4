//! OpenDocument: texts, sheets and slides.

use crate::archive::Archive;
use crate::findings::{Findings, Stop};
use crate::model::Refusal;
use crate::package::read_about;
use crate::xml::{Node, Tag, walk};

/// What a document of this type is called here.
pub(crate) fn format(kind: &str) -> &'static str {
    match kind.rsplit('.').next() {
        Some(kind) if kind.starts_with("spreadsheet") => "ods",
        Some(kind) if kind.starts_with("presentation") => "odp",
        _ => "odt",
    }
}

pub(crate) fn read(archive: &Archive<'_>, found: &mut Findings) -> Result<(), Stop> {
    refuse_encrypted(archive)?;
    read_about(archive, "meta.xml", &mut found.about)?;
    let mut text = Text {
        found,
        level: None,
        begins: 0,
        depth: 0,
    };
    walk(archive.need("content.xml")?, |node| text.take(node))
}

fn refuse_encrypted(archive: &Archive<'_>) -> Result<(), Stop> {
    let Some(manifest) = archive.read("META-INF/manifest.xml")? else {
        return Ok(());
    };
    walk(manifest, |node| match node {
        Node::Start(tag) if tag.name() == "encryption-data" => Err(Refusal::encrypted().into()),
        _ => Ok(()),
    })
}

struct Text<'a> {
    found: &'a mut Findings,
    level: Option<u8>,
    begins: usize,
    /// How many paragraphs this stands in: between them is no text.
    depth: u32,
}

impl Text<'_> {
    fn take(&mut self, node: Node<'_>) -> Result<(), Stop> {
        match node {
            Node::Start(tag) => self.begin(&tag),
            Node::Text(text) if self.depth > 0 => self.found.text(text),
            Node::Text(_) => Ok(()),
            Node::End(name) => self.end(name),
        }
    }

    fn begin(&mut self, tag: &Tag<'_>) -> Result<(), Stop> {
        match tag.name() {
            "h" => {
                let level = tag.attribute("outline-level");
                self.level = Some(level.and_then(|level| level.parse().ok()).unwrap_or(1));
                self.begins = self.found.place();
                self.depth += 1;
            }
            "p" => self.depth += 1,
            "tab" => self.found.text("\t")?,
            "s" => self.found.text(" ")?,
            "line-break" => self.found.text("\n")?,
            "a" => {
                if let Some(url) = tag.attribute("href") {
                    self.found.link(&url);
                }
            }
            "table" | "page" => {
                if let Some(name) = tag.attribute("name")
                    && self.depth == 0
                    && self.found.about.format != "odt"
                {
                    self.found.part(name)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str) -> Result<(), Stop> {
        match name {
            "h" | "p" => {
                self.depth = self.depth.saturating_sub(1);
                if let Some(level) = self.level.take() {
                    self.found.heading_since(level, self.begins);
                }
                // In a sheet a cell's paragraph ends with its cell.
                if self.found.about.format != "ods" {
                    self.found.text("\n")?;
                }
            }
            "table-cell" => self.found.text("\t")?,
            "table-row" => self.found.line()?,
            _ => {}
        }
        Ok(())
    }
}
