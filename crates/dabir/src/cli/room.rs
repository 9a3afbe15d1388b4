//! `dabir room PORT`: one room by hand, as `python mini_server.py 8081` was.

use std::os::unix::process::CommandExt;
use std::process::Command;

use clap::Args;

use super::Failure;
use crate::app::room_program;

#[derive(Debug, Args)]
pub(crate) struct RoomArgs {
    /// The port to listen on; 0 takes a free one.
    port: u16,
    /// What the meeting is called.
    #[arg(long)]
    name: Option<String>,
    /// When the room ends itself, such as `2026-11-21T15:00:00Z`.
    #[arg(long, value_name = "TIME")]
    ends_at: Option<String>,
    /// The address to listen on.
    #[arg(long)]
    host: Option<String>,
}

/// Becomes the room server; returns only when that fails.
pub(crate) fn run(args: &RoomArgs) -> Result<(), Failure> {
    let program = room_program().map_err(Failure::from_chain)?;
    let mut command = Command::new(program);
    command.arg(args.port.to_string());
    for (flag, value) in [
        ("--name", &args.name),
        ("--ends-at", &args.ends_at),
        ("--host", &args.host),
    ] {
        if let Some(value) = value {
            command.arg(flag).arg(value);
        }
    }
    Err(Failure::from_error(command.exec()))
}
