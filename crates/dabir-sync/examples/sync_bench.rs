//! One run of a source, as the product does it: queued as a job, worked off, told of. It prints what
//! the run took and what it left. `read` asks for the same pages and does nothing with them.
#![expect(clippy::print_stdout, reason = "it reports to whoever runs it")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use dabir_core::{Actor, ActorKind, Clock, Current, Events};
use dabir_db::{Db, Sealer, Secrets};
use dabir_http::Egress;
use dabir_jobs::worker::Worker;
use dabir_jobs::{Handlers, Jobs, JobsConfig, Metrics};
use dabir_sync::{Mode, Pace, Run, Source, Status, Syncs, SyncsSetup};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

#[derive(Parser)]
struct Args {
    /// Where `gateway` listens, `host:port`.
    #[arg(long, default_value = "")]
    gateway: String,
    #[arg(long, default_value_t = 1_000)]
    page_size: u64,
    /// How many campuses and terms there are.
    #[arg(long, default_value_t = 1)]
    campuses: u32,
    #[arg(long, default_value_t = 1)]
    terms: u32,
    /// How many requests are under way at a time.
    #[arg(long, default_value_t = 4)]
    concurrency: u32,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Makes the database.
    Open(Place),
    /// Brings the table to what the gateway says.
    Sync(Place),
    /// Reads all pages of the first campus and term.
    Read { rows: u64 },
}

#[derive(clap::Args)]
struct Place {
    /// The data folder; SQLite lives in it.
    #[arg(long)]
    dir: PathBuf,
    /// `postgres://…` in place of SQLite.
    #[arg(long, default_value = "")]
    url: String,
}

#[tokio::main]
async fn main() {
    let args = Args::parse();
    match &args.task {
        Task::Open(place) => open(place).await.close().await,
        Task::Sync(place) => {
            let db = open(place).await;
            let syncs = syncs(&db, &place.dir, source(&args));
            sync(&db, &syncs).await;
        }
        Task::Read { rows } => read(&args, *rows).await,
    }
}

async fn open(place: &Place) -> Db {
    Db::open(&place.url, &place.dir).await.expect("a database")
}

fn source(args: &Args) -> Source {
    let numbers = |from: u32, count: u32| -> Vec<String> {
        (from..from + count).map(|n| n.to_string()).collect()
    };
    let source = json!({
        "name": "students", "table": "Students", "key": ["studentnum"],
        "request": { "method": "POST", "url": pages(args) },
        "body": {
            "codePardis": "{campus}", "term": "{term}",
            "paging": { "pageNumber": "{page}", "pageSize": "{page_size}" }, "Filter": {},
        },
        "login": {
            "url": format!("http://{}/Login", args.gateway), "token": "data.token",
            "body": { "userName": "dabir", "password": "correct horse" },
        },
        "records": "data", "total": "totalCount", "page_size": args.page_size,
        "partitions": { "campus": numbers(1_100, args.campuses), "term": numbers(4_001, args.terms) },
        "concurrency": args.concurrency, "timeout": "12h",
    });
    serde_json::from_value(source).expect("a source")
}

fn pages(args: &Args) -> String {
    format!("http://{}/API/Golestan/Students_2", args.gateway)
}

fn syncs(db: &Db, dir: &std::path::Path, source: Source) -> Syncs {
    let events = Events::default();
    Syncs::new(SyncsSetup {
        db: db.clone(),
        clock: Clock::system(),
        events: events.clone(),
        jobs: Jobs::new(db.clone(), Clock::system(), events),
        sealer: Sealer::load(&Secrets::of(dir)).expect("a key"),
        egress: Egress::default(),
        sources: vec![source],
        environment: Vec::new(),
        pace: Pace::default(),
    })
}

async fn sync(db: &Db, syncs: &Syncs) {
    let jobs = Jobs::new(db.clone(), Clock::system(), Events::default());
    let handlers = syncs.handlers(Handlers::builder()).build();
    let config = Current::from(JobsConfig::default());
    let cancel = CancellationToken::new();
    let worker = Worker::new(jobs, handlers, config, Metrics::default());
    let working = tokio::spawn(worker.run(cancel.clone()));
    let telling = tokio::spawn(dabir_sync::worker::tell(syncs.clone(), cancel.clone()));
    let cpu = cpu_time();
    let run = ended(syncs).await;
    report(&run, cpu_time() - cpu, peak());
    let (rows, keys) = left(db).await;
    println!("there {rows}\nkeys {keys}");
    cancel.cancel();
    let (working, telling) = tokio::join!(working, telling);
    working.and(telling).expect("they end");
}

async fn ended(syncs: &Syncs) -> Run {
    let by = Actor::here(ActorKind::User, "a measurement");
    let started = syncs.sync(&by, "students", Mode::Full).await;
    let id = started.expect("a run").id;
    loop {
        // Looks cost something too; the run itself says when it ended.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let run = syncs.get_run(id).await.expect("the run");
        if run.status.is_end() {
            assert_eq!(run.status, Status::Success, "{run:#?}");
            return run;
        }
    }
}

fn report(run: &Run, cpu: Duration, peak: f64) {
    let rows = run.records_count as f64;
    let ended = run.finished_at.expect("it has ended");
    let seconds = ended.duration_since(run.created_at).as_secs_f64();
    println!("seconds {seconds:.3}");
    println!("rate {:.0} rows/s", rows / seconds);
    println!("cpu {:.2} us/row", cpu.as_secs_f64() * 1e6 / rows);
    println!("peak {peak:.1} MiB");
    println!("written {}", run.counts.new + run.counts.changed);
    println!("requests {}", run.requests);
}

/// How many rows the table has, and how many keys.
async fn left(db: &Db) -> (i64, i64) {
    let sql = "SELECT COUNT(*), COUNT(DISTINCT \"studentnum\") FROM \"Students\" WHERE _deleted_at IS NULL";
    let statement = Statement::from_string(db.read().get_database_backend(), sql);
    let row = db.read().query_one_raw(statement).await.expect("an answer");
    let row = row.expect("a row");
    let number = |n| row.try_get_by_index(n).expect("a number");
    (number(0), number(1))
}

/// As many pages at a time as a run asks for.
async fn read(args: &Args, rows: u64) {
    let client = reqwest::Client::new();
    let (page_size, hands) = (args.page_size, u64::from(args.concurrency));
    let began = Instant::now();
    let mut reading = JoinSet::new();
    for hand in 0..hands {
        let (client, url) = (client.clone(), pages(args));
        reading.spawn(async move {
            let pages =
                (hand..rows.div_ceil(page_size)).step_by(usize::try_from(hands).unwrap_or(1));
            let mut bytes = 0;
            for page in pages {
                let body = json!({
                    "codePardis": "1100", "term": "4001",
                    "paging": { "pageNumber": page + 1, "pageSize": page_size },
                });
                let answer = client
                    .post(&url)
                    .json(&body)
                    .send()
                    .await
                    .expect("an answer");
                bytes += answer.bytes().await.expect("a body").len();
            }
            bytes
        });
    }
    let bytes: usize = reading.join_all().await.into_iter().sum();
    let took = began.elapsed().as_secs_f64();
    println!("rate {:.0} rows/s", rows as f64 / took);
    println!("megabytes {:.1}", bytes as f64 / 1e6);
    println!(
        "cpu {:.2} us/row",
        cpu_time().as_secs_f64() * 1e6 / rows as f64
    );
}

/// Processor time of this process until now.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

/// The most memory that this process has had, in MiB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("proc is there");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    kib.and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
