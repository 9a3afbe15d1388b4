//! The sections `[meetings]` and `[rooms]` of the configuration.

use std::net::IpAddr;

use dabir_core::{Secret, Span};
use serde::{Deserialize, Serialize};

/// `[meetings]`: where the list of meetings comes from and how it is obeyed.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
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

impl MeetingsConfig {
    /// Every value that is not allowed, as (key, what is allowed).
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if jiff::tz::TimeZone::get(&self.timezone).is_err() {
            let text = format!(
                "`{}` is no time zone; write an IANA name such as `Asia/Tehran`",
                self.timezone
            );
            problems.push(("timezone", text));
        }
        if !(0.0..=1.0).contains(&self.vanish_guard) {
            let text = format!(
                "{} is no share; write a number from 0 to 1",
                self.vanish_guard
            );
            problems.push(("vanish_guard", text));
        }
        if self.vanish_polls == 0 {
            problems.push((
                "vanish_polls",
                "0 polls can agree on nothing; write 1 or more".to_owned(),
            ));
        }
        for (key, span, least) in [
            ("poll_interval", self.poll_interval, Span::from_millis(100)),
            ("duration", self.duration, Span::from_secs(1)),
            ("stop_grace", self.stop_grace, Span::from_millis(100)),
            (
                "django.timeout",
                self.django.timeout,
                Span::from_millis(100),
            ),
        ] {
            if span < least {
                problems.push((key, format!("`{span}` is too short; write {least} or more")));
            }
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
    /// Every value that is not allowed, as (key, what is allowed).
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if !self.command.is_empty() && !self.command.iter().any(|word| word.contains("{port}")) {
            let text = "no word contains `{port}`, so the room would not know its port".to_owned();
            problems.push(("command", text));
        }
        if self.max_clients == 0 {
            problems.push((
                "max_clients",
                "0 leaves nobody in; write 1 or more".to_owned(),
            ));
        }
        if self.restart_rate == 0 {
            problems.push((
                "restart_rate",
                "0 never restarts anything; write 1 or more".to_owned(),
            ));
        }
        problems
    }
}
