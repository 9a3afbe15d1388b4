//! The table of sources that were made over the API, and of switches of those that stand in the
//! file.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr};

use super::{execute, query};

/// A source as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) name: String,
    /// JSON without secrets; `None` for one that stands in the file.
    pub(crate) spec: Option<String>,
    /// The secrets, sealed for this source.
    pub(crate) sealed: Option<String>,
    pub(crate) enabled: Option<bool>,
    pub(crate) interval: Option<String>,
}

pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Kept>, DbErr> {
    let sql = "SELECT name, spec, sealed, enabled, \"interval\" FROM sync_source ORDER BY name";
    let rows = query(db, sql, []).await?;
    rows.iter()
        .map(|row| {
            Ok(Kept {
                name: row.try_get("", "name")?,
                spec: row.try_get("", "spec")?,
                sealed: row.try_get("", "sealed")?,
                enabled: row.try_get("", "enabled")?,
                interval: row.try_get("", "interval")?,
            })
        })
        .collect()
}

pub(crate) async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<Kept>, DbErr> {
    let all = all(db).await?;
    Ok(all.into_iter().find(|kept| kept.name == name))
}

pub(crate) async fn put(
    tx: &impl ConnectionTrait,
    kept: &Kept,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO sync_source (name, spec, sealed, enabled, \"interval\", updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO UPDATE SET \
               spec = excluded.spec, sealed = excluded.sealed, enabled = excluded.enabled, \
               \"interval\" = excluded.\"interval\", updated_at = excluded.updated_at";
    let values = [
        kept.name.as_str().into(),
        kept.spec.clone().into(),
        kept.sealed.clone().into(),
        kept.enabled.into(),
        kept.interval.clone().into(),
        now.as_millisecond().into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn delete(tx: &impl ConnectionTrait, name: &str) -> Result<bool, DbErr> {
    let sql = "DELETE FROM sync_source WHERE name = $1";
    Ok(execute(tx, sql, [name.into()]).await? == 1)
}
