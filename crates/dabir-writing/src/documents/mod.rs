//! Documents: what writers write, in folders, alone or together.
//!
//! The text of a document is what its changes make of it, and nothing else: they are kept one by one
//! ([`store::content`]), whether they come from a page that is open ([`crate::live`]) or from a program.
//! What lists, search and people are told of it is derived from it afterwards ([`derive`]).

pub mod model;
pub(crate) mod rights;
mod list;
pub(crate) mod derive;
pub mod pictures;
pub mod service;
pub(crate) mod store;
pub mod routes;
pub mod worker;
pub mod error;

pub use error::DocumentError;
pub use model::{Document, Folder, Grant, Right};
pub use pictures::{Picture, Pictures};
pub use rights::Who;
pub use routes::{published, routes};
pub use service::{Begun, Documents, DocumentsSetup};
