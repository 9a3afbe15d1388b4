//! What of a task was changed, from what to what: for its activity, the audit and the outbox.

use dabir_core::text::cut;
use serde_json::{Map, Value, json};

use super::model::{Status, Task};

/// How much of a long text is kept beside its change.
const MAX_TEXT: usize = 1_000;

/// A field that is other than before.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) before: Value,
    pub(crate) after: Value,
}

/// The fields that people set, as far as they differ.
pub(crate) fn between(before: &Task, after: &Task) -> Vec<Field> {
    let both = fields(before).into_iter().zip(fields(after));
    both.filter(|((_, before), (_, after))| before != after)
        .map(|((name, before), (_, after))| Field {
            name,
            before,
            after,
        })
        .collect()
}

fn fields(task: &Task) -> [(&'static str, Value); 11] {
    [
        ("title", json!(task.title)),
        ("description", json!(task.description)),
        ("status", json!(task.status)),
        ("priority", json!(task.priority)),
        ("assignees", json!(task.assignees)),
        ("due", json!(task.due)),
        ("labels", json!(task.labels)),
        ("checklist", json!(task.checklist)),
        ("files", json!(task.files)),
        ("documents", json!(task.documents)),
        ("meetings", json!(task.meetings)),
    ]
}

impl Field {
    /// The same with the beginning of long texts.
    pub(crate) fn short(mut self) -> Self {
        self.before = shortened(self.before);
        self.after = shortened(self.after);
        self
    }
}

fn shortened(value: Value) -> Value {
    match value {
        Value::String(text) => cut(&text, MAX_TEXT).into(),
        other => other,
    }
}

/// Fields as an object, with what `side` takes of each.
pub(crate) fn object(fields: &[Field], side: impl Fn(&Field) -> &Value) -> Value {
    let pairs = fields.iter();
    let pairs = pairs.map(|field| (field.name.to_owned(), side(field).clone()));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// All that people set of it, for the audit of what was made or is gone.
pub(crate) fn whole(task: &Task) -> Value {
    let pairs = fields(task).into_iter();
    let pairs = pairs.map(|(name, value)| (name.to_owned(), shortened(value)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// What other programs are told of it.
pub(crate) fn told(task: &Task) -> Value {
    json!({
        "id": task.id, "number": task.number, "title": task.title, "status": task.status,
        "priority": task.priority, "assignees": task.assignees, "due": task.due,
        "labels": task.labels, "version": task.version,
    })
}

/// Whether the change took up again what was done.
pub(crate) fn reopens(before: &Task, after: &Task) -> bool {
    completes(after, before)
}

/// Whether the change finished it.
pub(crate) fn completes(before: &Task, after: &Task) -> bool {
    before.status != Status::Done && after.status == Status::Done
}
