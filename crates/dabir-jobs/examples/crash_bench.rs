//! Jobs whose worker is killed: `make` makes some, `hold` begins them and ends none, `quick` ends each
//! at once, `count` says how many have ended well. Workers write a line for each job that they begin:
//! its number, and the seconds since 1970.
#![expect(clippy::print_stdout, reason = "it reports to whoever runs it")]

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Parser, Subcommand};
use dabir_core::{Clock, Current, Events};
use dabir_db::Db;
use dabir_jobs::worker::Worker;
use dabir_jobs::{Handlers, JobError, JobFilter, JobState, Jobs, JobsConfig, Kind, Metrics};
use tokio_util::sync::CancellationToken;

#[derive(Parser)]
struct Args {
    /// The data folder; SQLite lives in it.
    #[arg(long)]
    dir: PathBuf,
    /// `postgres://…` in place of SQLite.
    #[arg(long, default_value = "")]
    url: String,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    Make { jobs: i64 },
    Hold { lines: PathBuf },
    Quick { lines: PathBuf },
    Count,
}

const NUMBER: Kind<i64> = Kind::new("bench.number", "bench");

#[tokio::main]
async fn main() {
    let args = Args::parse();
    let db = Db::open(&args.url, &args.dir).await.expect("a database");
    let jobs = Jobs::new(db.clone(), Clock::system(), Events::default());
    match args.task {
        Task::Make { jobs: count } => make(&db, &jobs, count).await,
        Task::Hold { lines } => work(jobs, &lines, true).await,
        Task::Quick { lines } => work(jobs, &lines, false).await,
        Task::Count => {
            let filter = JobFilter {
                state: vec![JobState::Succeeded],
                ..JobFilter::default()
            };
            println!("ended {}", jobs.count(&filter).await.expect("a count"));
        }
    }
}

async fn make(db: &Db, jobs: &Jobs, count: i64) {
    let tx = db.write().await.expect("a transaction");
    let new = (0..count).map(|number| NUMBER.job(&number).expect("arguments"));
    jobs.enqueue_many(&tx, new.collect()).await.expect("jobs");
    tx.commit().await.expect("a commit");
}

async fn work(jobs: Jobs, lines: &Path, holds: bool) {
    let lines = OpenOptions::new().create(true).append(true).open(lines);
    let lines = Arc::new(lines.expect("a file"));
    let handlers = Handlers::builder().on(&NUMBER, move |_, number| {
        write_line(&lines, number);
        async move {
            if holds {
                std::future::pending::<()>().await;
            }
            Ok::<_, JobError>(())
        }
    });
    let config = Current::from(JobsConfig::default());
    Worker::new(jobs, handlers.build(), config, Metrics::default())
        .run(CancellationToken::new())
        .await;
}

fn write_line(mut lines: &File, number: i64) {
    let now = Clock::system().now().as_millisecond() as f64 / 1e3;
    let line = format!("{number} {now:.3}\n");
    lines.write_all(line.as_bytes()).expect("a line");
}
