//! The layer before every route: from where a request comes, who sends it, whether a page of ours
//! made it, and whether it comes too often.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use dabir_core::{Actor, ActorKind, Clock, Current};
use dabir_http::{Client, Identity, Limiter, Problem, Rate, TooSoon, origin};
use ipnet::IpNet;
use prometheus_client::registry::Registry;

use super::cookies::{self, ACCESS, REFRESH};
use crate::config::LimitsConfig;
use crate::service::{Accounts, Caller, SignedIn};

/// Decides about every request. Clones share it.
#[derive(Clone, Debug)]
pub struct Door {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    accounts: Accounts,
    trusted_proxies: Vec<IpNet>,
    /// Where our pages come from: `https://meet.example`.
    origins: Vec<String>,
    stranger: Limiter,
    auth: Limiter,
    person: Limiter,
    pages: Limiter,
    joins: Limiter,
}

/// Who sends a request.
#[derive(Debug, Default)]
struct Sender {
    identity: Option<Identity>,
    /// Whose bucket it is taken from, although their access token may be too old.
    person: Option<String>,
    /// A session that was refreshed on the way.
    refreshed: Option<SignedIn>,
    wrong_token: bool,
}

impl Door {
    /// The door to `accounts`. What it and they refuse is counted in `registry`.
    pub fn new(
        accounts: Accounts,
        limits: &Current<LimitsConfig>,
        clock: &Clock,
        trusted_proxies: Vec<IpNet>,
        origins: Vec<String>,
        registry: &mut Registry,
    ) -> Self {
        let limiter = |rate: fn(LimitsConfig) -> Rate| {
            let limits = limits.clone();
            Limiter::following(move || rate(limits.get()), clock.clone())
        };
        accounts.metrics().register(registry);
        Self {
            inner: Arc::new(Inner {
                accounts,
                trusted_proxies,
                origins,
                stranger: limiter(|limits| limits.stranger),
                auth: limiter(|limits| limits.auth),
                person: limiter(|limits| limits.person),
                pages: limiter(|limits| limits.pages),
                joins: limiter(|limits| limits.joins),
            }),
        }
    }

    async fn admit(&self, request: &mut Parts) -> Result<Option<SignedIn>, Problem> {
        let trusted = &self.inner.trusted_proxies;
        let client = Client::find(&request.extensions, &request.headers, trusted);
        if let Some(client) = client {
            request.extensions.insert(client);
        }
        self.check_origin(request)?;
        let sender = self.sender(request, client).await?;
        let network = client.map(Client::network);
        self.limit(request, network, sender.person.as_deref())
            .map_err(|(limit, soon)| self.count(limit, soon))?;
        if sender.wrong_token {
            self.inner.accounts.metrics().wrong_token();
            let detail = "this token is unknown or revoked";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "auth.token", detail));
        }
        if let Some(identity) = sender.identity {
            check_body(request, &identity)?;
            request.extensions.insert(identity);
        }
        Ok(sender.refreshed)
    }

    /// Refuses what a foreign page made a browser send: changes, and what it cannot read anyway.
    fn check_origin(&self, request: &Parts) -> Result<(), Problem> {
        let headers = &request.headers;
        let has_cookie = cookies::any(headers);
        let spies = has_cookie && is_api(request.uri.path()) && origin::is_foreign(headers);
        let ours =
            !spies && origin::is_ours(&request.method, headers, &self.inner.origins, has_cookie);
        // A room knows nobody by a cookie, and its page may be anything.
        if ours || is_room(request.uri.path()) {
            return Ok(());
        }
        let foreign = "the request comes from a page of another site";
        Err(Problem::new(StatusCode::FORBIDDEN, "auth.forgery", foreign))
    }

    async fn sender(&self, request: &Parts, client: Option<Client>) -> Result<Sender, Problem> {
        let headers = &request.headers;
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            return Ok(self.by_token(value.to_str().unwrap_or("")).await);
        }
        let Some(token) = cookies::find(headers, ACCESS) else {
            return Ok(Sender::default());
        };
        match self.inner.accounts.by_access(token).await {
            Caller::Known(identity) => Ok(Sender {
                person: identity.user_id.clone(),
                identity: Some(identity),
                ..Sender::default()
            }),
            Caller::Stale { user_id } => {
                let refreshed = self.refresh_page(request, client).await?;
                Ok(self.stale(user_id, refreshed).await)
            }
            Caller::Unknown => Ok(Sender::default()),
        }
    }

    async fn by_token(&self, authorization: &str) -> Sender {
        let identity = match authorization.strip_prefix("Bearer ") {
            Some(token) => self.inner.accounts.by_token(token).await,
            None => None,
        };
        Sender {
            wrong_token: identity.is_none(),
            person: identity.as_ref().map(|identity| identity.id.clone()),
            identity,
            ..Sender::default()
        }
    }

    /// Somebody whose access token is too old, and may have got a new one on the way.
    async fn stale(&self, user_id: String, refreshed: Option<SignedIn>) -> Sender {
        let identity = match &refreshed {
            Some(signed) => self.inner.accounts.by_access(&signed.access).await.known(),
            None => None,
        };
        Sender {
            identity,
            person: Some(user_id),
            refreshed,
            ..Sender::default()
        }
    }

    /// Pages have no script that would refresh their session, so it is done for them.
    async fn refresh_page(
        &self,
        request: &Parts,
        client: Option<Client>,
    ) -> Result<Option<SignedIn>, Problem> {
        if is_api(request.uri.path()) {
            return Ok(None);
        }
        let Some(token) = cookies::find(&request.headers, REFRESH) else {
            return Ok(None);
        };
        let by = Actor {
            address: client.map(|client| client.0),
            ..Actor::here(ActorKind::Stranger, "")
        };
        match self.inner.accounts.refresh(&by, token).await {
            Ok(signed) => Ok(Some(signed)),
            Err(crate::AccountError::NoSession) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn limit(
        &self,
        request: &Parts,
        network: Option<IpAddr>,
        person: Option<&str>,
    ) -> Result<(), (&'static str, TooSoon)> {
        let inner = &self.inner;
        let (path, headers) = (request.uri.path(), &request.headers);
        if is_room(path) {
            return match headers.contains_key(header::UPGRADE) {
                true => named("joins", inner.joins.take(network)),
                false => named("pages", inner.pages.take(network)),
            };
        }
        if is_guess(&request.method, path) {
            named("auth", inner.auth.take(network))?;
        }
        match person {
            _ if is_join(path) && !request.method.is_safe() => {
                named("joins", inner.joins.take(network))
            }
            _ if request.method.is_safe() && !is_api(path) => {
                named("pages", inner.pages.take(network))
            }
            Some(person) => named("person", inner.person.take(person)),
            None => named("stranger", inner.stranger.take(network)),
        }
    }

    fn count(&self, limit: &'static str, soon: TooSoon) -> Problem {
        self.inner.accounts.metrics().refused(limit);
        soon.into()
    }
}

/// Puts the caller's identity into the request, or ends it here.
pub async fn authenticate(State(door): State<Door>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let admitted = door.admit(&mut head).await;
    let request = Request::from_parts(head, body);
    match admitted {
        Err(problem) => problem.into_response(),
        Ok(None) => next.run(request).await,
        Ok(Some(refreshed)) => (refreshed.cookies(), next.run(request).await).into_response(),
    }
}

/// What came with a cookie is nothing that a foreign page's form could send.
fn check_body(request: &Parts, identity: &Identity) -> Result<(), Problem> {
    let by_cookie = identity.session_id.is_some();
    let (method, path) = (&request.method, request.uri.path());
    if !by_cookie || method.is_safe() || !is_api(path) || origin::is_no_form(&request.headers) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "request.content_type",
        "send `application/json` or `text/csv`; or multipart with the header `X-Dabir-CSRF: 1`",
    ))
}

fn named(limit: &'static str, taken: Result<(), TooSoon>) -> Result<(), (&'static str, TooSoon)> {
    taken.map_err(|soon| (limit, soon))
}

fn is_api(path: &str) -> bool {
    path.starts_with("/api/v1/")
}

fn is_room(path: &str) -> bool {
    path.starts_with("/rooms/")
}

/// A way into a room, for which a whole school may ask at the same moment.
fn is_join(path: &str) -> bool {
    path.starts_with("/j/")
}

/// Whether a request may be a try at a password, a code or a link's key.
fn is_guess(method: &Method, path: &str) -> bool {
    const HARMLESS: [&str; 3] = ["me", "refresh", "logout"];
    if let Some(what) = path.strip_prefix("/api/v1/auth/") {
        return !HARMLESS.contains(&what);
    }
    path.starts_with("/start/") || (path == "/sign-in" && !method.is_safe())
}

/// What the browser calls itself.
pub(super) fn agent(headers: &HeaderMap) -> Option<String> {
    let agent = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(agent.chars().take(200).collect())
}
