//! What search finds of tasks: everybody who works here sees them all.

use std::collections::HashMap;

use dabir_core::Findable;
use dabir_http::{Identity, Role};
use sea_orm::DbErr;

use super::Tasks;
use crate::comments::store::texts;
use crate::tasks::model::Task;
use crate::tasks::store::task;

impl Tasks {
    /// What is to be found of those of these that are not deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn findable(&self, ids: &[&str]) -> Result<Vec<Findable>, DbErr> {
        let mut said = texts(self.db().read(), "task", ids).await?;
        let tasks = task::find_all(self.db().read(), ids).await?.into_iter();
        let living = tasks.filter(|task| task.deleted_at.is_none());
        let findable = living.map(|task| {
            let comments = said.remove(&task.id).unwrap_or_default();
            findable(task, &comments)
        });
        Ok(findable.collect())
    }

    /// Who may see those of these that are not deleted, each by its id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn readers(&self, ids: &[&str]) -> Result<HashMap<String, Vec<String>>, DbErr> {
        let tasks = task::find_all(self.db().read(), ids).await?.into_iter();
        let living = tasks.filter(|task| task.deleted_at.is_none());
        Ok(living.map(|task| (task.id, everybody())).collect())
    }

    /// Those of these that `who` may see.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn seen(&self, who: &Identity, ids: &[&str]) -> Result<Vec<String>, DbErr> {
        if who.role == Role::Participant {
            return Ok(Vec::new());
        }
        let tasks = task::find_all(self.db().read(), ids).await?.into_iter();
        let living = tasks.filter(|task| task.deleted_at.is_none());
        Ok(living.map(|task| task.id).collect())
    }
}

fn findable(task: Task, comments: &[String]) -> Findable {
    let checks = task.checklist.iter().map(|check| &check.text);
    let parts = [&task.description]
        .into_iter()
        .chain(checks)
        .chain(&task.labels)
        .chain(comments);
    let parts: Vec<&str> = parts.map(String::as_str).collect();
    Findable {
        kind: "task".to_owned(),
        body: parts.join("\n"),
        id: task.id,
        title: task.title,
        updated_at: task.updated_at,
        readers: everybody(),
    }
}

fn everybody() -> Vec<String> {
    vec!["everyone".to_owned()]
}
