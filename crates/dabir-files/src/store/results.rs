//! What analyses have made of files.

use std::collections::HashMap;

use dabir_core::Timestamp;
use dabir_db::Ts;
use dabir_db::sql::{execute, json, places, query};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use crate::analysis::{Analysed, Analysis};
use crate::model::{File, FileProblem, FileState};

/// Notes where the analysis of a file is, in a job of its own from now on if one is named.
pub(crate) async fn set_state(
    tx: &impl ConnectionTrait,
    id: &str,
    state: FileState,
    job: Option<i64>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE file SET state = $1, error_code = NULL, error_detail = NULL, \
               job_id = COALESCE($2, job_id), updated_at = $3, version = version + 1 WHERE id = $4";
    let values = [
        state.as_str().into(),
        job.into(),
        Ts::from(now).0.into(),
        id.into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

pub(crate) async fn set_failed(
    tx: &impl ConnectionTrait,
    id: &str,
    problem: &FileProblem,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE file SET state = $1, error_code = $2, error_detail = $3, updated_at = $4, \
               version = version + 1 WHERE id = $5";
    let values = [
        FileState::Failed.as_str().into(),
        problem.code.as_str().into(),
        problem.detail.as_str().into(),
        Ts::from(now).0.into(),
        id.into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Keeps what was made of a file, in the place of what was made of it before.
pub(crate) async fn set_analysed(
    tx: &impl ConnectionTrait,
    file: &File,
    made: &Analysed,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE file SET state = $1, error_code = NULL, error_detail = NULL, kind = $2, \
               media_type = $3, mismatch = $4, thumbnail = $5, fingerprint = $6, updated_at = $7, \
               version = version + 1 WHERE id = $8";
    let values = [
        FileState::Analysed.as_str().into(),
        file.kind.as_str().into(),
        file.media_type.as_str().into(),
        file.mismatch.into(),
        made.thumbnail.is_some().into(),
        made.fingerprint.into(),
        Ts::from(now).0.into(),
        file.id.as_str().into(),
    ];
    execute(tx, sql, values).await?;
    let result = serde_json::to_string(&made.analysis).unwrap_or_default();
    let sql = "INSERT INTO file_analysis (file_id, analyser, at, result) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (file_id) DO UPDATE SET analyser = excluded.analyser, at = excluded.at, \
               result = excluded.result";
    let values = [
        file.id.as_str().into(),
        made.analysis.analyser.into(),
        Ts::from(now).0.into(),
        result.into(),
    ];
    execute(tx, sql, values).await?;
    let sql = "INSERT INTO file_text (file_id, text) VALUES ($1, $2) \
               ON CONFLICT (file_id) DO UPDATE SET text = excluded.text";
    execute(
        tx,
        sql,
        [file.id.as_str().into(), made.text.as_str().into()],
    )
    .await?;
    Ok(())
}

pub(crate) async fn analysis(
    db: &impl ConnectionTrait,
    id: &str,
) -> Result<Option<Analysis>, DbErr> {
    let sql = "SELECT result FROM file_analysis WHERE file_id = $1";
    let rows = query(db, sql, [id.into()]).await?;
    rows.first().map(|row| json(row, "result")).transpose()
}

/// The beginnings of the texts of these files, each by its id.
pub(crate) async fn texts(
    db: &impl ConnectionTrait,
    ids: &[&str],
    letters: i32,
) -> Result<HashMap<String, String>, DbErr> {
    let sql = format!(
        "SELECT file_id, substr(text, 1, $1) AS text FROM file_text WHERE file_id IN ({})",
        places(2, ids.len())
    );
    let ids = ids.iter().map(|id| Value::from(*id));
    let rows = query(db, sql, [letters.into()].into_iter().chain(ids)).await?;
    let pair = |row: &QueryResult| Ok((row.try_get("", "file_id")?, row.try_get("", "text")?));
    rows.iter().map(pair).collect()
}

pub(crate) async fn text(db: &impl ConnectionTrait, id: &str) -> Result<Option<String>, DbErr> {
    let sql = "SELECT text FROM file_text WHERE file_id = $1";
    let rows = query(db, sql, [id.into()]).await?;
    rows.first().map(|row| row.try_get("", "text")).transpose()
}
