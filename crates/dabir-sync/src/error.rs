//! Why something was not done to sources and runs.

use axum::http::StatusCode;
use dabir_http::{FieldError, Problem};
use dabir_jobs::{JobError, JobsError};

/// Why a request about sync was not done.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("some fields are not allowed")]
    Invalid(Vec<FieldError>),
    #[error("there is a source `{0}` already")]
    Exists(String),
    #[error(
        "`{0}` stands in the configuration file; only `enabled` and `interval` can be changed here"
    )]
    InFile(String),
    #[error("`{source_name}` is being synced already, by run {run}")]
    Running { source_name: String, run: i64 },
    #[error("{0}")]
    State(String),
    #[error(
        "the secrets of `{0}` were sealed with another key than `secrets/sealing.key`; write them again"
    )]
    Sealed(String),
    #[error(transparent)]
    Jobs(#[from] JobsError),
    #[error("the database did not do it")]
    Db(#[from] sea_orm::DbErr),
}

impl SyncError {
    /// One field that is not allowed.
    #[must_use]
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError {
            field: field.to_owned(),
            detail: detail.into(),
        }])
    }
}

impl From<SyncError> for Problem {
    fn from(error: SyncError) -> Self {
        use SyncError as E;
        let detail = error.to_string();
        match error {
            E::NotFound(what) => Self::not_found(&format!("{what}s.not_found"), detail),
            E::Invalid(errors) => Self::invalid("sources.invalid", errors),
            E::Exists(_) => Self::conflict("sources.exists", detail),
            E::InFile(_) => Self::conflict("sources.in_file", detail),
            E::Running { .. } => Self::conflict("sources.running", detail),
            E::State(_) => Self::conflict("runs.state", detail),
            E::Sealed(_) => Self::new(StatusCode::CONFLICT, "sources.sealed", detail),
            E::Jobs(error) => error.into(),
            E::Db(error) => Self::internal(&error),
        }
    }
}

impl From<SyncError> for JobError {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Db(error) => error.into(),
            SyncError::Jobs(error) => error.into(),
            other => Self::fail(other),
        }
    }
}
