//! Sync on both databases, from a gateway that fails as it is told.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod bench;
mod runs;
mod faults;
mod resume;
mod drift;
mod truth;
mod values;
mod sources;
mod notices;
mod people;
mod command;
mod volume;
