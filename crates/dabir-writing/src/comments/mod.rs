//! What people say about something, in threads of one level: a comment, and the answers to it.
//!
//! Whoever owns the thing checks who may speak and tells whom it concerns; here is what a comment is
//! and where it is kept.

pub(crate) mod store;

use dabir_core::{Timestamp, new_id};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::fields::Fields;
use crate::people::{Doer, Named};

const MAX_TEXT: usize = 10_000;
const MAX_MENTIONS: usize = 20;

/// What is spoken about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) kind: &'static str,
    pub(crate) id: &'a str,
}

/// Something that somebody said.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Comment {
    pub id: String,
    /// The comment that it answers; `null` when it begins a thread.
    pub thread: Option<String>,
    /// Markdown; empty when it was deleted.
    pub text: String,
    /// Ids of people who were called to it.
    pub mentions: Vec<String>,
    pub by: Named,
    pub created_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
    #[serde(skip)]
    pub(crate) seq: i64,
}

/// What somebody says, checked as far as that can be done without knowing about what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    pub(crate) text: Option<String>,
    pub(crate) mentions: Option<Vec<String>>,
    /// The comment that it answers.
    pub(crate) thread: Option<String>,
}

impl Words {
    /// A new comment.
    pub(crate) fn of_new(body: Map<String, Value>) -> (Self, Fields) {
        let mut fields = Fields::of(body);
        let thread = fields.take::<Option<String>>("thread").flatten();
        if !fields.has("text") {
            fields.refuse("text", "a comment has a text");
        }
        let words = Self::read(&mut fields);
        (Self { thread, ..words }, fields)
    }

    /// Other words for one that there is.
    pub(crate) fn of_some(body: Map<String, Value>) -> (Self, Fields) {
        let mut fields = Fields::of(body);
        let words = Self::read(&mut fields);
        (words, fields)
    }

    fn read(fields: &mut Fields) -> Self {
        let text: Option<String> = fields.take("text");
        if let Some(text) = &text {
            fields.text("text", text, MAX_TEXT);
            if text.trim().is_empty() {
                fields.refuse("text", "write something");
            }
        }
        let mentions = fields.take("mentions");
        Self {
            text,
            mentions: mentions.map(|ids| fields.ids("mentions", ids, MAX_MENTIONS)),
            thread: None,
        }
    }

    pub(crate) fn into_comment(self, by: &Doer, now: Timestamp) -> Comment {
        Comment {
            id: new_id(),
            thread: self.thread,
            text: self.text.unwrap_or_default(),
            mentions: self.mentions.unwrap_or_default(),
            by: by.named(),
            created_at: now,
            edited_at: None,
            deleted_at: None,
            seq: 0,
        }
    }
}
