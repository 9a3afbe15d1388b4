//! What is changed by whatever process on the same database. Each change stands in the audit: its
//! newest entries say whom to read anew, and are told to whoever listens.

use std::collections::BTreeMap;

use dabir_core::Event;
use dabir_db::audit::{self, Entry};
use sea_orm::DbErr;
use serde_json::Value;

use super::Accounts;
use super::sessions::NEW_PASSWORD;
use super::users::{BLOCKED, OTHER_ROLE, REMOVED, SIGNED_OUT};
use crate::error::AccountError;
use crate::store;

/// Entries that are read at once.
const STRETCH: u64 = 500;

impl Accounts {
    /// Takes over what others wrote since the last look; whoever they took out is out.
    ///
    /// # Errors
    /// When the database does not answer. The next look begins where this one ended.
    pub async fn catch_up(&self) -> Result<(), AccountError> {
        let mut taken = self.inner.changes.lock().await;
        loop {
            let db = self.inner.db.read();
            let entries = audit::since(db, taken.up_to, STRETCH).await?;
            let Some(newest) = entries.last().map(|entry| entry.seq) else {
                return Ok(());
            };
            let others = entries.iter().filter(|one| !taken.own.contains(&one.seq));
            for (user_id, out) in changed(others) {
                self.read_anew(user_id, out).await?;
            }
            self.tell(&entries);
            taken.up_to = newest;
            taken.own.retain(|seq| *seq > newest);
        }
    }

    /// [`Accounts::catch_up`] for a request that can be answered without it.
    pub(super) async fn try_to_catch_up(&self) {
        if let Err(error) = self.catch_up().await {
            tracing::warn!(%error, "changes of accounts cannot be read: {error}");
        }
    }

    /// Tells of these entries: they were read, so they are committed.
    fn tell(&self, entries: &[Entry]) {
        let newest: BTreeMap<&str, &Entry> = entries.iter().map(|e| (&*e.action, e)).collect();
        for entry in newest.into_values() {
            self.inner.events.publish(Event::Audited {
                action: entry.action.clone(),
                target_kind: entry.target_kind.clone(),
                target_id: entry.target_id.clone(),
            });
        }
    }

    /// Has memory say of somebody what the database says. `out` is why they are to be let nowhere
    /// any more, rooms included.
    async fn read_anew(&self, user_id: &str, out: Option<&str>) -> Result<(), DbErr> {
        let (db, live) = (self.inner.db.read(), &self.inner.live);
        let sessions = store::sessions::list(db, Some(user_id)).await?;
        let tokens = store::tokens::list(db, Some(user_id)).await?;
        let is_session = |id: &str| sessions.iter().any(|session| session.id == id);
        let is_token = |id: &str| tokens.iter().any(|(_, token)| token.id == id);
        if let Some(user) = store::users::find(db, user_id).await? {
            live.set_user(&user);
            for session in &sessions {
                live.add_session(session, &user);
            }
            for (hash, token) in &tokens {
                live.add_token(hash.clone(), token.clone(), &user);
            }
        }
        live.end_tokens(|token| token.user_id == user_id && !is_token(&token.id));
        let ends = |id: &str, of: &str| of == user_id && !is_session(id);
        if let Some(reason) = out {
            live.end_sessions(ends);
            self.tell_gone(user_id, reason);
        } else {
            self.end("signed out", ends);
        }
        Ok(())
    }
}

/// Whose sessions or tokens may be others now; and why they are to be let nowhere any more, if so.
fn changed<'a>(
    entries: impl Iterator<Item = &'a Entry>,
) -> BTreeMap<&'a str, Option<&'static str>> {
    let mut changed = BTreeMap::new();
    for entry in entries {
        if let Some(user_id) = whose(entry) {
            let out: &mut Option<_> = changed.entry(user_id).or_default();
            *out = puts_out(entry).or(*out);
        }
    }
    changed
}

fn whose(entry: &Entry) -> Option<&str> {
    match entry.target_kind.as_str() {
        "user" => Some(&entry.target_id),
        "token" => {
            let token = entry.after.as_ref().or(entry.before.as_ref())?;
            token["user"].as_str()
        }
        _ => None,
    }
}

/// Why somebody is to be let nowhere after this.
fn puts_out(entry: &Entry) -> Option<&'static str> {
    let role = |user: &Option<Value>| user.as_ref().map(|user| user["role"].clone());
    match entry.action.as_str() {
        "user.block" => Some(BLOCKED),
        "user.delete" => Some(REMOVED),
        "user.sign_out" => Some(SIGNED_OUT),
        "user.password" => Some(NEW_PASSWORD),
        "user.change" if role(&entry.before) != role(&entry.after) => Some(OTHER_ROLE),
        _ => None,
    }
}
