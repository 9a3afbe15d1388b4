//! The configuration: built-in defaults, then `dabir.toml`, then `DABIR_<SECTION>__<KEY>`.
//!
//! Every mistake stops the start and names file, line, key and what is allowed.

use std::fmt::Write as _;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use dabir_accounts::{AuthConfig, LimitsConfig};
use dabir_core::Secret;
use dabir_meetings::{MeetingsConfig, RoomsConfig};
use dabir_ports::{PortError, PortsConfig};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize};
use toml::{Table, Value};

/// The whole configuration; each domain owns its section.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Where everything is kept that must not be lost.
    pub(crate) data_dir: PathBuf,
    pub(crate) server: ServerConfig,
    pub(crate) database: DatabaseConfig,
    pub(crate) meetings: MeetingsConfig,
    pub(crate) rooms: RoomsConfig,
    pub(crate) ports: PortsConfig,
    pub(crate) auth: AuthConfig,
    pub(crate) limits: LimitsConfig,
    pub(crate) log: LogConfig,
    // Sections whose parts of the product are still to come. They are read, so that one file serves
    // every version, and `unused` says that they do nothing yet.
    #[serde(skip_serializing)]
    redis: Table,
    #[serde(skip_serializing)]
    storage: Table,
    #[serde(skip_serializing)]
    clients: Table,
    #[serde(skip_serializing)]
    sync: Table,
    #[serde(skip_serializing)]
    egress: Table,
}

/// `[server]`: where people reach it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServerConfig {
    pub(crate) listen: SocketAddr,
    /// What people type, such as `https://meet.example`; empty: the listening address.
    pub(crate) public_url: String,
    /// Addresses or networks of proxies that may say who the client is.
    #[serde(deserialize_with = "networks")]
    pub(crate) trusted_proxies: Vec<IpNet>,
}

/// `[database]`: empty for SQLite in the data folder.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DatabaseConfig {
    /// May hold a password, so it is never printed.
    #[serde(skip_serializing)]
    pub(crate) url: Secret,
}

/// `[log]`: how much is told, and in what form.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LogConfig {
    pub(crate) format: LogFormat,
    pub(crate) level: LogLevel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Pretty,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// Why the configuration cannot be used. Its text is for the person who wrote the file.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ConfigError(String);

/// A configuration and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    /// `None` when no file was found and everything is a default.
    pub(crate) file: Option<PathBuf>,
}

/// Where a file is looked for when none is named.
const PLACES: [&str; 2] = ["dabir.toml", "/etc/dabir/dabir.toml"];
/// Variables of ours that are no settings.
const NO_SETTINGS: [&str; 4] = [
    "DABIR_URL",
    "DABIR_TOKEN",
    "DABIR_CONFIG",
    "DABIR_ROOM_NONCE",
];

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("data"),
            server: ServerConfig::default(),
            database: DatabaseConfig::default(),
            meetings: MeetingsConfig::default(),
            rooms: RoomsConfig::default(),
            ports: PortsConfig::default(),
            auth: AuthConfig::default(),
            limits: LimitsConfig::default(),
            log: LogConfig::default(),
            redis: Table::new(),
            storage: Table::new(),
            clients: Table::new(),
            sync: Table::new(),
            egress: Table::new(),
        }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 8000));
        Self {
            listen,
            public_url: String::new(),
            trusted_proxies: Vec::new(),
        }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            format: LogFormat::Pretty,
            level: LogLevel::Info,
        }
    }
}

/// Reads the configuration: `file`, or the first that is found; then `environment`; then
/// `data_dir`, which the command line names.
///
/// # Errors
/// For whatever is not allowed, with the place where it stands.
pub(crate) fn load(
    file: Option<&Path>,
    data_dir: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Loaded, ConfigError> {
    let file = match file {
        Some(file) => Some(file.to_owned()),
        None => PLACES
            .iter()
            .map(PathBuf::from)
            .find(|place| place.exists()),
    };
    let text = match &file {
        None => String::new(),
        Some(path) => fs::read_to_string(path).map_err(|error| {
            ConfigError(format!("`{}` cannot be read: {error}", path.display()))
        })?,
    };
    let shown = file
        .as_ref()
        .map_or_else(String::new, |path| path.display().to_string());
    let mut table = parse(&text, &shown)?;
    apply_environment(&mut table, environment)?;
    if let Some(dir) = data_dir {
        table.insert(
            "data_dir".to_owned(),
            Value::String(dir.display().to_string()),
        );
    }
    // What lies in the data folder by default goes where the data folder goes.
    let ports_state_is_default = table
        .get("ports")
        .and_then(|ports| ports.get("state"))
        .is_none();
    let mut config: Config = table
        .try_into()
        .map_err(|error| ConfigError(error.to_string()))?;
    if ports_state_is_default {
        config.ports.state = config.data_dir.join("ports/dynamic_ports.json");
    }
    config.check(&text, &shown)?;
    Ok(Loaded { config, file })
}

/// The file as a table, after all of it was found to be allowed.
fn parse(text: &str, file: &str) -> Result<Table, ConfigError> {
    toml::from_str::<Config>(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        ConfigError(format!("{file}:{line}: {}", error.message()))
    })?;
    toml::from_str(text).map_err(|error| ConfigError(format!("{file}: {}", error.message())))
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

/// Puts each `DABIR_<SECTION>__<KEY>` where it belongs.
fn apply_environment(
    table: &mut Table,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    for (name, text) in environment {
        let Some(path) = name.strip_prefix("DABIR_") else {
            continue;
        };
        if NO_SETTINGS.contains(&name.as_str()) || name.starts_with("DABIR_TEST_") {
            continue;
        }
        let keys: Vec<String> = path.split("__").map(str::to_lowercase).collect();
        // A setting is a text or a TOML value, whichever of the two is allowed there.
        let candidates = [toml_value(&text), Some(Value::String(text.clone()))];
        let mut refusal = String::new();
        let fits = candidates.into_iter().flatten().find(|value| {
            let mut alone = Table::new();
            insert(&mut alone, &keys, value.clone());
            let tried: Result<Config, _> = alone.try_into();
            refusal = tried
                .as_ref()
                .err()
                .map_or_else(String::new, |error| error.message().to_owned());
            tried.is_ok()
        });
        let Some(value) = fits else {
            return Err(ConfigError(format!(
                "environment variable {name}: {}",
                refusal.trim()
            )));
        };
        insert(table, &keys, value);
    }
    Ok(())
}

fn toml_value(text: &str) -> Option<Value> {
    let table: Table = toml::from_str(&format!("value = {text}")).ok()?;
    table.get("value").filter(|_| table.len() == 1).cloned()
}

fn insert(table: &mut Table, keys: &[String], value: Value) {
    match keys {
        [] => {}
        [key] => drop(table.insert(key.clone(), value)),
        [section, rest @ ..] => {
            let inner = table
                .entry(section)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

impl Config {
    /// Refuses values that have the right type and make no sense.
    fn check(&self, text: &str, file: &str) -> Result<(), ConfigError> {
        let mut problems: Vec<(String, String)> = Vec::new();
        let mut add = |section: &str, found: Vec<(&'static str, String)>| {
            problems.extend(
                found
                    .into_iter()
                    .map(|(key, why)| (format!("{section}.{key}"), why)),
            );
        };
        add("meetings", self.meetings.problems());
        add("rooms", self.rooms.problems());
        add("server", self.server.problems());
        add("auth", self.auth.problems());
        add("limits", self.limits.problems());
        match self.ports.validate() {
            Ok(()) => {}
            Err(PortError::Config { key, allowed }) => {
                problems.push((format!("ports.{key}"), allowed));
            }
            Err(error) => problems.push(("ports".to_owned(), error.to_string())),
        }
        if problems.is_empty() {
            return Ok(());
        }
        let mut all = String::new();
        for (key, why) in problems {
            let place = place_of(text, file, &key);
            let _ = writeln!(all, "{place}`{key}`: {why}");
        }
        Err(ConfigError(all.trim_end().to_owned()))
    }
}

impl Config {
    /// What is set and has no effect yet.
    pub(crate) fn unused(&self) -> Vec<&'static str> {
        [
            ("[redis]", self.redis.is_empty()),
            ("[storage]", self.storage.is_empty()),
            ("[clients]", self.clients.is_empty()),
            ("[sync]", self.sync.is_empty()),
            ("[egress]", self.egress.is_empty()),
        ]
        .into_iter()
        .filter_map(|(name, is_empty)| (!is_empty).then_some(name))
        .collect()
    }
}

impl ServerConfig {
    fn problems(&self) -> Vec<(&'static str, String)> {
        let url = &self.public_url;
        let fine = url.is_empty() || url.starts_with("http://") || url.starts_with("https://");
        if fine {
            return Vec::new();
        }
        vec![(
            "public_url",
            format!("`{url}` is no address; write `https://meet.example`"),
        )]
    }

    /// Where our pages come from, as browsers say it: scheme, host and port.
    pub(crate) fn origins(&self, listening: SocketAddr) -> Vec<String> {
        let url = self.url(listening);
        let scheme_end = url.find("://").map_or(0, |at| at + 3);
        let host_end = url[scheme_end..]
            .find('/')
            .map_or(url.len(), |at| scheme_end + at);
        let mut origins = vec![url[..host_end].to_lowercase()];
        if self.public_url.is_empty() {
            origins.push(format!("http://localhost:{}", listening.port()));
        }
        origins
    }

    /// The address that people type, without a slash at the end.
    pub(crate) fn url(&self, listening: SocketAddr) -> String {
        if self.public_url.is_empty() {
            let mut shown = listening;
            if listening.ip().is_unspecified() {
                shown.set_ip([127, 0, 0, 1].into());
            }
            return format!("http://{shown}");
        }
        self.public_url.trim_end_matches('/').to_owned()
    }
}

/// Addresses or networks: `10.0.0.5`, `10.0.0.0/8`.
fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let words = Vec::<String>::deserialize(deserializer)?;
    let read = |word: &String| {
        let address = word.parse().map(|ip: IpAddr| IpNet::from(ip));
        address.or_else(|_| word.parse::<IpNet>()).map_err(|_| {
            let hint = "is no address and no network; write `10.0.0.5` or `10.0.0.0/8`";
            serde::de::Error::custom(format!("`{word}` {hint}"))
        })
    };
    words.iter().map(read).collect()
}

/// `dabir.toml:7: ` when the key stands in the file, nothing when it came from elsewhere.
fn place_of(text: &str, file: &str, key: &str) -> String {
    let Ok(root) = toml::de::DeTable::parse(text) else {
        return String::new();
    };
    let mut span = None;
    let mut table = Some(root.get_ref());
    for part in key.split('.') {
        let Some((name, value)) =
            table.and_then(|table| table.iter().find(|(name, _)| name.get_ref() == part))
        else {
            break;
        };
        span = Some(name.span());
        table = value.get_ref().as_table();
    }
    span.map_or_else(String::new, |span| {
        format!("{file}:{}: ", line_of(text, span.start))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dabir.toml");
        fs::write(&path, text).unwrap();
        let environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        load(Some(&path), None, environment)
            .map(|loaded| loaded.config)
            .map_err(|error| {
                error
                    .to_string()
                    .replace(&folder.path().display().to_string(), "")
            })
    }

    #[test]
    fn no_file_and_no_variable_is_the_whole_default() {
        let config = read("", &[]).unwrap();
        assert_eq!(config.server.listen.to_string(), "127.0.0.1:8000");
        assert_eq!(
            config.ports.state,
            Path::new("data/ports/dynamic_ports.json")
        );
    }

    #[test]
    fn what_stands_in_the_environment_wins() {
        let config = read(
            "[server]\nlisten = \"127.0.0.1:9000\"\n",
            &[
                ("DABIR_SERVER__LISTEN", "0.0.0.0:80"),
                ("DABIR_PORTS__RANGE", "[4000, 5000]"),
                ("DABIR_MEETINGS__DJANGO__TOKEN", "123"),
                ("DABIR_DATA_DIR", "/var/lib/dabir"),
                ("DABIR_TOKEN", "none of the configuration's business"),
            ],
        )
        .unwrap();
        assert_eq!(config.server.listen.to_string(), "0.0.0.0:80");
        assert_eq!(config.ports.range, [4000, 5000]);
        assert_eq!(
            config.meetings.django.token.expose(),
            "123",
            "a text, although it looks like a number"
        );
        assert_eq!(
            config.ports.state,
            Path::new("/var/lib/dabir/ports/dynamic_ports.json")
        );
    }

    #[test]
    fn a_mistake_is_named_with_its_place_and_what_is_allowed() {
        for (text, words) in [
            (
                "[server]\nlissen = 1",
                &["/dabir.toml:2", "lissen", "`listen`"][..],
            ),
            (
                "[meetings]\npoll_interval = 5",
                &["/dabir.toml:2", "string"],
            ),
            (
                "[meetings]\n\npoll_interval = \"5 sec\"",
                &["/dabir.toml:3", "`500ms`"],
            ),
            (
                "[meetings]\nvanish_guard = 7.5",
                &["/dabir.toml:2", "meetings.vanish_guard", "0 to 1"],
            ),
            ("[rooms]\ncommand = [\"x\"]", &["/dabir.toml:2", "{port}"]),
            (
                "[log]\nlevel = \"loud\"",
                &["/dabir.toml:2", "loud", "debug"],
            ),
            ("[ports]\nrange = [9000, 3000]", &["/dabir.toml:2", "range"]),
            (
                "[meetings.django]\nurl = \"http://\"",
                &["/dabir.toml:2", "meetings.django.url"],
            ),
            (
                "[meetings.django]\nurl = \"https://u:p@h/\"",
                &["/dabir.toml:2", "token"],
            ),
            (
                "[meetings.django]\nheader = \"a b: c\"",
                &["/dabir.toml:2", "no header"],
            ),
            (
                "[server]\ntrusted_proxies = [\"proxy\"]",
                &["/dabir.toml:2", "`proxy`", "10.0.0.0/8"],
            ),
            (
                "[auth]\nregistration = \"maybe\"",
                &["/dabir.toml:2", "closed", "open"],
            ),
            (
                "[limits]\nperson = { per_second = 0, burst = 1 }",
                &["/dabir.toml:2", "limits.person", "1 to"],
            ),
            ("[server", &["/dabir.toml:1"]),
        ] {
            let error = read(text, &[]).unwrap_err();
            for word in words {
                assert!(error.contains(word), "{text}: {error}");
            }
        }
    }

    #[test]
    fn a_wrong_variable_is_named() {
        let error = read("", &[("DABIR_SERVER__LISTEN", "nowhere")]).unwrap_err();
        assert!(error.contains("DABIR_SERVER__LISTEN"), "{error}");
        let error = read("", &[("DABIR_SERVR__LISTEN", "x")]).unwrap_err();
        assert!(
            error.contains("DABIR_SERVR__LISTEN") && error.contains("servr"),
            "{error}"
        );
    }

    #[test]
    fn no_secret_is_printed() {
        let config = read(
            "[meetings.django]\ntoken = \"s3cret\"\n[database]\nurl = \"postgres://u:s3cret@h/d\"",
            &[],
        )
        .unwrap();
        assert!(!toml::to_string(&config).unwrap().contains("s3cret"));
        assert!(!format!("{config:?}").contains("s3cret"));
    }
}
