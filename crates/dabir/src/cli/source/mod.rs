//! `dabir source …`: where rows come from, and bringing them in.

mod given;
mod wait;
mod words;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::api::{Api, escape};
use super::{Context, Failure, Output};

#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    #[command(subcommand)]
    command: SourceCommand,
}

#[derive(Debug, Subcommand)]
enum SourceCommand {
    /// List the sources, and how they do.
    List,
    /// Show one source, without its secrets, and its last run.
    Show { name: String },
    /// Make a source from a file.
    Add {
        /// TOML or JSON with the keys of `[[sync.sources]]`; `-` reads standard input.
        #[arg(value_name = "FILE")]
        file: String,
    },
    /// Change keys of a source.
    Set {
        name: String,
        /// `interval=30m`, `partitions.campus=["1100","1101"]`, `incremental=null` to remove one;
        /// `login.body.password=@FILE` reads a text from a file, `@-` from standard input.
        #[arg(required = true, value_name = "KEY=VALUE")]
        changes: Vec<String>,
    },
    /// Sign in, ask for the first page and show its first rows. Nothing is written.
    Test { name: String },
    /// Start a run.
    Sync {
        name: String,
        /// Ask only for what changed since the last run.
        #[arg(long)]
        incremental: bool,
        /// Show how far it is, and exit by its result.
        #[arg(long)]
        wait: bool,
    },
    /// End the run of a source.
    Cancel { name: String },
    /// List the runs of a source, the newest first.
    Runs {
        name: String,
        /// How many at most.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
    },
}

const SOURCES: &str = "/api/v1/sources";
const RUNS: &str = "/api/v1/runs";

pub(crate) async fn run(args: SourceArgs, context: &Context) -> Result<(), Failure> {
    let api = Api::of(context).await?;
    execute(args.command, &api, context.output).await
}

async fn execute(command: SourceCommand, api: &Api, output: Output) -> Result<(), Failure> {
    match command {
        SourceCommand::List => output.show(&api.get(SOURCES).await?, words::list),
        SourceCommand::Show { name } => show(&name, api, output).await,
        SourceCommand::Add { file } => {
            let made = api.post(SOURCES, &given::source(&file)?).await?;
            output.show(&made, words::source)
        }
        SourceCommand::Set { name, changes } => {
            let patch = given::patch(&changes)?;
            output.show(&api.patch(&path_of(&name), &patch).await?, words::source)
        }
        SourceCommand::Test { name } => test(&name, api, output).await,
        SourceCommand::Sync {
            name,
            incremental,
            wait,
        } => sync(&name, incremental, wait, api, output).await,
        SourceCommand::Cancel { name } => cancel(&name, api, output).await,
        SourceCommand::Runs { name, limit } => {
            let path = format!("{}/runs?limit={limit}", path_of(&name));
            output.show(&api.get(&path).await?, words::runs)
        }
    }
}

fn path_of(name: &str) -> String {
    format!("{SOURCES}/{}", escape(name))
}

async fn show(name: &str, api: &Api, output: Output) -> Result<(), Failure> {
    let mut source = api.get(&path_of(name)).await?;
    if let Some(id) = source["last_run"]["id"].as_i64() {
        source["last_run"] = api.get(&format!("{RUNS}/{id}")).await?;
    }
    output.show(&source, words::source)
}

async fn test(name: &str, api: &Api, output: Output) -> Result<(), Failure> {
    let path = format!("{}/test", path_of(name));
    let tested = api.post(&path, &Value::Null).await?;
    if tested["ok"] == true || output.json {
        output.show(&tested, words::tested)?;
    }
    match tested["error"].as_str() {
        Some(why) => Err(Failure::failed(
            format!("`{name}` does not answer as it should: {why}"),
            "`dabir source set` changes its address, login and body",
        )),
        None => Ok(()),
    }
}

async fn sync(
    name: &str,
    incremental: bool,
    wait: bool,
    api: &Api,
    output: Output,
) -> Result<(), Failure> {
    let mode = if incremental { "incremental" } else { "full" };
    let path = format!("{}/sync", path_of(name));
    let run = api.post(&path, &json!({ "mode": mode })).await?;
    if !api.is_served() {
        output.note("no server runs on this data folder; the run begins when one does");
    }
    if !wait || !api.is_served() {
        return output.show(&run, words::started);
    }
    let run = wait::for_end(api, &run, output).await?;
    output.show(&run, words::run)?;
    wait::result(&run)
}

async fn cancel(name: &str, api: &Api, output: Output) -> Result<(), Failure> {
    let source = api.get(&path_of(name)).await?;
    let Some(id) = source["last_run"]["id"].as_i64() else {
        return Err(Failure::refused(format!("`{name}` was never synced"), ""));
    };
    let path = format!("{RUNS}/{id}/cancel");
    output.show(&api.post(&path, &Value::Null).await?, words::run)
}
