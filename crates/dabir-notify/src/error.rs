//! Why something was not done about telling others.

use axum::http::StatusCode;
use dabir_http::egress::EgressError;
use dabir_http::{FieldError, Problem};
use dabir_jobs::{JobError, JobsError};

/// Why a request about webhooks or notifications was not done.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("some fields are not allowed")]
    Invalid(Vec<FieldError>),
    #[error("there are {0} webhooks already, and no more may be made")]
    TooMany(u64),
    #[error("{0}")]
    State(&'static str),
    #[error(
        "the secret of this webhook was sealed with another key than `secrets/sealing.key`; make a new one with `POST /webhooks/{{id}}/secret`"
    )]
    Sealed,
    /// The configuration of mail or text messages.
    #[error("{0}")]
    Config(String),
    #[error(
        "mail is not set up: `[mail] url` and `from` in the configuration file say where it goes"
    )]
    NoMail,
    #[error("the mail was not taken: {0}")]
    Mail(String),
    #[error(transparent)]
    Egress(#[from] EgressError),
    #[error(transparent)]
    Jobs(#[from] JobsError),
    #[error("the database did not do it")]
    Db(#[from] sea_orm::DbErr),
}

/// Why a mail or a text message was not taken.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) why: String,
    /// Whether another try is of no use.
    pub(crate) is_final: bool,
}

impl NotifyError {
    /// One field that is not allowed.
    #[must_use]
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError {
            field: field.to_owned(),
            detail: detail.into(),
        }])
    }
}

impl From<NotifyError> for Problem {
    fn from(error: NotifyError) -> Self {
        use NotifyError as E;
        let detail = error.to_string();
        match error {
            E::NotFound("delivery") => Self::not_found("deliveries.not_found", detail),
            E::NotFound(what) => Self::not_found(&format!("{what}s.not_found"), detail),
            E::Invalid(errors) => Self::invalid("notify.invalid", errors),
            E::TooMany(_) => Self::conflict("webhooks.too_many", detail),
            E::State(_) => Self::conflict("notify.state", detail),
            E::Sealed => Self::conflict("webhooks.sealed", detail),
            E::NoMail => Self::conflict("mail.off", detail),
            E::Mail(_) => Self::new(StatusCode::BAD_GATEWAY, "mail.refused", detail),
            E::Jobs(error) => error.into(),
            E::Egress(_) | E::Config(_) => Self::internal(&detail),
            E::Db(error) => Self::internal(&error),
        }
    }
}

impl From<Refused> for JobError {
    fn from(Refused { why, is_final }: Refused) -> Self {
        match is_final {
            true => Self::fail(why),
            false => Self::retry(why),
        }
    }
}

impl From<NotifyError> for JobError {
    fn from(error: NotifyError) -> Self {
        match error {
            NotifyError::Db(error) => error.into(),
            NotifyError::Jobs(error) => error.into(),
            other => Self::fail(other),
        }
    }
}
