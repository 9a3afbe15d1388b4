//! What is said about tasks: it is kept with the task's own turn, and told to whom it concerns.

use std::collections::BTreeSet;

use dabir_core::text::cut;
use dabir_db::{audit, outbox};
use dabir_http::Role;
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Map, Value, json};

use super::turns::Turn;
use super::write::{self, about, ended, happening};
use super::{Tasks, living, word};
use crate::comments::{Comment, Subject, Words, store as comments};
use crate::error::WritingError;
use crate::fields::{Fields, is_id};
use crate::people::{Doer, Known};
use crate::tasks::model::Task;
use crate::tasks::store::activity::{self, NewActivity};
use crate::tasks::store::task;

/// How much of a comment the audit keeps.
const MAX_AUDITED: usize = 1_000;

/// What is done with a comment.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Say,
    Change,
    Delete,
}

/// A comment, and what follows from it.
struct Saying {
    deed: Deed,
    task: Task,
    before: Option<Comment>,
    after: Comment,
    /// Whom it names.
    mentioned: Vec<String>,
    /// Whom it concerns beside them.
    people: Vec<String>,
}

impl Deed {
    /// Its names in the audit and among what became of the task.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Say => ("task.comment", "commented"),
            Self::Change => ("task.comment_change", "comment_changed"),
            Self::Delete => ("task.comment_delete", "comment_deleted"),
        }
    }
}

impl Tasks {
    /// Says something about a task.
    ///
    /// # Errors
    /// When there is no such task, or a field is not allowed.
    pub async fn comment(
        &self,
        by: &Doer,
        name: &str,
        body: Map<String, Value>,
    ) -> Result<Comment, WritingError> {
        let word = word(name)?;
        let (words, mut fields) = Words::of_new(body);
        self.check_mentions(&words, &[], &mut fields).await?;
        fields.end()?;
        let turn = self.turn().await?;
        let mut task = living(turn.tx(), &word).await?;
        let mut comment = words.into_comment(by, turn.now);
        comment.thread = thread(&turn, &task, comment.thread).await?;
        let mentioned = others(by, comment.mentions.iter());
        let people = task.concerned().filter(|id| !mentioned.contains(id));
        let people = others(by, people);
        task.comments += 1;
        by.user_id.iter().for_each(|id| task.follow(id));
        comment.mentions.iter().for_each(|id| task.follow(id));
        let saying = Saying {
            deed: Deed::Say,
            task,
            before: None,
            after: comment,
            mentioned,
            people,
        };
        self.keep(turn, by, saying).await
    }

    /// Changes what one said; nobody but the one who said it does. Those are told who are mentioned now
    /// and were not before.
    ///
    /// # Errors
    /// When there is no such comment, it is another's, or a field is not allowed.
    pub async fn change_comment(
        &self,
        by: &Doer,
        name: &str,
        id: &str,
        body: Map<String, Value>,
    ) -> Result<Comment, WritingError> {
        let word = word(name)?;
        let (words, mut fields) = Words::of_some(body);
        let known = living(self.setup().db.read(), &word).await?;
        let had = find(self.setup().db.read(), &known, id).await?;
        self.check_mentions(&words, &had.mentions, &mut fields)
            .await?;
        fields.end()?;
        let turn = self.turn().await?;
        let mut task = living(turn.tx(), &word).await?;
        let before = find(turn.tx(), &task, id).await?;
        if !is_own(by, &before) {
            return Err(WritingError::OthersComment);
        }
        let mut after = before.clone();
        after.text = words.text.unwrap_or(after.text);
        after.mentions = words.mentions.unwrap_or(after.mentions);
        if after == before {
            return Ok(before);
        }
        after.edited_at = Some(turn.now);
        after.mentions.iter().for_each(|id| task.follow(id));
        let new = after.mentions.iter();
        let mentioned = others(by, new.filter(|id| !before.mentions.contains(id)));
        let saying = Saying {
            deed: Deed::Change,
            task,
            before: Some(before),
            after,
            mentioned,
            people: Vec::new(),
        };
        self.keep(turn, by, saying).await
    }

    /// Takes back what one said; admins take back what others said, too.
    ///
    /// # Errors
    /// When there is no such comment, or it is another's.
    pub async fn delete_comment(
        &self,
        by: &Doer,
        name: &str,
        id: &str,
    ) -> Result<(), WritingError> {
        let word = word(name)?;
        let turn = self.turn().await?;
        let mut task = living(turn.tx(), &word).await?;
        let before = find(turn.tx(), &task, id).await?;
        if !is_own(by, &before) && by.role != Role::Admin {
            return Err(WritingError::OthersComment);
        }
        let after = Comment {
            text: String::new(),
            mentions: Vec::new(),
            deleted_at: Some(turn.now),
            ..before.clone()
        };
        task.comments -= 1;
        let saying = Saying {
            deed: Deed::Delete,
            task,
            before: Some(before),
            after,
            mentioned: Vec::new(),
            people: Vec::new(),
        };
        self.keep(turn, by, saying).await?;
        Ok(())
    }

    /// Writes that somebody spoke, and ends the turn. Goes on when whoever asked for it does not wait.
    async fn keep(&self, turn: Turn, by: &Doer, saying: Saying) -> Result<Comment, WritingError> {
        let (tasks, by) = (self.clone(), by.clone());
        let kept = tokio::spawn(async move { tasks.keep_all(turn, &by, saying).await });
        Ok(ended(kept.await)?)
    }

    /// The version of the task stays: what is said changes nothing of what others write in it.
    async fn keep_all(&self, mut turn: Turn, by: &Doer, saying: Saying) -> Result<Comment, DbErr> {
        turn.begin();
        let (tx, now) = (turn.tx(), turn.now);
        let mut task = saying.task;
        let comment = saying.after;
        match saying.deed {
            Deed::Say => comments::insert(tx, subject(&task), &comment).await?,
            Deed::Change | Deed::Delete => comments::update(tx, &comment).await?,
        }
        let told = told(&comment);
        let mut said = Vec::new();
        if matches!(saying.deed, Deed::Say) {
            said.push(happening(
                &task,
                "task.commented",
                told.clone(),
                saying.people,
            ));
        }
        if !saying.mentioned.is_empty() {
            said.push(happening(&task, "task.mentioned", told, saying.mentioned));
        }
        outbox::say_all(tx, now, &by.actor, said).await?;
        task.updated_at = now;
        task.updated_by = by.named();
        task::update(tx, &task, &self.setup().timezone).await?;
        let (action, what) = saying.deed.names();
        let step = NewActivity {
            task_id: task.id.clone(),
            what,
            from: Value::Null,
            to: json!(comment.id),
        };
        activity::append(tx, now, &by.named(), vec![step]).await?;
        let change = audit::Change {
            before: saying.before.as_ref().map(audited),
            after: comment.deleted_at.is_none().then(|| audited(&comment)),
            ..about(action, &task)
        };
        audit::append(tx, now, &by.actor, vec![change]).await?;
        turn.commit().await?;
        self.tell(write::Deed::Change, &task);
        Ok(comment)
    }

    async fn check_mentions(
        &self,
        words: &Words,
        had: &[String],
        fields: &mut Fields,
    ) -> Result<(), WritingError> {
        let mentions = words.mentions.iter().flatten();
        let new: Vec<&str> = mentions
            .filter(|id| !had.contains(id))
            .map(String::as_str)
            .collect();
        let known = Known::of(&*self.setup().people, new.iter().copied()).await?;
        known.check(fields, "mentions", &new);
        Ok(())
    }
}

/// Each of them once, and not whoever does it.
fn others<'a>(by: &Doer, people: impl Iterator<Item = &'a String>) -> Vec<String> {
    let people: BTreeSet<&String> = people.filter(|id| !by.is(id)).collect();
    people.into_iter().cloned().collect()
}

fn subject(task: &Task) -> Subject<'_> {
    Subject {
        kind: "task",
        id: &task.id,
    }
}

fn is_own(by: &Doer, comment: &Comment) -> bool {
    match &comment.by.id {
        Some(id) => by.is(id),
        // Said with the installation's own token.
        None => by.user_id.is_none(),
    }
}

fn told(comment: &Comment) -> Value {
    json!({ "comment": {
        "id": comment.id, "thread": comment.thread, "text": comment.text, "mentions": comment.mentions,
    }})
}

fn audited(comment: &Comment) -> Value {
    json!({ "comment": comment.id, "text": cut(&comment.text, MAX_AUDITED) })
}

/// A comment that is not deleted.
async fn find(db: &impl ConnectionTrait, task: &Task, id: &str) -> Result<Comment, WritingError> {
    let found = match is_id(id) {
        true => comments::find(db, subject(task), id).await?,
        false => None,
    };
    let living = found.filter(|comment| comment.deleted_at.is_none());
    living.ok_or(WritingError::NotFound("comment"))
}

/// The beginning of the thread that a comment is in: threads have one level.
async fn thread(
    turn: &Turn,
    task: &Task,
    answers: Option<String>,
) -> Result<Option<String>, WritingError> {
    let Some(id) = answers else { return Ok(None) };
    let found = match is_id(&id) {
        true => comments::find(turn.tx(), subject(task), &id).await?,
        false => None,
    };
    let Some(comment) = found else {
        return Err(WritingError::invalid(
            "thread",
            "this task has no such comment",
        ));
    };
    Ok(Some(comment.thread.unwrap_or(comment.id)))
}
