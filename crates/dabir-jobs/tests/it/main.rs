//! Jobs on both databases, as their callers and the workers use them.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod bench;
mod queue;
mod orders;
mod leases;
mod kills;
mod schedules;
mod news;
mod commands;
