//! Workers as processes of their own, killed and stopped at moments that nobody chose.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use dabir_core::id::random_bytes;
use dabir_db::Db;
use dabir_jobs::{JobFilter, JobState, Jobs, Kind};
use dabir_testing::Running;
use dabir_testing::process::tied_to_us;
use rustix::process::Signal;
use sea_orm::{ConnectionTrait, Statement};

use crate::bench::Bench;

/// What the worker's program does for it is in `examples/jobs_bench.rs`.
const MARK: Kind<i64> = Kind::new("bench.mark", "bench");
const JOBS: i64 = 300;
const KILLS: usize = 12;

async fn no_job_is_lost_and_none_is_done_twice_whoever_is_killed(bench: Bench) {
    let marked = Marked::with(&bench, JOBS).await;
    let mut workers = [marked.start(7_000), marked.start(7_000)];
    for kill in 0..KILLS {
        marked.until_more_are_done(kill).await;
        let chance = Duration::from_millis(u64::from(random_bytes::<1>()[0]));
        tokio::time::sleep(chance).await;
        workers[kill % 2].kill9();
        workers[kill % 2] = marked.start(7_000);
    }
    marked.until_all_ended().await;
    marked.check().await;
}

async fn a_worker_that_stood_still_overwrites_nothing(bench: Bench) {
    let marked = Marked::with(&bench, 40).await;
    let still = marked.start(800);
    marked.until_more_are_done(0).await;
    marked.stop_between_writes(&still).await;
    let _other = marked.start(800);
    marked.until_all_ended().await;
    let before = marked.endings().await;
    still.signal(Signal::CONT);
    // It comes back, finds its jobs done, and takes its turn again as another worker.
    let more = MARK.job(&1_000).unwrap();
    let next = bench.jobs.enqueue_now(more).await.unwrap().id;
    bench.until(next, JobState::Succeeded).await;
    for _ in 0..1_000 {
        if bench.jobs.workers().await.unwrap().len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(bench.jobs.workers().await.unwrap().len(), 2);
    let mut after = marked.endings().await;
    after.retain(|(id, _)| *id != next);
    assert_eq!(after, before);
    marked.check().await;
}

/// Jobs that leave a mark each, and what works them off.
struct Marked {
    jobs: Jobs,
    db: Db,
    dir: PathBuf,
    url: String,
}

impl Marked {
    async fn with(bench: &Bench, count: i64) -> Self {
        let tx = bench.db.write().await.unwrap();
        tx.execute_unprepared("CREATE TABLE bench_effect (number BIGINT NOT NULL)")
            .await
            .unwrap();
        let new = (0..count)
            .map(|number| MARK.job(&number).unwrap())
            .collect();
        bench.jobs.enqueue_many(&tx, new).await.unwrap();
        tx.commit().await.unwrap();
        Self {
            jobs: bench.jobs.clone(),
            db: bench.db.clone(),
            dir: bench.dir().to_owned(),
            url: bench.url.clone(),
        }
    }

    fn start(&self, lease: u32) -> Running {
        let deps = std::env::current_exe().unwrap();
        let program = deps.ancestors().nth(2).unwrap().join("examples/jobs_bench");
        let mut command: Command = tied_to_us(program);
        command
            .arg("--dir")
            .arg(&self.dir)
            .args(["--url", &self.url, "--slots", "8", "work", "--lease"])
            .arg(lease.to_string());
        Running::spawn(command)
    }

    /// Whoever is stopped in the middle of a write keeps SQLite's lock, and with it everybody waiting.
    async fn stop_between_writes(&self, worker: &Running) {
        loop {
            worker.signal(Signal::STOP);
            if let Ok(Ok(tx)) =
                tokio::time::timeout(Duration::from_millis(200), self.db.write()).await
            {
                tx.rollback().await.unwrap();
                return;
            }
            worker.signal(Signal::CONT);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn count(&self, state: JobState) -> u64 {
        let filter = JobFilter {
            state: vec![state],
            ..JobFilter::default()
        };
        self.jobs.count(&filter).await.unwrap()
    }

    /// So that a kill finds the workers at work, and not on their way to it.
    async fn until_more_are_done(&self, kill: usize) {
        let wanted = (kill as u64 + 1) * 5;
        for _ in 0..6_000 {
            if self.count(JobState::Succeeded).await >= wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the workers do nothing");
    }

    async fn until_all_ended(&self) {
        for _ in 0..6_000 {
            // In one look: between two, a job may go from one count into the other.
            if self
                .endings()
                .await
                .iter()
                .all(|(_, ended)| ended.is_some())
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{:?}", self.jobs.queues().await.unwrap());
    }

    async fn endings(&self) -> Vec<(i64, Option<dabir_core::Timestamp>)> {
        let page = self
            .jobs
            .list(&JobFilter::default(), None, 1_000)
            .await
            .unwrap();
        page.items
            .into_iter()
            .map(|job| (job.id, job.ended_at))
            .collect()
    }

    /// Every job left its mark once; or it is set aside, and people know.
    async fn check(&self) {
        let sql = "SELECT number, COUNT(*) AS marks FROM bench_effect GROUP BY number";
        let read = self.db.read();
        let statement = Statement::from_string(read.get_database_backend(), sql);
        let rows = read.query_all_raw(statement).await.unwrap();
        let once = rows
            .iter()
            .all(|row| row.try_get::<i64>("", "marks").unwrap() == 1);
        assert!(once, "an effect came twice");
        let (succeeded, aside) = (
            self.count(JobState::Succeeded).await,
            self.count(JobState::SetAside).await,
        );
        assert_eq!(rows.len() as u64, succeeded);
        assert_eq!(
            succeeded + aside,
            self.jobs.count(&JobFilter::default()).await.unwrap()
        );
        assert!(aside < 5, "{aside} of them met death three times");
    }
}

dabir_testing::on_both!(
    no_job_is_lost_and_none_is_done_twice_whoever_is_killed,
    a_worker_that_stood_still_overwrites_nothing,
);
