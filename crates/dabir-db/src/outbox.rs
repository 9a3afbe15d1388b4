//! The outbox: what happened and is to be told to people and to other programs.
//!
//! A domain says it in the transaction of its change ([`say`]), so that nothing is told that did not
//! happen and nothing happens untold. Whoever tells takes it from here ([`take`]) in the transaction
//! that keeps who has to hear it.

use std::str::FromStr;

use dabir_core::{Actor, ActorKind, Timestamp};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult};
use serde::Serialize;
use serde_json::Value;

use crate::sql::{self, Lock, insert, json, query, time};
use crate::{Ts, hints};

/// Where PostgreSQL's processes hear that there is something in it.
pub const CHANNEL: &str = "dabir_outbox";

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    /// `task.completed`: the kind of thing and what became of it, in small letters and dots.
    pub event: &'static str,
    pub subject_kind: &'static str,
    pub subject_id: String,
    /// What people call the thing.
    pub subject_name: String,
    /// What other programs are told of it; no secrets.
    pub data: Value,
    /// The people, by their ids, whom it concerns; not those who did it.
    pub concerns: Vec<String>,
}

/// A happening as it was kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Said {
    /// Greater than that of everything before about the same subject.
    pub seq: i64,
    pub at: Timestamp,
    pub event: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub subject_name: String,
    pub by_kind: ActorKind,
    pub by_id: String,
    pub by_name: String,
    pub data: Value,
    pub concerns: Vec<String>,
}

const SAY: &str = "INSERT INTO outbox (at, event, subject_kind, subject_id, subject_name, \
    by_kind, by_id, by_name, data, concerns)";
const COLUMNS: usize = 10;
const SAID: &str = "seq, at, event, subject_kind, subject_id, subject_name, \
    by_kind, by_id, by_name, data, concerns";

/// Says what `by` made happen at `now`, as part of the change's own transaction.
///
/// # Errors
/// When the database does not take it: then the change is not to be kept either.
pub async fn say(
    tx: &DatabaseTransaction,
    now: Timestamp,
    by: &Actor,
    happening: Happening,
) -> Result<(), DbErr> {
    say_all(tx, now, by, [happening]).await
}

/// As [`say`], of all that one change made happen, in this order.
///
/// # Errors
/// As [`say`].
pub async fn say_all(
    tx: &DatabaseTransaction,
    now: Timestamp,
    by: &Actor,
    happenings: impl IntoIterator<Item = Happening>,
) -> Result<(), DbErr> {
    let rows = happenings.into_iter();
    let rows: Vec<_> = rows.map(|happening| row(now, by, happening)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    insert(tx, SAY, COLUMNS, rows, "").await?;
    hints::say(tx, CHANNEL, "").await
}

fn row(now: Timestamp, by: &Actor, happening: Happening) -> Vec<sea_orm::Value> {
    let concerns = Value::from(happening.concerns);
    vec![
        Ts::from(now).0.into(),
        happening.event.into(),
        happening.subject_kind.into(),
        happening.subject_id.into(),
        happening.subject_name.into(),
        by.kind.as_str().into(),
        by.id.as_str().into(),
        by.name.as_str().into(),
        happening.data.to_string().into(),
        concerns.to_string().into(),
    ]
}

/// Takes the oldest out, at most so many, in the order in which they were said. One transaction at a
/// time does this: what one took, another has not, and nothing overtakes.
///
/// # Errors
/// When the database does not answer, or holds what nothing here wrote.
pub async fn take(tx: &DatabaseTransaction, most: u32) -> Result<Vec<Said>, DbErr> {
    sql::lock(tx, Lock::Outbox).await?;
    let oldest = "SELECT seq FROM outbox ORDER BY seq LIMIT $1";
    let oldest = match sql::is_postgres(tx) {
        // As an array: a join may read all that waits, when it was planned while nothing waited.
        true => format!("= ANY(ARRAY({oldest}))"),
        false => format!("IN ({oldest})"),
    };
    let sql = format!("DELETE FROM outbox WHERE seq {oldest} RETURNING {SAID}");
    let rows = query(tx, sql, [i64::from(most).into()]).await?;
    let mut taken = rows.iter().map(said).collect::<Result<Vec<_>, _>>()?;
    taken.sort_unstable_by_key(|said| said.seq);
    Ok(taken)
}

/// Whether there is nothing to tell.
///
/// # Errors
/// When the database does not answer.
pub async fn is_empty(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let first = query(db, "SELECT seq FROM outbox ORDER BY seq LIMIT 1", []).await?;
    Ok(first.is_empty())
}

fn said(row: &QueryResult) -> Result<Said, DbErr> {
    let word = |column: &str| row.try_get::<String>("", column);
    let kind = ActorKind::from_str(&word("by_kind")?);
    Ok(Said {
        seq: row.try_get("", "seq")?,
        at: time(row, "at")?,
        event: word("event")?,
        subject_kind: word("subject_kind")?,
        subject_id: word("subject_id")?,
        subject_name: word("subject_name")?,
        by_kind: kind.map_err(|error| DbErr::Type(error.to_string()))?,
        by_id: word("by_id")?,
        by_name: word("by_name")?,
        data: json(row, "data")?,
        concerns: json(row, "concerns")?,
    })
}
