//! People's inboxes, and what they chose.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use dabir_core::{Actor, Event, Page, Timestamp};
use dabir_db::outbox::Said;
use dabir_db::{audit, hints};
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::Notify;
use crate::choices::{Channels, Choices, Habits, Item, NewChoices, default_channels, whole};
use crate::error::NotifyError;
use crate::inbox::{Notification, Place, Seen};
use crate::store::choices::{self, Chosen};
use crate::store::inbox;

/// Where PostgreSQL's processes hear whose inbox changed.
pub(crate) const CHANNEL: &str = "dabir_inbox";

/// How far back is looked when something may have been missed.
const LATELY: Duration = Duration::from_secs(60);
/// The longest that something may sleep.
const LONGEST_SLEEP: Duration = Duration::from_secs(366 * 86_400);
/// How many may be marked at once.
const MOST_IDS: usize = 1_000;

/// What people whom something concerns chose.
struct Wishes {
    /// Those who are told anything at all.
    known: BTreeSet<String>,
    chosen: Chosen,
    habits: BTreeMap<String, Habits>,
}

impl Notify {
    /// Tells people of what concerns them. Answers whose inboxes changed.
    pub(super) async fn tell_people(
        &self,
        tx: &DatabaseTransaction,
        said: &[Said],
    ) -> Result<BTreeSet<String>, NotifyError> {
        let mut changed = BTreeSet::new();
        let wishes = self.wishes(tx, said).await?;
        for said in said {
            for user in concerned(said) {
                let is_known = wishes.known.contains(user);
                if is_known && self.tell_one(tx, said, user, &wishes).await? {
                    changed.insert(user.clone());
                }
            }
        }
        for user in &changed {
            self.hint(tx, user).await?;
        }
        Ok(changed)
    }

    async fn wishes(&self, tx: &DatabaseTransaction, said: &[Said]) -> Result<Wishes, NotifyError> {
        let all: BTreeSet<String> = said.iter().flat_map(concerned).cloned().collect();
        let all: Vec<String> = all.into_iter().collect();
        let known = match all.is_empty() {
            true => Vec::new(),
            false => self.shared.people.find(&all).await?,
        };
        Ok(Wishes {
            known: known.into_iter().map(|person| person.id).collect(),
            chosen: choices::of(tx, &all).await?,
            habits: choices::habits(tx, &all).await?,
        })
    }

    /// Tells one person by all channels that they chose. Answers whether their inbox changed.
    async fn tell_one(
        &self,
        tx: &DatabaseTransaction,
        said: &Said,
        user: &str,
        wishes: &Wishes,
    ) -> Result<bool, NotifyError> {
        let key = (user.to_owned(), said.event.clone());
        let chosen = wishes.chosen.get(&key).copied();
        let Channels {
            inbox: in_inbox,
            mail,
            sms,
        } = chosen.unwrap_or_else(|| default_channels(&said.event));
        if in_inbox {
            inbox::put(tx, user, said).await?;
        }
        let offered = self.offered();
        if mail && offered.mail {
            let habits = wishes.habits.get(user).cloned();
            let habits = habits.unwrap_or_else(|| Habits::of_house(self.timezone()));
            self.mail_one(tx, user, &habits, Item::from(said)).await?;
        }
        let phone = wishes
            .habits
            .get(user)
            .and_then(|habits| habits.phone.as_ref());
        if sms && offered.sms && phone.is_some() {
            self.text_one(tx, user, Item::from(said)).await?;
        }
        Ok(in_inbox)
    }

    /// Has the other processes hear that somebody's inbox changed, once this is committed.
    async fn hint(&self, tx: &DatabaseTransaction, user: &str) -> Result<(), NotifyError> {
        let word = format!("{} {user}", self.shared.tag);
        Ok(hints::say(tx, CHANNEL, &word).await?)
    }

    /// Has the live streams of this process tell so.
    pub(super) fn publish(&self, user: &str) {
        self.events().publish(Event::NotificationsChanged {
            user_id: user.to_owned(),
        });
    }

    /// What another process says; empty when something may have been missed.
    pub(crate) async fn heard(&self, word: &str) -> Result<(), NotifyError> {
        if word.is_empty() {
            let since = self.now().saturating_sub(LATELY).unwrap_or(Timestamp::MIN);
            let users = inbox::heard_since(self.db().read(), since).await?;
            users.iter().for_each(|user| self.publish(user));
        } else if let Some((tag, user)) = word.split_once(' ')
            && tag != self.shared.tag
        {
            self.publish(user);
        }
        Ok(())
    }

    /// Wakes what has slept for long enough.
    pub(crate) async fn wake_sleepers(&self) -> Result<(), NotifyError> {
        let now = self.now();
        if !inbox::is_anyone_awake(self.db().read(), now).await? {
            return Ok(());
        }
        let tx = self.db().write().await?;
        let users: BTreeSet<String> = inbox::wake(&tx, now).await?.into_iter().collect();
        for user in &users {
            self.hint(&tx, user).await?;
        }
        tx.commit().await?;
        users.iter().for_each(|user| self.publish(user));
        Ok(())
    }

    /// Somebody's notifications, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_notifications(
        &self,
        user: &str,
        unread: bool,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Page<Notification>, NotifyError> {
        let rows = inbox::list(self.db().read(), user, unread, after, limit, self.now()).await?;
        Ok(Page::cut(rows, limit, |row| row.place().as_text()))
    }

    /// How many somebody has not seen.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_unread(&self, user: &str) -> Result<u64, NotifyError> {
        Ok(inbox::unread(self.db().read(), user, self.now()).await?)
    }

    /// Marks notifications as seen. Answers how many are not.
    ///
    /// # Errors
    /// When neither ids nor an instant are given, or too many ids.
    pub async fn see(&self, user: &str, seen: &Seen) -> Result<u64, NotifyError> {
        if seen.ids.is_empty() && seen.until.is_none() {
            let detail = "write the ids that were seen, or until when all were";
            return Err(NotifyError::invalid("ids", detail));
        }
        if seen.ids.len() > MOST_IDS {
            let detail = format!("write at most {MOST_IDS}; `until` marks all");
            return Err(NotifyError::invalid("ids", detail));
        }
        let now = self.now();
        let tx = self.db().write().await?;
        let mut changed = inbox::see(&tx, user, &seen.ids, now).await?;
        if let Some(until) = seen.until {
            changed += inbox::see_all(&tx, user, until, now).await?;
        }
        self.changed(tx, user, changed).await?;
        self.count_unread(user).await
    }

    /// Puts a notification to sleep; then it is unread again, and the newest.
    ///
    /// # Errors
    /// When there is none with this id, or `until` is past or far off.
    pub async fn snooze(
        &self,
        user: &str,
        id: i64,
        until: Timestamp,
    ) -> Result<Notification, NotifyError> {
        let now = self.now();
        let end = now.saturating_add(LONGEST_SLEEP).unwrap_or(Timestamp::MAX);
        if until <= now || until > end {
            let detail = "write an instant between now and a year from now";
            return Err(NotifyError::invalid("until", detail));
        }
        let tx = self.db().write().await?;
        let changed = inbox::snooze(&tx, user, id, until).await?;
        self.changed(tx, user, changed).await?;
        let found = inbox::find(self.db().read(), user, id).await?;
        found.ok_or(NotifyError::NotFound("notification"))
    }

    /// Removes a notification.
    ///
    /// # Errors
    /// When there is none with this id.
    pub async fn delete_notification(&self, user: &str, id: i64) -> Result<(), NotifyError> {
        let tx = self.db().write().await?;
        let changed = inbox::delete(&tx, user, id).await?;
        self.changed(tx, user, changed).await?;
        match changed {
            0 => Err(NotifyError::NotFound("notification")),
            _ => Ok(()),
        }
    }

    /// Ends the turn of somebody who changed so many lines of their inbox.
    async fn changed(
        &self,
        tx: DatabaseTransaction,
        user: &str,
        lines: u64,
    ) -> Result<(), NotifyError> {
        if lines > 0 {
            self.hint(&tx, user).await?;
        }
        tx.commit().await?;
        if lines > 0 {
            self.publish(user);
        }
        Ok(())
    }

    /// What somebody chose.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn choices(&self, user: &str) -> Result<Choices, NotifyError> {
        let (db, users) = (self.db().read(), [user.to_owned()]);
        let chosen = choices::of(db, &users).await?;
        let chosen = chosen
            .into_iter()
            .map(|((_, event), channels)| (event, channels));
        let habits = choices::habits(db, &users).await?.remove(user);
        Ok(Choices {
            offered: self.offered(),
            events: whole(&chosen.collect()),
            habits: habits.unwrap_or_else(|| Habits::of_house(self.timezone())),
        })
    }

    /// Puts what somebody chooses in the place of all that they chose before.
    ///
    /// # Errors
    /// When something of it is not allowed.
    pub async fn choose(
        &self,
        by: &Actor,
        user: &str,
        new: &NewChoices,
    ) -> Result<Choices, NotifyError> {
        let problems = new.problems();
        if !problems.is_empty() {
            return Err(NotifyError::Invalid(problems));
        }
        let now = self.now();
        let tx = self.db().write().await?;
        choices::put(&tx, user, &new.events).await?;
        choices::put_habits(&tx, user, &new.habits(self.timezone()), now).await?;
        let change = audit::Change {
            action: "notification.choose",
            target_kind: "user",
            target_id: user.to_owned(),
            target_name: by.name.clone(),
            before: None,
            // Their number is nobody's business.
            after: Some(json!({ "events": new.events, "digest": new.digest })),
        };
        audit::append(&tx, now, by, vec![change]).await?;
        tx.commit().await?;
        self.choices(user).await
    }

    fn timezone(&self) -> &str {
        &self.shared.timezone
    }
}

/// Whom something concerns, but who did it: each once.
fn concerned(said: &Said) -> BTreeSet<&String> {
    let others = said.concerns.iter().filter(|user| **user != said.by_id);
    others.collect()
}
