//! The table of where threads stand in a text, and whether they are settled.

use std::collections::HashMap;

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr};

use super::{execute, millis, named, query, time_if_any};
use crate::people::Named;

/// Where a thread stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Thread {
    pub(crate) anchor: String,
    pub(crate) quote: String,
    pub(crate) resolved_at: Option<Timestamp>,
    pub(crate) resolved_by: Option<Named>,
}

pub(crate) async fn insert(
    tx: &impl ConnectionTrait,
    document: &str,
    comment: &str,
    thread: &Thread,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO document_thread (document_id, comment_id, anchor, quote, resolved_name) \
        VALUES ($1, $2, $3, $4, '')";
    let values = [
        document.into(),
        comment.into(),
        thread.anchor.as_str().into(),
        thread.quote.as_str().into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

/// Settles a thread, or opens it again.
pub(crate) async fn resolve(
    tx: &impl ConnectionTrait,
    comment: &str,
    resolved: Option<(Timestamp, &Named)>,
) -> Result<(), DbErr> {
    let sql = "UPDATE document_thread SET resolved_at = $2, resolved_by = $3, resolved_name = $4 \
        WHERE comment_id = $1";
    let (at, by) = resolved.unzip();
    let values = [
        comment.into(),
        at.map(millis).into(),
        by.and_then(|by| by.id.clone()).into(),
        by.map_or("", |by| by.name.as_str()).into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

/// The threads of a document, by the comments that begin them.
pub(crate) async fn all(
    db: &impl ConnectionTrait,
    document: &str,
) -> Result<HashMap<String, Thread>, DbErr> {
    let sql = "SELECT comment_id, anchor, quote, resolved_at, resolved_by, resolved_name \
        FROM document_thread WHERE document_id = $1";
    let mut threads = HashMap::new();
    for row in query(db, sql, [document.into()]).await? {
        let resolved_at = time_if_any(&row, "resolved_at")?;
        let resolved_by = named(&row, "resolved_by", "resolved_name")?;
        let thread = Thread {
            anchor: row.try_get("", "anchor")?,
            quote: row.try_get("", "quote")?,
            resolved_at,
            resolved_by: resolved_at.map(|_| resolved_by),
        };
        threads.insert(row.try_get("", "comment_id")?, thread);
    }
    Ok(threads)
}
