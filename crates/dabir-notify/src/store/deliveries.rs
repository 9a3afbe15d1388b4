//! The tables of deliveries and of the attempts at them.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use super::{at, at_if_any, execute, insert_rows, query, time, time_if_any, tuples};
use crate::model::{Attempt, Delivery, DeliveryFilter, DeliveryState};

/// A delivery to be made.
#[derive(Debug)]
pub(crate) struct New<'a> {
    pub(crate) webhook_id: &'a str,
    pub(crate) position: i64,
    pub(crate) message_id: String,
    pub(crate) event: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) body: &'a str,
    pub(crate) is_test: bool,
}

/// The first in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) id: i64,
    pub(crate) message_id: String,
    pub(crate) event: String,
    pub(crate) body: String,
    /// How often it was tried.
    pub(crate) attempts: i32,
    pub(crate) first_at: Option<Timestamp>,
    pub(crate) next_at: Timestamp,
}

/// How many attempts are kept of one delivery.
const KEPT: i64 = 20;

const INSERT: &str = "INSERT INTO webhook_delivery (webhook_id, position, message_id, event, \
                      subject, body, state, is_test, next_at, created_at)";
const COLUMNS: usize = 10;

/// Puts some into the line, to be tried at once.
pub(crate) async fn insert(
    tx: &impl ConnectionTrait,
    new: Vec<New<'_>>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let rows = new.into_iter().map(|new| new.row(now).into()).collect();
    insert_rows(tx, INSERT, COLUMNS, rows, "").await
}

/// Writes one that is in no line, and answers its id.
pub(crate) async fn insert_test(
    tx: &impl ConnectionTrait,
    new: New<'_>,
    now: Timestamp,
) -> Result<i64, DbErr> {
    let sql = format!("{INSERT} VALUES {} RETURNING id", tuples(1, COLUMNS));
    let rows = query(tx, sql, new.row(now)).await?;
    let row = rows.first();
    row.map_or(Ok(0), |row| row.try_get("", "id"))
}

impl New<'_> {
    fn row(self, now: Timestamp) -> [Value; COLUMNS] {
        let state = match self.is_test {
            true => DeliveryState::Dead,
            false => DeliveryState::Waiting,
        };
        [
            self.webhook_id.into(),
            self.position.into(),
            self.message_id.into(),
            self.event.into(),
            self.subject.into(),
            self.body.into(),
            state.as_str().into(),
            self.is_test.into(),
            at_if_any((!self.is_test).then_some(now)),
            at(now),
        ]
    }
}

/// The head of the line.
pub(crate) async fn head(
    db: &impl ConnectionTrait,
    webhook_id: &str,
) -> Result<Option<Head>, DbErr> {
    let sql = "SELECT id, message_id, event, body, attempts, first_at, next_at \
               FROM webhook_delivery WHERE webhook_id = $1 AND state = 'waiting' \
               ORDER BY position LIMIT 1";
    let rows = query(db, sql, [webhook_id.into()]).await?;
    rows.first().map(read_head).transpose()
}

fn read_head(row: &QueryResult) -> Result<Head, DbErr> {
    Ok(Head {
        id: row.try_get("", "id")?,
        message_id: row.try_get("", "message_id")?,
        event: row.try_get("", "event")?,
        body: row.try_get("", "body")?,
        attempts: row.try_get("", "attempts")?,
        first_at: time_if_any(row, "first_at")?,
        next_at: time(row, "next_at")?,
    })
}

/// Writes how an attempt at a delivery ended that is as `head` says; `false` when somebody put it
/// elsewhere meanwhile. With a `next_at` it stays in the line.
pub(crate) async fn tried(
    tx: &impl ConnectionTrait,
    head: &Head,
    state: DeliveryState,
    next_at: Option<Timestamp>,
    attempt: &Attempt,
) -> Result<bool, DbErr> {
    let sql = "UPDATE webhook_delivery SET state = $3, attempts = attempts + 1, \
               first_at = COALESCE(first_at, $4), next_at = $5, last_status = $6, \
               last_error = $7, ended_at = $8 \
               WHERE id = $1 AND state = 'waiting' AND attempts = $2";
    let ended_at = (state != DeliveryState::Waiting).then_some(attempt.at);
    let values = [
        head.id.into(),
        head.attempts.into(),
        state.as_str().into(),
        at(attempt.at),
        at_if_any(next_at),
        attempt.status.into(),
        attempt.error.clone().into(),
        at_if_any(ended_at),
    ];
    Ok(execute(tx, sql, values).await? == 1)
}

/// Writes how a test ended.
pub(crate) async fn tested(
    tx: &impl ConnectionTrait,
    id: i64,
    state: DeliveryState,
    attempt: &Attempt,
) -> Result<(), DbErr> {
    let sql = "UPDATE webhook_delivery SET state = $2, attempts = 1, first_at = $3, \
               last_status = $4, last_error = $5, ended_at = $3 WHERE id = $1";
    let values = [
        id.into(),
        state.as_str().into(),
        at(attempt.at),
        attempt.status.into(),
        attempt.error.clone().into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

pub(crate) async fn insert_attempt(
    tx: &impl ConnectionTrait,
    delivery_id: i64,
    attempt: &Attempt,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO webhook_attempt (delivery_id, at, latency_ms, status, error, request, \
               response_headers, response_body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = [
        delivery_id.into(),
        at(attempt.at),
        attempt.latency_ms.into(),
        attempt.status.into(),
        attempt.error.clone().into(),
        attempt.request_headers.to_string().into(),
        attempt
            .response_headers
            .as_ref()
            .map(ToString::to_string)
            .into(),
        attempt.response_body.clone().into(),
    ];
    execute(tx, sql, values).await?;
    let sql = "DELETE FROM webhook_attempt WHERE delivery_id = $1 AND id <= (SELECT id FROM \
               webhook_attempt WHERE delivery_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)";
    execute(tx, sql, [delivery_id.into(), KEPT.into()])
        .await
        .map(drop)
}

/// Puts one back into the line, at its end, as if it had never been tried.
pub(crate) async fn put_back(
    tx: &impl ConnectionTrait,
    id: i64,
    position: i64,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE webhook_delivery SET state = 'waiting', position = $2, attempts = 0, \
               first_at = NULL, next_at = $3, ended_at = NULL WHERE id = $1";
    execute(tx, sql, [id.into(), position.into(), at(now)])
        .await
        .map(drop)
}

/// Has one that waits be tried at `now`, when it is its turn.
pub(crate) async fn hurry(tx: &impl ConnectionTrait, id: i64, now: Timestamp) -> Result<(), DbErr> {
    let sql = "UPDATE webhook_delivery SET next_at = $2 WHERE id = $1 AND state = 'waiting'";
    execute(tx, sql, [id.into(), at(now)]).await.map(drop)
}

/// That a row is the head of the line of the webhook `$1`.
const IS_HEAD: &str = "id = (SELECT id FROM webhook_delivery \
                       WHERE webhook_id = $1 AND state = 'waiting' ORDER BY position LIMIT 1)";

/// The head of the line is tried at `now`, and has its whole life before it again.
pub(crate) async fn revive_head(
    tx: &impl ConnectionTrait,
    webhook_id: &str,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = format!(
        "UPDATE webhook_delivery SET next_at = $2, first_at = NULL, attempts = 0 WHERE {IS_HEAD}"
    );
    execute(tx, sql, [webhook_id.into(), at(now)])
        .await
        .map(drop)
}

/// The head of the line is tried at `now`.
pub(crate) async fn hurry_head(
    tx: &impl ConnectionTrait,
    webhook_id: &str,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = format!("UPDATE webhook_delivery SET next_at = $2 WHERE {IS_HEAD}");
    execute(tx, sql, [webhook_id.into(), at(now)])
        .await
        .map(drop)
}

/// Gives one that waits up.
pub(crate) async fn give_up(
    tx: &impl ConnectionTrait,
    id: i64,
    why: &str,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let sql = "UPDATE webhook_delivery SET state = 'dead', next_at = NULL, last_error = $2, \
               ended_at = $3 WHERE id = $1 AND state = 'waiting'";
    Ok(execute(tx, sql, [id.into(), why.into(), at(now)]).await? == 1)
}

/// Gives the whole line of a webhook up.
pub(crate) async fn give_all_up(
    tx: &impl ConnectionTrait,
    webhook_id: &str,
    why: &str,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE webhook_delivery SET state = 'dead', next_at = NULL, last_error = $2, \
               ended_at = $3 WHERE webhook_id = $1 AND state = 'waiting'";
    execute(tx, sql, [webhook_id.into(), why.into(), at(now)])
        .await
        .map(drop)
}

pub(crate) async fn find(
    db: &impl ConnectionTrait,
    webhook_id: &str,
    id: i64,
) -> Result<Option<(Delivery, String)>, DbErr> {
    let sql = "SELECT * FROM webhook_delivery WHERE webhook_id = $1 AND id = $2";
    let rows = query(db, sql, [webhook_id.into(), id.into()]).await?;
    let read = |row: &QueryResult| Ok((delivery(row)?, row.try_get("", "body")?));
    rows.first().map(read).transpose()
}

/// Those before the one with the id `before`, the newest first: one more than `limit`.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    webhook_id: &str,
    filter: &DeliveryFilter,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Delivery>, DbErr> {
    let mut sql = "SELECT id, message_id, event, subject, state, is_test, attempts, last_status, \
                   last_error, next_at, created_at, ended_at FROM webhook_delivery \
                   WHERE webhook_id = $1"
        .to_owned();
    let mut values: Vec<Value> = vec![webhook_id.into()];
    let mut and = |column: &str, value: Value| {
        values.push(value);
        sql += &format!(" AND {column} ${}", values.len());
    };
    if let Some(state) = filter.state {
        and("state =", state.as_str().into());
    }
    if let Some(event) = &filter.event {
        and("event =", event.as_str().into());
    }
    if let Some(before) = before {
        and("id <", before.into());
    }
    sql += &format!(" ORDER BY id DESC LIMIT {}", u64::from(limit) + 1);
    let rows = query(db, sql, values).await?;
    rows.iter().map(delivery).collect()
}

fn delivery(row: &QueryResult) -> Result<Delivery, DbErr> {
    let state: String = row.try_get("", "state")?;
    Ok(Delivery {
        id: row.try_get("", "id")?,
        message_id: row.try_get("", "message_id")?,
        event: row.try_get("", "event")?,
        subject: row.try_get("", "subject")?,
        state: DeliveryState::parse(&state).unwrap_or(DeliveryState::Dead),
        is_test: row.try_get("", "is_test")?,
        attempts: row.try_get("", "attempts")?,
        last_status: row.try_get("", "last_status")?,
        last_error: row.try_get("", "last_error")?,
        next_at: time_if_any(row, "next_at")?,
        created_at: time(row, "created_at")?,
        ended_at: time_if_any(row, "ended_at")?,
    })
}

/// The attempts at one, the newest first.
pub(crate) async fn attempts(
    db: &impl ConnectionTrait,
    delivery_id: i64,
) -> Result<Vec<Attempt>, DbErr> {
    let sql = "SELECT * FROM webhook_attempt WHERE delivery_id = $1 ORDER BY id DESC";
    let rows = query(db, sql, [delivery_id.into()]).await?;
    rows.iter().map(attempt).collect()
}

fn attempt(row: &QueryResult) -> Result<Attempt, DbErr> {
    let headers: Option<String> = row.try_get("", "response_headers")?;
    Ok(Attempt {
        at: time(row, "at")?,
        latency_ms: row.try_get("", "latency_ms")?,
        status: row.try_get("", "status")?,
        error: row.try_get("", "error")?,
        request_headers: super::json(row, "request")?,
        response_headers: headers.and_then(|text| serde_json::from_str(&text).ok()),
        response_body: row.try_get("", "response_body")?,
    })
}

/// Forgets what ended before `before`, and gives up what has waited since then: since it was last put
/// into the line. Some at a time; answers how many.
pub(crate) async fn forget(
    tx: &impl ConnectionTrait,
    before: Timestamp,
    now: Timestamp,
    most: u32,
) -> Result<u64, DbErr> {
    let sql = "DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM webhook_delivery \
               WHERE state <> 'waiting' AND created_at < $1 AND ended_at < $1 LIMIT $2)";
    let forgotten = execute(tx, sql, [at(before), i64::from(most).into()]).await?;
    let sql = "UPDATE webhook_delivery SET state = 'dead', next_at = NULL, ended_at = $3, \
               last_error = 'it waited for too long' WHERE id IN (SELECT id FROM webhook_delivery \
               WHERE state = 'waiting' AND created_at < $1 \
               AND COALESCE(first_at, next_at, created_at) < $1 LIMIT $2)";
    let given_up = execute(tx, sql, [at(before), i64::from(most).into(), at(now)]).await?;
    Ok(forgotten + given_up)
}
