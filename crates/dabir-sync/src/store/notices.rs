//! What people are told of sources: that a run failed, that a source works again, that its data is
//! late. Each is written once, with what it is about, and told by whoever listens; in the same
//! transaction it is said to the outbox, for those who do not listen just now.

use dabir_core::{Actor, ActorKind, Timestamp};
use dabir_db::outbox::{self, Happening};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use serde_json::{Value, json};

use super::{execute, query, runs};
use crate::model::Status;

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
    tx: &DatabaseTransaction,
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
    let values = || [run_id.into(), now.as_millisecond().into()];
    execute(tx, failed, values()).await?;
    let works_again = execute(tx, recovered, values()).await? == 1;
    say_end(tx, run_id, works_again, now).await
}

/// Says how a run ended.
async fn say_end(
    tx: &DatabaseTransaction,
    run_id: i64,
    works_again: bool,
    now: Timestamp,
) -> Result<(), DbErr> {
    let Some(run) = runs::find(tx, run_id).await? else {
        return Ok(());
    };
    let event = match run.status {
        Status::Success => "sync.succeeded",
        Status::Failed => "sync.failed",
        Status::Pending | Status::Running | Status::Cancelled => return Ok(()),
    };
    let data = json!({
        "source": run.source, "run": run.id, "records_count": run.records_count,
        "error_message": run.error_message,
    });
    let again = works_again.then_some("sync.recovered");
    let events = [event].into_iter().chain(again);
    let happenings = events.map(|event| happening(event, &run.source, data.clone()));
    outbox::say_all(tx, now, &itself(), happenings).await
}

fn happening(event: &'static str, source: &str, data: Value) -> Happening {
    Happening {
        event,
        subject_kind: "source",
        subject_id: source.to_owned(),
        subject_name: source.to_owned(),
        data,
        // Those who look after the house hear of it.
        concerns: Vec::new(),
    }
}

fn itself() -> Actor {
    Actor::here(ActorKind::System, "dabir")
}

/// Writes that nothing came since `since`, unless that is written.
pub(crate) async fn late(
    tx: &DatabaseTransaction,
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
    let is_new = execute(tx, sql, values).await? == 1;
    if is_new {
        let data = json!({ "source": source, "since": since });
        let late = happening("sync.late", source, data);
        outbox::say(tx, now, &itself(), late).await?;
    }
    Ok(is_new)
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
