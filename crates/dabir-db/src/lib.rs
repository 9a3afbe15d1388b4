//! The database: SQLite in the data folder, or PostgreSQL, from the same code and migrations.
//!
//! Start at [`Db::open`]. Reads go through [`Db::read`], every change through a transaction from
//! [`Db::write`]. A domain keeps its queries in its `store.rs`; the tables are made in
//! [`migrations`].

mod connect;
pub mod migrations;
mod tables;
mod folder;
mod ts;

pub use connect::{Db, OpenError};
pub use folder::{DataFolder, FolderError, private_dir};
pub use tables::Tables;
pub use ts::Ts;
