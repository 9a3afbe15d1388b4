//! The university's data kept in step: sources are asked for their rows, and a table of each is
//! brought to what they say.
//!
//! A [`Source`] is data. A run of it is a job: partition by partition, page by page, each page
//! written in one transaction with its checkpoint, so that a run that is cut off goes on where it
//! stopped. Nothing that is as it was is written; what is gone is marked and stays. Start at
//! [`Syncs`].

mod model;
mod source;
mod template;
mod page;
mod columns;
mod row;
mod gateway;
mod run;
mod service;
mod store;
mod routes;
pub mod worker;
mod config;
mod error;

pub use config::SyncConfig;
pub use error::SyncError;
pub use gateway::Pace;
pub use model::{Cell, Change, Counts, Mode, Notes, Progress, Quarantined, Run, Status};
pub use routes::routes;
pub use run::RunArgs;
pub use service::{
    DUE, DueArgs, Found, Health, Origin, People, Person, RUN, RunDetail, SourceView, Syncs,
    SyncsSetup, Tested, TestedColumn,
};
pub use source::{
    Incremental, Login, Method, Partition, Request, Select, Source, SourceKind, predefined,
};
