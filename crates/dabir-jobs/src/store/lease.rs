//! Who has which job: claiming, finishing, giving back and taking back. Every write of a worker
//! carries the token of its claim and does nothing when the job has another one.

use std::collections::HashMap;
use std::time::Duration;

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use serde_json::Value as Json;

use super::queues::Open;
use super::{execute, is_postgres, places, query, without_nul};
use crate::backoff::Backoff;
use crate::model::{AGEING_MILLIS, JobState, MAX_CRASHES};

/// A job in a worker's hands.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub(crate) id: i64,
    pub(crate) token: String,
    pub(crate) kind: String,
    pub(crate) queue: String,
    pub(crate) args: Json,
    pub(crate) attempt: i32,
    pub(crate) errors: i32,
    pub(crate) max_attempts: i32,
    pub(crate) checkpoint: Option<Json>,
}

/// How an attempt ended, as it is written.
#[derive(Clone, Debug)]
pub(crate) struct Finish {
    pub(crate) id: i64,
    pub(crate) token: String,
    pub(crate) state: JobState,
    /// When it is tried again.
    pub(crate) run_at: Option<Timestamp>,
    pub(crate) errors: i32,
    /// -1 for a job that is given back as if it had never been begun.
    pub(crate) attempts: i32,
    pub(crate) result: Option<String>,
    pub(crate) error: Option<String>,
    /// The word of the attempt's history; `None` when it leaves no trace there.
    pub(crate) outcome: Option<&'static str>,
    pub(crate) at: Timestamp,
}

impl Finish {
    /// A job that goes back as if it had never been begun.
    pub(crate) fn given_back(id: i64, token: String, at: Timestamp) -> Self {
        Self {
            id,
            token,
            state: JobState::Queued,
            run_at: None,
            errors: 0,
            attempts: -1,
            result: None,
            error: None,
            outcome: None,
            at,
        }
    }

    /// Its columns, in the order in which [`ROWS_OF_SQLITE`] names them.
    fn as_row(&self) -> Json {
        serde_json::json!([
            self.id,
            self.token,
            self.state.as_str(),
            self.run_at.map(Timestamp::as_millisecond),
            self.errors,
            self.attempts,
            self.result.as_deref().map(without_nul),
            self.error.as_deref().map(without_nul),
            self.at.as_millisecond(),
        ])
    }
}

/// Who claims, and what for.
pub(crate) struct Claimer<'a> {
    pub(crate) worker: &'a str,
    /// New for each claim.
    pub(crate) token: &'a str,
    /// The kinds that the worker knows; others wait for one that does.
    pub(crate) kinds: &'a [&'static str],
    pub(crate) now: Timestamp,
}

impl Claimer<'_> {
    /// Claims up to `wanted` due jobs of one queue, within the queue's limits and those of lanes.
    pub(crate) async fn claim(
        &self,
        tx: &impl ConnectionTrait,
        queue: &mut Open,
        wanted: usize,
    ) -> Result<Vec<Claimed>, DbErr> {
        if self.kinds.is_empty() {
            return Ok(Vec::new());
        }
        let mut left = queue.allow(tx, wanted, self.now).await?;
        let mut claimed = Vec::new();
        // Those of a lane that fills up meanwhile may hide others; the next look leaves them out.
        while left > 0 {
            let (ids, hidden) = self.candidates(tx, &queue.name, left).await?;
            if !ids.is_empty() {
                queue.spend(tx, ids.len()).await?;
                claimed.extend(self.take(tx, &ids).await?);
            }
            left -= ids.len();
            if !hidden || ids.is_empty() {
                break;
            }
        }
        Ok(claimed)
    }

    /// Due jobs in their order, none of a lane that is full; and whether there were some of a lane
    /// that these fill up.
    async fn candidates(
        &self,
        tx: &impl ConnectionTrait,
        queue: &str,
        wanted: usize,
    ) -> Result<(Vec<i64>, bool), DbErr> {
        let mut lanes = running_lanes(tx, queue).await?;
        let full: Vec<&String> = lanes
            .iter()
            .filter(|(_, (running, limit))| running >= limit)
            .map(|(lane, _)| lane)
            .collect();
        let mut values: Vec<Value> = vec![queue.into(), self.now.as_millisecond().into()];
        values.extend(self.kinds.iter().map(|kind| Value::from(*kind)));
        let mut sql = format!(
            "SELECT id, lane, lane_limit FROM job WHERE state = 'queued' AND queue = $1 \
             AND run_at <= $2 AND kind IN ({})",
            places(3, self.kinds.len())
        );
        if !full.is_empty() {
            sql += &format!(
                " AND (lane IS NULL OR lane NOT IN ({}))",
                places(values.len() + 1, full.len())
            );
            values.extend(full.iter().map(|lane| Value::from(lane.as_str())));
        }
        values.push(i64::try_from(wanted).unwrap_or(i64::MAX).into());
        sql += &format!(" ORDER BY rank, id LIMIT ${}", values.len());
        if is_postgres(tx) {
            sql += " FOR UPDATE SKIP LOCKED";
        }
        let rows = query(tx, sql, values).await?;
        let mut chosen = Vec::new();
        for row in &rows {
            if has_room(&mut lanes, row)? {
                chosen.push(row.try_get("", "id")?);
            }
        }
        let hidden = chosen.len() < rows.len();
        Ok((chosen, hidden))
    }

    async fn take(&self, tx: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<Claimed>, DbErr> {
        let ids_of = if is_postgres(tx) {
            "SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST($4 AS JSONB))"
        } else {
            "SELECT value FROM json_each($4)"
        };
        let sql = format!(
            "UPDATE job SET state = 'running', worker_id = $1, token = $2, started_at = $3, \
             attempts = attempts + 1, progress = NULL \
             WHERE id IN ({ids_of}) AND state = 'queued' \
             RETURNING id, kind, queue, args, attempts, errors, max_attempts, checkpoint, rank"
        );
        let values = [
            self.worker.into(),
            self.token.into(),
            self.now.as_millisecond().into(),
            Json::from(ids).to_string().into(),
        ];
        let mut claimed = Vec::with_capacity(ids.len());
        for row in query(tx, sql, values).await? {
            let rank: i64 = row.try_get("", "rank")?;
            claimed.push((rank, self.claimed(&row)?));
        }
        // An update answers in no order.
        claimed.sort_by_key(|(rank, job)| (*rank, job.id));
        Ok(claimed.into_iter().map(|(_, job)| job).collect())
    }

    fn claimed(&self, row: &QueryResult) -> Result<Claimed, DbErr> {
        let args: String = row.try_get("", "args")?;
        let checkpoint: Option<String> = row.try_get("", "checkpoint")?;
        Ok(Claimed {
            id: row.try_get("", "id")?,
            token: self.token.to_owned(),
            kind: row.try_get("", "kind")?,
            queue: row.try_get("", "queue")?,
            args: serde_json::from_str(&args).unwrap_or(Json::Null),
            attempt: row.try_get("", "attempts")?,
            errors: row.try_get("", "errors")?,
            max_attempts: row.try_get("", "max_attempts")?,
            checkpoint: checkpoint.and_then(|text| serde_json::from_str(&text).ok()),
        })
    }
}

/// How many jobs of each lane run, and how many may.
async fn running_lanes(
    tx: &impl ConnectionTrait,
    queue: &str,
) -> Result<HashMap<String, (i64, i64)>, DbErr> {
    let rows = query(
        tx,
        "SELECT lane, COUNT(*) AS running, MIN(lane_limit) AS most FROM job \
         WHERE state = 'running' AND queue = $1 AND lane IS NOT NULL GROUP BY lane",
        [queue.into()],
    )
    .await?;
    rows.iter()
        .map(|row| {
            let most: i32 = row.try_get("", "most")?;
            Ok((
                row.try_get("", "lane")?,
                (row.try_get("", "running")?, most.into()),
            ))
        })
        .collect()
}

/// Whether the lane of this candidate has room, which is then taken.
fn has_room(lanes: &mut HashMap<String, (i64, i64)>, row: &QueryResult) -> Result<bool, DbErr> {
    let Some(lane) = row.try_get::<Option<String>>("", "lane")? else {
        return Ok(true);
    };
    let limit: Option<i32> = row.try_get("", "lane_limit")?;
    let limit = i64::from(limit.unwrap_or(1));
    let (running, _) = lanes.entry(lane).or_insert((0, limit));
    let fits = *running < limit;
    *running += i64::from(fits);
    Ok(fits)
}

/// Endings as rows of a table `v`, out of one JSON text: the statement stays the same however many
/// they are, and is parsed once.
const ROWS_OF_SQLITE: &str = "WITH v AS (SELECT value ->> 0 AS id, value ->> 1 AS token, \
    value ->> 2 AS state, value ->> 3 AS run_at, value ->> 4 AS errors, value ->> 5 AS attempts, \
    value ->> 6 AS result, value ->> 7 AS error, value ->> 8 AS at FROM json_each($1))";
const ROWS_OF_POSTGRES: &str = "WITH v AS (SELECT CAST(value ->> 0 AS BIGINT) AS id, \
    value ->> 1 AS token, value ->> 2 AS state, CAST(value ->> 3 AS BIGINT) AS run_at, \
    CAST(value ->> 4 AS INTEGER) AS errors, CAST(value ->> 5 AS INTEGER) AS attempts, \
    value ->> 6 AS result, value ->> 7 AS error, CAST(value ->> 8 AS BIGINT) AS at \
    FROM jsonb_array_elements(CAST($1 AS JSONB)))";

/// Writes how attempts ended, and answers with the ids of those that were still the writer's.
pub(crate) async fn finish(
    tx: &impl ConnectionTrait,
    finishes: &[Finish],
) -> Result<Vec<i64>, DbErr> {
    if finishes.is_empty() {
        return Ok(Vec::new());
    }
    let rows = if is_postgres(tx) {
        ROWS_OF_POSTGRES
    } else {
        ROWS_OF_SQLITE
    };
    // A job whose end was asked for is not tried again, whatever became of the attempt.
    let is_over = "v.state = 'queued' AND job.cancel_at IS NOT NULL";
    let sql = format!(
        "{rows} UPDATE job SET \
         state = CASE WHEN {is_over} THEN 'cancelled' ELSE v.state END, \
         ended_at = CASE WHEN {is_over} THEN v.at WHEN v.state = 'queued' THEN NULL ELSE v.at END, \
         run_at = COALESCE(v.run_at, job.run_at), \
         rank = COALESCE(v.run_at, job.run_at) - job.priority * {AGEING_MILLIS}, \
         errors = job.errors + v.errors, attempts = job.attempts + v.attempts, \
         result = v.result, last_error = COALESCE(v.error, job.last_error), token = NULL \
         FROM v WHERE job.id = v.id AND job.token = v.token RETURNING job.id"
    );
    let values: Vec<Json> = finishes.iter().map(Finish::as_row).collect();
    let ids: Vec<i64> = query(tx, sql, [Json::from(values).to_string().into()])
        .await?
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, _>>()?;
    remember_attempts(tx, finishes, &ids).await?;
    Ok(ids)
}

async fn remember_attempts(
    tx: &impl ConnectionTrait,
    finishes: &[Finish],
    ids: &[i64],
) -> Result<(), DbErr> {
    for finish in finishes.iter().filter(|finish| ids.contains(&finish.id)) {
        if let Some(outcome) = finish.outcome {
            remember_attempt(tx, finish.id, outcome, finish.error.as_deref(), finish.at).await?;
        }
    }
    Ok(())
}

async fn remember_attempt(
    tx: &impl ConnectionTrait,
    id: i64,
    outcome: &'static str,
    error: Option<&str>,
    at: Timestamp,
) -> Result<(), DbErr> {
    execute(
        tx,
        "INSERT INTO job_attempt (job_id, attempt, worker, outcome, error, started_at, ended_at) \
         SELECT id, attempts, worker_id, $1, $2, started_at, $3 FROM job WHERE id = $4",
        [
            outcome.into(),
            error.map(|error| without_nul(error).into_owned()).into(),
            at.as_millisecond().into(),
            id.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Writes how far a job is. Tells whether it was still the writer's.
pub(crate) async fn set_progress(
    tx: &impl ConnectionTrait,
    id: i64,
    token: &str,
    progress: &str,
) -> Result<bool, DbErr> {
    let changed = execute(
        tx,
        "UPDATE job SET progress = $1 WHERE id = $2 AND token = $3",
        [progress.into(), id.into(), token.into()],
    )
    .await?;
    Ok(changed == 1)
}

/// Keeps a checkpoint. A job that gets on, to another one than before, does not kill its workers: its
/// crashes are forgiven.
pub(crate) async fn set_checkpoint(
    tx: &impl ConnectionTrait,
    id: i64,
    token: &str,
    checkpoint: &str,
) -> Result<bool, DbErr> {
    let changed = execute(
        tx,
        "UPDATE job SET crashes = CASE WHEN checkpoint IS DISTINCT FROM $1 THEN 0 ELSE crashes END, \
         checkpoint = $1 WHERE id = $2 AND token = $3",
        [checkpoint.into(), id.into(), token.into()],
    )
    .await?;
    Ok(changed == 1)
}

/// The jobs that stand as `worker`'s, with their tokens.
pub(crate) async fn held(
    db: &impl ConnectionTrait,
    worker: &str,
) -> Result<Vec<(i64, String)>, DbErr> {
    let rows = query(
        db,
        "SELECT id, token FROM job WHERE worker_id = $1 AND state = 'running'",
        [worker.into()],
    )
    .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "id")?, row.try_get("", "token")?)))
        .collect()
}

/// What became of the jobs of a dead worker.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TakenBack {
    pub(crate) again: Vec<i64>,
    pub(crate) set_aside: Vec<i64>,
}

/// Takes up to `limit` jobs back from a worker that is gone.
pub(crate) async fn take_back(
    tx: &impl ConnectionTrait,
    worker: &str,
    limit: u64,
    now: Timestamp,
) -> Result<TakenBack, DbErr> {
    let lock = if is_postgres(tx) { " FOR UPDATE" } else { "" };
    let rows = query(
        tx,
        format!(
            "SELECT id, crashes FROM job WHERE worker_id = $1 AND state = 'running' \
             ORDER BY id LIMIT {limit}{lock}"
        ),
        [worker.into()],
    )
    .await?;
    let mut taken = TakenBack::default();
    for row in rows {
        let id: i64 = row.try_get("", "id")?;
        let crashes: i32 = row.try_get::<i32>("", "crashes")? + 1;
        remember_attempt(tx, id, "crashed", Some("its worker died"), now).await?;
        if take_one_back(tx, id, crashes, now).await? {
            taken.set_aside.push(id);
        } else {
            taken.again.push(id);
        }
    }
    Ok(taken)
}

/// How long a job waits after its worker died: the more often, the longer, so that those who only
/// stood beside the culprit are done before it comes again.
const AFTER_CRASH: Backoff = Backoff {
    first: Duration::from_secs(1),
    most: Duration::from_secs(60),
};

/// Tells whether it was set aside.
async fn take_one_back(
    tx: &impl ConnectionTrait,
    id: i64,
    crashes: i32,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let set_aside = crashes >= MAX_CRASHES;
    // The first time may be chance: a machine that was switched off, a worker that was killed.
    let wait = if crashes < 2 {
        Duration::ZERO
    } else {
        AFTER_CRASH.after(crashes)
    };
    let run_at = now.saturating_add(wait).unwrap_or(now);
    let state = if set_aside {
        JobState::SetAside
    } else {
        JobState::Queued
    };
    execute(
        tx,
        format!(
            "UPDATE job SET crashes = $1, token = NULL, run_at = $2, \
             rank = $2 - priority * {AGEING_MILLIS}, \
             state = CASE WHEN cancel_at IS NOT NULL THEN 'cancelled' ELSE $3 END, \
             ended_at = CASE WHEN cancel_at IS NOT NULL OR $3 = 'set_aside' THEN $4 END, \
             last_error = CASE WHEN $3 = 'set_aside' THEN 'its worker died each time' ELSE last_error END \
             WHERE id = $5"
        ),
        [
            crashes.into(),
            run_at.as_millisecond().into(),
            state.as_str().into(),
            now.as_millisecond().into(),
            id.into(),
        ],
    )
    .await?;
    Ok(set_aside)
}
