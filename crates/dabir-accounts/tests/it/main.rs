//! The rules of accounts, each on SQLite and on PostgreSQL.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod bench;
mod people;
mod sessions;
mod tokens;
mod links;
mod factors;
mod limits;
mod processes;
mod audit;
