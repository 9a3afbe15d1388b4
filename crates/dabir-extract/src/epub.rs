//! Books: their chapters in the order in which they are read, each once.

use std::collections::{HashMap, HashSet};

use crate::archive::Archive;
use crate::encoding::decode;
use crate::findings::{Findings, Stop};
use crate::html;
use crate::model::{Code, Refusal};
use crate::package::read_about;
use crate::xml::{Node, walk};

pub(crate) fn read(archive: &Archive<'_>, found: &mut Findings) -> Result<(), Stop> {
    let book = book(archive)?;
    read_about(archive, &book, &mut found.about)?;
    let folder = book.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut known = HashSet::new();
    let title = found.about.title.clone();
    for chapter in chapters(archive, &book)? {
        let name = within(folder, &chapter);
        if !known.insert(name.clone()) {
            continue;
        }
        if let Some(bytes) = archive.bytes(&name)? {
            found.part(known.len().to_string())?;
            html::read_text(&decode(&bytes).0, found)?;
        }
    }
    found.about.title = title.or(found.about.title.take());
    found.about.pages = u32::try_from(known.len()).ok();
    Ok(())
}

/// Where the book says what it consists of.
fn book(archive: &Archive<'_>) -> Result<String, Stop> {
    let mut book = None;
    walk(archive.need("META-INF/container.xml")?, |node| {
        if let Node::Start(tag) = node
            && tag.name() == "rootfile"
        {
            book = book.take().or_else(|| tag.attribute("full-path"));
        }
        Ok(())
    })?;
    let missing = || Refusal::new(Code::Damaged, "the book does not say where it begins");
    Ok(book.ok_or_else(missing)?)
}

/// The files of its chapters.
fn chapters(archive: &Archive<'_>, book: &str) -> Result<Vec<String>, Stop> {
    let (mut files, mut order) = (HashMap::new(), Vec::new());
    walk(archive.need(book)?, |node| {
        if let Node::Start(tag) = node {
            match tag.name() {
                "item" => {
                    if let (Some(id), Some(file)) = (tag.attribute("id"), tag.attribute("href")) {
                        files.insert(id, file);
                    }
                }
                "itemref" => order.extend(tag.attribute("idref")),
                _ => {}
            }
        }
        Ok(())
    })?;
    Ok(order
        .into_iter()
        .filter_map(|id| files.get(&id).cloned())
        .collect())
}

/// The name in the archive of what a book in `folder` calls `file`. Names that lead out find nothing.
fn within(folder: &str, file: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
