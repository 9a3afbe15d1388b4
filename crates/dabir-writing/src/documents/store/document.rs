//! The table of documents, as somebody may see them.

use dabir_core::Timestamp;
use dabir_db::Question;
use dabir_db::sql::ROWS;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use super::{execute, folder, millis, millis_if_any, named, query, time, time_if_any};
use crate::documents::Who;
use crate::documents::list::{Filter, Place, Sort};
use crate::documents::model::{Document, Right};
use crate::documents::rights::reach;

const COLUMNS: &str = "d.id, d.folder_id, d.title, d.search, d.owner_id, d.owner_name, \
    d.is_template, d.words, d.version, d.created_at, d.changed_at, d.changed_by, d.changed_name, \
    d.deleted_at";

/// A document that somebody may see, deleted or not.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    who: &Who,
    id: &str,
) -> Result<Option<Document>, DbErr> {
    let mut question = seen(db, who);
    let id = question.value(id);
    question.and(&format!("id = {id}"));
    let rows = question.ask(db).await?;
    rows.first().map(|row| read(row, who)).transpose()
}

/// The first documents after a place in the list, at most so many.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    who: &Who,
    filter: &Filter,
    limit: u32,
) -> Result<Vec<Document>, DbErr> {
    let mut question = seen(db, who);
    narrow(&mut question, who, filter);
    let column = match filter.sort {
        Sort::Changed => "changed_at",
        Sort::Seen => "seen_at",
    };
    if let Some((at, id)) = &filter.after {
        let (at, id) = (question.value(*at), question.value(id.as_str()));
        question.and(&format!("({column}, id) < ({at}, {id})"));
    }
    let end = format!(" ORDER BY {column} DESC, id DESC LIMIT {limit}");
    question.sql.push_str(&end);
    let rows = question.ask(db).await?;
    rows.iter().map(|row| read(row, who)).collect()
}

/// Those of these documents that somebody may see and that are not deleted.
pub(crate) async fn seen_of(
    db: &impl ConnectionTrait,
    who: &Who,
    ids: &[&str],
) -> Result<Vec<String>, DbErr> {
    let mut there = Vec::new();
    for chunk in ids.chunks(ROWS) {
        let mut question = seen(db, who);
        let ids = question.values(chunk.iter().map(|id| (*id).into()));
        question.and(&format!("deleted_at IS NULL AND id IN ({ids})"));
        for row in question.ask(db).await? {
            there.push(row.try_get("", "id")?);
        }
    }
    Ok(there)
}

fn narrow(question: &mut Question, who: &Who, filter: &Filter) {
    let deleted = match filter.is_trash {
        // What was deleted is its owners' business.
        true => "deleted_at IS NOT NULL AND access >= 4",
        false => "deleted_at IS NULL",
    };
    question.and(deleted);
    match &filter.place {
        Some(Place::Root) => question.and("folder_id IS NULL"),
        Some(Place::Folder(id)) => {
            let id = question.value(id.as_str());
            question.and(&format!("folder_id = {id}"));
        }
        None => {}
    }
    if let Some(is_mine) = filter.is_mine {
        let me = question.value(who.user_id());
        let is = if is_mine { "=" } else { "<>" };
        question.and(&format!("COALESCE(owner_id, '') {is} {me}"));
    }
    match filter.sort {
        Sort::Changed => {}
        Sort::Seen => question.and("seen_at IS NOT NULL"),
    }
    if filter.is_starred {
        question.and("starred_at IS NOT NULL");
    }
    if let Some(is_template) = filter.is_template {
        let is_template = question.value(is_template);
        question.and(&format!("is_template = {is_template}"));
    }
    if let Some(words) = question.words("search", &filter.words) {
        question.and(&words);
    }
}

/// The documents that somebody may see; conditions follow.
fn seen(db: &impl ConnectionTrait, who: &Who) -> Question {
    let mut question = Question::default();
    let reach = reach(db, &mut question, who);
    let me = question.value(who.user_id());
    question.sql = format!(
        "WITH RECURSIVE {} SELECT * FROM (\
           SELECT {COLUMNS}, p.seen_at, p.starred_at, {} AS access FROM document d \
           LEFT JOIN document_person p ON p.document_id = d.id AND p.user_id = {me}) seen \
         WHERE access > 0",
        reach.folders, reach.access
    );
    question
}

fn read(row: &QueryResult, who: &Who) -> Result<Document, DbErr> {
    let right = who.right(row.try_get("", "access")?);
    let starred_at: Option<i64> = row.try_get("", "starred_at")?;
    Ok(Document {
        id: row.try_get("", "id")?,
        title: row.try_get("", "title")?,
        folder: row.try_get("", "folder_id")?,
        owner: named(row, "owner_id", "owner_name")?,
        template: row.try_get("", "is_template")?,
        words: row.try_get("", "words")?,
        version: row.try_get("", "version")?,
        created_at: time(row, "created_at")?,
        changed_at: time(row, "changed_at")?,
        changed_by: named(row, "changed_by", "changed_name")?,
        deleted_at: time_if_any(row, "deleted_at")?,
        right: right.unwrap_or(Right::View),
        starred: starred_at.is_some(),
        seen_at: time_if_any(row, "seen_at")?,
    })
}

/// Keeps a document that is new.
pub(crate) async fn insert(tx: &impl ConnectionTrait, document: &Document) -> Result<(), DbErr> {
    let sql = "INSERT INTO document (id, folder_id, title, search, owner_id, owner_name, \
        is_template, words, version, created_at, changed_at, changed_by, changed_name) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let values: [Value; 13] = [
        document.id.as_str().into(),
        document.folder.clone().into(),
        document.title.as_str().into(),
        dabir_core::names::search_text(&document.title).into(),
        document.owner.id.clone().into(),
        document.owner.name.as_str().into(),
        document.template.into(),
        document.words.into(),
        document.version.into(),
        millis(document.created_at).into(),
        millis(document.changed_at).into(),
        document.changed_by.id.clone().into(),
        document.changed_by.name.as_str().into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

/// Keeps what the owner and the writers say of a document beside its text.
pub(crate) async fn update(tx: &impl ConnectionTrait, document: &Document) -> Result<(), DbErr> {
    let sql = "UPDATE document SET folder_id = $2, title = $3, search = $4, owner_id = $5, \
        owner_name = $6, is_template = $7, version = $8, changed_at = $9, changed_by = $10, \
        changed_name = $11, deleted_at = $12 WHERE id = $1";
    let values: [Value; 12] = [
        document.id.as_str().into(),
        document.folder.clone().into(),
        document.title.as_str().into(),
        dabir_core::names::search_text(&document.title).into(),
        document.owner.id.clone().into(),
        document.owner.name.as_str().into(),
        document.template.into(),
        document.version.into(),
        millis(document.changed_at).into(),
        document.changed_by.id.clone().into(),
        document.changed_by.name.as_str().into(),
        millis_if_any(document.deleted_at).into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

/// Documents that are in any of these folders, without a look at rights.
pub(crate) async fn ids_in(
    tx: &impl ConnectionTrait,
    folders: &[String],
) -> Result<Vec<String>, DbErr> {
    let mut question = Question::default();
    let places = question.values(folders.iter().map(|id| id.as_str().into()));
    question.sql = format!("SELECT id FROM document WHERE folder_id IN ({places})");
    let rows = question.ask(tx).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// Documents that are anywhere below a folder, without a look at rights.
pub(crate) async fn ids_below(
    tx: &impl ConnectionTrait,
    folder: &str,
) -> Result<Vec<String>, DbErr> {
    ids_in(tx, &folder::below(tx, folder).await?).await
}

/// Takes all documents out of these folders, and deletes those that are not deleted yet.
pub(crate) async fn delete_in(
    tx: &impl ConnectionTrait,
    folders: &[String],
    now: Timestamp,
) -> Result<(), DbErr> {
    for folder in folders {
        let sql = "UPDATE document SET folder_id = NULL, deleted_at = COALESCE(deleted_at, $2) \
            WHERE folder_id = $1";
        execute(tx, sql, [folder.as_str().into(), millis(now).into()]).await?;
    }
    Ok(())
}

/// The oldest that were deleted before `until`, with their titles, at most so many.
pub(crate) async fn deleted_before(
    tx: &impl ConnectionTrait,
    until: Timestamp,
    most: usize,
) -> Result<Vec<(String, String)>, DbErr> {
    let sql = format!(
        "SELECT id, title FROM document WHERE deleted_at < $1 ORDER BY deleted_at LIMIT {most}"
    );
    let rows = query(tx, sql, [millis(until).into()]).await?;
    let read = |row: &QueryResult| Ok((row.try_get("", "id")?, row.try_get("", "title")?));
    rows.iter().map(read).collect()
}

/// Removes a document for good, and all that is its own.
pub(crate) async fn purge(tx: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
    for sql in [
        "DELETE FROM comment WHERE subject_kind = 'document' AND subject_id = $1",
        "DELETE FROM document_access WHERE subject_kind = 'document' AND subject_id = $1",
        "DELETE FROM document WHERE id = $1",
    ] {
        execute(tx, sql, [id.into()]).await?;
    }
    Ok(())
}

/// The title and the owner of a document, whoever asks.
pub(crate) async fn title(
    db: &impl ConnectionTrait,
    id: &str,
) -> Result<Option<(String, Option<String>)>, DbErr> {
    let sql = "SELECT title, owner_id FROM document WHERE id = $1";
    let rows = query(db, sql, [id.into()]).await?;
    let read = |row: &QueryResult| Ok((row.try_get("", "title")?, row.try_get("", "owner_id")?));
    rows.first().map(read).transpose()
}

/// Has a document belong to somebody, whoever asks.
pub(crate) async fn give(
    tx: &impl ConnectionTrait,
    id: &str,
    owner: &crate::people::Named,
) -> Result<(), DbErr> {
    let sql =
        "UPDATE document SET owner_id = $2, owner_name = $3, version = version + 1 WHERE id = $1";
    let values = [
        id.into(),
        owner.id.clone().into(),
        owner.name.as_str().into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}
