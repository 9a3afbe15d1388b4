//! Files over HTTP, in a folder with SQLite and in S3 with PostgreSQL.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

#[macro_use]
mod bench;
mod s3;
mod uploads;
mod faults;
mod files;
mod analysing;
mod clients;
