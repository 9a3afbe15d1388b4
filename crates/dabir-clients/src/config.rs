//! The section `[clients]` of the configuration.

use std::path::PathBuf;

use dabir_core::setting::{Kind, Setting, out_of_bounds};
use dabir_core::{Secret, Span};
use serde::{Deserialize, Serialize};

/// `[clients]`: the files that other programs share with us, and how long silence is forgiven.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientsConfig {
    /// The folder of the five JSON files.
    pub dir: PathBuf,
    /// How often it is looked into files and Redis when nothing says that they changed.
    pub interval: Span,
    pub redis_encoding: RedisEncoding,
    /// A folder with one subfolder or image for each available client; empty: none.
    pub available_dir: PathBuf,
    /// Faculty and students are clients.
    pub directory: bool,
    /// The field of a person that holds their username; empty: the key of the source.
    pub directory_username: String,
    /// The fields that make up a person's name, with spaces between them.
    pub directory_name: String,
    /// How long somebody who gave signs of life may give none before they are lost.
    pub heartbeat_timeout: Span,
    /// How long somebody who is lost may come back before they are gone.
    pub connection_error: Span,
    /// How long it is remembered what happened to clients.
    pub keep_events: Span,
    /// How much of it is remembered, at most.
    pub keep_events_max: u64,
}

/// How `Clients_status` stands in Redis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RedisEncoding {
    /// A hash whose fields are JSON arrays.
    #[default]
    Hash,
    /// One JSON string.
    Json,
}

/// `[redis]`: where other programs find `Clients_status`; empty: nowhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedisConfig {
    /// May hold a password, so it is never printed.
    #[serde(skip_serializing)]
    pub url: Secret,
}

impl RedisConfig {
    /// Every key of `[redis]`.
    pub const SETTINGS: &'static [Setting] = &[Setting::only_file(
        "url",
        Kind::Secret("`redis://user:password@host:6379/0`, or nothing for no Redis"),
        "whoever names a server may have it asked, so only the file and the environment may",
    )];
}

const SECOND: Span = Span::from_secs(1);
/// The shortest silence that says anything: a room says every seven seconds who is there, and what
/// one process hears the others know five seconds later.
const SILENCE: Span = Span::from_secs(20);
const DAY: Span = Span::from_secs(86_400);

impl Default for ClientsConfig {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("data/Server_Data"),
            interval: Span::from_millis(500),
            redis_encoding: RedisEncoding::Hash,
            available_dir: PathBuf::new(),
            directory: false,
            directory_username: String::new(),
            directory_name: "firstName lastName".to_owned(),
            heartbeat_timeout: Span::from_secs(30),
            connection_error: Span::from_secs(60),
            keep_events: Span::from_secs(90 * 86_400),
            keep_events_max: 1_000_000,
        }
    }
}

impl ClientsConfig {
    /// Every key of `[clients]`.
    pub const SETTINGS: &'static [Setting] = &[
        Setting::only_file(
            "dir",
            Kind::Text("a folder"),
            "whoever names a folder may have files written there, so only the file and the environment may",
        ),
        Setting::live("interval", Kind::Duration(Span::from_millis(100), DAY)),
        Setting::at_start("redis_encoding", Kind::Choice(&["hash", "json"])),
        Setting::only_file(
            "available_dir",
            Kind::Text("a folder, or nothing"),
            "whoever names a folder may learn what is in it, so only the file and the environment may",
        ),
        Setting::live("directory", Kind::Boolean),
        Setting::live(
            "directory_username",
            Kind::Text("a field, or nothing for the key"),
        ),
        Setting::live(
            "directory_name",
            Kind::Text("fields with spaces between them, or nothing"),
        ),
        Setting::live("heartbeat_timeout", Kind::Duration(SILENCE, DAY)),
        Setting::live("connection_error", Kind::Duration(SECOND, DAY)),
        Setting::live(
            "keep_events",
            Kind::Duration(Span::from_secs(60), Span::from_secs(3_660 * 86_400)),
        ),
        Setting::live("keep_events_max", Kind::Integer(10_000, 1_000_000_000)),
    ];

    /// Every value that is not allowed, as (key, what is allowed).
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        out_of_bounds(Self::SETTINGS, self)
    }
}
