//! The attributes of nodes and marks as the editor writes them, in the editor's names.
//!
//! One list serves JSON and the shared document: what the editor would fill in by itself is written
//! too, so that a browser that opens what the server wrote finds nothing to change.

use serde_json::{Map, Value, json};

use super::{Cell, Image, Kind, Mark, Node};

/// Names and values, in the editor's order; what is not set is left out.
pub type Attrs = Map<String, Value>;

/// The attributes of a node.
#[must_use]
pub fn attrs(node: &Node) -> Attrs {
    let mut attrs = Attrs::new();
    match &node.kind {
        Kind::Heading { level } => set(&mut attrs, "level", *level),
        Kind::OrderedList { start } => set(&mut attrs, "start", *start),
        Kind::TaskItem { checked } => set(&mut attrs, "checked", *checked),
        Kind::CodeBlock { language } => set_some(&mut attrs, "language", language.as_deref()),
        Kind::Image(image) => image_attrs(&mut attrs, image),
        Kind::TableHeader(cell) | Kind::TableCell(cell) => cell_attrs(&mut attrs, cell),
        Kind::Mention { id, label } => {
            set(&mut attrs, "id", id.as_str());
            set(&mut attrs, "label", label.as_str());
            set(&mut attrs, "mentionSuggestionChar", "@");
        }
        _ => {}
    }
    set_some(&mut attrs, "dir", node.dir.map(super::Dir::as_str));
    attrs
}

impl Mark {
    /// The attributes of this mark.
    #[must_use]
    pub fn attrs(&self) -> Attrs {
        let mut attrs = Attrs::new();
        match self {
            Self::Link { href } => {
                set(&mut attrs, "href", href.as_str());
                set(&mut attrs, "target", "_blank");
                set(&mut attrs, "rel", "noopener noreferrer nofollow");
            }
            Self::Comment { id } => set(&mut attrs, "id", id.as_str()),
            _ => {}
        }
        attrs
    }
}

fn image_attrs(attrs: &mut Attrs, image: &Image) {
    set(attrs, "src", image.src.as_str());
    set_some(attrs, "alt", image.alt.as_deref());
    set_some(attrs, "title", image.title.as_deref());
    set_some(attrs, "width", image.width);
    set_some(attrs, "height", image.height);
}

fn cell_attrs(attrs: &mut Attrs, cell: &Cell) {
    set(attrs, "colspan", cell.colspan);
    set(attrs, "rowspan", cell.rowspan);
    if !cell.colwidth.is_empty() {
        attrs.insert("colwidth".to_owned(), json!(cell.colwidth));
    }
    set_some(attrs, "align", cell.align.map(super::Align::as_str));
}

fn set(attrs: &mut Attrs, name: &str, value: impl Into<Value>) {
    attrs.insert(name.to_owned(), value.into());
}

fn set_some(attrs: &mut Attrs, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        set(attrs, name, value);
    }
}
