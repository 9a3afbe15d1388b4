//! The table of workers: who may hold jobs, and whether they still show signs of life.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::{execute, query};
use crate::model::WorkerView;

/// A worker as it stands in its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WorkerRow {
    pub(crate) id: String,
    pub(crate) host: String,
    pub(crate) boot: String,
    pub(crate) pid: i64,
    pub(crate) start_ticks: i64,
    pub(crate) version: String,
    pub(crate) slots: i32,
    /// Grows with each sign of life. Watchers look whether it changes, by their own clock: what
    /// clocks of machines show plays no part in who is alive.
    pub(crate) beats: i64,
    pub(crate) seen_at: Timestamp,
    pub(crate) started_at: Timestamp,
    /// How many jobs it holds.
    pub(crate) running: i64,
}

pub(crate) async fn insert(tx: &impl ConnectionTrait, worker: &WorkerRow) -> Result<(), DbErr> {
    execute(
        tx,
        "INSERT INTO job_worker \
         (id, host, boot, pid, start_ticks, version, slots, beats, started_at, seen_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
        [
            worker.id.as_str().into(),
            worker.host.as_str().into(),
            worker.boot.as_str().into(),
            worker.pid.into(),
            worker.start_ticks.into(),
            worker.version.as_str().into(),
            worker.slots.into(),
            worker.beats.into(),
            worker.started_at.as_millisecond().into(),
            worker.seen_at.as_millisecond().into(),
        ],
    )
    .await?;
    Ok(())
}

/// Shows a sign of life. Tells whether the worker is still known: if not, others have its jobs.
pub(crate) async fn beat(
    tx: &impl ConnectionTrait,
    id: &str,
    slots: i32,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let changed = execute(
        tx,
        "UPDATE job_worker SET beats = beats + 1, slots = $1, seen_at = $2 WHERE id = $3",
        [slots.into(), now.as_millisecond().into(), id.into()],
    )
    .await?;
    Ok(changed == 1)
}

/// Every worker, and how many jobs each holds.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<WorkerRow>, DbErr> {
    let rows = query(
        db,
        "SELECT w.*, (SELECT COUNT(*) FROM job WHERE job.worker_id = w.id AND job.state = 'running') AS running \
         FROM job_worker w ORDER BY w.started_at, w.id",
        [],
    )
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &QueryResult) -> Result<WorkerRow, DbErr> {
    let instant = |column| -> Result<Timestamp, DbErr> {
        let millis: i64 = row.try_get("", column)?;
        Ok(Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MIN))
    };
    Ok(WorkerRow {
        id: row.try_get("", "id")?,
        host: row.try_get("", "host")?,
        boot: row.try_get("", "boot")?,
        pid: row.try_get("", "pid")?,
        start_ticks: row.try_get("", "start_ticks")?,
        version: row.try_get("", "version")?,
        slots: row.try_get("", "slots")?,
        beats: row.try_get("", "beats")?,
        seen_at: instant("seen_at")?,
        started_at: instant("started_at")?,
        running: row.try_get("", "running")?,
    })
}

/// Removes a worker that has shown no sign of life since `beats`. Tells whether it was removed.
pub(crate) async fn remove_if_still(
    tx: &impl ConnectionTrait,
    id: &str,
    beats: i64,
) -> Result<bool, DbErr> {
    let removed = execute(
        tx,
        "DELETE FROM job_worker WHERE id = $1 AND beats = $2",
        [id.into(), beats.into()],
    )
    .await?;
    Ok(removed == 1)
}

pub(crate) async fn remove(tx: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
    execute(tx, "DELETE FROM job_worker WHERE id = $1", [id.into()]).await?;
    Ok(())
}

/// Workers that are in no row any more and still stand as holders of jobs.
pub(crate) async fn vanished(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let rows = query(
        db,
        "SELECT DISTINCT worker_id FROM job WHERE state = 'running' \
         AND worker_id NOT IN (SELECT id FROM job_worker)",
        [],
    )
    .await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

impl From<WorkerRow> for WorkerView {
    fn from(row: WorkerRow) -> Self {
        Self {
            id: row.id,
            host: row.host,
            pid: row.pid,
            version: row.version,
            slots: row.slots,
            running: u64::try_from(row.running).unwrap_or(0),
            started_at: row.started_at,
            seen_at: row.seen_at,
        }
    }
}
