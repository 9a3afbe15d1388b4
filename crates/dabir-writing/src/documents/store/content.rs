//! The changes that a document's text consists of: kept one by one and never changed. A snapshot is all
//! of them up to one, so that not every opening reads them all.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult};

use super::{execute, millis, named, query};
use crate::people::Named;

/// A change that was kept.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) seq: i64,
    pub(crate) bytes: Vec<u8>,
}

/// All that a text consists of, as far as it was kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    /// The last change that the snapshot has; 0 without one.
    pub(crate) snapshot_seq: i64,
    pub(crate) snapshot: Option<Vec<u8>>,
    pub(crate) changes: Vec<Change>,
}

impl Kept {
    /// The last change.
    pub(crate) fn seq(&self) -> i64 {
        let last = self.changes.last();
        last.map_or(self.snapshot_seq, |change| change.seq)
    }
}

/// Everything of a document.
pub(crate) async fn load(db: &impl ConnectionTrait, id: &str) -> Result<Kept, DbErr> {
    let sql = "SELECT seq, bytes FROM document_snapshot WHERE document_id = $1";
    let rows = query(db, sql, [id.into()]).await?;
    let mut kept = Kept::default();
    if let Some(row) = rows.first() {
        kept.snapshot_seq = row.try_get("", "seq")?;
        kept.snapshot = Some(row.try_get("", "bytes")?);
    }
    kept.changes = after(db, id, kept.snapshot_seq).await?;
    Ok(kept)
}

/// The changes after one, in their order.
pub(crate) async fn after(
    db: &impl ConnectionTrait,
    id: &str,
    seq: i64,
) -> Result<Vec<Change>, DbErr> {
    let sql =
        "SELECT seq, bytes FROM document_update WHERE document_id = $1 AND seq > $2 ORDER BY seq";
    let rows = query(db, sql, [id.into(), seq.into()]).await?;
    let read = |row: &QueryResult| {
        Ok(Change {
            seq: row.try_get("", "seq")?,
            bytes: row.try_get("", "bytes")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Begins a document's text, without a change.
pub(crate) async fn begin(tx: &DatabaseTransaction, id: &str, now: Timestamp) -> Result<(), DbErr> {
    let sql = "INSERT INTO document_head (document_id, seq, changed_at) VALUES ($1, 0, $2)";
    execute(tx, sql, [id.into(), millis(now).into()]).await?;
    Ok(())
}

/// Adds changes and answers the number of the last; `None` when there is no such document any more.
/// Until this transaction ends nobody else adds one, so the numbers are the order for everybody.
pub(crate) async fn append(
    tx: &DatabaseTransaction,
    id: &str,
    now: Timestamp,
    changes: &[(&Named, &[u8])],
) -> Result<Option<i64>, DbErr> {
    let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    let sql = "UPDATE document_head SET seq = seq + $2, changed_at = $3 WHERE document_id = $1 \
        RETURNING seq";
    let values = [id.into(), count.into(), millis(now).into()];
    let rows = query(tx, sql, values).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let last: i64 = row.try_get("", "seq")?;
    for (seq, (by, bytes)) in (last - count + 1..).zip(changes) {
        let sql = "INSERT INTO document_update (document_id, seq, at, by_id, by_name, bytes) \
            VALUES ($1, $2, $3, $4, $5, $6)";
        let values = [
            id.into(),
            seq.into(),
            millis(now).into(),
            by.id.clone().into(),
            by.name.as_str().into(),
            bytes.to_vec().into(),
        ];
        execute(tx, sql, values).await?;
    }
    Ok(Some(last))
}

/// Keeps all changes up to `seq` in one; an older snapshot gives way, a newer one stays.
pub(crate) async fn put_snapshot(
    tx: &DatabaseTransaction,
    id: &str,
    seq: i64,
    now: Timestamp,
    bytes: Vec<u8>,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO document_snapshot (document_id, seq, at, bytes) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (document_id) DO UPDATE SET seq = excluded.seq, at = excluded.at, \
        bytes = excluded.bytes WHERE document_snapshot.seq < excluded.seq";
    let values = [id.into(), seq.into(), millis(now).into(), bytes.into()];
    execute(tx, sql, values).await?;
    Ok(())
}

/// Removes changes from before `until` that the snapshot has, at most so many; tells how many.
pub(crate) async fn thin_out(
    tx: &DatabaseTransaction,
    until: Timestamp,
    most: usize,
) -> Result<u64, DbErr> {
    let sql = format!(
        "DELETE FROM document_update WHERE (document_id, seq) IN (\
           SELECT u.document_id, u.seq FROM document_update u \
           JOIN document_snapshot s ON s.document_id = u.document_id \
           WHERE u.seq <= s.seq AND u.at < $1 LIMIT {most})"
    );
    execute(tx, sql, [millis(until).into()]).await
}

/// Who made the last change of a document, and its number.
pub(crate) async fn last_by(db: &impl ConnectionTrait, id: &str) -> Result<Option<Named>, DbErr> {
    let sql = "SELECT by_id, by_name FROM document_update WHERE document_id = $1 \
        ORDER BY seq DESC LIMIT 1";
    let rows = query(db, sql, [id.into()]).await?;
    rows.first()
        .map(|row| named(row, "by_id", "by_name"))
        .transpose()
}
