//! Why something was not done to files.

use axum::http::StatusCode;
use dabir_http::{FieldError, Problem};
use dabir_jobs::JobsError;

use crate::objects::StorageError;

/// Why a request about files was not done.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    #[error("there is no such file, or it is not for you")]
    NotFound,
    #[error("there is no such upload; it has expired, or was never yours")]
    NoUpload,
    #[error("the file has changed since; look at it again")]
    Changed,
    #[error("files of more than {} MiB are not taken", .0 >> 20)]
    TooLarge(u64),
    /// Whose quota, how large it is, and how much of it is left.
    #[error("{whose} may have {} MiB of files, and {} MiB of it are left", .quota >> 20, .left >> 20)]
    Quota {
        whose: &'static str,
        quota: u64,
        left: u64,
    },
    /// The sender is elsewhere in the file than we are.
    #[error("the upload stands at {at}, and not at {asked}")]
    Offset { at: u64, asked: u64 },
    #[error("the upload has {0} bytes, and more came")]
    Beyond(u64),
    #[error("the upload came in too many pieces; send larger ones, of 5 MiB")]
    TooManyPieces,
    #[error("what came is not what was sent: the checksum differs")]
    Checksum,
    #[error("the body broke off: {0}")]
    BrokenOff(String),
    #[error("nothing here reads files of this kind")]
    NoReader,
    #[error("only the owner of a file may do this")]
    NotYours,
    #[error("some fields are not allowed")]
    Invalid(Vec<FieldError>),
    #[error("the files cannot be reached")]
    Storage(#[from] StorageError),
    #[error("the database did not do it")]
    Db(#[from] sea_orm::DbErr),
    #[error(transparent)]
    Jobs(#[from] JobsError),
}

/// What the tus protocol says for a checksum that differs.
const CHECKSUM_MISMATCH: u16 = 460;

impl FilesError {
    /// One field that is not allowed.
    #[must_use]
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError {
            field: field.to_owned(),
            detail: detail.into(),
        }])
    }
}

impl From<FilesError> for Problem {
    fn from(error: FilesError) -> Self {
        use FilesError as E;
        let detail = error.to_string();
        let large = StatusCode::PAYLOAD_TOO_LARGE;
        match error {
            E::NotFound => Self::not_found("files.not_found", detail),
            E::NoUpload => Self::not_found("uploads.not_found", detail),
            E::Changed => Self::conflict("files.changed", detail),
            E::TooLarge(_) => Self::new(large, "files.too_large", detail),
            E::Quota { .. } => Self::new(large, "files.quota", detail),
            E::Offset { .. } => Self::conflict("uploads.offset", detail),
            E::Beyond(_) => Self::new(large, "uploads.too_long", detail),
            E::TooManyPieces => Self::new(large, "uploads.too_many_pieces", detail),
            E::Checksum => {
                let status = StatusCode::from_u16(CHECKSUM_MISMATCH);
                let status = status.unwrap_or(StatusCode::BAD_REQUEST);
                Self::new(status, "uploads.checksum", detail)
            }
            E::BrokenOff(_) => Self::bad_request("uploads.broken_off", detail),
            E::NoReader => Self::conflict("files.no_reader", detail),
            E::NotYours => Self::forbidden(detail),
            E::Invalid(errors) => Self::invalid("files.invalid", errors),
            E::Storage(error) => {
                tracing::error!(%error, "files cannot be reached: {error}");
                Self::unavailable(
                    "files.storage",
                    "the files cannot be reached just now; try again",
                )
            }
            E::Db(error) => Self::internal(&error),
            E::Jobs(error) => error.into(),
        }
    }
}
