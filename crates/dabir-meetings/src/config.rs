//! The sections `[meetings]` and `[rooms]` of the configuration.

use std::net::IpAddr;

use dabir_core::setting::{Kind, Setting, out_of_bounds};
use dabir_core::{Secret, Span};
use serde::{Deserialize, Serialize};

/// `[meetings]`: where the list of meetings comes from and how it is obeyed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MeetingsConfig {
    /// How often the source is asked.
    pub poll_interval: Span,
    /// How long a meeting lasts when nobody says otherwise: `end_time = date_time + duration`.
    pub duration: Span,
    /// The zone of dates that come without one, and of the room's page.
    pub timezone: String,
    /// How long a room may take to end before it is killed.
    pub stop_grace: Span,
    /// The share of running meetings that may vanish from the list at once and be believed.
    pub vanish_guard: f64,
    /// How many polls must agree before a larger disappearance is believed.
    pub vanish_polls: u32,
    /// What to do when a meeting's port cannot be had.
    pub port_conflict: PortConflict,
    /// How long another server's room may not answer, after that server is not heard of, before it is
    /// started here.
    pub failover: Span,
    pub django: DjangoConfig,
}

/// What happens to a meeting whose port is taken, out of range or claimed twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PortConflict {
    /// The meeting says so and waits for the port.
    Fail,
    /// The meeting takes a free port instead.
    Reassign,
}

/// `[meetings.django]`: the list of meetings of a Django API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DjangoConfig {
    /// Answers GET with the list; empty: meetings are made here only.
    pub url: String,
    #[serde(skip_serializing)]
    pub token: Secret,
    /// The header's name, and what stands before the token.
    pub header: String,
    /// How long one page of the list may take.
    pub timeout: Span,
}

impl Default for DjangoConfig {
    fn default() -> Self {
        let header = "Authorization: Token".to_owned();
        Self {
            url: String::new(),
            token: Secret::default(),
            header,
            timeout: Span::from_secs(10),
        }
    }
}

/// `[rooms]`: how a meeting's room is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoomsConfig {
    /// A foreign room server, such as `["python3", "mini_server.py", "{port}"]`; empty: our own.
    pub command: Vec<String>,
    /// Where rooms listen: `127.0.0.1` behind the main port, `0.0.0.0` open to the network.
    pub host: IpAddr,
    /// Whether people may come in by name alone.
    pub guests: bool,
    /// How many people fit into one room.
    pub max_clients: u32,
    /// How long a room may take until it answers.
    pub ready_timeout: Span,
    /// How many crashes within `restart_window` a room may have before it is given up.
    pub restart_max: u32,
    pub restart_window: Span,
    /// How many restarts a minute the whole machine may have.
    pub restart_rate: u32,
    /// The size at which a room's log is cut and its older part kept beside it.
    pub log_max_bytes: u64,
}

impl Default for MeetingsConfig {
    fn default() -> Self {
        Self {
            poll_interval: Span::from_secs(5),
            duration: Span::from_secs(3_600),
            timezone: "UTC".to_owned(),
            stop_grace: Span::from_secs(10),
            vanish_guard: 0.3,
            vanish_polls: 3,
            port_conflict: PortConflict::Fail,
            failover: Span::from_secs(15),
            django: DjangoConfig::default(),
        }
    }
}

impl Default for RoomsConfig {
    fn default() -> Self {
        Self {
            command: Vec::new(),
            host: IpAddr::from([127, 0, 0, 1]),
            guests: true,
            max_clients: 1_000,
            ready_timeout: Span::from_secs(30),
            restart_max: 5,
            restart_window: Span::from_secs(600),
            restart_rate: 120,
            log_max_bytes: 4 << 20,
        }
    }
}

/// A tenth of a second, which is short for anything that is waited for.
const SHORT: Span = Span::from_millis(100);
const HOUR: Span = Span::from_secs(3_600);
const DAY: Span = Span::from_secs(86_400);
const YEAR: Span = Span::from_secs(365 * 86_400);

impl MeetingsConfig {
    /// Every key of `[meetings]`.
    pub const SETTINGS: &'static [Setting] = &[
        Setting::live("poll_interval", Kind::Duration(SHORT, DAY)),
        Setting::live("duration", Kind::Duration(Span::from_secs(1), YEAR)),
        Setting::at_start("timezone", Kind::Text("an IANA name such as `Asia/Tehran`")),
        Setting::live("stop_grace", Kind::Duration(SHORT, HOUR)),
        Setting::live("vanish_guard", Kind::Number(0.0, 1.0)),
        Setting::live("vanish_polls", Kind::Integer(1, 1_000)),
        Setting::live("port_conflict", Kind::Choice(&["fail", "reassign"])),
        Setting::live("failover", Kind::Duration(SHORT, DAY)),
        Setting::only_file(
            "django.url",
            Kind::Text("an address such as `https://your.site/api/meetings/`, or nothing"),
            "the token goes to this address, so only the file and the environment may name it",
        ),
        Setting::only_file(
            "django.token",
            Kind::Secret("a token, or nothing"),
            "secrets stand in the file or in the environment, and nowhere else",
        ),
        Setting::at_start(
            "django.header",
            Kind::Text("`Name: prefix`, such as `Authorization: Token`"),
        ),
        Setting::at_start("django.timeout", Kind::Duration(SHORT, HOUR)),
    ];

    /// Every value that is not allowed, as (key, what is allowed).
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = out_of_bounds(Self::SETTINGS, self);
        if jiff::tz::TimeZone::get(&self.timezone).is_err() {
            let text = format!(
                "`{}` is no time zone; write an IANA name such as `Asia/Tehran`",
                self.timezone
            );
            problems.push(("timezone", text));
        }
        problems.extend(self.django.url_problem().map(|text| ("django.url", text)));
        problems.extend(
            self.django
                .header_problem()
                .map(|text| ("django.header", text)),
        );
        problems
    }
}

impl DjangoConfig {
    fn url_problem(&self) -> Option<String> {
        if self.url.is_empty() {
            return None;
        }
        let example = "write `https://your.site/api/meetings/`";
        let Ok(url) = self.url.parse::<reqwest::Url>() else {
            return Some(format!("`{}` is no address; {example}", self.url));
        };
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Some(format!(
                "`{}` is no address of a web server; {example}",
                self.url
            ));
        }
        // It is shown in plans and logs.
        let secret = !url.username().is_empty() || url.password().is_some();
        secret.then(|| "it holds a name or a password; use `token` and `header`".to_owned())
    }

    fn header_problem(&self) -> Option<String> {
        let name = self.header.split_once(':').map(|(name, _)| name.trim());
        if name.is_some_and(|name| reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_ok())
        {
            return None;
        }
        let example = "write `Name: prefix`, such as `Authorization: Token`";
        Some(format!("`{}` is no header; {example}", self.header))
    }
}

impl RoomsConfig {
    /// Every key of `[rooms]`.
    pub const SETTINGS: &'static [Setting] = &[
        Setting::only_file(
            "command",
            Kind::List("a program and its words, one of them with `{port}`; or nothing"),
            "it is a program that this machine runs, so only the file and the environment may name it",
        ),
        Setting::only_file(
            "host",
            Kind::Text("an address of this machine, such as `0.0.0.0`"),
            "it may open every room to the network, so only the file and the environment may say it",
        ),
        Setting::live("guests", Kind::Boolean),
        Setting::live("max_clients", Kind::Integer(1, 1_000_000)),
        Setting::live("ready_timeout", Kind::Duration(SHORT, HOUR)),
        Setting::live("restart_max", Kind::Integer(0, 1_000_000)),
        Setting::live("restart_window", Kind::Duration(SHORT, YEAR)),
        Setting::at_start("restart_rate", Kind::Integer(1, 1_000_000)),
        Setting::live("log_max_bytes", Kind::Integer(0, 1 << 40)),
    ];

    /// Every value that is not allowed, as (key, what is allowed).
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = out_of_bounds(Self::SETTINGS, self);
        if !self.command.is_empty() && !self.command.iter().any(|word| word.contains("{port}")) {
            let text = "no word contains `{port}`, so the room would not know its port".to_owned();
            problems.push(("command", text));
        }
        problems
    }
}
