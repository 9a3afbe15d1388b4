//! The table of versions.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::{execute, millis, named, query, time};
use crate::documents::model::{Version, VersionKind};
use crate::people::Named;

const COLUMNS: &str = "number, kind, name, at, by_id, by_name, words";
/// How many versions that nobody named a document has.
const MOST_UNNAMED: i64 = 500;

/// A version to be kept.
#[derive(Clone, Debug)]
pub(crate) struct NewVersion<'a> {
    pub(crate) seq: i64,
    pub(crate) at: Timestamp,
    pub(crate) by: &'a Named,
    pub(crate) kind: VersionKind,
    pub(crate) name: Option<&'a str>,
    pub(crate) words: i64,
    pub(crate) content: &'a str,
}

/// Keeps a version and answers its number. One that nobody named is not kept when the newest says the
/// same.
pub(crate) async fn insert(
    tx: &impl ConnectionTrait,
    id: &str,
    version: NewVersion<'_>,
) -> Result<Option<i64>, DbErr> {
    let sql = "SELECT number, content FROM document_version WHERE document_id = $1 \
        ORDER BY number DESC LIMIT 1";
    let rows = query(tx, sql, [id.into()]).await?;
    let mut number = 1;
    if let Some(row) = rows.first() {
        let content: String = row.try_get("", "content")?;
        if version.kind != VersionKind::Named && content == version.content {
            return Ok(None);
        }
        number = row.try_get::<i64>("", "number")? + 1;
    }
    let sql = "INSERT INTO document_version \
        (document_id, number, seq, at, by_id, by_name, kind, name, words, content) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values = [
        id.into(),
        number.into(),
        version.seq.into(),
        millis(version.at).into(),
        version.by.id.clone().into(),
        version.by.name.as_str().into(),
        version.kind.as_str().into(),
        version.name.map(str::to_owned).into(),
        version.words.into(),
        version.content.into(),
    ];
    execute(tx, sql, values).await?;
    let sql =
        "DELETE FROM document_version WHERE document_id = $1 AND number < $2 AND name IS NULL";
    execute(tx, sql, [id.into(), (number - MOST_UNNAMED).into()]).await?;
    Ok(Some(number))
}

/// The versions before one, the newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    id: &str,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Version>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM document_version WHERE document_id = $1 AND number < $2 \
         ORDER BY number DESC LIMIT {limit}"
    );
    let values = [id.into(), before.unwrap_or(i64::MAX).into()];
    let rows = query(db, sql, values).await?;
    rows.iter().map(read).collect()
}

/// A version and its text as JSON.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    id: &str,
    number: i64,
) -> Result<Option<(Version, String)>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS}, content FROM document_version WHERE document_id = $1 AND number = $2"
    );
    let rows = query(db, sql, [id.into(), number.into()]).await?;
    let with_text = |row: &QueryResult| Ok((read(row)?, row.try_get("", "content")?));
    rows.first().map(with_text).transpose()
}

fn read(row: &QueryResult) -> Result<Version, DbErr> {
    let kind: String = row.try_get("", "kind")?;
    Ok(Version {
        number: row.try_get("", "number")?,
        kind: VersionKind::of(&kind),
        name: row.try_get("", "name")?,
        at: time(row, "at")?,
        by: named(row, "by_id", "by_name")?,
        words: row.try_get("", "words")?,
    })
}
