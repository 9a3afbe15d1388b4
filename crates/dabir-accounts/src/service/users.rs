//! People: making, changing, blocking and removing accounts.

use dabir_core::text::one_line;
use dabir_core::{Actor, Page, Secret, new_id};
use dabir_http::Role;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Accounts, about, of_user};
use crate::config::Registration;
use crate::error::AccountError;
use crate::model::{
    Blocked, Language, LinkKind, MePatch, NewUser, Preferences, User, UserFilter, UserPatch,
    UserView,
};
use crate::{passwords, store};

/// Somebody new, and how they come in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InvitedUser {
    #[serde(flatten)]
    pub user: UserView,
    /// To hand to them; it works once, within a week. `null` when they have a password already.
    pub invitation: Option<String>,
}

const MAX_REASON: usize = 500;
/// How many are asked for at once: both databases bound the number of a statement's values.
const IDS: usize = 1_000;
/// Why sessions ended, as their people are told.
pub(super) const BLOCKED: &str = "the account is blocked";
pub(super) const REMOVED: &str = "the account was removed";
pub(super) const SIGNED_OUT: &str = "signed out by an admin";
pub(super) const OTHER_ROLE: &str = "the role is another one now";

impl Accounts {
    /// One page of people, by e-mail address.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_users(
        &self,
        filter: &UserFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<UserView>, AccountError> {
        let db = self.inner.db.read();
        let plain = |word: Option<&str>| word.is_none_or(|word| !word.contains('\0'));
        if !plain(filter.query.as_deref()) || !plain(cursor) {
            return Err(AccountError::invalid("query", "it has a NUL in it"));
        }
        let rows = store::users::list(db, filter, cursor, u64::from(limit) + 1).await?;
        let page = Page::cut(rows, limit, |user| crate::model::email_key(&user.email));
        Ok(Page {
            items: page.items.into_iter().map(UserView::from).collect(),
            next_cursor: page.next_cursor,
        })
    }

    /// Somebody, by id or e-mail address.
    ///
    /// # Errors
    /// When there is nobody.
    pub async fn get_user(&self, word: &str) -> Result<UserView, AccountError> {
        Ok(self.user_by_word(word).await?.into())
    }

    /// Those of these ids who have an account, in any order, with one question for each thousand.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn users_by_ids(&self, ids: &[&str]) -> Result<Vec<UserView>, AccountError> {
        let mut users = Vec::new();
        for chunk in ids.chunks(IDS) {
            let found = store::users::find_all(self.inner.db.read(), chunk).await?;
            users.extend(found.into_iter().map(UserView::from));
        }
        Ok(users)
    }

    /// Makes an account, and the link with which its person chooses a password.
    ///
    /// # Errors
    /// When a field is not allowed or the address has an account already.
    pub async fn create_user(&self, by: &Actor, new: NewUser) -> Result<InvitedUser, AccountError> {
        let password = match &new.password {
            Some(password) => Some(self.new_password(password, &new.name, &new.email).await?),
            None => None,
        };
        let turn = self.turn().await?;
        let user = User {
            id: new_id(),
            email: new.email.trim().to_owned(),
            name: new.name.trim().to_owned(),
            role: new.role,
            language: new.language,
            preferences: Preferences::default(),
            password,
            blocked: None,
            signed_in_at: None,
            created_at: turn.now,
            updated_at: turn.now,
        };
        user.check()?;
        is_free(&turn.tx, &user).await?;
        store::users::save(&turn.tx, &user).await?;
        let invitation = match user.password {
            Some(_) => None,
            None => Some(self.link(&turn, LinkKind::Invite, Some(&user)).await?),
        };
        let created = of_user("user.create", None, Some(&user));
        let _turn = turn.commit(by, vec![created]).await?;
        Ok(InvitedUser {
            user: user.into(),
            invitation,
        })
    }

    /// Makes one's own account, where that is allowed.
    ///
    /// # Errors
    /// [`AccountError::Closed`] where it is not; as [`Accounts::create_user`].
    pub async fn register(
        &self,
        by: &Actor,
        email: String,
        name: String,
        password: Secret,
        language: Language,
    ) -> Result<UserView, AccountError> {
        if self.inner.config.get().registration == Registration::Closed {
            return Err(AccountError::Closed);
        }
        let new = NewUser {
            email,
            name,
            role: Role::Participant,
            language,
            password: Some(password),
        };
        Ok(self.create_user(by, new).await?.user)
    }

    /// Changes somebody. A new role ends their sessions.
    ///
    /// # Errors
    /// When a field is not allowed, or the only admin would be none any more.
    pub async fn change_user(
        &self,
        by: &Actor,
        word: &str,
        patch: UserPatch,
    ) -> Result<UserView, AccountError> {
        let change = |user: &mut User| patch.apply(user);
        self.update_user(by, word, "user.change", change).await
    }

    /// Keeps somebody out from now on: their sessions, streams and rooms end.
    ///
    /// # Errors
    /// When they are the only admin, or blocked already.
    pub async fn block_user(
        &self,
        by: &Actor,
        word: &str,
        reason: &str,
    ) -> Result<UserView, AccountError> {
        let reason = one_line(reason.trim());
        if !(1..=MAX_REASON).contains(&reason.len()) {
            return Err(AccountError::invalid(
                "reason",
                "a reason has 1 to 500 bytes",
            ));
        }
        let at = self.now();
        self.update_user(by, word, "user.block", move |user| {
            if user.blocked.is_some() {
                return Err(AccountError::State("they are blocked already"));
            }
            user.blocked = Some(Blocked { at, reason });
            Ok(())
        })
        .await
    }

    /// Lets somebody in again.
    ///
    /// # Errors
    /// When they are not blocked.
    pub async fn unblock_user(&self, by: &Actor, word: &str) -> Result<UserView, AccountError> {
        self.update_user(by, word, "user.unblock", |user| {
            let was = user.blocked.take();
            was.map(drop)
                .ok_or(AccountError::State("they are not blocked"))
        })
        .await
    }

    /// Removes somebody with their sessions, tokens and links; the audit keeps their name.
    ///
    /// # Errors
    /// When they are the only admin.
    pub async fn delete_user(&self, by: &Actor, word: &str) -> Result<(), AccountError> {
        let id = self.user_by_word(word).await?.id;
        let turn = self.turn().await?;
        let user = find(&turn.tx, &id).await?;
        leaves_an_admin(&turn.tx, &user, None).await?;
        store::users::delete(&turn.tx, &id).await?;
        let deleted = of_user("user.delete", Some(&user), None);
        let _turn = turn.commit(by, vec![deleted]).await?;
        self.inner.live.end_tokens(|token| token.user_id == id);
        self.end_all_of(&id, None, REMOVED);
        Ok(())
    }

    /// Ends all sessions of somebody.
    ///
    /// # Errors
    /// When there is nobody.
    pub async fn sign_out_user(&self, by: &Actor, word: &str) -> Result<(), AccountError> {
        let id = self.user_by_word(word).await?.id;
        let turn = self.turn().await?;
        let user = find(&turn.tx, &id).await?;
        store::sessions::delete_of(&turn.tx, &id, None).await?;
        let _turn = turn.commit(by, vec![about("user.sign_out", &user)]).await?;
        self.end_all_of(&id, None, SIGNED_OUT);
        Ok(())
    }

    /// Changes one's own name, language and preferences.
    ///
    /// # Errors
    /// When the name is not allowed.
    pub async fn change_me(
        &self,
        by: &Actor,
        user_id: &str,
        patch: MePatch,
    ) -> Result<UserView, AccountError> {
        let account = UserPatch {
            name: patch.name,
            language: patch.language,
            ..UserPatch::default()
        };
        let change = |user: &mut User| {
            if let Some(preferences) = patch.preferences {
                user.preferences = preferences;
            }
            account.apply(user)
        };
        self.update_user(by, user_id, "user.change", change).await
    }

    async fn update_user(
        &self,
        by: &Actor,
        word: &str,
        action: &'static str,
        change: impl FnOnce(&mut User) -> Result<(), AccountError>,
    ) -> Result<UserView, AccountError> {
        let id = self.user_by_word(word).await?.id;
        let turn = self.turn().await?;
        let before = find(&turn.tx, &id).await?;
        let mut user = before.clone();
        change(&mut user)?;
        user.updated_at = turn.now;
        is_free(&turn.tx, &user).await?;
        leaves_an_admin(&turn.tx, &before, Some(&user)).await?;
        store::users::save(&turn.tx, &user).await?;
        let loses = before.role != user.role || user.blocked.is_some() && before.blocked.is_none();
        if loses {
            store::sessions::delete_of(&turn.tx, &id, None).await?;
            store::links::delete_of(&turn.tx, &id).await?;
        }
        let changed = of_user(action, Some(&before), Some(&user));
        // Whether somebody reads in the dark is nothing that the audit keeps.
        let is_kept = changed.before != changed.after;
        let changes = is_kept.then_some(changed).into_iter().collect();
        let _turn = turn.commit(by, changes).await?;
        self.inner.live.set_user(&user);
        if loses {
            let reason = if user.blocked.is_some() {
                BLOCKED
            } else {
                OTHER_ROLE
            };
            self.end_all_of(&id, None, reason);
        }
        Ok(user.into())
    }

    /// The kept form of a password that its person may have.
    pub(super) async fn new_password(
        &self,
        password: &Secret,
        name: &str,
        email: &str,
    ) -> Result<String, AccountError> {
        passwords::check(password, name, email)?;
        self.inner.hasher.hash(password).await
    }
}

pub(super) async fn find(tx: &impl ConnectionTrait, id: &str) -> Result<User, AccountError> {
    let user = store::users::find(tx, id).await?;
    user.ok_or(AccountError::NotFound("user"))
}

/// Refuses an address that somebody else has.
pub(super) async fn is_free(tx: &impl ConnectionTrait, user: &User) -> Result<(), AccountError> {
    match store::users::find_by_email(tx, &user.email).await? {
        Some(other) if other.id != user.id => Err(AccountError::EmailTaken(user.email.clone())),
        _ => Ok(()),
    }
}

/// Refuses what would leave the installation without anybody to administer it.
async fn leaves_an_admin(
    tx: &impl ConnectionTrait,
    before: &User,
    after: Option<&User>,
) -> Result<(), AccountError> {
    let administers = |user: &User| user.role == Role::Admin && user.blocked.is_none();
    if !administers(before) || after.is_some_and(administers) {
        return Ok(());
    }
    let admins = store::users::admins(tx).await?;
    if admins.iter().any(|admin| admin.id != before.id) {
        Ok(())
    } else {
        Err(AccountError::LastAdmin)
    }
}
