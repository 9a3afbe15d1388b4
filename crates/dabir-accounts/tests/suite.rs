//! The rules of accounts, each on SQLite and on PostgreSQL.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::middleware::from_fn_with_state;
use dabir_accounts::model::{Acceptance, Language, NewToken, NewUser, UserPatch};
use dabir_accounts::service::{Device, Login, NewTokenView, SignedIn};
use dabir_accounts::{AccountError, Accounts, AccountsSetup, AuthConfig, Cost, Door, LimitsConfig};
use dabir_core::event::Numbered;
use dabir_core::{Actor, ActorKind, Clock, Current, Event, Events, Secret, Timestamp};
use dabir_db::Db;
use dabir_db::audit::{self, Filter, Verdict};
use dabir_http::{Identity, Rate, Role, Scope, TooSoon};
use dabir_testing::Postgres;
use prometheus_client::registry::Registry;
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tower::ServiceExt;

const PASSWORD: &str = "four plain words here";
/// Of a password hash here, where most tests make some.
const CHEAP: Cost = Cost {
    memory_kib: 8,
    passes: 1,
};

/// An installation without a server.
struct Bench {
    accounts: Accounts,
    clock: Clock,
    events: Events,
    db: Db,
    router: Router,
    registry: Registry,
    limits: LimitsConfig,
    folder: tempfile::TempDir,
    _postgres: Option<Postgres>,
}

/// Each scenario as a test of each database.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite { $(#[tokio::test(flavor = "multi_thread")] async fn $name() {
            super::$name(super::Bench::open(None).await).await;
        })* }
        mod postgres { $(#[tokio::test(flavor = "multi_thread")] async fn $name() {
            super::$name(super::Bench::open(Some(dabir_testing::Postgres::start())).await).await;
        })* }
    };
}

on_both!(
    the_first_admin_is_made_once,
    an_unknown_person_and_a_wrong_password_look_and_last_alike,
    guessing_is_slowed_and_the_right_password_elsewhere_is_not,
    a_password_kept_at_another_cost_is_kept_anew,
    a_thousand_refreshes_leave_one_child,
    a_key_that_comes_again_late_ends_the_family,
    sessions_end_by_themselves,
    whatever_takes_rights_away_ends_every_session_at_once,
    the_last_admin_stays,
    tokens_are_bounded_by_their_owner_s_role,
    invitations_and_resets_work_once,
    a_second_factor_is_asked_for_and_each_code_works_once,
    what_was_let_in_is_let_in_after_a_restart,
    every_change_is_in_the_audit_and_a_shortened_one_is_found_out,
    another_s_session_cannot_be_fixed_or_tossed_in,
    a_name_and_an_address_are_found_by_their_parts,
    what_another_process_changes_is_so_here_too,
    a_session_is_kept_alive_by_any_process,
    two_processes_leave_an_admin,
    wrong_codes_are_limited_wherever_they_come_from,
);

impl Bench {
    async fn open(postgres: Option<Postgres>) -> Self {
        let limits = LimitsConfig {
            auth: Rate {
                per_second: 1_000,
                burst: 1_000,
            },
            ..LimitsConfig::default()
        };
        Self::with(postgres, limits).await
    }

    async fn with(postgres: Option<Postgres>, limits: LimitsConfig) -> Self {
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

    /// The same installation, opened again.
    async fn reopened(&self, cost: Cost) -> Accounts {
        open(
            &self.db,
            &self.clock,
            &self.events,
            self.folder.path(),
            cost,
            self.limits,
        )
        .await
    }

    async fn user(&self, email: &str, role: Role) -> String {
        let new = NewUser {
            email: email.to_owned(),
            name: format!("The {email} one"),
            role,
            language: Language::En,
            password: Some(Secret::new(PASSWORD)),
        };
        self.accounts.create_user(&by(), new).await.unwrap().user.id
    }

    async fn sign_in(&self, email: &str) -> SignedIn {
        self.try_sign_in(email, PASSWORD, None).await.unwrap()
    }

    async fn try_sign_in(
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
    async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> (StatusCode, HeaderMap, Value) {
        ask(&self.router, method, path, headers, body).await
    }

    /// Whether the session that answered with these cookies is let in.
    async fn lets_in(&self, cookies: &str) -> bool {
        let headers = [("cookie", cookies)];
        let asked = self.ask("GET", "/api/v1/auth/me", &headers, None);
        asked.await.0 == StatusCode::OK
    }

    async fn refresh(&self, cookies: &str) -> (StatusCode, String) {
        let headers = [("cookie", cookies), ("sec-fetch-site", "same-origin")];
        let asked = self.ask("POST", "/api/v1/auth/refresh", &headers, None);
        let (status, headers, _) = asked.await;
        (status, kept(&headers))
    }
}

async fn ask(
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

fn by() -> Actor {
    Actor {
        address: Some("192.0.2.7".parse().unwrap()),
        ..Actor::here(ActorKind::Terminal, "test")
    }
}

/// The cookies of an answer, as a browser sends them back.
fn kept(headers: &HeaderMap) -> String {
    let cookies = headers.get_all(header::SET_COOKIE).iter();
    let pair = |cookie: &header::HeaderValue| {
        let text = cookie.to_str().unwrap();
        text.split(';').next().unwrap().to_owned()
    };
    cookies.map(pair).collect::<Vec<_>>().join("; ")
}

fn cookies(signed: &SignedIn) -> String {
    use axum::response::IntoResponse;
    kept(signed.cookies().into_response().headers())
}

fn key(url: &str) -> String {
    url.rsplit('/').next().unwrap().to_owned()
}

fn acceptance(key: String) -> Acceptance {
    Acceptance {
        key,
        name: "سارا".to_owned(),
        email: Some("Sara@Example.org".to_owned()),
        password: Secret::new(PASSWORD),
        language: Language::Fa,
    }
}

async fn the_first_admin_is_made_once(bench: Bench) {
    let accounts = &bench.accounts;
    let device = Device::default;
    let links = [
        accounts.make_start_link(&by()).await.unwrap(),
        accounts.make_start_link(&by()).await.unwrap(),
    ];
    let [first, second] = links.map(|url| key(&url));
    for _ in 0..2 {
        let looked = accounts.look_at_link(&first).await.unwrap();
        assert_eq!(json!(looked.kind), "first_run");
    }
    let weak = Acceptance {
        password: Secret::new("short"),
        ..acceptance(first.clone())
    };
    assert!(accounts.accept(&by(), &weak, device()).await.is_err());
    let made = accounts
        .accept(&by(), &acceptance(first.clone()), device())
        .await
        .unwrap();
    assert_eq!(
        (made.user.role, made.user.email.as_str()),
        (Role::Admin, "Sara@Example.org")
    );
    assert!(bench.lets_in(&cookies(&made)).await);
    for spent in [&first, "nothing"] {
        let again = accounts
            .accept(&by(), &acceptance(spent.to_owned()), device())
            .await;
        assert!(matches!(again, Err(AccountError::Link)), "{spent}");
    }
    let accept = accounts
        .accept(&by(), &acceptance(second.clone()), device())
        .await;
    assert!(
        matches!(accept, Err(AccountError::Link)),
        "there is an admin now"
    );
    assert_eq!(
        json!(accounts.look_at_link(&second).await.unwrap().kind),
        "start"
    );
    let again = accounts
        .sign_in_by_link(&by(), &second, device())
        .await
        .unwrap();
    assert_eq!(again.user.id, made.user.id);
    let headers = [
        ("cookie", &*cookies(&again)),
        ("sec-fetch-site", "same-origin"),
    ];
    let new = json!({ "new": "another four plain words" });
    let (status, set, _) = bench
        .ask("POST", "/api/v1/auth/password", &headers, Some(new.clone()))
        .await;
    assert_eq!(
        status,
        StatusCode::OK,
        "right after the link no old password is needed"
    );
    assert!(!bench.lets_in(&cookies(&again)).await && bench.lets_in(&kept(&set)).await);
    let headers = [("cookie", &*kept(&set)), ("sec-fetch-site", "same-origin")];
    let (status, _, problem) = bench
        .ask("POST", "/api/v1/auth/password", &headers, Some(new))
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::FORBIDDEN, &json!("auth.password"))
    );
    let late = key(&accounts.make_start_link(&by()).await.unwrap());
    bench.clock.advance(Duration::from_secs(15 * 60));
    assert!(matches!(
        accounts.look_at_link(&late).await,
        Err(AccountError::Link)
    ));
}

async fn an_unknown_person_and_a_wrong_password_look_and_last_alike(bench: Bench) {
    bench.user("a@x", Role::Writer).await;
    let blocked = bench.user("blocked@x", Role::Writer).await;
    let reason = "for a test";
    bench
        .accounts
        .block_user(&by(), &blocked, reason)
        .await
        .unwrap();
    let invited = NewUser {
        email: "invited@x".to_owned(),
        name: "Without a password".to_owned(),
        role: Role::Writer,
        language: Language::En,
        password: None,
    };
    bench.accounts.create_user(&by(), invited).await.unwrap();
    let mut answers = Vec::new();
    for email in ["nobody@x", "A@X", "blocked@x", "invited@x", "a\0@x"] {
        let before = bench.accounts.hashes();
        let body = json!({ "email": email, "password": "whatever it is" });
        let (status, _, mut problem) = bench
            .ask("POST", "/api/v1/auth/login", &[], Some(body))
            .await;
        problem["request_id"].take();
        answers.push((status, problem, bench.accounts.hashes() - before));
    }
    for answer in &answers {
        assert_eq!(*answer, answers[0]);
    }
    assert_eq!((answers[0].0, answers[0].2), (StatusCode::UNAUTHORIZED, 1));
    assert!(bench.try_sign_in("A@X", PASSWORD, None).await.is_ok());
}

async fn guessing_is_slowed_and_the_right_password_elsewhere_is_not(bench: Bench) {
    bench.user("a@x", Role::Writer).await;
    let mut tried = 0;
    for second in 0..120 {
        if !matches!(
            bench.try_sign_in("a@x", "wrong", None).await,
            Err(AccountError::TooSoon(_))
        ) {
            tried += 1;
        }
        if second % 2 == 0 {
            bench.clock.advance(Duration::from_secs(1));
        }
    }
    assert_eq!(tried, 12, "ten, and two in the minute");
    assert!(
        bench.try_sign_in("a@x", PASSWORD, None).await.is_err(),
        "here it is too late"
    );
    let elsewhere = Actor {
        address: Some("198.51.100.7".parse().unwrap()),
        ..by()
    };
    let login = Login {
        email: "a@x".to_owned(),
        password: Secret::new(PASSWORD),
        code: None,
    };
    let owner = bench
        .accounts
        .sign_in(&elsewhere, &login, Device::default())
        .await;
    assert!(owner.is_ok(), "nobody can lock the owner out");
}

async fn a_password_kept_at_another_cost_is_kept_anew(bench: Bench) {
    bench.user("a@x", Role::Writer).await;
    let dearer = Cost {
        memory_kib: 16,
        passes: 1,
    };
    let accounts = bench.reopened(dearer).await;
    let login = Login {
        email: "a@x".to_owned(),
        password: Secret::new(PASSWORD),
        code: None,
    };
    for hashes in [2, 1] {
        let before = accounts.hashes();
        accounts
            .sign_in(&by(), &login, Device::default())
            .await
            .unwrap();
        assert_eq!(accounts.hashes() - before, hashes);
    }
}

async fn a_thousand_refreshes_leave_one_child(bench: Bench) {
    bench.user("a@x", Role::Writer).await;
    let signed = cookies(&bench.sign_in("a@x").await);
    let token = signed.split("_rt=").nth(1).unwrap().to_owned();
    let refreshes = (0..1_000).map(|_| {
        let (accounts, token) = (bench.accounts.clone(), token.clone());
        tokio::spawn(async move { accounts.refresh(&by(), &token).await })
    });
    let mut children = std::collections::BTreeSet::new();
    for refresh in refreshes.collect::<Vec<_>>() {
        let child = cookies(&refresh.await.unwrap().unwrap());
        children.insert(child.split("_rt=").nth(1).unwrap().to_owned());
    }
    assert_eq!(children.len(), 1);
    let child = children.pop_first().unwrap();
    bench.clock.advance(Duration::from_secs(11));
    let next = bench.accounts.refresh(&by(), &child).await;
    assert!(next.is_ok(), "and it lives");
}

async fn a_key_that_comes_again_late_ends_the_family(bench: Bench) {
    bench.user("a@x", Role::Writer).await;
    let stolen = cookies(&bench.sign_in("a@x").await);
    let (_, second) = bench.refresh(&stolen).await;
    bench.clock.advance(Duration::from_secs(9));
    let (status, same) = bench.refresh(&stolen).await;
    assert_eq!(status, StatusCode::OK, "the answer may have been lost");
    assert_eq!(same.split("_rt=").nth(1), second.split("_rt=").nth(1));
    assert!(bench.lets_in(&second).await);
    let mut heard = bench.events.subscribe(None).receiver;
    bench.clock.advance(Duration::from_secs(2));
    assert_eq!(bench.refresh(&stolen).await.0, StatusCode::UNAUTHORIZED);
    assert!(!bench.lets_in(&second).await, "it ends for both");
    assert_eq!(bench.refresh(&second).await.0, StatusCode::UNAUTHORIZED);
    assert!(matches!(
        heard.try_recv().unwrap().event,
        Event::SessionEnded { last: true, .. }
    ));
    assert_eq!(actions(&bench).await[0], "session.reuse");
}

async fn sessions_end_by_themselves(bench: Bench) {
    bench.user("w@x", Role::Writer).await;
    bench.user("o@x", Role::Operator).await;
    const DAY: u64 = 86_400;
    for (email, idle, life) in [("w@x", 14 * DAY, 30 * DAY), ("o@x", DAY / 2, 7 * DAY)] {
        let unused = cookies(&bench.sign_in(email).await);
        assert!(bench.lets_in(&unused).await);
        bench.clock.advance(Duration::from_secs(301));
        assert!(
            !bench.lets_in(&unused).await,
            "an access token lasts five minutes"
        );
        bench.clock.advance(Duration::from_secs(idle));
        assert_eq!(
            bench.refresh(&unused).await.0,
            StatusCode::UNAUTHORIZED,
            "{email}"
        );
        let mut used = cookies(&bench.sign_in(email).await);
        for _ in 0..(life / (idle - 1)) {
            bench.clock.advance(Duration::from_secs(idle - 1));
            let (status, next) = bench.refresh(&used).await;
            assert_eq!(status, StatusCode::OK, "{email}");
            used = next;
        }
        bench.clock.advance(Duration::from_secs(idle - 1));
        assert_eq!(
            bench.refresh(&used).await.0,
            StatusCode::UNAUTHORIZED,
            "{email}"
        );
    }
}

async fn whatever_takes_rights_away_ends_every_session_at_once(bench: Bench) {
    bench.user("root@x", Role::Admin).await;
    let accounts = &bench.accounts;
    let id = bench.user("a@x", Role::Operator).await;
    let token = NewToken {
        name: "script".to_owned(),
        scopes: None,
        expires: None,
        user: None,
    };
    let caller = Identity::of(&id, Role::Operator);
    let secret = accounts
        .create_token(&by(), &caller, token)
        .await
        .unwrap()
        .secret;
    let bearer = format!("Bearer {secret}");
    let by_token = async || {
        bench
            .ask(
                "GET",
                "/api/v1/auth/me",
                &[("authorization", &bearer)],
                None,
            )
            .await
            .0
    };
    for what in ["sign-out", "role", "block", "password", "reset", "delete"] {
        // Nobody is to be refused here for asking too often.
        bench.clock.advance(Duration::from_secs(10));
        let sessions = [
            cookies(&bench.sign_in("a@x").await),
            cookies(&bench.sign_in("a@x").await),
        ];
        let mut heard = bench.events.subscribe(None).receiver;
        match what {
            "sign-out" => accounts.sign_out_user(&by(), &id).await.unwrap(),
            "role" => {
                let role = Some(Role::Writer);
                let patch = UserPatch {
                    role,
                    ..UserPatch::default()
                };
                drop(accounts.change_user(&by(), "A@X", patch).await.unwrap());
            }
            "block" => {
                drop(accounts.block_user(&by(), &id, "for now").await.unwrap());
                let refused = bench.try_sign_in("a@x", PASSWORD, None).await;
                assert!(matches!(refused, Err(AccountError::Blocked(why)) if why == "for now"));
                assert_eq!(by_token().await, StatusCode::UNAUTHORIZED);
                drop(accounts.unblock_user(&by(), &id).await.unwrap());
                assert_eq!(by_token().await, StatusCode::OK);
            }
            "password" => {
                let headers = [("cookie", &*sessions[0]), ("sec-fetch-site", "same-origin")];
                let body = json!({ "current": PASSWORD, "new": PASSWORD });
                let changed = bench.ask("POST", "/api/v1/auth/password", &headers, Some(body));
                assert_eq!(changed.await.0, StatusCode::OK);
            }
            "reset" => {
                let link = accounts.make_reset_link(&by(), &id).await.unwrap();
                accounts
                    .reset_password(&by(), &key(&link), &Secret::new(PASSWORD))
                    .await
                    .unwrap();
            }
            _ => accounts.delete_user(&by(), &id).await.unwrap(),
        }
        for session in &sessions {
            assert!(!bench.lets_in(session).await, "{what}");
            assert_eq!(
                bench.refresh(session).await.0,
                StatusCode::UNAUTHORIZED,
                "{what}"
            );
        }
        let told = heard.try_recv().unwrap().event;
        assert!(
            matches!(told, Event::SessionEnded { user_id, last: true, .. } if user_id == id),
            "{what}"
        );
    }
    assert_eq!(
        by_token().await,
        StatusCode::UNAUTHORIZED,
        "tokens go with their owner"
    );
}

async fn the_last_admin_stays(bench: Bench) {
    let accounts = &bench.accounts;
    let root = bench.user("root@x", Role::Admin).await;
    let demoted = || UserPatch {
        role: Some(Role::Operator),
        ..UserPatch::default()
    };
    let is_last = |refused: Option<AccountError>| matches!(refused, Some(AccountError::LastAdmin));
    assert!(is_last(accounts.delete_user(&by(), &root).await.err()));
    assert!(is_last(accounts.block_user(&by(), &root, "x").await.err()));
    assert!(is_last(
        accounts.change_user(&by(), &root, demoted()).await.err()
    ));
    // Who was invited and never came administers nothing.
    let invited = NewUser {
        email: "invited@x".to_owned(),
        name: "Invited".to_owned(),
        role: Role::Admin,
        language: Language::En,
        password: None,
    };
    accounts.create_user(&by(), invited).await.unwrap();
    assert!(is_last(accounts.delete_user(&by(), &root).await.err()));
    let other = bench.user("other@x", Role::Admin).await;
    accounts.change_user(&by(), &root, demoted()).await.unwrap();
    assert!(is_last(accounts.block_user(&by(), &other, "x").await.err()));
}

async fn tokens_are_bounded_by_their_owner_s_role(bench: Bench) {
    let id = bench.user("o@x", Role::Operator).await;
    let caller = Identity {
        user_id: Some(id.clone()),
        ..Identity::of(&id, Role::Operator)
    };
    let token = |scopes: Option<Vec<Scope>>, expires: Option<&str>| NewToken {
        name: "script".to_owned(),
        scopes,
        expires: expires.map(|text| text.parse().unwrap()),
        user: None,
    };
    let make = async |new| bench.accounts.create_token(&by(), &caller, new).await;
    let more = make(token(Some(vec![Scope::Admin]), None)).await;
    assert!(matches!(more, Err(AccountError::Scope(_))));
    let made = make(token(None, Some("1d"))).await.unwrap();
    assert_eq!(
        made.token.scopes,
        [Scope::Read, Scope::Write, Scope::Operate]
    );
    assert!(made.secret.starts_with("dabir_") && made.secret.len() == 58);
    let bearer = format!("Bearer {}", made.secret);
    let me = async || {
        bench
            .ask(
                "GET",
                "/api/v1/auth/me",
                &[("authorization", &bearer)],
                None,
            )
            .await
    };
    let (status, _, body) = me().await;
    assert_eq!(
        (status, &body["kind"], &body["role"]),
        (StatusCode::OK, &json!("token"), &json!("operator"))
    );
    let listed = bench.accounts.list_tokens(&caller, None).await.unwrap();
    assert_eq!(listed[0].used_at, Some(bench.clock.now()));
    for (method, path) in [
        ("POST", "/api/v1/tokens"),
        ("DELETE", "/api/v1/sessions"),
        ("GET", "/api/v1/users"),
    ] {
        let body = (method == "POST").then(|| json!({ "name": "child" }));
        let (status, _, _) = bench
            .ask(method, path, &[("authorization", &bearer)], body)
            .await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path}");
    }
    bench.clock.advance(Duration::from_secs(86_400));
    assert_eq!(me().await.0, StatusCode::UNAUTHORIZED, "it is over");
    let made = make(token(None, None)).await.unwrap();
    bench
        .accounts
        .delete_token(&by(), &made.token.id, Some(&id))
        .await
        .unwrap();
    let bearer = format!("Bearer {}", made.secret);
    let (status, _, problem) = bench
        .ask(
            "GET",
            "/api/v1/auth/me",
            &[("authorization", &bearer)],
            None,
        )
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::UNAUTHORIZED, &json!("auth.token"))
    );
}

async fn invitations_and_resets_work_once(bench: Bench) {
    let accounts = &bench.accounts;
    bench.user("root@x", Role::Admin).await;
    let new = NewUser {
        email: "New@x".to_owned(),
        name: "New".to_owned(),
        role: Role::Auditor,
        language: Language::En,
        password: None,
    };
    let invited = accounts.create_user(&by(), new.clone()).await.unwrap();
    let link = key(&invited.invitation.unwrap());
    let taken = accounts
        .create_user(
            &by(),
            NewUser {
                email: "new@X".to_owned(),
                ..new
            },
        )
        .await;
    assert!(matches!(taken, Err(AccountError::EmailTaken(_))));
    assert!(
        bench.try_sign_in("new@x", PASSWORD, None).await.is_err(),
        "no password yet"
    );
    let as_root = acceptance(link.clone());
    let came = accounts
        .accept(&by(), &as_root, Device::default())
        .await
        .unwrap();
    assert_eq!(
        (came.user.email.as_str(), came.user.role),
        ("New@x", Role::Auditor),
        "as invited"
    );
    assert!(
        accounts
            .accept(&by(), &acceptance(link), Device::default())
            .await
            .is_err()
    );

    let reset = key(&accounts.make_reset_link(&by(), "new@x").await.unwrap());
    let weak = accounts
        .reset_password(&by(), &reset, &Secret::new("short"))
        .await;
    assert!(matches!(weak, Err(AccountError::Invalid(_))));
    let other = Secret::new("a wholly different one");
    accounts
        .reset_password(&by(), &reset, &other)
        .await
        .unwrap();
    assert!(
        accounts
            .reset_password(&by(), &reset, &other)
            .await
            .is_err()
    );
    assert!(bench.try_sign_in("new@x", PASSWORD, None).await.is_err());
    assert!(
        bench
            .try_sign_in("new@x", other.expose(), None)
            .await
            .is_ok()
    );
}

async fn a_second_factor_is_asked_for_and_each_code_works_once(bench: Bench) {
    let id = bench.user("a@x", Role::Writer).await;
    let accounts = &bench.accounts;
    let begun = accounts.begin_factor(&by(), &id).await.unwrap();
    assert!(begun.uri.contains(&begun.secret));
    assert!(
        bench.try_sign_in("a@x", PASSWORD, None).await.is_ok(),
        "it is not on yet"
    );
    let code = |offset: i64| code(&begun.secret, bench.clock.now(), offset);
    assert!(
        accounts
            .confirm_factor(&by(), &id, "000000x")
            .await
            .is_err()
    );
    let codes = accounts
        .confirm_factor(&by(), &id, &code(0))
        .await
        .unwrap()
        .recovery_codes;
    assert_eq!(codes.len(), 10);
    let sign_in = async |code: Option<&str>| bench.try_sign_in("a@x", PASSWORD, code).await;
    assert!(matches!(sign_in(None).await, Err(AccountError::CodeNeeded)));
    assert!(
        matches!(sign_in(Some(&code(0))).await, Err(AccountError::WrongCode)),
        "used"
    );
    bench.clock.advance(Duration::from_secs(30));
    assert!(sign_in(Some(&code(0))).await.is_ok());
    assert!(
        matches!(sign_in(Some(&code(0))).await, Err(AccountError::WrongCode)),
        "used"
    );
    assert!(sign_in(Some(&codes[3])).await.is_ok());
    assert!(
        matches!(sign_in(Some(&codes[3])).await, Err(AccountError::WrongCode)),
        "used"
    );
    let wrong = accounts
        .remove_factor(&by(), &id, &Secret::new("wrong"))
        .await;
    assert!(matches!(wrong, Err(AccountError::WrongPassword)));
    accounts
        .remove_factor(&by(), &id, &Secret::new(PASSWORD))
        .await
        .unwrap();
    assert!(sign_in(None).await.is_ok());
}

/// An authenticator's code, made by other means than the product's.
fn code(secret: &str, now: Timestamp, offset: i64) -> String {
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

async fn what_was_let_in_is_let_in_after_a_restart(bench: Bench) {
    let id = bench.user("a@x", Role::Writer).await;
    let signed = cookies(&bench.sign_in("a@x").await);
    let link = bench.accounts.make_start_link(&by()).await.unwrap();
    let new = NewToken {
        name: "script".to_owned(),
        scopes: None,
        expires: None,
        user: None,
    };
    let caller = Identity::of(&id, Role::Writer);
    let made = bench
        .accounts
        .create_token(&by(), &caller, new)
        .await
        .unwrap();
    let accounts = bench.reopened(CHEAP).await;
    let (router, registry) = router(&accounts, &bench.clock, &bench.limits);
    let again = Bench {
        router,
        registry,
        accounts,
        ..bench
    };
    assert!(again.lets_in(&signed).await);
    assert!(again.accounts.look_at_link(&key(&link)).await.is_ok());
    let bearer = format!("Bearer {}", made.secret);
    let (status, _, _) = again
        .ask(
            "GET",
            "/api/v1/auth/me",
            &[("authorization", &bearer)],
            None,
        )
        .await;
    assert_eq!(status, StatusCode::OK);
}

async fn actions(bench: &Bench) -> Vec<String> {
    let entries = audit::list(bench.db.read(), &Filter::default(), None, 100)
        .await
        .unwrap();
    entries.into_iter().map(|entry| entry.action).collect()
}

async fn every_change_is_in_the_audit_and_a_shortened_one_is_found_out(bench: Bench) {
    let accounts = &bench.accounts;
    bench.user("root@x", Role::Admin).await;
    let id = bench.user("a@x", Role::Writer).await;
    bench.sign_in("a@x").await;
    accounts.block_user(&by(), &id, "=why\nnot").await.unwrap();
    accounts.delete_user(&by(), &id).await.unwrap();
    let told = [
        "user.delete",
        "user.block",
        "session.begin",
        "user.create",
        "user.create",
    ];
    assert_eq!(actions(&bench).await, told);
    let entries = audit::list(bench.db.read(), &Filter::default(), None, 100)
        .await
        .unwrap();
    let text = format!("{entries:?}");
    assert!(
        !text.contains(PASSWORD) && !text.contains("argon2"),
        "no secrets"
    );
    accounts.note_audit_head().await.unwrap();
    accounts.note_audit_head().await.unwrap();
    assert!(
        matches!(accounts.verify_audit().await.unwrap(), Verdict::Whole(head) if head.seq == 5)
    );
    let heads = bench.folder.path().join("audit.heads");
    let noted = std::fs::read_to_string(&heads).unwrap();
    assert_eq!(noted.lines().count(), 1, "one head is noted once");
    // Somebody cuts the newest entry off, and the chain that is left is whole in itself.
    let noted = noted.replacen('5', "6", 1);
    std::fs::write(&heads, noted).unwrap();
    assert!(matches!(
        accounts.verify_audit().await.unwrap(),
        Verdict::Broken { seq: 6, .. }
    ));
    let token = std::fs::read_to_string(bench.folder.path().join("secrets/admin.token")).unwrap();
    let bearer = format!("Bearer {}", token.trim());
    let headers = [("authorization", bearer.as_str())];
    let (_, _, page) = bench
        .ask("GET", "/api/v1/audit?limit=2", &headers, None)
        .await;
    assert_eq!(page["items"][0]["at_jalali"], "1405/10/25 08:00 jome");
    let next = format!(
        "/api/v1/audit?limit=2&cursor={}",
        page["next_cursor"].as_str().unwrap()
    );
    let (_, _, page) = bench.ask("GET", &next, &headers, None).await;
    assert_eq!(page["items"][0]["action"], "session.begin");
    let (_, _, found) = bench
        .ask("GET", "/api/v1/audit/verify", &headers, None)
        .await;
    assert_eq!(found["whole"], false);
}

async fn another_s_session_cannot_be_fixed_or_tossed_in(bench: Bench) {
    bench.user("a@x", Role::Writer).await;
    bench.user("evil@x", Role::Writer).await;
    let evil = cookies(&bench.sign_in("evil@x").await);
    let login = json!({ "email": "a@x", "password": PASSWORD });
    let headers = [("cookie", &*evil), ("sec-fetch-site", "same-origin")];
    let (_, set, _) = bench
        .ask("POST", "/api/v1/auth/login", &headers, Some(login.clone()))
        .await;
    let own = kept(&set);
    assert_ne!(own, evil, "who signs in gets a session of their own");
    assert!(
        !bench.lets_in(&format!("{evil}; {own}")).await,
        "one of two is not chosen"
    );
    for site in ["same-site", "cross-site", "none"] {
        let headers = [("sec-fetch-site", site)];
        let (status, set, _) = bench
            .ask("POST", "/api/v1/auth/login", &headers, Some(login.clone()))
            .await;
        assert_eq!(
            status,
            StatusCode::FORBIDDEN,
            "nobody is signed in by a foreign page"
        );
        assert!(!set.contains_key(header::SET_COOKIE));
    }
    let patch = json!({ "name": "Other" });
    for (header, value, status) in [
        ("origin", "https://meet.example", StatusCode::OK),
        ("origin", "https://evil.example", StatusCode::FORBIDDEN),
        ("accept", "*/*", StatusCode::FORBIDDEN),
    ] {
        let headers = [("cookie", &*own), (header, value)];
        let asked = bench.ask("PATCH", "/api/v1/auth/me", &headers, Some(patch.clone()));
        assert_eq!(asked.await.0, status, "{header}: {value}");
    }
    let headers = [
        ("cookie", &*own),
        ("sec-fetch-site", "same-origin"),
        ("content-type", "text/plain"),
    ];
    let (status, _, _) = bench.ask("POST", "/api/v1/auth/totp", &headers, None).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

async fn a_name_and_an_address_are_found_by_their_parts(bench: Bench) {
    for (email, role) in [
        ("sara@x", Role::Writer),
        ("100%@x", Role::Writer),
        ("ali@y", Role::Operator),
    ] {
        bench.user(email, role).await;
    }
    let list = async |query: Option<&str>, role, cursor: Option<&str>, limit| {
        let filter = dabir_accounts::model::UserFilter {
            query: query.map(str::to_owned),
            role,
        };
        bench
            .accounts
            .list_users(&filter, cursor, limit)
            .await
            .unwrap()
    };
    let emails = |page: &dabir_core::Page<dabir_accounts::model::UserView>| {
        let emails = page.items.iter().map(|user| user.email.clone());
        emails.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(emails(&list(Some("SARA"), None, None, 10).await), "sara@x");
    assert_eq!(emails(&list(Some("%"), None, None, 10).await), "100%@x");
    assert_eq!(
        emails(&list(None, Some(Role::Operator), None, 10).await),
        "ali@y"
    );
    let first = list(None, None, None, 2).await;
    let rest = list(None, None, first.next_cursor.as_deref(), 2).await;
    assert_eq!(
        format!("{} {}", emails(&first), emails(&rest)),
        "100%@x ali@y sara@x"
    );
}

impl Bench {
    /// The same installation as another process has it.
    async fn elsewhere(&self) -> (Accounts, Router, Events) {
        let events = Events::default();
        let (db, clock) = (&self.db, &self.clock);
        let accounts = open(db, clock, &events, self.folder.path(), CHEAP, self.limits).await;
        let (router, _) = router(&accounts, clock, &self.limits);
        (accounts, router, events)
    }

    async fn token(&self, user: &str, role: Role) -> NewTokenView {
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
}

/// What a stream of events tells of ended sessions: whose, why, and whether it was the last.
fn ended(heard: &mut Receiver<Numbered>) -> Vec<(String, String, bool)> {
    let mut told = Vec::new();
    while let Ok(heard) = heard.try_recv() {
        if let Event::SessionEnded {
            user_id,
            reason,
            last,
        } = heard.event
        {
            told.push((user_id, reason, last));
        }
    }
    told
}

async fn what_another_process_changes_is_so_here_too(bench: Bench) {
    let (other, router, events) = bench.elsewhere().await;
    let lets_in = async |name: &str, value: &str| {
        let asked = [(name, value)];
        let asked = ask(&router, "GET", "/api/v1/auth/me", &asked, None);
        asked.await.0 == StatusCode::OK
    };
    let accounts = &bench.accounts;
    let id = bench.user("a@x", Role::Operator).await;
    let mut here = bench.events.subscribe(None).receiver;
    let mut there = events.subscribe(None).receiver;
    for what in ["sign-out", "role", "block", "password", "delete"] {
        let session = cookies(&bench.sign_in("a@x").await);
        assert!(
            lets_in("cookie", &session).await,
            "whoever signed in a moment ago is let in at once"
        );
        let token = bench.token(&id, Role::Operator).await;
        let bearer = format!("Bearer {}", token.secret);
        other.catch_up().await.unwrap();
        assert!(lets_in("authorization", &bearer).await);
        assert!(ended(&mut there).is_empty(), "{what}");
        let reason = match what {
            "sign-out" => {
                accounts.sign_out_user(&by(), &id).await.unwrap();
                "signed out by an admin"
            }
            "role" => {
                let role = Some(Role::Writer);
                let patch = UserPatch {
                    role,
                    ..UserPatch::default()
                };
                accounts.change_user(&by(), &id, patch).await.unwrap();
                "the role is another one now"
            }
            "block" => {
                accounts.block_user(&by(), &id, "for now").await.unwrap();
                other.catch_up().await.unwrap();
                assert!(!lets_in("authorization", &bearer).await);
                accounts.unblock_user(&by(), &id).await.unwrap();
                "the account is blocked"
            }
            "password" => {
                let link = accounts.make_reset_link(&by(), &id).await.unwrap();
                let new = Secret::new(PASSWORD);
                accounts
                    .reset_password(&by(), &key(&link), &new)
                    .await
                    .unwrap();
                "the password is another one now"
            }
            _ => {
                accounts.delete_user(&by(), &id).await.unwrap();
                "the account was removed"
            }
        };
        other.catch_up().await.unwrap();
        assert!(!lets_in("cookie", &session).await, "{what}");
        assert_eq!(lets_in("authorization", &bearer).await, what != "delete");
        let told = [(id.clone(), reason.to_owned(), true)];
        assert_eq!(ended(&mut there), told, "{what}");
        if what != "delete" {
            accounts
                .delete_token(&by(), &token.token.id, None)
                .await
                .unwrap();
            other.catch_up().await.unwrap();
            assert!(!lets_in("authorization", &bearer).await, "{what}");
        }
        // Nobody is to be refused here for signing in too often.
        bench.clock.advance(Duration::from_secs(10));
    }
    let told = ended(&mut here);
    accounts.catch_up().await.unwrap();
    assert_eq!(told.len(), 5, "{told:?}");
    assert!(ended(&mut here).is_empty(), "one's own changes are no news");
}

async fn a_session_is_kept_alive_by_any_process(bench: Bench) {
    bench.user("a@x", Role::Operator).await;
    let mut session = cookies(&bench.sign_in("a@x").await);
    let (other, router, _) = bench.elsewhere().await;
    // An operator's session ends when it is not used for twelve hours.
    for _ in 0..3 {
        bench.clock.advance(Duration::from_secs(8 * 3_600));
        session = bench.refresh(&session).await.1;
        other.forget_ended_sessions().await.unwrap();
    }
    let asked = [("cookie", &*session)];
    let asked = ask(&router, "GET", "/api/v1/auth/me", &asked, None);
    assert_eq!(asked.await.0, StatusCode::OK);
}

async fn two_processes_leave_an_admin(bench: Bench) {
    let (other, ..) = bench.elsewhere().await;
    let patch = |role| UserPatch {
        role: Some(role),
        ..UserPatch::default()
    };
    let (one, two) = (
        bench.user("one@x", Role::Admin).await,
        bench.user("two@x", Role::Admin).await,
    );
    let by = by();
    for _ in 0..5 {
        let demoted = tokio::join!(
            bench.accounts.change_user(&by, &one, patch(Role::Operator)),
            other.change_user(&by, &two, patch(Role::Operator)),
        );
        let refused = [demoted.0.err(), demoted.1.err()];
        assert!(
            matches!(
                refused,
                [None, Some(AccountError::LastAdmin)] | [Some(AccountError::LastAdmin), None]
            ),
            "{refused:?}"
        );
        for id in [&one, &two] {
            let restored = bench.accounts.change_user(&by, id, patch(Role::Admin));
            restored.await.unwrap();
        }
    }
}

async fn wrong_codes_are_limited_wherever_they_come_from(bench: Bench) {
    let id = bench.user("a@x", Role::Writer).await;
    let begun = bench.accounts.begin_factor(&by(), &id).await.unwrap();
    let right = |offset| code(&begun.secret, bench.clock.now(), offset);
    bench
        .accounts
        .confirm_factor(&by(), &id, &right(0))
        .await
        .unwrap();
    bench.clock.advance(Duration::from_secs(300));
    let sign_in = async |from: u8, code: &str| {
        let from = Actor {
            address: Some([198, 51, 100, from].into()),
            ..by()
        };
        let login = Login {
            email: "a@x".to_owned(),
            password: Secret::new(PASSWORD),
            code: Some(code.to_owned()),
        };
        bench
            .accounts
            .sign_in(&from, &login, Device::default())
            .await
            .map(drop)
    };
    for from in 0..10 {
        let wrong = sign_in(from, "no code").await;
        assert!(matches!(wrong, Err(AccountError::WrongCode)), "{wrong:?}");
    }
    let code = right(0);
    let Err(AccountError::TooSoon(TooSoon(wait))) = sign_in(100, &code).await else {
        panic!("ten tries are enough");
    };
    bench.clock.advance(wait - Duration::from_millis(1));
    assert!(
        sign_in(101, &code).await.is_err(),
        "it is as long as it said"
    );
    bench.clock.advance(Duration::from_millis(1));
    sign_in(102, &code).await.unwrap();
}

/// Something that is asked for again and again.
struct Knock<'a> {
    /// By which limit it is counted.
    limit: &'static str,
    method: &'static str,
    path: &'static str,
    headers: &'a [(&'a str, &'a str)],
    /// How often in a row it passes.
    burst: usize,
}

#[tokio::test]
async fn each_limit_counts_its_own_and_says_truly_when_to_come_back() {
    let rate = |per_second, burst| Rate { per_second, burst };
    let limits = LimitsConfig {
        stranger: rate(3, 6),
        auth: rate(1, 2),
        person: rate(2, 5),
        pages: rate(4, 7),
        joins: rate(1, 3),
    };
    let bench = Bench::with(None, limits).await;
    let id = bench.user("a@x", Role::Admin).await;
    let session = cookies(&bench.sign_in("a@x").await);
    let bearer = format!("Bearer {}", bench.token(&id, Role::Admin).await.secret);
    let signed = [("cookie", &*session), ("sec-fetch-site", "same-origin")];
    let (by_token, wrong) = (
        [("authorization", &*bearer)],
        [("authorization", "Bearer dabir_guess")],
    );
    let upgrade = [("upgrade", "websocket"), ("cookie", &*session)];
    let knock = |limit, method, path, headers, burst| Knock {
        limit,
        method,
        path,
        headers,
        burst,
    };
    for knock in [
        knock("person", "GET", "/api/v1/users", &signed, 5),
        knock("person", "GET", "/api/v1/users", &by_token, 5),
        knock("stranger", "GET", "/api/v1/users", &[], 6),
        knock("stranger", "GET", "/api/v1/users", &wrong, 6),
        knock("auth", "POST", "/api/v1/auth/login", &[], 2),
        knock("auth", "POST", "/api/v1/auth/login", &signed, 2),
        knock("auth", "POST", "/api/v1/auth/totp/confirm", &signed, 2),
        knock("auth", "GET", "/api/v1/auth/links/guess", &[], 2),
        knock("auth", "POST", "/api/v1/auth/reset", &[], 2),
        knock("auth", "GET", "/start/guess", &[], 2),
        knock("pages", "GET", "/", &signed, 7),
        knock("pages", "GET", "/rooms/none/", &[], 7),
        knock("joins", "GET", "/rooms/none/ws", &upgrade, 3),
    ] {
        check(&bench, &knock).await;
    }
}

async fn check(bench: &Bench, knock: &Knock<'_>) {
    let what = format!("{} {} {:?}", knock.method, knock.path, knock.headers);
    // Every bucket is full again.
    bench.clock.advance(Duration::from_secs(60));
    let ask = async || {
        let asked = bench.ask(knock.method, knock.path, knock.headers, None);
        let (status, headers, problem) = asked.await;
        (status == StatusCode::TOO_MANY_REQUESTS).then_some((headers, problem))
    };
    let before = refused(bench, knock.limit);
    for n in 0..knock.burst {
        assert!(ask().await.is_none(), "{what}, {n}");
    }
    let (headers, problem) = ask().await.expect(&what);
    assert_eq!(problem["code"], "rate.limited", "{what}");
    assert_eq!(refused(bench, knock.limit), before + 1, "{what}");
    let wait = headers[header::RETRY_AFTER].to_str().unwrap();
    let told = format!("try again in {wait} s");
    assert!(problem["detail"].as_str().unwrap().ends_with(&told));
    bench
        .clock
        .advance(Duration::from_secs(wait.parse().unwrap()));
    assert!(ask().await.is_none(), "{what}: it said when to come back");
}

fn metrics(bench: &Bench) -> String {
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &bench.registry).unwrap();
    text
}

/// What is counted under this name, 0 when it never was.
fn counted(bench: &Bench, name: &str) -> u64 {
    let metrics = metrics(bench);
    let line = metrics.lines().find_map(|line| line.strip_prefix(name));
    line.map_or(0, |count| count.trim().parse().unwrap())
}

fn refused(bench: &Bench, limit: &str) -> u64 {
    counted(
        bench,
        &format!("dabir_rate_limited_total{{limit=\"{limit}\"}}"),
    )
}

#[tokio::test]
async fn failed_sign_ins_are_counted_without_telling_who_exists() {
    let bench = Bench::open(None).await;
    let id = bench.user("a@x", Role::Writer).await;
    let blocked = bench.user("blocked@x", Role::Writer).await;
    bench
        .accounts
        .block_user(&by(), &blocked, "for a test")
        .await
        .unwrap();
    let begun = bench.accounts.begin_factor(&by(), &id).await.unwrap();
    let code = code(&begun.secret, bench.clock.now(), 0);
    bench
        .accounts
        .confirm_factor(&by(), &id, &code)
        .await
        .unwrap();
    let failed = |why: &str| {
        counted(
            &bench,
            &format!("dabir_sign_ins_failed_total{{reason=\"{why}\"}}"),
        )
    };
    for (email, password, code) in [
        ("nobody@x", PASSWORD, None),
        ("a@x", "wrong", None),
        ("blocked@x", "wrong", None),
        ("blocked@x", PASSWORD, None),
        ("a@x", PASSWORD, None),
        ("a@x", PASSWORD, Some("no code")),
    ] {
        let signed = bench.try_sign_in(email, password, code).await;
        assert!(signed.is_err());
    }
    let headers = [("authorization", "Bearer dabir_guess")];
    bench.ask("GET", "/api/v1/auth/me", &headers, None).await;
    let counts = ["password", "blocked", "code", "token"].map(failed);
    assert_eq!(counts, [3, 1, 1, 1], "{}", metrics(&bench));
    while !matches!(
        bench.try_sign_in("a@x", "wrong", None).await,
        Err(AccountError::TooSoon(_))
    ) {}
    assert_eq!(refused(&bench, "guesses"), 1);
}
