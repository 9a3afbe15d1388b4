//! What became of a task, one row a field that changed.

use dabir_core::Timestamp;
use dabir_db::Ts;
use dabir_db::sql::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::{insert, query};
use crate::people::Named;

/// A step of a task's life.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = TaskActivity)]
pub struct Activity {
    #[serde(rename = "id")]
    pub seq: i64,
    pub at: Timestamp,
    pub by: Named,
    /// `created`, `deleted`, `restored`, `commented`, or the name of the field that changed.
    pub what: String,
    /// The field before; the beginning of long texts.
    #[schema(value_type = serde_json::Value)]
    pub from: Json,
    /// The field after.
    #[schema(value_type = serde_json::Value)]
    pub to: Json,
}

/// A step that is being made.
#[derive(Clone, Debug)]
pub(crate) struct NewActivity {
    pub(crate) task_id: String,
    pub(crate) what: &'static str,
    pub(crate) from: Json,
    pub(crate) to: Json,
}

pub(crate) async fn append(
    tx: &impl ConnectionTrait,
    at: Timestamp,
    by: &Named,
    steps: Vec<NewActivity>,
) -> Result<(), DbErr> {
    let text = |value: Json| (!value.is_null()).then(|| value.to_string());
    let row = |step: NewActivity| -> Vec<Value> {
        vec![
            step.task_id.into(),
            Ts::from(at).0.into(),
            by.id.clone().into(),
            by.name.as_str().into(),
            step.what.into(),
            text(step.from).into(),
            text(step.to).into(),
        ]
    };
    let sql = "INSERT INTO task_activity (task_id, at, by_id, by_name, what, before, after)";
    insert(tx, sql, 7, steps.into_iter().map(row).collect(), "").await
}

/// The steps before one (all when `None`), the newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    task_id: &str,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Activity>, DbErr> {
    let sql = format!(
        "SELECT seq, at, by_id, by_name, what, before, after FROM task_activity \
         WHERE task_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT {limit}"
    );
    let values = [task_id.into(), before.unwrap_or(i64::MAX).into()];
    let rows = query(db, sql, values).await?;
    rows.iter().map(read).collect()
}

fn read(row: &QueryResult) -> Result<Activity, DbErr> {
    let json = |column: &str| {
        let text: Option<String> = row.try_get("", column)?;
        // A row that somebody damaged is shown as far as it can be read.
        let read = text.and_then(|text| serde_json::from_str(&text).ok());
        Ok::<Json, DbErr>(read.unwrap_or_default())
    };
    Ok(Activity {
        seq: row.try_get("", "seq")?,
        at: time(row, "at")?,
        by: Named {
            id: row.try_get("", "by_id")?,
            name: row.try_get("", "by_name")?,
        },
        what: row.try_get("", "what")?,
        from: json("before")?,
        to: json("after")?,
    })
}
