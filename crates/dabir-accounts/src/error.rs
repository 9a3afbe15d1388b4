//! Why something was not done to accounts, from the caller's side.

use axum::http::StatusCode;
use dabir_http::{FieldError, Problem, TooSoon};

/// Why a request about accounts was not done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("some fields are not allowed")]
    Invalid(Vec<FieldError>),
    #[error("accounts are made by invitation here; ask an admin for one")]
    Closed,
    #[error("the e-mail address or the password is wrong")]
    WrongLogin,
    #[error("this account asks for a code as well")]
    CodeNeeded,
    #[error("the code is wrong, or was used already")]
    WrongCode,
    #[error("the code is wrong; the second factor is not on yet")]
    Unconfirmed,
    #[error("the password is wrong")]
    WrongPassword,
    #[error("this account is blocked: {0}")]
    Blocked(String),
    #[error("too many people are signing in at this moment; try again")]
    Busy,
    #[error("too many requests")]
    TooSoon(TooSoon),
    #[error("this link was used already or is too old")]
    Link,
    #[error("the session has ended; sign in")]
    NoSession,
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("`{0}` has an account already")]
    EmailTaken(String),
    #[error("this is the only admin; make another one first")]
    LastAdmin,
    #[error("{0}")]
    State(&'static str),
    #[error("a token of yours can have {0} and no more")]
    Scope(String),
    #[error("only admins may see and change what is another's")]
    OthersThings,
    #[error("the database did not do it")]
    Db(#[from] sea_orm::DbErr),
    #[error("{0}")]
    Internal(String),
}

impl AccountError {
    /// One field that is not allowed.
    #[must_use]
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError {
            field: field.to_owned(),
            detail: detail.into(),
        }])
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        use AccountError as E;
        let detail = error.to_string();
        let new = |status, code| Self::new(status, code, detail.clone());
        match error {
            E::Invalid(errors) => Self::invalid("accounts.invalid", errors),
            E::Closed => new(StatusCode::FORBIDDEN, "auth.closed"),
            E::WrongLogin => new(StatusCode::UNAUTHORIZED, "auth.wrong"),
            E::CodeNeeded => new(StatusCode::UNAUTHORIZED, "auth.code_needed"),
            E::WrongCode => new(StatusCode::UNAUTHORIZED, "auth.code"),
            // Whoever sends it is signed in, and stays so.
            E::Unconfirmed => new(StatusCode::FORBIDDEN, "auth.code"),
            E::WrongPassword => new(StatusCode::FORBIDDEN, "auth.password"),
            E::Blocked(_) => new(StatusCode::FORBIDDEN, "auth.blocked"),
            E::Busy => Self {
                retry_after: Some(2),
                ..Self::unavailable("auth.busy", detail)
            },
            E::TooSoon(soon) => soon.into(),
            E::Link => new(StatusCode::NOT_FOUND, "auth.link"),
            E::NoSession => new(StatusCode::UNAUTHORIZED, "auth.session"),
            E::NotFound(what) => Self::not_found(&format!("{what}s.not_found"), detail),
            E::EmailTaken(_) => Self::conflict("users.email_taken", detail),
            E::LastAdmin => Self::conflict("users.last_admin", detail),
            E::State(_) => Self::conflict("accounts.state", detail),
            E::Scope(_) | E::OthersThings => Self::forbidden(detail),
            E::Db(error) => Self::internal(&error),
            E::Internal(cause) => Self::internal(&cause),
        }
    }
}
