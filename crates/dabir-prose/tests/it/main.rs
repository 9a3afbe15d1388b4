//! Documents in and out, by tables and by chance.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod make;
mod cleaning;
mod saying;
mod html;
mod markdown;
mod yjs;
mod diff;
mod templates;
mod docx;
mod pdf;
