//! Looking at tasks: a fixed number of questions, however many there are.

use dabir_core::Page;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Tasks, living, word};
use crate::comments::{self, Comment, Subject};
use crate::error::WritingError;
use crate::files::File;
use crate::people::{Known, Named, Person};
use crate::tasks::list::{Filter, TaskQuery};
use crate::tasks::model::Task;
use crate::tasks::store;
use crate::tasks::store::activity::{self, Activity};
use crate::tasks::store::tags::Label;

/// How many labels are told.
const LABELS: u32 = 1_000;

/// One page of tasks.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskPage {
    pub items: Vec<Task>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    pub next_cursor: Option<String>,
    /// What the assignees are called.
    pub people: Vec<Named>,
}

/// A task, and what the ids in it are.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskDetail {
    #[serde(flatten)]
    pub task: Task,
    /// What the assignees are called.
    pub people: Vec<Named>,
    /// The files, as far as they are there still.
    pub attachments: Vec<File>,
}

/// One page of what became of a task, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TaskActivityPage)]
pub struct ActivityPage {
    pub items: Vec<Activity>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    pub next_cursor: Option<String>,
    /// What the assignees in it are called.
    pub people: Vec<Named>,
}

/// One page of what is said, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommentPage {
    pub items: Vec<Comment>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    pub next_cursor: Option<String>,
    /// What those are called who are mentioned.
    pub people: Vec<Named>,
}

impl Tasks {
    /// A query as it is meant by `me` now.
    pub(crate) fn read_query(
        &self,
        query: &TaskQuery,
        me: Option<&str>,
    ) -> Result<Filter, WritingError> {
        query.read(me, self.now(), &self.setup().timezone)
    }

    /// One page of a list.
    pub(crate) async fn list(
        &self,
        filter: &Filter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<TaskPage, WritingError> {
        let after = cursor.map(|cursor| filter.sort.after(cursor)).transpose()?;
        let db = self.setup().db.read();
        let rows = store::list::list(db, filter, after.as_ref(), limit + 1).await?;
        let zone = &self.setup().timezone;
        let page = Page::cut(rows, limit, |task| filter.sort.cursor(task, zone));
        let people = page.items.iter().flat_map(|task| &task.assignees);
        let people = self.names(people).await?;
        Ok(TaskPage {
            items: page.items,
            next_cursor: page.next_cursor,
            people,
        })
    }

    /// A task by its id or number.
    ///
    /// # Errors
    /// When there is none.
    pub async fn get(&self, name: &str) -> Result<Task, WritingError> {
        living(self.setup().db.read(), &word(name)?).await
    }

    /// A task with names and files.
    ///
    /// # Errors
    /// When there is none.
    pub async fn detail(&self, name: &str) -> Result<TaskDetail, WritingError> {
        let task = self.get(name).await?;
        let people = self.names(task.assignees.iter()).await?;
        let files: Vec<&str> = task.files.iter().map(String::as_str).collect();
        let attachments = match files.is_empty() {
            true => Vec::new(),
            false => self.setup().files.by_ids(&files).await?,
        };
        Ok(TaskDetail {
            task,
            people,
            attachments,
        })
    }

    /// What became of a task, the newest first.
    ///
    /// # Errors
    /// When there is none.
    pub async fn activity(
        &self,
        name: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<ActivityPage, WritingError> {
        let db = self.setup().db.read();
        let task = living(db, &word(name)?).await?;
        let rows = activity::list(db, &task.id, before, limit + 1).await?;
        let page = Page::cut(rows, limit, |step| step.seq.to_string());
        let assignees = page.items.iter().filter(|step| step.what == "assignees");
        let ids = assignees.flat_map(|step| [&step.from, &step.to]);
        let ids: Vec<String> = ids.flat_map(texts).collect();
        Ok(ActivityPage {
            people: self.names(ids.iter()).await?,
            items: page.items,
            next_cursor: page.next_cursor,
        })
    }

    /// What is said about a task, the oldest first.
    ///
    /// # Errors
    /// When there is none.
    pub async fn comments(
        &self,
        name: &str,
        after: Option<i64>,
        limit: u32,
    ) -> Result<CommentPage, WritingError> {
        let db = self.setup().db.read();
        let task = living(db, &word(name)?).await?;
        let about = Subject {
            kind: "task",
            id: &task.id,
        };
        let rows = comments::store::list(db, about, after, limit + 1).await?;
        let page = Page::cut(rows, limit, |comment| comment.seq.to_string());
        let mentions = page.items.iter().flat_map(|comment| &comment.mentions);
        Ok(CommentPage {
            people: self.names(mentions).await?,
            items: page.items,
            next_cursor: page.next_cursor,
        })
    }

    /// Every label, those of the most tasks first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn labels(&self) -> Result<Vec<Label>, WritingError> {
        Ok(store::tags::labels(self.setup().db.read(), LABELS).await?)
    }

    /// People who can be asked to do something, by a part of their name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn people(&self, query: &str, limit: usize) -> Result<Vec<Named>, WritingError> {
        let found = self.setup().people.search(query, limit).await?;
        let may = found.into_iter().filter(Person::may_work);
        Ok(may.map(Named::from).collect())
    }

    async fn names<'a>(
        &self,
        ids: impl Iterator<Item = &'a String>,
    ) -> Result<Vec<Named>, WritingError> {
        let known = Known::of(&*self.setup().people, ids.map(String::as_str)).await?;
        Ok(known.names())
    }
}

fn texts(list: &Value) -> Vec<String> {
    let texts = list.as_array().into_iter().flatten();
    texts.filter_map(Value::as_str).map(str::to_owned).collect()
}
