//! The events that others can ask for: what each means, an example of what is sent, and whether people
//! whom it concerns get mail of it when they chose nothing.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// One kind of event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventType {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// The `data` of an example, as JSON.
    pub(crate) example: &'static str,
    /// Whether it concerns people, who then choose how they hear of it.
    pub(crate) concerns: bool,
    /// Whether they get mail of it when they chose nothing.
    pub(crate) mail: bool,
    /// Whether it concerns those who look after the house, whomever else it concerns.
    pub(crate) keepers: bool,
}

/// An event as the API shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WebhookEvent)]
pub(crate) struct EventView {
    name: &'static str,
    about: &'static str,
    /// A whole body as it is sent.
    example: Value,
}

/// What is sent when somebody tries a webhook out and names no event.
pub(crate) const TEST: &str = "webhook.test";

/// For programs alone.
const fn event(name: &'static str, about: &'static str, example: &'static str) -> EventType {
    EventType {
        name,
        about,
        example,
        concerns: false,
        mail: false,
        keepers: false,
    }
}

/// For people too.
const fn told(name: &'static str, about: &'static str, example: &'static str) -> EventType {
    EventType {
        concerns: true,
        ..event(name, about, example)
    }
}

/// For people too, who get mail of it unless they chose otherwise.
const fn mailed(name: &'static str, about: &'static str, example: &'static str) -> EventType {
    EventType {
        mail: true,
        ..told(name, about, example)
    }
}

/// For those who look after the house.
const fn kept(event: EventType) -> EventType {
    EventType {
        keepers: true,
        ..event
    }
}

const TASK: &str = r#"{"id":"7k2m9x4qw3ta","number":12,"title":"Send the minutes","status":"done","priority":"high","assignees":["0a4g8t5ws2mc"],"due":"2026-11-25","labels":["minutes"],"version":4}"#;
const TASK_OPEN: &str = r#"{"id":"7k2m9x4qw3ta","number":12,"title":"Send the minutes","status":"doing","priority":"high","assignees":["0a4g8t5ws2mc"],"due":"2026-11-25","labels":["minutes"],"version":4}"#;
const TASK_COMMENT: &str = r#"{"id":"7k2m9x4qw3ta","number":12,"title":"Send the minutes","status":"done","priority":"high","assignees":["0a4g8t5ws2mc"],"due":"2026-11-25","labels":["minutes"],"version":4,"comment":{"id":"1b6h9k3vx8qd","thread":null,"text":"The last page is missing.","mentions":[]}}"#;
const DOCUMENT: &str = r#"{"id":"3f8n1c6yz0pb","title":"Minutes of 29 Aban","words":412}"#;
const DOCUMENT_DELETED: &str =
    r#"{"id":"3f8n1c6yz0pb","title":"Minutes of 29 Aban","was":"Minutes of 29 Aban"}"#;
const DOCUMENT_SHARED: &str =
    r#"{"id":"3f8n1c6yz0pb","title":"Minutes of 29 Aban","shared_with":["0a4g8t5ws2mc"]}"#;
const DOCUMENT_MENTION: &str =
    r#"{"id":"3f8n1c6yz0pb","title":"Minutes of 29 Aban","mentioned":["0a4g8t5ws2mc"]}"#;
const DOCUMENT_COMMENT: &str = r#"{"id":"3f8n1c6yz0pb","title":"Minutes of 29 Aban","comment":{"id":"1b6h9k3vx8qd","thread":null,"text":"Is this number right?","mentions":[]}}"#;
const DOCUMENT_PUBLISHED: &str =
    r#"{"id":"3f8n1c6yz0pb","title":"Minutes of 29 Aban","ends_at":null}"#;
const FILE: &str = r#"{"id":"5d9r2h7vj1ke","name":"report.pdf","size":184320,"kind":"pdf","media_type":"application/pdf","state":"waiting","error":null}"#;
const FILE_ANALYSED: &str = r#"{"id":"5d9r2h7vj1ke","name":"report.pdf","size":184320,"kind":"pdf","media_type":"application/pdf","state":"analysed","error":null}"#;
const FILE_FAILED: &str = r#"{"id":"5d9r2h7vj1ke","name":"report.pdf","size":184320,"kind":"pdf","media_type":"application/pdf","state":"failed","error":{"code":"encrypted","detail":"it opens with a password"}}"#;
const MEETING: &str = r#"{"id":"14","name":"Sprint Planning","state":"running","port":8082,"date_time":"2026-11-22T09:00:00Z"}"#;
const MEETING_ENDED: &str = r#"{"id":"14","name":"Sprint Planning","state":"ended","port":8082,"date_time":"2026-11-22T09:00:00Z"}"#;
const MEETING_FAILED: &str = r#"{"id":"14","name":"Sprint Planning","state":"failed","port":8082,"date_time":"2026-11-22T09:00:00Z"}"#;
const SYNC: &str = r#"{"source":"students","run":318,"records_count":12400,"error_message":null}"#;
const SYNC_FAILED: &str = r#"{"source":"students","run":318,"records_count":0,"error_message":"the gateway answered 503"}"#;
const SYNC_LATE: &str = r#"{"source":"students","since":"2026-11-21T03:30:00Z"}"#;
const CLIENT: &str = r#"{"username":"sara","reason":"the term is over"}"#;
const USER: &str = r#"{"id":"0a4g8t5ws2mc","name":"Sara Ahmadi","role":"writer"}"#;
const SIGNED_IN: &str = r#"{"id":"0a4g8t5ws2mc","name":"Sara Ahmadi"}"#;
const BACKUP: &str = r#"{"name":"dabir_20261122_033000.tar.zst","detail":"184320 rows, 73 files"}"#;
const BACKUP_FAILED: &str = r#"{"name":"","detail":"the disk is full"}"#;
const WEBHOOK: &str =
    r#"{"id":"9p1v6b3xn7hd","host":"hooks.example","reason":"it has failed for five days"}"#;

/// Every event of the house.
pub(crate) const CATALOGUE: &[EventType] = &[
    told("task.created", "A task was made.", TASK),
    told("task.changed", "A task was changed.", TASK),
    mailed("task.assigned", "Somebody was given a task.", TASK),
    told("task.completed", "A task is done.", TASK),
    told("task.reopened", "A task that was done is not.", TASK_OPEN),
    mailed(
        "task.due",
        "A task is to be done within a day, or was to be.",
        TASK_OPEN,
    ),
    told(
        "task.commented",
        "Somebody wrote about a task.",
        TASK_COMMENT,
    ),
    mailed(
        "task.mentioned",
        "Somebody was named at a task.",
        TASK_COMMENT,
    ),
    told("task.deleted", "A task was removed.", TASK),
    event("document.created", "A document was made.", DOCUMENT),
    told(
        "document.changed",
        "Somebody wrote in a document, named it otherwise or had it back.",
        DOCUMENT,
    ),
    mailed(
        "document.shared",
        "A document was shared with somebody.",
        DOCUMENT_SHARED,
    ),
    told(
        "document.commented",
        "Somebody wrote about a document.",
        DOCUMENT_COMMENT,
    ),
    mailed(
        "document.mentioned",
        "Somebody was named in a document.",
        DOCUMENT_MENTION,
    ),
    event(
        "document.published",
        "A document became a page for all.",
        DOCUMENT_PUBLISHED,
    ),
    told(
        "document.deleted",
        "A document was removed.",
        DOCUMENT_DELETED,
    ),
    event("file.uploaded", "A file came in.", FILE),
    told(
        "file.analysed",
        "A file was read and analysed.",
        FILE_ANALYSED,
    ),
    told("file.failed", "A file could not be read.", FILE_FAILED),
    event("file.deleted", "A file was removed.", FILE),
    event(
        "meeting.started",
        "A meeting's room runs, for the first time or again.",
        MEETING,
    ),
    event("meeting.ended", "A meeting ended.", MEETING_ENDED),
    event(
        "meeting.failed",
        "A meeting's room does not run.",
        MEETING_FAILED,
    ),
    event("sync.succeeded", "A source was synced.", SYNC),
    kept(mailed(
        "sync.failed",
        "A source could not be synced.",
        SYNC_FAILED,
    )),
    kept(told("sync.recovered", "A source works again.", SYNC)),
    kept(told(
        "sync.late",
        "A source has not been synced for long.",
        SYNC_LATE,
    )),
    event("client.blocked", "A client was blocked.", CLIENT),
    event("client.unblocked", "A client may come in again.", CLIENT),
    event("user.created", "Somebody got an account.", USER),
    event("user.signed_in", "Somebody signed in.", SIGNED_IN),
    event("user.blocked", "Somebody's account was blocked.", USER),
    event("backup.made", "A backup was made.", BACKUP),
    kept(mailed(
        "backup.failed",
        "A backup could not be made.",
        BACKUP_FAILED,
    )),
    kept(mailed(
        "webhook.paused",
        "Nothing more is sent to a webhook that failed for days.",
        WEBHOOK,
    )),
    kept(mailed(
        "webhook.gone",
        "A webhook said that it is gone, and was turned off.",
        WEBHOOK,
    )),
    event(
        TEST,
        "Somebody tries a webhook out.",
        r#"{"hello":"world"}"#,
    ),
];

impl EventType {
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        CATALOGUE.iter().find(|event| event.name == name)
    }

    /// The `data` of the example.
    pub(crate) fn data(&self) -> Value {
        serde_json::from_str(self.example).unwrap_or_default()
    }
}

/// Every event with an example.
pub(crate) fn list() -> Vec<EventView> {
    let view = |event: &EventType| EventView {
        name: event.name,
        about: event.about,
        example: json!({
            "type": event.name, "timestamp": "2026-11-22T09:00:00Z", "data": event.data(),
        }),
    };
    CATALOGUE.iter().map(view).collect()
}

/// Whether a webhook that asks for `pattern` hears of `event`: by its name, `task.*`, or `*`.
pub(crate) fn matches(pattern: &str, event: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("") => true,
        Some(prefix) => prefix.ends_with('.') && event.starts_with(prefix),
        None => pattern == event,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_an_example_and_a_name_of_its_own() {
        for event in CATALOGUE {
            assert!(event.data().is_object(), "{}", event.name);
            let same = CATALOGUE.iter().filter(|other| other.name == event.name);
            assert_eq!(same.count(), 1, "{}", event.name);
        }
    }

    #[test]
    fn a_pattern_is_a_name_or_its_beginning_or_all() {
        for (pattern, event, is_meant) in [
            ("*", "task.completed", true),
            ("task.*", "task.completed", true),
            ("task.*", "tasks.completed", false),
            ("task*", "task.completed", false),
            ("task.completed", "task.completed", true),
            ("task.completed", "task.completed.now", false),
            ("", "task.completed", false),
        ] {
            assert_eq!(matches(pattern, event), is_meant, "{pattern} {event}");
        }
    }
}
