//! What of a database that comes back from the past must not act as if it were the present.

use std::collections::HashSet;

use dabir_core::{Actor, ActorKind, Timestamp};
use dabir_db::{Db, audit, sql};
use sea_orm::{DatabaseTransaction, DbErr};
use serde::Serialize;
use serde_json::json;

/// Sessions and links would let in whoever was shut out since; workers are processes that are gone,
/// and without their rows their jobs are taken back.
const OVER: [&str; 3] = ["refresh_token", "one_time_link", "job_worker"];

/// What was decided since the backup was made and still holds, read from the database in use.
#[derive(Debug, Default)]
pub(crate) struct Since {
    tokens: HashSet<String>,
    blocked: Vec<(String, i64, Option<String>)>,
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
    /// Whether the database in use could not be asked who was shut out since.
    pub unknown_since: bool,
}

impl Since {
    pub(crate) async fn of(db: &Db) -> Result<Self, DbErr> {
        let tokens = sql::query(db.read(), "SELECT id FROM api_token", []).await?;
        let tokens = tokens.iter().map(|row| row.try_get_by_index(0));
        let blocked = sql::query(
            db.read(),
            "SELECT id, blocked_at, blocked_reason FROM account WHERE blocked_at IS NOT NULL",
            [],
        )
        .await?;
        let blocked = blocked.iter().map(|row| {
            Ok((
                row.try_get_by_index(0)?,
                row.try_get_by_index(1)?,
                row.try_get_by_index(2)?,
            ))
        });
        Ok(Self {
            tokens: tokens.collect::<Result<_, DbErr>>()?,
            blocked: blocked.collect::<Result<_, DbErr>>()?,
        })
    }
}

/// Mends a restored database, and writes to its audit that it was restored from `name`.
pub(crate) async fn mend(
    db: &Db,
    since: Option<&Since>,
    name: &str,
    now: Timestamp,
) -> Result<Mended, DbErr> {
    let tx = db.write().await?;
    let mut mended = Mended {
        unknown_since: since.is_none(),
        ..Mended::default()
    };
    for table in OVER {
        sql::execute(&tx, format!("DELETE FROM {table}"), []).await?;
    }
    mended.sessions = sql::execute(&tx, "DELETE FROM session", []).await?;
    if let Some(since) = since {
        mended.tokens = revoke(&tx, since).await?;
        mended.blocked = block(&tx, since).await?;
    }
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

async fn revoke(tx: &DatabaseTransaction, since: &Since) -> Result<u64, DbErr> {
    let mut revoked = 0;
    for row in sql::query(tx, "SELECT id FROM api_token", []).await? {
        let id: String = row.try_get_by_index(0)?;
        if !since.tokens.contains(&id) {
            revoked += sql::execute(tx, "DELETE FROM api_token WHERE id = $1", [id.into()]).await?;
        }
    }
    Ok(revoked)
}

async fn block(tx: &DatabaseTransaction, since: &Since) -> Result<u64, DbErr> {
    let mut blocked = 0;
    for (id, at, reason) in &since.blocked {
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
