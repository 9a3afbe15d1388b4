//! JSON into typed nodes, wherever they stand.

use serde_json::{Map, Value};

use super::{MAX_DEPTH, check_size};
use crate::ProseError;
use crate::node::{Align, Cell, Dir, Image, Kind, Mark, Node};

/// The nodes of the document in `value`, not yet in their places.
pub(super) fn read(value: &Value) -> Result<Vec<Node>, ProseError> {
    let object = value.as_object().ok_or(ProseError::NotADocument {
        why: "it is no JSON object",
    })?;
    if object.get("type").and_then(Value::as_str) != Some("doc") {
        return Err(ProseError::NotADocument {
            why: "its `type` is not `doc`",
        });
    }
    let mut reader = Reader::default();
    let mut out = Vec::new();
    reader.content(object, 1, &mut out)?;
    Ok(out)
}

#[derive(Default)]
struct Reader {
    nodes: usize,
    text_bytes: usize,
}

impl Reader {
    fn content(
        &mut self,
        object: &Map<String, Value>,
        depth: usize,
        out: &mut Vec<Node>,
    ) -> Result<(), ProseError> {
        if depth >= MAX_DEPTH {
            let something = object.get("content").and_then(Value::as_array);
            return match something {
                Some(array) if !array.is_empty() => Err(ProseError::TooDeep { most: MAX_DEPTH }),
                _ => Ok(()),
            };
        }
        let Some(Value::Array(content)) = object.get("content") else {
            return Ok(());
        };
        for child in content {
            if let Value::Object(child) = child {
                self.node(child, depth + 1, out)?;
            }
        }
        Ok(())
    }

    fn node(
        &mut self,
        object: &Map<String, Value>,
        depth: usize,
        out: &mut Vec<Node>,
    ) -> Result<(), ProseError> {
        self.nodes += 1;
        check_size(self.nodes, self.text_bytes)?;
        if let Some(text) = object.get("text").and_then(Value::as_str) {
            self.text_bytes += text.len();
            check_size(self.nodes, self.text_bytes)?;
            out.push(Node::marked(text, marks(object)));
            return Ok(());
        }
        let name = object.get("type").and_then(Value::as_str).unwrap_or("");
        let attrs = Attributes(object.get("attrs").and_then(Value::as_object));
        match kind(name, attrs) {
            Some(kind) => {
                let mut node = Node::leaf(kind).with_dir(attrs.text("dir").and_then(Dir::parse));
                self.content(object, depth, &mut node.content)?;
                out.push(node);
                Ok(())
            }
            None => self.content(object, depth, out),
        }
    }
}

/// The node that `name` and `attrs` describe; `None` when the schema has no such node.
pub(super) fn kind(name: &str, attrs: Attributes<'_>) -> Option<Kind> {
    Some(match name {
        "doc" => Kind::Doc,
        "paragraph" => Kind::Paragraph,
        "heading" => Kind::Heading {
            level: attrs.number("level").unwrap_or(1).clamp(1, 4) as u8,
        },
        "bulletList" => Kind::BulletList,
        "orderedList" => Kind::OrderedList {
            start: attrs.number("start").unwrap_or(1),
        },
        "listItem" => Kind::ListItem,
        "taskList" => Kind::TaskList,
        "taskItem" => Kind::TaskItem {
            checked: attrs.flag("checked"),
        },
        "blockquote" => Kind::Blockquote,
        "codeBlock" => Kind::CodeBlock {
            language: attrs.string("language"),
        },
        "horizontalRule" => Kind::HorizontalRule,
        "image" => Kind::Image(image(attrs)),
        "table" => Kind::Table,
        "tableRow" => Kind::TableRow,
        "tableHeader" => Kind::TableHeader(cell(attrs)),
        "tableCell" => Kind::TableCell(cell(attrs)),
        "hardBreak" => Kind::HardBreak,
        "mention" => Kind::Mention {
            id: attrs.string("id").unwrap_or_default(),
            label: attrs.string("label").unwrap_or_default(),
        },
        _ => return None,
    })
}

fn image(attrs: Attributes<'_>) -> Image {
    Image {
        src: attrs.string("src").unwrap_or_default(),
        alt: attrs.string("alt"),
        title: attrs.string("title"),
        width: attrs.number("width"),
        height: attrs.number("height"),
    }
}

fn cell(attrs: Attributes<'_>) -> Cell {
    Cell {
        colspan: attrs.number("colspan").unwrap_or(1),
        rowspan: attrs.number("rowspan").unwrap_or(1),
        align: attrs.text("align").and_then(Align::parse),
        colwidth: attrs.numbers("colwidth"),
    }
}

fn marks(object: &Map<String, Value>) -> Vec<Mark> {
    let Some(Value::Array(marks)) = object.get("marks") else {
        return Vec::new();
    };
    // Nobody marks a word more often than this; an attacker would.
    marks.iter().take(64).filter_map(json_mark).collect()
}

fn json_mark(value: &Value) -> Option<Mark> {
    let name = value.get("type")?.as_str()?;
    mark(
        name,
        Attributes(value.get("attrs").and_then(Value::as_object)),
    )
}

/// The mark that `name` and `attrs` describe; `None` when the schema has no such mark.
pub(super) fn mark(name: &str, attrs: Attributes<'_>) -> Option<Mark> {
    Some(match name {
        "link" => Mark::Link {
            href: attrs.string("href")?,
        },
        "bold" => Mark::Bold,
        "code" => Mark::Code,
        "italic" => Mark::Italic,
        "strike" => Mark::Strike,
        "underline" => Mark::Underline,
        "highlight" => Mark::Highlight,
        "comment" => Mark::Comment {
            id: attrs.string("id")?,
        },
        _ => return None,
    })
}

/// Attributes as somebody wrote them: numbers may be text, anything may be missing.
#[derive(Clone, Copy)]
pub(super) struct Attributes<'a>(pub(super) Option<&'a Map<String, Value>>);

impl<'a> Attributes<'a> {
    fn value(self, name: &str) -> Option<&'a Value> {
        self.0?.get(name)
    }

    fn text(self, name: &str) -> Option<&'a str> {
        self.value(name)?.as_str()
    }

    fn string(self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    fn number(self, name: &str) -> Option<u32> {
        number(self.value(name)?)
    }

    fn numbers(self, name: &str) -> Vec<u32> {
        let list = self.value(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(number).collect()
    }

    fn flag(self, name: &str) -> bool {
        matches!(self.value(name), Some(Value::Bool(true)))
            || self.text(name).is_some_and(|text| text == "true")
    }
}

fn number(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => number
            .as_f64()
            .filter(|n| n.is_finite() && *n >= 0.0)
            .map(|n| n.min(f64::from(u32::MAX)) as u32),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
