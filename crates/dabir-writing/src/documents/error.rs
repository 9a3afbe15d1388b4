//! Why something was not done to documents, from the caller's side.

use axum::http::StatusCode;
use dabir_http::{FieldError, Problem};
use dabir_prose::ProseError;
use sea_orm::DbErr;

use super::model::Right;
use crate::error::WritingError;

/// Why a request about documents was not done.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error("there is no such {0}, or it is not shared with you")]
    NotFound(&'static str),
    #[error("some fields are not allowed")]
    Invalid(Vec<FieldError>),
    #[error("this needs the right to {0}; ask the owner for it")]
    NoRight(Right),
    #[error("this was changed meanwhile, it has version {version}; look at it again")]
    Changed { version: i64 },
    #[error("this is another's comment")]
    OthersComment,
    #[error("{0}")]
    Prose(#[from] ProseError),
    #[error("{0}")]
    Import(String),
    #[error("too many documents or people are open here just now; try again in a minute")]
    Busy,
    #[error("the document was not open long enough to take the change; try again")]
    Away,
    #[error("the database did not do it")]
    Db(#[from] DbErr),
}

impl DocumentError {
    /// One field that is not allowed.
    #[must_use]
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError {
            field: field.to_owned(),
            detail: detail.into(),
        }])
    }

    /// A stable name for it.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::NotFound(what) => format!("{what}s.not_found"),
            Self::Invalid(_) => "documents.invalid".to_owned(),
            Self::NoRight(_) => "documents.no_right".to_owned(),
            Self::Changed { .. } => "documents.changed".to_owned(),
            Self::OthersComment => "auth.forbidden".to_owned(),
            Self::Prose(error) => error.code().to_owned(),
            Self::Import(_) => "documents.import".to_owned(),
            Self::Busy | Self::Away => "documents.busy".to_owned(),
            Self::Db(_) => "internal".to_owned(),
        }
    }
}

impl From<WritingError> for DocumentError {
    fn from(error: WritingError) -> Self {
        match error {
            WritingError::NotFound(what) => Self::NotFound(what),
            WritingError::Invalid(errors) => Self::Invalid(errors),
            WritingError::OthersComment => Self::OthersComment,
            WritingError::Db(error) => Self::Db(error),
            other => Self::invalid("id", other.to_string()),
        }
    }
}

impl From<DocumentError> for Problem {
    fn from(error: DocumentError) -> Self {
        use DocumentError as E;
        let (code, detail) = (error.code(), error.to_string());
        let status = match error {
            E::NotFound(_) => StatusCode::NOT_FOUND,
            E::Invalid(errors) => return Self::invalid(&code, errors),
            E::NoRight(_) | E::OthersComment => StatusCode::FORBIDDEN,
            E::Changed { .. } => StatusCode::CONFLICT,
            E::Prose(_) | E::Import(_) => StatusCode::UNPROCESSABLE_ENTITY,
            E::Busy | E::Away => StatusCode::SERVICE_UNAVAILABLE,
            E::Db(error) => return Self::internal(&error),
        };
        Self::new(status, &code, detail)
    }
}
