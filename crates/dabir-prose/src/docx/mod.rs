//! Word documents out and in.
//!
//! What Word has a way to say comes back as it was: headings, lists, tasks as boxes, tables, links,
//! pictures, code, quotes, directions. Mentions become their words, and what stands in an item or a
//! quote beside paragraphs is set beside it.

mod package;
mod xml;
mod write;
mod segment;
mod styles;
mod numbering;
mod read;
mod inline;

pub use package::Limits;
pub use read::{parse, parse_with};
pub use write::{write, write_with};

/// The deepest level that Word has, from 0.
const MAX_LEVEL: usize = 8;
/// How far Word sets in one level of a list, in its units.
const INDENT: usize = 720;
