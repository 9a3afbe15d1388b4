//! The admin token, links that work once, and the sessions that they begin.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, header};
use dabir_core::id::random_text;
use dabir_core::{Clock, Secret, Timestamp};
use dabir_http::{Identity, Role};
use subtle::ConstantTimeEq;

use crate::secrets::{SecretError, Secrets};

/// Who may do what. Clones share it.
#[derive(Clone, Debug)]
pub struct Accounts {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    clock: Clock,
    /// Where people reach the server, without a slash at the end.
    public_url: String,
    admin_token: Secret,
    /// Link key or session key → until when it is good. A `std` mutex: held for a look-up.
    keys: Mutex<Keys>,
}

#[derive(Debug, Default)]
struct Keys {
    links: HashMap<String, Timestamp>,
    sessions: HashMap<String, Timestamp>,
}

/// The cookie of a session. `__Host-` ties it to this host, this path and a secure channel.
const SESSION_COOKIE: &str = "__Host-dabir";

const LINK_LIFE: Duration = Duration::from_secs(15 * 60);
const SESSION_LIFE: Duration = Duration::from_secs(12 * 3_600);
/// 160 bits.
const KEY_LENGTH: usize = 32;

impl Accounts {
    /// The accounts of this data folder; its admin token is made on first use.
    ///
    /// # Errors
    /// When the token's file is readable by others or cannot be made.
    pub fn open(secrets: &Secrets, clock: Clock, public_url: String) -> Result<Self, SecretError> {
        let make = || format!("dabir_{}", random_text(52));
        let admin_token = secrets.load_or_make("admin.token", make)?;
        Ok(Self {
            inner: Arc::new(Inner {
                clock,
                public_url,
                admin_token,
                keys: Mutex::default(),
            }),
        })
    }

    /// A new link that signs the owner in, once, within a quarter of an hour.
    #[must_use]
    pub fn make_link(&self) -> String {
        let key = random_text(KEY_LENGTH);
        self.keys().links.insert(key.clone(), self.in_(LINK_LIFE));
        format!("{}/start/{key}", self.inner.public_url)
    }

    /// Whether a link's key would sign its bearer in; it stays good.
    #[must_use]
    pub fn is_good_link(&self, key: &str) -> bool {
        let now = self.inner.clock.now();
        let keys = self.keys();
        keys.links.get(key).is_some_and(|until| *until > now)
    }

    /// Uses a link's key up and begins a session: answers its cookie, or `None` when the key is
    /// unknown, used or old.
    #[must_use]
    pub fn sign_in(&self, link_key: &str) -> Option<String> {
        let session = self.redeem(link_key)?;
        let life = SESSION_LIFE.as_secs();
        Some(format!(
            "{SESSION_COOKIE}={session}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={life}"
        ))
    }

    fn redeem(&self, link_key: &str) -> Option<String> {
        let now = self.inner.clock.now();
        let until = self.in_(SESSION_LIFE);
        let mut keys = self.keys();
        keys.links.retain(|_, until| *until > now);
        keys.sessions.retain(|_, until| *until > now);
        keys.links.remove(link_key)?;
        let session = random_text(KEY_LENGTH);
        keys.sessions.insert(session.clone(), until);
        Some(session)
    }

    /// Who sends a request with these headers: `Ok(None)` for a stranger, an error for a token that
    /// is none.
    ///
    /// # Errors
    /// `()` when an `Authorization` header is there and wrong.
    pub(crate) fn identify(&self, headers: &HeaderMap) -> Result<Option<Identity>, ()> {
        let owner = Identity {
            name: "admin".to_owned(),
            role: Role::Admin,
        };
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            let token = value.as_bytes().strip_prefix(b"Bearer ").ok_or(())?;
            let right: bool = token
                .ct_eq(self.inner.admin_token.expose().as_bytes())
                .into();
            return if right { Ok(Some(owner)) } else { Err(()) };
        }
        let session = cookie(headers, SESSION_COOKIE).filter(|key| self.is_session(key));
        Ok(session.map(|_| owner))
    }

    fn is_session(&self, key: &str) -> bool {
        let now = self.inner.clock.now();
        self.keys()
            .sessions
            .get(key)
            .is_some_and(|until| *until > now)
    }

    fn in_(&self, life: Duration) -> Timestamp {
        self.inner
            .clock
            .now()
            .saturating_add(life)
            .unwrap_or(Timestamp::MAX)
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, Keys> {
        self.inner
            .keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn accounts() -> (tempfile::TempDir, Clock, Accounts) {
        let data = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        let accounts =
            Accounts::open(&Secrets::of(data.path()), clock.clone(), String::new()).unwrap();
        (data, clock, accounts)
    }

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn the_token_opens_and_another_one_does_not() {
        let (_data, _, accounts) = accounts();
        let token = accounts.inner.admin_token.expose();
        let right = accounts.identify(&with(header::AUTHORIZATION, &format!("Bearer {token}")));
        assert_eq!(right.unwrap().unwrap().role, Role::Admin);
        for wrong in ["Bearer x", "Basic abc", token, "Bearer "] {
            assert!(
                accounts
                    .identify(&with(header::AUTHORIZATION, wrong))
                    .is_err(),
                "{wrong}"
            );
        }
        assert_eq!(accounts.identify(&HeaderMap::new()), Ok(None));
    }

    #[test]
    fn a_link_works_once_and_not_for_long() {
        let (_data, clock, accounts) = accounts();
        let key = accounts.make_link().replace("/start/", "");
        assert!(accounts.is_good_link(&key), "looking does not use it up");
        let cookie = accounts.sign_in(&key).unwrap();
        assert!(accounts.sign_in(&key).is_none(), "a second time");
        assert!(!accounts.is_good_link(&key));
        let session = cookie.split(';').next().unwrap();
        let cookies = with(header::COOKIE, &format!("a=b; {session}"));
        assert!(accounts.identify(&cookies).unwrap().is_some());
        clock.advance(SESSION_LIFE);
        assert_eq!(accounts.identify(&cookies), Ok(None), "the session is over");
        let old = accounts.make_link().replace("/start/", "");
        clock.advance(LINK_LIFE);
        assert!(!accounts.is_good_link(&old), "the link is old");
        assert!(accounts.sign_in(&old).is_none());
    }
}
