//! Backups of the whole house: the database, and every file of the data folder that matters, in one
//! file that is opened and counted before it counts.
//!
//! A backup is a `tar` compressed with zstd, so that the usual programs open it too; its [`Manifest`]
//! stands behind it, names every file with its length and SHA-256, and every table with its rows.
//! Start at [`Shelf`], the folder that backups stand in, and [`Backups`], what a server does with it.

mod model;
mod course;
mod archive;
mod tree;
mod store;
mod prune;
mod shelf;
mod create;
mod verify;
mod elsewhere;
mod restore;
mod service;
mod routes;
mod metrics;
mod config;
mod error;

pub use config::{BackupConfig, Keep};
pub use course::Course;
pub use create::{House, Made};
pub use elsewhere::Elsewhere;
pub use error::BackupError;
pub use metrics::Metrics;
pub use model::{Backup, BackupState, Manifest, Name};
pub use restore::{Order, Restored, is_half_restored, restore};
pub use routes::routes;
pub use service::{BackupArgs, Backups, BackupsSetup, MAKE, VERIFY, VerifyArgs, prune};
pub use shelf::Shelf;
pub use tree::was_served;
pub use verify::{Verified, verify};
