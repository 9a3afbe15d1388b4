//! What can go wrong with meetings, told from the caller's side.

use axum::http::StatusCode;
use dabir_http::{FieldError, Problem};
use sea_orm::DbErr;

use crate::model::MeetingState;

/// Why a meeting was not read or changed.
#[derive(Debug, thiserror::Error)]
pub enum MeetingError {
    #[error("there is no meeting `{0}`")]
    NotFound(String),
    #[error("several meetings are called `{name}`: {}; use the id", ids.join(", "))]
    Ambiguous { name: String, ids: Vec<String> },
    #[error("some fields are not allowed")]
    Invalid(Vec<FieldError>),
    #[error("the meeting is {state}: {hint}")]
    State {
        state: MeetingState,
        hint: &'static str,
    },
    #[error("the meeting is {state}, and another server keeps its room: come in at its address")]
    Elsewhere { state: MeetingState },
    #[error("the house keeps this person out: {reason}")]
    Barred { reason: String },
    #[error("the meeting comes from Django; its `{0}` is changed there")]
    Upstream(&'static str),
    #[error("another server changed the meetings at the same time; try again")]
    Behind,
    #[error("no source is configured; set `[meetings.django] url`")]
    NoSource,
    #[error("the log could not be read")]
    Log(#[from] std::io::Error),
    #[error("the database does not answer at the moment; try again")]
    Silent,
    #[error("the database did not answer")]
    Db(#[from] DbErr),
}

impl MeetingError {
    /// One field that is not as it may be.
    pub(crate) fn invalid(field: &str, detail: String) -> Self {
        Self::Invalid(vec![FieldError {
            field: field.to_owned(),
            detail,
        }])
    }
}

impl From<MeetingError> for Problem {
    fn from(error: MeetingError) -> Self {
        let detail = error.to_string();
        match error {
            MeetingError::NotFound(_) => Self::not_found("meetings.not_found", detail),
            MeetingError::Ambiguous { .. } => Self::conflict("meetings.ambiguous", detail),
            MeetingError::Invalid(errors) => Self::invalid("meetings.invalid", errors),
            MeetingError::State { .. } => Self::conflict("meetings.state", detail),
            MeetingError::Elsewhere { .. } => Self::conflict("meetings.elsewhere", detail),
            MeetingError::Barred { .. } => {
                Self::new(StatusCode::FORBIDDEN, "person.blocked", detail)
            }
            MeetingError::Upstream(_) => Self::conflict("meetings.upstream", detail),
            MeetingError::Behind => Self::conflict("meetings.behind", detail),
            MeetingError::NoSource => Self::conflict("meetings.no_source", detail),
            MeetingError::Silent => Self::unavailable("database.silent", detail),
            MeetingError::Log(cause) => Self::internal(&cause),
            MeetingError::Db(cause) => Self::internal(&cause),
        }
    }
}
