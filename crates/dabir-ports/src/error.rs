//! What can go wrong, from the caller's side, and what HTTP answers then.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::http::StatusCode;
use dabir_http::{FieldError, Problem};

/// Why the port manager did not do what it was asked.
///
/// Each message holds its cause, and no error has a source: files, logs and meetings keep the text
/// alone.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PortError {
    #[error("`ports.{key}` is not allowed: {allowed}")]
    Config { key: &'static str, allowed: String },
    #[error(
        "no free port left in {first}-{last}: {used} are in use, others belong to other programs"
    )]
    Exhausted { first: u16, last: u16, used: usize },
    #[error("port {port} is taken by {holder}")]
    Taken { port: u16, holder: String },
    #[error("port {port} is not in use, so it cannot be released")]
    NotUsed { port: u16 },
    #[error("no port is active, so there is nothing to release; name a port")]
    NoneActive,
    #[error("port {port} is outside {first}-{last}")]
    OutOfRange { port: u16, first: u16, last: u16 },
    #[error("there is no process {pid} on this machine")]
    NoSuchProcess { pid: u32 },
    #[error("an owner's name has 1 to 200 characters and no control characters")]
    Owner,
    #[error("cannot listen on {address}: {cause}")]
    Bind {
        address: SocketAddr,
        cause: Arc<io::Error>,
    },
    #[error("`{}` has been locked for {waited_secs} s by {holder}", path.display())]
    Locked {
        path: PathBuf,
        waited_secs: u64,
        holder: String,
    },
    #[error("cannot {action} `{}`: {cause}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        cause: Arc<io::Error>,
    },
    /// After a failed fsync nobody knows what is on the disk, and a second one may lie.
    #[error(
        "the state file is read-only since the disk refused to keep it ({cause}); check the disk and restart"
    )]
    ReadOnly { cause: String },
    #[error("there is no backup `{name}`")]
    NoSuchBackup { name: String },
    #[error("backup `{name}` is spoiled: {reason}")]
    SpoiledBackup { name: String, reason: String },
    #[error("the port manager has stopped")]
    Stopped,
}

impl PortError {
    /// For `map_err`: what was tried on which path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Io {
            action,
            path: path.to_owned(),
            cause: Arc::new(cause),
        }
    }
}

/// A 422 for one field of the body.
fn invalid(field: &str, detail: String) -> Problem {
    let field = field.to_owned();
    Problem::invalid("request.body", vec![FieldError { field, detail }])
}

impl From<PortError> for Problem {
    fn from(error: PortError) -> Self {
        let detail = error.to_string();
        match error {
            PortError::Exhausted { .. } => Self::conflict("ports.exhausted", detail),
            PortError::Taken { .. } => Self::conflict("ports.taken", detail),
            PortError::NotUsed { .. } => Self::not_found("ports.not_used", detail),
            PortError::NoneActive => Self::conflict("ports.none_active", detail),
            PortError::OutOfRange { .. } => invalid("preferred", detail),
            PortError::NoSuchProcess { .. } => invalid("pid", detail),
            PortError::Owner => invalid("owner", detail),
            PortError::NoSuchBackup { .. } => Self::not_found("ports.no_such_backup", detail),
            PortError::SpoiledBackup { .. } => Self::conflict("ports.spoiled_backup", detail),
            PortError::Locked { .. } => Self::unavailable("ports.locked", detail),
            PortError::ReadOnly { .. } => Self::unavailable("ports.read_only", detail),
            PortError::Stopped => Self::unavailable("ports.stopped", detail),
            PortError::Io { ref cause, .. } if cause.kind() == io::ErrorKind::StorageFull => {
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "ports.disk_full", detail)
            }
            PortError::Io { .. } | PortError::Bind { .. } => Self::internal(&detail),
            PortError::Config { key, .. } => invalid(key, detail),
        }
    }
}
