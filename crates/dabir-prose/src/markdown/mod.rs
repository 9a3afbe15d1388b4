//! Markdown out and in: CommonMark with GitHub's tables, task lists and strikethrough.
//!
//! What Markdown cannot say (underline, a chosen direction, cells that span) is said in the HTML that
//! Markdown allows, so a document that is written and read again is the same document. Only comments
//! stay behind.

mod write;
mod inline;
mod escape;
mod read;

pub use read::{parse, parse_with};
pub use write::write;
