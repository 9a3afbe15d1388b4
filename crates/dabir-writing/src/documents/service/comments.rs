//! What is said about a document, at a place in it or about all of it.

use std::collections::BTreeSet;

use dabir_core::Page;
use dabir_core::text::cut;
use dabir_db::audit;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use serde_json::{Map, Value, json};

use super::Documents;
use crate::comments::{Comment, Subject, Words, store as comments};
use crate::documents::Who;
use crate::documents::derive::About;
use crate::documents::error::DocumentError;
use crate::documents::model::{DocumentComment, DocumentCommentPage, Right};
use crate::documents::store::document;
use crate::documents::store::thread::{self, Thread};
use crate::fields::{Fields, is_id};
use crate::people::{Doer, Known};

/// How much of the words that a comment is about is kept, in characters.
const MAX_QUOTE: usize = 500;
/// How far back it is looked who spoke in a thread.
const MAX_SAID: u32 = 1_000;
/// How much of a comment the audit keeps.
const MAX_AUDITED: usize = 1_000;

impl Documents {
    /// What is said about a document after one comment, the oldest first.
    ///
    /// # Errors
    /// When there is no such document.
    pub async fn comments(
        &self,
        who: &Who,
        id: &str,
        after: Option<i64>,
        limit: u32,
    ) -> Result<DocumentCommentPage, DocumentError> {
        self.with_right(self.read(), who, id, Right::View).await?;
        let rows = comments::list(self.read(), subject(id), after, limit + 1).await?;
        let mut threads = thread::all(self.read(), id).await?;
        let Page { items, next_cursor } = Page::cut(rows, limit, |comment| comment.seq.to_string());
        let shown = items.into_iter().map(|comment| {
            let thread = threads.remove(&comment.id);
            shown(comment, thread)
        });
        Ok(DocumentCommentPage {
            items: shown.collect(),
            next_cursor,
        })
    }

    /// Says something; `anchor` is the id of the `comment` mark that it is about, `quote` its words.
    ///
    /// # Errors
    /// When a field is not allowed, or the right is missing.
    pub async fn comment(
        &self,
        who: &Who,
        id: &str,
        mut body: Map<String, Value>,
    ) -> Result<DocumentComment, DocumentError> {
        let (anchor, quote) = (body.remove("anchor"), body.remove("quote"));
        let (words, mut fields) = Words::of_new(body);
        let place = place(&mut fields, anchor, quote, words.thread.is_some());
        self.check_mentions(id, &words, &[], &mut fields).await?;
        fields.end()?;
        let tx = self.begin().await?;
        self.with_right(&tx, who, id, Right::Comment).await?;
        let now = self.now();
        let mut comment = words.into_comment(&who.doer, now);
        comment.thread = beginning(&tx, id, comment.thread).await?;
        comments::insert(&tx, subject(id), &comment).await?;
        if comment.thread.is_none() {
            thread::insert(&tx, id, &comment.id, &place).await?;
        }
        let about = About::read(&tx, id).await?;
        let mut concerns = about.people();
        concerns.extend(comment.mentions.iter().cloned());
        concerns.extend(self.speakers(&tx, id, &comment).await?);
        concerns.sort_unstable();
        concerns.dedup();
        self.say(&tx, &about, who, &comment, concerns).await?;
        audit_comment(
            &tx,
            self,
            who,
            "document.comment",
            &about,
            None,
            Some(&comment),
        )
        .await?;
        self.commit(tx, super::News::Of(id)).await?;
        let place = comment.thread.is_none().then_some(place);
        Ok(shown(comment, place))
    }

    /// Changes what one said.
    ///
    /// # Errors
    /// When there is no such comment, it is another's, or a field is not allowed.
    pub async fn change_comment(
        &self,
        who: &Who,
        id: &str,
        comment: &str,
        body: Map<String, Value>,
    ) -> Result<DocumentComment, DocumentError> {
        let (words, mut fields) = Words::of_some(body);
        self.with_right(self.read(), who, id, Right::Comment)
            .await?;
        let had = find(self.read(), id, comment).await?;
        self.check_mentions(id, &words, &had.mentions, &mut fields)
            .await?;
        fields.end()?;
        let tx = self.begin().await?;
        self.with_right(&tx, who, id, Right::Comment).await?;
        let before = find(&tx, id, comment).await?;
        if !is_own(&who.doer, &before) {
            return Err(DocumentError::OthersComment);
        }
        let mut after = before.clone();
        after.text = words.text.unwrap_or(after.text);
        after.mentions = words.mentions.unwrap_or(after.mentions);
        after.edited_at = Some(self.now());
        comments::update(&tx, &after).await?;
        let about = About::read(&tx, id).await?;
        let new = after
            .mentions
            .iter()
            .filter(|id| !before.mentions.contains(id));
        let new: Vec<String> = new.cloned().collect();
        if !new.is_empty() {
            self.say(&tx, &about, who, &after, new).await?;
        }
        let action = "document.comment_change";
        audit_comment(&tx, self, who, action, &about, Some(&before), Some(&after)).await?;
        let threads = thread::all(&tx, id).await?;
        self.commit(tx, super::News::Of(id)).await?;
        let place = threads.get(&after.id).cloned();
        Ok(shown(after, place))
    }

    /// Takes back what one said; the document's owners take back what others said, too.
    ///
    /// # Errors
    /// When there is no such comment, or it is another's.
    pub async fn delete_comment(
        &self,
        who: &Who,
        id: &str,
        comment: &str,
    ) -> Result<(), DocumentError> {
        let tx = self.begin().await?;
        let document = self.with_right(&tx, who, id, Right::Comment).await?;
        let before = find(&tx, id, comment).await?;
        if !is_own(&who.doer, &before) && document.right < Right::Own {
            return Err(DocumentError::OthersComment);
        }
        let after = Comment {
            text: String::new(),
            mentions: Vec::new(),
            deleted_at: Some(self.now()),
            ..before.clone()
        };
        comments::update(&tx, &after).await?;
        let about = About::read(&tx, id).await?;
        let action = "document.comment_delete";
        audit_comment(&tx, self, who, action, &about, Some(&before), None).await?;
        self.commit(tx, super::News::Of(id)).await?;
        Ok(())
    }

    /// Settles a thread, or opens it again.
    ///
    /// # Errors
    /// When no thread begins with that comment, or the right is missing.
    pub async fn resolve(
        &self,
        who: &Who,
        id: &str,
        comment: &str,
        is_settled: bool,
    ) -> Result<DocumentComment, DocumentError> {
        let tx = self.begin().await?;
        self.with_right(&tx, who, id, Right::Comment).await?;
        let begins = find(&tx, id, comment).await?;
        if begins.thread.is_some() {
            return Err(DocumentError::NotFound("comment"));
        }
        let (now, by) = (self.now(), who.doer.named());
        thread::resolve(&tx, &begins.id, is_settled.then_some((now, &by))).await?;
        let about = About::read(&tx, id).await?;
        let action = match is_settled {
            true => "document.comment_resolve",
            false => "document.comment_reopen",
        };
        audit_comment(&tx, self, who, action, &about, None, Some(&begins)).await?;
        let threads = thread::all(&tx, id).await?;
        self.commit(tx, super::News::Of(id)).await?;
        let place = threads.get(&begins.id).cloned();
        Ok(shown(begins, place))
    }

    /// Those who spoke in the same thread and may still see it.
    async fn speakers(
        &self,
        tx: &impl ConnectionTrait,
        id: &str,
        comment: &Comment,
    ) -> Result<Vec<String>, DbErr> {
        let Some(thread) = &comment.thread else {
            return Ok(Vec::new());
        };
        let said = comments::list(tx, subject(id), None, MAX_SAID).await?;
        let same = said
            .into_iter()
            .filter(|said| said.thread.as_ref() == Some(thread) || said.id == *thread);
        let ids: BTreeSet<String> = same.filter_map(|said| said.by.id).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut speakers = Vec::new();
        for person in self.setup().people.by_ids(&ids).await? {
            let sees = Who::of_person(&person);
            if document::find(tx, &sees, id).await?.is_some() {
                speakers.push(person.id);
            }
        }
        Ok(speakers)
    }

    async fn say(
        &self,
        tx: &DatabaseTransaction,
        about: &About,
        who: &Who,
        comment: &Comment,
        concerns: Vec<String>,
    ) -> Result<(), DbErr> {
        let data = json!({ "comment": {
            "id": comment.id, "thread": comment.thread, "text": comment.text,
            "mentions": comment.mentions,
        }});
        let event = "document.commented";
        about
            .say(tx, self.now(), &who.doer, event, data, concerns)
            .await
    }

    /// Refuses to call people to what they may not see.
    async fn check_mentions(
        &self,
        id: &str,
        words: &Words,
        had: &[String],
        fields: &mut Fields,
    ) -> Result<(), DocumentError> {
        let mentions = words.mentions.iter().flatten();
        let new: Vec<&str> = mentions
            .filter(|id| !had.contains(id))
            .map(String::as_str)
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        let people = self.setup().people.by_ids(&new).await?;
        let known = Known::of_people(&people);
        known.check(fields, "mentions", &new);
        for person in people.iter().filter(|person| person.may_work()) {
            let sees = Who::of_person(person);
            if document::find(self.read(), &sees, id).await?.is_none() {
                let detail = format!("{} may not see this document; share it first", person.name);
                fields.refuse("mentions", detail);
            }
        }
        Ok(())
    }
}

/// Where a thread begins. An answer stands where the thread does.
fn place(
    fields: &mut Fields,
    anchor: Option<Value>,
    quote: Option<Value>,
    answers: bool,
) -> Thread {
    let mut read = |name: &str, value: Option<Value>| match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text,
        Some(_) => {
            fields.refuse(name, "write a text");
            String::new()
        }
    };
    let (anchor, quote) = (read("anchor", anchor), read("quote", quote));
    if answers && !anchor.is_empty() {
        fields.refuse("anchor", "an answer stands where its thread does");
    } else if !anchor.is_empty() && !is_id(&anchor) {
        fields.refuse("anchor", "write the id of the mark");
    }
    Thread {
        anchor,
        quote: quote
            .chars()
            .filter(|c| *c != '\0')
            .take(MAX_QUOTE)
            .collect(),
        ..Thread::default()
    }
}

fn subject(id: &str) -> Subject<'_> {
    Subject {
        kind: "document",
        id,
    }
}

fn shown(comment: Comment, thread: Option<Thread>) -> DocumentComment {
    let thread = thread.unwrap_or_default();
    DocumentComment {
        comment,
        anchor: Some(thread.anchor).filter(|anchor| !anchor.is_empty()),
        quote: thread.quote,
        resolved_at: thread.resolved_at,
        resolved_by: thread.resolved_by,
    }
}

fn is_own(by: &Doer, comment: &Comment) -> bool {
    match &comment.by.id {
        Some(id) => by.is(id),
        // Said with the installation's own token.
        None => by.user_id.is_none(),
    }
}

/// A comment that is not deleted.
async fn find(
    db: &impl ConnectionTrait,
    id: &str,
    comment: &str,
) -> Result<Comment, DocumentError> {
    let found = match is_id(comment) {
        true => comments::find(db, subject(id), comment).await?,
        false => None,
    };
    let living = found.filter(|comment| comment.deleted_at.is_none());
    living.ok_or(DocumentError::NotFound("comment"))
}

/// The beginning of the thread that a comment is in: threads have one level.
async fn beginning(
    tx: &impl ConnectionTrait,
    id: &str,
    answers: Option<String>,
) -> Result<Option<String>, DocumentError> {
    let Some(answered) = answers else {
        return Ok(None);
    };
    let found = match is_id(&answered) {
        true => comments::find(tx, subject(id), &answered).await?,
        false => None,
    };
    let unknown = || DocumentError::invalid("thread", "this document has no such comment");
    let comment = found.ok_or_else(unknown)?;
    Ok(Some(comment.thread.unwrap_or(comment.id)))
}

async fn audit_comment(
    tx: &DatabaseTransaction,
    documents: &Documents,
    who: &Who,
    action: &'static str,
    about: &About,
    before: Option<&Comment>,
    after: Option<&Comment>,
) -> Result<(), DbErr> {
    let audited = |comment: &Comment| json!({ "comment": comment.id, "text": cut(&comment.text, MAX_AUDITED) });
    let change = audit::Change {
        before: before.map(audited),
        after: after.map(audited),
        ..about.audited(action)
    };
    audit::append(tx, documents.now(), &who.doer.actor, vec![change]).await?;
    Ok(())
}
