//! Starting a room's process: with its socket, its lock and its log, and without our secrets.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::net::{IpAddr, TcpListener};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use command_fds::{CommandFdExt, FdMapping};

use super::folder::{Record, RoomFolder};

/// In the environment of a room and of everything that it starts.
pub const NONCE_VARIABLE: &str = "DABIR_ROOM_NONCE";

/// Where a room finds its listening socket, as systemd hands it over.
const LISTENER_FD: i32 = 3;
/// Where a room holds its meeting's lock. It need not know.
const LOCK_FD: i32 = 4;

/// What is started as a room.
#[derive(Clone, Debug)]
pub enum RoomCommand {
    /// Our own room server.
    Own(PathBuf),
    /// Any program; `{port}`, `{id}` and `{host}` in its words are filled in. It gets these
    /// variables and no others: our own environment may hold secrets.
    Foreign {
        /// Our own room server, which guards the program: it ends it when the meeting ends.
        guard: PathBuf,
        words: Vec<String>,
        environment: Vec<(OsString, OsString)>,
    },
}

impl RoomCommand {
    #[must_use]
    pub fn is_own(&self) -> bool {
        matches!(self, Self::Own(_))
    }
}

/// Starts the process that `record` announces. `listener` is inherited by our own room server;
/// `lock` by every one.
///
/// # Errors
/// When the program is missing or the machine can start no more processes.
pub fn launch(
    command: &RoomCommand,
    folder: &RoomFolder,
    record: &Record,
    host: IpAddr,
    listener: Option<&TcpListener>,
    lock: File,
) -> io::Result<Child> {
    let mut process = match command {
        RoomCommand::Own(program) => own(program, folder, record)?,
        RoomCommand::Foreign {
            guard,
            words,
            environment,
        } => {
            let mut process = foreign(guard, folder, words, record, host);
            process.envs(environment.iter().map(|(name, value)| (name, value)));
            process
        }
    };
    let mut descriptors = vec![FdMapping {
        parent_fd: lock.into(),
        child_fd: LOCK_FD,
    }];
    if let (true, Some(listener)) = (command.is_own(), listener) {
        let parent_fd = listener.as_fd().try_clone_to_owned()?;
        descriptors.push(FdMapping {
            parent_fd,
            child_fd: LISTENER_FD,
        });
        process.env("LISTEN_FDS", "1");
    }
    let log = folder.open_log()?;
    process
        .env(NONCE_VARIABLE, &record.nonce)
        .stdout(log.try_clone()?)
        .stderr(log);
    // A group of its own: Ctrl-C in the terminal of the supervisor is not for rooms.
    process.process_group(0);
    process.fd_mappings(descriptors).map_err(io::Error::other)?;
    process.spawn()
}

fn own(program: &Path, folder: &RoomFolder, record: &Record) -> io::Result<Command> {
    let mut command = Command::new(program);
    let control: OwnedFd = folder.bind_control()?.into();
    command
        .arg(record.port.to_string())
        .arg("--dir")
        .arg(folder.path())
        .arg("--control-stdin")
        .env_clear()
        .stdin(control);
    Ok(command)
}

fn foreign(
    guard: &Path,
    folder: &RoomFolder,
    words: &[String],
    record: &Record,
    host: IpAddr,
) -> Command {
    let fill = |word: &String| {
        word.replace("{port}", &record.port.to_string())
            .replace("{id}", &record.meeting_id)
            .replace("{host}", &host.to_string())
    };
    let mut command = Command::new(guard);
    command
        .arg("guard")
        .arg(folder.path())
        .args(words.iter().map(fill))
        .env_clear();
    // A Python program's lines would otherwise reach the log only when it ends.
    command.env("PYTHONUNBUFFERED", "1").stdin(Stdio::null());
    command
}
