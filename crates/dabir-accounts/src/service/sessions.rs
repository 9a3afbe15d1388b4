//! Sessions: signing in, staying signed in, and out.

use std::time::Duration;

use dabir_core::text::one_line;
use dabir_core::{Actor, Secret, Timestamp, new_id};
use dabir_db::audit::Change;
use dabir_http::Identity;

use super::{Accounts, Turn, about, users};
use crate::error::AccountError;
use crate::keys::{hash, new_refresh_token};
use crate::model::{Session, SessionView, User, UserView, email_key};
use crate::passwords::Compared;
use crate::store;

/// What somebody signs in with.
#[derive(Clone, Debug)]
pub struct Login {
    pub email: String,
    pub password: Secret,
    /// From an authenticator, or one of the recovery codes.
    pub code: Option<String>,
}

/// Where somebody signs in.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// What the browser calls itself.
    pub agent: Option<String>,
}

/// A session that began or goes on, with what the browser is to keep of it.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub user: UserView,
    pub(crate) session_id: String,
    pub(crate) access: String,
    pub(crate) refresh: String,
    /// In how many seconds it ends at the latest.
    pub(crate) max_age: i64,
}

/// Who asks with a browser's cookie.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    Known(Identity),
    /// Their session lives, and its access token is too old: refresh it.
    Stale {
        user_id: String,
    },
    Unknown,
}

impl Caller {
    pub(crate) fn known(self) -> Option<Identity> {
        match self {
            Self::Known(identity) => Some(identity),
            Self::Stale { .. } | Self::Unknown => None,
        }
    }
}

/// Wrong passwords for one account from one address: ten, and then two a minute. Whoever knows the
/// password, at another address, is not kept out by it. The same for wrong codes, from wherever:
/// whoever tries those knows the password.
pub(super) const FAILURES: (Duration, u32) = (Duration::from_secs(30), 10);
/// A refresh token that comes again within this time was refreshed by two tabs at once, or its
/// answer was lost; after it, somebody has a copy.
const TWICE: Duration = Duration::from_secs(10);
pub(super) const NEW_PASSWORD: &str = "the password is another one now";
/// Used refresh tokens are remembered for this long.
const MEMORY: Duration = Duration::from_secs(86_400);
/// How long after a link's sign-in a password may be set without the old one.
const FRESH: Duration = Duration::from_secs(15 * 60);

impl Accounts {
    /// Begins a session for whoever knows the password.
    ///
    /// # Errors
    /// [`AccountError::WrongLogin`], the same for a wrong password and an unknown address.
    pub async fn sign_in(
        &self,
        by: &Actor,
        login: &Login,
        device: Device,
    ) -> Result<SignedIn, AccountError> {
        let signed = self.let_in(by, login, device).await;
        if let Err(error) = &signed {
            self.inner.metrics.failed(error);
        }
        signed
    }

    async fn let_in(
        &self,
        by: &Actor,
        login: &Login,
        device: Device,
    ) -> Result<SignedIn, AccountError> {
        let account = email_key(&login.email);
        let from = (account.clone(), by.address);
        self.limited("account", self.inner.attempts.take(&account))?;
        self.limited("guesses", self.inner.failures.look(&from))?;
        let known = match account.contains('\0') {
            true => None,
            false => store::users::find_by_email(self.inner.db.read(), &account).await?,
        };
        let kept = known.as_ref().and_then(|user| user.password.as_deref());
        let compared = self.inner.hasher.compare(&login.password, kept).await?;
        let (Some(user), false) = (known, compared == Compared::Wrong) else {
            self.count_failure(&from);
            let account = one_line(&account);
            tracing::info!(account, address = ?by.address, "a wrong password for {account}");
            return Err(AccountError::WrongLogin);
        };
        if let Some(blocked) = user.blocked {
            return Err(AccountError::Blocked(blocked.reason));
        }
        let rehashed = match compared {
            Compared::Outdated => Some(self.inner.hasher.hash(&login.password).await?),
            _ => None,
        };
        let turn = self.turn().await?;
        let mut now_is = users::find(&turn.tx, &user.id).await?;
        // Between the comparison and this turn somebody may have been blocked.
        if now_is.password != user.password || now_is.blocked.is_some() {
            return Err(AccountError::WrongLogin);
        }
        self.check_code(&turn, &user.id, login.code.as_deref())
            .await?;
        if rehashed.is_some() {
            now_is.password = rehashed;
        }
        self.begin(turn, by, now_is, device, false, Vec::new())
            .await
    }

    pub(super) fn count_failure(&self, from: impl std::hash::Hash) {
        // An empty bucket stays empty.
        let _ = self.inner.failures.take(from);
    }

    /// Begins a session; `changes` are what else was done in this turn.
    pub(super) async fn begin(
        &self,
        turn: Turn<'_>,
        by: &Actor,
        mut user: User,
        device: Device,
        by_link: bool,
        mut changes: Vec<Change>,
    ) -> Result<SignedIn, AccountError> {
        let now = turn.now;
        let (_, life) = self.inner.config.get().session_life(user.role);
        let session = Session {
            id: new_id(),
            user_id: user.id.clone(),
            by_link,
            address: by.address.map(|address| address.to_string()),
            agent: device.agent.map(|agent| one_line(&agent)),
            created_at: now,
            seen_at: now,
            ends_at: now.saturating_add(life.get()).unwrap_or(Timestamp::MAX),
        };
        let refresh = new_refresh_token();
        user.signed_in_at = Some(now);
        store::users::save(&turn.tx, &user).await?;
        store::sessions::delete_ended(&turn.tx, now).await?;
        store::sessions::insert(&turn.tx, &session, &hash(&refresh)).await?;
        changes.push(about("session.begin", &user));
        // Whoever signs in is the one who does it.
        let by = Actor {
            kind: dabir_core::ActorKind::User,
            id: user.id.clone(),
            name: user.name.clone(),
            ..by.clone()
        };
        let _turn = turn.commit(&by, changes).await?;
        self.inner.live.add_session(&session, &user);
        self.signed_in(user, session, refresh, now)
    }

    fn signed_in(
        &self,
        user: User,
        session: Session,
        refresh: String,
        now: Timestamp,
    ) -> Result<SignedIn, AccountError> {
        let access = self.inner.keys.sign(&user.id, &session.id, now);
        let unsigned = || AccountError::Internal("the access token cannot be signed".to_owned());
        Ok(SignedIn {
            user: user.into(),
            access: access.ok_or_else(unsigned)?,
            refresh,
            max_age: session.ends_at.duration_since(now).as_secs(),
            session_id: session.id,
        })
    }

    /// Who a browser's access token stands for.
    pub(crate) async fn by_access(&self, token: &str) -> Caller {
        let now = self.now();
        let Some(claims) = self.inner.keys.read(token) else {
            return Caller::Unknown;
        };
        let is_fresh = now.as_second() < claims.exp;
        let is_unknown = is_fresh && !self.inner.live.knows_session(&claims.sid);
        if is_unknown && self.inner.looks.take(&claims.sid).is_ok() {
            // It may have begun in another process a moment ago.
            self.try_to_catch_up().await;
        }
        match self.inner.live.by_session(&claims.sid, now) {
            None => Caller::Unknown,
            Some(_) if claims.exp <= now.as_second() => Caller::Stale {
                user_id: claims.sub,
            },
            Some(identity) => Caller::Known(identity),
        }
    }

    /// The session that an access token of ours names, however old the token is.
    pub(crate) fn session_of(&self, token: &str) -> Option<String> {
        self.inner.keys.read(token).map(|claims| claims.sid)
    }

    /// Keeps a session alive: its refresh token is used up, and another one follows.
    ///
    /// # Errors
    /// [`AccountError::NoSession`] when the token is unknown or used. A token that was used long
    /// ago is in somebody else's hands too: the session ends for both.
    pub async fn refresh(&self, by: &Actor, token: &str) -> Result<SignedIn, AccountError> {
        let parent = hash(token);
        let turn = self.turn().await?;
        let (tx, now) = (&turn.tx, turn.now);
        let found = store::sessions::find_refresh(tx, &parent).await?;
        let found = found.ok_or(AccountError::NoSession)?;
        let (session, user) = self.living(&turn, &found.session_id).await?;
        let child = self.inner.keys.child(token);
        if store::sessions::use_refresh(tx, &parent, now).await? {
            store::sessions::insert_refresh(tx, &session.id, &hash(&child)).await?;
            store::sessions::touch(tx, &session.id, now).await?;
            let old = now.saturating_sub(MEMORY).unwrap_or(Timestamp::MIN);
            store::sessions::delete_used_refresh(tx, &session.id, old).await?;
            let _turn = turn.commit(by, Vec::new()).await?;
            self.inner.live.touch(&session.id, now);
        } else if found
            .used_at
            .is_none_or(|at| now.duration_since(at).unsigned_abs() > TWICE)
        {
            self.end_family(turn, by, &session, &user).await?;
            return Err(AccountError::NoSession);
        }
        self.signed_in(user, session, child, now)
    }

    async fn living(
        &self,
        turn: &Turn<'_>,
        session_id: &str,
    ) -> Result<(Session, User), AccountError> {
        let lives = self.inner.live.by_session(session_id, turn.now).is_some();
        let session = store::sessions::find(&turn.tx, session_id).await?;
        let session = session.filter(|_| lives).ok_or(AccountError::NoSession)?;
        let user = users::find(&turn.tx, &session.user_id).await?;
        Ok((session, user))
    }

    async fn end_family(
        &self,
        turn: Turn<'_>,
        by: &Actor,
        session: &Session,
        user: &User,
    ) -> Result<(), AccountError> {
        tracing::warn!(user.id = %user.id, "a used refresh token came again; its session is ended");
        store::sessions::delete(&turn.tx, &session.id).await?;
        let _turn = turn.commit(by, vec![about("session.reuse", user)]).await?;
        self.end("its key was used twice", |id, _| id == session.id);
        Ok(())
    }

    /// Ends the streams of sessions whose time is over; whatever they ask is refused already.
    ///
    /// # Errors
    /// When the database does not say which ones other processes kept alive. No session ends then.
    pub async fn forget_ended_sessions(&self) -> Result<(), AccountError> {
        for session in store::sessions::list(self.inner.db.read(), None).await? {
            self.inner.live.touch(&session.id, session.seen_at);
        }
        self.inner.live.forget_ended(self.now());
        Ok(())
    }

    /// Somebody's sessions, the last used first; the caller's when nobody is named.
    ///
    /// # Errors
    /// When another's are asked for by somebody who is no admin, or there is no such person.
    pub async fn list_sessions(
        &self,
        caller: &Identity,
        user: Option<&str>,
    ) -> Result<Vec<SessionView>, AccountError> {
        if user.is_none() && caller.user_id.is_none() {
            // The installation's own token is nobody's and has no session.
            return Ok(Vec::new());
        }
        let user = self.owner(caller, user).await?;
        let now = self.now();
        let sessions = store::sessions::list(self.inner.db.read(), Some(&user.id)).await?;
        let living = sessions
            .into_iter()
            .filter(|session| self.inner.live.by_session(&session.id, now).is_some());
        let view = |session: Session| SessionView {
            current: caller.session_id.as_deref() == Some(session.id.as_str()),
            id: session.id,
            user_id: session.user_id,
            address: session.address,
            agent: session.agent,
            created_at: session.created_at,
            seen_at: session.seen_at,
            ends_at: session.ends_at,
        };
        Ok(living.map(view).collect())
    }

    /// Ends a session; one of `owner`'s, when an owner is named.
    ///
    /// # Errors
    /// When there is none, or it is another's.
    pub async fn end_session(
        &self,
        by: &Actor,
        id: &str,
        owner: Option<&str>,
    ) -> Result<(), AccountError> {
        let none = AccountError::NotFound("session");
        if id.contains('\0') {
            return Err(none);
        }
        let turn = self.turn().await?;
        let session = store::sessions::find(&turn.tx, id).await?;
        let session = session.filter(|session| owner.is_none_or(|owner| session.user_id == owner));
        let session = session.ok_or(none)?;
        let user = users::find(&turn.tx, &session.user_id).await?;
        store::sessions::delete(&turn.tx, id).await?;
        let _turn = turn.commit(by, vec![about("session.end", &user)]).await?;
        self.end("signed out", |ended, _| ended == id);
        Ok(())
    }

    /// Ends all of somebody's sessions but one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_other_sessions(
        &self,
        by: &Actor,
        user_id: &str,
        kept: &str,
    ) -> Result<(), AccountError> {
        let turn = self.turn().await?;
        let user = users::find(&turn.tx, user_id).await?;
        store::sessions::delete_of(&turn.tx, user_id, Some(kept)).await?;
        let _turn = turn
            .commit(by, vec![about("session.end_others", &user)])
            .await?;
        self.end("signed out elsewhere", |id, of| of == user_id && id != kept);
        Ok(())
    }

    /// Sets one's own password, ends every session, and begins a new one.
    ///
    /// # Errors
    /// When the current one is wrong, and not left out right after a link's sign-in.
    pub async fn change_password(
        &self,
        by: &Actor,
        session_id: &str,
        current: Option<&Secret>,
        new: &Secret,
        device: Device,
    ) -> Result<SignedIn, AccountError> {
        let db = self.inner.db.read();
        let session = store::sessions::find(db, session_id).await?;
        let session = session.ok_or(AccountError::NoSession)?;
        let user = self.user(&session.user_id).await?;
        let age = self.now().duration_since(session.created_at).unsigned_abs();
        match current {
            Some(current) => self.check_password(&user, current).await?,
            None if session.by_link && age < FRESH => {}
            None => return Err(AccountError::WrongPassword),
        }
        let password = self.new_password(new, &user.name, &user.email).await?;
        self.replace_password(by, &user, password, device).await
    }

    async fn replace_password(
        &self,
        by: &Actor,
        compared: &User,
        password: String,
        device: Device,
    ) -> Result<SignedIn, AccountError> {
        let turn = self.turn().await?;
        let mut user = users::find(&turn.tx, &compared.id).await?;
        if user.password != compared.password || user.blocked.is_some() {
            return Err(AccountError::WrongPassword);
        }
        self.set_password(&turn, &mut user, password).await?;
        let changes = vec![about("user.password", &user)];
        let signed = self.begin(turn, by, user, device, false, changes).await?;
        let kept = Some(signed.session_id.as_str());
        self.end_all_of(&compared.id, kept, NEW_PASSWORD);
        Ok(signed)
    }

    /// Makes a new password so, and all sessions and links of its person worthless.
    pub(super) async fn set_password(
        &self,
        turn: &Turn<'_>,
        user: &mut User,
        password: String,
    ) -> Result<(), AccountError> {
        user.password = Some(password);
        user.updated_at = turn.now;
        store::users::save(&turn.tx, user).await?;
        store::sessions::delete_of(&turn.tx, &user.id, None).await?;
        store::links::delete_of(&turn.tx, &user.id).await?;
        Ok(())
    }

    /// Whether this is somebody's password; guesses are limited as those at the door are.
    pub(super) async fn check_password(
        &self,
        user: &User,
        password: &Secret,
    ) -> Result<(), AccountError> {
        let from = (user.id.as_str(), "inside");
        self.limited("account", self.inner.attempts.take(&user.id))?;
        self.limited("guesses", self.inner.failures.look(from))?;
        let kept = user.password.as_deref();
        if self.inner.hasher.compare(password, kept).await? == Compared::Wrong {
            self.count_failure(from);
            return Err(AccountError::WrongPassword);
        }
        Ok(())
    }
}
