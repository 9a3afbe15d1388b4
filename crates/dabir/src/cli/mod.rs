//! The command line: one file per group of commands, the same exit codes everywhere.

mod api;
mod admin;
mod audit;
mod backup;
mod client;
mod config;
mod doc;
mod job;
mod meeting;
mod output;
mod port;
mod room;
mod source;
mod task;
mod token;
mod user;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::config::{ConfigError, Loaded};
use crate::serve::{Role, ServeOptions};
use crate::{doctor, serve, telemetry, work};

pub(crate) use output::{Failure, Output};

/// An institution's online meetings and paperwork.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Cli {
    /// The configuration; `./dabir.toml`, then `/etc/dabir/dabir.toml` when not given.
    #[arg(long, global = true, env = "DABIR_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where everything is kept; `data` when not given.
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Print JSON instead of tables.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and keep the meetings' rooms.
    Serve {
        /// What this process does of the whole; everything when not given.
        #[arg(long, value_delimiter = ',', value_enum)]
        roles: Vec<Role>,
        /// End the rooms with the server; they outlive it otherwise.
        #[arg(long)]
        stop_rooms: bool,
    },
    /// Work background jobs off, beside a server or on another machine with the same database.
    Worker {
        /// Answer `/health`, `/ready` and `/metrics` here; nowhere when not given.
        #[arg(long, value_name = "ADDRESS:PORT")]
        listen: Option<SocketAddr>,
    },
    /// Run a foreign program for a job, and end whatever comes of it.
    #[command(hide = true)]
    Guard {
        mark: String,
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<OsString>,
    },
    /// Serve one room by hand.
    Room(room::RoomArgs),
    /// Hand out ports from the state file; no server is needed.
    Port(port::PortArgs),
    /// See and run meetings.
    Meeting(meeting::MeetingArgs),
    /// See, pause, block and import clients.
    Client(client::ClientArgs),
    /// See, change and sync where faculty, students and other rows come from.
    Source(source::SourceArgs),
    /// See, retry and cancel background jobs.
    Job(job::JobArgs),
    /// See, make, find and export documents.
    Doc(doc::DocArgs),
    /// See, make and change tasks.
    Task(task::TaskArgs),
    /// Make and see people's accounts.
    User(user::UserArgs),
    /// Make tokens for programs.
    Token(token::TokenArgs),
    /// See and check who changed what.
    Audit(audit::AuditArgs),
    /// Back up the whole house, and bring it back.
    Backup(backup::BackupArgs),
    /// Show or check the configuration.
    Config(config::ConfigArgs),
    /// The way in for the owner.
    Admin(admin::AdminArgs),
    /// Bring the database's tables up to date.
    Migrate,
    /// Check this machine and this installation.
    Doctor,
}

/// What every command gets.
pub(crate) struct Context {
    pub(crate) loaded: Loaded,
    pub(crate) output: Output,
}

/// Runs one command and answers the process's exit code: 0 done, 1 failed, 2 wrong usage, 3 not
/// found, 4 refused by state.
pub(crate) fn run(cli: Cli) -> ExitCode {
    let output = Output { json: cli.json };
    if let Command::Guard { mark, words } = &cli.command {
        let ended = dabir_jobs::command::guard::run(mark, words);
        return ended.unwrap_or_else(|error| Failure::from_error(error).report());
    }
    match execute(cli, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn execute(cli: Cli, output: Output) -> Result<(), Failure> {
    if let Command::Room(args) = cli.command {
        return room::run(&args);
    }
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let loaded = crate::config::load(cli.config.as_deref(), cli.data_dir.as_deref(), environment)?;
    let is_server = matches!(cli.command, Command::Serve { .. } | Command::Worker { .. });
    let level = telemetry::start(loaded.config.log, is_server);
    let context = Context { loaded, output };
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::from_error)?;
    let done = runtime.block_on(dispatch(cli.command, &context, level));
    // What still waits for a file's lock is not waited for.
    runtime.shutdown_timeout(Duration::from_millis(500));
    done
}

async fn dispatch(
    command: Command,
    context: &Context,
    level: telemetry::Level,
) -> Result<(), Failure> {
    match command {
        Command::Serve { roles, stop_rooms } => {
            let all = [Role::Api, Role::Supervisor, Role::Worker];
            let roles = if roles.is_empty() {
                all.into()
            } else {
                roles.into_iter().collect()
            };
            let options = ServeOptions { roles, stop_rooms };
            serve::serve(&context.loaded, &options, level)
                .await
                .map_err(Failure::from_chain)
        }
        Command::Worker { listen } => work::work(&context.loaded, listen, level)
            .await
            .map_err(Failure::from_chain),
        Command::Client(args) => client::run(args, context).await,
        Command::Source(args) => source::run(args, context).await,
        Command::Job(args) => job::run(args, context).await,
        Command::Doc(args) => doc::run(args, context).await,
        Command::Task(args) => task::run(args, context).await,
        Command::Port(args) => port::run(args, context).await,
        Command::Meeting(args) => meeting::run(args, context).await,
        Command::User(args) => user::run(args, context).await,
        Command::Token(args) => token::run(args, context).await,
        Command::Audit(args) => audit::run(&args, context).await,
        Command::Backup(args) => backup::run(args, context).await,
        Command::Config(args) => config::run(&args, context).await,
        Command::Admin(args) => admin::run(&args, context).await,
        Command::Migrate => admin::migrate(context).await,
        Command::Doctor => doctor::run(context).await,
        Command::Room(_) | Command::Guard { .. } => Ok(()),
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(
            error.to_string(),
            "correct the configuration; `dabir config show` prints what is in force",
        )
    }
}
