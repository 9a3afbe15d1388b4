//! `dabir port …`: the port manager on its file, without a server.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use dabir_core::{Clock, Events, Span};
use dabir_ports::{PickRequest, PortError, PortManager, PortsConfig};
use serde_json::json;

use super::output::{print, table};
use super::{Context, Failure};
use crate::app::open_ports;

#[derive(Debug, Args)]
pub(crate) struct PortArgs {
    /// The state file; every service may have its own.
    #[arg(long, global = true, value_name = "FILE")]
    state: Option<PathBuf>,
    /// The first and the last port, such as 3000-9000.
    #[arg(long, global = true, value_name = "RANGE", value_parser = parse_range)]
    range: Option<[u16; 2]>,
    #[command(subcommand)]
    command: PortCommand,
}

#[derive(Debug, Subcommand)]
enum PortCommand {
    /// Take the lowest free port and print it.
    Pick {
        /// Give it back when this process ends; it is kept until `release` otherwise.
        #[arg(long)]
        pid: Option<u32>,
        /// Take this one when it is free.
        #[arg(long, value_name = "PORT")]
        preferred: Option<u16>,
        /// Give it back after this time, such as `10m`.
        #[arg(long)]
        ttl: Option<Span>,
        /// What lists call the owner.
        #[arg(long, default_value = "command line")]
        owner: String,
    },
    /// Give a port back; the active one when none is named.
    Release { port: Option<u16> },
    /// Show everything that the state file says.
    State,
    /// List the free ports.
    Free,
    /// List the ports that are in use, and who has them.
    Used,
    /// List how the active port changed.
    History,
    /// See and restore backups.
    #[command(subcommand)]
    Backup(BackupCommand),
}

#[derive(Debug, Subcommand)]
enum BackupCommand {
    /// List the backups, the newest first.
    List,
    /// Make a backup the current state; what was current is backed up first.
    Restore { name: String },
}

pub(crate) async fn run(args: PortArgs, context: &Context) -> Result<(), Failure> {
    let config = PortsConfig {
        state: args
            .state
            .unwrap_or_else(|| context.loaded.config.ports.state.clone()),
        range: args.range.unwrap_or(context.loaded.config.ports.range),
        ..context.loaded.config.ports.clone()
    };
    let ports =
        open_ports(&config, &Clock::system(), &Events::default()).map_err(Failure::from_chain)?;
    let done = command(args.command, &ports, context).await;
    ports.stop();
    done
}

async fn command(
    command: PortCommand,
    ports: &PortManager,
    context: &Context,
) -> Result<(), Failure> {
    let output = context.output;
    match command {
        PortCommand::Pick {
            pid,
            preferred,
            ttl,
            owner,
        } => {
            let ttl = ttl.map(Span::get);
            let lease = ports
                .pick(PickRequest {
                    owner,
                    pid,
                    preferred,
                    ttl,
                })
                .await?;
            output.show(&json!({ "status": "success", "port": lease.port }), |_| {
                lease.port.to_string()
            })
        }
        PortCommand::Release { port } => {
            let port = ports.release(port).await?;
            output.show(&json!({ "status": "success" }), |_| {
                format!("released {port}")
            })
        }
        PortCommand::State => {
            let state = ports.state().await?;
            output.show(&state, |state| {
                serde_json::to_string_pretty(state).unwrap_or_default()
            })
        }
        PortCommand::Free => {
            let free = ports.free().await?;
            output.show(&json!({ "free_ports": free }), |_| ranges(&free))
        }
        PortCommand::Used => used(ports, context).await,
        PortCommand::History => {
            let history = ports.history().await?;
            output.show(&json!({ "history": history }), |_| {
                let mut table = table(&["time", "from", "to"]);
                let shown =
                    |port: Option<u16>| port.map_or("–".to_owned(), |port| port.to_string());
                for entry in &history {
                    table.add_row([entry.time.clone(), shown(entry.prev), shown(entry.new)]);
                }
                table.trim_fmt()
            })
        }
        PortCommand::Backup(BackupCommand::List) => {
            let names = ports.backups().await?;
            output.show(&json!({ "backups": names }), |_| names.join("\n"))
        }
        PortCommand::Backup(BackupCommand::Restore { name }) => {
            ports.restore_backup(name.as_str()).await?;
            print(&format!("restored {name}"))
        }
    }
}

async fn used(ports: &PortManager, context: &Context) -> Result<(), Failure> {
    let state = ports.state().await?;
    context
        .output
        .show(&json!({ "used_ports": state.used_ports }), |_| {
            if state.used_ports.is_empty() {
                return "no port is in use".to_owned();
            }
            let mut table = table(&["port", "owner", "process", "since"]);
            for port in &state.used_ports {
                let lease = state.leases.get(port);
                table.add_row([
                    port.to_string(),
                    lease.map_or("another program".to_owned(), |lease| lease.owner.clone()),
                    lease
                        .and_then(|lease| lease.pid)
                        .map_or("–".to_owned(), |pid| pid.to_string()),
                    lease.map_or("–".to_owned(), |lease| lease.since.clone()),
                ]);
            }
            table.trim_fmt()
        })
}

/// `3000-3004, 3006` instead of thousands of numbers.
fn ranges(ports: &[u16]) -> String {
    let mut runs: Vec<(u16, u16)> = Vec::new();
    for port in ports {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *port => *last = *port,
            _ => runs.push((*port, *port)),
        }
    }
    let shown = runs.into_iter().map(|(first, last)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    });
    format!(
        "{} free: {}",
        ports.len(),
        shown.collect::<Vec<_>>().join(", ")
    )
}

fn parse_range(text: &str) -> Result<[u16; 2], String> {
    let (first, last) = text.split_once('-').ok_or("write it as 3000-9000")?;
    let port = |text: &str| {
        text.trim()
            .parse::<u16>()
            .map_err(|_| format!("`{text}` is no port"))
    };
    Ok([port(first)?, port(last)?])
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        let problem = dabir_http::Problem::from(error.clone());
        match problem.status {
            404 => Self::not_found(error, ""),
            409 | 423 | 503 => Self::refused(error, ""),
            400 | 422 => Self::usage(error, ""),
            _ => Self::from_chain(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_are_shown_as_ranges() {
        assert_eq!(ranges(&[3000, 3001, 3002, 3004]), "4 free: 3000-3002, 3004");
        assert_eq!(ranges(&[]), "0 free: ");
    }

    #[test]
    fn a_range_is_two_ports() {
        assert_eq!(parse_range("3000-9000"), Ok([3000, 9000]));
        assert!(parse_range("3000").is_err());
        assert!(parse_range("3000-90000").is_err());
    }
}
