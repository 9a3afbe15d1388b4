//! The words that every part of Dabir shares: the clock, identifiers, Jalali dates,
//! durations, pages of a list, names and their order, and the events that travel between domains.
//!
//! Nothing here opens a socket or knows of HTTP and SQL; the only files read are the kernel's.

pub mod clock;
pub mod jalali;
pub mod span;
pub mod id;
pub mod secret;
pub mod page;
pub mod findable;
pub mod words;
pub mod actor;
pub mod event;
pub mod text;
pub mod encode;
pub mod current;
pub mod setting;
pub mod names;
pub mod when;
pub mod process;

pub use actor::{Actor, ActorKind};
pub use clock::Clock;
pub use current::Current;
pub use event::{Event, Events};
pub use findable::Findable;
pub use id::new_id;
pub use page::Page;
pub use secret::Secret;
pub use setting::Setting;
pub use span::Span;

/// An instant, shown as RFC 3339 in UTC everywhere outside the program.
pub use jiff::Timestamp;
