//! The rules of tasks: one file a subject, and here what all of them need.
//!
//! A change has its [`Turn`]: whoever reads a task in it knows that nobody changes it until the turn
//! is over. All that is to be kept of the change is written by [`write`], whatever it was.

mod change;
mod look;
mod find;
mod attach;
mod board;
mod bulk;
mod comments;
mod write;
mod turns;

use std::fmt;
use std::sync::Arc;

use dabir_core::{Clock, Events, Timestamp};
use dabir_db::Db;
use jiff::tz::TimeZone;
use sea_orm::ConnectionTrait;

use super::edit::Here;
use super::model::Task;
use super::store::task::{Word, find};
use crate::error::WritingError;
use crate::fields::is_id;
use crate::files::Files;
use crate::people::People;
use turns::{Turn, Turns};

pub use bulk::{BulkAnswer, BulkTask};
pub use look::{ActivityPage, CommentPage, TaskDetail, TaskPage};
pub(super) use write::{about, happening};

/// Tasks. Clones share them.
#[derive(Clone)]
pub struct Tasks {
    inner: Arc<Inner>,
}

struct Inner {
    setup: TasksSetup,
    turns: Turns,
}

/// What [`Tasks`] is made of.
pub struct TasksSetup {
    pub db: Db,
    pub clock: Clock,
    pub events: Events,
    pub people: Arc<dyn People>,
    pub files: Arc<dyn Files>,
    /// In whose days tasks are due.
    pub timezone: TimeZone,
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tasks").finish_non_exhaustive()
    }
}

impl Tasks {
    #[must_use]
    pub fn new(setup: TasksSetup) -> Self {
        let turns = Turns::new(setup.db.clone(), setup.clock.clone());
        Self {
            inner: Arc::new(Inner { setup, turns }),
        }
    }

    fn setup(&self) -> &TasksSetup {
        &self.inner.setup
    }

    pub(super) fn db(&self) -> &Db {
        &self.setup().db
    }

    pub(super) fn now(&self) -> Timestamp {
        self.setup().clock.now()
    }

    /// What «فردا» means here and now.
    fn here(&self) -> Here<'_> {
        Here {
            now: self.now(),
            zone: &self.setup().timezone,
        }
    }

    /// Waits for the turn to change something.
    pub(super) async fn turn(&self) -> Result<Turn, WritingError> {
        Ok(self.inner.turns.next().await?)
    }
}

/// How a path names a task: `42` is a number, anything longer an id.
fn word(text: &str) -> Result<Word, WritingError> {
    const MAX_NUMBER: usize = 10;
    let is_number = text.len() <= MAX_NUMBER && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(number) if is_number => Ok(Word::Number(number)),
        _ if is_id(text) => Ok(Word::Id(text.to_owned())),
        _ => Err(WritingError::NotFound("task")),
    }
}

/// A task, deleted or not.
async fn any(db: &impl ConnectionTrait, word: &Word) -> Result<Task, WritingError> {
    find(db, word).await?.ok_or(WritingError::NotFound("task"))
}

/// A task that is not deleted.
async fn living(db: &impl ConnectionTrait, word: &Word) -> Result<Task, WritingError> {
    let task = any(db, word).await?;
    match task.deleted_at {
        None => Ok(task),
        Some(_) => Err(WritingError::NotFound("task")),
    }
}

/// Refuses a change of what somebody else changed since it was looked at.
fn check_version(task: &Task, looked_at: Option<i64>) -> Result<(), WritingError> {
    let (number, version) = (task.number, task.version);
    match looked_at {
        Some(looked_at) if looked_at != version => Err(WritingError::Changed { number, version }),
        _ => Ok(()),
    }
}
