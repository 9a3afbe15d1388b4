//! The table of what documents say, derived from their changes.

use dabir_core::Timestamp;
use dabir_db::sql::places;
use dabir_prose::text::Heading;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use serde_json::json;

use super::{execute, list, millis, query, time};
use crate::documents::derive::Said;

/// What is known of a text beside the words.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    pub(crate) mentions: Vec<String>,
    pub(crate) outline: Vec<(u8, String, usize)>,
}

impl About {
    pub(crate) fn headings(self) -> Vec<Heading> {
        let headings = self.outline.into_iter();
        headings
            .map(|(level, text, number)| Heading {
                level,
                text,
                number,
            })
            .collect()
    }
}

pub(crate) async fn insert(
    tx: &impl ConnectionTrait,
    id: &str,
    seq: i64,
    said: &Said,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO document_text (document_id, seq, body, outline, mentions, files, links) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    execute(tx, sql, values(id, seq, said)).await?;
    Ok(())
}

/// Keeps what was derived from the changes up to `seq`, unless somebody derived from more; tells
/// whether it did.
pub(crate) async fn update(
    tx: &impl ConnectionTrait,
    id: &str,
    seq: i64,
    said: &Said,
) -> Result<bool, DbErr> {
    let sql = "UPDATE document_text SET seq = $2, body = $3, outline = $4, mentions = $5, \
        files = $6, links = $7 WHERE document_id = $1 AND seq < $2";
    Ok(execute(tx, sql, values(id, seq, said)).await? > 0)
}

fn values(id: &str, seq: i64, said: &Said) -> [sea_orm::Value; 7] {
    let outline: Vec<(u8, &str, usize)> = said
        .outline
        .iter()
        .map(|heading| (heading.level, heading.text.as_str(), heading.number))
        .collect();
    [
        id.into(),
        seq.into(),
        said.text.as_str().into(),
        json!(outline).to_string().into(),
        json!(said.mentions).to_string().into(),
        json!(said.files).to_string().into(),
        json!(said.links).to_string().into(),
    ]
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<About>, DbErr> {
    let sql = "SELECT outline, mentions FROM document_text WHERE document_id = $1";
    let rows = query(db, sql, [id.into()]).await?;
    let read = |row: &QueryResult| {
        Ok(About {
            outline: list(row, "outline")?,
            mentions: list(row, "mentions")?,
        })
    };
    rows.first().map(read).transpose()
}

/// What a document says, for search.
pub(crate) struct Body {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) changed_at: Timestamp,
}

/// What those of these documents say that are not deleted.
pub(crate) async fn bodies(db: &impl ConnectionTrait, ids: &[&str]) -> Result<Vec<Body>, DbErr> {
    let sql = format!(
        "SELECT d.id, d.title, d.changed_at, t.body FROM document d \
         JOIN document_text t ON t.document_id = d.id \
         WHERE d.deleted_at IS NULL AND d.id IN ({})",
        places(1, ids.len())
    );
    let rows = query(db, sql, ids.iter().map(|id| Value::from(*id))).await?;
    let read = |row: &QueryResult| {
        Ok(Body {
            id: row.try_get("", "id")?,
            title: row.try_get("", "title")?,
            body: row.try_get("", "body")?,
            changed_at: time(row, "changed_at")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Keeps what lists show of a text.
pub(crate) async fn show(
    tx: &impl ConnectionTrait,
    id: &str,
    words: i64,
    at: Timestamp,
    by: &crate::people::Named,
) -> Result<(), DbErr> {
    let sql = "UPDATE document SET words = $2, changed_at = $3, changed_by = $4, changed_name = $5 \
        WHERE id = $1";
    let values = [
        id.into(),
        words.into(),
        millis(at).into(),
        by.id.clone().into(),
        by.name.as_str().into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

/// Documents whose last change is older than `until` and that say more than was derived: whoever
/// changed them was stopped before.
pub(crate) async fn stale(
    db: &impl ConnectionTrait,
    until: Timestamp,
    most: usize,
) -> Result<Vec<String>, DbErr> {
    let sql = format!(
        "SELECT h.document_id FROM document_head h \
         JOIN document_text t ON t.document_id = h.document_id \
         WHERE h.seq > t.seq AND h.changed_at < $1 LIMIT {most}"
    );
    let rows = query(db, sql, [millis(until).into()]).await?;
    rows.iter()
        .map(|row| row.try_get("", "document_id"))
        .collect()
}
