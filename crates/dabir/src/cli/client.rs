//! `dabir client …`: who may connect, who is connected, who is paused or blocked.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use dabir_clients::{Row, read_csv, read_json};
use dabir_core::{Clock, Span, Timestamp};
use serde_json::{Map, Value, json};

use super::api::{Api, escape};
use super::output::{cell, table};
use super::{Context, Failure, Output};

#[derive(Debug, Args)]
pub(crate) struct ClientArgs {
    #[command(subcommand)]
    command: ClientCommand,
}

#[derive(Debug, Subcommand)]
enum ClientCommand {
    /// List clients, by username.
    List {
        /// Only those that are blocked, paused, active, `connection_error` or deactivated.
        #[arg(long)]
        state: Option<String>,
        /// Only those with these words in their username or name.
        #[arg(long, value_name = "WORDS")]
        search: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
        limit: u32,
    },
    /// Show one client, and what happened to them last.
    Show { username: String },
    /// Make a client.
    Add {
        username: String,
        /// What people call them.
        #[arg(long)]
        name: Option<String>,
    },
    /// Let a client listen only.
    Pause {
        username: String,
        #[command(flatten)]
        terms: Terms,
    },
    /// End a client's pause.
    Resume { username: String },
    /// Put a client out everywhere, and keep them out.
    Block {
        username: String,
        #[command(flatten)]
        terms: Terms,
    },
    /// End a client's block.
    Unblock { username: String },
    /// Put a connected client out; they may come back after ten seconds.
    Disconnect {
        username: String,
        /// Why; the client is told.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Forget a client; what is ordered about the name stays.
    Remove { username: String },
    /// Seat a client in a room or a pipeline.
    Assign {
        username: String,
        kind: SeatKind,
        /// The room or the pipeline.
        name: String,
        /// Wait for a place when it is full.
        #[arg(long)]
        wait: bool,
    },
    /// Take a client's seat, or place in the line for one, away.
    Unassign { username: String, kind: SeatKind },
    /// List what files, Redis and the folder of clients could not take.
    Problems,
    /// Make and change clients from a file.
    Import {
        /// CSV with a column `username`, and if wanted `name`, `room`, `pipeline`; or JSON,
        /// `{"clients": [{"username": "ali"}]}`.
        file: PathBuf,
        /// Only tell what would change.
        #[arg(long)]
        preview: bool,
    },
}

/// What clients are seated in.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum SeatKind {
    Room,
    Pipeline,
}

#[derive(Debug, Args)]
struct Terms {
    /// Why; the client and everybody who looks at them are told.
    #[arg(long, default_value = "")]
    reason: String,
    /// When it ends by itself, such as `2026-11-21T14:00:00Z`.
    #[arg(long, value_name = "TIME", conflicts_with = "last")]
    until: Option<Timestamp>,
    /// How long it lasts, such as `90m`.
    #[arg(long = "for", value_name = "DURATION")]
    last: Option<Span>,
}

const CLIENTS: &str = "/api/v1/clients";
/// How much of what happened is shown.
const HISTORY: u32 = 10;
/// Keys of a client that a person looks for, in this order; of them, those that it has.
const KEYS: [&str; 12] = [
    "username",
    "name",
    "state",
    "reason",
    "until",
    "by",
    "room",
    "pipeline",
    "source",
    "last_seen",
    "available",
    "version",
];

pub(crate) async fn run(args: ClientArgs, context: &Context) -> Result<(), Failure> {
    let api = Api::of(context).await?;
    let output = context.output;
    match args.command {
        ClientCommand::List {
            state,
            search,
            limit,
        } => {
            let mut path = format!("{CLIENTS}?limit={limit}");
            for (key, value) in [("state", state), ("q", search)] {
                path.extend(value.map(|value| format!("&{key}={}", escape(&value))));
            }
            output.show(&api.get(&path).await?, list)
        }
        ClientCommand::Show { username } => show(&username, &api, output).await,
        ClientCommand::Add { username, name } => {
            let new = json!({ "username": username, "name": name });
            output.show(&api.post(CLIENTS, &new).await?, client)
        }
        ClientCommand::Pause { username, terms } => {
            order(&username, "pause", &terms.body()?, &api, output).await
        }
        ClientCommand::Resume { username } => {
            order(&username, "resume", &Value::Null, &api, output).await
        }
        ClientCommand::Block { username, terms } => {
            order(&username, "block", &terms.body()?, &api, output).await
        }
        ClientCommand::Unblock { username } => {
            order(&username, "unblock", &Value::Null, &api, output).await
        }
        ClientCommand::Disconnect { username, reason } => {
            let body = json!({ "reason": reason });
            order(&username, "disconnect", &body, &api, output).await
        }
        ClientCommand::Remove { username } => remove(&username, &api, output).await,
        ClientCommand::Assign {
            username,
            kind,
            name,
            wait,
        } => {
            let body =
                json!({ "username": username, "kind": kind.word(), "name": name, "wait": wait });
            let path = format!("{CLIENTS}/assignments/assign");
            output.show(&api.post(&path, &body).await?, client)
        }
        ClientCommand::Unassign { username, kind } => {
            let body = json!({ "username": username, "kind": kind.word() });
            let path = format!("{CLIENTS}/assignments/unassign");
            output.show(&api.post(&path, &body).await?, client)
        }
        ClientCommand::Problems => {
            output.show(&api.get(&format!("{CLIENTS}/problems")).await?, problems)
        }
        ClientCommand::Import { file, preview } => import(&file, preview, &api, output).await,
    }
}

fn path_of(username: &str) -> String {
    format!("{CLIENTS}/{}", escape(username))
}

async fn order(
    username: &str,
    verb: &str,
    body: &Value,
    api: &Api,
    output: Output,
) -> Result<(), Failure> {
    let path = format!("{}/{verb}", path_of(username));
    output.show(&api.post(&path, body).await?, client)
}

async fn show(username: &str, api: &Api, output: Output) -> Result<(), Failure> {
    let path = path_of(username);
    let mut shown = api.get(&path).await?;
    let mut history = api.get(&format!("{path}/events?limit={HISTORY}")).await?;
    shown["events"] = history["items"].take();
    output.show(&shown, client)
}

async fn remove(username: &str, api: &Api, output: Output) -> Result<(), Failure> {
    api.delete(&path_of(username)).await?;
    let removed = json!({ "removed": username });
    output.show(&removed, |_| format!("`{username}` is removed\n"))
}

async fn import(
    file: &std::path::Path,
    preview: bool,
    api: &Api,
    output: Output,
) -> Result<(), Failure> {
    let rows = rows(file)?;
    let clients: Vec<Value> = rows.iter().map(body_of).collect();
    let path = format!("{CLIENTS}/import?preview={preview}");
    let mut imported = api.post(&path, &json!({ "clients": clients })).await?;
    for list in ["errors", "items"] {
        for item in imported[list].as_array_mut().into_iter().flatten() {
            // The API has counted clients; people look for lines.
            let at = item["line"]
                .as_u64()
                .and_then(|line| usize::try_from(line).ok());
            let row = at.and_then(|line| rows.get(line.checked_sub(1)?));
            item["line"] = json!(row.map(|row| row.line));
        }
    }
    output.show(&imported, told)?;
    match imported["errors"].as_array().map(Vec::len) {
        None | Some(0) => Ok(()),
        Some(errors) => Err(Failure::failed(
            format!("{errors} lines were left out"),
            "correct them and import the file again: what is as it should be stays as it is",
        )),
    }
}

fn rows(file: &std::path::Path) -> Result<Vec<Row>, Failure> {
    let shown = file.display();
    let bytes = std::fs::read(file)
        .map_err(|error| Failure::usage(format!("`{shown}` cannot be read: {error}"), ""))?;
    let is_json = file
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("json"));
    let rows = match is_json {
        true => read_json(&bytes),
        false => read_csv(&bytes),
    };
    rows.map_err(|why| {
        let next = "`dabir client import --help` says what a file looks like";
        Failure::usage(format!("`{shown}`: {why}"), next)
    })
}

fn body_of(row: &Row) -> Value {
    let mut body = Map::new();
    body.insert("username".to_owned(), json!(row.username));
    let others = [
        ("name", &row.name),
        ("room", &row.room),
        ("pipeline", &row.pipeline),
    ];
    for (key, value) in others {
        body.extend(value.as_ref().map(|value| (key.to_owned(), json!(value))));
    }
    Value::Object(body)
}

impl SeatKind {
    fn word(self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Pipeline => "pipeline",
        }
    }
}

impl Terms {
    fn body(&self) -> Result<Value, Failure> {
        let end = |span: Span| {
            let end = Clock::system().now().checked_add(span.get());
            end.map_err(|error| Failure::usage(error, "write a shorter time, or none"))
        };
        let until = match self.last {
            Some(span) => Some(end(span)?),
            None => self.until,
        };
        Ok(json!({ "reason": self.reason, "until": until }))
    }
}

fn list(page: &Value) -> String {
    let mut table = table(&[
        "username",
        "name",
        "state",
        "reason",
        "until",
        "room",
        "last seen",
    ]);
    for client in page["items"].as_array().into_iter().flatten() {
        let keys = [
            "username",
            "name",
            "state",
            "reason",
            "until",
            "room",
            "last_seen",
        ];
        table.add_row(keys.map(|key| cell(&client[key])));
    }
    let totals = &page["totals"];
    let words = [
        "all",
        "active",
        "paused",
        "blocked",
        "connection_error",
        "deactivated",
    ];
    let counts: Vec<String> = words
        .iter()
        .map(|word| format!("{} {}", totals[*word], word.replace('_', " ")))
        .collect();
    format!("{}\n\n{}", table.trim_fmt(), counts.join(" · "))
}

fn problems(page: &Value) -> String {
    let items = page["items"].as_array().into_iter().flatten();
    let mut table = table(&["where", "what", "since", "why"]);
    for problem in items.clone() {
        table.add_row(["place", "subject", "since", "detail"].map(|key| cell(&problem[key])));
    }
    let mut text = match items.count() {
        0 => "nothing is wrong\n".to_owned(),
        _ => format!("{}\n", table.trim_fmt()),
    };
    if page["mirrors_here"] == false {
        text.push_str(
            "another server keeps files, Redis and the folder, and knows what is wrong there\n",
        );
    }
    text
}

fn client(client: &Value) -> String {
    let mut text = String::new();
    for key in KEYS.into_iter().filter(|key| !client[*key].is_null()) {
        text.push_str(&format!("{key:<10} {}\n", cell(&client[key])));
    }
    let Some(events) = client["events"].as_array() else {
        return text;
    };
    let mut table = table(&["at", "what", "by", ""]);
    for event in events {
        table.add_row(["at", "kind", "by", "detail"].map(|key| cell(&event[key])));
    }
    format!("{text}\n{}", table.trim_fmt())
}

fn told(imported: &Value) -> String {
    let would = if imported["preview"] == true {
        "would be "
    } else {
        ""
    };
    let mut text = format!(
        "{} {would}added, {} {would}changed, {} as they were\n",
        imported["added"], imported["changed"], imported["same"]
    );
    for error in imported["errors"].as_array().into_iter().flatten() {
        let [line, username, detail] = ["line", "username", "detail"].map(|key| cell(&error[key]));
        text.push_str(&format!("line {line}: `{username}`: {detail}\n"));
    }
    text
}
