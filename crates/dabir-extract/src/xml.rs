//! XML as it comes, no tree: bounded in depth, without document types and entities of its own.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::errors::Error;
use quick_xml::events::{BytesStart, Event};

use crate::archive::refused;
use crate::findings::Stop;
use crate::model::{Code, Refusal};

/// How deep elements may stand in each other.
const MAX_DEPTH: usize = 256;
/// The longest piece between two tags, in bytes.
const MAX_PIECE: usize = 16 << 20;

/// What comes next. Names are without their prefix.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    Start(Tag<'a>),
    End(&'a str),
    Text(&'a str),
}

/// A tag that opens.
#[derive(Debug)]
pub(crate) struct Tag<'a>(&'a BytesStart<'a>);

impl Tag<'_> {
    pub(crate) fn name(&self) -> &str {
        local(self.0.name().into_inner())
    }

    /// The attribute of this name, whatever its prefix.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        let mut all = attributes.with_checks(false).flatten();
        let value = all.find(|one| local(one.key.into_inner()) == name)?;
        let version = quick_xml::XmlVersion::Implicit1_0;
        value.normalized_value(version).ok().map(Into::into)
    }
}

/// Tells `visit` of everything in `source`, until it wants no more.
pub(crate) fn walk(
    source: impl BufRead,
    mut visit: impl FnMut(Node<'_>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut reader = Reader::from_reader(source);
    reader.config_mut().check_end_names = true;
    let mut buffer = Vec::new();
    let mut depth = 0_usize;
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(broken)? {
            Event::Start(tag) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    let detail = format!("its parts stand in each other {MAX_DEPTH} deep and more");
                    return Err(Refusal::new(Code::TooDeep, detail).into());
                }
                visit(Node::Start(Tag(&tag)))?;
            }
            Event::Empty(tag) => {
                visit(Node::Start(Tag(&tag)))?;
                visit(Node::End(local(tag.name().into_inner())))?;
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                visit(Node::End(local(tag.name().into_inner())))?;
            }
            Event::Text(text) => visit(Node::Text(&text))?,
            Event::CData(text) => visit(Node::Text(&text))?,
            Event::GeneralRef(entity) => {
                let mut utf8 = [0; 4];
                let known = match entity.resolve_char_ref() {
                    Ok(Some(c)) => Some(&*c.encode_utf8(&mut utf8)),
                    _ => predefined(&entity),
                };
                let known = known.ok_or_else(entities)?;
                visit(Node::Text(known))?;
            }
            Event::DocType(_) => return Err(entities().into()),
            Event::Eof if depth == 0 => return Ok(()),
            Event::Eof => return Err(Refusal::new(Code::Damaged, "a part of it breaks off").into()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
        if buffer.len() > MAX_PIECE {
            let detail = "a part of it has no end";
            return Err(Refusal::new(Code::TooLarge, detail).into());
        }
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn predefined(entity: &str) -> Option<&'static str> {
    Some(match entity {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return None,
    })
}

fn entities() -> Refusal {
    Refusal::new(
        Code::Entities,
        "it declares a document type or entities of its own, which documents have no need of",
    )
}

fn broken(error: Error) -> Stop {
    match error {
        Error::Io(error) => refused(&error).into(),
        other => {
            let detail = format!("a part of it is no XML: {other}");
            Refusal::new(Code::Damaged, detail).into()
        }
    }
}
