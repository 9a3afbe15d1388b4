//! Why something was not done to jobs; and how a job says that it did not do its work.

use std::fmt;
use std::time::Duration;

use axum::http::StatusCode;
use dabir_http::{FieldError, Problem};

use crate::model::{JobState, MAX_JSON};

/// Why a request about jobs was not done.
#[derive(Debug, thiserror::Error)]
pub enum JobsError {
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("`{0}` is no kind of job that this version knows")]
    UnknownKind(String),
    #[error("these are no arguments of `{kind}`: {detail}")]
    Args { kind: String, detail: String },
    #[error("{what} of more than {MAX_JSON} bytes of JSON are refused")]
    TooLarge { what: &'static str },
    #[error("job {id} is {}, and {asked}", .state.as_str())]
    State {
        id: i64,
        state: JobState,
        asked: &'static str,
    },
    #[error("some fields are not allowed")]
    Invalid(Vec<FieldError>),
    /// Another worker has the job now, or nobody: whatever was to be written is void.
    #[error("the lease on the job is lost")]
    LeaseLost,
    #[error("the database did not do it")]
    Db(#[from] sea_orm::DbErr),
}

impl JobsError {
    /// One field that is not allowed.
    #[must_use]
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError {
            field: field.to_owned(),
            detail: detail.into(),
        }])
    }
}

impl From<JobsError> for Problem {
    fn from(error: JobsError) -> Self {
        use JobsError as E;
        let detail = error.to_string();
        match error {
            E::NotFound(what) => Self::not_found(&format!("{what}s.not_found"), detail),
            E::UnknownKind(_) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "jobs.unknown_kind",
                detail,
            ),
            E::Args { .. } => {
                let field = "args".to_owned();
                Self::invalid("jobs.invalid", vec![FieldError { field, detail }])
            }
            E::TooLarge { .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "jobs.too_large", detail)
            }
            E::State { .. } => Self::conflict("jobs.state", detail),
            E::Invalid(errors) => Self::invalid("jobs.invalid", errors),
            E::LeaseLost => Self::conflict("jobs.lease", detail),
            E::Db(error) => Self::internal(&error),
        }
    }
}

/// How an attempt at a job ended, when it did not end well.
#[derive(Debug)]
pub enum JobError {
    /// It may go better later.
    Retry {
        cause: String,
        /// The wait that was asked for, in place of the kind's own.
        after: Option<Duration>,
    },
    /// It will not go better.
    Fail(String),
    /// It heard that its end was asked for, and ended.
    Cancelled,
    /// Another worker may have it; nothing that this one says counts.
    LeaseLost,
}

impl JobError {
    /// It may go better later, after the kind's own wait.
    pub fn retry(cause: impl fmt::Display) -> Self {
        Self::Retry {
            cause: cause.to_string(),
            after: None,
        }
    }

    /// It may go better after `wait`.
    pub fn retry_after(cause: impl fmt::Display, wait: Duration) -> Self {
        Self::Retry {
            cause: cause.to_string(),
            after: Some(wait),
        }
    }

    /// It will not go better, however often it is tried.
    pub fn fail(cause: impl fmt::Display) -> Self {
        Self::Fail(cause.to_string())
    }
}

impl From<JobsError> for JobError {
    fn from(error: JobsError) -> Self {
        match error {
            JobsError::LeaseLost => Self::LeaseLost,
            JobsError::Db(error) => error.into(),
            other => Self::fail(other),
        }
    }
}

impl From<sea_orm::DbErr> for JobError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::retry(error)
    }
}
