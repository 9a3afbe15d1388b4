//! What other processes on the same database change. Each change stands in the audit: its newest
//! entries say whom to read anew.

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
            for entry in &entries {
                if !taken.own.remove(&entry.seq) {
                    self.take_over(entry).await?;
                }
                taken.up_to = entry.seq;
            }
            if entries.is_empty() {
                return Ok(());
            }
        }
    }

    /// [`Accounts::catch_up`] for a request that can be answered without it.
    pub(super) async fn try_to_catch_up(&self) {
        if let Err(error) = self.catch_up().await {
            tracing::warn!(%error, "changes of accounts cannot be read: {error}");
        }
    }

    async fn take_over(&self, entry: &Entry) -> Result<(), DbErr> {
        if let Some(user_id) = whose(entry) {
            self.read_anew(user_id).await?;
            if let Some(reason) = puts_out(entry) {
                self.tell_gone(user_id, reason);
            }
        }
        Ok(())
    }

    /// Has memory say of somebody what the database says.
    async fn read_anew(&self, user_id: &str) -> Result<(), DbErr> {
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
        self.end("signed out", |id, of| of == user_id && !is_session(id));
        Ok(())
    }
}

/// Whose sessions or tokens may be others now.
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

/// Why somebody is to be let nowhere after this, rooms included.
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
