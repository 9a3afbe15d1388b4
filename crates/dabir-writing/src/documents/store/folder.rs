//! The table of folders, as somebody may see them.

use dabir_db::Question;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use super::{execute, millis, named, query, time};
use crate::documents::Who;
use crate::documents::model::{Folder, Right};
use crate::documents::rights::reach;

/// The most folders that one answer has.
pub(crate) const MOST: usize = 5_000;

/// The folders that somebody may see, by title.
pub(crate) async fn list(db: &impl ConnectionTrait, who: &Who) -> Result<Vec<Folder>, DbErr> {
    let mut question = seen(db, who);
    let end = format!(" GROUP BY f.id ORDER BY f.title, f.id LIMIT {MOST}");
    question.sql.push_str(&end);
    let rows = question.ask(db).await?;
    rows.iter().map(|row| read(row, who)).collect()
}

/// A folder that somebody may see.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    who: &Who,
    id: &str,
) -> Result<Option<Folder>, DbErr> {
    let mut question = seen(db, who);
    let id = question.value(id);
    let end = format!(" WHERE f.id = {id} GROUP BY f.id");
    question.sql.push_str(&end);
    let rows = question.ask(db).await?;
    rows.first().map(|row| read(row, who)).transpose()
}

fn seen(db: &impl ConnectionTrait, who: &Who) -> Question {
    let mut question = Question::default();
    let reach = reach(db, &mut question, who);
    question.sql = format!(
        "WITH RECURSIVE {} SELECT f.id, f.title, \
           (SELECT MAX(up.id) FROM reach up WHERE up.id = f.parent) AS parent, \
           f.owner_id, f.owner_name, f.version, f.created_at, f.changed_at, \
           MAX(reach.access) AS access \
         FROM document_folder f JOIN reach ON reach.id = f.id",
        reach.folders
    );
    question
}

fn read(row: &QueryResult, who: &Who) -> Result<Folder, DbErr> {
    let right = who.right(row.try_get("", "access")?);
    Ok(Folder {
        id: row.try_get("", "id")?,
        title: row.try_get("", "title")?,
        parent: row.try_get("", "parent")?,
        owner: named(row, "owner_id", "owner_name")?,
        version: row.try_get("", "version")?,
        created_at: time(row, "created_at")?,
        changed_at: time(row, "changed_at")?,
        right: right.unwrap_or(Right::View),
    })
}

pub(crate) async fn insert(tx: &impl ConnectionTrait, folder: &Folder) -> Result<(), DbErr> {
    let sql = "INSERT INTO document_folder \
        (id, parent, title, owner_id, owner_name, version, created_at, changed_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values: [Value; 8] = [
        folder.id.as_str().into(),
        folder.parent.clone().into(),
        folder.title.as_str().into(),
        folder.owner.id.clone().into(),
        folder.owner.name.as_str().into(),
        folder.version.into(),
        millis(folder.created_at).into(),
        millis(folder.changed_at).into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

/// Keeps a title; `parent` only when the folder was moved.
pub(crate) async fn update(
    tx: &impl ConnectionTrait,
    folder: &Folder,
    is_moved: bool,
) -> Result<(), DbErr> {
    let sql = "UPDATE document_folder SET title = $2, version = $3, changed_at = $4 WHERE id = $1";
    let values: [Value; 4] = [
        folder.id.as_str().into(),
        folder.title.as_str().into(),
        folder.version.into(),
        millis(folder.changed_at).into(),
    ];
    execute(tx, sql, values).await?;
    if is_moved {
        let sql = "UPDATE document_folder SET parent = $2 WHERE id = $1";
        let values = [folder.id.as_str().into(), folder.parent.clone().into()];
        execute(tx, sql, values).await?;
    }
    Ok(())
}

/// A folder and all that are in it, the outermost first.
pub(crate) async fn below(db: &impl ConnectionTrait, id: &str) -> Result<Vec<String>, DbErr> {
    let sql = "WITH RECURSIVE down (id, depth) AS (SELECT id, 0 FROM document_folder WHERE id = $1 \
        UNION SELECT f.id, down.depth + 1 FROM document_folder f JOIN down ON f.parent = down.id \
        WHERE down.depth < 100) SELECT id FROM down ORDER BY depth, id";
    ids(&query(db, sql, [id.into()]).await?)
}

/// A folder and all that it is in, the innermost first.
pub(crate) async fn above(db: &impl ConnectionTrait, id: &str) -> Result<Vec<String>, DbErr> {
    let sql = "WITH RECURSIVE up (id, parent, depth) AS \
        (SELECT id, parent, 0 FROM document_folder WHERE id = $1 \
        UNION SELECT f.id, f.parent, up.depth + 1 FROM document_folder f JOIN up ON f.id = up.parent \
        WHERE up.depth < 100) SELECT id FROM up ORDER BY depth";
    ids(&query(db, sql, [id.into()]).await?)
}

fn ids(rows: &[QueryResult]) -> Result<Vec<String>, DbErr> {
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// Removes folders; nothing may be in them.
pub(crate) async fn delete(tx: &impl ConnectionTrait, ids: &[String]) -> Result<(), DbErr> {
    for id in ids {
        let sql = "DELETE FROM document_access WHERE subject_kind = 'folder' AND subject_id = $1";
        execute(tx, sql, [id.as_str().into()]).await?;
        let sql = "DELETE FROM document_folder WHERE id = $1";
        execute(tx, sql, [id.as_str().into()]).await?;
    }
    Ok(())
}
