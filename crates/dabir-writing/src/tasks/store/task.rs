//! The table of tasks: one row a task.

use dabir_core::Timestamp;
use dabir_core::names::search_text;
use dabir_db::Ts;
use dabir_db::sql::{time, time_if_any};
use jiff::tz::TimeZone;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ROWS, execute, places, query};
use crate::people::Named;
use crate::tasks::due;
use crate::tasks::model::{Due, PRIORITIES, Priority, Status, Task};

/// Every column, in the order of [`values`].
const COLUMNS: [&str; 27] = [
    "id",
    "number",
    "title",
    "search",
    "description",
    "status",
    "priority",
    "assignees",
    "due_at",
    "due_day",
    "labels",
    "checklist",
    "files",
    "documents",
    "meetings",
    "rank",
    "comments",
    "followers",
    "version",
    "created_at",
    "created_by",
    "created_name",
    "updated_at",
    "updated_by",
    "updated_name",
    "done_at",
    "deleted_at",
];

/// How a path names a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Id(String),
    Number(i64),
}

/// Takes the next number, and tells the last place of a column.
pub(crate) async fn next_number(
    tx: &impl ConnectionTrait,
    status: Status,
) -> Result<(i64, Option<String>), DbErr> {
    let sql = "UPDATE task_number SET value = value + 1 WHERE id = 1 \
        RETURNING value, (SELECT MAX(rank) FROM task WHERE status = $1) AS last";
    let rows = query(tx, sql, [status.as_str().into()]).await?;
    let row = rows
        .first()
        .ok_or_else(|| DbErr::RecordNotFound("task_number".to_owned()))?;
    Ok((row.try_get("", "value")?, row.try_get("", "last")?))
}

pub(crate) async fn insert(
    tx: &impl ConnectionTrait,
    task: &Task,
    zone: &TimeZone,
) -> Result<(), DbErr> {
    let sql = format!(
        "INSERT INTO task ({}) VALUES ({})",
        COLUMNS.join(", "),
        places(1, COLUMNS.len())
    );
    execute(tx, sql, values(task, zone)).await?;
    Ok(())
}

pub(crate) async fn update(
    tx: &impl ConnectionTrait,
    task: &Task,
    zone: &TimeZone,
) -> Result<(), DbErr> {
    let columns = COLUMNS.iter().enumerate().skip(1);
    let set: Vec<String> = columns
        .map(|(at, column)| format!("{column} = ${}", at + 1))
        .collect();
    let sql = format!("UPDATE task SET {} WHERE id = $1", set.join(", "));
    execute(tx, sql, values(task, zone)).await?;
    Ok(())
}

pub(crate) async fn find(db: &impl ConnectionTrait, word: &Word) -> Result<Option<Task>, DbErr> {
    let (column, value): (_, Value) = match word {
        Word::Id(id) => ("id", id.as_str().into()),
        Word::Number(number) => ("number", (*number).into()),
    };
    let sql = format!("{} WHERE {column} = $1", select());
    let rows = query(db, sql, [value]).await?;
    rows.first().map(read).transpose()
}

/// Those of these ids that there are, in any order.
pub(crate) async fn find_all(db: &impl ConnectionTrait, ids: &[&str]) -> Result<Vec<Task>, DbErr> {
    let mut tasks = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(ROWS) {
        let sql = format!("{} WHERE id IN ({})", select(), places(1, chunk.len()));
        let rows = query(db, sql, chunk.iter().map(|id| Value::from(*id))).await?;
        for row in &rows {
            tasks.push(read(row)?);
        }
    }
    Ok(tasks)
}

/// Those that were deleted before `until`, at most so many.
pub(crate) async fn deleted_before(
    db: &impl ConnectionTrait,
    until: Timestamp,
    most: usize,
) -> Result<Vec<Task>, DbErr> {
    let sql = format!(
        "{} WHERE deleted_at IS NOT NULL AND deleted_at < $1 ORDER BY number LIMIT {most}",
        select()
    );
    let rows = query(db, sql, [until.as_millisecond().into()]).await?;
    rows.iter().map(read).collect()
}

/// Those that are to be done until `until` and of whose end nothing was said yet, at most so many.
pub(crate) async fn due_untold(
    db: &impl ConnectionTrait,
    until: Timestamp,
    most: usize,
) -> Result<Vec<Task>, DbErr> {
    // The words of the index, so that it is used.
    let sql = format!(
        "{} WHERE status <> 'done' AND deleted_at IS NULL \
         AND (due_told IS NULL OR due_told <> due_at) AND due_at <= $1 ORDER BY due_at LIMIT {most}",
        select()
    );
    let rows = query(db, sql, [until.as_millisecond().into()]).await?;
    rows.iter().map(read).collect()
}

/// Keeps that it was said when these are to be done.
pub(crate) async fn due_was_told(tx: &impl ConnectionTrait, tasks: &[Task]) -> Result<(), DbErr> {
    for chunk in tasks.chunks(ROWS) {
        let ids = chunk.iter().map(|task| Value::from(task.id.as_str()));
        let places = places(1, chunk.len());
        let sql = format!("UPDATE task SET due_told = due_at WHERE id IN ({places})");
        execute(tx, sql, ids).await?;
    }
    Ok(())
}

/// Removes tasks with what was said about them.
pub(crate) async fn remove(tx: &impl ConnectionTrait, tasks: &[Task]) -> Result<(), DbErr> {
    for chunk in tasks.chunks(ROWS) {
        let ids = || chunk.iter().map(|task| Value::from(task.id.as_str()));
        let places = places(1, chunk.len());
        let comments =
            format!("DELETE FROM comment WHERE subject_kind = 'task' AND subject_id IN ({places})");
        execute(tx, comments, ids()).await?;
        execute(
            tx,
            format!("DELETE FROM task WHERE id IN ({places})"),
            ids(),
        )
        .await?;
    }
    Ok(())
}

/// All columns that are read.
pub(crate) fn select() -> String {
    format!("SELECT {} FROM task", COLUMNS.join(", "))
}

fn values(task: &Task, zone: &TimeZone) -> [Value; 27] {
    let due_day = match task.due {
        Some(Due::Day(day)) => Some(day.to_string()),
        _ => None,
    };
    let millis = |at: Timestamp| Ts::from(at).0;
    [
        task.id.as_str().into(),
        task.number.into(),
        task.title.as_str().into(),
        search_text(&task.title).into(),
        task.description.as_str().into(),
        task.status.as_str().into(),
        (task.priority as i32).into(),
        json(&task.assignees),
        due::last_millis(task.due, zone).into(),
        due_day.into(),
        json(&task.labels),
        json(&task.checklist),
        json(&task.files),
        json(&task.documents),
        json(&task.meetings),
        task.rank.as_str().into(),
        task.comments.into(),
        json(&task.followers),
        task.version.into(),
        millis(task.created_at).into(),
        task.created_by.id.clone().into(),
        task.created_by.name.as_str().into(),
        millis(task.updated_at).into(),
        task.updated_by.id.clone().into(),
        task.updated_by.name.as_str().into(),
        task.done_at.map(millis).into(),
        task.deleted_at.map(millis).into(),
    ]
}

fn json<T: Serialize>(list: &[T]) -> Value {
    if list.is_empty() {
        return "[]".into();
    }
    serde_json::json!(list).to_string().into()
}

pub(crate) fn read(row: &QueryResult) -> Result<Task, DbErr> {
    let word = |column: &str| row.try_get::<String>("", column);
    let named = |id: &str, name: &str| {
        Ok::<_, DbErr>(Named {
            id: row.try_get("", id)?,
            name: word(name)?,
        })
    };
    let priority: i32 = row.try_get("", "priority")?;
    Ok(Task {
        id: word("id")?,
        number: row.try_get("", "number")?,
        title: word("title")?,
        description: word("description")?,
        // A word that no version of ours wrote is something that is to be done.
        status: Status::parse(&word("status")?).unwrap_or_default(),
        priority: priority_of(priority),
        assignees: list(&word("assignees")?)?,
        due: due_of(row)?,
        labels: list(&word("labels")?)?,
        checklist: list(&word("checklist")?)?,
        files: list(&word("files")?)?,
        documents: list(&word("documents")?)?,
        meetings: list(&word("meetings")?)?,
        rank: word("rank")?,
        comments: row.try_get("", "comments")?,
        version: row.try_get("", "version")?,
        created_at: time(row, "created_at")?,
        created_by: named("created_by", "created_name")?,
        updated_at: time(row, "updated_at")?,
        updated_by: named("updated_by", "updated_name")?,
        done_at: time_if_any(row, "done_at")?,
        deleted_at: time_if_any(row, "deleted_at")?,
        followers: list(&word("followers")?)?,
    })
}

fn list<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, DbErr> {
    if text == "[]" {
        return Ok(Vec::new());
    }
    serde_json::from_str(text).map_err(|error| DbErr::Json(error.to_string()))
}

fn priority_of(number: i32) -> Priority {
    let at = usize::try_from(number).unwrap_or_default();
    PRIORITIES
        .get(at)
        .map_or_else(Priority::default, |(priority, _)| *priority)
}

fn due_of(row: &QueryResult) -> Result<Option<Due>, DbErr> {
    let day: Option<String> = row.try_get("", "due_day")?;
    if let Some(day) = day.and_then(|day| day.parse().ok()) {
        return Ok(Some(Due::Day(day)));
    }
    let at: i64 = row.try_get("", "due_at")?;
    Ok((at != due::NEVER).then(|| Due::At(Ts(at).into())))
}
