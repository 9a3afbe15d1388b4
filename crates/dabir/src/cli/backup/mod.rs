//! `dabir backup …`: the whole house in one file, opened and counted, and brought back.
//!
//! On this machine the commands work on the data folder itself, whether a server runs or not, so that
//! a server that is stuck keeps nobody from a backup; a server elsewhere is asked to do it.

mod here;
mod there;
mod words;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use dabir_backup::BackupError;
use dabir_http::Problem;

use super::api::Api;
use super::{Context, Failure};

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    #[command(subcommand)]
    command: BackupCommand,
}

#[derive(Debug, Subcommand)]
enum BackupCommand {
    /// Make a backup and verify it; a running server is not disturbed.
    Create {
        /// Write it here, beside the backups that are kept and pruned.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// List the backups, the newest first.
    List,
    /// Open a backup, read every byte of it and count its rows.
    Verify {
        /// A name from the list, or a file.
        name: String,
    },
    /// Bring the house back as it was; what is there now is kept beside it.
    Restore {
        /// A name from the list, or a file.
        name: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

pub(crate) async fn run(args: BackupArgs, context: &Context) -> Result<(), Failure> {
    let api = Api::named()?;
    match (args.command, api) {
        (BackupCommand::Create { to }, None) => here::create(context, to.as_deref()).await,
        (BackupCommand::List, None) => here::list(context),
        (BackupCommand::Verify { name }, None) => here::verify(context, &name).await,
        (BackupCommand::Restore { name, yes }, None) => here::restore(context, &name, yes).await,
        (BackupCommand::Create { to }, Some(api)) => {
            there::create(&api, context, to.as_deref()).await
        }
        (BackupCommand::List, Some(api)) => there::list(&api, context).await,
        (BackupCommand::Verify { name }, Some(api)) => there::verify(&api, context, &name).await,
        (BackupCommand::Restore { .. }, Some(_)) => Err(Failure::usage(
            "a backup is restored on the machine that has the data folder, and DABIR_URL is set",
            "unset DABIR_URL and run this on that machine",
        )),
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        let cause = error.told();
        let next = next_step(&error);
        match error {
            BackupError::Damaged { .. } | BackupError::Newer { .. } => Self::failed(cause, next),
            _ => Self::like(&Problem::from(error), cause, next),
        }
    }
}

fn next_step(error: &BackupError) -> &'static str {
    match error {
        BackupError::NotFound(_) => "`dabir backup list` has all names",
        BackupError::Exists(_) => "name another file, or remove that one first",
        BackupError::Busy(_) => "wait until it is done and try again",
        BackupError::Full { .. } => {
            "make room, keep fewer backups (`[backup.keep]`), or name another folder (`[backup] dir`)"
        }
        BackupError::Damaged { .. } => {
            "take another backup; `dabir backup list` shows which are verified"
        }
        BackupError::OtherKind { .. } => "set `[database] url` as it was when the backup was made",
        BackupError::RoomsLive(_) => {
            "start the server and end it with `dabir serve --stop-rooms`, or stop the meetings first"
        }
        BackupError::Connected(_) => "stop every server and worker that uses it, then try again",
        BackupError::Folder(_) => "stop every worker that uses this folder, then try again",
        BackupError::Empty => "the first start of `dabir serve` makes it",
        BackupError::Io { .. } | BackupError::Db(_) | BackupError::Sql(_) => {
            "`dabir doctor` looks for what is missing"
        }
        BackupError::Newer { .. } | BackupError::Stopped | BackupError::Jobs(_) => "",
    }
}
