//! What tasks are found by: whose they are, their labels, and what they are linked to.

use std::collections::BTreeMap;

use dabir_core::names::key;
use sea_orm::{ConnectionTrait, DbErr, Value};
use serde::Serialize;
use utoipa::ToSchema;

use super::{execute, insert, query};
use crate::tasks::model::Task;

/// A label, and how many tasks have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TaskLabel)]
pub struct Label {
    pub label: String,
    pub tasks: i64,
}

/// Kind and folded value, and how it was written.
type Tags = BTreeMap<(&'static str, String), String>;

/// Makes the tags of these tasks, each as it was (when it was) and as it is, what they are to be.
pub(crate) async fn save(
    tx: &impl ConnectionTrait,
    tasks: &[(Option<&Task>, &Task)],
) -> Result<(), DbErr> {
    let mut new = Vec::new();
    for (before, after) in tasks {
        let was = before.map(tags).unwrap_or_default();
        let is = tags(after);
        for ((kind, value), _) in was.iter().filter(|(tag, _)| !is.contains_key(*tag)) {
            let values = [
                (*kind).into(),
                value.as_str().into(),
                after.id.as_str().into(),
            ];
            let sql = "DELETE FROM task_tag WHERE kind = $1 AND value = $2 AND task_id = $3";
            execute(tx, sql, values).await?;
        }
        let other = is
            .into_iter()
            .filter(|(tag, word)| was.get(tag) != Some(word));
        new.extend(other.map(|((kind, value), word)| row(kind, value, &after.id, word)));
    }
    let sql = "INSERT INTO task_tag (kind, value, task_id, word)";
    let known = "ON CONFLICT (kind, value, task_id) DO UPDATE SET word = excluded.word";
    insert(tx, sql, 4, new, known).await
}

fn row(kind: &str, value: String, task_id: &str, word: String) -> Vec<Value> {
    vec![kind.into(), value.into(), task_id.into(), word.into()]
}

fn tags(task: &Task) -> Tags {
    let ids = [
        ("assignee", &task.assignees),
        ("document", &task.documents),
        ("meeting", &task.meetings),
    ];
    let ids = ids.into_iter().flat_map(|(kind, ids)| {
        ids.iter()
            .map(move |id| ((kind, id.clone()), String::new()))
    });
    let labels = task.labels.iter();
    let labels = labels.map(|label| (("label", key(label)), label.clone()));
    ids.chain(labels).collect()
}

/// Every label of tasks that are not deleted, those of the most tasks first.
pub(crate) async fn labels(db: &impl ConnectionTrait, most: u32) -> Result<Vec<Label>, DbErr> {
    let sql = format!(
        "SELECT MAX(word) AS word, COUNT(*) AS tasks FROM task_tag \
         WHERE kind = 'label' AND task_id IN (SELECT id FROM task WHERE deleted_at IS NULL) \
         GROUP BY value ORDER BY COUNT(*) DESC, MAX(word) LIMIT {most}"
    );
    let rows = query(db, sql, []).await?;
    let labels = rows.iter().map(|row| {
        Ok(Label {
            label: row.try_get("", "word")?,
            tasks: row.try_get("", "tasks")?,
        })
    });
    labels.collect()
}
