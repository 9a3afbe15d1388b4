//! What may stand in the bodies of requests, for the document of the API. They are read field by
//! field, so that all that is wrong is named at once.
#![expect(dead_code, reason = "it only describes what is read")]

use utoipa::ToSchema;

use crate::tasks::model::{Check, Priority, Status};
use crate::tasks::service::BulkTask;

/// A task to be made. All but the title may be left out.
#[derive(ToSchema)]
pub(super) struct NewTask {
    #[schema(min_length = 1, max_length = 300)]
    title: String,
    /// Markdown.
    #[schema(max_length = 20_000)]
    description: Option<String>,
    status: Option<Status>,
    priority: Option<Priority>,
    /// Ids of people.
    #[schema(max_items = 20)]
    assignees: Option<Vec<String>>,
    /// A day (`2026-12-16`), an instant, or what people say: `next Sat 10:00`, «فردا ۱۰».
    #[schema(nullable)]
    due: Option<String>,
    /// Up to 50 characters each.
    #[schema(max_items = 20)]
    labels: Option<Vec<String>>,
    #[schema(max_items = 100)]
    checklist: Option<Vec<Check>>,
    /// Ids of files.
    #[schema(max_items = 50)]
    files: Option<Vec<String>>,
    /// Ids of documents.
    #[schema(max_items = 20)]
    documents: Option<Vec<String>>,
    /// Ids of meetings.
    #[schema(max_items = 20)]
    meetings: Option<Vec<String>>,
}

/// What of a task is to be other; what is left out stays as it is.
#[derive(ToSchema)]
pub(super) struct TaskPatch {
    #[schema(min_length = 1, max_length = 300)]
    title: Option<String>,
    /// Markdown.
    #[schema(max_length = 20_000)]
    description: Option<String>,
    status: Option<Status>,
    priority: Option<Priority>,
    /// Ids of people.
    #[schema(max_items = 20)]
    assignees: Option<Vec<String>>,
    /// As in a new task; `null` for never.
    #[schema(nullable)]
    due: Option<String>,
    #[schema(max_items = 20)]
    labels: Option<Vec<String>>,
    #[schema(max_items = 100)]
    checklist: Option<Vec<Check>>,
    /// Ids of files.
    #[schema(max_items = 50)]
    files: Option<Vec<String>>,
    /// Ids of documents.
    #[schema(max_items = 20)]
    documents: Option<Vec<String>>,
    /// Ids of meetings.
    #[schema(max_items = 20)]
    meetings: Option<Vec<String>>,
    /// The version that was looked at: somebody else's change since then refuses this one.
    version: Option<i64>,
}

/// Where a card is to be put; at the end of the column when no neighbour is named.
#[derive(ToSchema)]
pub(super) struct TaskPlace {
    /// The column; the same when left out.
    status: Option<Status>,
    /// The card that it stands before, by id or number.
    #[schema(nullable)]
    before: Option<String>,
    /// The card that it stands after, by id or number.
    #[schema(nullable)]
    after: Option<String>,
    #[schema(nullable)]
    version: Option<i64>,
}

/// Something to be said.
#[derive(ToSchema)]
pub(super) struct NewComment {
    /// Markdown.
    #[schema(min_length = 1, max_length = 10_000)]
    text: String,
    /// Ids of people who are to hear of it.
    #[schema(max_items = 20)]
    mentions: Option<Vec<String>>,
    /// The comment that it answers.
    #[schema(nullable)]
    thread: Option<String>,
}

/// Other words for something that was said.
#[derive(ToSchema)]
pub(super) struct CommentPatch {
    #[schema(min_length = 1, max_length = 10_000)]
    text: Option<String>,
    #[schema(max_items = 20)]
    mentions: Option<Vec<String>>,
}

/// One change of up to 500 tasks.
#[derive(ToSchema)]
pub(super) struct TaskBulk {
    #[schema(max_items = 500)]
    tasks: Vec<BulkTask>,
    status: Option<Status>,
    priority: Option<Priority>,
    /// `null` for never.
    #[schema(nullable)]
    due: Option<String>,
    add_assignees: Option<Vec<String>>,
    remove_assignees: Option<Vec<String>>,
    add_labels: Option<Vec<String>>,
    remove_labels: Option<Vec<String>>,
    action: Option<TaskBulkAction>,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(super) enum TaskBulkAction {
    Delete,
    Restore,
}
