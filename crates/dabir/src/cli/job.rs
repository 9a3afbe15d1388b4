//! `dabir job …`: see what happens in the background, try it again, end it.

use clap::{Args, Subcommand};
use dabir_core::text::one_line;
use serde_json::{Map, Value, json};

use super::api::{Api, escape};
use super::output::{cell, table};
use super::{Context, Failure, Output};

#[derive(Debug, Args)]
pub(crate) struct JobArgs {
    #[command(subcommand)]
    command: JobCommand,
}

#[derive(Debug, Subcommand)]
enum JobCommand {
    /// List jobs, the newest first.
    List {
        #[command(flatten)]
        filter: Filter,
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Show one job with its attempts and the last lines of its log.
    Show { id: i64 },
    /// Try a job again that has ended; or, with `--all`, every one that failed and fits.
    Retry {
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<i64>,
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        filter: Filter,
        /// Other arguments in place of its own, as JSON.
        #[arg(long, value_name = "JSON", conflicts_with = "all")]
        args: Option<String>,
    },
    /// End a job that waits or runs.
    Cancel { id: i64 },
}

/// Which jobs are meant.
#[derive(Debug, Args)]
struct Filter {
    /// Only those that are queued, running, succeeded, failed, cancelled or set_aside; several with
    /// commas between them.
    #[arg(long, value_name = "STATE,…")]
    state: Option<String>,
    #[arg(long)]
    kind: Option<String>,
    #[arg(long)]
    queue: Option<String>,
    /// Part of the arguments, the unique key or the error.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
}

const JOBS: &str = "/api/v1/jobs";
/// How many lines of its log a job is shown with.
const LINES: usize = 20;

pub(crate) async fn run(args: JobArgs, context: &Context) -> Result<(), Failure> {
    let api = Api::of(context).await?;
    execute(args.command, &api, context.output).await
}

async fn execute(command: JobCommand, api: &Api, output: Output) -> Result<(), Failure> {
    match command {
        JobCommand::List { filter, limit } => {
            let page = api
                .get(&format!("{JOBS}?limit={limit}{}", filter.query()))
                .await?;
            output.show(&page, list)
        }
        JobCommand::Show { id } => {
            let mut job = api.get(&format!("{JOBS}/{id}")).await?;
            job["log"] = api.get(&format!("{JOBS}/{id}/log")).await?["items"].take();
            output.show(&job, detail)
        }
        JobCommand::Retry {
            id: Some(id), args, ..
        } => {
            let body = match args {
                Some(text) => json!({ "args": read(&text)? }),
                None => Value::Null,
            };
            let job = api.post(&format!("{JOBS}/{id}/retry"), &body).await?;
            output.show(&job, detail)
        }
        JobCommand::Retry {
            id: None, filter, ..
        } => {
            let done = api.post(&format!("{JOBS}/retry"), &filter.body()).await?;
            output.show(&done, |done| match done["jobs"].as_u64() {
                Some(1) => "1 job waits again".to_owned(),
                jobs => format!("{} jobs wait again", jobs.unwrap_or(0)),
            })
        }
        JobCommand::Cancel { id } => {
            let job = api
                .post(&format!("{JOBS}/{id}/cancel"), &Value::Null)
                .await?;
            output.show(&job, detail)
        }
    }
}

fn read(text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::usage(
            format!("`--args` is no JSON: {error}"),
            "write it as `dabir job show` prints it, in single quotes",
        )
    })
}

impl Filter {
    fn given(&self) -> impl Iterator<Item = (&'static str, &String)> {
        [
            ("state", &self.state),
            ("kind", &self.kind),
            ("queue", &self.queue),
            ("search", &self.search),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value.as_ref()?)))
    }

    fn query(&self) -> String {
        self.given()
            .map(|(key, value)| format!("&{key}={}", escape(value)))
            .collect()
    }

    fn body(&self) -> Value {
        let given = self
            .given()
            .map(|(key, value)| (key.to_owned(), json!(value)));
        Value::Object(Map::from_iter(given))
    }
}

fn list(page: &Value) -> String {
    let jobs = page["items"].as_array().cloned().unwrap_or_default();
    if jobs.is_empty() {
        return "no such jobs".to_owned();
    }
    let mut table = table(&[
        "id", "kind", "state", "tries", "done", "made", "ended", "error",
    ]);
    for job in &jobs {
        table.add_row([
            cell(&job["id"]),
            cell(&job["kind"]),
            cell(&job["state"]),
            cell(&job["attempts"]),
            done(&job["progress"]),
            cell(&job["created_at"]),
            cell(&job["ended_at"]),
            cell(&job["last_error"]),
        ]);
    }
    let rest = page["total"]
        .as_u64()
        .unwrap_or(0)
        .saturating_sub(jobs.len() as u64);
    let more = if rest > 0 {
        format!("\n… and {rest} more; raise --limit")
    } else {
        String::new()
    };
    format!("{}{more}", table.trim_fmt())
}

/// `3 of 10`, or as much of it as is known.
fn done(progress: &Value) -> String {
    match (progress["done"].as_u64(), progress["total"].as_u64()) {
        (Some(done), Some(total)) => format!("{done} of {total}"),
        (Some(done), None) => done.to_string(),
        _ => "–".to_owned(),
    }
}

fn detail(job: &Value) -> String {
    let keys = [
        "id",
        "kind",
        "queue",
        "state",
        "last_error",
        "args",
        "result",
        "unique_key",
        "lane",
        "attempts",
        "errors",
        "crashes",
        "worker",
        "run_at",
        "created_at",
        "created_by",
        "started_at",
        "ended_at",
    ];
    let mut text: String = keys
        .into_iter()
        .filter(|key| !job[*key].is_null())
        .map(|key| format!("{key:<12} {}\n", cell(&job[key])))
        .collect();
    if !job["progress"].is_null() {
        let stage = cell(&job["progress"]["stage"]);
        text.push_str(&format!(
            "{:<12} {} {stage}\n",
            "progress",
            done(&job["progress"])
        ));
    }
    for attempt in job["failed_attempts"].as_array().into_iter().flatten() {
        text.push_str(&format!(
            "attempt {:<4} {} {}: {}\n",
            cell(&attempt["attempt"]),
            cell(&attempt["ended_at"]),
            cell(&attempt["outcome"]),
            cell(&attempt["error"]),
        ));
    }
    let lines = job["log"].as_array().cloned().unwrap_or_default();
    for line in &lines[lines.len().saturating_sub(LINES)..] {
        let words = line["line"].as_str().unwrap_or_default();
        text.push_str(&format!(
            "{} {:<5} {}\n",
            cell(&line["at"]),
            cell(&line["level"]),
            one_line(words)
        ));
    }
    text
}
