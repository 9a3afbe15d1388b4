//! What others do with jobs: making them, looking at them, and people's orders about them.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use dabir_core::{Actor, Clock, Events, Page, Timestamp};
use dabir_db::{Db, audit};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::{Notify, broadcast};
use utoipa::ToSchema;

use crate::error::JobsError;
use crate::model::{
    Attempt, Enqueued, Job, JobFilter, JobState, LogLine, MAX_JSON, NewJob, Queue, QueuePatch,
    WorkerView,
};
use crate::schedule::{NewSchedule, Schedule, SchedulePatch};
use crate::store::{job, lease, logs, queues, schedules, workers};

/// The jobs of one house. Clones share them.
#[derive(Clone, Debug)]
pub struct Jobs {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) events: Events,
    /// Something may be due: for the worker of this process.
    pub(crate) due: Notify,
    /// The same, for those of others.
    pub(crate) hint: Notify,
    /// Jobs whose end was asked for in this process.
    pub(crate) cancels: broadcast::Sender<i64>,
    /// Something changed that lists show.
    pub(crate) changed: Notify,
}

/// How many jobs an order for many changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct JobCount {
    pub jobs: u64,
}

/// How many jobs one transaction of an order for many changes.
const AT_ONCE: u64 = 500;
/// How many orders to end may wait for a worker that is busy; more are found in the table.
const CANCELS: usize = 256;

impl Jobs {
    #[must_use]
    pub fn new(db: Db, clock: Clock, events: Events) -> Self {
        Self {
            shared: Arc::new(Shared {
                db,
                clock,
                events,
                due: Notify::new(),
                hint: Notify::new(),
                cancels: broadcast::channel(CANCELS).0,
                changed: Notify::new(),
            }),
        }
    }

    /// Makes a job in the caller's transaction: it is there when the transaction commits, and not
    /// otherwise. After the commit, [`Jobs::wake`] has it begun at once rather than within a second.
    ///
    /// # Errors
    /// When the arguments are too large or the database fails.
    pub async fn enqueue(
        &self,
        tx: &impl ConnectionTrait,
        new: NewJob,
    ) -> Result<Enqueued, JobsError> {
        check_size("arguments", &new.args)?;
        Ok(job::insert(tx, new, self.shared.clock.now()).await?)
    }

    /// Makes a job in a transaction of its own, and wakes a worker.
    ///
    /// # Errors
    /// As [`Jobs::enqueue`].
    pub async fn enqueue_now(&self, new: NewJob) -> Result<Enqueued, JobsError> {
        let tx = self.shared.db.write().await?;
        let made = self.enqueue(&tx, new).await?;
        tx.commit().await?;
        self.wake();
        Ok(made)
    }

    /// Makes many jobs without unique keys, in the caller's transaction.
    ///
    /// # Errors
    /// As [`Jobs::enqueue`].
    pub async fn enqueue_many(
        &self,
        tx: &impl ConnectionTrait,
        new: Vec<NewJob>,
    ) -> Result<(), JobsError> {
        for job in &new {
            check_size("arguments", &job.args)?;
        }
        Ok(job::insert_many(tx, new, self.shared.clock.now()).await?)
    }

    /// Says that something may be due: after a commit that made jobs.
    pub fn wake(&self) {
        self.shared.due.notify_one();
        self.shared.hint.notify_one();
        self.changed();
    }

    /// Says that lists of jobs show something else now.
    pub(crate) fn changed(&self) {
        self.shared.changed.notify_one();
    }

    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: i64) -> Result<Option<Job>, JobsError> {
        Ok(job::find(self.shared.db.read(), id, self.shared.clock.now()).await?)
    }

    /// # Errors
    /// When there is none with this id.
    pub async fn get(&self, id: i64) -> Result<Job, JobsError> {
        self.find(id).await?.ok_or(JobsError::NotFound("job"))
    }

    /// The living job with this unique key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_unique(&self, key: &str) -> Result<Option<i64>, JobsError> {
        Ok(job::find_unique(self.shared.db.read(), key).await?)
    }

    /// Jobs before the one with the id `before`, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(
        &self,
        filter: &JobFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Page<Job>, JobsError> {
        let now = self.shared.clock.now();
        let rows = job::list(self.shared.db.read(), filter, before, limit, now).await?;
        Ok(Page::cut(rows, limit, |job| job.id.to_string()))
    }

    /// # Errors
    /// When the database fails.
    pub async fn count(&self, filter: &JobFilter) -> Result<u64, JobsError> {
        Ok(job::count(self.shared.db.read(), filter).await?)
    }

    /// The attempts at a job that did not end well, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn attempts(&self, id: i64) -> Result<Vec<Attempt>, JobsError> {
        Ok(job::attempts(self.shared.db.read(), id).await?)
    }

    /// Lines of a job's log after the one with the id `after`, or the newest ones; the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log(
        &self,
        id: i64,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<LogLine>, JobsError> {
        Ok(logs::list(self.shared.db.read(), id, after, limit.into()).await?)
    }

    /// # Errors
    /// When the database fails.
    pub async fn queues(&self) -> Result<Vec<Queue>, JobsError> {
        Ok(queues::list(self.shared.db.read(), self.shared.clock.now()).await?)
    }

    /// # Errors
    /// When the database fails.
    pub async fn workers(&self) -> Result<Vec<WorkerView>, JobsError> {
        let rows = workers::all(self.shared.db.read()).await?;
        Ok(rows.into_iter().map(WorkerView::from).collect())
    }

    /// Ends a job: one that waits at once, one that runs as soon as its code hears of it.
    ///
    /// # Errors
    /// When there is none with this id, or it has ended already.
    pub async fn cancel(&self, by: &Actor, id: i64) -> Result<Job, JobsError> {
        let tx = self.shared.db.write().await?;
        let found = self.found(&tx, id).await?;
        if found.state.is_end() {
            return Err(JobsError::State {
                id,
                state: found.state,
                asked: "only jobs that wait or run can be cancelled",
            });
        }
        self.cancel_one(&tx, by, id).await?;
        tx.commit().await?;
        self.heard(id);
        self.get(id).await
    }

    /// Asks for the end of a job as part of the caller's transaction; [`Jobs::heard`] after its
    /// commit has a worker of this process hear of it at once rather than within a second.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cancel_one(
        &self,
        tx: &DatabaseTransaction,
        by: &Actor,
        id: i64,
    ) -> Result<(), JobsError> {
        let now = self.shared.clock.now();
        let found = self.found(tx, id).await?;
        job::cancel(tx, id, now).await?;
        let change = change("job.cancel", &found, Some(json!({ "cancelled": true })));
        audit::append(tx, now, by, vec![change]).await?;
        Ok(())
    }

    /// After the commit of [`Jobs::cancel_one`].
    pub fn heard(&self, id: i64) {
        // Nobody listens where no worker runs.
        let _ = self.shared.cancels.send(id);
        self.changed();
    }

    /// Puts an ended job back into its queue, with other arguments if `args` are given.
    ///
    /// # Errors
    /// When there is none with this id, it waits or runs, or another job has its unique key now.
    pub async fn retry(&self, by: &Actor, id: i64, args: Option<Value>) -> Result<Job, JobsError> {
        if let Some(args) = &args {
            check_size("arguments", args)?;
        }
        let tx = self.shared.db.write().await?;
        let found = self.found(&tx, id).await?;
        if !found.state.is_end() {
            return Err(JobsError::State {
                id,
                state: found.state,
                asked: "only jobs that have ended can be tried again",
            });
        }
        self.refuse_a_twin(&tx, &found).await?;
        let now = self.shared.clock.now();
        let requeued = job::requeue(&tx, id, args.as_ref(), now).await;
        requeued.map_err(|error| twin_of(&found, error))?;
        let after = args.unwrap_or_else(|| found.args.clone());
        let change = change("job.retry", &found, Some(json!({ "args": after })));
        audit::append(&tx, now, by, vec![change]).await?;
        tx.commit().await?;
        self.wake();
        self.get(id).await
    }

    async fn refuse_a_twin(&self, tx: &DatabaseTransaction, found: &Job) -> Result<(), JobsError> {
        let Some(key) = &found.unique_key else {
            return Ok(());
        };
        match job::find_unique(tx, key).await? {
            None => Ok(()),
            Some(_) => Err(JobsError::State {
                id: found.id,
                state: found.state,
                asked: "another job with its unique key waits or runs already",
            }),
        }
    }

    /// Tries every ended job again that the filter finds, but those that succeeded.
    ///
    /// # Errors
    /// When the database fails; what was done until then stays done.
    pub async fn retry_all(&self, by: &Actor, filter: &JobFilter) -> Result<JobCount, JobsError> {
        let states = [JobState::Failed, JobState::Cancelled, JobState::SetAside];
        let mut after = 0;
        let mut done = 0;
        loop {
            let tx = self.shared.db.write().await?;
            let now = self.shared.clock.now();
            let ids = job::ids(&tx, filter, &states, after, AT_ONCE).await?;
            let Some(last) = ids.last() else { break };
            after = *last;
            let mut changes = Vec::new();
            for id in ids {
                let found = self.found(&tx, id).await?;
                if self.refuse_a_twin(&tx, &found).await.is_ok()
                    && job::requeue(&tx, id, None, now).await?
                {
                    done += 1;
                    changes.push(change(
                        "job.retry",
                        &found,
                        Some(json!({ "args": found.args })),
                    ));
                }
            }
            audit::append(&tx, now, by, changes).await?;
            tx.commit().await?;
            self.wake();
        }
        Ok(JobCount { jobs: done })
    }

    /// Ends every job that waits or runs and that the filter finds.
    ///
    /// # Errors
    /// When the database fails; what was done until then stays done.
    pub async fn cancel_all(&self, by: &Actor, filter: &JobFilter) -> Result<JobCount, JobsError> {
        let states = [JobState::Queued, JobState::Running];
        let mut after = 0;
        let mut done = 0;
        loop {
            let tx = self.shared.db.write().await?;
            let ids = job::ids(&tx, filter, &states, after, AT_ONCE).await?;
            let Some(last) = ids.last() else { break };
            after = *last;
            for id in &ids {
                self.cancel_one(&tx, by, *id).await?;
            }
            tx.commit().await?;
            ids.iter().for_each(|id| self.heard(*id));
            done += ids.len() as u64;
        }
        Ok(JobCount { jobs: done })
    }

    async fn found(&self, tx: &impl ConnectionTrait, id: i64) -> Result<Job, JobsError> {
        let found = job::find(tx, id, self.shared.clock.now()).await?;
        found.ok_or(JobsError::NotFound("job"))
    }

    /// Pauses a queue, lets it go on, or sets its weight and limits.
    ///
    /// # Errors
    /// When there is none of this name, or a value is not allowed.
    pub async fn patch_queue(
        &self,
        by: &Actor,
        name: &str,
        patch: &QueuePatch,
    ) -> Result<Queue, JobsError> {
        check_queue(patch)?;
        let now = self.shared.clock.now();
        let tx = self.shared.db.write().await?;
        let before = find_queue(&tx, name, now).await?;
        queues::patch(&tx, name, patch, &by.name, now).await?;
        let after = find_queue(&tx, name, now).await?;
        let change = audit::Change {
            action: "queue.change",
            target_kind: "queue",
            target_id: name.to_owned(),
            target_name: name.to_owned(),
            before: Some(queue_facts(&before)),
            after: Some(queue_facts(&after)),
        };
        audit::append(&tx, now, by, vec![change]).await?;
        tx.commit().await?;
        self.wake();
        Ok(after)
    }

    /// # Errors
    /// When the database fails.
    pub async fn schedules(&self) -> Result<Vec<Schedule>, JobsError> {
        Ok(schedules::list(self.shared.db.read()).await?)
    }

    /// # Errors
    /// When there is none of this name.
    pub async fn get_schedule(&self, name: &str) -> Result<Schedule, JobsError> {
        let found = schedules::find(self.shared.db.read(), name).await?;
        found.ok_or(JobsError::NotFound("schedule"))
    }

    /// Writes a schedule in the caller's transaction. One that is there keeps its next time when its
    /// timing stays.
    ///
    /// # Errors
    /// When its timing says no times.
    pub async fn put_schedule(
        &self,
        tx: &impl ConnectionTrait,
        spec: &NewSchedule,
    ) -> Result<(), JobsError> {
        let next_at = spec.next_after(self.shared.clock.now())?;
        Ok(schedules::put(tx, spec, next_at).await?)
    }

    /// Writes a schedule that the program itself has, unless there is one of its name: people may
    /// have changed it.
    ///
    /// # Errors
    /// As [`Jobs::put_schedule`].
    pub async fn ensure_schedule(&self, spec: &NewSchedule) -> Result<(), JobsError> {
        let next_at = spec.next_after(self.shared.clock.now())?;
        let tx = self.shared.db.write().await?;
        schedules::put_if_absent(&tx, spec, next_at).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Removes a schedule in the caller's transaction; one that is gone already is no error.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_schedule(
        &self,
        tx: &impl ConnectionTrait,
        name: &str,
    ) -> Result<(), JobsError> {
        schedules::delete(tx, name).await?;
        Ok(())
    }

    /// # Errors
    /// When there is none of this name, or a value is not allowed.
    pub async fn patch_schedule(
        &self,
        by: &Actor,
        name: &str,
        patch: SchedulePatch,
    ) -> Result<Schedule, JobsError> {
        let now = self.shared.clock.now();
        let tx = self.shared.db.write().await?;
        let before = schedules::find_to_change(&tx, name)
            .await?
            .ok_or(JobsError::NotFound("schedule"))?;
        let spec = patch.onto(before.spec.clone())?;
        self.put_schedule(&tx, &spec).await?;
        let after = schedules::find(&tx, name)
            .await?
            .ok_or(JobsError::NotFound("schedule"))?;
        let change = audit::Change {
            action: "schedule.change",
            target_kind: "schedule",
            target_id: name.to_owned(),
            target_name: name.to_owned(),
            before: Some(schedule_facts(&before)),
            after: Some(schedule_facts(&after)),
        };
        audit::append(&tx, now, by, vec![change]).await?;
        tx.commit().await?;
        self.wake();
        Ok(after)
    }

    /// Makes a schedule's job now, beside its times.
    ///
    /// # Errors
    /// When there is none of this name.
    pub async fn fire_schedule(&self, by: &Actor, name: &str) -> Result<Enqueued, JobsError> {
        let now = self.shared.clock.now();
        let tx = self.shared.db.write().await?;
        let schedule = schedules::find(&tx, name)
            .await?
            .ok_or(JobsError::NotFound("schedule"))?;
        let made = self
            .enqueue(&tx, job_of(&schedule.spec).by(&by.name))
            .await?;
        schedules::note(&tx, name, now, made.id).await?;
        let change = audit::Change {
            action: "schedule.fire",
            target_kind: "schedule",
            target_id: name.to_owned(),
            target_name: name.to_owned(),
            before: None,
            after: Some(json!({ "job_id": made.id })),
        };
        audit::append(&tx, now, by, vec![change]).await?;
        tx.commit().await?;
        self.wake();
        Ok(made)
    }

    /// Makes the jobs of schedules that are due. Only one process makes each.
    pub(crate) async fn fire_due(&self) -> Result<(), JobsError> {
        let now = self.shared.clock.now();
        for schedule in schedules::list(self.shared.db.read()).await? {
            if !schedule.spec.enabled {
                continue;
            }
            if schedule.next_at <= now {
                self.fire(&schedule, now).await?;
            } else {
                self.pull_back(&schedule, now).await?;
            }
        }
        Ok(())
    }

    /// A next time beyond the next one comes from a clock that ran ahead and was set back.
    async fn pull_back(&self, schedule: &Schedule, now: Timestamp) -> Result<(), JobsError> {
        let Ok(next_at) = schedule.spec.next_after(now) else {
            return Ok(());
        };
        if next_at < schedule.next_at {
            let tx = self.shared.db.write().await?;
            schedules::advance(&tx, &schedule.spec.name, schedule.next_at, next_at).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn fire(&self, schedule: &Schedule, now: Timestamp) -> Result<(), JobsError> {
        let name = &schedule.spec.name;
        let fire = match schedule.spec.fire(schedule.next_at, now) {
            Ok(fire) => fire,
            Err(error) => {
                tracing::error!(
                    schedule = name,
                    "the schedule `{name}` is switched off: {error}"
                );
                let tx = self.shared.db.write().await?;
                schedules::disable(&tx, name).await?;
                return Ok(tx.commit().await?);
            }
        };
        let tx = self.shared.db.write().await?;
        if !schedules::advance(&tx, name, schedule.next_at, fire.next_at).await? {
            return Ok(());
        }
        for at in &fire.times {
            let mut new = job_of(&schedule.spec);
            // Each missed time gets a job of its own; otherwise the one that still runs is enough.
            if fire.times.len() > 1 {
                new = new.unique(format!("schedule:{name}:{}", at.as_millisecond()));
            }
            let made = self.enqueue(&tx, new).await?;
            schedules::note(&tx, name, now, made.id).await?;
        }
        tx.commit().await?;
        self.wake();
        Ok(())
    }

    /// Forgets ended jobs that are older than `keep`, and those beyond the newest `keep_max`.
    pub(crate) async fn forget(&self, keep: Duration, keep_max: u64) -> Result<u64, JobsError> {
        let now = self.shared.clock.now();
        let by_age = now.saturating_sub(keep).unwrap_or(Timestamp::MIN);
        let by_count = job::end_of_the_oldest_kept(self.shared.db.read(), keep_max).await?;
        let before = by_count.map_or(by_age, |at| at.max(by_age));
        let mut forgotten = 0;
        loop {
            let tx = self.shared.db.write().await?;
            let some = job::forget(&tx, before, AT_ONCE).await?;
            tx.commit().await?;
            forgotten += some;
            if some < AT_ONCE {
                return Ok(forgotten);
            }
        }
    }

    /// The jobs that stand as `worker`'s, with their tokens.
    pub(crate) async fn held(&self, worker: &str) -> Result<Vec<(i64, String)>, JobsError> {
        Ok(lease::held(self.shared.db.read(), worker).await?)
    }

    /// Gives back what is held and in nobody's hands: the answer to a claim got lost.
    pub(crate) async fn give_back(
        &self,
        held: Vec<(i64, String)>,
        in_hand: &HashSet<i64>,
    ) -> Result<(), JobsError> {
        let now = self.shared.clock.now();
        let lost: Vec<_> = held
            .into_iter()
            .filter(|(id, _)| !in_hand.contains(id))
            .collect();
        if lost.is_empty() {
            return Ok(());
        }
        let finishes: Vec<_> = lost
            .into_iter()
            .map(|(id, token)| lease::Finish::given_back(id, token, now))
            .collect();
        let tx = self.shared.db.write().await?;
        lease::finish(&tx, &finishes).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn job_of(spec: &NewSchedule) -> NewJob {
    NewJob {
        kind: spec.kind.clone(),
        queue: spec.queue.clone(),
        args: spec.args.clone(),
        priority: 0,
        run_at: None,
        unique_key: Some(format!("schedule:{}", spec.name)),
        lane: None,
        lane_limit: None,
        max_attempts: 5,
        created_by: format!("schedule {}", spec.name),
    }
}

/// Another job took the unique key between the question and the write.
fn twin_of(found: &Job, error: sea_orm::DbErr) -> JobsError {
    match error.sql_err() {
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => JobsError::State {
            id: found.id,
            state: found.state,
            asked: "another job with its unique key waits or runs already",
        },
        _ => error.into(),
    }
}

async fn find_queue(
    tx: &impl ConnectionTrait,
    name: &str,
    now: Timestamp,
) -> Result<Queue, JobsError> {
    let all = queues::list(tx, now).await?;
    let found = all.into_iter().find(|queue| queue.name == name);
    found.ok_or(JobsError::NotFound("queue"))
}

fn check_queue(patch: &QueuePatch) -> Result<(), JobsError> {
    let outside = |value: i32, most: i32| !(1..=most).contains(&value);
    if patch.weight.is_some_and(|weight| outside(weight, 100)) {
        return Err(JobsError::invalid(
            "weight",
            "write a whole number from 1 to 100",
        ));
    }
    if patch
        .max_running
        .flatten()
        .is_some_and(|most| outside(most, 10_000))
    {
        return Err(JobsError::invalid(
            "max_running",
            "write a whole number from 1 to 10000, or null",
        ));
    }
    if patch
        .rate
        .flatten()
        .is_some_and(|rate| !(0.01..=10_000.0).contains(&rate))
    {
        return Err(JobsError::invalid(
            "rate",
            "write jobs a second from 0.01 to 10000, or null",
        ));
    }
    if patch
        .reason
        .as_ref()
        .is_some_and(|reason| reason.chars().count() > 500)
    {
        return Err(JobsError::invalid("reason", "write at most 500 characters"));
    }
    Ok(())
}

fn check_size(what: &'static str, value: &Value) -> Result<(), JobsError> {
    if value.to_string().len() > MAX_JSON {
        return Err(JobsError::TooLarge { what });
    }
    Ok(())
}

fn change(action: &'static str, job: &Job, after: Option<Value>) -> audit::Change {
    audit::Change {
        action,
        target_kind: "job",
        target_id: job.id.to_string(),
        target_name: job.kind.clone(),
        before: Some(json!({ "state": job.state, "args": job.args })),
        after,
    }
}

fn queue_facts(queue: &Queue) -> Value {
    json!({
        "weight": queue.weight, "max_running": queue.max_running, "rate": queue.rate,
        "paused": queue.paused_at.is_some(), "reason": queue.pause_reason,
    })
}

fn schedule_facts(schedule: &Schedule) -> Value {
    json!({
        "timing": schedule.spec.timing, "timezone": schedule.spec.timezone,
        "catch_up": schedule.spec.catch_up, "enabled": schedule.spec.enabled,
    })
}
