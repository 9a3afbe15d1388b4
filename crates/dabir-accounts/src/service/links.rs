//! Links that work once: for the first admin, for who was invited, for who lost a password.

use std::time::Duration;

use dabir_core::id::random_text;
use dabir_core::{Actor, ActorKind, Secret, Timestamp, new_id};
use dabir_db::audit::Change;
use dabir_http::Role;

use super::sessions::NEW_PASSWORD;
use super::{Accounts, Device, SignedIn, Turn, about, of_user, users};
use crate::error::AccountError;
use crate::keys::hash;
use crate::model::{Acceptance, LinkKind, LinkView, Preferences, User};
use crate::store;
use crate::store::links::Link;

/// 160 bits.
const KEY_LENGTH: usize = 32;
const HOUR: u64 = 3_600;

fn life(kind: LinkKind) -> Duration {
    match kind {
        LinkKind::FirstRun | LinkKind::Start => Duration::from_secs(HOUR / 4),
        LinkKind::Reset => Duration::from_secs(24 * HOUR),
        LinkKind::Invite => Duration::from_secs(7 * 24 * HOUR),
    }
}

impl Accounts {
    /// A link for the owner of the house: makes the first admin, or signs them in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn make_start_link(&self, by: &Actor) -> Result<String, AccountError> {
        let turn = self.turn().await?;
        let url = self.link(&turn, LinkKind::Start, None).await?;
        let created = Change {
            action: "link.create",
            target_kind: "link",
            target_name: "start".to_owned(),
            ..Change::default()
        };
        let _turn = turn.commit(by, vec![created]).await?;
        Ok(url)
    }

    /// A link with which somebody chooses a new password.
    ///
    /// # Errors
    /// When there is nobody, or they are blocked.
    pub async fn make_reset_link(&self, by: &Actor, word: &str) -> Result<String, AccountError> {
        let id = self.user_by_word(word).await?.id;
        let turn = self.turn().await?;
        let user = users::find(&turn.tx, &id).await?;
        if user.blocked.is_some() {
            return Err(AccountError::State("they are blocked; unblock them first"));
        }
        let kind = match user.password {
            Some(_) => LinkKind::Reset,
            None => LinkKind::Invite,
        };
        let url = self.link(&turn, kind, Some(&user)).await?;
        let made = about("user.reset_link", &user);
        let _turn = turn.commit(by, vec![made]).await?;
        Ok(url)
    }

    pub(super) async fn link(
        &self,
        turn: &Turn<'_>,
        kind: LinkKind,
        user: Option<&User>,
    ) -> Result<String, AccountError> {
        let key = random_text(KEY_LENGTH);
        let ends = turn.now.saturating_add(life(kind));
        let link = Link {
            kind,
            user_id: user.map(|user| user.id.clone()),
            expires_at: ends.unwrap_or(Timestamp::MAX),
        };
        store::links::delete_old(&turn.tx, turn.now).await?;
        store::links::insert(&turn.tx, &hash(&key), &link).await?;
        Ok(format!("{}/start/{key}", self.inner.public_url))
    }

    /// What a link is for. Looking uses nothing up.
    ///
    /// # Errors
    /// [`AccountError::Link`] when it is unknown, used or old.
    pub async fn look_at_link(&self, key: &str) -> Result<LinkView, AccountError> {
        let db = self.inner.db.read();
        let link = store::links::find(db, &hash(key), self.now()).await?;
        let link = link.ok_or(AccountError::Link)?;
        let user = match &link.user_id {
            Some(id) => store::users::find(db, id).await?,
            None => None,
        };
        let is_first = link.kind == LinkKind::Start && store::users::admins(db).await?.is_empty();
        Ok(LinkView {
            kind: if is_first {
                LinkKind::FirstRun
            } else {
                link.kind
            },
            email: user.as_ref().map(|user| user.email.clone()),
            name: user.map(|user| user.name),
            expires_at: link.expires_at,
        })
    }

    /// Uses a start link up and signs the first admin in, to set a new password.
    ///
    /// # Errors
    /// [`AccountError::Link`]; also when there is no admin yet.
    pub async fn sign_in_by_link(
        &self,
        by: &Actor,
        key: &str,
        device: Device,
    ) -> Result<SignedIn, AccountError> {
        let turn = self.turn().await?;
        let link = spend(&turn, key).await?;
        let first = store::users::admins(&turn.tx).await?.into_iter().next();
        match first {
            Some(admin) if link.kind == LinkKind::Start => {
                let changes = vec![about("link.use", &admin)];
                self.begin(turn, by, admin, device, true, changes).await
            }
            _ => Err(AccountError::Link),
        }
    }

    /// Accepts an invitation, or makes the first admin; signs in.
    ///
    /// # Errors
    /// When the link is for something else, or a field is not allowed. The link stays good then.
    pub async fn accept(
        &self,
        by: &Actor,
        new: &Acceptance,
        device: Device,
    ) -> Result<SignedIn, AccountError> {
        let view = self.look_at_link(&new.key).await?;
        let email = match view.kind {
            LinkKind::FirstRun => new.email.clone().unwrap_or_default(),
            LinkKind::Invite => view.email.unwrap_or_default(),
            LinkKind::Start | LinkKind::Reset => return Err(AccountError::Link),
        };
        let mut user = self.filled_in(new, &email);
        user.check()?;
        user.password = Some(self.new_password(&new.password, &user.name, &email).await?);
        let turn = self.turn().await?;
        let link = spend(&turn, &new.key).await?;
        let action = match &link.user_id {
            Some(id) => {
                let known = users::find(&turn.tx, id).await?;
                if known.password.is_some() || known.blocked.is_some() {
                    return Err(AccountError::Link);
                }
                user.id = known.id;
                user.role = known.role;
                user.email = known.email;
                user.created_at = known.created_at;
                store::links::delete_of(&turn.tx, id).await?;
                "user.accept"
            }
            None if store::users::admins(&turn.tx).await?.is_empty() => "user.first",
            None => return Err(AccountError::Link),
        };
        users::is_free(&turn.tx, &user).await?;
        let changes = vec![of_user(action, None, Some(&user))];
        self.begin(turn, by, user, device, false, changes).await
    }

    fn filled_in(&self, new: &Acceptance, email: &str) -> User {
        let now = self.now();
        User {
            id: new_id(),
            email: email.trim().to_owned(),
            name: new.name.trim().to_owned(),
            role: Role::Admin,
            language: new.language,
            preferences: Preferences::default(),
            password: None,
            blocked: None,
            signed_in_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Sets the password that a link allows to set. Every session of its person ends.
    ///
    /// # Errors
    /// When the link is for something else, or the password is not allowed. The link stays good.
    pub async fn reset_password(
        &self,
        by: &Actor,
        key: &str,
        password: &Secret,
    ) -> Result<(), AccountError> {
        let link = store::links::find(self.inner.db.read(), &hash(key), self.now()).await?;
        let meant = self.whose(link.ok_or(AccountError::Link)?).await?;
        let kept = self
            .new_password(password, &meant.name, &meant.email)
            .await?;
        let turn = self.turn().await?;
        spend(&turn, key).await?;
        let mut user = users::find(&turn.tx, &meant.id).await?;
        if user.blocked.is_some() {
            return Err(AccountError::Link);
        }
        self.set_password(&turn, &mut user, kept).await?;
        let by = Actor {
            kind: ActorKind::User,
            id: user.id.clone(),
            name: user.name.clone(),
            ..by.clone()
        };
        let _turn = turn
            .commit(&by, vec![about("user.password", &user)])
            .await?;
        self.end_all_of(&user.id, None, NEW_PASSWORD);
        Ok(())
    }

    /// Whose password a link may set: its person's, or the first admin's.
    async fn whose(&self, link: Link) -> Result<User, AccountError> {
        match (link.kind, link.user_id) {
            (LinkKind::Reset, Some(id)) => self.user(&id).await,
            (LinkKind::Start, None) => {
                let admins = store::users::admins(self.inner.db.read()).await?;
                admins.into_iter().next().ok_or(AccountError::Link)
            }
            _ => Err(AccountError::Link),
        }
    }
}

/// Uses a link up, in a change that is given up when it fails.
async fn spend(turn: &Turn<'_>, key: &str) -> Result<Link, AccountError> {
    let hash = hash(key);
    let link = store::links::find(&turn.tx, &hash, turn.now).await?;
    let link = link.ok_or(AccountError::Link)?;
    if store::links::delete(&turn.tx, &hash).await? {
        Ok(link)
    } else {
        Err(AccountError::Link)
    }
}
