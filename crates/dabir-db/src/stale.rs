//! What has changed since the search index took it in.
//!
//! Whatever a line of the audit is about is marked with that line ([`crate::audit::append`]); a domain
//! marks by itself what changes without one ([`mark`]), in the transaction of the change. Whoever keeps
//! the index looks at the [`next`] marks, reads how the things are now, and [`take`]s the marks away in
//! the transaction that keeps what it read: a mark that was made meanwhile stays.

use std::collections::BTreeSet;

use dabir_core::{Timestamp, new_id};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Value};

use crate::Ts;
use crate::sql::{self, ROWS, execute, is_postgres, query};

/// The kinds of things that the audit marks. Clients mark themselves: most of what the audit says of
/// them is nothing that they are found by.
pub(crate) const AUDITED: [&str; 4] = ["document", "file", "task", "user"];

/// That something changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stale {
    pub kind: String,
    pub id: String,
    /// Another one each time that it changes.
    mark: String,
}

/// One in so many of what is taken in next has waited longest.
const OLD: u32 = 4;
const MARK: &str = "INSERT INTO search_stale (kind, id, mark, at)";
const AGAIN: &str = "ON CONFLICT (kind, id) DO UPDATE SET mark = excluded.mark, at = excluded.at";

/// Marks what changed at `now`.
///
/// # Errors
/// When the database does not take it.
pub async fn mark(
    tx: &DatabaseTransaction,
    now: Timestamp,
    kind: &str,
    ids: &[&str],
) -> Result<(), DbErr> {
    mark_all(tx, now, ids.iter().map(|id| (kind, *id)).collect()).await
}

/// Marks the files that are attached to things of one kind: those who may see them changed.
///
/// # Errors
/// As [`mark`].
pub async fn mark_files_of(
    tx: &DatabaseTransaction,
    now: Timestamp,
    kind: &str,
    ids: &[&str],
) -> Result<(), DbErr> {
    for chunk in ids.chunks(ROWS) {
        let places = sql::places(4, chunk.len());
        let sql = format!(
            "INSERT INTO search_stale (kind, id, mark, at) \
             SELECT DISTINCT 'file', file_id, $1, $2 FROM file_link \
             WHERE subject_kind = $3 AND subject_id IN ({places}) {AGAIN}"
        );
        let head: [Value; 3] = [new_id().into(), Ts::from(now).0.into(), kind.into()];
        let ids = chunk.iter().map(|id| Value::from(*id));
        execute(tx, sql, head.into_iter().chain(ids)).await?;
    }
    Ok(())
}

/// Marks these kinds and ids, in one order, so that two who mark the same do not wait for each other.
pub(crate) async fn mark_all(
    tx: &DatabaseTransaction,
    now: Timestamp,
    things: BTreeSet<(&str, &str)>,
) -> Result<(), DbErr> {
    let (mark, at) = (new_id(), Ts::from(now).0);
    let row = |(kind, id): (&str, &str)| -> Vec<Value> {
        vec![kind.into(), id.into(), mark.as_str().into(), at.into()]
    };
    let rows = things.into_iter().map(row).collect();
    sql::insert(tx, MARK, 4, rows, AGAIN).await
}

/// What is to be taken in next, at most so much: mostly the newest, so that a long list keeps nothing of
/// today from being found, and some of the oldest, so that nothing waits for ever.
///
/// # Errors
/// When the database does not answer.
pub async fn next(db: &impl ConnectionTrait, most: u32) -> Result<Vec<Stale>, DbErr> {
    let ask = async |end: &str, most: u32| {
        let sql = format!("SELECT kind, id, mark FROM search_stale {end} LIMIT {most}");
        let rows = query(db, sql, []).await?;
        rows.iter().map(read).collect::<Result<Vec<_>, DbErr>>()
    };
    let mut next = ask("ORDER BY at DESC", most - most / OLD).await?;
    for old in ask("WHERE at >= 0 ORDER BY at", most / OLD).await? {
        if !next.contains(&old) {
            next.push(old);
        }
    }
    Ok(next)
}

/// Takes marks away, and tells which. Those stay that were made again since they were looked at, or
/// are being made just now: nobody is waited for.
///
/// # Errors
/// When the database does not do it.
pub async fn take(tx: &DatabaseTransaction, stale: &[Stale]) -> Result<Vec<Stale>, DbErr> {
    if stale.is_empty() {
        return Ok(Vec::new());
    }
    // Each by itself, as both databases look it up; of a list of rows they make a join that reads all that
    // waits, and PostgreSQL one that reads it once for each, when it was planned while nothing waited.
    let this = |row: usize| {
        let [kind, id, mark] = [1, 2, 3].map(|column| row * 3 + column);
        format!("(kind = ${kind} AND id = ${id} AND mark = ${mark})")
    };
    let these: Vec<String> = (0..stale.len()).map(this).collect();
    let these = these.join(" OR ");
    let these = match is_postgres(tx) {
        true => format!(
            "ctid = ANY(ARRAY(SELECT ctid FROM search_stale WHERE {these} FOR UPDATE SKIP LOCKED))"
        ),
        false => these,
    };
    let sql = format!("DELETE FROM search_stale WHERE {these} RETURNING kind, id, mark");
    let rows = query(tx, sql, stale.iter().flat_map(Stale::values)).await?;
    rows.iter().map(read).collect()
}

/// Has something that cannot be taken in now wait behind everything else.
///
/// # Errors
/// When the database does not do it.
pub async fn put_off(tx: &DatabaseTransaction, stale: &Stale) -> Result<(), DbErr> {
    let sql = "UPDATE search_stale \
        SET at = (SELECT MIN(CASE WHEN at < 0 THEN at ELSE 0 END) - 1 FROM search_stale) \
        WHERE kind = $1 AND id = $2 AND mark = $3";
    execute(tx, sql, stale.values()).await?;
    Ok(())
}

impl Stale {
    fn values(&self) -> [Value; 3] {
        [&self.kind, &self.id, &self.mark].map(|word| word.as_str().into())
    }
}

fn read(row: &QueryResult) -> Result<Stale, DbErr> {
    Ok(Stale {
        kind: row.try_get("", "kind")?,
        id: row.try_get("", "id")?,
        mark: row.try_get("", "mark")?,
    })
}
