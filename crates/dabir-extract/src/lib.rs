//! Reads files that nobody here trusts: `dabir-extract KIND < file` writes what is in it, as lines of JSON.
//!
//! The executable gives up what it could do harm with ([`confine`]) before it reads its first byte, so
//! whoever takes it over through a file has neither files nor a network, and a processor and memory for
//! a while. Every reader counts what it unpacks, and not what a file says of itself. What a caller has to
//! know is in [`model`].

pub mod model;
mod findings;
pub mod confine;
mod input;
mod archive;
mod xml;
mod persian;
mod encoding;
mod plain;
mod markdown;
mod html;
mod package;
mod docx;
mod odf;
mod pptx;
mod xlsx;
mod epub;
pub mod pdf;
mod picture;
pub mod read;

pub use model::{About, Code, Heading, Kind, Line, Part, Refusal};
