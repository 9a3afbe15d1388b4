//! One installation under test: a data folder, and the server on it, as often as it is killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use dabir_testing::process::{clear_away, family, working_in};
use dabir_testing::{ProcessId, Running, eventually};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Ample for whatever should take a moment, on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// Tests wait by asking again and again.
const ROOMY_LIMITS: &str = "[limits]\nperson = { per_second = 100000, burst = 100000 }\nauth = { per_second = 1000, burst = 1000 }\n";

/// An installation. Its server and its rooms are gone when this is dropped.
pub(crate) struct House {
    folder: TempDir,
    server: Option<Running>,
    url: String,
    /// What every command here finds in its environment.
    variables: Vec<(&'static str, String)>,
    client: reqwest::Client,
}

/// A first port for this process's tests; others' tests run beside them.
fn first_port() -> u32 {
    10_000 + std::process::id() % 400 * 50
}

impl House {
    /// A house with this `dabir.toml`, whose server is not started yet. `[ports] range` and
    /// `[server] listen` are set for it.
    pub(crate) fn furnished(config: &str) -> Self {
        let folder = TempDir::with_prefix("dabir-house-").unwrap();
        let first = first_port();
        let config = config.replace("FIRST", &first.to_string());
        let whole = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n{ROOMY_LIMITS}[ports]\nrange = [{first}, {}]\n{config}",
            first + 49
        );
        fs::write(folder.path().join("dabir.toml"), whole).unwrap();
        Self {
            folder,
            server: None,
            url: String::new(),
            variables: Vec::new(),
            client: reqwest::Client::new(),
        }
    }

    /// A house whose server is ready.
    pub(crate) async fn open(config: &str) -> Self {
        let mut house = Self::furnished(config);
        house.start(&[]);
        house
    }

    /// Starts the server and waits for its line.
    pub(crate) fn start(&mut self, arguments: &[&str]) {
        let mut command = self.command();
        command.arg("serve").args(arguments);
        let server = Running::spawn(command);
        let line = server.wait_for_line(SOON, |line| line.contains(" is ready at http"));
        self.url = line.rsplit(' ').next().unwrap().to_owned();
        self.server = Some(server);
    }

    /// `dabir` in this house.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dabir"));
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap())
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Sets a variable for whatever is started from now on.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.variables.push((name, value.to_owned()));
    }

    /// Runs `dabir` with these words to its end.
    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.command().args(words).output().unwrap()
    }

    pub(crate) fn server(&self) -> &Running {
        self.server.as_ref().expect("the server was started")
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A request of anybody.
    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn port(&self, offset: u32) -> u32 {
        first_port() + offset
    }

    pub(crate) fn room_folder(&self, id: &str) -> PathBuf {
        self.folder.path().join("data/rooms").join(id)
    }

    /// What the supervisor wrote of the room's process.
    pub(crate) fn record(&self, id: &str) -> Option<Value> {
        serde_json::from_slice(&fs::read(self.room_folder(id).join("process.json")).ok()?).ok()
    }

    /// Writes what the next supervisor is to find.
    pub(crate) fn write_record(&self, id: &str, record: &Value) {
        let file = self.room_folder(id).join("process.json");
        fs::write(file, record.to_string()).unwrap();
    }

    /// The room's process.
    pub(crate) fn room(&self, id: &str) -> ProcessId {
        process_of(&self.record(id).expect("the room has a record"))
    }

    pub(crate) fn token(&self) -> String {
        fs::read_to_string(self.folder.path().join("data/secrets/admin.token"))
            .unwrap()
            .trim()
            .to_owned()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.send(reqwest::Method::GET, path, None).await;
        assert!(status.is_success(), "GET {path}: {status} {body}");
        body
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let (status, body) = self.send(reqwest::Method::POST, path, Some(body)).await;
        assert!(status.is_success(), "POST {path}: {status} {body}");
        body
    }

    /// A request as the owner, whatever comes back.
    pub(crate) async fn send(
        &self,
        method: reqwest::Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(self.token());
        if let Some(body) = body.filter(|body| !body.is_null()) {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// Makes somebody with this role, `name@example.org`, and signs them in.
    pub(crate) async fn person(&self, name: &str, role: &str) -> Session {
        let email = format!("{name}@example.org");
        let new = json!({ "email": email, "name": format!("The {role}"), "role": role, "password": PASSWORD });
        self.post("/api/v1/users", new).await;
        self.sign_in(&email).await
    }

    pub(crate) async fn sign_in(&self, email: &str) -> Session {
        let login = json!({ "email": email, "password": PASSWORD });
        let url = format!("{}/api/v1/auth/login", self.url);
        let answer = self.client.post(url).json(&login).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let cookies = answer.headers().get_all("set-cookie").iter();
        let pair = |cookie: &reqwest::header::HeaderValue| {
            let text = cookie.to_str().unwrap();
            text.split(';').next().unwrap().to_owned()
        };
        Session {
            header: "cookie",
            value: cookies.map(pair).collect::<Vec<_>>().join("; "),
        }
    }

    /// A request of somebody, as their browser makes it.
    pub(crate) async fn send_as(
        &self,
        who: &Session,
        method: reqwest::Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let request = self.client.request(method, format!("{}{path}", self.url));
        let mut request = who.on(request.header("sec-fetch-site", "same-origin"));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// Drops a file, as a form does, and gives its id.
    pub(crate) async fn upload(&self, who: &Session, name: &str, bytes: &[u8]) -> String {
        let edge = "----------------------edge";
        let head = format!(
            "--{edge}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        let end = format!("\r\n--{edge}--\r\n");
        let request = self
            .request(reqwest::Method::POST, "/api/v1/files")
            .header("sec-fetch-site", "same-origin")
            .header("x-dabir-csrf", "1")
            .header(
                "content-type",
                format!("multipart/form-data; boundary={edge}"),
            )
            .body([head.as_bytes(), bytes, end.as_bytes()].concat());
        let answer = who.on(request).send().await.unwrap();
        let status = answer.status();
        let taken: Value = answer.json().await.unwrap();
        assert_eq!(status, StatusCode::CREATED, "{name}: {taken}");
        taken["items"][0]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn meeting(&self, id: &str) -> Value {
        self.get(&format!("/api/v1/meetings/{id}")).await
    }

    /// Makes a meeting and waits until it runs.
    pub(crate) async fn running_meeting(&self, name: &str) -> Value {
        let made = self.post("/api/v1/meetings", json!({ "name": name })).await;
        self.state_of(made["id"].as_str().unwrap(), "running").await
    }

    /// Stops a meeting and waits until it is over.
    pub(crate) async fn stop(&self, id: &str) {
        let path = format!("/api/v1/meetings/{id}/stop");
        self.post(&path, Value::Null).await;
        self.state_of(id, "ended").await;
    }

    /// Waits until the meeting is in this state.
    pub(crate) async fn state_of(&self, id: &str, state: &str) -> Value {
        let what = format!("meeting {id} becomes {state}");
        self.until(&what, id, |meeting| meeting["state"] == state)
            .await
    }

    /// Waits until the meeting is as `wanted` says.
    pub(crate) async fn until(
        &self,
        what: &str,
        id: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        let mut last = Value::Null;
        let found = tokio::time::timeout(SOON, async {
            loop {
                let (_, meeting) = self
                    .send(
                        reqwest::Method::GET,
                        &format!("/api/v1/meetings/{id}"),
                        None,
                    )
                    .await;
                if wanted(&meeting) {
                    return meeting;
                }
                last = meeting;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        let found = found.await;
        found.unwrap_or_else(|_| {
            panic!(
                "{what}: it is {last:#}\n{}",
                self.server().lines().join("\n")
            )
        })
    }

    /// Waits until the room answers on its own port.
    pub(crate) async fn info(&self, port: i64) -> Value {
        let url = format!("http://127.0.0.1:{port}/info");
        eventually("the room answers", SOON, async || {
            self.client.get(&url).send().await.ok()?.json().await.ok()
        })
        .await
    }
}

pub(crate) const PASSWORD: &str = "four plain words here";

/// What lets somebody in.
pub(crate) struct Session {
    header: &'static str,
    value: String,
}

impl Session {
    /// What a browser sends along.
    pub(crate) fn cookie(&self) -> String {
        self.value.clone()
    }

    pub(crate) fn of_token(token: &str) -> Self {
        Self {
            header: "authorization",
            value: format!("Bearer {token}"),
        }
    }

    /// The cookies of a person.
    pub(crate) fn value(&self) -> &str {
        &self.value
    }

    pub(crate) fn on(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request.header(self.header, &self.value)
    }
}

/// The process that a record names.
pub(crate) fn process_of(record: &Value) -> ProcessId {
    ProcessId {
        pid: u32::try_from(record["process"]["pid"].as_u64().unwrap()).unwrap(),
        start_time: record["process"]["start_ticks"].as_u64().unwrap(),
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.kill9();
        }
        // Rooms live on by themselves, and what a guard guards would live on without it.
        working_in(self.folder.path())
            .into_iter()
            .flat_map(family)
            .for_each(clear_away);
    }
}
