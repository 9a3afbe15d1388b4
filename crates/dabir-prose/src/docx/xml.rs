//! XML into a tree: no entities, no document types, bounded depth and size.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::ProseError;
use crate::schema::MAX_NODES;

/// The deepest nesting of elements.
const MAX_DEPTH: usize = 256;
/// The most elements; Word spends a handful on each word.
const MAX_ELEMENTS: usize = 10 * MAX_NODES;

/// An element. Names come without their prefix.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    pub(super) text: String,
}

impl Element {
    /// Reads a part of a document.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ProseError> {
        let text = std::str::from_utf8(bytes).map_err(|_| broken())?;
        let mut reader = Reader::from_str(text);
        let mut open = vec![Self::default()];
        let mut count = 0;
        loop {
            match reader.read_event().map_err(|_| broken())? {
                Event::Eof => break,
                Event::DocType(_) => {
                    return Err(ProseError::NotDocx {
                        why: "its XML declares a document type",
                    });
                }
                Event::Start(start) => {
                    count += 1;
                    open.push(element(&start)?);
                }
                Event::Empty(start) => {
                    count += 1;
                    let element = element(&start)?;
                    add(&mut open, element);
                }
                Event::End(_) => close(&mut open),
                Event::Text(text) => push_text(&mut open, &text),
                Event::CData(text) => push_text(&mut open, &text),
                Event::GeneralRef(reference) => {
                    let c = match reference.resolve_char_ref().map_err(|_| broken())? {
                        Some(c) => c,
                        None => named(&reference)?,
                    };
                    push_text(&mut open, c.encode_utf8(&mut [0; 4]));
                }
                _ => {}
            }
            if open.len() > MAX_DEPTH {
                return Err(ProseError::TooDeep { most: MAX_DEPTH });
            }
            if count > MAX_ELEMENTS {
                return Err(ProseError::TooManyNodes { most: MAX_ELEMENTS });
            }
        }
        while open.len() > 1 {
            close(&mut open);
        }
        Ok(open.pop().unwrap_or_default())
    }

    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The children of this name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The attribute `val`, in which Word keeps most things.
    pub(super) fn val(&self) -> Option<&str> {
        self.attribute("val")
    }

    /// The `val` of the first child of this name.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.child(name)?.val()
    }

    /// A switch: there without a value means on.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        let child = self.child(name)?;
        Some(!matches!(child.val(), Some("0" | "false" | "off" | "none")))
    }

    /// The first element of this name anywhere below.
    pub(super) fn find(&self, name: &str) -> Option<&Self> {
        self.children.iter().find_map(|child| {
            if child.name == name {
                Some(child)
            } else {
                child.find(name)
            }
        })
    }
}

fn broken() -> ProseError {
    ProseError::NotDocx {
        why: "its XML is broken",
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, ProseError> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| broken())?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|_| broken())?;
        attributes.push((local(attribute.key.as_ref()), value.into_owned()));
    }
    Ok(Element {
        name: local(start.name().as_ref()),
        attributes,
        ..Element::default()
    })
}

fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_owned()
}

/// The five names that XML itself has.
fn named(reference: &str) -> Result<char, ProseError> {
    match reference {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(ProseError::NotDocx {
            why: "its XML uses entities",
        }),
    }
}

fn push_text(open: &mut [Element], text: &str) {
    if let Some(parent) = open.last_mut() {
        parent.text.push_str(text);
    }
}

fn close(open: &mut Vec<Element>) {
    if open.len() > 1
        && let Some(element) = open.pop()
    {
        add(open, element);
    }
}

fn add(open: &mut [Element], element: Element) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(element);
    }
}
