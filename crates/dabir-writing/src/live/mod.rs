//! Editing together: the line between a page where a document is open and this server.
//!
//! A [`room::Room`] is a task that owns one open document: it takes the changes of all who are in it,
//! keeps them ([`crate::documents::store::content`]), and only then acknowledges them and passes them
//! on. Other servers of the same database have rooms of the same document; the database says in what
//! order changes come, and each room reads what it did not write itself.
//!
//! Nothing here knows of sockets: a [`Line`] takes and gives frames.

pub(crate) mod wire;
mod presence;
pub(crate) mod state;
mod line;
mod room;
pub(crate) mod rooms;

pub use line::Line;
pub(crate) use wire::MAX_FRAME;
