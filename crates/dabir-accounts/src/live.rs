//! Who is let in at this moment, in memory: every request asks here, and whoever is taken out is
//! out at once, with all that their streams and sockets wait for.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use dabir_core::{ActorKind, Current, Span, Timestamp};
use dabir_http::{Identity, Role, Scope};
use tokio_util::sync::CancellationToken;

use crate::config::AuthConfig;
use crate::model::{Session, TokenView, User, email_key};

/// Sessions and tokens that may be used. Changed after the database was, never before.
#[derive(Debug)]
pub(crate) struct Live {
    config: Current<AuthConfig>,
    /// A `std` mutex: held for a look-up.
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    sessions: HashMap<String, LiveSession>,
    /// By the token's hash.
    tokens: HashMap<String, LiveToken>,
}

/// Whose rights these are.
#[derive(Clone, Debug)]
struct Holder {
    user_id: String,
    username: String,
    name: String,
    role: Role,
    blocked: bool,
}

#[derive(Debug)]
struct LiveSession {
    holder: Holder,
    created_at: Timestamp,
    seen_at: Timestamp,
    ends_at: Timestamp,
    alive: CancellationToken,
}

#[derive(Debug)]
struct LiveToken {
    holder: Holder,
    token: TokenView,
    alive: CancellationToken,
}

/// How exact "last used" is; each use would be a write otherwise.
const USE_SECS: i64 = 60;

impl Live {
    /// Nobody yet. `config` says how long sessions live, those that are there already too.
    pub(crate) fn new(config: Current<AuthConfig>) -> Self {
        let known = Mutex::default();
        Self { config, known }
    }

    /// Lets a session in, unless it is in.
    pub(crate) fn add_session(&self, session: &Session, user: &User) {
        let live = || LiveSession {
            holder: Holder::of(user),
            created_at: session.created_at,
            seen_at: session.seen_at,
            ends_at: session.ends_at,
            alive: CancellationToken::new(),
        };
        let mut known = self.known();
        known
            .sessions
            .entry(session.id.clone())
            .or_insert_with(live);
    }

    /// Lets a token in, unless it is in.
    pub(crate) fn add_token(&self, hash: String, token: TokenView, user: &User) {
        let live = || LiveToken {
            holder: Holder::of(user),
            token,
            alive: CancellationToken::new(),
        };
        self.known().tokens.entry(hash).or_insert_with(live);
    }

    /// Whether there is such a session, living or not.
    pub(crate) fn knows_session(&self, id: &str) -> bool {
        self.known().sessions.contains_key(id)
    }

    /// The caller that a session stands for, while it lives.
    pub(crate) fn by_session(&self, id: &str, now: Timestamp) -> Option<Identity> {
        let config = self.config.get();
        let known = self.known();
        let lives = |live: &&LiveSession| live.lives(now, &config);
        let session = known.sessions.get(id).filter(lives)?;
        let holder = &session.holder;
        Some(Identity {
            kind: ActorKind::User,
            id: holder.user_id.clone(),
            name: holder.name.clone(),
            role: holder.role,
            scopes: vec![Scope::Admin],
            user_id: Some(holder.user_id.clone()),
            username: Some(holder.username.clone()),
            session_id: Some(id.to_owned()),
            alive: session.alive.clone(),
        })
    }

    /// The caller that a token stands for; whether this use is to be noted.
    pub(crate) fn by_token(&self, hash: &str, now: Timestamp) -> Option<(Identity, bool)> {
        let mut known = self.known();
        let live = known.tokens.get_mut(hash)?;
        let is_over = live.token.expires_at.is_some_and(|at| at <= now);
        if live.holder.blocked || is_over {
            return None;
        }
        let used = live.token.used_at;
        let note = used.is_none_or(|at| now.duration_since(at).as_secs() >= USE_SECS);
        if note {
            live.token.used_at = Some(now);
        }
        let identity = Identity {
            kind: ActorKind::Token,
            id: live.token.id.clone(),
            name: live.token.name.clone(),
            role: live.holder.role,
            scopes: live.token.scopes.clone(),
            user_id: Some(live.holder.user_id.clone()),
            username: Some(live.holder.username.clone()),
            session_id: None,
            alive: live.alive.clone(),
        };
        Some((identity, note))
    }

    /// Notes that a session was used at `at`, or later.
    pub(crate) fn touch(&self, session_id: &str, at: Timestamp) {
        if let Some(session) = self.known().sessions.get_mut(session_id) {
            session.seen_at = session.seen_at.max(at);
        }
    }

    /// Ends the sessions whose time is over, with the streams that they keep open.
    pub(crate) fn forget_ended(&self, now: Timestamp) {
        let config = self.config.get();
        self.known().sessions.retain(|_, session| {
            let stays = session.lives(now, &config);
            if !stays {
                session.alive.cancel();
            }
            stays
        });
    }

    /// Ends the sessions that `ends` picks; answers each one's person, and whether it was the last.
    pub(crate) fn end_sessions(&self, ends: impl Fn(&str, &str) -> bool) -> Vec<(String, bool)> {
        let mut known = self.known();
        let mut ended = Vec::new();
        known.sessions.retain(|id, session| {
            let stays = !ends(id, &session.holder.user_id);
            if !stays {
                session.alive.cancel();
                ended.push(session.holder.user_id.clone());
            }
            stays
        });
        ended.sort_unstable();
        ended.dedup();
        let is_last = |user: &String| {
            let mut left = known.sessions.values();
            !left.any(|session| session.holder.user_id == *user)
        };
        ended
            .into_iter()
            .map(|user| (user.clone(), is_last(&user)))
            .collect()
    }

    /// Ends the tokens that `ends` picks.
    pub(crate) fn end_tokens(&self, ends: impl Fn(&TokenView) -> bool) {
        self.known().tokens.retain(|_, live| {
            let stays = !ends(&live.token);
            if !stays {
                live.alive.cancel();
            }
            stays
        });
    }

    /// Takes over what somebody is called and may do now. What tokens of theirs keep open is cut,
    /// when they may do less.
    pub(crate) fn set_user(&self, user: &User) {
        let mut known = self.known();
        let known = &mut *known;
        for live in known.tokens.values_mut() {
            if live.holder.user_id == user.id {
                let new = Holder::of(user);
                if (new.role, new.blocked) != (live.holder.role, live.holder.blocked) {
                    live.alive.cancel();
                    live.alive = CancellationToken::new();
                }
                live.holder = new;
            }
        }
        let sessions = known.sessions.values_mut();
        for live in sessions.filter(|live| live.holder.user_id == user.id) {
            live.holder = Holder::of(user);
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Holder {
    fn of(user: &User) -> Self {
        Self {
            user_id: user.id.clone(),
            username: email_key(&user.email),
            name: user.name.clone(),
            role: user.role,
            blocked: user.blocked.is_some(),
        }
    }
}

impl LiveSession {
    fn lives(&self, now: Timestamp, config: &AuthConfig) -> bool {
        let (idle, life) = config.session_life(self.holder.role);
        let within = |since, span: Span| now.duration_since(since).unsigned_abs() < span.get();
        now < self.ends_at
            && within(self.created_at, life)
            && within(self.seen_at, idle)
            && !self.holder.blocked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Language, Preferences};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn user() -> User {
        User {
            id: "u".to_owned(),
            email: "u@x".to_owned(),
            name: "U".to_owned(),
            role: Role::Writer,
            language: Language::Fa,
            preferences: Preferences::default(),
            password: None,
            blocked: None,
            signed_in_at: None,
            created_at: at(0),
            updated_at: at(0),
        }
    }

    fn session() -> Session {
        Session {
            id: "s".to_owned(),
            user_id: "u".to_owned(),
            by_link: false,
            address: None,
            agent: None,
            created_at: at(0),
            seen_at: at(0),
            ends_at: at(100),
        }
    }

    fn config(idle: u64, life: u64) -> AuthConfig {
        AuthConfig {
            idle: Span::from_secs(idle),
            life: Span::from_secs(life),
            ..AuthConfig::default()
        }
    }

    #[test]
    fn what_a_session_keeps_open_ends_with_its_time() {
        let live = Live::new(config(60, 1_000).into());
        live.add_session(&session(), &user());
        let alive = live.by_session("s", at(0)).unwrap().alive;
        live.touch("s", at(50));
        live.forget_ended(at(99));
        assert!(!alive.is_cancelled() && live.by_session("s", at(99)).is_some());
        assert!(live.by_session("s", at(100)).is_none());
        live.forget_ended(at(100));
        assert!(alive.is_cancelled());
    }

    #[test]
    fn another_life_time_is_that_of_sessions_that_are_there_too() {
        let sender = tokio::sync::watch::Sender::new(config(60, 1_000));
        let live = Live::new(Current::follow(&sender));
        live.add_session(&session(), &user());
        let lives = |second| live.by_session("s", at(second)).is_some();
        assert!(lives(50));
        sender.send_replace(config(40, 1_000));
        assert!(lives(39) && !lives(40));
        sender.send_replace(config(1_000, 30));
        assert!(lives(29) && !lives(30));
        sender.send_replace(config(1_000, 1_000));
        assert!(lives(99) && !lives(100), "it was promised until then");
    }
}
