//! Works off jobs whose work is a shell's, for tests that kill it; and is the guard of these shells.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use dabir_core::{Clock, Current, Events};
use dabir_db::Db;
use dabir_jobs::command::{Command, CommandError, guard};
use dabir_jobs::worker::Worker;
use dabir_jobs::{Handlers, JobContext, JobError, Jobs, JobsConfig, Kind, Metrics};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

/// A script, and how long it may take.
#[derive(Serialize, Deserialize)]
struct Script {
    script: String,
    timeout_millis: u64,
}

const SHELL: Kind<Script> = Kind::new("test.shell", "test").max_attempts(1);

/// `commands work DIR`, or `commands guard MARK PROGRAM [ARGUMENT…]`.
fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    match words[0].to_str() {
        Some("guard") => {
            let mark = words[1].to_str().expect("a mark");
            guard::run(mark, &words[2..]).expect("a guard")
        }
        _ => {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(work(Path::new(&words[1])));
            ExitCode::SUCCESS
        }
    }
}

async fn work(dir: &Path) {
    let db = Db::open("", dir).await.expect("a database");
    let jobs = Jobs::new(db, Clock::system(), Events::default());
    let handlers = Handlers::builder().on(&SHELL, run).build();
    let config = Current::from(JobsConfig::default());
    let here = std::env::current_exe().expect("a place");
    Worker::new(jobs, handlers, config, Metrics::default())
        .guarded_by(vec![here.into(), "guard".into()])
        .run(CancellationToken::new())
        .await;
}

async fn run(ctx: JobContext, script: Script) -> Result<Option<i32>, JobError> {
    let words = ["/bin/sh", "-c", &script.script].map(str::to_owned);
    let command = Command {
        words: if script.script.is_empty() {
            vec!["/no/such/program".to_owned()]
        } else {
            words.to_vec()
        },
        dir: None,
        environment: vec![("PATH".into(), "/usr/bin:/bin".into())],
        timeout: Duration::from_millis(script.timeout_millis),
        mark: format!("mark-{}-{}", ctx.id(), std::process::id()),
    };
    let ended = command.run(&ctx, |_| {}).await;
    match ended {
        Ok(ended) => Ok(ended.code),
        Err(CommandError::ToEnd) => Err(JobError::Cancelled),
        Err(CommandError::TimedOut) => Err(JobError::fail("too long")),
        Err(CommandError::NotStarted(error)) => Err(JobError::fail(error)),
    }
}
