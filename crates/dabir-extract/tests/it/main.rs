//! The helper as the server starts it: what it makes of good files, and of files made to do harm.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod helper;
mod reading;
mod pdfs;
mod hostile;
