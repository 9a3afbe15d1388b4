//! Making, changing, deleting and restoring tasks.

use dabir_core::new_id;
use serde_json::{Map, Value};

use super::write::{Deed, Step};
use super::{Tasks, any, check_version, living, word};
use crate::error::WritingError;
use crate::fields::Fields;
use crate::people::{Doer, Known};
use crate::tasks::edit::Edit;
use crate::tasks::model::Task;
use crate::tasks::store::task::{self, Word};
use crate::tasks::{rank, store};

impl Tasks {
    /// Makes a task; only a title is needed.
    ///
    /// # Errors
    /// When a field is not allowed.
    pub async fn create(&self, by: &Doer, body: Map<String, Value>) -> Result<Task, WritingError> {
        let (edit, mut fields) = Edit::of_new(body, self.here());
        self.check_new(by, &edit, None, &mut fields).await?;
        fields.end()?;
        let turn = self.turn().await?;
        let mut task = edit.into_task(new_id(), by.named(), turn.now);
        let (number, last) = task::next_number(turn.tx(), task.status).await?;
        task.number = number;
        task.rank = rank::after(last.as_deref());
        let mut made = self.write(turn, by, vec![Step::create(task)]).await?;
        made.pop().ok_or(WritingError::NotFound("task"))
    }

    /// Changes some fields of a task.
    ///
    /// # Errors
    /// When a field is not allowed, or somebody else changed it since it had version `looked_at`.
    pub async fn patch(
        &self,
        by: &Doer,
        name: &str,
        looked_at: Option<i64>,
        body: Map<String, Value>,
    ) -> Result<Task, WritingError> {
        let (edit, fields) = Edit::of_some(body, self.here());
        self.change(by, name, looked_at, edit, fields).await
    }

    /// Puts a whole task in the place of what it was: what is left out is empty then.
    ///
    /// # Errors
    /// As [`Tasks::patch`].
    pub async fn put(
        &self,
        by: &Doer,
        name: &str,
        looked_at: Option<i64>,
        body: Map<String, Value>,
    ) -> Result<Task, WritingError> {
        let (edit, fields) = Edit::of_whole(body, self.here());
        self.change(by, name, looked_at, edit, fields).await
    }

    async fn change(
        &self,
        by: &Doer,
        name: &str,
        looked_at: Option<i64>,
        edit: Edit,
        mut fields: Fields,
    ) -> Result<Task, WritingError> {
        let (word, known) = self.check_edit(by, name, &edit, &mut fields).await?;
        fields.end()?;
        let turn = self.turn().await?;
        let before = living(turn.tx(), &word).await?;
        check_version(&before, looked_at)?;
        check_version(&before, edit.version)?;
        // A file that was its own a moment ago is not attached again by somebody else.
        if known.is_some_and(|known| edit.files.is_some() && known.files != before.files) {
            let (number, version) = (before.number, before.version);
            return Err(WritingError::Changed { number, version });
        }
        let mut after = before.clone();
        edit.apply(&mut after, turn.now);
        if after.status != before.status {
            let last = store::ranks::last(turn.tx(), after.status).await?;
            after.rank = rank::after(last.as_deref());
        }
        let Some(step) = Step::of(Deed::Change, before.clone(), after, turn.now, by) else {
            return Ok(before);
        };
        let mut changed = self.write(turn, by, vec![step]).await?;
        changed.pop().ok_or(WritingError::NotFound("task"))
    }

    /// Asks about people and files only when an edit names any; then with the task as it was.
    async fn check_edit(
        &self,
        by: &Doer,
        name: &str,
        edit: &Edit,
        fields: &mut Fields,
    ) -> Result<(Word, Option<Task>), WritingError> {
        let word = word(name)?;
        let names_any = |ids: &Option<Vec<String>>| ids.as_ref().is_some_and(|ids| !ids.is_empty());
        if !names_any(&edit.assignees) && !names_any(&edit.files) {
            return Ok((word, None));
        }
        let known = living(self.setup().db.read(), &word).await?;
        self.check_new(by, edit, Some(&known), fields).await?;
        Ok((word, Some(known)))
    }

    /// Refuses people and files that the task does not have yet and may not get.
    async fn check_new(
        &self,
        by: &Doer,
        edit: &Edit,
        before: Option<&Task>,
        fields: &mut Fields,
    ) -> Result<(), WritingError> {
        let had = before.map_or(&[][..], |task| &task.assignees);
        let people = new_ones(&edit.assignees, had);
        let known = Known::of(&*self.setup().people, people.iter().copied()).await?;
        known.check(fields, "assignees", &people);
        let had = before.map_or(&[][..], |task| &task.files);
        let files = new_ones(&edit.files, had);
        if !files.is_empty() {
            let held = self.setup().files.held_by(by, &files).await?;
            let missing = files
                .iter()
                .filter(|id| !held.iter().any(|held| held == **id));
            missing.for_each(|id| fields.refuse("files", format!("you have no file `{id}`")));
        }
        Ok(())
    }

    /// Deletes a task; it can be restored for 30 days.
    ///
    /// # Errors
    /// When there is none, or somebody else changed it since it had version `looked_at`.
    pub async fn delete(
        &self,
        by: &Doer,
        name: &str,
        looked_at: Option<i64>,
    ) -> Result<(), WritingError> {
        let word = word(name)?;
        let turn = self.turn().await?;
        let before = living(turn.tx(), &word).await?;
        check_version(&before, looked_at)?;
        let mut after = before.clone();
        after.deleted_at = Some(turn.now);
        let step = Step::of(Deed::Delete, before, after, turn.now, by);
        self.write(turn, by, step.into_iter().collect()).await?;
        Ok(())
    }

    /// Brings a deleted task back; one that is not deleted stays as it is.
    ///
    /// # Errors
    /// When there is none.
    pub async fn restore(&self, by: &Doer, name: &str) -> Result<Task, WritingError> {
        let word = word(name)?;
        let turn = self.turn().await?;
        let before = any(turn.tx(), &word).await?;
        let mut after = before.clone();
        after.deleted_at = None;
        let Some(step) = Step::of(Deed::Restore, before.clone(), after, turn.now, by) else {
            return Ok(before);
        };
        let mut restored = self.write(turn, by, vec![step]).await?;
        restored.pop().ok_or(WritingError::NotFound("task"))
    }
}

/// Those of `wanted` that are not there yet.
fn new_ones<'a>(wanted: &'a Option<Vec<String>>, had: &[String]) -> Vec<&'a str> {
    let wanted = wanted.iter().flatten();
    wanted
        .filter(|id| !had.contains(id))
        .map(String::as_str)
        .collect()
}
