//! The table of queues: pauses, weights and limits.

use std::collections::HashMap;

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::{count, execute, is_postgres, query, without_nul};
use crate::model::{Queue, QueuePatch};

/// A queue that is not paused, locked for a claim.
pub(crate) struct Open {
    pub(crate) name: String,
    pub(crate) weight: usize,
    max_running: Option<i32>,
    bucket: Option<Bucket>,
}

/// Tokens of a queue that may begin only so many jobs a second.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bucket {
    rate: f64,
    tokens: f64,
    at: i64,
}

/// The queues that are not paused, by name. On PostgreSQL their rows stay locked until the transaction
/// ends: two claims at once would each see room for one more.
pub(crate) async fn lock(tx: &impl ConnectionTrait) -> Result<Vec<Open>, DbErr> {
    // In one order, so that no two claims wait for each other.
    let lock = if is_postgres(tx) { " FOR UPDATE" } else { "" };
    let sql = format!(
        "SELECT name, weight, max_running, rate, tokens, tokens_at FROM job_queue \
         WHERE paused_at IS NULL ORDER BY name{lock}"
    );
    let rows = query(tx, sql, []).await?;
    rows.iter().map(Open::of).collect()
}

impl Open {
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        let weight: i32 = row.try_get("", "weight")?;
        Ok(Self {
            name: row.try_get("", "name")?,
            weight: usize::try_from(weight).unwrap_or(1).max(1),
            max_running: row.try_get("", "max_running")?,
            bucket: Bucket::of(row)?,
        })
    }

    /// How many of `wanted` jobs may begin now.
    pub(crate) async fn allow(
        &mut self,
        tx: &impl ConnectionTrait,
        wanted: usize,
        now: Timestamp,
    ) -> Result<usize, DbErr> {
        let mut allowed = wanted;
        if let Some(most) = self.max_running {
            let running = running(tx, &self.name).await?;
            let room = i64::from(most).saturating_sub(running).max(0);
            allowed = allowed.min(usize::try_from(room).unwrap_or(0));
        }
        if let Some(bucket) = &mut self.bucket {
            bucket.refill(now.as_millisecond());
            allowed = allowed.min(bucket.whole());
        }
        Ok(allowed)
    }

    /// Notes that `begun` jobs begin.
    pub(crate) async fn spend(
        &mut self,
        tx: &impl ConnectionTrait,
        begun: usize,
    ) -> Result<(), DbErr> {
        let Some(bucket) = &mut self.bucket else {
            return Ok(());
        };
        bucket.tokens -= begun as f64;
        execute(
            tx,
            "UPDATE job_queue SET tokens = $1, tokens_at = $2 WHERE name = $3",
            [
                bucket.tokens.into(),
                bucket.at.into(),
                self.name.as_str().into(),
            ],
        )
        .await?;
        Ok(())
    }
}

/// By how many milliseconds the clocks of two machines may differ.
const FAR: i64 = 60_000;

impl Bucket {
    fn of(row: &QueryResult) -> Result<Option<Self>, DbErr> {
        let Some(rate) = row.try_get::<Option<f64>>("", "rate")? else {
            return Ok(None);
        };
        let tokens: Option<f64> = row.try_get("", "tokens")?;
        let at: Option<i64> = row.try_get("", "tokens_at")?;
        Ok(Some(Self {
            rate,
            tokens: tokens.unwrap_or(rate),
            at: at.unwrap_or(0),
        }))
    }

    /// Holds what a second brings, and at least one.
    fn refill(&mut self, now: i64) {
        // The clock of this machine may be behind another's: what that one brought is not brought
        // again. One that is far behind was set back.
        if now < self.at && self.at - now < FAR {
            return;
        }
        let millis = (now - self.at).max(0) as f64;
        let most = self.rate.max(1.0);
        self.tokens = (self.tokens + millis * self.rate / 1_000.0).min(most);
        self.at = now;
    }

    fn whole(&self) -> usize {
        // Beyond the bounds of both is no rate that anybody sets.
        self.tokens.floor().clamp(0.0, 1e9) as usize
    }
}

async fn running(db: &impl ConnectionTrait, queue: &str) -> Result<i64, DbErr> {
    let rows = query(
        db,
        "SELECT COUNT(*) AS jobs FROM job WHERE state = 'running' AND queue = $1",
        [queue.into()],
    )
    .await?;
    rows.first().map_or(Ok(0), |row| row.try_get("", "jobs"))
}

/// Makes the rows of queues that are not there yet.
pub(crate) async fn ensure(tx: &impl ConnectionTrait, names: &[&str]) -> Result<(), DbErr> {
    for name in names {
        execute(
            tx,
            "INSERT INTO job_queue (name, weight) VALUES ($1, 1) ON CONFLICT (name) DO NOTHING",
            [(*name).into()],
        )
        .await?;
    }
    // A kind may have moved to another queue; what waits in its old one is still claimed.
    execute(
        tx,
        "INSERT INTO job_queue (name, weight) \
         SELECT DISTINCT queue, 1 FROM job WHERE state = 'queued' ON CONFLICT (name) DO NOTHING",
        [],
    )
    .await?;
    Ok(())
}

/// When the next job of these queues is due; `None` when none waits.
pub(crate) async fn next_due(db: &impl ConnectionTrait) -> Result<Option<i64>, DbErr> {
    let sql = "SELECT run_at AS due FROM job WHERE state = 'queued' \
               AND queue NOT IN (SELECT name FROM job_queue WHERE paused_at IS NOT NULL) \
               ORDER BY run_at LIMIT 1";
    let rows = query(db, sql, []).await?;
    rows.first().map_or(Ok(None), |row| row.try_get("", "due"))
}

/// Every queue with what waits in it.
pub(crate) async fn list(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<Queue>, DbErr> {
    let now = now.as_millisecond();
    let counts = counts(db, now).await?;
    let rows = query(db, "SELECT * FROM job_queue ORDER BY name", []).await?;
    rows.iter()
        .map(|row| {
            let queue = read(row)?;
            let counted = counts.get(&queue.name).cloned().unwrap_or_default();
            Ok(counted.onto(queue))
        })
        .collect()
}

fn read(row: &QueryResult) -> Result<Queue, DbErr> {
    let paused_at: Option<i64> = row.try_get("", "paused_at")?;
    Ok(Queue {
        name: row.try_get("", "name")?,
        weight: row.try_get("", "weight")?,
        max_running: row.try_get("", "max_running")?,
        rate: row.try_get("", "rate")?,
        paused_at: paused_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
        paused_by: row.try_get("", "paused_by")?,
        pause_reason: row.try_get("", "pause_reason")?,
        waiting: 0,
        later: 0,
        running: 0,
        failed: 0,
        oldest: None,
        done_last_hour: 0,
    })
}

#[derive(Clone, Debug, Default)]
struct Counts {
    waiting: u64,
    later: u64,
    running: u64,
    failed: u64,
    oldest: Option<i64>,
    done_last_hour: u64,
}

impl Counts {
    fn onto(self, queue: Queue) -> Queue {
        Queue {
            waiting: self.waiting,
            later: self.later,
            running: self.running,
            failed: self.failed,
            oldest: self
                .oldest
                .and_then(|at| Timestamp::from_millisecond(at).ok()),
            done_last_hour: self.done_last_hour,
            ..queue
        }
    }
}

async fn counts(db: &impl ConnectionTrait, now: i64) -> Result<HashMap<String, Counts>, DbErr> {
    const HOUR_MILLIS: i64 = 3_600_000;
    let sql = "SELECT queue, \
        SUM(CASE WHEN state = 'queued' AND run_at <= $1 THEN 1 ELSE 0 END) AS waiting, \
        SUM(CASE WHEN state = 'queued' AND run_at > $1 THEN 1 ELSE 0 END) AS later, \
        SUM(CASE WHEN state = 'running' THEN 1 ELSE 0 END) AS running, \
        SUM(CASE WHEN state IN ('failed', 'set_aside') THEN 1 ELSE 0 END) AS failed, \
        MIN(CASE WHEN state = 'queued' AND run_at <= $1 THEN run_at END) AS oldest, \
        SUM(CASE WHEN state = 'succeeded' AND ended_at > $2 THEN 1 ELSE 0 END) AS done \
        FROM job GROUP BY queue";
    let rows = query(db, sql, [now.into(), (now - HOUR_MILLIS).into()]).await?;
    let mut counts = HashMap::new();
    for row in rows {
        let of_queue = Counts {
            waiting: count(&row, "waiting")?,
            later: count(&row, "later")?,
            running: count(&row, "running")?,
            failed: count(&row, "failed")?,
            oldest: row.try_get("", "oldest")?,
            done_last_hour: count(&row, "done")?,
        };
        counts.insert(row.try_get("", "queue")?, of_queue);
    }
    Ok(counts)
}

/// Changes a queue. Tells whether there is one of this name.
pub(crate) async fn patch(
    tx: &impl ConnectionTrait,
    name: &str,
    patch: &QueuePatch,
    by: &str,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let mut changed = true;
    if let Some(weight) = patch.weight {
        let sql = "UPDATE job_queue SET weight = $1 WHERE name = $2";
        changed &= execute(tx, sql, [weight.into(), name.into()]).await? == 1;
    }
    if let Some(most) = patch.max_running {
        let sql = "UPDATE job_queue SET max_running = $1 WHERE name = $2";
        changed &= execute(tx, sql, [most.into(), name.into()]).await? == 1;
    }
    if let Some(rate) = patch.rate {
        let sql = "UPDATE job_queue SET rate = $1, tokens = $1, tokens_at = $2 WHERE name = $3";
        let values = [rate.into(), now.as_millisecond().into(), name.into()];
        changed &= execute(tx, sql, values).await? == 1;
    }
    if let Some(paused) = patch.paused {
        let sql = "UPDATE job_queue SET paused_at = $1, paused_by = $2, pause_reason = $3 WHERE name = $4";
        let values = [
            paused.then(|| now.as_millisecond()).into(),
            paused.then(|| by.to_owned()).into(),
            patch
                .reason
                .as_deref()
                .filter(|_| paused)
                .map(|reason| without_nul(reason).into_owned())
                .into(),
            name.into(),
        ];
        changed &= execute(tx, sql, values).await? == 1;
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_fills_with_time_and_holds_a_second() {
        let mut bucket = Bucket {
            rate: 4.0,
            tokens: 0.0,
            at: 1_000,
        };
        bucket.refill(1_500);
        assert_eq!(bucket.whole(), 2);
        bucket.refill(60_000);
        assert_eq!(bucket.whole(), 4);
        bucket.refill(2_000);
        assert_eq!(
            bucket.whole(),
            4,
            "a clock that went back takes nothing away"
        );
        let mut slow = Bucket {
            rate: 0.1,
            tokens: 0.0,
            at: 0,
        };
        slow.refill(10_000);
        assert_eq!(slow.whole(), 1);
    }
}
