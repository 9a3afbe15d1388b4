//! Durable background jobs on the one database, the same on SQLite and PostgreSQL.
//!
//! A job is a row. It is made in the transaction of the change that it belongs to
//! ([`Jobs::enqueue`]), claimed by a worker with a random token, and every later write of that worker
//! carries the token: whoever lost the lease can write nothing. A worker shows signs of life in its
//! own row; when they stop, the others take its jobs back. Errors and crashes are counted apart.
//!
//! A domain names its [`Kind`]s, gives their code to [`Handlers`], and `serve` runs a
//! [`Worker`](worker::Worker). There is no second queue, no broker, and nothing in memory that a
//! crash could lose.

mod model;
mod backoff;
mod schedule;
mod kind;
mod context;
pub mod command;
mod service;
mod tell;
mod store;
mod routes;
pub mod worker;
mod metrics;
mod config;
mod error;

pub use backoff::Backoff;
pub use config::JobsConfig;
pub use context::{JobContext, Lease};
pub use error::{JobError, JobsError};
pub use kind::{Handlers, HandlersBuilder, Kind};
pub use metrics::Metrics;
pub use model::{
    Attempt, Enqueued, Job, JobFilter, JobState, KindView, LogLine, NewJob, Progress, Queue,
    QueuePatch, WorkerView,
};
pub use routes::{JobsApi, routes};
pub use schedule::{CatchUp, NewSchedule, Schedule, SchedulePatch, ScheduleView, Timing};
pub use service::{JobCount, Jobs};
