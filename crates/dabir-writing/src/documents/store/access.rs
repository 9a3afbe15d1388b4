//! The tables of who else may see something, and of links that need no account.

use std::collections::HashMap;

use dabir_core::Timestamp;
use dabir_db::Question;
use dabir_db::sql::ROWS;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::{execute, millis, millis_if_any, query, time, time_if_any};
use crate::documents::model::{Grant, Link, Right};

/// What is shared, and to what it belongs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shared<'a> {
    /// `document` or `folder`.
    pub(crate) kind: &'static str,
    pub(crate) id: &'a str,
}

/// The grants on things of one kind, each with the thing's id.
pub(crate) async fn grants(
    db: &impl ConnectionTrait,
    kind: &'static str,
    ids: &[&str],
) -> Result<Vec<(String, Grant)>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut question = Question::default();
    let places = question.values(ids.iter().map(|id| (*id).into()));
    question.sql = format!(
        "SELECT subject_id, grantee, access FROM document_access \
         WHERE subject_kind = '{kind}' AND subject_id IN ({places}) ORDER BY grantee"
    );
    let rows = question.ask(db).await?;
    let read = |row: &QueryResult| {
        let grant = Grant {
            grantee: row.try_get("", "grantee")?,
            right: Right::of(row.try_get("", "access")?).unwrap_or(Right::View),
            name: String::new(),
            folder: None,
        };
        Ok((row.try_get("", "subject_id")?, grant))
    };
    rows.iter().map(read).collect()
}

/// Who may see those of these documents that are not deleted, as [`super::super::Who::words`] knows
/// people: what is nobody's is the admins'. Says the same as [`super::super::rights::reach`], seen from
/// the other end.
pub(crate) async fn readers(
    db: &impl ConnectionTrait,
    ids: &[&str],
) -> Result<HashMap<String, Vec<String>>, DbErr> {
    const OWNER: &str = "COALESCE('user:' || owner_id, 'role:admin')";
    let mut readers: HashMap<_, Vec<_>> = HashMap::new();
    for chunk in ids.chunks(ROWS) {
        let mut question = Question::default();
        let ids = question.values(chunk.iter().map(|id| (*id).into()));
        question.sql = format!(
            "WITH RECURSIVE up (document, folder) AS (\
               SELECT id, folder_id FROM document WHERE deleted_at IS NULL AND id IN ({ids}) \
               UNION SELECT up.document, f.parent FROM up JOIN document_folder f ON f.id = up.folder) \
             SELECT up.document, {OWNER} AS reader FROM up JOIN document d ON d.id = up.document \
             UNION SELECT up.document, a.grantee FROM up JOIN document_access a \
               ON a.subject_kind = 'document' AND a.subject_id = up.document \
             UNION SELECT up.document, {OWNER} FROM up JOIN document_folder f ON f.id = up.folder \
             UNION SELECT up.document, a.grantee FROM up JOIN document_access a \
               ON a.subject_kind = 'folder' AND a.subject_id = up.folder"
        );
        for row in question.ask(db).await? {
            let document: String = row.try_get("", "document")?;
            let reader: String = row.try_get("", "reader")?;
            readers.entry(document).or_default().push(reader);
        }
    }
    Ok(readers)
}

/// Puts these grants in the place of those that there are.
pub(crate) async fn put(
    tx: &impl ConnectionTrait,
    shared: Shared<'_>,
    grants: &[Grant],
) -> Result<(), DbErr> {
    let sql = "DELETE FROM document_access WHERE subject_kind = $1 AND subject_id = $2";
    execute(tx, sql, [shared.kind.into(), shared.id.into()]).await?;
    for grant in grants {
        let sql = "INSERT INTO document_access (subject_kind, subject_id, grantee, access) \
            VALUES ($1, $2, $3, $4)";
        let values = [
            shared.kind.into(),
            shared.id.into(),
            grant.grantee.as_str().into(),
            (grant.right as i32).into(),
        ];
        execute(tx, sql, values).await?;
    }
    Ok(())
}

/// The link of a document, ended or not.
pub(crate) async fn link(db: &impl ConnectionTrait, id: &str) -> Result<Option<Link>, DbErr> {
    let sql = "SELECT created_at, created_name, ends_at FROM document_link WHERE document_id = $1";
    let rows = query(db, sql, [id.into()]).await?;
    let read = |row: &QueryResult| {
        Ok(Link {
            created_at: time(row, "created_at")?,
            created_by: row.try_get("", "created_name")?,
            ends_at: time_if_any(row, "ends_at")?,
        })
    };
    rows.first().map(read).transpose()
}

/// Gives a document a link; the one before ends.
pub(crate) async fn put_link(
    tx: &impl ConnectionTrait,
    id: &str,
    hash: &str,
    link: &Link,
) -> Result<(), DbErr> {
    delete_link(tx, id).await?;
    let sql = "INSERT INTO document_link (document_id, hash, created_at, created_name, ends_at) \
        VALUES ($1, $2, $3, $4, $5)";
    let values = [
        id.into(),
        hash.into(),
        millis(link.created_at).into(),
        link.created_by.as_str().into(),
        millis_if_any(link.ends_at).into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

/// Takes a link back, and tells whether there was one.
pub(crate) async fn delete_link(tx: &impl ConnectionTrait, id: &str) -> Result<bool, DbErr> {
    let sql = "DELETE FROM document_link WHERE document_id = $1";
    Ok(execute(tx, sql, [id.into()]).await? > 0)
}

/// The document that a link leads to, and its title, while both are.
pub(crate) async fn linked(
    db: &impl ConnectionTrait,
    hash: &str,
    now: Timestamp,
) -> Result<Option<(String, String)>, DbErr> {
    let sql = "SELECT d.id, d.title FROM document_link l JOIN document d ON d.id = l.document_id \
        WHERE l.hash = $1 AND d.deleted_at IS NULL AND (l.ends_at IS NULL OR l.ends_at > $2)";
    let rows = query(db, sql, [hash.into(), millis(now).into()]).await?;
    let read = |row: &QueryResult| Ok((row.try_get("", "id")?, row.try_get("", "title")?));
    rows.first().map(read).transpose()
}
