//! Why something was not done to clients.

use dabir_http::{FieldError, Problem};

use crate::model::Refused;

/// Why a request about clients was not done.
#[derive(Debug, thiserror::Error)]
pub enum ClientsError {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("at most {most} clients at once; these are {found}")]
    TooMany { most: usize, found: usize },
    #[error("the database did not do it")]
    Db(#[from] sea_orm::DbErr),
}

/// Why somebody is not let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Bar {
    pub reason: String,
}

impl Refused {
    /// The stable name that programs may branch on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "clients.not_found",
            Self::Exists(_) => "clients.exists",
            Self::Blocked { .. } => "clients.blocked",
            Self::NotBlocked(_) => "clients.not_blocked",
            Self::NotPaused(_) => "clients.not_paused",
            Self::NotConnected(_) => "clients.not_connected",
            Self::NotClosed(_) => "clients.not_closed",
            Self::Full { .. } => "clients.full",
            Self::NotAssigned(_) => "clients.not_assigned",
            Self::Version(_) => "clients.version",
            Self::Invalid { .. } => "clients.invalid",
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let (code, detail) = (refused.code(), refused.to_string());
        match refused {
            Refused::Unknown(_) => Self::not_found(code, detail),
            Refused::Invalid { field, why } => {
                let field = field.to_owned();
                Self::invalid(code, vec![FieldError { field, detail: why }])
            }
            _ => Self::conflict(code, detail),
        }
    }
}

impl From<ClientsError> for Problem {
    fn from(error: ClientsError) -> Self {
        let detail = error.to_string();
        match error {
            ClientsError::Refused(refused) => refused.into(),
            ClientsError::TooMany { .. } => {
                let field = "usernames".to_owned();
                Self::invalid("clients.invalid", vec![FieldError { field, detail }])
            }
            ClientsError::Db(error) => Self::internal(&error),
        }
    }
}
