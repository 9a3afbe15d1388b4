//! What somebody wants of a task: the body of a request, checked as far as that can be done without
//! knowing the task.

use std::mem;

use dabir_core::names::key;
use dabir_core::text::moves_the_reader;
use dabir_core::{Timestamp, clock};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::due;
use super::model::{Check, Due, Priority, Status, Task};
use crate::fields::{Fields, once};
use crate::people::Named;

const MAX_TITLE: usize = 300;
const MAX_DESCRIPTION: usize = 20_000;
const MAX_ASSIGNEES: usize = 20;
const MAX_LABELS: usize = 20;
const MAX_LABEL: usize = 50;
const MAX_CHECKS: usize = 100;
const MAX_CHECK: usize = 300;
/// How many files may be attached to a task.
pub const MAX_FILES: usize = 50;
const MAX_LINKS: usize = 20;

/// Fields that a task is shown with and that nobody sets.
const SHOWN: [&str; 13] = [
    "id",
    "number",
    "rank",
    "comments",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "done_at",
    "deleted_at",
    "version",
    "people",
    "attachments",
];

/// What is to be other; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edit {
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) status: Option<Status>,
    pub(crate) priority: Option<Priority>,
    pub(crate) assignees: Option<Vec<String>>,
    pub(crate) due: Option<Option<Due>>,
    pub(crate) labels: Option<Vec<String>>,
    pub(crate) checklist: Option<Vec<Check>>,
    pub(crate) files: Option<Vec<String>>,
    pub(crate) documents: Option<Vec<String>>,
    pub(crate) meetings: Option<Vec<String>>,
    /// Of the task that was looked at.
    pub(crate) version: Option<i64>,
}

/// When and where a body is read: what «فردا» means in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Here<'a> {
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

impl Edit {
    /// A new task.
    pub(crate) fn of_new(body: Map<String, Value>, here: Here<'_>) -> (Self, Fields) {
        let mut fields = Fields::of(body);
        let edit = Self::read_titled(&mut fields, here);
        (edit, fields)
    }

    /// Some fields of a task.
    pub(crate) fn of_some(body: Map<String, Value>, here: Here<'_>) -> (Self, Fields) {
        let mut fields = Fields::of(body);
        let version = fields.take("version");
        let edit = Self::read(&mut fields, here);
        (Self { version, ..edit }, fields)
    }

    /// A whole task as it was shown, or as somebody writes it: what is left out is empty.
    pub(crate) fn of_whole(body: Map<String, Value>, here: Here<'_>) -> (Self, Fields) {
        let mut fields = Fields::of(body);
        let version = fields.take("version");
        SHOWN.iter().for_each(|field| fields.ignore(field));
        let edit = Self::read_titled(&mut fields, here);
        let whole = Self {
            version,
            title: edit.title,
            description: Some(edit.description.unwrap_or_default()),
            status: Some(edit.status.unwrap_or_default()),
            priority: Some(edit.priority.unwrap_or_default()),
            assignees: Some(edit.assignees.unwrap_or_default()),
            due: Some(edit.due.flatten()),
            labels: Some(edit.labels.unwrap_or_default()),
            checklist: Some(edit.checklist.unwrap_or_default()),
            files: Some(edit.files.unwrap_or_default()),
            documents: Some(edit.documents.unwrap_or_default()),
            meetings: Some(edit.meetings.unwrap_or_default()),
        };
        (whole, fields)
    }

    fn read_titled(fields: &mut Fields, here: Here<'_>) -> Self {
        if !fields.has("title") {
            fields.refuse("title", "a task needs a title");
        }
        Self::read(fields, here)
    }

    fn read(fields: &mut Fields, here: Here<'_>) -> Self {
        Self {
            title: title(fields),
            description: description(fields),
            status: fields.take("status"),
            priority: fields.take("priority"),
            assignees: ids(fields, "assignees", MAX_ASSIGNEES),
            due: read_due(fields, here),
            labels: read_labels(fields, "labels"),
            checklist: checklist(fields),
            files: ids(fields, "files", MAX_FILES),
            documents: ids(fields, "documents", MAX_LINKS),
            meetings: ids(fields, "meetings", MAX_LINKS),
            version: None,
        }
    }

    /// The task that nobody has seen yet, without its number and place.
    pub(crate) fn into_task(self, id: String, by: Named, now: Timestamp) -> Task {
        let mut task = Task {
            id,
            number: 0,
            title: String::new(),
            description: String::new(),
            status: Status::default(),
            priority: Priority::default(),
            assignees: Vec::new(),
            due: None,
            labels: Vec::new(),
            checklist: Vec::new(),
            files: Vec::new(),
            documents: Vec::new(),
            meetings: Vec::new(),
            rank: String::new(),
            comments: 0,
            version: 1,
            created_at: now,
            created_by: by.clone(),
            updated_at: now,
            updated_by: by.clone(),
            done_at: None,
            deleted_at: None,
            followers: by.id.into_iter().collect(),
        };
        self.apply(&mut task, now);
        task
    }

    /// Makes the task so.
    pub(crate) fn apply(self, task: &mut Task, now: Timestamp) {
        set(&mut task.title, self.title);
        set(&mut task.description, self.description);
        set(&mut task.priority, self.priority);
        set(&mut task.assignees, self.assignees);
        set(&mut task.due, self.due);
        set(&mut task.labels, self.labels);
        set(&mut task.checklist, self.checklist);
        set(&mut task.files, self.files);
        set(&mut task.documents, self.documents);
        set(&mut task.meetings, self.meetings);
        if let Some(status) = self.status {
            set_status(task, status, now);
        }
    }
}

/// What is done is so since the moment when it became it.
pub(crate) fn set_status(task: &mut Task, status: Status, now: Timestamp) {
    let was = mem::replace(&mut task.status, status);
    if status != Status::Done {
        task.done_at = None;
    } else if was != Status::Done || task.done_at.is_none() {
        task.done_at = Some(clock::whole_millis(now));
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn title(fields: &mut Fields) -> Option<String> {
    let title: String = fields.take("title")?;
    Some(fields.line("title", &title, MAX_TITLE))
}

fn description(fields: &mut Fields) -> Option<String> {
    let text: Option<String> = fields.take("description")?;
    let text = text.unwrap_or_default();
    fields.text("description", &text, MAX_DESCRIPTION);
    Some(text)
}

fn ids(fields: &mut Fields, field: &str, most: usize) -> Option<Vec<String>> {
    let ids = fields.take(field)?;
    Some(fields.ids(field, ids, most))
}

/// People's ids.
pub(crate) fn people(fields: &mut Fields, field: &str) -> Vec<String> {
    ids(fields, field, MAX_ASSIGNEES).unwrap_or_default()
}

pub(crate) fn read_due(fields: &mut Fields, here: Here<'_>) -> Option<Option<Due>> {
    let text: Option<String> = fields.take("due")?;
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Some(None);
    };
    let due = due::read(&text, here.now, here.zone);
    due.map(Some)
        .map_err(|refused| fields.refuse("due", refused))
        .ok()
}

/// Labels, each once however it is spelt.
pub(crate) fn read_labels(fields: &mut Fields, field: &str) -> Option<Vec<String>> {
    let labels: Vec<String> = fields.take(field)?;
    let labels: Vec<String> = labels.iter().map(|label| label.trim().to_owned()).collect();
    let is_good = |label: &String| {
        let has_end = label.chars().nth(MAX_LABEL).is_none();
        has_end && !key(label).is_empty() && !label.chars().any(moves_the_reader)
    };
    if !labels.iter().all(is_good) {
        fields.refuse(field, format!("a label has 1 to {MAX_LABEL} characters"));
    }
    let labels = once(labels, |label| key(label));
    check_labels(fields, field, &labels);
    Some(labels)
}

/// Refuses more labels than a task may have.
pub(crate) fn check_labels(fields: &mut Fields, field: &str, labels: &[String]) {
    fields.count(field, labels.len(), MAX_LABELS);
}

/// Refuses more people than a task may have.
pub(crate) fn check_assignees(fields: &mut Fields, field: &str, assignees: &[String]) {
    fields.count(field, assignees.len(), MAX_ASSIGNEES);
}

fn checklist(fields: &mut Fields) -> Option<Vec<Check>> {
    let mut checks: Vec<Check> = fields.take("checklist")?;
    fields.count("checklist", checks.len(), MAX_CHECKS);
    for (at, check) in checks.iter_mut().enumerate() {
        check.text = fields.line(&format!("checklist.{at}.text"), &check.text, MAX_CHECK);
    }
    Some(checks)
}
