//! Clients on both databases.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod bench;
mod analytics;
mod directory;
mod many;
mod folder;
mod import;
mod mirrors;
mod ears;
mod world;
mod files;
mod files_faults;
mod oracle;
mod orders;
mod partition;
mod presence;
mod processes;
mod redis;
mod redis_faults;
mod seats;
mod writers;
