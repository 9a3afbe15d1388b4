//! What the tests of accounts stand on: an installation without a server, on SQLite or PostgreSQL.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::middleware::from_fn_with_state;
use dabir_accounts::model::{Language, NewToken, NewUser};
use dabir_accounts::service::{Device, Login, NewTokenView, SignedIn};
use dabir_accounts::{AccountError, Accounts, AccountsSetup, AuthConfig, Cost, Door, LimitsConfig};
use dabir_core::{Actor, ActorKind, Clock, Current, Events, Secret, Timestamp};
use dabir_db::Db;
use dabir_db::audit::{self, Filter};
use dabir_http::{Identity, Rate, Role};
use dabir_testing::Postgres;
use prometheus_client::registry::Registry;
use serde_json::Value;
use tower::ServiceExt;

pub(crate) const PASSWORD: &str = "four plain words here";

/// Of a password hash here, where most tests make some.
pub(crate) const CHEAP: Cost = Cost {
    memory_kib: 8,
    passes: 1,
};

/// An installation without a server.
pub(crate) struct Bench {
    pub(crate) accounts: Accounts,
    pub(crate) clock: Clock,
    pub(crate) events: Events,
    pub(crate) db: Db,
    pub(crate) router: Router,
    pub(crate) registry: Registry,
    pub(crate) limits: LimitsConfig,
    pub(crate) folder: tempfile::TempDir,
    _postgres: Option<Postgres>,
}

impl Bench {
    pub(crate) async fn open(postgres: Option<Postgres>) -> Self {
        let limits = LimitsConfig {
            auth: Rate {
                per_second: 1_000,
                burst: 1_000,
            },
            ..LimitsConfig::default()
        };
        Self::with(postgres, limits).await
    }

    pub(crate) async fn with(postgres: Option<Postgres>, limits: LimitsConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = postgres.as_ref().map_or(String::new(), Postgres::database);
        let db = Db::open(&url, folder.path()).await.unwrap();
        let clock = Clock::fixed(Timestamp::from_second(1_800_000_000).unwrap());
        let events = Events::default();
        let accounts = open(&db, &clock, &events, folder.path(), CHEAP, limits).await;
        let (router, registry) = router(&accounts, &clock, &limits);
        Self {
            accounts,
            clock,
            events,
            db,
            router,
            registry,
            limits,
            folder,
            _postgres: postgres,
        }
    }

    /// The same accounts, opened again.
    pub(crate) async fn reopened(&self, cost: Cost) -> Accounts {
        let (db, clock, events) = (&self.db, &self.clock, &self.events);
        open(db, clock, events, self.folder.path(), cost, self.limits).await
    }

    /// The same installation after a restart.
    pub(crate) async fn restarted(self) -> Self {
        let accounts = self.reopened(CHEAP).await;
        let (router, registry) = router(&accounts, &self.clock, &self.limits);
        Self {
            accounts,
            router,
            registry,
            ..self
        }
    }

    pub(crate) async fn user(&self, email: &str, role: Role) -> String {
        let new = NewUser {
            email: email.to_owned(),
            name: format!("The {email} one"),
            role,
            language: Language::En,
            password: Some(Secret::new(PASSWORD)),
        };
        self.accounts.create_user(&by(), new).await.unwrap().user.id
    }

    /// Somebody who may not come in.
    pub(crate) async fn blocked(&self, email: &str, role: Role) -> String {
        let id = self.user(email, role).await;
        let blocked = self.accounts.block_user(&by(), &id, "for a test").await;
        blocked.unwrap();
        id
    }

    pub(crate) async fn sign_in(&self, email: &str) -> SignedIn {
        self.try_sign_in(email, PASSWORD, None).await.unwrap()
    }

    pub(crate) async fn try_sign_in(
        &self,
        email: &str,
        password: &str,
        code: Option<&str>,
    ) -> Result<SignedIn, AccountError> {
        let login = Login {
            email: email.to_owned(),
            password: Secret::new(password),
            code: code.map(str::to_owned),
        };
        self.accounts
            .sign_in(&by(), &login, Device::default())
            .await
    }

    /// Status and body of a request with these headers.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> (StatusCode, HeaderMap, Value) {
        ask(&self.router, method, path, headers, body).await
    }

    /// Who the house says that this token stands for.
    pub(crate) async fn me(&self, token: &str) -> (StatusCode, HeaderMap, Value) {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        self.ask("GET", "/api/v1/auth/me", &headers, None).await
    }

    /// Whether the session that answered with these cookies is let in.
    pub(crate) async fn lets_in(&self, cookies: &str) -> bool {
        let headers = [("cookie", cookies)];
        let asked = self.ask("GET", "/api/v1/auth/me", &headers, None);
        asked.await.0 == StatusCode::OK
    }

    pub(crate) async fn refresh(&self, cookies: &str) -> (StatusCode, String) {
        let headers = [("cookie", cookies), ("sec-fetch-site", "same-origin")];
        let asked = self.ask("POST", "/api/v1/auth/refresh", &headers, None);
        let (status, headers, _) = asked.await;
        (status, kept(&headers))
    }

    /// The same installation as another process has it.
    pub(crate) async fn elsewhere(&self) -> (Accounts, Router, Events) {
        let events = Events::default();
        let (db, clock) = (&self.db, &self.clock);
        let accounts = open(db, clock, &events, self.folder.path(), CHEAP, self.limits).await;
        let (router, _) = router(&accounts, clock, &self.limits);
        (accounts, router, events)
    }

    pub(crate) async fn token(&self, user: &str, role: Role) -> NewTokenView {
        let new = NewToken {
            name: "script".to_owned(),
            scopes: None,
            expires: None,
            user: None,
        };
        let caller = Identity::of(user, role);
        self.accounts
            .create_token(&by(), &caller, new)
            .await
            .unwrap()
    }

    /// What the audit has, the newest first.
    pub(crate) async fn actions(&self) -> Vec<String> {
        let all = Filter::default();
        let entries = audit::list(self.db.read(), &all, None, 100).await;
        let entries = entries.unwrap();
        entries.into_iter().map(|entry| entry.action).collect()
    }
}

pub(crate) async fn ask(
    router: &Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<Value>,
) -> (StatusCode, HeaderMap, Value) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let response = router.clone().oneshot(request.body(body).unwrap()).await;
    let (head, body) = response.unwrap().into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    (head.status, head.headers, body)
}

async fn open(
    db: &Db,
    clock: &Clock,
    events: &Events,
    folder: &std::path::Path,
    cost: Cost,
    limits: LimitsConfig,
) -> Accounts {
    let setup = AccountsSetup {
        db: db.clone(),
        clock: clock.clone(),
        events: events.clone(),
        config: AuthConfig::default().into(),
        limits: limits.into(),
        public_url: "https://meet.example".to_owned(),
        data_dir: folder.to_owned(),
        timezone: jiff::tz::TimeZone::UTC,
        cost,
    };
    Accounts::open(setup).await.unwrap()
}

fn router(accounts: &Accounts, clock: &Clock, limits: &LimitsConfig) -> (Router, Registry) {
    let origins = vec!["https://meet.example".to_owned()];
    let mut registry = Registry::default();
    let door = Door::new(
        accounts.clone(),
        &Current::from(*limits),
        clock,
        Vec::new(),
        origins,
        &mut registry,
    );
    let (router, _) = dabir_accounts::routes()
        .with_state(accounts.clone())
        .split_for_parts();
    let router = router.layer(from_fn_with_state(door, dabir_accounts::authenticate));
    (router, registry)
}

pub(crate) fn by() -> Actor {
    Actor {
        address: Some("192.0.2.7".parse().unwrap()),
        ..Actor::here(ActorKind::Terminal, "test")
    }
}

/// The cookies of an answer, as a browser sends them back.
pub(crate) fn kept(headers: &HeaderMap) -> String {
    let cookies = headers.get_all(header::SET_COOKIE).iter();
    let pair = |cookie: &header::HeaderValue| {
        let text = cookie.to_str().unwrap();
        text.split(';').next().unwrap().to_owned()
    };
    cookies.map(pair).collect::<Vec<_>>().join("; ")
}

pub(crate) fn cookies(signed: &SignedIn) -> String {
    use axum::response::IntoResponse;
    kept(signed.cookies().into_response().headers())
}

pub(crate) fn key(url: &str) -> String {
    url.rsplit('/').next().unwrap().to_owned()
}

/// An authenticator's code, made by other means than the product's.
pub(crate) fn code(secret: &str, now: Timestamp, offset: i64) -> String {
    let script = "import sys,hmac,struct,base64;k=base64.b32decode(sys.argv[1]);\
        h=hmac.new(k,struct.pack('>q',int(sys.argv[2])),'sha1').digest();o=h[-1]&15;\
        print('%06d'%((struct.unpack('>I',h[o:o+4])[0]&0x7fffffff)%10**6))";
    let step = (now.as_second() / 30 + offset).to_string();
    let made = std::process::Command::new("python3")
        .args(["-c", script, secret, &step])
        .output()
        .unwrap();
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}
