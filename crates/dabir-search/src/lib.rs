//! One index for all that can be found: documents, tasks, the text of files, people.
//!
//! A change marks its thing as stale in its own transaction ([`dabir_db::stale`]); [`worker::run`] reads
//! at a [`Source`] how the thing is now and puts that into the index, with words for those who may read
//! it. [`Search::find_for`] answers what somebody finds, and asks the sources once more what of it they
//! may see: the index may be a moment behind, what people may see never is. The index knows no domain:
//! kinds are words, readers are words.
//!
//! `dabir_text::search` makes a set of terms of each text, to which readers and kind are added, and
//! an expression of terms of each query. Both databases do nothing but find the sets for which such an
//! expression holds, the newest first; so they answer the same, and nothing that somebody may not
//! read ever leaves the database.
//!
//! *Order.* A query has a few ranks, each asked by itself until the page is full: all words in the
//! title as they are spelt, all in the title, all together, all as they are spelt, all. Within a rank
//! what is newer comes first. A weight for each word would say more of long texts, but the two
//! databases weigh differently, and weighing ourselves would mean to read all that was found; with
//! ranks a page ends anywhere and the next one begins there.

mod model;
mod terms;
mod readers;
mod language;
mod source;
mod index;
mod service;
mod store;
mod error;
mod routes;
pub mod worker;

pub use error::SearchError;
pub use index::{Entry, MAX_BODY, put, remove};
pub use model::{Hit, Query};
pub use routes::routes;
pub use service::Search;
pub use source::{Source, Sources};
