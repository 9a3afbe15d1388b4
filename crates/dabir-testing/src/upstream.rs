//! The Django application that meetings come from: the real one, on a port of its own.

use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Running, tied_to_us};
use crate::{http, paths};

/// A running Django with a REST framework list of meetings; stopped and removed when dropped.
#[derive(Debug)]
pub struct Upstream {
    options: UpstreamOptions,
    /// `None` while it is stopped.
    server: Option<Running>,
    port: u16,
    token: String,
    dir: TempDir,
}

/// How the list is served.
#[derive(Clone, Copy, Debug, Default)]
pub struct UpstreamOptions {
    /// Asks for `Authorization: Token …`, see [`Upstream::token`].
    pub needs_token: bool,
    /// Serves pages of this many meetings.
    pub page_size: Option<u32>,
    /// Sends an `ETag` and answers 304 to whoever has the list already.
    pub etags: bool,
}

/// A meeting to be made.
#[derive(Clone, Debug)]
pub struct NewMeeting {
    pub name: String,
    /// RFC 3339.
    pub date_time: String,
    pub port: Option<u16>,
    pub is_running: bool,
}

/// How often the list was asked for, and how it was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub requests: u64,
    /// Of these, answered 200.
    pub ok: u64,
    /// Of these, answered 304.
    pub not_modified: u64,
    /// Of these, answered 401.
    pub unauthorized: u64,
}

const START: Duration = Duration::from_secs(60);

impl Upstream {
    /// Starts the application with no meeting in it.
    ///
    /// # Panics
    /// When Django is not installed or does not start.
    #[must_use]
    pub fn start(options: UpstreamOptions) -> Self {
        let mut upstream = Self {
            options,
            server: None,
            port: 0,
            token: String::new(),
            dir: TempDir::with_prefix("dabir-upstream-").expect("a temporary folder"),
        };
        upstream.resume();
        upstream
    }

    /// Ends the server as a power cut would; its meetings stay, connections are refused.
    pub fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill9();
        }
    }

    /// Starts a stopped server again, on the same port. Its counts begin at zero.
    ///
    /// # Panics
    /// When it does not start.
    pub fn resume(&mut self) {
        let server = Running::spawn(self.command());
        let line = server.wait_for_line(START, |line| line.starts_with("ready "));
        let mut words = line.split(' ').skip(1);
        let port = words.next().and_then(|port| port.parse().ok());
        self.port = port.expect("`ready PORT TOKEN`");
        words
            .next()
            .expect("`ready PORT TOKEN`")
            .clone_into(&mut self.token);
        self.server = Some(server);
    }

    fn command(&self) -> std::process::Command {
        let UpstreamOptions {
            needs_token,
            page_size,
            etags,
        } = self.options;
        let mut command = tied_to_us(paths::python());
        command
            .arg(paths::own("upstream/serve.py"))
            .arg(self.port.to_string())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("UPSTREAM_DIR", self.dir.path())
            .env("UPSTREAM_AUTH", flag(needs_token))
            .env("UPSTREAM_ETAG", flag(etags))
            .env("UPSTREAM_PAGE_SIZE", page_size.unwrap_or(0).to_string());
        command
    }

    /// The address of the list, for `[meetings.django] url`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/api/meetings/", self.port)
    }

    /// The token that the list accepts, for `[meetings.django] token`.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Makes a meeting and gives its id.
    ///
    /// # Panics
    /// When Django refuses it.
    pub fn create(&self, meeting: &NewMeeting) -> i64 {
        let answer = self.control(
            "POST",
            "meetings",
            &json!({
                "name": meeting.name,
                "date_time": meeting.date_time,
                "port": meeting.port,
                "is_running": meeting.is_running,
            }),
        );
        answer["id"].as_i64().expect("a new meeting has an id")
    }

    /// Changes fields of a meeting, as `json!({"is_running": false})`.
    ///
    /// # Panics
    /// When there is no such meeting, or Django refuses.
    pub fn update(&self, id: i64, changes: &Value) {
        self.control("PATCH", &format!("meetings/{id}"), changes);
    }

    /// Deletes a meeting.
    ///
    /// # Panics
    /// When there is no such meeting.
    pub fn delete(&self, id: i64) {
        self.control("DELETE", &format!("meetings/{id}"), &Value::Null);
    }

    /// What the list was asked since the server started.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let counts = self.control("GET", "counts", &Value::Null);
        let count = |name: &str| counts[name].as_u64().unwrap_or(0);
        Counts {
            requests: count("requests"),
            ok: count("200"),
            not_modified: count("304"),
            unauthorized: count("401"),
        }
    }

    fn control(&self, method: &str, what: &str, body: &Value) -> Value {
        http::call(self.port, method, &format!("/control/{what}"), body)
    }
}

fn flag(on: bool) -> &'static str {
    if on { "1" } else { "0" }
}
