//! The queue beside a model of it: whatever is done to both, in whatever order, they stay the same.

use std::collections::BTreeMap;
use std::time::Duration;

use dabir_core::{Actor, ActorKind, Clock, Events, Timestamp};
use dabir_db::Db;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use sea_orm::ConnectionTrait;

use super::job::rank;
use super::lease::{self, Claimer, Finish};
use super::workers::WorkerRow;
use super::{queues, workers};
use crate::model::{JobFilter, JobState, MAX_CRASHES, NewJob, QueuePatch};
use crate::service::Jobs;

/// What may happen. An index means one of those that there are at that moment.
#[derive(Clone, Debug)]
enum Step {
    Enqueue(Wish),
    Claim {
        worker: usize,
        wanted: usize,
    },
    Progress(Index),
    Checkpoint(Index, u8),
    Finish(Index, Ending),
    /// The worker was silent for too long, dead or not.
    RunsOut {
        worker: usize,
    },
    Cancel(Index),
    Retry(Index),
    CancelAll,
    RetryAll,
    Pause {
        queue: usize,
        paused: bool,
    },
    Limit {
        queue: usize,
        most: Option<i32>,
    },
    Forget,
    Wait {
        secs: u64,
    },
}

#[derive(Clone, Debug)]
struct Wish {
    queue: usize,
    priority: i32,
    delay_secs: u64,
    unique: Option<u8>,
    lane: Option<u8>,
}

#[derive(Clone, Copy, Debug)]
enum Ending {
    Succeeded,
    Failed,
    Again { secs: u64 },
    GivenBack,
}

const QUEUES: [&str; 2] = ["a", "b"];
const WORKERS: usize = 3;
const KIND: &str = "test.model";
const LANE_LIMIT: i32 = 2;
/// For how long ended jobs are kept.
const KEEP: Duration = Duration::from_secs(3_600);

fn step() -> impl Strategy<Value = Step> {
    let wish = (
        0..QUEUES.len(),
        0..10_i32,
        prop_oneof![3 => Just(0_u64), 1 => 0..300_u64],
        option::weighted(0.3, 0..2_u8),
        option::weighted(0.3, 0..2_u8),
    );
    let wish = wish.prop_map(|(queue, priority, delay_secs, unique, lane)| Wish {
        queue,
        priority,
        delay_secs,
        unique,
        lane,
    });
    let ending = prop_oneof![
        Just(Ending::Succeeded),
        Just(Ending::Failed),
        (0..100_u64).prop_map(|secs| Ending::Again { secs }),
        Just(Ending::GivenBack),
    ];
    let one = any::<Index>;
    let worker = || 0..WORKERS;
    let queue = || 0..QUEUES.len();
    prop_oneof![
        8 => wish.prop_map(Step::Enqueue),
        8 => (worker(), 1..5_usize).prop_map(|(worker, wanted)| Step::Claim { worker, wanted }),
        2 => one().prop_map(Step::Progress),
        2 => (one(), 0..3_u8).prop_map(|(claim, value)| Step::Checkpoint(claim, value)),
        8 => (one(), ending).prop_map(|(claim, ending)| Step::Finish(claim, ending)),
        4 => worker().prop_map(|worker| Step::RunsOut { worker }),
        2 => one().prop_map(Step::Cancel),
        2 => one().prop_map(Step::Retry),
        1 => Just(Step::CancelAll),
        1 => Just(Step::RetryAll),
        1 => (queue(), any::<bool>()).prop_map(|(queue, paused)| Step::Pause { queue, paused }),
        1 => (queue(), option::of(1..4_i32)).prop_map(|(queue, most)| Step::Limit { queue, most }),
        1 => Just(Step::Forget),
        4 => prop_oneof![0..90_u64, 0..5_000_u64].prop_map(|secs| Step::Wait { secs }),
    ]
}

/// A job as the model knows it.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    queue: usize,
    priority: i32,
    unique: Option<u8>,
    lane: Option<u8>,
    state: JobState,
    run_at: Timestamp,
    attempts: i32,
    errors: i32,
    crashes: i32,
    cancelled: bool,
    ended_at: Option<Timestamp>,
    checkpoint: Option<u8>,
    /// The number of the claim that holds it.
    claim: Option<usize>,
    worker: Option<String>,
}

/// Both, side by side.
struct Sides {
    db: Db,
    jobs: Jobs,
    clock: Clock,
    known: BTreeMap<i64, Known>,
    /// Every claim that ever was: its job and token.
    claims: Vec<(i64, String)>,
    /// The names under which workers are known, and how many there ever were.
    workers: [Option<String>; WORKERS],
    names: usize,
    paused: [bool; QUEUES.len()],
    limits: [Option<i32>; QUEUES.len()],
}

impl Known {
    fn is_living(&self) -> bool {
        !self.state.is_end()
    }

    fn end(&mut self, state: JobState, at: Timestamp) {
        self.state = state;
        self.ended_at = Some(at);
    }

    /// Back into the queue, unless its end was asked for.
    fn put_back(&mut self, run_at: Timestamp, now: Timestamp) {
        self.run_at = run_at;
        self.state = JobState::Queued;
        if self.cancelled {
            self.end(JobState::Cancelled, now);
        }
    }

    fn requeue(&mut self, now: Timestamp) {
        if self.state == JobState::Succeeded {
            self.checkpoint = None;
        }
        (self.state, self.run_at, self.ended_at) = (JobState::Queued, now, None);
        (self.errors, self.crashes, self.cancelled) = (0, 0, false);
    }

    fn cancel(&mut self, now: Timestamp) {
        match self.state {
            JobState::Queued => self.end(JobState::Cancelled, now),
            _ => self.cancelled = true,
        }
    }
}

impl Sides {
    async fn open(db: Db, now: Timestamp) -> Self {
        let clock = Clock::fixed(now);
        let tx = db.write().await.unwrap();
        for table in ["job", "job_worker", "job_queue"] {
            let sql = format!("DELETE FROM {table}");
            tx.execute_unprepared(&sql).await.unwrap();
        }
        queues::ensure(&tx, &QUEUES).await.unwrap();
        tx.commit().await.unwrap();
        Self {
            jobs: Jobs::new(db.clone(), clock.clone(), Events::default()),
            db,
            clock,
            known: BTreeMap::new(),
            claims: Vec::new(),
            workers: Default::default(),
            names: 0,
            paused: Default::default(),
            limits: Default::default(),
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Enqueue(wish) => self.enqueue(wish).await,
            Step::Claim { worker, wanted } => self.claim(*worker, *wanted).await,
            Step::Progress(claim) => self.progress(*claim).await,
            Step::Checkpoint(claim, value) => self.save(*claim, *value).await,
            Step::Finish(claim, ending) => self.finish(*claim, *ending).await,
            Step::RunsOut { worker } => self.run_out(*worker).await,
            Step::Cancel(job) => self.cancel(*job).await,
            Step::Retry(job) => self.retry(*job).await,
            Step::CancelAll => self.cancel_all().await,
            Step::RetryAll => self.retry_all().await,
            Step::Pause { queue, paused } => {
                self.paused[*queue] = *paused;
                let paused = Some(*paused);
                self.patch(
                    *queue,
                    QueuePatch {
                        paused,
                        ..QueuePatch::default()
                    },
                )
                .await;
            }
            Step::Limit { queue, most } => {
                self.limits[*queue] = *most;
                let max_running = Some(*most);
                self.patch(
                    *queue,
                    QueuePatch {
                        max_running,
                        ..QueuePatch::default()
                    },
                )
                .await;
            }
            Step::Forget => {
                self.jobs.forget(KEEP, 1_000_000).await.unwrap();
                let oldest = self.now() - KEEP;
                self.known
                    .retain(|_, job| job.ended_at.is_none_or(|at| at >= oldest));
            }
            Step::Wait { secs } => self.clock.advance(Duration::from_secs(*secs)),
        }
    }

    async fn enqueue(&mut self, wish: &Wish) {
        let run_at = self.now() + Duration::from_secs(wish.delay_secs);
        let new = NewJob {
            kind: KIND.to_owned(),
            queue: QUEUES[wish.queue].to_owned(),
            args: serde_json::Value::Null,
            priority: wish.priority,
            run_at: Some(run_at),
            unique_key: wish.unique.map(|key| key.to_string()),
            lane: wish.lane.map(|lane| lane.to_string()),
            lane_limit: wish.lane.map(|_| LANE_LIMIT),
            max_attempts: 5,
            created_by: "the model".to_owned(),
        };
        let made = self.jobs.enqueue_now(new).await.unwrap();
        if let Some(twin) = self.twin(wish.unique) {
            assert_eq!((made.id, made.is_new), (twin, false));
            return;
        }
        assert!(made.is_new);
        let job = Known {
            queue: wish.queue,
            priority: wish.priority,
            unique: wish.unique,
            lane: wish.lane,
            state: JobState::Queued,
            run_at,
            attempts: 0,
            errors: 0,
            crashes: 0,
            cancelled: false,
            ended_at: None,
            checkpoint: None,
            claim: None,
            worker: None,
        };
        assert!(self.known.insert(made.id, job).is_none());
    }

    /// The living job with this unique key.
    fn twin(&self, key: Option<u8>) -> Option<i64> {
        let mut jobs = self.known.iter();
        let twin = jobs.find(|(_, job)| job.unique == key && job.is_living());
        key.and(twin.map(|(id, _)| *id))
    }

    async fn claim(&mut self, worker: usize, wanted: usize) {
        let name = self.name(worker).await;
        let now = self.now();
        let token = format!("token {}", self.claims.len());
        let claimer = Claimer {
            worker: &name,
            token: &token,
            kinds: &[KIND],
            now,
        };
        let tx = self.db.write().await.unwrap();
        assert!(workers::beat(&tx, &name, 1, now).await.unwrap());
        let mut claimed = Vec::new();
        for mut queue in queues::lock(&tx).await.unwrap() {
            claimed.extend(claimer.claim(&tx, &mut queue, wanted).await.unwrap());
        }
        tx.commit().await.unwrap();
        let claimed: Vec<i64> = claimed.iter().map(|job| job.id).collect();
        let mut expected = Vec::new();
        for queue in 0..QUEUES.len() {
            expected.extend(self.next_of(queue, wanted));
        }
        assert_eq!(claimed, expected);
        for id in claimed {
            let job = self.known.get_mut(&id).unwrap();
            job.state = JobState::Running;
            job.attempts += 1;
            job.claim = Some(self.claims.len());
            job.worker = Some(name.clone());
            self.claims.push((id, token.clone()));
        }
    }

    /// The name of a worker; a new one when the others took it for dead.
    async fn name(&mut self, worker: usize) -> String {
        if let Some(name) = &self.workers[worker] {
            return name.clone();
        }
        self.names += 1;
        let row = WorkerRow {
            id: format!("worker {}", self.names),
            host: String::new(),
            boot: String::new(),
            pid: 0,
            start_ticks: 0,
            version: String::new(),
            slots: 1,
            beats: 0,
            seen_at: self.now(),
            started_at: self.now(),
            running: 0,
        };
        let tx = self.db.write().await.unwrap();
        workers::insert(&tx, &row).await.unwrap();
        tx.commit().await.unwrap();
        self.workers[worker] = Some(row.id.clone());
        row.id
    }

    /// Whom a claim must choose: the due ones by rank, as far as the queue and their lanes have room.
    fn next_of(&self, queue: usize, wanted: usize) -> Vec<i64> {
        if self.paused[queue] {
            return Vec::new();
        }
        let of_queue = || self.known.iter().filter(|(_, job)| job.queue == queue);
        let running = || of_queue().filter(|(_, job)| job.state == JobState::Running);
        let room = self.limits[queue].map_or(usize::MAX, |most| {
            usize::try_from(most)
                .unwrap()
                .saturating_sub(running().count())
        });
        let mut lanes: BTreeMap<u8, i32> = BTreeMap::new();
        for lane in running().filter_map(|(_, job)| job.lane) {
            *lanes.entry(lane).or_default() += 1;
        }
        let mut due: Vec<(i64, i64, Option<u8>)> = of_queue()
            .filter(|(_, job)| job.state == JobState::Queued && job.run_at <= self.now())
            .map(|(id, job)| (rank(job.run_at, job.priority), *id, job.lane))
            .collect();
        due.sort_unstable();
        let mut fits = |lane: Option<u8>| {
            let Some(lane) = lane else { return true };
            let running = lanes.entry(lane).or_default();
            *running += 1;
            *running <= LANE_LIMIT
        };
        due.into_iter()
            .filter(|(_, _, lane)| fits(*lane))
            .map(|(_, id, _)| id)
            .take(wanted.min(room))
            .collect()
    }

    /// A claim of any time, its job, and whether it still holds it.
    fn pick(&self, claim: Index) -> Option<(i64, String, bool)> {
        if self.claims.is_empty() {
            return None;
        }
        let number = claim.index(self.claims.len());
        let (id, token) = self.claims[number].clone();
        let holds = self
            .known
            .get(&id)
            .is_some_and(|job| job.claim == Some(number));
        Some((id, token, holds))
    }

    async fn progress(&mut self, claim: Index) {
        let Some((id, token, holds)) = self.pick(claim) else {
            return;
        };
        let tx = self.db.write().await.unwrap();
        let written = lease::set_progress(&tx, id, &token, "{\"done\":1}")
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(written, holds);
    }

    async fn save(&mut self, claim: Index, value: u8) {
        let Some((id, token, holds)) = self.pick(claim) else {
            return;
        };
        let tx = self.db.write().await.unwrap();
        let text = value.to_string();
        let written = lease::set_checkpoint(&tx, id, &token, &text).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(written, holds);
        if !holds {
            return;
        }
        let job = self.known.get_mut(&id).unwrap();
        if job.checkpoint.replace(value) != Some(value) {
            job.crashes = 0;
        }
    }

    async fn finish(&mut self, claim: Index, ending: Ending) {
        let Some((id, token, holds)) = self.pick(claim) else {
            return;
        };
        let now = self.now();
        let finish = finish(id, token, ending, now);
        let run_at = finish.run_at;
        let tx = self.db.write().await.unwrap();
        let written = lease::finish(&tx, &[finish]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(written, if holds { vec![id] } else { Vec::new() });
        if !holds {
            return;
        }
        let job = self.known.get_mut(&id).unwrap();
        job.claim = None;
        match ending {
            Ending::Succeeded => job.end(JobState::Succeeded, now),
            Ending::Failed => {
                job.errors += 1;
                job.end(JobState::Failed, now);
            }
            Ending::Again { .. } => {
                job.errors += 1;
                job.put_back(run_at.unwrap(), now);
            }
            Ending::GivenBack => {
                job.attempts -= 1;
                job.put_back(job.run_at, now);
            }
        }
    }

    async fn run_out(&mut self, worker: usize) {
        let Some(name) = self.workers[worker].take() else {
            return;
        };
        let now = self.now();
        let tx = self.db.write().await.unwrap();
        workers::remove(&tx, &name).await.unwrap();
        lease::take_back(&tx, &name, 1_000, now).await.unwrap();
        tx.commit().await.unwrap();
        let of_worker =
            |job: &&mut Known| job.state == JobState::Running && job.worker.as_ref() == Some(&name);
        let held = self.known.iter_mut().filter(|(_, job)| of_worker(job));
        for (id, job) in held {
            job.crashes += 1;
            job.claim = None;
            // How long it waits is drawn.
            let kept = self.jobs.get(*id).await.unwrap();
            let most = Duration::from_secs(if job.crashes < 2 { 0 } else { 60 });
            assert!(kept.run_at >= now && kept.run_at <= now + most, "{kept:?}");
            job.put_back(kept.run_at, now);
            if job.crashes >= MAX_CRASHES && !job.cancelled {
                job.end(JobState::SetAside, now);
            }
        }
    }

    fn one(&self, job: Index) -> Option<i64> {
        let ids: Vec<i64> = self.known.keys().copied().collect();
        (!ids.is_empty()).then(|| ids[job.index(ids.len())])
    }

    async fn cancel(&mut self, job: Index) {
        let Some(id) = self.one(job) else { return };
        let done = self.jobs.cancel(&person(), id).await.is_ok();
        let now = self.now();
        let job = self.known.get_mut(&id).unwrap();
        assert_eq!(done, job.is_living());
        if done {
            job.cancel(now);
        }
    }

    async fn retry(&mut self, job: Index) {
        let Some(id) = self.one(job) else { return };
        let done = self.jobs.retry(&person(), id, None).await.is_ok();
        let can = !self.known[&id].is_living() && self.twin(self.known[&id].unique).is_none();
        assert_eq!(done, can);
        if done {
            let now = self.now();
            self.known.get_mut(&id).unwrap().requeue(now);
        }
    }

    async fn cancel_all(&mut self) {
        let done = self.jobs.cancel_all(&person(), &JobFilter::default()).await;
        let now = self.now();
        let living = self.known.values_mut().filter(|job| job.is_living());
        let count = living.map(|job| job.cancel(now)).count();
        assert_eq!(done.unwrap().jobs, count as u64);
    }

    async fn retry_all(&mut self) {
        let done = self.jobs.retry_all(&person(), &JobFilter::default()).await;
        let now = self.now();
        let mut count = 0;
        for id in self.known.keys().copied().collect::<Vec<_>>() {
            let job = &self.known[&id];
            let has_failed = !job.is_living() && job.state != JobState::Succeeded;
            if has_failed && self.twin(job.unique).is_none() {
                self.known.get_mut(&id).unwrap().requeue(now);
                count += 1;
            }
        }
        assert_eq!(done.unwrap().jobs, count);
    }

    async fn patch(&self, queue: usize, patch: QueuePatch) {
        let changed = self
            .jobs
            .patch_queue(&person(), QUEUES[queue], &patch)
            .await;
        changed.unwrap();
    }

    /// Every job is there, and as the model has it.
    async fn compare(&self) {
        let page = self.jobs.list(&JobFilter::default(), None, 10_000).await;
        let rows: BTreeMap<i64, Known> = page
            .unwrap()
            .items
            .into_iter()
            .map(|row| {
                let known = self.known.get(&row.id);
                let job = Known {
                    queue: QUEUES.iter().position(|name| *name == row.queue).unwrap(),
                    priority: row.priority,
                    unique: row.unique_key.map(|key| key.parse().unwrap()),
                    lane: row.lane.map(|lane| lane.parse().unwrap()),
                    state: row.state,
                    run_at: row.run_at,
                    attempts: row.attempts,
                    errors: row.errors,
                    crashes: row.crashes,
                    // Shown while it runs.
                    cancelled: row.is_ending
                        || known.is_some_and(|job| job.cancelled && !job.is_living()),
                    ended_at: row.ended_at,
                    checkpoint: known.and_then(|job| job.checkpoint),
                    claim: known.and_then(|job| job.claim),
                    worker: row.worker,
                };
                (row.id, job)
            })
            .collect();
        assert_eq!(rows, self.known);
    }
}

fn finish(id: i64, token: String, ending: Ending, now: Timestamp) -> Finish {
    let base = Finish::given_back(id, token, now);
    let (state, errors, run_at) = match ending {
        Ending::GivenBack => return base,
        Ending::Succeeded => (JobState::Succeeded, 0, None),
        Ending::Failed => (JobState::Failed, 1, None),
        Ending::Again { secs } => (JobState::Queued, 1, Some(now + Duration::from_secs(secs))),
    };
    Finish {
        state,
        errors,
        run_at,
        attempts: 0,
        ..base
    }
}

fn person() -> Actor {
    Actor::here(ActorKind::User, "somebody")
}

fn check(url: &str, cases: u32) {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let db = runtime.block_on(Db::open(url, folder.path())).unwrap();
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let checked = TestRunner::new(config).run(&vec(step(), 1..80), |steps| {
        runtime.block_on(async {
            let start = "2026-11-21T10:00:00Z".parse().unwrap();
            let mut sides = Sides::open(db.clone(), start).await;
            for step in &steps {
                sides.take(step).await;
                sides.compare().await;
            }
        });
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn whatever_happens_the_queue_does_as_its_model_on_sqlite() {
    check("", 40);
}

#[test]
fn whatever_happens_the_queue_does_as_its_model_on_postgres() {
    let postgres = dabir_testing::Postgres::start();
    check(&postgres.database(), 8);
}
