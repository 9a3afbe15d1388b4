//! One change of many tasks, each made or refused for itself, in one transaction.

use std::collections::HashMap;

use dabir_core::names::key;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::turns::Turn;
use super::write::{Deed, Step};
use super::{Tasks, check_version};
use crate::error::WritingError;
use crate::fields::{Fields, is_id, once};
use crate::people::{Doer, Known};
use crate::tasks::edit::{self, Edit};
use crate::tasks::model::{Due, Priority, Status, Task};
use crate::tasks::rank;
use crate::tasks::store::{ranks, task};

const MAX_TASKS: usize = 500;

/// A task that the change is about.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TaskBulkName)]
pub struct BulkTask {
    pub id: String,
    /// The version that was looked at: somebody else's change since then refuses this one.
    pub version: Option<i64>,
}

/// What became of one of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TaskBulkAnswer)]
pub struct BulkAnswer {
    pub id: String,
    /// The task as it is now; `null` when the change was refused.
    pub task: Option<Task>,
    /// Whether this change made it so; if not, it was so before.
    pub changed: bool,
    /// Why it was refused, as a stable name and in words.
    pub code: Option<String>,
    pub detail: Option<String>,
}

/// What is to become of each.
#[derive(Debug, Default)]
struct Order {
    status: Option<Status>,
    priority: Option<Priority>,
    due: Option<Option<Due>>,
    add_assignees: Vec<String>,
    remove_assignees: Vec<String>,
    add_labels: Vec<String>,
    remove_labels: Vec<String>,
    deed: Option<Gone>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Gone {
    Delete,
    Restore,
}

impl Order {
    fn read(fields: &mut Fields, here: edit::Here<'_>) -> Self {
        Self {
            status: fields.take("status"),
            priority: fields.take("priority"),
            due: edit::read_due(fields, here),
            add_assignees: edit::people(fields, "add_assignees"),
            remove_assignees: edit::people(fields, "remove_assignees"),
            add_labels: edit::read_labels(fields, "add_labels").unwrap_or_default(),
            remove_labels: edit::read_labels(fields, "remove_labels").unwrap_or_default(),
            deed: fields.take("action"),
        }
    }

    fn deed(&self) -> Deed {
        match self.deed {
            Some(Gone::Delete) => Deed::Delete,
            Some(Gone::Restore) => Deed::Restore,
            None => Deed::Change,
        }
    }

    /// The task as it is to be.
    fn apply(&self, before: &Task, turn: &Turn) -> Result<Task, WritingError> {
        let mut task = before.clone();
        match self.deed {
            Some(Gone::Restore) => task.deleted_at = None,
            _ if before.deleted_at.is_some() => return Err(WritingError::NotFound("task")),
            Some(Gone::Delete) => task.deleted_at = Some(turn.now),
            None => {}
        }
        let (assignees, labels) = (self.assignees(before), self.labels(before));
        let mut fields = Fields::default();
        edit::check_assignees(&mut fields, "add_assignees", &assignees);
        edit::check_labels(&mut fields, "add_labels", &labels);
        fields.end()?;
        let edit = Edit {
            status: self.status,
            priority: self.priority,
            due: self.due,
            assignees: Some(assignees),
            labels: Some(labels),
            ..Edit::default()
        };
        edit.apply(&mut task, turn.now);
        Ok(task)
    }

    /// The task as it is then, and the change that makes it so; a new card of a column comes after its
    /// `last` one.
    fn step(
        &self,
        before: &Task,
        looked_at: Option<i64>,
        last: &mut Option<String>,
        turn: &Turn,
        by: &Doer,
    ) -> Result<(Task, Option<Step>), WritingError> {
        check_version(before, looked_at)?;
        let mut after = self.apply(before, turn)?;
        if after.status != before.status {
            after.rank = rank::after(last.as_deref());
            *last = Some(after.rank.clone());
        }
        let step = Step::of(self.deed(), before.clone(), after, turn.now, by);
        let task = step.as_ref().map_or(before, |step| &step.after);
        Ok((task.clone(), step))
    }

    fn assignees(&self, task: &Task) -> Vec<String> {
        let all = task.assignees.iter().chain(&self.add_assignees);
        let kept = all.filter(|id| !self.remove_assignees.contains(id));
        once(kept.cloned().collect(), String::clone)
    }

    fn labels(&self, task: &Task) -> Vec<String> {
        let is_removed =
            |label: &&String| self.remove_labels.iter().any(|one| key(one) == key(label));
        let all = task.labels.iter().chain(&self.add_labels);
        let kept = all.filter(|label| !is_removed(label));
        once(kept.cloned().collect(), |label| key(label))
    }
}

impl Tasks {
    /// Changes many tasks; answers what became of each, in the order in which they were named.
    ///
    /// # Errors
    /// When a field of the change itself is not allowed.
    pub async fn bulk(
        &self,
        by: &Doer,
        body: Map<String, Value>,
    ) -> Result<Vec<BulkAnswer>, WritingError> {
        let mut fields = Fields::of(body);
        let names = read_names(&mut fields);
        let order = Order::read(&mut fields, self.here());
        let people = order.add_assignees.iter().map(String::as_str);
        let people: Vec<&str> = people.collect();
        let known = Known::of(&*self.setup().people, people.iter().copied()).await?;
        known.check(&mut fields, "add_assignees", &people);
        fields.end()?;
        self.obey(by, &names, &order).await
    }

    async fn obey(
        &self,
        by: &Doer,
        names: &[BulkTask],
        order: &Order,
    ) -> Result<Vec<BulkAnswer>, WritingError> {
        let turn = self.turn().await?;
        let ids: Vec<&str> = names.iter().map(|name| name.id.as_str()).collect();
        let found = task::find_all(turn.tx(), &ids).await?;
        let found = found.into_iter().map(|task| (task.id.clone(), task));
        let found: HashMap<String, Task> = found.collect();
        let mut last = match order.status {
            Some(status) => ranks::last(turn.tx(), status).await?,
            None => None,
        };
        let mut steps = Vec::new();
        let mut answers = Vec::new();
        for name in names {
            let known = found.get(&name.id).ok_or(WritingError::NotFound("task"));
            let done = known.and_then(|task| order.step(task, name.version, &mut last, &turn, by));
            answers.push(BulkAnswer::of(name, &done));
            steps.extend(done.ok().and_then(|(_, step)| step));
        }
        if !steps.is_empty() {
            self.write(turn, by, steps).await?;
        }
        Ok(answers)
    }
}

fn read_names(fields: &mut Fields) -> Vec<BulkTask> {
    let names: Vec<BulkTask> = fields.take("tasks").unwrap_or_default();
    fields.count("tasks", names.len(), MAX_TASKS);
    if names.is_empty() {
        fields.refuse("tasks", "name some tasks");
    }
    if !names.iter().all(|name| is_id(&name.id)) {
        fields.refuse("tasks", "write ids of tasks");
    }
    once(names, |name| name.id.clone())
}

impl BulkAnswer {
    fn of(name: &BulkTask, done: &Result<(Task, Option<Step>), WritingError>) -> Self {
        let refused = done.as_ref().err();
        let done = done.as_ref().ok();
        Self {
            id: name.id.clone(),
            task: done.map(|(task, _)| task.clone()),
            changed: done.is_some_and(|(_, step)| step.is_some()),
            code: refused.map(WritingError::code),
            detail: refused.map(ToString::to_string),
        }
    }
}
