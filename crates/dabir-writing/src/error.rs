//! Why something was not done to tasks, from the caller's side.

use dabir_http::{FieldError, Problem};

/// Why a request about tasks was not done.
#[derive(Debug, thiserror::Error)]
pub enum WritingError {
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("some fields are not allowed")]
    Invalid(Vec<FieldError>),
    #[error("task {number} was changed meanwhile, it has version {version}; look at it again")]
    Changed { number: i64, version: i64 },
    #[error("task {0} is not in this column any more; look at the board again")]
    Moved(i64),
    #[error("this is another's comment")]
    OthersComment,
    #[error("the database did not do it")]
    Db(#[from] sea_orm::DbErr),
}

impl WritingError {
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
            Self::Invalid(_) => "tasks.invalid".to_owned(),
            Self::Changed { .. } => "tasks.changed".to_owned(),
            Self::Moved(_) => "tasks.moved".to_owned(),
            Self::OthersComment => "auth.forbidden".to_owned(),
            Self::Db(_) => "internal".to_owned(),
        }
    }
}

impl From<WritingError> for Problem {
    fn from(error: WritingError) -> Self {
        use WritingError as E;
        let (code, detail) = (error.code(), error.to_string());
        match error {
            E::NotFound(_) => Self::not_found(&code, detail),
            E::Invalid(errors) => Self::invalid(&code, errors),
            E::Changed { .. } | E::Moved(_) => Self::conflict(&code, detail),
            E::OthersComment => Self::forbidden(detail),
            E::Db(error) => Self::internal(&error),
        }
    }
}
