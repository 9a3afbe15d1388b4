//! Foreign programs that try to outlive their job.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use dabir_core::process::start_time;
use dabir_jobs::{Job, JobState, Kind};
use dabir_testing::process::tied_to_us;
use dabir_testing::{Running, wait_until};
use serde_json::{Value, json};

use crate::bench::{Bench, operator};

/// What the worker's program does for it is in `examples/commands.rs`.
const SHELL: Kind<Value> = Kind::new("test.shell", "test").max_attempts(1);
const SOON: Duration = Duration::from_secs(20);
const LONG: u64 = 600_000;

/// A worker in a process of its own, and its jobs.
struct Shells {
    bench: Bench,
    worker: Running,
}

impl Shells {
    async fn open() -> Self {
        let bench = Bench::open(None).await;
        let deps = std::env::current_exe().unwrap();
        let program = deps.ancestors().nth(2).unwrap().join("examples/commands");
        let mut command: std::process::Command = tied_to_us(program);
        command.arg("work").arg(bench.dir());
        let worker = Running::spawn(command);
        Self { bench, worker }
    }

    async fn start(&self, script: &str, timeout_millis: u64) -> i64 {
        let args = json!({ "script": script, "timeout_millis": timeout_millis });
        let new = SHELL.job(&args).unwrap();
        self.bench.jobs.enqueue_now(new).await.unwrap().id
    }

    async fn until(&self, id: i64, state: JobState) -> Job {
        self.bench.until(id, state).await
    }

    /// A script that starts a process which hides, and where that writes its number.
    fn hiding(&self, then: &str) -> (String, PathBuf) {
        let place = self.bench.dir().join("hidden");
        // Into another session, to another parent, without its environment, deaf to TERM.
        let hidden = format!(
            "trap \"\" TERM; echo $$ > {0}.new; mv {0}.new {0}; while :; do sleep 1; done",
            place.display()
        );
        let script = format!("(setsid env -i /bin/sh -c '{hidden}' >/dev/null 2>&1 &); {then}");
        (script, place)
    }
}

/// The process that hides, when it is there.
fn hidden(place: &PathBuf) -> u32 {
    wait_until("somebody hides", SOON, || place.exists());
    let pid = fs::read_to_string(place).unwrap().trim().parse().unwrap();
    assert!(is_alive(pid));
    pid
}

fn is_alive(pid: u32) -> bool {
    start_time(pid).unwrap().is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_outlives_a_program_that_is_cancelled() {
    let shells = Shells::open().await;
    let (script, place) = shells.hiding("sleep 600");
    let id = shells.start(&script, LONG).await;
    let pid = hidden(&place);
    shells.bench.jobs.cancel(&operator(), id).await.unwrap();
    shells.until(id, JobState::Cancelled).await;
    wait_until("it is gone", SOON, || !is_alive(pid));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_outlives_a_program_that_takes_too_long() {
    let shells = Shells::open().await;
    let (script, place) = shells.hiding("sleep 600");
    let id = shells.start(&script, 2_000).await;
    let pid = hidden(&place);
    let job = shells.until(id, JobState::Failed).await;
    assert_eq!(job.last_error.as_deref(), Some("too long"));
    wait_until("it is gone", SOON, || !is_alive(pid));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_outlives_a_worker_that_is_killed() {
    let shells = Shells::open().await;
    let (script, place) = shells.hiding("sleep 600");
    shells.start(&script, LONG).await;
    let pid = hidden(&place);
    shells.worker.kill9();
    wait_until("it is gone", SOON, || !is_alive(pid));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_outlives_a_program_that_has_ended() {
    let shells = Shells::open().await;
    let (script, place) = shells.hiding("while ! test -e $0.go; do sleep 0.1; done; exit 7");
    let go = shells.bench.dir().join("go");
    let script = script.replace("$0.go", &go.display().to_string());
    let id = shells.start(&script, LONG).await;
    let pid = hidden(&place);
    fs::write(go, "").unwrap();
    let job = shells.until(id, JobState::Succeeded).await;
    assert_eq!(job.result, Some(json!(7)));
    assert!(!is_alive(pid));
}

#[tokio::test(flavor = "multi_thread")]
async fn how_a_program_ended_is_known() {
    let shells = Shells::open().await;
    for (script, result) in [
        ("echo one; echo two >&2; exit 3", json!(3)),
        ("kill -9 $$", Value::Null),
    ] {
        let id = shells.start(script, LONG).await;
        let job = shells.until(id, JobState::Succeeded).await;
        assert_eq!(job.result.unwrap_or_default(), result, "{script}");
    }
    let lines = shells.bench.jobs.log(1, None, 10).await.unwrap();
    let mut lines: Vec<_> = lines
        .iter()
        .map(|line| (line.level.as_str(), line.line.as_str()))
        .collect();
    lines.sort_unstable();
    assert_eq!(lines, [("info", "one"), ("warn", "two")]);
    let id = shells.start("", LONG).await;
    let job = shells.until(id, JobState::Failed).await;
    let error = job.last_error.unwrap();
    assert!(error.contains("No such file"), "{error}");
}
