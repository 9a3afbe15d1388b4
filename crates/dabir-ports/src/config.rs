//! What can be set: the `[ports]` section, and what a program that embeds the library chooses.

use std::path::PathBuf;
use std::time::Duration;

use dabir_core::setting::{Kind, Setting, out_of_bounds};
use dabir_core::{Clock, Events, Span};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::PortError;
use crate::sockets::{self, Overlap};

/// Why some keys stand in the file alone.
const SHARED: &str =
    "`dabir port` hands out the same ports without a server, and reads file and environment alone";

/// The `[ports]` section of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PortsConfig {
    /// First and last port that are handed out.
    pub range: [u16; 2],
    /// The state file; its lock, backups and spoiled predecessors stand beside it.
    pub state: PathBuf,
    /// How often dead owners and other people's ports are looked for.
    pub refresh_interval: Span,
    /// How many changes of the active port are remembered.
    pub history_max: usize,
    /// How many backups are kept.
    pub backup_keep: usize,
}

impl Default for PortsConfig {
    fn default() -> Self {
        Self {
            range: [3000, 9000],
            state: PathBuf::from("data/ports/dynamic_ports.json"),
            refresh_interval: Span::from_secs(10),
            history_max: 50,
            backup_keep: 100,
        }
    }
}

impl PortsConfig {
    /// Every key of `[ports]`.
    pub const SETTINGS: &'static [Setting] = &[
        Setting::only_file("range", Kind::Range, SHARED),
        Setting::only_file("state", Kind::Text("the path of a file"), SHARED),
        Setting::live(
            "refresh_interval",
            Kind::Duration(Span::from_millis(10), Span::from_secs(86_400)),
        ),
        // The file is written whole at each change.
        Setting::live("history_max", Kind::Integer(0, 10_000)),
        // Recovery needs one.
        Setting::live("backup_keep", Kind::Integer(1, 1_000_000)),
    ];

    /// The part of the range that the kernel also uses for outgoing connections.
    #[must_use]
    pub fn ephemeral_overlap(&self) -> Option<Overlap> {
        let [first, last] = self.range;
        sockets::ephemeral_overlap(first, last)
    }

    /// Checks what types alone cannot.
    ///
    /// # Errors
    /// Names the key and what is allowed.
    pub fn validate(&self) -> Result<(), PortError> {
        let nowhere = (
            "state",
            "name a file, such as \"data/ports/dynamic_ports.json\"".to_owned(),
        );
        let mut problems = out_of_bounds(Self::SETTINGS, self);
        problems.extend(self.state.file_name().is_none().then_some(nowhere));
        match problems.into_iter().next() {
            None => Ok(()),
            Some((key, allowed)) => Err(PortError::Config { key, allowed }),
        }
    }
}

/// When a change is on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Before it is answered: it survives a power cut.
    #[default]
    Full,
    /// Within a second: processes that hold ports do not survive a power cut either. A crash of
    /// any process loses nothing.
    Relaxed,
}

/// What an embedding program may choose beyond the configuration.
#[derive(Clone, Debug)]
pub struct Options {
    pub clock: Clock,
    /// The zone of the times in the file.
    pub time_zone: TimeZone,
    /// Where picks and releases are told.
    pub events: Events,
    pub durability: Durability,
    /// How long to wait for the file's lock.
    pub lock_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Clock::system(),
            time_zone: TimeZone::system(),
            events: Events::default(),
            durability: Durability::Full,
            lock_timeout: Duration::from_secs(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut PortsConfig)) -> String {
        let mut config = PortsConfig::default();
        change(&mut config);
        config.validate().unwrap_err().to_string()
    }

    #[test]
    fn the_defaults_are_allowed() {
        PortsConfig::default().validate().unwrap();
    }

    #[test]
    fn what_is_refused_names_its_key_and_what_is_allowed() {
        assert!(refused(|c| c.range = [9000, 3000]).contains("`ports.range`"));
        assert!(refused(|c| c.range = [0, 10]).contains("[3000, 9000]"));
        assert!(refused(|c| c.state = PathBuf::from("/")).contains("`ports.state`"));
        assert!(refused(|c| c.refresh_interval = Span::from_millis(0)).contains("10ms"));
        assert!(refused(|c| c.history_max = 1 << 40).contains("`ports.history_max`"));
        assert!(refused(|c| c.backup_keep = 0).contains("`ports.backup_keep`"));
    }

    #[test]
    fn unknown_keys_and_wrong_types_are_refused() {
        for text in [r#"{"rang": [1, 2]}"#, r#"{"range": [1, 70000]}"#] {
            assert!(serde_json::from_str::<PortsConfig>(text).is_err(), "{text}");
        }
    }
}
