//! HTML out, as a published page shows it, and in, as people paste it.

mod write;
mod tree;
mod style;
mod read;
mod word;

pub use read::{parse, parse_with};
pub use write::{page, write};

pub(crate) use read::loose_blocks;
pub(crate) use write::{escape, write_flat};
