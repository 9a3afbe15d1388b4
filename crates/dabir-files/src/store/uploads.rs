//! What is on its way.

use dabir_core::Timestamp;
use dabir_db::Ts;
use dabir_db::sql::{Lock, execute, lock, query, time};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult};

use crate::model::{Chunk, Upload};

const COLUMNS: &str =
    "id, name, owner_id, owner_name, size, received, chunks, created_at, expires_at";

/// Has what is counted hold until the transaction ends: two who ask for the last of a quota at once
/// would both get it.
pub(crate) async fn count_alone(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    lock(tx, Lock::Quota).await
}

/// The bytes of all files and uploads, of one person or of the house.
pub(crate) async fn used(db: &impl ConnectionTrait, owner: Option<&str>) -> Result<u64, DbErr> {
    let (of_owner, values) = match owner {
        Some(owner) => (" WHERE owner_id = $1", vec![owner.into()]),
        None => ("", Vec::new()),
    };
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS used FROM \
         (SELECT size FROM file{of_owner} UNION ALL SELECT size FROM file_upload{of_owner}) AS every"
    );
    let rows = query(db, sql, values).await?;
    let used: i64 = rows.first().map_or(Ok(0), |row| row.try_get("", "used"))?;
    Ok(used.unsigned_abs())
}

pub(crate) async fn insert(tx: &impl ConnectionTrait, new: &Upload) -> Result<(), DbErr> {
    let sql =
        format!("INSERT INTO file_upload ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    let values = [
        new.id.as_str().into(),
        new.name.as_str().into(),
        new.owner_id.as_str().into(),
        new.owner_name.as_str().into(),
        new.size.cast_signed().into(),
        new.received.cast_signed().into(),
        new.chunks.into(),
        Ts::from(new.created_at).0.into(),
        Ts::from(new.expires_at).0.into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Upload>, DbErr> {
    // PostgreSQL takes no NUL in a question.
    if id.contains('\0') {
        return Ok(None);
    }
    let sql = format!("SELECT {COLUMNS} FROM file_upload WHERE id = $1");
    let rows = query(db, sql, [id.into()]).await?;
    rows.first().map(upload).transpose()
}

/// Uploads whose time is over.
pub(crate) async fn expired(
    db: &impl ConnectionTrait,
    now: Timestamp,
    most: u32,
) -> Result<Vec<Upload>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM file_upload WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2"
    );
    let values = [Ts::from(now).0.into(), i64::from(most).into()];
    let rows = query(db, sql, values).await?;
    rows.iter().map(upload).collect()
}

/// Notes that these pieces are durable, one after the other from `from` on; `false` when the upload is
/// elsewhere by now.
pub(crate) async fn advance(
    tx: &impl ConnectionTrait,
    id: &str,
    from: u64,
    chunks: &[Chunk],
    expires_at: Timestamp,
) -> Result<bool, DbErr> {
    let to = chunks.last().map_or(from, |last| last.start + last.size);
    let sql = "UPDATE file_upload SET received = $1, chunks = chunks + $2, expires_at = $3 \
               WHERE id = $4 AND received = $5";
    let values = [
        to.cast_signed().into(),
        i32::try_from(chunks.len()).unwrap_or(i32::MAX).into(),
        Ts::from(expires_at).0.into(),
        id.into(),
        from.cast_signed().into(),
    ];
    if execute(tx, sql, values).await? == 0 {
        return Ok(false);
    }
    for chunk in chunks {
        let sql = "INSERT INTO file_chunk (upload_id, start, size, object) VALUES ($1, $2, $3, $4)";
        let values = [
            id.into(),
            chunk.start.cast_signed().into(),
            chunk.size.cast_signed().into(),
            chunk.object.as_str().into(),
        ];
        execute(tx, sql, values).await?;
    }
    Ok(true)
}

/// An upload is as long as what has come of it: whoever sent it could not say before.
pub(crate) async fn end_here(tx: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
    let sql = "UPDATE file_upload SET size = received WHERE id = $1";
    execute(tx, sql, [id.into()]).await.map(drop)
}

/// The pieces of an upload in their order.
pub(crate) async fn chunks(db: &impl ConnectionTrait, id: &str) -> Result<Vec<Chunk>, DbErr> {
    let sql = "SELECT start, size, object FROM file_chunk WHERE upload_id = $1 ORDER BY start";
    let rows = query(db, sql, [id.into()]).await?;
    let number = |row: &QueryResult, column: &str| row.try_get::<i64>("", column);
    let chunk = |row: &QueryResult| {
        Ok(Chunk {
            start: number(row, "start")?.unsigned_abs(),
            size: number(row, "size")?.unsigned_abs(),
            object: row.try_get("", "object")?,
        })
    };
    rows.iter().map(chunk).collect()
}

/// Forgets an upload; `false` when somebody else has done so.
pub(crate) async fn remove(tx: &impl ConnectionTrait, id: &str) -> Result<bool, DbErr> {
    execute(
        tx,
        "DELETE FROM file_chunk WHERE upload_id = $1",
        [id.into()],
    )
    .await?;
    let sql = "DELETE FROM file_upload WHERE id = $1";
    Ok(execute(tx, sql, [id.into()]).await? > 0)
}

fn upload(row: &QueryResult) -> Result<Upload, DbErr> {
    let number = |column: &str| row.try_get::<i64>("", column).map(i64::unsigned_abs);
    Ok(Upload {
        id: row.try_get("", "id")?,
        name: row.try_get("", "name")?,
        owner_id: row.try_get("", "owner_id")?,
        owner_name: row.try_get("", "owner_name")?,
        size: number("size")?,
        received: number("received")?,
        chunks: row.try_get("", "chunks")?,
        created_at: time(row, "created_at")?,
        expires_at: time(row, "expires_at")?,
    })
}
