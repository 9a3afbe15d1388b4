//! Why a backup was not made, verified or restored.

use std::io;
use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use dabir_db::FolderError;
use dabir_http::Problem;
use dabir_jobs::{JobError, JobsError};

/// Why something was not done to backups.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("there is no backup `{0}`")]
    NotFound(String),
    #[error("`{}` is there already", .0.display())]
    Exists(PathBuf),
    #[error("another process makes, verifies or restores a backup in `{}`", .0.display())]
    Busy(PathBuf),
    #[error("no room is left in `{}`, so nothing was kept{}", folder.display(), needed.map_or(String::new(), |bytes| format!("; {} MiB are needed", bytes >> 20)))]
    Full {
        folder: PathBuf,
        /// How many bytes there must be, where that is known.
        needed: Option<u64>,
    },
    #[error("cannot {what} `{}`", path.display())]
    Io {
        what: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("`{name}` is damaged: {reason}")]
    Damaged { name: String, reason: String },
    #[error("`{name}` was made by a newer Dabir ({detail}); install that one to restore it")]
    Newer { name: String, detail: String },
    #[error("`{name}` holds a {backup} database, and this house is set up for {here}")]
    OtherKind {
        name: String,
        backup: String,
        here: &'static str,
    },
    #[error("{0} rooms of this folder still run, and would go on in the old one")]
    RoomsLive(usize),
    #[error("the database is used by others: {0}")]
    Connected(String),
    #[error("there is no database yet, so there is nothing to back up")]
    Empty,
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("it was told to end")]
    Stopped,
    #[error("the database did not do it")]
    Db(#[from] sea_orm::DbErr),
    #[error("the database did not do it")]
    Sql(#[from] sqlx::Error),
    #[error(transparent)]
    Jobs(#[from] JobsError),
}

impl BackupError {
    /// What a failed call says: of a full disk, that it is full.
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| {
            use io::ErrorKind as K;
            // What our own streams say passes through those of others as it is.
            let source = match source.downcast::<Self>() {
                Ok(ours) => return ours,
                Err(source) => source,
            };
            match source.kind() {
                K::StorageFull | K::QuotaExceeded | K::FileTooLarge => Self::Full {
                    folder: path.parent().unwrap_or(&path).to_owned(),
                    needed: None,
                },
                _ => Self::Io { what, path, source },
            }
        }
    }

    pub(crate) fn damaged(name: &str, reason: impl Into<String>) -> Self {
        Self::Damaged {
            name: name.to_owned(),
            reason: reason.into(),
        }
    }

    /// Whether the backup itself is to blame, and not the machine that looked at it.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::Newer { .. })
    }

    /// The error with all its causes, for people.
    #[must_use]
    pub fn told(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let said = error.to_string();
            if !text.ends_with(&said) {
                text += &format!(": {said}");
            }
            cause = error.source();
        }
        text
    }
}

impl From<BackupError> for Problem {
    fn from(error: BackupError) -> Self {
        use BackupError as E;
        let detail = error.told();
        match error {
            E::NotFound(_) => Self::not_found("backups.not_found", detail),
            E::Exists(_) => Self::conflict("backups.exists", detail),
            E::Busy(_) => Self::conflict("backups.busy", detail),
            E::Full { .. } => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "backups.disk_full",
                detail,
            ),
            E::Damaged { .. } => Self::conflict("backups.damaged", detail),
            E::Newer { .. } | E::OtherKind { .. } => Self::conflict("backups.other", detail),
            E::Folder(FolderError::Io { .. }) => Self::internal(&error),
            E::RoomsLive(_) | E::Connected(_) | E::Empty | E::Folder(_) => {
                Self::conflict("backups.state", detail)
            }
            E::Stopped => Self::conflict("backups.stopped", detail),
            E::Jobs(error) => error.into(),
            E::Io { .. } | E::Db(_) | E::Sql(_) => Self::internal(&error),
        }
    }
}

impl From<BackupError> for JobError {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Stopped => Self::Cancelled,
            BackupError::Jobs(error) => error.into(),
            BackupError::NotFound(_) | BackupError::Damaged { .. } | BackupError::Newer { .. } => {
                Self::fail(error.told())
            }
            other => Self::retry(other.told()),
        }
    }
}
