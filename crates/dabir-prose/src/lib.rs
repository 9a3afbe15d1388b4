//! What a document *is*, and its ways in and out.
//!
//! The truth is a tree of [`Node`]s, the same tree as the editor's ProseMirror JSON. Whatever comes
//! from outside passes [`clean`] or one of the readers, and a tree that left them obeys the schema:
//! known nodes in their places, safe addresses, bounded size. Start at [`node`] and [`schema`].
//!
//! Nothing here knows of HTTP, SQL, files or time.

pub mod node;
pub mod schema;
mod error;
pub mod dir;
mod build;
pub mod text;
pub mod html;
pub mod markdown;
mod words;
pub mod diff;
pub mod templates;
mod picture;
pub mod docx;
pub mod pdf;
pub mod yjs;

pub use error::ProseError;
pub use node::{Align, Cell, Dir, Image, Kind, Mark, Node};
pub use picture::Picture;
pub use schema::clean;

/// What knows the address of one of our files for the address that a picture has elsewhere; `None`
/// keeps the address, and the schema decides about it.
pub type Images<'a> = &'a mut dyn FnMut(&str) -> Option<String>;

/// What stores a picture that came in a file (its name there and its bytes) and gives its address;
/// `None` leaves it out.
pub type StorePicture<'a> = &'a mut dyn FnMut(&str, Vec<u8>) -> Option<String>;
