//! What texts are found by.
//!
//! An index knows nothing of languages: it keeps the [`terms`] of each text, a set of short words
//! that are ours, and answers which sets an [`Expression`] of terms holds for. A [`Query`] becomes
//! such expressions, one for each rank that a text may be found with.
//!
//! A term begins with what it says of the text:
//!
//! | | |
//! |---|---|
//! | `w` | this word stands in it: as it is spelt, folded, joined, or one part of it |
//! | `s` | so does a form of the word with this stem, other than the stem itself |
//! | `p` | a word begins with these three letters |
//! | `b` | two words that stand together have, written as one, a stem with this hash |
//! | `t…` | the same of its title |
//!
//! Pairs of words are hashed as if they were one word. That makes «آیین نامه», «آیین‌نامه» and
//! «آییننامه» find each other, and phrases need no positions.

mod word;
mod common;
mod terms;
mod expression;
mod query;

pub use expression::Expression;
pub use query::{Marks, Query};
pub use terms::terms;
