//! What a turn has to tell: to the log, and as events to the rest of the program.

use dabir_core::Event;

/// One thing that happened, told once it is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    Started,
    Picked {
        port: u16,
        owner: String,
    },
    Released {
        port: u16,
    },
    /// Other people's programs came and went: ports that became free, and that no longer are.
    Refreshed {
        freed: usize,
        taken: usize,
    },
    Failed {
        error: String,
    },
    /// The file can be kept again.
    Recovered,
}

impl News {
    /// The word for it in the console line.
    pub(crate) fn action(&self) -> &'static str {
        match self {
            Self::Started => "START",
            Self::Picked { .. } => "PICK",
            Self::Released { .. } => "RELEASE",
            Self::Refreshed { .. } => "REFRESH",
            Self::Failed { .. } => "ERROR",
            Self::Recovered => "RECOVER",
        }
    }

    pub(crate) fn note(&self) -> String {
        match self {
            Self::Started => "port manager started".to_owned(),
            Self::Picked { port, owner } => format!("leased port {port} to {owner}"),
            Self::Released { port } => format!("port {port} is free again"),
            Self::Refreshed { freed, taken } => {
                format!("other programs left {freed} ports and took {taken}")
            }
            Self::Failed { error } => error.clone(),
            Self::Recovered => "the state file can be written again".to_owned(),
        }
    }

    pub(crate) fn port(&self) -> Option<u16> {
        match self {
            Self::Picked { port, .. } | Self::Released { port } => Some(*port),
            _ => None,
        }
    }

    pub(crate) fn owner(&self) -> Option<&str> {
        match self {
            Self::Picked { owner, .. } => Some(owner),
            _ => None,
        }
    }

    pub(crate) fn is_failure(&self) -> bool {
        matches!(self, Self::Failed { .. })
    }

    /// The event that others are told, when it is any of their business.
    pub(crate) fn into_event(self) -> Option<Event> {
        match self {
            Self::Picked { port, owner } => Some(Event::PortPicked { port, owner }),
            Self::Released { port } => Some(Event::PortReleased { port }),
            _ => None,
        }
    }
}
