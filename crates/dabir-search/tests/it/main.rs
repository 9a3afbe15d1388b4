//! Searching on both databases.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod bench;
mod index;
mod follow;
mod hostile;
mod golden;
mod route;
