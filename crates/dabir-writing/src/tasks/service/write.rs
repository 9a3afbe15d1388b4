//! What is kept and told of a change: the row, what it is found by, its activity, the audit, the
//! outbox; and after the commit those who listen.

use std::collections::BTreeSet;

use dabir_core::{Event, Timestamp};
use dabir_db::audit::{self, Change};
use dabir_db::outbox::{self, Happening};
use dabir_db::stale;
use sea_orm::DbErr;
use serde_json::{Value, json};
use tokio::task::JoinError;

use super::Tasks;
use super::turns::Turn;
use crate::error::WritingError;
use crate::people::Doer;
use crate::tasks::changes::{self, Field};
use crate::tasks::model::Task;
use crate::tasks::store::activity::{self, NewActivity};
use crate::tasks::store::{tags, task};

/// What was done to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Create,
    Change,
    /// Another place on the board, and perhaps another column.
    Move,
    Delete,
    Restore,
}

/// A change of one task.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) deed: Deed,
    /// `None` when it was made now.
    pub(super) before: Option<Task>,
    pub(super) after: Task,
    fields: Vec<Field>,
}

impl Step {
    pub(super) fn create(task: Task) -> Self {
        Self {
            deed: Deed::Create,
            before: None,
            after: task,
            fields: Vec::new(),
        }
    }

    /// `None` when nothing is other than before.
    pub(super) fn of(
        deed: Deed,
        before: Task,
        mut after: Task,
        now: Timestamp,
        by: &Doer,
    ) -> Option<Self> {
        let fields = changes::between(&before, &after);
        if fields.is_empty() && before == after {
            return None;
        }
        // A card that only moves is the same task to whoever is writing in it.
        if !fields.is_empty() || deed != Deed::Move {
            after.version += 1;
            after.updated_at = now;
            after.updated_by = by.named();
        }
        Some(Self {
            deed,
            before: Some(before),
            after,
            fields,
        })
    }

    pub(super) fn activity(&self) -> Vec<NewActivity> {
        let step = |what, from, to| NewActivity {
            task_id: self.after.id.clone(),
            what,
            from,
            to,
        };
        match self.deed {
            Deed::Create => vec![step("created", Value::Null, json!(self.after.title))],
            Deed::Delete => vec![step("deleted", Value::Null, Value::Null)],
            Deed::Restore => vec![step("restored", Value::Null, Value::Null)],
            Deed::Change | Deed::Move => {
                let fields = self.fields.iter().cloned().map(Field::short);
                fields
                    .map(|field| step(field.name, field.before, field.after))
                    .collect()
            }
        }
    }

    fn audited(&self) -> Change {
        let task = &self.after;
        let (action, before, after) = match (self.deed, &self.before) {
            (Deed::Create, _) => ("task.create", None, Some(changes::whole(task))),
            (Deed::Delete, _) => ("task.delete", Some(changes::whole(task)), None),
            (Deed::Restore, _) => ("task.restore", None, Some(changes::whole(task))),
            (Deed::Move, Some(before)) => (
                "task.move",
                Some(json!({ "status": before.status, "rank": before.rank })),
                Some(json!({ "status": task.status, "rank": task.rank })),
            ),
            _ => {
                let short = self.fields.iter().cloned().map(Field::short);
                let short: Vec<Field> = short.collect();
                let before = changes::object(&short, |field| &field.before);
                let after = changes::object(&short, |field| &field.after);
                ("task.change", Some(before), Some(after))
            }
        };
        Change {
            before,
            after,
            ..about(action, task)
        }
    }

    /// What is told of it. Nobody is told twice of one change.
    pub(super) fn happenings(&self, by: &Doer) -> Vec<Happening> {
        let mut told = Told {
            task: &self.after,
            by,
            people: BTreeSet::new(),
            happenings: Vec::new(),
        };
        let added = self.added();
        match self.deed {
            Deed::Create => {
                told.assigned(&added);
                told.all("task.created", json!({}));
            }
            Deed::Delete => told.all("task.deleted", json!({})),
            Deed::Restore => told.all("task.changed", json!({ "changed": ["restored"] })),
            Deed::Change | Deed::Move => self.tell_changes(&mut told, &added),
        }
        told.happenings
    }

    fn tell_changes(&self, told: &mut Told<'_>, added: &[String]) {
        let Some(before) = &self.before else { return };
        told.assigned(added);
        let is_completed = changes::completes(before, &self.after);
        if is_completed {
            told.all("task.completed", json!({}));
        }
        let is_reopened = changes::reopens(before, &self.after);
        if is_reopened {
            told.all("task.reopened", json!({}));
        }
        let removed = before.assignees.iter();
        let removed: Vec<String> = removed
            .filter(|id| !self.after.assignees.contains(id))
            .cloned()
            .collect();
        let is_told = |field: &&Field| match field.name {
            "status" => is_completed || is_reopened,
            "assignees" => removed.is_empty() && !added.is_empty(),
            _ => false,
        };
        let other = self.fields.iter().filter(|field| !is_told(field));
        let other: Vec<&str> = other.map(|field| field.name).collect();
        if !other.is_empty() {
            let people = self.after.concerned().chain(&removed);
            let concerns = told.new_people(people);
            told.say("task.changed", json!({ "changed": other }), concerns);
        }
    }

    fn is_other_for_readers(&self) -> bool {
        matches!(self.deed, Deed::Delete | Deed::Restore)
    }

    fn has_other_files(&self) -> bool {
        let before = self.before.as_ref().map_or(&[][..], |task| &task.files);
        before != self.after.files
    }

    /// Those who have it now and had it not.
    fn added(&self) -> Vec<String> {
        let had = |id: &String| {
            let before = self.before.as_ref();
            before.is_some_and(|before| before.assignees.contains(id))
        };
        let now = self.after.assignees.iter();
        now.filter(|id| !had(id)).cloned().collect()
    }
}

/// What is told of a change, and to whom already.
struct Told<'a> {
    task: &'a Task,
    by: &'a Doer,
    people: BTreeSet<String>,
    happenings: Vec<Happening>,
}

impl Told<'_> {
    fn assigned(&mut self, added: &[String]) {
        if !added.is_empty() {
            let concerns = self.new_people(added.iter());
            self.say("task.assigned", json!({ "assigned": added }), concerns);
        }
    }

    fn all(&mut self, event: &'static str, more: Value) {
        let concerns = self.new_people(self.task.concerned());
        self.say(event, more, concerns);
    }

    /// Those of them who are not told yet and did not do it.
    fn new_people<'p>(&mut self, people: impl Iterator<Item = &'p String>) -> Vec<String> {
        let others = people.filter(|id| !self.by.is(id));
        others
            .filter(|id| self.people.insert((*id).clone()))
            .cloned()
            .collect()
    }

    fn say(&mut self, event: &'static str, more: Value, concerns: Vec<String>) {
        self.happenings
            .push(happening(self.task, event, more, concerns));
    }
}

/// Something that happened to a task.
pub(in crate::tasks) fn happening(
    task: &Task,
    event: &'static str,
    more: Value,
    concerns: Vec<String>,
) -> Happening {
    let mut data = changes::told(task);
    if let (Value::Object(data), Value::Object(more)) = (&mut data, more) {
        data.extend(more);
    }
    Happening {
        event,
        subject_kind: "task",
        subject_id: task.id.clone(),
        subject_name: task.title.clone(),
        data,
        concerns,
    }
}

/// A change for the audit, of nothing yet.
pub(in crate::tasks) fn about(action: &'static str, task: &Task) -> Change {
    Change {
        action,
        target_kind: "task",
        target_id: task.id.clone(),
        target_name: task.title.clone(),
        before: None,
        after: None,
    }
}

impl Tasks {
    /// Makes these changes so, and ends the turn. Goes on when whoever asked for it does not wait.
    pub(super) async fn write(
        &self,
        turn: Turn,
        by: &Doer,
        steps: Vec<Step>,
    ) -> Result<Vec<Task>, WritingError> {
        let (tasks, by) = (self.clone(), by.clone());
        let written = tokio::spawn(async move { tasks.write_all(turn, &by, steps).await });
        Ok(ended(written.await)?)
    }

    async fn write_all(
        &self,
        mut turn: Turn,
        by: &Doer,
        steps: Vec<Step>,
    ) -> Result<Vec<Task>, DbErr> {
        turn.begin();
        let (tx, now) = (turn.tx(), turn.now);
        let zone = &self.setup().timezone;
        for step in &steps {
            match step.deed {
                Deed::Create => task::insert(tx, &step.after, zone).await?,
                _ => task::update(tx, &step.after, zone).await?,
            }
        }
        for step in steps.iter().filter(|step| step.has_other_files()) {
            let task = &step.after;
            let files = &self.setup().files;
            files.attach(tx, now, &task.id, &task.files).await?;
        }
        // Whoever sees a task sees its files.
        let shown = steps.iter().filter(|step| step.is_other_for_readers());
        let shown: Vec<&str> = shown.map(|step| step.after.id.as_str()).collect();
        stale::mark_files_of(tx, now, "task", &shown).await?;
        let pairs = steps.iter();
        let pairs: Vec<_> = pairs
            .map(|step| (step.before.as_ref(), &step.after))
            .collect();
        tags::save(tx, &pairs).await?;
        let lines = steps.iter().flat_map(Step::activity).collect();
        activity::append(tx, now, &by.named(), lines).await?;
        let happenings: Vec<_> = steps.iter().flat_map(|step| step.happenings(by)).collect();
        outbox::say_all(tx, now, &by.actor, happenings).await?;
        let changes = steps.iter().map(Step::audited).collect();
        audit::append(tx, now, &by.actor, changes).await?;
        turn.commit().await?;
        steps
            .iter()
            .for_each(|step| self.tell(step.deed, &step.after));
        Ok(steps.into_iter().map(|step| step.after).collect())
    }

    /// Tells those who look at tasks just now.
    pub(super) fn tell(&self, deed: Deed, task: &Task) {
        let (id, number) = (task.id.clone(), task.number);
        self.setup().events.publish(match deed {
            Deed::Delete => Event::TaskRemoved { id, number },
            _ => Event::TaskChanged {
                id,
                number,
                status: task.status.as_str().to_owned(),
            },
        });
    }
}

/// What a change answers that goes on by itself.
pub(super) fn ended<T>(written: Result<Result<T, DbErr>, JoinError>) -> Result<T, DbErr> {
    written.unwrap_or_else(|error| Err(DbErr::Custom(error.to_string())))
}
