//! Works jobs off for measurements and for tests that kill it: `drain`, `latency` and `work`.
#![expect(clippy::print_stdout, reason = "it reports to whoever runs it")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use dabir_core::{Clock, Current, Events};
use dabir_db::Db;
use dabir_jobs::worker::{Pace, Worker};
use dabir_jobs::{Handlers, JobContext, JobError, Jobs, JobsConfig, Kind, Metrics, NewJob};
use sea_orm::{ConnectionTrait, Statement};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

#[derive(Parser)]
struct Args {
    /// The data folder; SQLite lives in it.
    #[arg(long)]
    dir: PathBuf,
    /// `postgres://…` in place of SQLite.
    #[arg(long, default_value = "")]
    url: String,
    /// How many jobs are worked on at a time.
    #[arg(long, default_value_t = 64)]
    slots: u32,
    #[command(subcommand)]
    mode: Mode,
}

#[derive(Subcommand)]
enum Mode {
    /// Makes jobs that do nothing, then works them off.
    Drain { jobs: usize },
    /// Makes jobs at a steady rate and tells how long each waited for its first instruction.
    Latency { rate: u32, seconds: u32 },
    /// Works off what there is, for ever.
    Work {
        /// How long a worker may show no sign of life, in milliseconds.
        #[arg(long, default_value_t = 7_000)]
        lease: u64,
    },
}

const NOTHING: Kind<()> = Kind::new("bench.nothing", "bench");
/// Takes the number of nanoseconds between the bench's beginning and its own.
const STAMP: Kind<u64> = Kind::new("bench.stamp", "bench");
/// Leaves its number in the table `bench_effect`, once.
const MARK: Kind<i64> = Kind::new("bench.mark", "bench");
/// What a job of the kind `bench.mark` takes.
const MARK_TIME: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() {
    let args = Args::parse();
    let db = Db::open(&args.url, &args.dir).await.expect("a database");
    let jobs = Jobs::new(db.clone(), Clock::system(), Events::default());
    let telling = jobs.clone();
    tokio::spawn(async move { telling.tell().await });
    match args.mode {
        Mode::Drain { jobs: count } => drain(&db, &jobs, args.slots, count).await,
        Mode::Latency { rate, seconds } => latency(&jobs, args.slots, rate, seconds).await,
        Mode::Work { lease } => {
            let lease = Duration::from_millis(lease);
            let pace = Pace {
                beat: lease / 8,
                lease,
                ..Pace::default()
            };
            let handlers = Handlers::builder()
                .on(&MARK, move |ctx, number| mark(db.clone(), ctx, number))
                .build();
            worker(&jobs, handlers, args.slots)
                .paced(pace)
                .run(CancellationToken::new())
                .await;
        }
    }
}

fn worker(jobs: &Jobs, handlers: Handlers, slots: u32) -> Worker {
    let config = JobsConfig {
        workers_min: slots,
        workers_max: slots,
        ..JobsConfig::default()
    };
    Worker::new(
        jobs.clone(),
        handlers,
        Current::from(config),
        Metrics::default(),
    )
}

async fn mark(db: Db, ctx: JobContext, number: i64) -> Result<(), JobError> {
    if ctx.checkpoint::<bool>() == Some(true) {
        return Ok(());
    }
    tokio::time::sleep(MARK_TIME).await;
    let tx = db.write().await?;
    let sql = "INSERT INTO bench_effect (number) VALUES ($1)";
    let insert = Statement::from_sql_and_values(tx.get_database_backend(), sql, [number.into()]);
    tx.execute_raw(insert).await?;
    ctx.lease().save(&tx, &true).await?;
    tx.commit().await?;
    Ok(())
}

async fn drain(db: &Db, jobs: &Jobs, slots: u32, count: usize) {
    let done = Arc::new(AtomicUsize::new(0));
    let all_done = Arc::new(Notify::new());
    let handlers = {
        let (done, all_done) = (done.clone(), all_done.clone());
        Handlers::builder().on(&NOTHING, move |_, ()| {
            if done.fetch_add(1, Ordering::Relaxed) + 1 == count {
                all_done.notify_one();
            }
            std::future::ready(Ok::<_, JobError>(()))
        })
    };
    let began = Instant::now();
    let tx = db.write().await.expect("a transaction");
    let new: Vec<NewJob> = (0..count)
        .map(|_| NOTHING.job(&()).expect("arguments"))
        .collect();
    jobs.enqueue_many(&tx, new).await.expect("jobs");
    tx.commit().await.expect("a commit");
    let made = began.elapsed();
    let (cpu, began) = (cpu_time(), Instant::now());
    let cancel = CancellationToken::new();
    let working = tokio::spawn(worker(jobs, handlers.build(), slots).run(cancel.clone()));
    all_done.notified().await;
    cancel.cancel();
    // Its end is that of the last durable ending.
    working.await.expect("the worker ends");
    let took = began.elapsed();
    let cpu = cpu_time() - cpu;
    println!("made {:.0} jobs/s", count as f64 / made.as_secs_f64());
    println!("done {:.0} jobs/s", count as f64 / took.as_secs_f64());
    println!("cpu {:.2} us/job", cpu.as_secs_f64() * 1e6 / count as f64);
}

/// Processor time of this process until now.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

async fn latency(jobs: &Jobs, slots: u32, rate: u32, seconds: u32) {
    let zero = Instant::now();
    let waits = Arc::new(Mutex::new(Vec::new()));
    let heard = waits.clone();
    let handlers = Handlers::builder().on(&STAMP, move |_, asked: u64| {
        let wait = nanos(zero) - asked;
        heard.lock().expect("no panic holds it").push(wait);
        std::future::ready(Ok::<_, JobError>(()))
    });
    let cancel = CancellationToken::new();
    let working = tokio::spawn(worker(jobs, handlers.build(), slots).run(cancel.clone()));
    let step = Duration::from_secs(1) / rate;
    let count = rate * seconds;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..count {
        tokio::time::sleep_until((zero + step * n).into()).await;
        let jobs = jobs.clone();
        tasks.spawn(async move {
            let new = STAMP.job(&nanos(zero)).expect("arguments");
            jobs.enqueue_now(new).await.expect("a job");
        });
    }
    while tasks.join_next().await.is_some() {}
    while waits.lock().expect("no panic holds it").len() < count as usize {
        tokio::time::sleep(step).await;
    }
    cancel.cancel();
    working.await.expect("the worker ends");
    let mut waits = waits.lock().expect("no panic holds it").clone();
    waits.sort_unstable();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize] as f64 / 1e6;
    println!("p50 {:.2} ms", at(0.5));
    println!("p99 {:.2} ms", at(0.99));
}

fn nanos(zero: Instant) -> u64 {
    u64::try_from(zero.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
