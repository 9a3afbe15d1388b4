//! `dabir config show|check`: what is in force, and whether it makes sense.

use std::path::Path;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Context, Failure};
use crate::settings::{self, SettingList};

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print what is in force and who says so, with defaults and without secrets.
    Show,
    /// Check the configuration and say where it came from.
    Check,
}

pub(crate) async fn run(args: &ConfigArgs, context: &Context) -> Result<(), Failure> {
    let loaded = &context.loaded;
    match args.command {
        ConfigCommand::Show => {
            let (items, error) = settings::look(&loaded.config, &loaded.layers).await;
            if let Some(error) = error {
                let error = anyhow::Error::from(error);
                let missing = "what was changed while the house ran is missing here";
                context.output.note(&format!("{missing}: {error:#}"));
            }
            let list = SettingList { items };
            context
                .output
                .show(&list, |list| settings::as_toml(&list.items))
        }
        ConfigCommand::Check => {
            let checked = Checked {
                valid: true,
                file: loaded.file.as_deref(),
            };
            context.output.show(&checked, in_words)
        }
    }
}

/// What a check found; a configuration that makes no sense has stopped the command already.
#[derive(Serialize)]
struct Checked<'a> {
    valid: bool,
    /// `null` when none was found.
    file: Option<&'a Path>,
}

fn in_words(checked: &Checked<'_>) -> String {
    checked.file.map_or_else(
        || "no file was found, so the defaults are in force".to_owned(),
        |file| format!("`{}` is fine", file.display()),
    )
}
