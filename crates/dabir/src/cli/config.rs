//! `dabir config show|check`: what is in force, and whether it makes sense.

use clap::{Args, Subcommand};

use super::output::print;
use super::{Context, Failure};

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print what is in force, with defaults and without secrets.
    Show,
    /// Check the configuration and say where it came from.
    Check,
}

pub(crate) fn run(args: &ConfigArgs, context: &Context) -> Result<(), Failure> {
    let config = &context.loaded.config;
    match args.command {
        ConfigCommand::Show => context.output.show(config, |config| {
            // Every section of ours is a table of plain values.
            toml::to_string(config).unwrap_or_default()
        }),
        ConfigCommand::Check => {
            let from = context.loaded.file.as_ref().map_or_else(
                || "no file was found, so the defaults are in force".to_owned(),
                |file| format!("`{}` is fine", file.display()),
            );
            print(&from)
        }
    }
}
