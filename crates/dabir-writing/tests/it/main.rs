//! Tasks on both databases, as the API's callers use them.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod bench;
mod tasks;
mod fields;
mod lists;
mod board;
mod comments;
mod bulk;
mod crowd;
mod story;
