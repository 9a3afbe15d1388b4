//! The document as people edit it together: a Yjs document.
//!
//! The mapping is the editor's (TipTap's collaboration extension, y-prosemirror): a fragment named
//! [`FIELD`], an element for each node with its attributes, a text for each run of text nodes, marks
//! as formatting. Nodes that break the schema are deleted by the first browser that sees them, so only
//! clean documents are written.

mod marks;
mod read;
mod write;

use yrs::{Doc, OffsetKind, Options};

pub use read::{read, read_in};
pub use write::replace;

use crate::Node;

/// The name of the fragment that holds the document.
pub const FIELD: &str = "default";

/// An empty shared document that counts as browsers do. With other offsets Persian text breaks.
#[must_use]
pub fn new_doc() -> Doc {
    Doc::with_options(Options {
        offset_kind: OffsetKind::Utf16,
        ..Options::default()
    })
}

/// A new shared document that says what `node` says.
#[must_use]
pub fn from_node(node: &Node) -> Doc {
    let doc = new_doc();
    replace(&doc, node);
    doc
}
