//! What writers work with: documents that they write together, tasks that they hand each other, and
//! what they say about both.
//!
//! [`Tasks`] has the rules. Who people are and what files there are comes from the app through
//! [`People`] and [`Files`]; every change stands in the audit, in the task's own activity and, for
//! whom it concerns, in the outbox, all in one transaction.

pub mod people;
pub mod files;
mod fields;
pub mod comments;
pub mod tasks;
pub mod documents;
pub mod live;
pub mod error;

pub use documents::{Documents, DocumentsSetup};
pub use error::WritingError;
pub use files::{File, Files};
pub use people::{Doer, People, Person};
pub use tasks::{Tasks, TasksSetup};
