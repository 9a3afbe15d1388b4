//! Slides: one part each.

use crate::archive::Archive;
use crate::findings::{Findings, Stop};
use crate::package::{links, read_about};
use crate::xml::{Node, walk};

pub(crate) fn read(archive: &Archive<'_>, found: &mut Findings) -> Result<(), Stop> {
    read_about(archive, "docProps/core.xml", &mut found.about)?;
    let numbers = archive.names().filter_map(|name| {
        let number = name.strip_prefix("ppt/slides/slide")?;
        number.strip_suffix(".xml")?.parse::<u32>().ok()
    });
    let mut numbers: Vec<u32> = numbers.collect();
    numbers.sort_unstable();
    found.about.pages = u32::try_from(numbers.len()).ok();
    for number in numbers {
        found.part(number.to_string())?;
        let name = format!("ppt/slides/_rels/slide{number}.xml.rels");
        links(archive, &name, found)?;
        read_slide(archive, &format!("ppt/slides/slide{number}.xml"), found)?;
    }
    Ok(())
}

fn read_slide(archive: &Archive<'_>, name: &str, found: &mut Findings) -> Result<(), Stop> {
    let (mut is_text, mut is_title, mut begins) = (false, false, 0);
    walk(archive.need(name)?, |node| match node {
        Node::Start(tag) => {
            match tag.name() {
                "t" => is_text = true,
                "br" => found.text("\n")?,
                "p" => begins = found.place(),
                "ph" => {
                    let kind = tag.attribute("type").unwrap_or_default();
                    is_title = matches!(&*kind, "title" | "ctrTitle");
                }
                _ => {}
            }
            Ok(())
        }
        Node::Text(text) if is_text => found.text(text),
        Node::Text(_) => Ok(()),
        Node::End(name) => {
            match name {
                "t" => is_text = false,
                "p" => {
                    if is_title {
                        found.heading_since(1, begins);
                    }
                    found.line()?;
                }
                "sp" => is_title = false,
                _ => {}
            }
            Ok(())
        }
    })
}
