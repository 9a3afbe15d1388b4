//! Persian and English text: its words, how they are found, its language, and what can be counted of it.
//! No I/O.
//!
//! Search has one way from text to what is compared: `words` cuts, [`dabir_core::names::fold`] gives
//! one spelling, `stem` takes endings off, and [`search`] puts that together, for what is kept and
//! for what is asked alike.

mod words;
mod stem;
pub mod search;
mod snippet;
mod language;
mod statistics;
mod keywords;
mod similar;
mod spelling;

pub use keywords::keywords;
pub use language::{Language, language};
pub use similar::{Fingerprint, fingerprint};
pub use snippet::{LOOKED_AT, Piece, snippet};
pub use spelling::{Spelling, spelling};
pub use statistics::{Statistics, statistics};
