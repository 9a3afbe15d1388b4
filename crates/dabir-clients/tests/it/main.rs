//! Clients on both databases.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

#[macro_use]
mod bench;
mod analytics;
mod directory;
mod folder;
mod mirrors;
mod files;
mod oracle;
mod orders;
mod presence;
mod processes;
mod redis;
mod seats;
mod writers;
