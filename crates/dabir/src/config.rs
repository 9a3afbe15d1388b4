//! The configuration: built-in defaults, then `dabir.toml`, then `DABIR_<SECTION>__<KEY>`.
//!
//! Every mistake stops the start and names file, line, key and what is allowed.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use dabir_accounts::{AuthConfig, LimitsConfig};
use dabir_backup::BackupConfig;
use dabir_clients::{ClientsConfig, RedisConfig};
use dabir_core::Secret;
use dabir_core::setting::{Kind, Setting, out_of_bounds};
use dabir_files::{FilesConfig, StorageConfig};
use dabir_http::{EgressConfig, NETWORKS, networks};
use dabir_jobs::JobsConfig;
use dabir_meetings::{MeetingsConfig, RoomsConfig};
use dabir_notify::{MailConfig, SmsConfig};
use dabir_ports::{PortError, PortsConfig};
use dabir_sync::SyncConfig;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::settings::Layers;

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
    pub(crate) clients: ClientsConfig,
    pub(crate) redis: RedisConfig,
    pub(crate) jobs: JobsConfig,
    pub(crate) backup: BackupConfig,
    pub(crate) log: LogConfig,
    /// `dabir source` and the API show its sources, without their secrets.
    #[serde(skip_serializing)]
    pub(crate) sync: SyncConfig,
    pub(crate) egress: EgressConfig,
    pub(crate) files: FilesConfig,
    pub(crate) storage: StorageConfig,
    pub(crate) mail: MailConfig,
    pub(crate) sms: SmsConfig,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
pub(crate) struct ConfigError(pub(crate) String);

/// A configuration and where it came from.
#[derive(Clone)]
pub(crate) struct Loaded {
    /// Without what was changed while the house ran, which the database knows.
    pub(crate) config: Config,
    pub(crate) layers: Layers,
    /// `None` when no file was found and everything is a default.
    pub(crate) file: Option<PathBuf>,
}

/// Where a file is looked for when none is named.
const PLACES: [&str; 2] = ["dabir.toml", "/etc/dabir/dabir.toml"];
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
            clients: ClientsConfig::default(),
            jobs: JobsConfig::default(),
            backup: BackupConfig::default(),
            log: LogConfig::default(),
            sync: SyncConfig::default(),
            egress: EgressConfig::default(),
            redis: RedisConfig::default(),
            files: FilesConfig::default(),
            storage: StorageConfig::default(),
            mail: MailConfig::default(),
            sms: SmsConfig::default(),
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
    let layers = Layers::read(&shown, text, environment, data_dir)?;
    let merged = layers.merge(&BTreeMap::new());
    let config = merged.map_err(|problems| layers.tell(problems))?;
    Ok(Loaded {
        config,
        layers,
        file,
    })
}

/// Every section and its keys, in the order of the file; what stands before the first has no name.
pub(crate) fn sections() -> [(&'static str, &'static [Setting]); 18] {
    [
        ("", Config::SETTINGS),
        ("server", ServerConfig::SETTINGS),
        ("database", DatabaseConfig::SETTINGS),
        ("meetings", MeetingsConfig::SETTINGS),
        ("rooms", RoomsConfig::SETTINGS),
        ("ports", PortsConfig::SETTINGS),
        ("auth", AuthConfig::SETTINGS),
        ("limits", LimitsConfig::SETTINGS),
        ("clients", ClientsConfig::SETTINGS),
        ("redis", RedisConfig::SETTINGS),
        ("jobs", JobsConfig::SETTINGS),
        ("backup", BackupConfig::SETTINGS),
        ("files", FilesConfig::SETTINGS),
        ("storage", StorageConfig::SETTINGS),
        ("mail", MailConfig::SETTINGS),
        ("sms", SmsConfig::SETTINGS),
        ("egress", EgressConfig::SETTINGS),
        ("log", LogConfig::SETTINGS),
    ]
}

impl Config {
    /// What stands before the first section.
    const SETTINGS: &'static [Setting] = &[Setting::only_file(
        "data_dir",
        Kind::Text("a folder"),
        "what is changed here is kept in it, so only the file and the environment may name it",
    )];

    /// Values that have the right type and make no sense: the key, and what is allowed.
    pub(crate) fn problems(&self) -> Vec<(String, String)> {
        let ports = match self.ports.validate() {
            Ok(()) => Vec::new(),
            Err(PortError::Config { key, allowed }) => vec![(key, allowed)],
            Err(error) => vec![("state", error.to_string())],
        };
        [
            ("meetings", self.meetings.problems()),
            ("rooms", self.rooms.problems()),
            ("server", self.server.problems()),
            ("ports", ports),
            ("auth", self.auth.problems()),
            ("limits", self.limits.problems()),
            ("clients", self.clients.problems()),
            ("jobs", self.jobs.problems()),
            ("backup", self.backup.problems()),
            ("files", self.files.problems()),
            ("storage", self.storage.problems()),
            ("mail", self.mail.problems()),
            ("sms", self.sms.problems()),
        ]
        .into_iter()
        .flat_map(|(section, found)| {
            let whole = move |(key, why)| (format!("{section}.{key}"), why);
            found.into_iter().map(whole)
        })
        .chain(self.sync.problems())
        .collect()
    }
}

impl Config {
    /// What of the house may lie outside the data folder, where no backup takes it.
    pub(crate) fn elsewhere(&self) -> Vec<PathBuf> {
        let mut elsewhere = vec![
            self.clients.dir.clone(),
            self.clients.available_dir.clone(),
            self.ports.state.clone(),
        ];
        if self.storage.is_elsewhere() {
            let bucket = self.storage.url.split('?').next();
            elsewhere.extend(bucket.map(PathBuf::from));
        }
        elsewhere
    }
}

impl ServerConfig {
    const SETTINGS: &'static [Setting] = &[
        Setting::only_file(
            "listen",
            Kind::Text("an address and a port, such as `127.0.0.1:8000`"),
            "behind a wrong address nobody could correct it from a browser, so only the file and the environment may name it",
        ),
        Setting::at_start(
            "public_url",
            Kind::Text("an address such as `https://meet.example`, or nothing"),
        ),
        Setting::only_file(
            "trusted_proxies",
            NETWORKS,
            "whoever is trusted may say where anybody comes from, so only the file and the environment may name them",
        ),
    ];

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = out_of_bounds(Self::SETTINGS, self);
        let url = &self.public_url;
        if !url.is_empty() && !is_address(url) {
            let why = format!("`{url}` is no address; write `https://meet.example`");
            problems.push(("public_url", why));
        }
        problems
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

/// Whether links can begin with it: a scheme, a host, perhaps a port and a path, and nothing else.
fn is_address(text: &str) -> bool {
    text.parse::<reqwest::Url>().is_ok_and(|url| {
        // The parser would mend `https:/meet.example`.
        (text.starts_with("http://") || text.starts_with("https://"))
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    })
}

impl DatabaseConfig {
    const SETTINGS: &'static [Setting] = &[Setting::only_file(
        "url",
        Kind::Secret("`postgres://user:password@host/name`, or nothing for SQLite"),
        "what is changed here is kept in this database, so only the file and the environment may name it",
    )];
}

impl LogConfig {
    const SETTINGS: &'static [Setting] = &[
        Setting::only_file(
            "format",
            Kind::Choice(&["pretty", "json"]),
            "the log begins before the database is opened, so only the file and the environment may say it",
        ),
        Setting::live(
            "level",
            Kind::Choice(&["error", "warn", "info", "debug", "trace"]),
        ),
    ];
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
    fn links_begin_with_a_whole_address() {
        for fine in ["http://localhost:8000", "https://meet.example/dabir/"] {
            assert!(is_address(fine), "{fine}");
        }
        for wrong in [
            "https://",
            "https:/meet.example",
            "ftp://meet.example",
            "//meet.example",
            "https://a@meet.example",
            "https://meet.example?x",
            "https://meet.example/#x",
            " https://meet.example",
        ] {
            assert!(!is_address(wrong), "{wrong}");
        }
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
