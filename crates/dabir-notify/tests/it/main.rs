//! Telling others, on both databases.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod bench;
mod receiver;
mod webhooks;
mod outage;
mod inbox;
mod letters;
mod http;
