//! What people are told of sources: that a run failed, that a source works again, that its data is
//! late. Each is written once, with what it is about, and told by whoever listens.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr};

use super::{execute, query};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) id: i64,
    pub(crate) source: String,
    /// `failed`, `recovered` or `late`.
    pub(crate) kind: String,
    pub(crate) detail: String,
}

/// How many are kept.
const KEPT: u64 = 1_000;

/// Writes what the end of a run means: a failure; or, after a failure or delay that was told, that
/// the source works again.
pub(crate) async fn of_end(
    tx: &impl ConnectionTrait,
    run_id: i64,
    now: Timestamp,
) -> Result<(), DbErr> {
    let before = "DELETE FROM sync_notice WHERE kind = 'failed' AND about = $1";
    execute(tx, before, [run_id.into()]).await?;
    let failed = "INSERT INTO sync_notice (source, kind, about, detail, at) \
                  SELECT source, 'failed', id, COALESCE(error_message, ''), $2 FROM data_syncs \
                  WHERE id = $1 AND status = 'failed'";
    let recovered = "INSERT INTO sync_notice (source, kind, about, detail, at) \
                     SELECT source, 'recovered', id, '', $2 FROM data_syncs \
                     WHERE id = $1 AND status = 'success' AND (SELECT kind FROM sync_notice n \
                     WHERE n.source = data_syncs.source ORDER BY n.id DESC LIMIT 1) <> 'recovered' \
                     ON CONFLICT (source, kind, about) DO NOTHING";
    for sql in [failed, recovered] {
        let values = [run_id.into(), now.as_millisecond().into()];
        execute(tx, sql, values).await?;
    }
    Ok(())
}

/// Writes that nothing came since `since`, unless that is written.
pub(crate) async fn late(
    tx: &impl ConnectionTrait,
    source: &str,
    since: Timestamp,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let sql = "INSERT INTO sync_notice (source, kind, about, detail, at) \
               VALUES ($1, 'late', $2, $3, $4) ON CONFLICT (source, kind, about) DO NOTHING";
    let values = [
        source.into(),
        since.as_millisecond().into(),
        since.to_string().into(),
        now.as_millisecond().into(),
    ];
    Ok(execute(tx, sql, values).await? == 1)
}

/// Those that nobody has told yet, the oldest first.
pub(crate) async fn untold(db: &impl ConnectionTrait) -> Result<Vec<Notice>, DbErr> {
    of(db, "NOT told").await
}

/// The newest, whether they were told or not: the oldest first.
pub(crate) async fn newest(db: &impl ConnectionTrait) -> Result<Vec<Notice>, DbErr> {
    of(db, "id > (SELECT MAX(id) FROM sync_notice) - 100").await
}

/// Says that they were told, and forgets old ones.
pub(crate) async fn tell(tx: &impl ConnectionTrait, told: &[Notice]) -> Result<(), DbErr> {
    for notice in told {
        let sql = "UPDATE sync_notice SET told = true WHERE id = $1 AND NOT told";
        execute(tx, sql, [notice.id.into()]).await?;
    }
    let sql =
        format!("DELETE FROM sync_notice WHERE id <= (SELECT MAX(id) FROM sync_notice) - {KEPT}");
    execute(tx, &sql, []).await?;
    Ok(())
}

async fn of(db: &impl ConnectionTrait, which: &str) -> Result<Vec<Notice>, DbErr> {
    let sql = format!(
        "SELECT id, source, kind, detail FROM sync_notice WHERE {which} ORDER BY id LIMIT 200"
    );
    let rows = query(db, &sql, []).await?;
    rows.iter()
        .map(|row| {
            Ok(Notice {
                id: row.try_get("", "id")?,
                source: row.try_get("", "source")?,
                kind: row.try_get("", "kind")?,
                detail: row.try_get("", "detail")?,
            })
        })
        .collect()
}
