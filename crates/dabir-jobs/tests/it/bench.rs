//! What the tests of jobs stand on: a database, kinds that do as they are told, and workers in a hurry.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dabir_core::{Actor, ActorKind, Clock, Current, Events};
use dabir_db::Db;
use dabir_jobs::worker::{Pace, Worker};
use dabir_jobs::{
    Backoff, Handlers, Job, JobContext, JobError, JobState, Jobs, JobsConfig, Kind, Lease, Metrics,
};
use dabir_testing::Postgres;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What a job of the tests does.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Do {
    /// Answers with this.
    Say(Value),
    /// Waits for a permit of [`Bench::gate`], as often as it says, saving and telling how often.
    Wait(u64),
    /// Fails so often, then succeeds.
    FailFirst(i32),
    FailForGood,
    /// Says this in its log, and as the error that it fails with.
    Complain(String),
    /// Says so many numbers, and waits for a permit of [`Bench::gate`] after the first half.
    Count(usize),
    Panic,
    /// Hears nothing, for ever.
    Deaf,
}

pub(crate) const TEST: Kind<Do> = Kind::new("test.do", "test")
    .max_attempts(3)
    .backoff(Backoff {
        first: Duration::from_millis(20),
        most: Duration::from_millis(100),
    });
pub(crate) const OTHER: Kind<Do> = Kind::new("test.other", "other");
pub(crate) const SHORT: Kind<Do> = Kind::new("test.short", "test")
    .max_attempts(1)
    .timeout(Duration::from_millis(100));

/// Workers that notice in a second what they notice in ten.
pub(crate) const HURRY: Pace = Pace {
    beat: Duration::from_millis(50),
    lease: Duration::from_millis(800),
    drain: Duration::from_millis(100),
    grace: Duration::from_millis(100),
};

pub(crate) struct Bench {
    pub(crate) jobs: Jobs,
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) gate: Arc<Semaphore>,
    /// How often a job began, and how many run.
    pub(crate) begun: Arc<AtomicUsize>,
    pub(crate) most: Arc<AtomicUsize>,
    running: Arc<AtomicUsize>,
    /// What the newest attempt at each job may write with.
    leases: Arc<Mutex<HashMap<i64, Lease>>>,
    folder: tempfile::TempDir,
    /// The database's address; empty for SQLite.
    pub(crate) url: String,
    pub(crate) postgres: Option<Postgres>,
}

/// A worker that runs, until it is told to end.
pub(crate) struct Working {
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl Bench {
    pub(crate) async fn open(postgres: Option<Postgres>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = postgres.as_ref().map_or(String::new(), Postgres::database);
        let db = Db::open(&url, folder.path()).await.unwrap();
        let clock = Clock::system();
        Self {
            jobs: Jobs::new(db.clone(), clock.clone(), Events::default()),
            db,
            clock,
            gate: Arc::new(Semaphore::new(0)),
            begun: Arc::default(),
            most: Arc::default(),
            running: Arc::default(),
            leases: Arc::default(),
            folder,
            url,
            postgres,
        }
    }

    pub(crate) fn dir(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The same jobs, as another process sees them.
    pub(crate) fn other_process(&self) -> Jobs {
        Jobs::new(self.db.clone(), self.clock.clone(), Events::default())
    }

    pub(crate) fn handlers(&self) -> Handlers {
        let (gate, begun) = (self.gate.clone(), self.begun.clone());
        let (running, most) = (self.running.clone(), self.most.clone());
        let leases = self.leases.clone();
        let work = move |ctx: JobContext, what: Do| {
            let gate = gate.clone();
            begun.fetch_add(1, Ordering::SeqCst);
            let here = Here::come(&running, &most);
            leases.lock().unwrap().insert(ctx.id(), ctx.lease().clone());
            async move {
                let _here = here;
                act(&ctx, what, &gate).await
            }
        };
        Handlers::builder()
            .on(&TEST, work.clone())
            .on(&OTHER, work.clone())
            .on(&SHORT, work)
            .build()
    }

    pub(crate) fn work(&self) -> Working {
        self.work_with(&self.jobs, HURRY, 8)
    }

    pub(crate) fn work_with(&self, jobs: &Jobs, pace: Pace, slots: u32) -> Working {
        let config = JobsConfig {
            workers_min: slots,
            workers_max: slots,
            ..JobsConfig::default()
        };
        let worker = Worker::new(
            jobs.clone(),
            self.handlers(),
            Current::from(config),
            Metrics::default(),
        );
        let cancel = CancellationToken::new();
        Working {
            task: tokio::spawn(worker.paced(pace).run(cancel.clone())),
            cancel,
        }
    }

    pub(crate) async fn enqueue(&self, what: Do) -> i64 {
        let made = self
            .jobs
            .enqueue_now(TEST.job(&what).unwrap())
            .await
            .unwrap();
        assert!(made.is_new);
        made.id
    }

    /// Waits until the job is in this state.
    pub(crate) async fn until(&self, id: i64, state: JobState) -> Job {
        self.until_job(id, move |job| job.state == state).await
    }

    pub(crate) async fn until_job(&self, id: i64, is_so: impl Fn(&Job) -> bool) -> Job {
        let mut last = None;
        for _ in 0..1_500 {
            let job = self.jobs.get(id).await.unwrap();
            if is_so(&job) {
                return job;
            }
            last = Some(job);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the job stays {last:?}");
    }

    /// The lease of the newest attempt.
    pub(crate) fn lease_of(&self, id: i64) -> Lease {
        self.leases.lock().unwrap()[&id].clone()
    }

    pub(crate) async fn outcomes(&self, id: i64) -> Vec<String> {
        let attempts = self.jobs.attempts(id).await.unwrap();
        attempts
            .into_iter()
            .map(|attempt| attempt.outcome)
            .collect()
    }
}

impl Working {
    pub(crate) async fn end(self) {
        self.cancel.cancel();
        self.task.await.unwrap();
    }

    /// As if its process were killed: nothing is given back, no row removed.
    pub(crate) async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

struct Here(Arc<AtomicUsize>);

impl Here {
    fn come(running: &Arc<AtomicUsize>, most: &AtomicUsize) -> Self {
        let now = running.fetch_add(1, Ordering::SeqCst) + 1;
        most.fetch_max(now, Ordering::SeqCst);
        Self(running.clone())
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn act(ctx: &JobContext, what: Do, gate: &Semaphore) -> Result<Value, JobError> {
    match what {
        Do::Say(value) => Ok(value),
        Do::Wait(times) => {
            let mut done = ctx.checkpoint::<u64>().unwrap_or(0);
            let began_at = done;
            while done < times {
                ctx.check()?;
                tokio::select! {
                    permit = gate.acquire() => permit.unwrap().forget(),
                    () = ctx.ends().cancelled() => continue,
                }
                done += 1;
                ctx.progress(done, Some(times), "waiting");
                ctx.info(format!("waited {done} times"));
            }
            Ok(json!({ "began_at": began_at, "done": done }))
        }
        Do::FailFirst(times) if ctx.attempt() <= times => Err(JobError::retry("not yet")),
        Do::FailFirst(_) => Ok(json!("at last")),
        Do::Complain(words) => {
            ctx.error(&words);
            Err(JobError::fail(words))
        }
        Do::Count(most) => {
            (0..most / 2).for_each(|number| ctx.info(number.to_string()));
            gate.acquire().await.unwrap().forget();
            (most / 2..most).for_each(|number| ctx.info(number.to_string()));
            Ok(Value::Null)
        }
        Do::FailForGood => Err(JobError::fail("it never works")),
        Do::Panic => panic!("oh no"),
        Do::Deaf => std::future::pending().await,
    }
}

pub(crate) fn operator() -> Actor {
    Actor::here(ActorKind::User, "an operator")
}
