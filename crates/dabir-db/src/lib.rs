//! The database: SQLite in the data folder, or PostgreSQL, from the same code and migrations.
//!
//! Start at [`Db::open`]. Reads go through [`Db::read`], every change through a transaction from
//! [`Db::write`]. A domain keeps its queries in its `store.rs`; the tables are made in
//! [`migrations`]. The data folder and its [`Secrets`] are here too. What a person changes is
//! written to the [`audit`] in the same transaction, and what others are to hear of to the [`outbox`];
//! what can be found is marked as [`stale`].

mod connect;
pub mod migrations;
mod tables;
pub mod audit;
pub mod outbox;
pub mod stale;
pub mod sql;
mod question;
mod lease;
pub mod hints;
mod folder;
pub mod lock_file;
mod secrets;
mod seal;
mod ts;

pub use connect::{Db, OpenError};
pub use folder::{DataFolder, FolderError, private_dir};
pub use lease::{Held, Lease};
pub use question::Question;
pub use seal::Sealer;
pub use secrets::{SecretError, Secrets};
pub use tables::Tables;
pub use ts::Ts;
