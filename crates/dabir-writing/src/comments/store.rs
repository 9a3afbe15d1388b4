//! The table of comments.

use std::collections::HashMap;

use dabir_db::Ts;
use dabir_db::sql::{execute, places, query, time, time_if_any};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use serde_json::json;

use super::{Comment, Subject};
use crate::people::Named;

const COLUMNS: &str = "seq, id, thread, body, mentions, by_id, by_name, at, edited_at, deleted_at";

pub(crate) async fn insert(
    tx: &impl ConnectionTrait,
    about: Subject<'_>,
    comment: &Comment,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO comment \
        (id, subject_kind, subject_id, thread, body, mentions, by_id, by_name, at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values: [Value; 9] = [
        comment.id.as_str().into(),
        about.kind.into(),
        about.id.into(),
        comment.thread.clone().into(),
        comment.text.as_str().into(),
        json!(comment.mentions).to_string().into(),
        comment.by.id.clone().into(),
        comment.by.name.as_str().into(),
        Ts::from(comment.created_at).0.into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn update(tx: &impl ConnectionTrait, comment: &Comment) -> Result<(), DbErr> {
    let sql = "UPDATE comment SET body = $2, mentions = $3, edited_at = $4, deleted_at = $5 WHERE id = $1";
    let millis = |at: Option<dabir_core::Timestamp>| at.map(|at| Ts::from(at).0);
    let values: [Value; 5] = [
        comment.id.as_str().into(),
        comment.text.as_str().into(),
        json!(comment.mentions).to_string().into(),
        millis(comment.edited_at).into(),
        millis(comment.deleted_at).into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

/// A comment about this.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    about: Subject<'_>,
    id: &str,
) -> Result<Option<Comment>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM comment WHERE id = $1 AND subject_kind = $2 AND subject_id = $3"
    );
    let rows = query(db, sql, [id.into(), about.kind.into(), about.id.into()]).await?;
    rows.first().map(read).transpose()
}

/// The comments after one (all when `None`), the oldest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    about: Subject<'_>,
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<Comment>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM comment WHERE subject_kind = $1 AND subject_id = $2 AND seq > $3 \
         ORDER BY seq LIMIT {limit}"
    );
    let values = [
        about.kind.into(),
        about.id.into(),
        after.unwrap_or(0).into(),
    ];
    let rows = query(db, sql, values).await?;
    rows.iter().map(read).collect()
}

/// What is said about these and was not taken back, each by what it is about, the oldest first.
pub(crate) async fn texts(
    db: &impl ConnectionTrait,
    kind: &'static str,
    ids: &[&str],
) -> Result<HashMap<String, Vec<String>>, DbErr> {
    let sql = format!(
        "SELECT subject_id, body FROM comment WHERE subject_kind = '{kind}' \
         AND deleted_at IS NULL AND subject_id IN ({}) ORDER BY seq",
        places(1, ids.len())
    );
    let mut texts: HashMap<_, Vec<_>> = HashMap::new();
    for row in query(db, sql, ids.iter().map(|id| Value::from(*id))).await? {
        let about: String = row.try_get("", "subject_id")?;
        let text: String = row.try_get("", "body")?;
        texts.entry(about).or_default().push(text);
    }
    Ok(texts)
}

fn read(row: &QueryResult) -> Result<Comment, DbErr> {
    let mentions: String = row.try_get("", "mentions")?;
    Ok(Comment {
        id: row.try_get("", "id")?,
        thread: row.try_get("", "thread")?,
        text: row.try_get("", "body")?,
        // A row that somebody damaged is shown as far as it can be read.
        mentions: serde_json::from_str(&mentions).unwrap_or_default(),
        by: Named {
            id: row.try_get("", "by_id")?,
            name: row.try_get("", "by_name")?,
        },
        created_at: time(row, "at")?,
        edited_at: time_if_any(row, "edited_at")?,
        deleted_at: time_if_any(row, "deleted_at")?,
        seq: row.try_get("", "seq")?,
    })
}
