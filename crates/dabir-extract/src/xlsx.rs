//! Sheets: the cells that are there, row by row. How many a sheet says it has is not believed.

use std::io::BufRead;

use crate::archive::Archive;
use crate::findings::{Findings, Stop};
use crate::model::{Code, Refusal};
use crate::package::{read_about, relations};
use crate::xml::{Node, walk};

/// The most text that cells may share, in bytes.
const MAX_SHARED: usize = 32 << 20;

pub(crate) fn read(archive: &Archive<'_>, found: &mut Findings) -> Result<(), Stop> {
    read_about(archive, "docProps/core.xml", &mut found.about)?;
    let shared = match archive.read("xl/sharedStrings.xml")? {
        Some(entry) => shared(entry)?,
        None => Vec::new(),
    };
    let sheets = sheets(archive)?;
    found.about.pages = u32::try_from(sheets.len()).ok();
    for (name, entry) in sheets {
        found.part(name)?;
        if let Some(entry) = archive.read(&entry)? {
            read_sheet(entry, &shared, found)?;
        }
    }
    Ok(())
}

/// The sheets' names, and where each stands.
fn sheets(archive: &Archive<'_>) -> Result<Vec<(String, String)>, Stop> {
    let places = relations(archive, "xl/_rels/workbook.xml.rels")?;
    let mut sheets = Vec::new();
    walk(archive.need("xl/workbook.xml")?, |node| {
        if let Node::Start(tag) = node
            && tag.name() == "sheet"
            && let (Some(name), Some(id)) = (tag.attribute("name"), tag.attribute("id"))
            && let Some((_, target, false)) = places.iter().find(|place| place.0 == id)
        {
            let target = target.trim_start_matches('/');
            let inside = target.strip_prefix("xl/").unwrap_or(target);
            sheets.push((name, format!("xl/{inside}")));
        }
        Ok(())
    })?;
    Ok(sheets)
}

/// What cells share, by its number.
fn shared(entry: impl BufRead) -> Result<Vec<String>, Stop> {
    let (mut all, mut length, mut is_text) = (Vec::<String>::new(), 0, false);
    walk(entry, |node| {
        match node {
            Node::Start(tag) => match tag.name() {
                "si" => {
                    all.push(String::new());
                    length += size_of::<String>();
                }
                "t" => is_text = true,
                // How a word is said, where it is written in signs.
                "rPh" => is_text = false,
                _ => {}
            },
            Node::Text(text) if is_text => {
                length += text.len();
                if let Some(last) = all.last_mut() {
                    last.push_str(text);
                }
            }
            Node::End("t") => is_text = false,
            Node::Text(_) | Node::End(_) => {}
        }
        if length > MAX_SHARED {
            let detail = format!("its cells share more than {} MiB of text", MAX_SHARED >> 20);
            return Err(Refusal::new(Code::TooLarge, detail).into());
        }
        Ok(())
    })?;
    Ok(all)
}

fn read_sheet(entry: impl BufRead, shared: &[String], found: &mut Findings) -> Result<(), Stop> {
    let (mut is_shared, mut is_value, mut value) = (false, false, String::new());
    walk(entry, |node| {
        match node {
            Node::Start(tag) => match tag.name() {
                "c" => {
                    is_shared = tag.attribute("t").as_deref() == Some("s");
                    value.clear();
                }
                "v" | "t" => is_value = true,
                _ => {}
            },
            Node::Text(text) if is_value => value.push_str(text),
            Node::End("v" | "t") => is_value = false,
            Node::End("c") if !value.is_empty() => {
                let number = value.parse::<usize>().ok().filter(|_| is_shared);
                let text = number.map_or(Some(&value), |number| shared.get(number));
                found.text(text.map_or("", |text| text))?;
                found.text("\t")?;
            }
            Node::End("row") => found.line()?,
            Node::Text(_) | Node::End(_) => {}
        }
        Ok(())
    })
}
