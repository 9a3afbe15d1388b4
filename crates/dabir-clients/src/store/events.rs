//! What happened, by the offsets of the stream; and the counter that the offsets come from.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use serde::Serialize;
use utoipa::ToSchema;

use super::{execute, insert, query, time};
use crate::model::Happening;
use crate::name::Username;

/// A line of a client's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClientEvent)]
pub struct ClientEvent {
    /// Its place in the stream.
    pub id: i64,
    pub username: String,
    /// `blocked`, `joined`, `changed` …
    pub kind: String,
    /// A reason, or a place.
    pub detail: String,
    pub by: String,
    pub at: Timestamp,
}

const EVENT: &str = "SELECT id, username, kind, detail, \"by\", at FROM client_event";

/// Takes the turn to change clients, and tells the newest offset: nobody else changes any until this
/// transaction ends.
pub(crate) async fn take_turn(tx: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let sql = "UPDATE client_offset SET value = value WHERE id = 1 RETURNING value";
    value(&query(tx, sql, []).await?)
}

/// The newest offset.
pub(crate) async fn newest(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    value(&query(db, "SELECT value FROM client_offset WHERE id = 1", []).await?)
}

fn value(rows: &[QueryResult]) -> Result<i64, DbErr> {
    let row = rows.first();
    let row = row.ok_or_else(|| DbErr::RecordNotFound("the counter of offsets".to_owned()))?;
    row.try_get("", "value")
}

/// Keeps what happened, and moves the counter on to the last of it.
pub(crate) async fn add(
    tx: &impl ConnectionTrait,
    happened: &[(i64, Username, Happening)],
    by: &str,
    now: Timestamp,
) -> Result<(), DbErr> {
    let Some((newest, _, _)) = happened.last() else {
        return Ok(());
    };
    let rows = happened.iter().map(|(id, username, happening)| {
        vec![
            (*id).into(),
            username.as_str().into(),
            happening.kind.into(),
            happening.detail.as_str().into(),
            by.into(),
            now.as_millisecond().into(),
        ]
    });
    let into = "INSERT INTO client_event (id, username, kind, detail, \"by\", at)";
    insert(tx, into, 6, rows.collect(), "").await?;
    let sql = "UPDATE client_offset SET value = $1 WHERE id = 1";
    execute(tx, sql, [(*newest).into()]).await?;
    Ok(())
}

/// What happened after an offset, the oldest first.
pub(crate) async fn since(
    db: &impl ConnectionTrait,
    offset: i64,
    limit: u64,
) -> Result<Vec<ClientEvent>, DbErr> {
    let sql = format!("{EVENT} WHERE id > $1 ORDER BY id LIMIT {limit}");
    let rows = query(db, sql, [offset.into()]).await?;
    rows.iter().map(event).collect()
}

/// What happened to a client before the event with the id `before`, the newest first.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    username: &Username,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<ClientEvent>, DbErr> {
    let sql = format!("{EVENT} WHERE username = $1 AND id < $2 ORDER BY id DESC LIMIT {limit}");
    let values = [username.as_str().into(), before.unwrap_or(i64::MAX).into()];
    let rows = query(db, sql, values).await?;
    rows.iter().map(event).collect()
}

fn event(row: &QueryResult) -> Result<ClientEvent, DbErr> {
    Ok(ClientEvent {
        id: row.try_get("", "id")?,
        username: row.try_get("", "username")?,
        kind: row.try_get("", "kind")?,
        detail: row.try_get("", "detail")?,
        by: row.try_get("", "by")?,
        at: time(row, "at")?,
    })
}

/// Forgets what happened before `before`, and the oldest beyond `keep`. Tells how much.
pub(crate) async fn forget(
    tx: &impl ConnectionTrait,
    before: Timestamp,
    keep: u64,
) -> Result<u64, DbErr> {
    let newest = newest(tx).await?;
    let first_kept = newest.saturating_sub_unsigned(keep);
    let sql = "DELETE FROM client_event WHERE at < $1 OR id <= $2";
    execute(tx, sql, [before.as_millisecond().into(), first_kept.into()]).await
}
