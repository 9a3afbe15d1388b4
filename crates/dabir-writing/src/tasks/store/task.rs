//! The table of tasks: one row a task.

use dabir_core::Timestamp;
use dabir_core::names::search_text;
use dabir_db::{Question, Ts};
use jiff::tz::TimeZone;
use sea_orm::{ConnectionTrait, DbErr, Value};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{ROWS, execute, places, query};
use crate::people::Named;
use crate::tasks::due;
use crate::tasks::model::{Due, PRIORITIES, Priority, Status, Task};

/// Every column but `id`, and but `search`, which is only looked into; in the order of [`Row`] and of
/// [`values`].
const COLUMNS: &str = "number, title, description, status, priority, assignees, due_at, due_day, labels, \
    checklist, files, documents, meetings, rank, comments, followers, version, created_at, created_by, \
    created_name, updated_at, updated_by, updated_name, done_at, deleted_at";

/// A row as it is kept: times in milliseconds, lists as JSON.
#[derive(Deserialize)]
struct Row {
    id: String,
    number: i64,
    title: String,
    description: String,
    status: String,
    priority: i32,
    assignees: String,
    due_at: i64,
    due_day: Option<String>,
    labels: String,
    checklist: String,
    files: String,
    documents: String,
    meetings: String,
    rank: String,
    comments: i64,
    followers: String,
    version: i64,
    created_at: i64,
    created_by: Option<String>,
    created_name: String,
    updated_at: i64,
    updated_by: Option<String>,
    updated_name: String,
    done_at: Option<i64>,
    deleted_at: Option<i64>,
}

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
    let values = values(task, zone);
    let places = places(1, values.len());
    let sql = format!("INSERT INTO task (id, {COLUMNS}, search) VALUES ({places})");
    execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn update(
    tx: &impl ConnectionTrait,
    task: &Task,
    zone: &TimeZone,
) -> Result<(), DbErr> {
    let values = values(task, zone);
    let places = places(2, values.len() - 1);
    let sql = format!("UPDATE task SET ({COLUMNS}, search) = ({places}) WHERE id = $1");
    execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn find(db: &impl ConnectionTrait, word: &Word) -> Result<Option<Task>, DbErr> {
    let (column, value): (_, Value) = match word {
        Word::Id(id) => ("id", id.as_str().into()),
        Word::Number(number) => ("number", (*number).into()),
    };
    let found = rows(db, &format!("FROM task WHERE {column} = $1"), [value]).await?;
    Ok(found.into_iter().next())
}

/// Those of these ids that there are, in any order.
pub(crate) async fn find_all(db: &impl ConnectionTrait, ids: &[&str]) -> Result<Vec<Task>, DbErr> {
    let mut tasks = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(ROWS) {
        let from = format!("FROM task WHERE id IN ({})", places(1, chunk.len()));
        tasks.extend(rows(db, &from, chunk.iter().map(|id| Value::from(*id))).await?);
    }
    Ok(tasks)
}

/// Those that were deleted before `until`, at most so many.
pub(crate) async fn deleted_before(
    db: &impl ConnectionTrait,
    until: Timestamp,
    most: usize,
) -> Result<Vec<Task>, DbErr> {
    let from = format!(
        "FROM task WHERE deleted_at IS NOT NULL AND deleted_at < $1 ORDER BY number LIMIT {most}"
    );
    rows(db, &from, [until.as_millisecond().into()]).await
}

/// Those that are to be done until `until` and of whose end nothing was said yet, at most so many.
pub(crate) async fn due_untold(
    db: &impl ConnectionTrait,
    until: Timestamp,
    most: usize,
) -> Result<Vec<Task>, DbErr> {
    // The words of the index, so that it is used.
    let from = format!(
        "FROM task WHERE status <> 'done' AND deleted_at IS NULL \
         AND (due_told IS NULL OR due_told <> due_at) AND due_at <= $1 ORDER BY due_at LIMIT {most}"
    );
    rows(db, &from, [until.as_millisecond().into()]).await
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

/// The tasks `FROM` somewhere, in their order.
async fn rows(
    db: &impl ConnectionTrait,
    from: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<Task>, DbErr> {
    let mut question = Question::new(from);
    question.values(values);
    ask(db, question).await
}

/// The tasks of a question that begins with `FROM`, in their order.
pub(crate) async fn ask(db: &impl ConnectionTrait, question: Question) -> Result<Vec<Task>, DbErr> {
    let rows: Vec<Row> = question.rows(db, &format!("id, {COLUMNS}")).await?;
    rows.into_iter().map(Task::try_from).collect()
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
        search_text(&task.title).into(),
    ]
}

fn json<T: Serialize>(list: &[T]) -> Value {
    if list.is_empty() {
        return "[]".into();
    }
    serde_json::json!(list).to_string().into()
}

impl TryFrom<Row> for Task {
    type Error = DbErr;

    fn try_from(row: Row) -> Result<Self, DbErr> {
        let time = |millis| Timestamp::from(Ts(millis));
        let named = |id, name| Named { id, name };
        Ok(Self {
            due: row.due(),
            id: row.id,
            number: row.number,
            title: row.title,
            description: row.description,
            // A word that no version of ours wrote is something that is to be done.
            status: Status::parse(&row.status).unwrap_or_default(),
            priority: priority_of(row.priority),
            assignees: list(&row.assignees)?,
            labels: list(&row.labels)?,
            checklist: list(&row.checklist)?,
            files: list(&row.files)?,
            documents: list(&row.documents)?,
            meetings: list(&row.meetings)?,
            rank: row.rank,
            comments: row.comments,
            version: row.version,
            created_at: time(row.created_at),
            created_by: named(row.created_by, row.created_name),
            updated_at: time(row.updated_at),
            updated_by: named(row.updated_by, row.updated_name),
            done_at: row.done_at.map(time),
            deleted_at: row.deleted_at.map(time),
            followers: list(&row.followers)?,
        })
    }
}

impl Row {
    fn due(&self) -> Option<Due> {
        let day = self.due_day.as_ref().and_then(|day| day.parse().ok());
        let at = || (self.due_at != due::NEVER).then(|| Due::At(Ts(self.due_at).into()));
        day.map(Due::Day).or_else(at)
    }
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
