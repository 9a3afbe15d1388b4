//! What of a database that comes back from the past must not act as if it were the present.

use std::collections::HashSet;

use dabir_core::{Actor, ActorKind, Timestamp};
use dabir_db::{Db, audit, sql};
use sea_orm::{DatabaseTransaction, DbErr, QueryResult};
use serde::Serialize;
use serde_json::json;

/// Sessions and links would let in whoever was shut out since; workers are processes that are gone,
/// and without their rows their jobs are taken back.
const OVER: [&str; 3] = ["refresh_token", "one_time_link", "job_worker"];

/// No room of the house lives, and the server that kept them has another name now.
const NO_ROOMS: &str = "UPDATE meeting SET keeper = NULL, room_at = NULL, state = CASE \
    WHEN state IN ('ended', 'failed') THEN state ELSE 'scheduled' END";

/// What holds now, whatever the backup says, read from the database in use. `None` is what could not
/// be asked.
#[derive(Debug, Default)]
pub(crate) struct Since {
    tokens: Option<HashSet<String>>,
    blocked: Option<Vec<(String, i64, Option<String>)>>,
    orders: Option<Vec<Order>>,
}

/// A client who is paused, blocked or closed.
#[derive(Debug)]
struct Order {
    username: String,
    kind: String,
    reason: String,
    until: Option<i64>,
    by: String,
    at: i64,
}

/// What was changed in a restored database before anybody uses it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Mended {
    /// Sessions that ended: everybody signs in again.
    pub sessions: u64,
    /// Tokens that were revoked after the backup and stay so.
    pub tokens: u64,
    /// People who were blocked after the backup and stay so.
    pub blocked: u64,
    /// Clients who were paused, blocked or closed after the backup and stay so.
    pub clients: u64,
    /// Whether the database in use could not be asked who was shut out since, or not for all of it.
    pub unknown_since: bool,
}

impl Since {
    /// Each table by itself: an older database does not have all of them.
    pub(crate) async fn of(db: &Db, now: Timestamp) -> Self {
        Self {
            tokens: tokens(db).await.ok(),
            blocked: blocked(db).await.ok(),
            orders: orders(db, now).await.ok(),
        }
    }
}

async fn tokens(db: &Db) -> Result<HashSet<String>, DbErr> {
    let rows = sql::query(db.read(), "SELECT id FROM api_token", []).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

async fn blocked(db: &Db) -> Result<Vec<(String, i64, Option<String>)>, DbErr> {
    let rows = sql::query(
        db.read(),
        "SELECT id, blocked_at, blocked_reason FROM account WHERE blocked_at IS NOT NULL",
        [],
    )
    .await?;
    let one = |row: &QueryResult| {
        Ok((
            row.try_get_by_index(0)?,
            row.try_get_by_index(1)?,
            row.try_get_by_index(2)?,
        ))
    };
    rows.iter().map(one).collect()
}

async fn orders(db: &Db, now: Timestamp) -> Result<Vec<Order>, DbErr> {
    let rows = sql::query(
        db.read(),
        "SELECT username, kind, reason, until, \"by\", at FROM client_order \
         WHERE until IS NULL OR until > $1",
        [now.as_millisecond().into()],
    )
    .await?;
    let one = |row: &QueryResult| {
        Ok(Order {
            username: row.try_get_by_index(0)?,
            kind: row.try_get_by_index(1)?,
            reason: row.try_get_by_index(2)?,
            until: row.try_get_by_index(3)?,
            by: row.try_get_by_index(4)?,
            at: row.try_get_by_index(5)?,
        })
    };
    rows.iter().map(one).collect()
}

/// Mends a restored database, and writes to its audit that it was restored from `name`.
pub(crate) async fn mend(
    db: &Db,
    since: &Since,
    name: &str,
    now: Timestamp,
) -> Result<Mended, DbErr> {
    let tx = db.write().await?;
    let mut mended = Mended {
        unknown_since: since.tokens.is_none() || since.blocked.is_none() || since.orders.is_none(),
        ..Mended::default()
    };
    for table in OVER {
        sql::execute(&tx, format!("DELETE FROM {table}"), []).await?;
    }
    mended.sessions = sql::execute(&tx, "DELETE FROM session", []).await?;
    sql::execute(&tx, NO_ROOMS, []).await?;
    if let Some(tokens) = &since.tokens {
        mended.tokens = revoke(&tx, tokens).await?;
    }
    mended.blocked = block(&tx, since.blocked.iter().flatten()).await?;
    mended.clients = keep_out(&tx, since.orders.iter().flatten()).await?;
    let change = audit::Change {
        action: "backup.restore",
        target_kind: "backup",
        target_id: name.to_owned(),
        target_name: name.to_owned(),
        before: None,
        after: Some(json!(mended)),
    };
    let by = Actor::here(ActorKind::Terminal, "dabir backup");
    audit::append(&tx, now, &by, vec![change]).await?;
    tx.commit().await?;
    Ok(mended)
}

async fn revoke(tx: &DatabaseTransaction, valid: &HashSet<String>) -> Result<u64, DbErr> {
    let mut revoked = 0;
    for row in sql::query(tx, "SELECT id FROM api_token", []).await? {
        let id: String = row.try_get_by_index(0)?;
        if !valid.contains(&id) {
            revoked += sql::execute(tx, "DELETE FROM api_token WHERE id = $1", [id.into()]).await?;
        }
    }
    Ok(revoked)
}

async fn block<'a>(
    tx: &DatabaseTransaction,
    people: impl Iterator<Item = &'a (String, i64, Option<String>)>,
) -> Result<u64, DbErr> {
    let mut blocked = 0;
    for (id, at, reason) in people {
        blocked += sql::execute(
            tx,
            "UPDATE account SET blocked_at = $1, blocked_reason = $2 \
             WHERE id = $3 AND blocked_at IS NULL",
            [(*at).into(), reason.clone().into(), id.clone().into()],
        )
        .await?;
    }
    Ok(blocked)
}

/// Brings the orders that stand now; of two for the same client, the one that ends later holds.
async fn keep_out<'a>(
    tx: &DatabaseTransaction,
    orders: impl Iterator<Item = &'a Order>,
) -> Result<u64, DbErr> {
    let mut kept_out = 0;
    for order in orders {
        let values = [
            order.username.as_str().into(),
            order.kind.as_str().into(),
            order.reason.as_str().into(),
            order.until.into(),
            order.by.as_str().into(),
            order.at.into(),
        ];
        kept_out += sql::execute(
            tx,
            "INSERT INTO client_order (username, kind, reason, until, \"by\", at, version) \
             VALUES ($1, $2, $3, $4, $5, $6, (SELECT value FROM client_offset WHERE id = 1)) \
             ON CONFLICT (username, kind) DO UPDATE SET reason = excluded.reason, \
             until = excluded.until, \"by\" = excluded.\"by\", at = excluded.at, \
             version = excluded.version \
             WHERE client_order.until < coalesce(excluded.until, client_order.until + 1)",
            values,
        )
        .await?;
    }
    Ok(kept_out)
}
