//! The table of runs, `data_syncs`.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Value};

use super::{count, execute, notices, query, signed, time, time_if_any};
use crate::model::{Counts, MAX_ERROR, Mode, Notes, Progress, Run, Status};

const COLUMNS: &str = "id, source, mode, status, job_id, retry_of, created_by, created_at, \
     started_at, finished_at, duration, records_count, rows_new, rows_changed, rows_same, \
     rows_failed, rows_vanished, rows_held, rows_expected, requests, repeats, stage, \
     error_message";

/// How many runs are looked at for what is new.
const NEWEST: u64 = 50;

/// A run that is asked for.
pub(crate) struct NewRun<'a> {
    pub(crate) source: &'a str,
    pub(crate) mode: Mode,
    pub(crate) job_id: i64,
    pub(crate) retry_of: Option<i64>,
    pub(crate) by: &'a str,
}

/// How far a run is, as it is kept with each page.
pub(crate) struct Reached {
    pub(crate) counts: Counts,
    pub(crate) expected: u64,
    pub(crate) requests: u64,
    pub(crate) repeats: u64,
    pub(crate) stage: String,
}

pub(crate) async fn insert(
    tx: &impl ConnectionTrait,
    new: &NewRun<'_>,
    now: Timestamp,
) -> Result<i64, DbErr> {
    let sql = "INSERT INTO data_syncs (source, mode, status, job_id, retry_of, created_by, \
               created_at, updated_at) VALUES ($1, $2, 'pending', $3, $4, $5, $6, $6) RETURNING id";
    let values = [
        new.source.into(),
        new.mode.as_str().into(),
        new.job_id.into(),
        new.retry_of.into(),
        new.by.into(),
        now.as_millisecond().into(),
    ];
    let rows = query(tx, sql, values).await?;
    let row = rows.first().ok_or(DbErr::RecordNotInserted)?;
    row.try_get("", "id")
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Option<Run>, DbErr> {
    one(db, "id = $1", id.into()).await
}

pub(crate) async fn of_job(db: &impl ConnectionTrait, job_id: i64) -> Result<Option<Run>, DbErr> {
    one(db, "job_id = $1", job_id.into()).await
}

/// The newest run of a source.
pub(crate) async fn last(db: &impl ConnectionTrait, source: &str) -> Result<Option<Run>, DbErr> {
    one(db, "source = $1 ORDER BY id DESC LIMIT 1", source.into()).await
}

/// When a source was last synced as a whole, by a run of this mode or of any.
pub(crate) async fn last_success(
    db: &impl ConnectionTrait,
    source: &str,
    mode: Option<Mode>,
) -> Result<Option<Timestamp>, DbErr> {
    let sql = "SELECT MAX(finished_at) AS at FROM data_syncs \
               WHERE source = $1 AND status = 'success' AND ($2 = '' OR mode = $2)";
    let mode = mode.map_or("", Mode::as_str);
    let rows = query(db, sql, [source.into(), mode.into()]).await?;
    rows.first().map_or(Ok(None), |row| time_if_any(row, "at"))
}

/// Runs before the one with the id `before`, the newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    source: &str,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Run>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM data_syncs WHERE source = $1 AND id < $2 ORDER BY id DESC LIMIT {limit}"
    );
    let values = [source.into(), before.unwrap_or(i64::MAX).into()];
    let rows = query(db, sql, values).await?;
    rows.iter().map(run).collect()
}

/// Runs that wait or run.
pub(crate) async fn open(db: &impl ConnectionTrait) -> Result<Vec<Run>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM data_syncs WHERE status IN ('pending', 'running')");
    let rows = query(db, sql, []).await?;
    rows.iter().map(run).collect()
}

/// The newest runs of all sources, and those that have not ended, the oldest first.
pub(crate) async fn newest(db: &impl ConnectionTrait) -> Result<Vec<Run>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM data_syncs WHERE status IN ('pending', 'running') \
         OR id > (SELECT MAX(id) FROM data_syncs) - {NEWEST} ORDER BY id"
    );
    let rows = query(db, &sql, []).await?;
    rows.iter().map(run).collect()
}

/// Has a run go on, or begin.
pub(crate) async fn begin(tx: &impl ConnectionTrait, id: i64, now: Timestamp) -> Result<(), DbErr> {
    let sql = "UPDATE data_syncs SET status = 'running', \
               started_at = CASE WHEN started_at IS NULL OR status IN ('failed', 'cancelled') \
               THEN $2 ELSE started_at END, finished_at = NULL, duration = NULL, \
               error_message = NULL, updated_at = $2 WHERE id = $1";
    execute(tx, sql, [id.into(), now.as_millisecond().into()]).await?;
    Ok(())
}

pub(crate) async fn reach(
    tx: &impl ConnectionTrait,
    id: i64,
    reached: &Reached,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE data_syncs SET records_count = $2, rows_new = $3, rows_changed = $4, \
               rows_same = $5, rows_failed = $6, rows_vanished = $7, rows_held = $8, \
               rows_expected = $9, requests = $10, repeats = $11, stage = $12, updated_at = $13 \
               WHERE id = $1";
    let counts = &reached.counts;
    let values: [Value; 13] = [
        id.into(),
        signed(counts.synced()).into(),
        signed(counts.new).into(),
        signed(counts.changed).into(),
        signed(counts.same).into(),
        signed(counts.failed).into(),
        signed(counts.vanished).into(),
        signed(counts.held).into(),
        signed(reached.expected).into(),
        signed(reached.requests).into(),
        signed(reached.repeats).into(),
        reached.stage.as_str().into(),
        now.as_millisecond().into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

/// Ends a run that has not ended.
pub(crate) async fn finish(
    tx: &DatabaseTransaction,
    id: i64,
    status: Status,
    error: Option<&str>,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let sql = "UPDATE data_syncs SET status = $2, error_message = $3, finished_at = $4, \
               duration = ($4 - COALESCE(started_at, $4)) / 1000.0, stage = '', updated_at = $4 \
               WHERE id = $1 AND status IN ('pending', 'running')";
    let values = [
        id.into(),
        status.as_str().into(),
        error
            .map(|error| dabir_core::text::cut(error, MAX_ERROR))
            .into(),
        now.as_millisecond().into(),
    ];
    let has_ended = execute(tx, sql, values).await? == 1;
    if has_ended {
        notices::of_end(tx, id, now).await?;
    }
    Ok(has_ended)
}

/// The number of rows that a command says it synced.
pub(crate) async fn set_records(
    tx: &impl ConnectionTrait,
    id: i64,
    records: u64,
) -> Result<(), DbErr> {
    let sql = "UPDATE data_syncs SET records_count = $2 WHERE id = $1";
    execute(tx, sql, [id.into(), signed(records).into()]).await?;
    Ok(())
}

pub(crate) async fn set_held(
    tx: &impl ConnectionTrait,
    id: i64,
    vanished: u64,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE data_syncs SET rows_held = 0, rows_vanished = rows_vanished + $2, \
               updated_at = $3 WHERE id = $1";
    let values = [
        id.into(),
        signed(vanished).into(),
        now.as_millisecond().into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

/// What kept a run from its success is settled.
pub(crate) async fn succeed(
    tx: &DatabaseTransaction,
    id: i64,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE data_syncs SET status = 'success', error_message = NULL, updated_at = $2 \
               WHERE id = $1";
    execute(tx, sql, [id.into(), now.as_millisecond().into()]).await?;
    notices::of_end(tx, id, now).await
}

pub(crate) async fn notes(db: &impl ConnectionTrait, id: i64) -> Result<Notes, DbErr> {
    let rows = query(
        db,
        "SELECT notes FROM data_syncs WHERE id = $1",
        [id.into()],
    )
    .await?;
    let text: Option<String> = match rows.first() {
        Some(row) => row.try_get("", "notes")?,
        None => None,
    };
    Ok(text
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}

pub(crate) async fn set_notes(
    tx: &impl ConnectionTrait,
    id: i64,
    notes: &Notes,
) -> Result<(), DbErr> {
    let text = serde_json::to_string(notes).unwrap_or_default();
    let sql = "UPDATE data_syncs SET notes = $2 WHERE id = $1";
    execute(tx, sql, [id.into(), text.into()]).await?;
    Ok(())
}

/// Forgets runs of a source beyond the newest `keep`.
pub(crate) async fn forget(
    tx: &impl ConnectionTrait,
    source: &str,
    keep: u64,
) -> Result<(), DbErr> {
    let sql = format!(
        "DELETE FROM data_syncs WHERE source = $1 AND status NOT IN ('pending', 'running') \
         AND id < (SELECT MIN(id) FROM (SELECT id FROM data_syncs WHERE source = $1 \
         ORDER BY id DESC LIMIT {keep}) newest)"
    );
    execute(tx, sql, [source.into()]).await?;
    Ok(())
}

async fn one(db: &impl ConnectionTrait, which: &str, value: Value) -> Result<Option<Run>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM data_syncs WHERE {which}");
    let rows = query(db, sql, [value]).await?;
    rows.first().map(run).transpose()
}

fn run(row: &QueryResult) -> Result<Run, DbErr> {
    let (mode, status): (String, String) = (row.try_get("", "mode")?, row.try_get("", "status")?);
    let counts = Counts {
        new: count(row, "rows_new")?,
        changed: count(row, "rows_changed")?,
        same: count(row, "rows_same")?,
        failed: count(row, "rows_failed")?,
        vanished: count(row, "rows_vanished")?,
        held: count(row, "rows_held")?,
    };
    let expected = count(row, "rows_expected")?;
    let done = counts.synced() + counts.failed;
    Ok(Run {
        id: row.try_get("", "id")?,
        source: row.try_get("", "source")?,
        mode: Mode::parse(&mode),
        status: Status::parse(&status),
        created_by: row.try_get("", "created_by")?,
        created_at: time(row, "created_at")?,
        started_at: time_if_any(row, "started_at")?,
        finished_at: time_if_any(row, "finished_at")?,
        duration_seconds: row.try_get("", "duration")?,
        records_count: count(row, "records_count")?,
        counts,
        error_message: row.try_get("", "error_message")?,
        progress: Progress {
            done,
            total: (expected > 0).then_some(expected.max(done)),
        },
        stage: row.try_get("", "stage")?,
        rate: None,
        seconds_left: None,
        requests: count(row, "requests")?,
        repeats: count(row, "repeats")?,
        job_id: row.try_get("", "job_id")?,
        retry_of: row.try_get("", "retry_of")?,
    })
}
