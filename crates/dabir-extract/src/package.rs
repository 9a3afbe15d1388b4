//! Zip archives that are documents: what is in one says which kind it is.

use crate::archive::Archive;
use crate::findings::{Findings, Stop, words};
use crate::input::Input;
use crate::model::{About, Code, Refusal};
use crate::xml::{Node, walk};
use crate::{docx, epub, odf, pptx, xlsx};

pub(crate) fn read(input: &Input, found: &mut Findings) -> Result<(), Stop> {
    let archive = Archive::open(input)?;
    found.about.macros = archive.names().any(|name| name.ends_with("vbaProject.bin"));
    let kind = archive.bytes("mimetype")?.unwrap_or_default();
    let kind = String::from_utf8_lossy(&kind);
    let (format, read): (&str, Reader) = match kind.trim() {
        "application/epub+zip" => ("epub", epub::read),
        kind if kind.starts_with("application/vnd.oasis.opendocument.") => {
            (odf::format(kind), odf::read)
        }
        _ if archive.has("word/document.xml") => ("docx", docx::read),
        _ if archive.has("ppt/presentation.xml") => ("pptx", pptx::read),
        _ if archive.has("xl/workbook.xml") => ("xlsx", xlsx::read),
        _ => {
            let detail = "it is an archive, and none that is a document; upload what is in it";
            return Err(Refusal::new(Code::UnknownKind, detail).into());
        }
    };
    format.clone_into(&mut found.about.format);
    read(&archive, found)
}

type Reader = fn(&Archive<'_>, &mut Findings) -> Result<(), Stop>;

/// Title, author and times, as office documents and books write them.
pub(crate) fn read_about(archive: &Archive<'_>, name: &str, about: &mut About) -> Result<(), Stop> {
    let Some(entry) = archive.read(name)? else {
        return Ok(());
    };
    let mut field = String::new();
    walk(entry, |node| {
        match node {
            Node::Start(_) => field.clear(),
            Node::Text(text) if field.len() < 4_096 => field.push_str(text),
            Node::Text(_) => {}
            Node::End(name) => {
                let of = match name {
                    "title" => &mut about.title,
                    "creator" | "initial-creator" => &mut about.author,
                    "created" | "creation-date" | "date" if about.created.is_none() => {
                        &mut about.created
                    }
                    "modified" => &mut about.modified,
                    _ => return Ok(()),
                };
                if of.is_none() {
                    *of = words(&field);
                }
                field.clear();
            }
        }
        Ok(())
    })
}

/// Where the relations of a part lead: their ids, targets, and whether out of the archive.
pub(crate) fn relations(
    archive: &Archive<'_>,
    name: &str,
) -> Result<Vec<(String, String, bool)>, Stop> {
    let mut relations = Vec::new();
    let Some(entry) = archive.read(name)? else {
        return Ok(relations);
    };
    walk(entry, |node| {
        if let Node::Start(tag) = node
            && tag.name() == "Relationship"
            && let (Some(id), Some(target)) = (tag.attribute("Id"), tag.attribute("Target"))
        {
            let is_outside = tag.attribute("TargetMode").as_deref() == Some("External");
            relations.push((id, target, is_outside));
        }
        Ok(())
    })?;
    Ok(relations)
}

/// Remembers the relations of a part that lead out of the archive.
pub(crate) fn links(archive: &Archive<'_>, name: &str, found: &mut Findings) -> Result<(), Stop> {
    for (_, target, is_outside) in relations(archive, name)? {
        if is_outside {
            found.link(&target);
        }
    }
    Ok(())
}
