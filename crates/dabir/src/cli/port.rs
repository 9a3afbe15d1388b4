//! `dabir port …`: the port manager on its file, without a server.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use dabir_core::text::one_line;
use dabir_core::{Clock, Events, Span};
use dabir_http::Problem;
use dabir_ports::{Lease, PickRequest, PortError, PortManager, PortsConfig};
use serde_json::json;

use super::output::table;
use super::{Context, Failure, Output};
use crate::app::open_ports;
use crate::telemetry::stderr_paint;

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
            let request = PickRequest {
                owner,
                pid,
                preferred,
                ttl: ttl.map(Span::get),
            };
            pick(ports, request, output).await
        }
        PortCommand::Release { port } => release(ports, port, output).await,
        PortCommand::State => state(ports, output).await,
        PortCommand::Free => {
            let free = ports.free().await?;
            output.show(&json!({ "free_ports": free }), |_| ranges(&free))
        }
        PortCommand::Used => used(ports, output).await,
        PortCommand::History => history(ports, output).await,
        PortCommand::Backup(BackupCommand::List) => {
            let names = ports.backups().await?;
            output.show(&json!({ "backups": names }), |_| names.join("\n"))
        }
        PortCommand::Backup(BackupCommand::Restore { name }) => {
            ports.restore_backup(name.as_str()).await?;
            output.show(&json!({ "status": "success" }), |_| {
                format!("restored {name}")
            })
        }
    }
}

async fn pick(ports: &PortManager, request: PickRequest, output: Output) -> Result<(), Failure> {
    let lease = ports.pick(request).await?;
    let note = format!("leased port {} to {}", lease.port, lease.owner);
    show_line(ports, "PICK", note, output).await;
    output.show(&json!({ "status": "success", "port": lease.port }), |_| {
        lease.port.to_string()
    })
}

async fn release(ports: &PortManager, port: Option<u16>, output: Output) -> Result<(), Failure> {
    let port = ports.release(port).await?;
    let note = format!("port {port} is free again");
    show_line(ports, "RELEASE", note, output).await;
    output.show(&json!({ "status": "success" }), |_| {
        format!("released {port}")
    })
}

async fn state(ports: &PortManager, output: Output) -> Result<(), Failure> {
    let state = ports.state().await?;
    let note = state.last_error.clone().unwrap_or_default();
    show_line(ports, "STATE", note, output).await;
    output.show(&state, |state| {
        serde_json::to_string_pretty(state).unwrap_or_default()
    })
}

/// Shows a person at a terminal the state on one line, beside the answer that a script may read.
async fn show_line(ports: &PortManager, action: &str, note: String, output: Output) {
    if output.json || !io::stderr().is_terminal() {
        return;
    }
    if let Ok(line) = ports.console_line(action, note).await {
        // The answer does not depend on it.
        let _ = writeln!(io::stderr(), "{}", line.show(stderr_paint()));
    }
}

async fn used(ports: &PortManager, output: Output) -> Result<(), Failure> {
    let state = ports.state().await?;
    output.show(&json!({ "used_ports": state.used_ports }), |_| {
        if state.used_ports.is_empty() {
            return "no port is in use".to_owned();
        }
        let mut table = table(&["port", "owner", "process", "since"]);
        for port in &state.used_ports {
            table.add_row(used_row(*port, state.leases.get(port)));
        }
        table.trim_fmt()
    })
}

fn used_row(port: u16, lease: Option<&Lease>) -> [String; 4] {
    let Some(lease) = lease else {
        return [
            port.to_string(),
            "another program".into(),
            "–".into(),
            "–".into(),
        ];
    };
    let process = lease.pid.map_or("–".to_owned(), |pid| pid.to_string());
    // Another program may have written these.
    let (owner, since) = (one_line(&lease.owner), one_line(&lease.since));
    [port.to_string(), owner, process, since]
}

async fn history(ports: &PortManager, output: Output) -> Result<(), Failure> {
    let history = ports.history().await?;
    output.show(&json!({ "history": history }), |_| {
        let mut table = table(&["time", "from", "to"]);
        let shown = |port: Option<u16>| port.map_or("–".to_owned(), |port| port.to_string());
        for entry in &history {
            table.add_row([one_line(&entry.time), shown(entry.prev), shown(entry.new)]);
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
    let range = text.split_once('-').and_then(|(first, last)| {
        let port = |text: &str| text.trim().parse().ok().filter(|port| *port > 0);
        Some([port(first)?, port(last)?])
    });
    match range {
        Some([first, last]) if first <= last => Ok([first, last]),
        _ => {
            Err("write two ports from 1 to 65535, the lower one first, as in 3000-9000".to_owned())
        }
    }
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        Self::from_chain(error)
    }
}

/// What a command says that failed by `error`, which `cause` tells whole. The exit code is that of
/// the problem that it is in the API.
pub(super) fn failure(error: &PortError, cause: String) -> Failure {
    let next = next_step(error);
    match error {
        PortError::Io { .. } | PortError::Bind { .. } => Failure::failed(cause, next),
        _ => Failure::like(&Problem::from(error.clone()), cause, next),
    }
}

fn next_step(error: &PortError) -> &'static str {
    match error {
        PortError::Config { .. } => "nothing was done; correct `[ports]`, --state or --range",
        PortError::OutOfRange { .. } => "name a port of the range, or another --range",
        PortError::NoSuchProcess { .. } => "name a process that runs",
        PortError::Owner => "name another --owner",
        PortError::Exhausted { .. } => {
            "`dabir port used` lists who has them; release one, or name a wider --range"
        }
        PortError::Taken { .. } | PortError::NotUsed { .. } | PortError::NoneActive => {
            "`dabir port used` lists the ports in use"
        }
        PortError::Locked { .. } => {
            "nothing was changed; try again when that program is done with it, or end it"
        }
        PortError::NoSuchBackup { .. } | PortError::SpoiledBackup { .. } => {
            "nothing was changed; `dabir port backup list` lists what there is"
        }
        PortError::ReadOnly { .. } | PortError::Stopped => "",
        PortError::Io { .. } | PortError::Bind { .. } => "`dabir doctor` looks for what is missing",
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
        assert_eq!(parse_range("3000 - 3000"), Ok([3000, 3000]));
        for bad in ["", "3000", "3000-90000", "9000-3000", "0-10", "a-b"] {
            assert!(parse_range(bad).is_err(), "{bad}");
        }
    }
}
