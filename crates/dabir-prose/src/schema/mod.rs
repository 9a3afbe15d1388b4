//! The schema: what may stand in what, and [`clean`], which makes it so.
//!
//! Three steps, each its own file: [`loose`] reads JSON into typed nodes without minding their
//! places, [`fit`] puts every node where it may stand, [`address`] decides which links and pictures
//! may stay. The readers of Markdown, HTML and DOCX share the last two, so one rule holds for all.
//! What does not fit is unwrapped, never lost: text survives every cleaning.

mod loose;
mod fit;
mod grid;
mod line;
pub mod address;

use serde_json::Value;

use crate::{Node, ProseError};

pub(crate) use fit::fit;
pub(crate) use line::is_blank;

/// The deepest a document may nest, the document and its text counted.
pub const MAX_DEPTH: usize = 64;
/// The most nodes a document may have.
pub const MAX_NODES: usize = 200_000;
/// The most text a document may have, in bytes.
pub const MAX_TEXT_BYTES: usize = 4 * 1024 * 1024;
/// The highest number that a list may begin with; Markdown has no room for more.
pub const MAX_START: u32 = 999_999_999;
/// The most columns or rows that one cell may cover.
pub const MAX_SPAN: u32 = 100;

/// Makes a document out of what an editor, a program or an attacker sent.
///
/// Unknown nodes are replaced by what stands in them, unknown marks and attributes are dropped,
/// misplaced blocks are moved where the schema allows them, unsafe addresses go and their words stay.
/// A clean document comes back unchanged.
///
/// # Errors
/// When the value is no document, or exceeds [`MAX_DEPTH`], [`MAX_NODES`] or [`MAX_TEXT_BYTES`].
pub fn clean(value: &Value) -> Result<Node, ProseError> {
    fit(loose::read(value)?)
}

/// The nodes of a tree and the bytes of their text.
pub(crate) fn size(node: &Node) -> (usize, usize) {
    let own = (1, node.as_text().map_or(0, str::len));
    node.content
        .iter()
        .map(size)
        .fold(own, |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

/// Refuses more than an editor can hold.
pub(crate) fn check_size(nodes: usize, text_bytes: usize) -> Result<(), ProseError> {
    if nodes > MAX_NODES {
        return Err(ProseError::TooManyNodes { most: MAX_NODES });
    }
    if text_bytes > MAX_TEXT_BYTES {
        return Err(ProseError::TooLong {
            most: MAX_TEXT_BYTES,
        });
    }
    Ok(())
}
