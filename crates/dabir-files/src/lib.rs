//! People's files: uploads that go on after a cut line, where they are stored, who may have them, and
//! what is in them.
//!
//! An upload is taken piece by piece, each durable before it is acknowledged ([`Files::append`]), and
//! becomes a file under the same id in one transaction with the job that analyses it. A file is stored
//! under its id, in a folder or in S3; its name is a column and never a path. Nothing here reads what is
//! in a file but its first bytes: that is for the helper `dabir-extract` ([`run`]).

mod model;
mod name;
mod sniff;
mod rights;
mod objects;
pub mod run;
mod analysis;
mod service;
mod store;
mod routes;
mod config;
mod error;

pub use analysis::{ANALYSER, Analysis};
pub use config::{FilesConfig, StorageConfig};
pub use error::FilesError;
pub use model::{Attachment, File, FileFilter, FileState, NewUpload, Upload};
pub use objects::{Objects, StorageError};
pub use rights::{NoSubjects, Subjects};
pub use routes::routes;
pub use run::Helper;
pub use service::{ANALYSE, Alike, AnalyseArgs, Bulk, CLEAN, Checksum, Files, FilesSetup, Outcome};
