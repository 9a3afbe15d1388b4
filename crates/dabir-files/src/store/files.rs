//! Files and what they are attached to.

use dabir_core::Timestamp;
use dabir_core::names::search_text;
use dabir_db::sql::{execute, places, query, time, time_if_any};
use dabir_db::{Question, Ts};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use crate::model::{Attachment, File, FileFilter, FileProblem, FileState};

const COLUMNS: &str = "id, name, owner_id, owner_name, size, sha256, media_type, kind, mismatch, \
    state, error_code, error_detail, thumbnail, fingerprint, job_id, version, created_at, \
    updated_at, deleted_at";

pub(crate) async fn insert(tx: &impl ConnectionTrait, file: &File) -> Result<(), DbErr> {
    let sql = "INSERT INTO file (id, name, folded, owner_id, owner_name, size, sha256, media_type, \
        kind, mismatch, state, thumbnail, job_id, version, created_at, updated_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    let values = [
        file.id.as_str().into(),
        file.name.as_str().into(),
        search_text(&file.name).into(),
        file.owner_id.as_str().into(),
        file.owner.as_str().into(),
        file.size.cast_signed().into(),
        file.sha256.as_str().into(),
        file.media_type.as_str().into(),
        file.kind.as_str().into(),
        file.mismatch.into(),
        file.state.as_str().into(),
        file.thumbnail.into(),
        file.job_id.into(),
        file.version.into(),
        Ts::from(file.created_at).0.into(),
        Ts::from(file.updated_at).0.into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<File>, DbErr> {
    // PostgreSQL takes no NUL in a question.
    if id.contains('\0') {
        return Ok(None);
    }
    let sql = format!("SELECT {COLUMNS} FROM file WHERE id = $1");
    let rows = query(db, sql, [id.into()]).await?;
    rows.first().map(of_row).transpose()
}

/// Those of these ids that are there and not deleted.
pub(crate) async fn by_ids(db: &impl ConnectionTrait, ids: &[&str]) -> Result<Vec<File>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let places = places(1, ids.len());
    let sql = format!("SELECT {COLUMNS} FROM file WHERE deleted_at IS NULL AND id IN ({places})");
    let rows = query(db, sql, ids.iter().map(|id| (*id).into())).await?;
    rows.iter().map(of_row).collect()
}

/// Files before a place in the list, the newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    filter: &FileFilter,
    before: Option<(i64, &str)>,
    limit: u32,
) -> Result<Vec<File>, DbErr> {
    let deleted = if filter.deleted {
        "IS NOT NULL"
    } else {
        "IS NULL"
    };
    let select = format!("SELECT {COLUMNS} FROM file WHERE deleted_at {deleted}");
    let mut question = Question::new(select);
    if let Some(owner) = &filter.owner_id {
        let owner = question.value(owner.as_str());
        question.and(&format!("owner_id = {owner}"));
    }
    if let Some(kind) = &filter.kind {
        let kind = question.value(kind.as_str());
        question.and(&format!("kind = {kind}"));
    }
    if let Some(state) = filter.state {
        let state = question.value(state.as_str());
        question.and(&format!("state = {state}"));
    }
    if let Some(named) = question.words("folded", &filter.words) {
        question.and(&named);
    }
    if let Some(to) = &filter.attached {
        let kind = question.value(to.subject_kind.as_str());
        let id = question.value(to.subject_id.as_str());
        question.and(&format!(
            "id IN (SELECT file_id FROM file_link WHERE subject_kind = {kind} AND subject_id = {id})"
        ));
    }
    if let Some((at, id)) = before {
        let (at, id) = (question.value(at), question.value(id));
        question.and(&format!("(created_at, id) < ({at}, {id})"));
    }
    let end = format!(" ORDER BY created_at DESC, id DESC LIMIT {limit}");
    question.sql.push_str(&end);
    let rows = question.ask(db).await?;
    rows.iter().map(of_row).collect()
}

/// Gives a file another name; `false` when it has changed since `version`.
pub(crate) async fn rename(
    tx: &impl ConnectionTrait,
    file: &File,
    name: &str,
    mismatch: bool,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let sql = "UPDATE file SET name = $1, folded = $2, mismatch = $3, updated_at = $4, \
               version = version + 1 WHERE id = $5 AND version = $6";
    let values = [
        name.into(),
        search_text(name).into(),
        mismatch.into(),
        Ts::from(now).0.into(),
        file.id.as_str().into(),
        file.version.into(),
    ];
    Ok(execute(tx, sql, values).await? > 0)
}

/// Deletes a file, which can be had back, or has it back; `false` when it is so already.
pub(crate) async fn set_deleted(
    tx: &impl ConnectionTrait,
    id: &str,
    deleted: bool,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let (at, was) = if deleted {
        (Some(Ts::from(now).0), "IS NULL")
    } else {
        (None, "IS NOT NULL")
    };
    let sql = format!(
        "UPDATE file SET deleted_at = $1, updated_at = $2, version = version + 1 \
         WHERE id = $3 AND deleted_at {was}"
    );
    let values = [at.into(), Ts::from(now).0.into(), id.into()];
    Ok(execute(tx, sql, values).await? > 0)
}

/// Files that were deleted before `before`, for good.
pub(crate) async fn deleted_before(
    db: &impl ConnectionTrait,
    before: Timestamp,
    most: u32,
) -> Result<Vec<String>, DbErr> {
    let sql = "SELECT id FROM file WHERE deleted_at <= $1 ORDER BY deleted_at LIMIT $2";
    let rows = query(db, sql, [Ts::from(before).0.into(), i64::from(most).into()]).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// Forgets a file with all that was made of it.
pub(crate) async fn purge(tx: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
    for table in ["file_analysis", "file_text", "file_link"] {
        let sql = format!("DELETE FROM {table} WHERE file_id = $1");
        execute(tx, sql, [id.into()]).await?;
    }
    execute(tx, "DELETE FROM file WHERE id = $1", [id.into()]).await?;
    Ok(())
}

/// Files with the same bytes as this one, and such with a fingerprint, the newest first.
pub(crate) async fn alike(
    db: &impl ConnectionTrait,
    file: &File,
    most: u32,
) -> Result<Vec<File>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM file WHERE deleted_at IS NULL AND id <> $1 \
         AND (sha256 = $2 OR fingerprint IS NOT NULL) ORDER BY created_at DESC LIMIT $3"
    );
    let values = [
        file.id.as_str().into(),
        file.sha256.as_str().into(),
        i64::from(most).into(),
    ];
    let rows = query(db, sql, values).await?;
    rows.iter().map(of_row).collect()
}

pub(crate) async fn attachments(
    db: &impl ConnectionTrait,
    id: &str,
) -> Result<Vec<Attachment>, DbErr> {
    let sql = "SELECT subject_kind, subject_id FROM file_link WHERE file_id = $1 ORDER BY at";
    let rows = query(db, sql, [id.into()]).await?;
    let link = |row: &QueryResult| {
        Ok(Attachment {
            subject_kind: row.try_get("", "subject_kind")?,
            subject_id: row.try_get("", "subject_id")?,
        })
    };
    rows.iter().map(link).collect()
}

/// What these files are attached to, each with its id.
pub(crate) async fn links(
    db: &impl ConnectionTrait,
    ids: &[&str],
) -> Result<Vec<(String, Attachment)>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let places = places(1, ids.len());
    let sql = format!(
        "SELECT file_id, subject_kind, subject_id FROM file_link WHERE file_id IN ({places})"
    );
    let rows = query(db, sql, ids.iter().map(|id| (*id).into())).await?;
    let link = |row: &QueryResult| {
        let to = Attachment {
            subject_kind: row.try_get("", "subject_kind")?,
            subject_id: row.try_get("", "subject_id")?,
        };
        Ok((row.try_get("", "file_id")?, to))
    };
    rows.iter().map(link).collect()
}

/// What is attached to something, the first first.
pub(crate) async fn attached(
    db: &impl ConnectionTrait,
    to: &Attachment,
) -> Result<Vec<String>, DbErr> {
    let sql = "SELECT file_id FROM file_link WHERE subject_kind = $1 AND subject_id = $2 \
               ORDER BY at, file_id";
    let values = [
        to.subject_kind.as_str().into(),
        to.subject_id.as_str().into(),
    ];
    let rows = query(db, sql, values).await?;
    rows.iter().map(|row| row.try_get("", "file_id")).collect()
}

pub(crate) async fn attach(
    tx: &impl ConnectionTrait,
    id: &str,
    to: &Attachment,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO file_link (file_id, subject_kind, subject_id, at) \
               VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    let values = [
        id.into(),
        to.subject_kind.as_str().into(),
        to.subject_id.as_str().into(),
        Ts::from(now).0.into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Attaches those of these files that are attached to one thing to another as well.
pub(crate) async fn attach_as(
    tx: &impl ConnectionTrait,
    now: Timestamp,
    from: &Attachment,
    to: &Attachment,
    ids: &[String],
) -> Result<(), DbErr> {
    let sql = format!(
        "INSERT INTO file_link (file_id, subject_kind, subject_id, at) \
         SELECT file_id, $1, $2, $3 FROM file_link \
         WHERE subject_kind = $4 AND subject_id = $5 AND file_id IN ({}) ON CONFLICT DO NOTHING",
        places(6, ids.len())
    );
    let head: [Value; 5] = [
        to.subject_kind.as_str().into(),
        to.subject_id.as_str().into(),
        Ts::from(now).0.into(),
        from.subject_kind.as_str().into(),
        from.subject_id.as_str().into(),
    ];
    let ids = ids.iter().map(|id| Value::from(id.as_str()));
    execute(tx, &sql, head.into_iter().chain(ids))
        .await
        .map(drop)
}

pub(crate) async fn detach(
    tx: &impl ConnectionTrait,
    id: &str,
    from: &Attachment,
) -> Result<bool, DbErr> {
    let sql = "DELETE FROM file_link WHERE file_id = $1 AND subject_kind = $2 AND subject_id = $3";
    let values = [
        id.into(),
        from.subject_kind.as_str().into(),
        from.subject_id.as_str().into(),
    ];
    Ok(execute(tx, sql, values).await? > 0)
}

fn of_row(row: &QueryResult) -> Result<File, DbErr> {
    let word = |column: &str| row.try_get::<String>("", column);
    let state = word("state")?;
    let state = FileState::parse(&state)
        .ok_or_else(|| DbErr::Type(format!("`{state}` is no state of a file")))?;
    let code: Option<String> = row.try_get("", "error_code")?;
    let detail: Option<String> = row.try_get("", "error_detail")?;
    Ok(File {
        id: word("id")?,
        name: word("name")?,
        owner_id: word("owner_id")?,
        owner: word("owner_name")?,
        size: row.try_get::<i64>("", "size")?.unsigned_abs(),
        sha256: word("sha256")?,
        media_type: word("media_type")?,
        kind: word("kind")?,
        mismatch: row.try_get("", "mismatch")?,
        state,
        error: code.map(|code| FileProblem {
            code,
            detail: detail.unwrap_or_default(),
        }),
        thumbnail: row.try_get("", "thumbnail")?,
        fingerprint: row.try_get("", "fingerprint")?,
        job_id: row.try_get("", "job_id")?,
        version: row.try_get("", "version")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
        deleted_at: time_if_any(row, "deleted_at")?,
    })
}
