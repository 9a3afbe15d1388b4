//! Backups of whole houses, on both databases: made while others write, damaged in every place,
//! brought back.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod house;
mod making;
mod damage;
mod restoring;
mod swapping;
mod hostile;
