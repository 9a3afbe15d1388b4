//! What follows from a text: its words, headings, mentions and links; and who is to be told.

use std::time::Duration;

use dabir_core::{Event, Timestamp};
use dabir_db::audit::{self, Change};
use dabir_db::outbox::{self, Happening};
use dabir_db::stale;
use dabir_prose::Node;
use dabir_prose::text::{self, Heading};
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::{Value, json};

use super::Who;
use super::model::VersionKind;
use super::service::DocumentsSetup;
use super::store::access::grants;
use super::store::version::NewVersion;
use super::store::{document, person, text as texts, version};
use crate::fields::is_id;
use crate::people::{Doer, Named};

/// How long it is not told again that somebody writes in a document.
const QUIET: Duration = Duration::from_secs(600);
/// How many people one text calls.
const MAX_MENTIONS: usize = 50;

/// What a text says.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) words: i64,
    pub(crate) outline: Vec<Heading>,
    /// Ids of people.
    pub(crate) mentions: Vec<String>,
    /// Ids of our files.
    pub(crate) files: Vec<String>,
    pub(crate) links: Vec<String>,
    /// The document itself as JSON.
    pub(crate) content: String,
}

impl Said {
    pub(crate) fn of(node: &Node) -> Self {
        // PostgreSQL keeps no text with such a sign in it.
        let plain = text::plain(node).replace('\0', "");
        let mentions = text::mentions(node).into_iter();
        let mut links: Vec<String> = text::links(node)
            .into_iter()
            .map(|link| link.href)
            .collect();
        links.sort_unstable();
        links.dedup();
        Self {
            words: words(&plain),
            text: plain,
            outline: text::outline(node),
            mentions: mentions.map(|mention| mention.id).collect(),
            files: text::files(node),
            links,
            content: node.to_json().to_string(),
        }
    }
}

impl Said {
    /// What a text says that cannot be read.
    pub(crate) fn nothing() -> Self {
        Self::of(&Node::empty())
    }
}

/// How many words a text has: what stands between spaces and has a letter or a digit.
fn words(text: &str) -> i64 {
    let words = text.split_whitespace();
    let count = words.filter(|word| word.chars().any(char::is_alphanumeric));
    i64::try_from(count.count()).unwrap_or(i64::MAX)
}

/// Keeps what is said after the changes up to `seq`, and tells whom it concerns. The last of `authors`
/// wrote last.
pub(crate) async fn keep(
    setup: &DocumentsSetup,
    id: &str,
    seq: i64,
    said: &Said,
    authors: &[Doer],
) -> Result<(), DbErr> {
    let now = setup.clock.now();
    let before = texts::find(setup.db.read(), id).await?.unwrap_or_default();
    let called = called(setup, id, said, &before.mentions).await?;
    let tx = setup.db.write().await?;
    // Before any row is taken, as changes of documents do it: two who wait for each other both fail.
    audit::take_turn(&tx).await?;
    let is_new = texts::update(&tx, id, seq, said).await?;
    stale::mark(&tx, now, "document", &[id]).await?;
    let about = About::read(&tx, id).await?;
    if let Some(last) = authors.last().filter(|_| is_new) {
        texts::show(&tx, id, said.words, now, &last.named()).await?;
        if !called.is_empty() {
            let data = json!({ "mentioned": called });
            about
                .say(&tx, now, last, "document.mentioned", data, called)
                .await?;
        }
    }
    // Another server may have read as far already; it knows nothing of those who wrote here.
    for author in authors {
        about.tell(&tx, now, author, said).await?;
    }
    tx.commit().await?;
    let id = id.to_owned();
    setup.events.publish(Event::DocumentChanged { id });
    Ok(())
}

/// Those who are mentioned now and were not before, as far as they may see the document.
async fn called(
    setup: &DocumentsSetup,
    id: &str,
    said: &Said,
    before: &[String],
) -> Result<Vec<String>, DbErr> {
    let new = said
        .mentions
        .iter()
        .filter(|id| is_id(id) && !before.contains(id));
    let new: Vec<&str> = new.take(MAX_MENTIONS).map(String::as_str).collect();
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let mut called = Vec::new();
    for person in setup.people.by_ids(&new).await? {
        let who = Who::of_person(&person);
        let may_see = document::find(setup.db.read(), &who, id).await?.is_some();
        if may_see && !person.is_blocked {
            called.push(person.id);
        }
    }
    Ok(called)
}

/// A document, as far as others are told of it.
pub(crate) struct About {
    id: String,
    title: String,
    owner: Option<String>,
    shared_with: Vec<String>,
}

impl About {
    /// Everything, whoever asks.
    pub(crate) async fn read(tx: &DatabaseTransaction, id: &str) -> Result<Self, DbErr> {
        let (title, owner) = document::title(tx, id).await?.unwrap_or_default();
        let grants = grants(tx, "document", &[id]).await?;
        let people = grants.into_iter().filter_map(|(_, grant)| {
            let person = grant.grantee.strip_prefix("user:")?;
            Some(person.to_owned())
        });
        Ok(Self {
            id: id.to_owned(),
            title,
            owner,
            shared_with: people.collect(),
        })
    }

    /// Whether there is such a document.
    pub(crate) fn exists(&self) -> bool {
        !self.title.is_empty()
    }

    /// Whom it concerns by itself: the owner, and with whom it is shared by name.
    pub(crate) fn people(&self) -> Vec<String> {
        let mut people: Vec<String> = self
            .owner
            .iter()
            .chain(&self.shared_with)
            .cloned()
            .collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    /// Says what happened to it.
    pub(crate) async fn say(
        &self,
        tx: &DatabaseTransaction,
        now: Timestamp,
        by: &Doer,
        event: &'static str,
        mut data: Value,
        concerns: Vec<String>,
    ) -> Result<(), DbErr> {
        data["id"] = json!(self.id);
        data["title"] = json!(self.title);
        let others = concerns.into_iter().filter(|id| !by.is(id));
        let happening = Happening {
            event,
            subject_kind: "document",
            subject_id: self.id.clone(),
            subject_name: self.title.clone(),
            data,
            concerns: others.collect(),
        };
        outbox::say(tx, now, &by.actor, happening).await
    }

    /// Tells that somebody writes in it, and keeps that in the audit; not with every word.
    async fn tell(
        &self,
        tx: &DatabaseTransaction,
        now: Timestamp,
        by: &Doer,
        said: &Said,
    ) -> Result<(), DbErr> {
        let user = by.user_id.as_deref().unwrap_or(&by.actor.id);
        let since = now.saturating_sub(QUIET).unwrap_or(Timestamp::MIN);
        if person::was_told(tx, user, &self.id, since).await? {
            return Ok(());
        }
        person::tell(tx, user, &self.id, now).await?;
        let data = json!({ "words": said.words });
        self.say(tx, now, by, "document.changed", data.clone(), self.people())
            .await?;
        let change = Change {
            after: Some(data),
            ..self.audited("document.write")
        };
        audit::append(tx, now, &by.actor, vec![change]).await?;
        Ok(())
    }

    pub(crate) fn audited(&self, action: &'static str) -> Change {
        Change {
            action,
            target_kind: "document",
            target_id: self.id.clone(),
            target_name: self.title.clone(),
            before: None,
            after: None,
        }
    }
}

/// Keeps a version that nobody asked for.
pub(crate) async fn keep_version(
    setup: &DocumentsSetup,
    id: &str,
    seq: i64,
    said: &Said,
    by: &Named,
    kind: VersionKind,
) -> Result<(), DbErr> {
    let new = NewVersion {
        seq,
        at: setup.clock.now(),
        by,
        kind,
        name: None,
        words: said.words,
        content: &said.content,
    };
    let tx = setup.db.write().await?;
    // Numbers of versions are given one after the other.
    audit::take_turn(&tx).await?;
    version::insert(&tx, id, new).await?;
    tx.commit().await
}
