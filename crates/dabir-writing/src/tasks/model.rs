//! What a task is.

use dabir_core::Timestamp;
use dabir_core::words::{named, word_of};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::people::Named;

/// Where a task is on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = TaskStatus)]
pub enum Status {
    #[default]
    Todo,
    Doing,
    Review,
    Done,
}

/// How much a task matters.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
#[schema(as = TaskPriority)]
pub enum Priority {
    #[default]
    None,
    Low,
    Medium,
    High,
    Urgent,
}

/// Every status and its word, in the order of the board.
pub const STATUSES: [(Status, &str); 4] = [
    (Status::Todo, "todo"),
    (Status::Doing, "doing"),
    (Status::Review, "review"),
    (Status::Done, "done"),
];

/// Every priority and its word; its place is its number.
pub const PRIORITIES: [(Priority, &str); 5] = [
    (Priority::None, "none"),
    (Priority::Low, "low"),
    (Priority::Medium, "medium"),
    (Priority::High, "high"),
    (Priority::Urgent, "urgent"),
];

/// Until when: a whole day of the house, or a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = TaskDue)]
pub enum Due {
    /// `2026-12-16`
    #[schema(value_type = String, format = Date)]
    Day(Date),
    /// `2026-12-16T06:30:00Z`
    #[schema(value_type = String, format = DateTime)]
    At(Timestamp),
}

/// A point of a task's checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TaskCheck)]
pub struct Check {
    #[schema(max_length = 300)]
    pub text: String,
    #[serde(default)]
    pub done: bool,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Task {
    pub id: String,
    /// What people call it: 42.
    pub number: i64,
    pub title: String,
    /// Markdown.
    pub description: String,
    pub status: Status,
    pub priority: Priority,
    /// Ids of people.
    pub assignees: Vec<String>,
    pub due: Option<Due>,
    pub labels: Vec<String>,
    pub checklist: Vec<Check>,
    /// Ids of files.
    pub files: Vec<String>,
    /// Ids of documents.
    pub documents: Vec<String>,
    /// Ids of meetings.
    pub meetings: Vec<String>,
    /// Its place on the board; the order of these texts, byte by byte, is that of the column.
    pub rank: String,
    /// How many there are.
    pub comments: i64,
    /// Grows with each change.
    pub version: i64,
    pub created_at: Timestamp,
    pub created_by: Named,
    pub updated_at: Timestamp,
    pub updated_by: Named,
    /// Since when it is done.
    pub done_at: Option<Timestamp>,
    /// Since when it is deleted; it is gone for good 30 days later.
    pub deleted_at: Option<Timestamp>,
    /// Whom changes concern beside the assignees: who made it, spoke about it or was called to it.
    #[serde(skip)]
    pub followers: Vec<String>,
}

impl Status {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&STATUSES, self)
    }

    /// The status that a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        named(&STATUSES, word)
    }
}

impl Priority {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&PRIORITIES, self)
    }

    /// The priority that a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        named(&PRIORITIES, word)
    }
}

impl Task {
    /// Everybody whom a change of it concerns.
    pub(crate) fn concerned(&self) -> impl Iterator<Item = &String> {
        self.assignees.iter().chain(&self.followers)
    }

    /// Has somebody hear of later changes.
    pub(crate) fn follow(&mut self, user_id: &str) {
        if !self.followers.iter().any(|known| known == user_id) {
            self.followers.push(user_id.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for (status, word) in STATUSES {
            assert_eq!(serde_json::json!(status), word);
            assert_eq!((Status::parse(word), status.as_str()), (Some(status), word));
        }
        for (at, (priority, word)) in PRIORITIES.into_iter().enumerate() {
            assert_eq!(serde_json::json!(priority), word);
            assert_eq!(Priority::parse(word), Some(priority));
            assert_eq!(priority as usize, at);
        }
    }
}
