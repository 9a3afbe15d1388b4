//! What runs find: keys that pages had, differences, rows in quarantine, and cursors.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use serde_json::Value as Json;

use super::{count, execute, query, signed, time};
use crate::model::{Change, Quarantined};

/// A difference that is kept.
pub(crate) struct NewChange {
    pub(crate) key: String,
    pub(crate) kind: &'static str,
    pub(crate) before: Option<Json>,
    pub(crate) after: Option<Json>,
}

/// A row that goes to quarantine.
pub(crate) struct NewQuarantined {
    pub(crate) reason: String,
    pub(crate) raw: String,
}

/// The longest row that is kept in quarantine, in bytes.
const MAX_RAW: usize = 64 << 10;

/// Keeps the hashes of the keys that a page had.
pub(crate) async fn see(
    tx: &impl ConnectionTrait,
    run_id: i64,
    position: i32,
    page: u64,
    hashes: &[u64],
) -> Result<(), DbErr> {
    let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect();
    let sql = "INSERT INTO sync_seen (run_id, position, page, keys) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (run_id, position, page) DO UPDATE SET keys = excluded.keys";
    let values = [
        run_id.into(),
        position.into(),
        signed(page).into(),
        bytes.into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

/// The hashes of all keys that a run has seen, sorted, each once.
pub(crate) async fn seen(db: &impl ConnectionTrait, run_id: i64) -> Result<Vec<u64>, DbErr> {
    seen_after(db, run_id, (-1, -1), i32::MAX).await
}

/// The hashes of the keys that a cell has seen from a page on, sorted, each once.
pub(crate) async fn seen_from(
    db: &impl ConnectionTrait,
    run_id: i64,
    position: i32,
    page: u64,
) -> Result<Vec<u64>, DbErr> {
    seen_after(db, run_id, (position, signed(page) - 1), position).await
}

/// What was seen behind this position and page, up to the cell at `last`.
async fn seen_after(
    db: &impl ConnectionTrait,
    run_id: i64,
    mut after: (i32, i64),
    last: i32,
) -> Result<Vec<u64>, DbErr> {
    let which = "FROM sync_seen WHERE run_id = $1 AND position <= $4 \
                 AND (position > $2 OR (position = $2 AND page > $3))";
    let values = |after: (i32, i64)| [run_id.into(), after.0.into(), after.1.into(), last.into()];
    let sql = format!("SELECT COALESCE(SUM(LENGTH(keys)), 0) AS n {which}");
    let rows = query(db, sql, values(after)).await?;
    let bytes = rows.first().map_or(Ok(0), |row| count(row, "n"))?;
    // As much as is needed and no more: there may be millions.
    let mut seen = Vec::with_capacity(usize::try_from(bytes / 8).unwrap_or(0));
    let sql = format!("SELECT position, page, keys {which} ORDER BY position, page LIMIT 100");
    loop {
        let rows = query(db, &sql, values(after)).await?;
        let Some(last) = rows.last() else { break };
        after = (last.try_get("", "position")?, last.try_get("", "page")?);
        for row in &rows {
            let keys: Vec<u8> = row.try_get("", "keys")?;
            let (hashes, _) = keys.as_chunks::<8>();
            seen.extend(hashes.iter().map(|bytes| u64::from_le_bytes(*bytes)));
        }
    }
    seen.sort_unstable();
    seen.dedup();
    Ok(seen)
}

/// Forgets what runs of a source have seen, but for the run `keep`.
pub(crate) async fn forget_seen(
    tx: &impl ConnectionTrait,
    source: &str,
    keep: Option<i64>,
) -> Result<(), DbErr> {
    let sql = "DELETE FROM sync_seen WHERE run_id IN \
               (SELECT id FROM data_syncs WHERE source = $1) AND run_id <> $2";
    execute(tx, sql, [source.into(), keep.unwrap_or(-1).into()]).await?;
    Ok(())
}

/// Hands what a cell has seen over to the run that goes on with it.
pub(crate) async fn pass_on_seen(
    tx: &impl ConnectionTrait,
    from: (i64, i32),
    to: (i64, i32),
) -> Result<(), DbErr> {
    let sql = "UPDATE sync_seen SET run_id = $3, position = $4 \
               WHERE run_id = $1 AND position = $2";
    let values = [from.0.into(), from.1.into(), to.0.into(), to.1.into()];
    execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn add_changes(
    tx: &impl ConnectionTrait,
    run_id: i64,
    source: &str,
    changes: &[NewChange],
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO sync_change (run_id, source, row_key, kind, before, after, at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    for change in changes {
        let values = [
            run_id.into(),
            source.into(),
            change.key.as_str().into(),
            change.kind.into(),
            change.before.as_ref().map(Json::to_string).into(),
            change.after.as_ref().map(Json::to_string).into(),
            now.as_millisecond().into(),
        ];
        execute(tx, sql, values).await?;
    }
    Ok(())
}

pub(crate) async fn count_changes(db: &impl ConnectionTrait, run_id: i64) -> Result<u64, DbErr> {
    let sql = "SELECT COUNT(*) AS n FROM sync_change WHERE run_id = $1";
    let rows = query(db, sql, [run_id.into()]).await?;
    rows.first().map_or(Ok(0), |row| count(row, "n"))
}

/// Differences of one run, after the one with the id `after`.
pub(crate) async fn changes_of_run(
    db: &impl ConnectionTrait,
    run_id: i64,
    after: i64,
    limit: u64,
) -> Result<Vec<Change>, DbErr> {
    let sql = format!(
        "SELECT * FROM sync_change WHERE run_id = $1 AND id > $2 ORDER BY id LIMIT {limit}"
    );
    let rows = query(db, sql, [run_id.into(), after.into()]).await?;
    rows.iter().map(change).collect()
}

/// Differences of one row, the newest first.
pub(crate) async fn changes_of_row(
    db: &impl ConnectionTrait,
    source: &str,
    key: &str,
    limit: u64,
) -> Result<Vec<Change>, DbErr> {
    let sql = format!(
        "SELECT * FROM sync_change WHERE source = $1 AND row_key = $2 ORDER BY id DESC LIMIT {limit}"
    );
    let rows = query(db, sql, [source.into(), key.into()]).await?;
    rows.iter().map(change).collect()
}

fn change(row: &QueryResult) -> Result<Change, DbErr> {
    let json = |column| -> Result<Option<Json>, DbErr> {
        let text: Option<String> = row.try_get("", column)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    };
    Ok(Change {
        id: row.try_get("", "id")?,
        run_id: row.try_get("", "run_id")?,
        key: row.try_get("", "row_key")?,
        kind: row.try_get("", "kind")?,
        before: json("before")?,
        after: json("after")?,
        at: time(row, "at")?,
    })
}

/// Where in a run rows were found that cannot be taken.
pub(crate) struct Place<'a> {
    pub(crate) run_id: i64,
    pub(crate) source: &'a str,
    pub(crate) label: &'a str,
    pub(crate) page: u64,
}

/// Puts rows into quarantine; one that is there already is only found again.
pub(crate) async fn quarantine(
    tx: &impl ConnectionTrait,
    place: &Place<'_>,
    bad: &[NewQuarantined],
    now: Timestamp,
) -> Result<(), DbErr> {
    for row in bad {
        let digest = format!(
            "{:016x}",
            twox_hash::XxHash3_64::oneshot(row.raw.as_bytes())
        );
        let sql = "INSERT INTO sync_quarantine (run_id, source, label, page, reason, raw, digest, at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (source, label, digest) \
                   DO UPDATE SET run_id = excluded.run_id, page = excluded.page, \
                   reason = excluded.reason, at = excluded.at";
        let raw = &row.raw[..row.raw.floor_char_boundary(MAX_RAW)];
        let values = [
            place.run_id.into(),
            place.source.into(),
            place.label.into(),
            signed(place.page).into(),
            row.reason.as_str().into(),
            raw.into(),
            digest.into(),
            now.as_millisecond().into(),
        ];
        execute(tx, sql, values).await?;
    }
    Ok(())
}

/// Rows in quarantine before the one with the id `before`, the newest first.
pub(crate) async fn quarantined(
    db: &impl ConnectionTrait,
    source: &str,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Quarantined>, DbErr> {
    let which = format!("id < $2 ORDER BY id DESC LIMIT {limit}");
    in_quarantine(db, source, &which, before.unwrap_or(i64::MAX)).await
}

/// Rows in quarantine after the one with the id `after`, the oldest first; of `ids` alone when some
/// are named.
pub(crate) async fn next_in_quarantine(
    db: &impl ConnectionTrait,
    source: &str,
    ids: Option<&[i64]>,
    after: i64,
    limit: u64,
) -> Result<Vec<Quarantined>, DbErr> {
    let which = format!("id > $2{} ORDER BY id LIMIT {limit}", among(ids));
    in_quarantine(db, source, &which, after).await
}

/// A condition for these ids.
fn among(ids: Option<&[i64]>) -> String {
    match ids {
        None => String::new(),
        Some([]) => " AND 1 = 0".to_owned(),
        Some(ids) => {
            let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
            format!(" AND id IN ({})", ids.join(", "))
        }
    }
}

async fn in_quarantine(
    db: &impl ConnectionTrait,
    source: &str,
    which: &str,
    id: i64,
) -> Result<Vec<Quarantined>, DbErr> {
    let sql = format!("SELECT * FROM sync_quarantine WHERE source = $1 AND {which}");
    let rows = query(db, &sql, [source.into(), id.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(Quarantined {
                id: row.try_get("", "id")?,
                run_id: row.try_get("", "run_id")?,
                source: row.try_get("", "source")?,
                label: row.try_get("", "label")?,
                page: count(row, "page")?,
                reason: row.try_get("", "reason")?,
                raw: row.try_get("", "raw")?,
                at: time(row, "at")?,
            })
        })
        .collect()
}

/// Lets rows go that a run, which read everything, did not find again; and the oldest beyond
/// `keep`.
pub(crate) async fn forget_quarantined(
    tx: &impl ConnectionTrait,
    source: &str,
    run_id: Option<i64>,
    keep: u64,
) -> Result<(), DbErr> {
    if let Some(run_id) = run_id {
        let sql = "DELETE FROM sync_quarantine WHERE source = $1 AND run_id < $2";
        execute(tx, sql, [source.into(), run_id.into()]).await?;
    }
    let sql = format!(
        "DELETE FROM sync_quarantine WHERE id IN (SELECT id FROM sync_quarantine \
         WHERE source = $1 ORDER BY at DESC, id DESC LIMIT 1000000 OFFSET {keep})"
    );
    execute(tx, &sql, [source.into()]).await?;
    Ok(())
}

pub(crate) async fn count_quarantined(
    db: &impl ConnectionTrait,
    source: &str,
) -> Result<u64, DbErr> {
    let sql = "SELECT COUNT(*) AS n FROM sync_quarantine WHERE source = $1";
    let rows = query(db, sql, [source.into()]).await?;
    rows.first().map_or(Ok(0), |row| count(row, "n"))
}

/// Takes rows out of quarantine; all of a source's when none are named.
pub(crate) async fn release(
    tx: &impl ConnectionTrait,
    source: &str,
    ids: Option<&[i64]>,
) -> Result<u64, DbErr> {
    let sql = format!(
        "DELETE FROM sync_quarantine WHERE source = $1{}",
        among(ids)
    );
    execute(tx, &sql, [source.into()]).await
}

/// Forgets the values: the source is another one now, or its table.
pub(crate) async fn forget_cursors(tx: &impl ConnectionTrait, source: &str) -> Result<(), DbErr> {
    let sql = "DELETE FROM sync_cursor WHERE source = $1";
    execute(tx, sql, [source.into()]).await?;
    Ok(())
}

pub(crate) async fn set_cursor(
    tx: &impl ConnectionTrait,
    source: &str,
    label: &str,
    value: &str,
    run_id: i64,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO sync_cursor (source, label, value, run_id, at) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (source, label) DO UPDATE SET \
               value = excluded.value, run_id = excluded.run_id, at = excluded.at";
    let values = [
        source.into(),
        label.into(),
        value.into(),
        run_id.into(),
        now.as_millisecond().into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}
