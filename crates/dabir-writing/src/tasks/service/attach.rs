//! Files that are attached to a task from their own side.

use dabir_db::{outbox, stale};
use sea_orm::{DatabaseTransaction, DbErr};

use super::Tasks;
use super::write::{Deed, Step};
use crate::people::Doer;
use crate::tasks::store::activity;
use crate::tasks::store::task::{self, Word};

impl Tasks {
    /// Keeps which files are attached to a task, as part of the change that attached or detached one: it
    /// has the audit's turn. A task that is gone has none.
    ///
    /// # Errors
    /// When the database does not do it.
    pub async fn keep_files(
        &self,
        tx: &DatabaseTransaction,
        by: &Doer,
        id: &str,
        mut files: Vec<String>,
    ) -> Result<(), DbErr> {
        let Some(mut task) = task::find(tx, &Word::Id(id.to_owned())).await? else {
            return Ok(());
        };
        // In the order that they had; what is new comes behind.
        let place = |file: &String| task.files.iter().position(|had| had == file);
        files.sort_by_key(|file| place(file).unwrap_or(usize::MAX));
        let before = task.clone();
        task.files = files;
        let now = self.now();
        let Some(step) = Step::of(Deed::Change, before, task, now, by) else {
            return Ok(());
        };
        if step.after.deleted_at.is_some() {
            return task::update(tx, &step.after, &self.setup().timezone).await;
        }
        activity::append(tx, now, &by.named(), step.activity()).await?;
        outbox::say_all(tx, now, &by.actor, step.happenings(by)).await?;
        stale::mark(tx, now, "task", &[id]).await?;
        task::update(tx, &step.after, &self.setup().timezone).await
    }

    /// Tells those who look at a task that something about it changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tell_of(&self, id: &str) -> Result<(), DbErr> {
        let found = task::find(self.db().read(), &Word::Id(id.to_owned())).await?;
        if let Some(task) = found.filter(|task| task.deleted_at.is_none()) {
            self.tell(Deed::Change, &task);
        }
        Ok(())
    }
}
