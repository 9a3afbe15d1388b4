//! The table of jobs: making, finding, listing and counting them; what people do to them.

use std::collections::HashMap;

use dabir_core::Timestamp;
use dabir_db::Ts;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, OnConflict};
use sea_orm::{Condition, ConnectionTrait, QueryOrder, QuerySelect, Set, TryInsertResult};
use serde_json::Value as Json;

use super::{execute, query, without_nul};
use crate::model::{AGEING_MILLIS, Attempt, Enqueued, Job, JobFilter, JobState, NewJob, Progress};

mod row {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "job")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub kind: String,
        pub queue: String,
        pub state: String,
        pub priority: i32,
        pub rank: i64,
        pub run_at: Ts,
        #[sea_orm(column_type = "Text")]
        pub args: String,
        pub unique_key: Option<String>,
        pub lane: Option<String>,
        pub lane_limit: Option<i32>,
        pub max_attempts: i32,
        pub attempts: i32,
        pub errors: i32,
        pub crashes: i32,
        pub worker_id: Option<String>,
        pub token: Option<String>,
        pub cancel_at: Option<Ts>,
        #[sea_orm(column_type = "Text", nullable)]
        pub progress: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub checkpoint: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub result: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub last_error: Option<String>,
        pub created_by: String,
        pub created_at: Ts,
        pub started_at: Option<Ts>,
        pub ended_at: Option<Ts>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod attempt {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "job_attempt")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub job_id: i64,
        pub attempt: i32,
        pub worker: Option<String>,
        pub outcome: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub error: Option<String>,
        pub started_at: Option<Ts>,
        pub ended_at: Ts,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::{Column, Entity};

/// The order in which due jobs are begun: the smallest first.
pub(crate) fn rank(run_at: Timestamp, priority: i32) -> i64 {
    run_at.as_millisecond() - i64::from(priority) * AGEING_MILLIS
}

/// Makes a job, or finds the one that has its unique key.
pub(crate) async fn insert(
    tx: &impl ConnectionTrait,
    new: NewJob,
    now: Timestamp,
) -> Result<Enqueued, DbErr> {
    let Some(key) = new.unique_key.clone() else {
        let made = Entity::insert(active(new, now)).exec(tx).await?;
        return Ok(Enqueued {
            id: made.last_insert_id,
            is_new: true,
        });
    };
    loop {
        if let Some(id) = find_unique(tx, &key).await? {
            return Ok(Enqueued { id, is_new: false });
        }
        // Somebody else may make it at this moment; and that one may end before we look again.
        let made = Entity::insert(active(new.clone(), now))
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .try_insert()
            .exec(tx)
            .await?;
        if let TryInsertResult::Inserted(made) = made {
            return Ok(Enqueued {
                id: made.last_insert_id,
                is_new: true,
            });
        }
    }
}

/// Makes many jobs without unique keys in few statements.
pub(crate) async fn insert_many(
    tx: &impl ConnectionTrait,
    new: Vec<NewJob>,
    now: Timestamp,
) -> Result<(), DbErr> {
    const AT_ONCE: usize = 500;
    let mut rows = new.into_iter().map(|new| active(new, now)).peekable();
    while rows.peek().is_some() {
        let some = rows.by_ref().take(AT_ONCE);
        Entity::insert_many(some).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn active(new: NewJob, now: Timestamp) -> row::ActiveModel {
    let run_at = new.run_at.unwrap_or(now);
    row::ActiveModel {
        kind: Set(new.kind),
        queue: Set(new.queue),
        state: Set(JobState::Queued.as_str().to_owned()),
        priority: Set(new.priority),
        rank: Set(rank(run_at, new.priority)),
        run_at: Set(run_at.into()),
        args: Set(new.args.to_string()),
        unique_key: Set(new.unique_key),
        lane: Set(new.lane),
        lane_limit: Set(new.lane_limit),
        max_attempts: Set(new.max_attempts),
        created_by: Set(new.created_by),
        created_at: Set(now.into()),
        ..Default::default()
    }
}

/// The living job with this unique key.
pub(crate) async fn find_unique(
    db: &impl ConnectionTrait,
    key: &str,
) -> Result<Option<i64>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::UniqueKey.eq(key))
        .filter(Column::State.is_in([JobState::Queued.as_str(), JobState::Running.as_str()]))
        .into_tuple()
        .one(db)
        .await
}

pub(crate) async fn find(
    db: &impl ConnectionTrait,
    id: i64,
    now: Timestamp,
) -> Result<Option<Job>, DbErr> {
    let row = Entity::find_by_id(id).one(db).await?;
    Ok(row.map(|row| row.into_job(now)))
}

/// Jobs before the cursor, the newest first; one more than `limit`.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    filter: &JobFilter,
    before: Option<i64>,
    limit: u32,
    now: Timestamp,
) -> Result<Vec<Job>, DbErr> {
    let rows = Entity::find()
        .filter(condition(filter).add_option(before.map(|id| Column::Id.lt(id))))
        .order_by_desc(Column::Id)
        .limit(u64::from(limit) + 1)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.into_job(now)).collect())
}

pub(crate) async fn count(db: &impl ConnectionTrait, filter: &JobFilter) -> Result<u64, DbErr> {
    Entity::find().filter(condition(filter)).count(db).await
}

/// The ids that an order for many is for, the oldest first.
pub(crate) async fn ids(
    db: &impl ConnectionTrait,
    filter: &JobFilter,
    states: &[JobState],
    after: i64,
    limit: u64,
) -> Result<Vec<i64>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(condition(filter))
        .filter(Column::Id.gt(after))
        .filter(Column::State.is_in(states.iter().map(|state| state.as_str())))
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}

fn condition(filter: &JobFilter) -> Condition {
    let equal =
        |column: Column, value: &Option<String>| value.as_ref().map(|v| column.eq(v.as_str()));
    let search = filter
        .search
        .as_deref()
        .filter(|text| !text.is_empty())
        .map(|text| {
            let escaped = without_nul(text)
                .replace('\\', r"\\")
                .replace('%', r"\%")
                .replace('_', r"\_");
            let pattern = || LikeExpr::new(format!("%{escaped}%")).escape('\\');
            Condition::any()
                .add(Expr::col(Column::Args).like(pattern()))
                .add(Expr::col(Column::UniqueKey).like(pattern()))
                .add(Expr::col(Column::LastError).like(pattern()))
        });
    let states = filter.state.iter().map(|state| state.as_str());
    Condition::all()
        .add_option((!filter.state.is_empty()).then(|| Column::State.is_in(states)))
        .add_option(equal(Column::Kind, &filter.kind))
        .add_option(equal(Column::Queue, &filter.queue))
        .add_option(search)
}

/// Puts an ended job back into its queue, with other arguments if there are any. Tells whether it
/// was there to be put back.
pub(crate) async fn requeue(
    tx: &impl ConnectionTrait,
    id: i64,
    args: Option<&Json>,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let changed = execute(
        tx,
        "UPDATE job SET state = 'queued', run_at = $1, rank = $1 - priority * $2, errors = 0, \
         crashes = 0, cancel_at = NULL, ended_at = NULL, result = NULL, progress = NULL, \
         checkpoint = CASE WHEN $3 IS NULL AND state <> 'succeeded' THEN checkpoint END, \
         args = COALESCE($3, args) \
         WHERE id = $4 AND state IN ('failed', 'cancelled', 'set_aside', 'succeeded')",
        [
            now.as_millisecond().into(),
            AGEING_MILLIS.into(),
            args.map(Json::to_string).into(),
            id.into(),
        ],
    )
    .await?;
    Ok(changed == 1)
}

/// Ends a job that nobody has begun, or asks the worker that has it to end it: in one statement, so
/// that a worker which claims it or gives it back at the same moment changes nothing about it.
pub(crate) async fn cancel(
    tx: &impl ConnectionTrait,
    id: i64,
    now: Timestamp,
) -> Result<(), DbErr> {
    execute(
        tx,
        "UPDATE job SET state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END, \
         ended_at = CASE WHEN state = 'queued' THEN $1 END, \
         cancel_at = CASE WHEN state = 'running' THEN COALESCE(cancel_at, $1) END \
         WHERE id = $2 AND state IN ('queued', 'running')",
        [now.as_millisecond().into(), id.into()],
    )
    .await?;
    Ok(())
}

/// Of the jobs that `worker` has, those whose end was asked for.
pub(crate) async fn to_cancel(db: &impl ConnectionTrait, worker: &str) -> Result<Vec<i64>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::WorkerId.eq(worker))
        .filter(Column::State.eq(JobState::Running.as_str()))
        .filter(Column::CancelAt.is_not_null())
        .into_tuple()
        .all(db)
        .await
}

/// The attempts that did not end well, the newest first.
pub(crate) async fn attempts(db: &impl ConnectionTrait, id: i64) -> Result<Vec<Attempt>, DbErr> {
    let rows = attempt::Entity::find()
        .filter(attempt::Column::JobId.eq(id))
        .order_by_desc(attempt::Column::Id)
        .limit(1_000)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Attempt::from).collect())
}

/// Jobs by queue and state, for the list of queues and the metrics.
pub(crate) async fn count_by_queue(
    db: &impl ConnectionTrait,
) -> Result<HashMap<(String, JobState), u64>, DbErr> {
    let rows = query(
        db,
        "SELECT queue, state, COUNT(*) AS jobs FROM job GROUP BY queue, state",
        [],
    )
    .await?;
    let mut counts = HashMap::new();
    for row in rows {
        let state: String = row.try_get("", "state")?;
        if let Some(state) = JobState::parse(&state) {
            let jobs: i64 = row.try_get("", "jobs")?;
            let key = (row.try_get("", "queue")?, state);
            counts.insert(key, u64::try_from(jobs).unwrap_or(0));
        }
    }
    Ok(counts)
}

/// Removes jobs that ended before `before`, at most `limit` of them. Tells how many.
pub(crate) async fn forget(
    tx: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<u64, DbErr> {
    execute(
        tx,
        format!(
            "DELETE FROM job WHERE id IN \
             (SELECT id FROM job WHERE ended_at IS NOT NULL AND ended_at < $1 ORDER BY ended_at LIMIT {limit})"
        ),
        [before.as_millisecond().into()],
    )
    .await
}

/// When the job ended that is the first one too many if `keep` are kept.
pub(crate) async fn end_of_the_oldest_kept(
    db: &impl ConnectionTrait,
    keep: u64,
) -> Result<Option<Timestamp>, DbErr> {
    let at: Option<Option<Ts>> = Entity::find()
        .select_only()
        .column(Column::EndedAt)
        .filter(Column::EndedAt.is_not_null())
        .order_by_desc(Column::EndedAt)
        .offset(keep)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(at.flatten().map(Timestamp::from))
}

impl row::Model {
    fn into_job(self, now: Timestamp) -> Job {
        let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
        let state = JobState::parse(&self.state).unwrap_or(JobState::SetAside);
        let progress = self
            .progress
            .and_then(|text| serde_json::from_str::<Progress>(&text).ok());
        let begun = self.started_at.filter(|_| state == JobState::Running);
        let rate = begun
            .zip(progress.as_ref())
            .and_then(|(begun, progress)| rate(progress.done, begun.into(), now));
        let seconds_left = progress.as_ref().and_then(|progress| {
            let left = progress.total?.saturating_sub(progress.done);
            rate.filter(|rate| *rate > 0.0)
                .map(|rate| left as f64 / rate)
        });
        Job {
            id: self.id,
            kind: self.kind,
            queue: self.queue,
            state,
            priority: self.priority,
            args: json(Some(self.args)).unwrap_or(Json::Null),
            unique_key: self.unique_key,
            lane: self.lane,
            run_at: self.run_at.into(),
            attempts: self.attempts,
            errors: self.errors,
            crashes: self.crashes,
            max_attempts: self.max_attempts,
            worker: self.worker_id,
            progress,
            rate,
            seconds_left,
            result: json(self.result),
            last_error: self.last_error,
            is_ending: self.cancel_at.is_some() && state == JobState::Running,
            created_by: self.created_by,
            created_at: self.created_at.into(),
            started_at: self.started_at.map(Timestamp::from),
            ended_at: self.ended_at.map(Timestamp::from),
        }
    }
}

/// Steps a second since `begun`.
fn rate(done: u64, begun: Timestamp, now: Timestamp) -> Option<f64> {
    let seconds = now.duration_since(begun).as_secs_f64();
    (seconds > 0.0).then(|| done as f64 / seconds)
}

impl From<attempt::Model> for Attempt {
    fn from(row: attempt::Model) -> Self {
        Self {
            attempt: row.attempt,
            worker: row.worker,
            outcome: row.outcome,
            error: row.error,
            started_at: row.started_at.map(Timestamp::from),
            ended_at: row.ended_at.into(),
        }
    }
}
