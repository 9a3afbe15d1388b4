//! Runs the helper that reads files nobody trusts: so long and no longer, so much and no more. Each way
//! in which it may die has a name.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dabir_core::text::{cut, one_line};
use dabir_extract::{About, Code, Heading, Kind, Line, Part, Refusal};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;

/// How long one file may take, whatever its reader waits for.
const LONGEST: Duration = Duration::from_secs(60);
/// The most that is read of what the helper says: more than the text that it takes, as JSON.
const MOST_SAID: u64 = 24 << 20;
const MOST_COMPLAINED: u64 = 8 << 10;
/// The longest reason, in characters.
const MAX_DETAIL: usize = 300;

/// The helper: where it is, and how many may run. Clones share the turns.
#[derive(Clone, Debug)]
pub struct Helper {
    program: PathBuf,
    longest: Duration,
    turns: Arc<Semaphore>,
}

/// What the helper found in a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extract {
    /// What held the helper in.
    pub confined: Vec<String>,
    pub about: About,
    pub parts: Vec<Part>,
    pub headings: Vec<Heading>,
    pub links: Vec<String>,
    /// A JPEG.
    pub thumbnail: Option<Vec<u8>>,
}

impl Helper {
    /// The helper that stands beside this program; as many run at once as there are processors.
    #[must_use]
    pub fn beside_this() -> Self {
        let here = std::env::current_exe().unwrap_or_default();
        Self::at(here.with_file_name("dabir-extract"))
    }

    #[must_use]
    pub fn at(program: PathBuf) -> Self {
        let turns = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            program,
            longest: LONGEST,
            turns: Arc::new(Semaphore::new(turns)),
        }
    }

    /// The same with less patience: for tests.
    #[must_use]
    pub fn within(self, longest: Duration) -> Self {
        Self { longest, ..self }
    }

    /// Reads a file as `kind`.
    ///
    /// # Errors
    /// Why it was not read.
    pub async fn read(&self, kind: Kind, file: File) -> Result<Extract, Refusal> {
        let turn = self.turns.acquire().await;
        let _turn = turn.map_err(|error| helper(&error))?;
        let mut child = self.start(kind, file)?;
        // Its whole group goes, also when the caller does.
        let mut leash = Leash::of(&child);
        match tokio::time::timeout(self.longest, listen(&mut child, &mut leash)).await {
            Ok(read) => read,
            Err(_) => Err(Refusal::too_slow()),
        }
    }

    fn start(&self, kind: Kind, file: File) -> Result<Child, Refusal> {
        let started = Command::new(&self.program)
            .arg(kind.as_str())
            .env_clear()
            .current_dir("/")
            .stdin(file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn();
        started.map_err(|error| {
            let program = self.program.display();
            let detail =
                format!("`{program}` cannot be started: {error}; it belongs beside `dabir`");
            Refusal::new(Code::Helper, detail)
        })
    }
}

/// Ends a group of processes when dropped. Until its first process is waited for, the group's number
/// is nobody else's.
struct Leash(Option<Pid>);

impl Leash {
    fn of(child: &Child) -> Self {
        let pid = child.id().and_then(|pid| Pid::from_raw(pid.cast_signed()));
        Self(pid)
    }

    /// Waits until the first process has ended, and leaves it to be waited for.
    async fn has_ended(&self) {
        let Some(pid) = self.0 else { return };
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let waits = move || waitid(WaitId::Pid(pid), options).map(drop);
        let _ = tokio::task::spawn_blocking(waits).await;
    }

    /// Ends them all.
    fn pull(&mut self) {
        if let Some(pid) = self.0.take() {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        self.pull();
    }
}

/// Hears what the helper says until it ends.
async fn listen(child: &mut Child, leash: &mut Leash) -> Result<Extract, Refusal> {
    let stdout = child.stdout.take();
    let stderr = child.stderr.take();
    let (said, complaint) = tokio::join!(hear(stdout), complaint(stderr));
    let is_told = !matches!(said, Ok(None));
    if !is_told {
        leash.has_ended().await;
    }
    leash.pull();
    let status = child.wait().await.map_err(|error| helper(&error))?;
    match said? {
        Some(said) => Ok(said),
        None => Err(died(status, &complaint)),
    }
}

/// What was said; `None` when it broke off.
async fn hear(stdout: Option<impl AsyncRead + Unpin>) -> Result<Option<Extract>, Refusal> {
    let Some(stdout) = stdout else {
        return Ok(None);
    };
    let mut lines = BufReader::new(stdout.take(MOST_SAID));
    let mut extract = Extract::default();
    let mut refused = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = lines.read_until(b'\n', &mut line).await;
        if read.map_err(|error| helper(&error))? == 0 {
            break;
        }
        match serde_json::from_slice(&line) {
            Ok(Line::Done) => return Ok(Some(extract)),
            Ok(Line::Refused(Refusal { code, detail })) => {
                refused = Some(Refusal::new(code, cut(&one_line(&detail), MAX_DETAIL)));
            }
            Ok(line) => extract.add(line)?,
            Err(_) if lines.get_ref().limit() == 0 => break,
            Err(error) => return Err(helper(&error)),
        }
    }
    match refused {
        Some(refusal) => Err(refusal),
        None if lines.get_ref().limit() == 0 => Err(Refusal::too_large()),
        None => Ok(None),
    }
}

impl Extract {
    fn add(&mut self, line: Line) -> Result<(), Refusal> {
        match line {
            Line::Confined(holds) => self.confined = holds,
            Line::About(about) => self.about = about,
            Line::Part(part) => self.parts.push(part),
            Line::Heading(heading) => self.headings.push(heading),
            Line::Link(url) => self.links.push(url),
            Line::Thumbnail(jpeg) => {
                self.thumbnail = Some(STANDARD.decode(jpeg).map_err(|error| helper(&error))?);
            }
            Line::Refused(_) | Line::Done => {}
        }
        Ok(())
    }
}

async fn complaint(stderr: Option<impl AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut stderr) = stderr {
        let _ = (&mut stderr)
            .take(MOST_COMPLAINED)
            .read_to_end(&mut bytes)
            .await;
        let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn died(status: ExitStatus, complaint: &str) -> Refusal {
    if let Some(signal) = status.signal() {
        return Refusal::of_signal(signal);
    }
    tracing::warn!(%status, complaint, "the helper broke down: {complaint}");
    Refusal::new(Code::Crashed, "its reader broke down; the file is damaged")
}

fn helper(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(
        Code::Helper,
        format!("the helper did not do its work: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A helper that is a script.
    fn script(dir: &tempfile::TempDir, text: &str) -> Helper {
        let path = dir.path().join("helper");
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        Helper::at(path)
    }

    async fn check(text: &str, code: Code) {
        let dir = tempfile::tempdir().unwrap();
        let helper = script(&dir, text).within(Duration::from_secs(20));
        let read = helper.read(Kind::Text, tempfile::tempfile().unwrap()).await;
        assert_eq!(read.unwrap_err().code, code, "{text}");
    }

    #[tokio::test]
    async fn every_way_in_which_a_helper_dies_has_a_name() {
        check("exec /bin/false", Code::Crashed).await;
        check("kill -ABRT $$", Code::TooMuchMemory).await;
        check("kill -XCPU $$", Code::TooSlow).await;
        check("kill -SEGV $$", Code::Crashed).await;
        check("echo nonsense", Code::Helper).await;
        let line = format!("{{\"link\":\"{}\"}}", "x".repeat(1_000));
        check(&format!("exec yes '{line}'"), Code::TooLarge).await;
        check(
            "echo '{\"refused\":{\"code\":\"encrypted\",\"detail\":\"x\"}}'",
            Code::Encrypted,
        )
        .await;
    }

    #[tokio::test]
    async fn whoever_takes_too_long_is_ended_with_all_its_children() {
        let dir = tempfile::tempdir().unwrap();
        let (pipe, held) = std::io::pipe().unwrap();
        // Whoever lives on holds the pipe open.
        let keeper = format!("exec 9>/proc/{}/fd/{}", std::process::id(), {
            use std::os::fd::AsRawFd;
            held.as_raw_fd()
        });
        let text = format!("{keeper}\nyes >&2 & sleep 1000 & sleep 1000");
        let helper = script(&dir, &text).within(Duration::from_millis(500));
        let read = helper.read(Kind::Text, tempfile::tempfile().unwrap()).await;
        assert_eq!(read.unwrap_err().code, Code::TooSlow);
        drop(held);
        let ended = tokio::task::spawn_blocking(move || std::io::read_to_string(pipe));
        assert_eq!(ended.await.unwrap().unwrap(), "");
    }

    #[tokio::test]
    async fn a_helper_that_is_missing_says_where_it_belongs() {
        let helper = Helper::at("/nowhere/dabir-extract".into());
        let read = helper.read(Kind::Text, tempfile::tempfile().unwrap()).await;
        let refusal = read.unwrap_err();
        assert!(refusal.code == Code::Helper && refusal.detail.contains("beside"));
    }
}
