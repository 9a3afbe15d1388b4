//! `dabir meeting …`: see and run meetings.

use clap::{Args, Subcommand};
use dabir_core::encode::percent;
use dabir_core::text::one_line;
use serde_json::{Map, Value, json};

use super::api::Api;
use super::output::{cell, table};
use super::{Context, Failure, Output};

#[derive(Debug, Args)]
pub(crate) struct MeetingArgs {
    #[command(subcommand)]
    command: MeetingCommand,
}

#[derive(Debug, Subcommand)]
enum MeetingCommand {
    /// List meetings, the latest end first.
    List {
        /// Only those that are scheduled, starting, running, stopping, ended, failed or held.
        #[arg(long)]
        state: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Show one meeting, by its id, its source's id or its whole name.
    Show { meeting: String },
    /// Make a meeting; it begins at once unless `--at` says when.
    Add {
        name: String,
        /// When it begins, such as `2026-11-21T14:00:00Z`.
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
        /// How long it lasts, such as `90m`.
        #[arg(long, value_name = "DURATION")]
        duration: Option<String>,
        /// The port of its room; a free one when not given.
        #[arg(long)]
        port: Option<u16>,
    },
    /// Start a meeting now, whatever its source says.
    Start { meeting: String },
    /// End a meeting now.
    Stop { meeting: String },
    /// Move a meeting's end.
    Extend {
        meeting: String,
        #[arg(default_value_t = 30)]
        minutes: i64,
    },
    /// Print what the supervisor would do now, and why.
    Plan,
}

const MEETINGS: &str = "/api/v1/meetings";

pub(crate) async fn run(args: MeetingArgs, context: &Context) -> Result<(), Failure> {
    let api = Api::of(context).await?;
    let note = api
        .unattended_rooms()
        .and_then(|rooms| unattended(&args.command, rooms));
    execute(args.command, &api, context.output).await?;
    if let Some(note) = note {
        context.output.note(&note);
    }
    Ok(())
}

/// What has to be known of an answer that no supervisor stands behind.
fn unattended(command: &MeetingCommand, rooms: usize) -> Option<String> {
    let rooms = match rooms {
        0 => None,
        1 => Some("1 room goes on by itself".to_owned()),
        rooms => Some(format!("{rooms} rooms go on by themselves")),
    };
    let when = match command {
        MeetingCommand::List { .. } | MeetingCommand::Show { .. } => {
            return rooms.map(|rooms| format!("no supervisor runs; {rooms}"));
        }
        MeetingCommand::Plan => "the next `dabir serve` does this",
        _ => "this takes effect with the next `dabir serve`",
    };
    let rooms = rooms.map_or(String::new(), |rooms| format!("; until then {rooms}"));
    Some(format!("no supervisor runs, so {when}{rooms}"))
}

async fn execute(command: MeetingCommand, api: &Api, output: Output) -> Result<(), Failure> {
    match command {
        MeetingCommand::List { state, limit } => {
            let state = state
                .map(|state| format!("&state={}", percent(&state)))
                .unwrap_or_default();
            let page = api.get(&format!("{MEETINGS}?limit={limit}{state}")).await?;
            output.show(&page, list)
        }
        MeetingCommand::Show { meeting } => {
            output.show(&api.get(&path(&meeting, "")).await?, detail)
        }
        MeetingCommand::Add {
            name,
            at,
            duration,
            port,
        } => {
            let mut new = Map::new();
            new.insert("name".to_owned(), json!(name));
            for (key, value) in [("date_time", at), ("duration", duration)] {
                new.extend(value.map(|value| (key.to_owned(), json!(value))));
            }
            new.extend(port.map(|port| ("port".to_owned(), json!(port))));
            output.show(&api.post(MEETINGS, &Value::Object(new)).await?, detail)
        }
        MeetingCommand::Start { meeting } => output.show(
            &api.post(&path(&meeting, "/start"), &Value::Null).await?,
            detail,
        ),
        MeetingCommand::Stop { meeting } => output.show(
            &api.post(&path(&meeting, "/stop"), &Value::Null).await?,
            detail,
        ),
        MeetingCommand::Extend { meeting, minutes } => {
            let body = json!({ "minutes": minutes });
            output.show(&api.post(&path(&meeting, "/extend"), &body).await?, detail)
        }
        MeetingCommand::Plan => output.show(&api.get(&format!("{MEETINGS}/plan")).await?, plan),
    }
}

fn path(meeting: &str, verb: &str) -> String {
    format!("{MEETINGS}/{}{verb}", percent(meeting))
}

fn list(page: &Value) -> String {
    let meetings = page["items"].as_array().cloned().unwrap_or_default();
    if meetings.is_empty() {
        return "no meetings; `dabir meeting add NAME` makes one".to_owned();
    }
    let mut table = table(&[
        "id", "from", "name", "state", "port", "people", "begins", "ends",
    ]);
    for meeting in &meetings {
        let from = match meeting["external_id"].as_str() {
            Some(id) => format!("{} {}", cell(&meeting["source"]), one_line(id)),
            None => cell(&meeting["source"]),
        };
        table.add_row([
            cell(&meeting["id"]),
            from,
            cell(&meeting["name"]),
            cell(&meeting["state"]),
            cell(&meeting["port"]),
            cell(&meeting["clients"]),
            cell(&meeting["date_time"]),
            cell(&meeting["end_time"]),
        ]);
    }
    let more = if page["next_cursor"].is_null() {
        ""
    } else {
        "\n… more; raise --limit"
    };
    format!("{}{more}", table.trim_fmt())
}

fn detail(meeting: &Value) -> String {
    let keys = [
        "id",
        "name",
        "state",
        "last_error",
        "date_time",
        "end_time",
        "url",
        "join_url",
        "port",
        "clients",
        "pid",
        "restarts",
        "source",
        "external_id",
    ];
    let lines = keys.into_iter().filter(|key| !meeting[*key].is_null());
    lines
        .map(|key| format!("{key:<12} {}\n", cell(&meeting[key])))
        .collect()
}

fn plan(plan: &Value) -> String {
    let steps = plan["steps"].as_array().cloned().unwrap_or_default();
    let mut text = source(&plan["source"]);
    if steps.is_empty() {
        return format!("{text}nothing is planned: no meeting is on or ahead");
    }
    let mut table = table(&["action", "meeting", "name", "reason"]);
    for step in &steps {
        let id = step["external_id"]
            .as_str()
            .or(step["id"].as_str())
            .unwrap_or_default();
        table.add_row([
            cell(&step["action"]),
            one_line(id),
            cell(&step["name"]),
            cell(&step["reason"]),
        ]);
    }
    text.push_str(&table.trim_fmt());
    text
}

/// What is to be known of the source before the plan is believed.
fn source(source: &Value) -> String {
    let mut text = String::new();
    if let Some(error) = source["last_error"].as_str() {
        let since = cell(&source["last_ok_at"]);
        text.push_str(&format!(
            "source: {}; the last whole list is of {since}\n",
            one_line(error)
        ));
    }
    for row in source["set_aside"].as_array().into_iter().flatten() {
        text.push_str(&format!(
            "set aside: row {}: {}\n",
            row["index"],
            cell(&row["reason"])
        ));
    }
    text
}
