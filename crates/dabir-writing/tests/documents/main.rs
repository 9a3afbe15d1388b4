//! Documents on both databases: as the API's callers use them, and as pages edit them together.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod bench;
mod page;
mod documents;
mod rights;
mod content;
mod comments;
mod transfer;
mod published;
mod live;
mod crowd;
mod crash;
