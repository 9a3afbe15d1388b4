//! A university's gateway for tests: it signs in, serves students by campus and term in pages, and
//! fails as it is told. Its rows are made while they are sent, so that there may be millions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// A running gateway; it is gone when dropped.
#[derive(Debug)]
pub struct Gateway {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

/// How it does. Change it at any time with [`Gateway::set`].
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// How many students each campus has in each term.
    pub rows: u64,
    /// How many columns of text a row has beside the named ones.
    pub columns: usize,
    pub password: String,
    /// How many pages a token is good for.
    pub pages_a_token: Option<u64>,
    /// What happens to pages: to each `every`th one, at its first `times` requests.
    pub faults: Vec<Planned>,
    /// A campus that answers this to everything.
    pub broken: Option<(String, u16)>,
    /// How long each page takes.
    pub delay: Duration,
    /// Whether it says how many rows there are.
    pub says_total: bool,
    /// The most rows that it puts on a page, whatever it is asked for.
    pub most_rows: u64,
    /// A field that has another name now.
    pub renamed: Option<(String, String)>,
    /// Students that have left, by their numbers within campus and term.
    pub left: BTreeSet<u64>,
    /// Students of whom something changed, and what their version is.
    pub changed: BTreeMap<u64, u64>,
    /// Students without a number.
    pub nameless: BTreeSet<u64>,
    /// Students whose age is written as a text.
    pub texts: BTreeSet<u64>,
    /// Whether each page begins with the last row of the page before.
    pub overlaps: bool,
    /// A column that is there from now on.
    pub new_column: Option<String>,
    /// Whether every page waits for [`Gateway::let_pass`].
    pub gated: bool,
    /// Pages that are answered in other words.
    pub script: Script,
}

/// Says what a page answers: a whole body, or `None` for the usual one.
#[derive(Clone, Default)]
pub struct Script(Option<Arc<Answering>>);

type Answering = dyn Fn(&Asked) -> Option<String> + Send + Sync;

impl Script {
    pub fn new(answer: impl Fn(&Asked) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(answer)))
    }
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Script")
    }
}

/// One planned fault.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    pub fault: PageFault,
    pub every: u64,
    pub times: u32,
}

/// What goes wrong with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageFault {
    /// 429 with `Retry-After` of so many seconds.
    Throttle(u64),
    Status(u16),
    /// No answer for an hour.
    Hang,
    /// The body ends in the middle, as if it were whole.
    Truncate,
    Html,
    /// 200, half a page, and an error beside it.
    Partial,
    /// A page without its list.
    NoList,
}

/// A page that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    pub campus: String,
    pub term: String,
    pub page: u64,
    pub since: Option<String>,
    pub status: u16,
}

#[derive(Debug)]
struct Shared {
    behaviour: Mutex<Behaviour>,
    asked: Mutex<Vec<Asked>>,
    tries: Mutex<BTreeMap<(String, String, u64), u32>>,
    tokens: Mutex<BTreeMap<String, u64>>,
    logins: AtomicU64,
    refused: AtomicU64,
    gate: Semaphore,
    /// Pages that wait at the gate.
    waiting: AtomicUsize,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            rows: 100,
            columns: 2,
            password: "correct horse".to_owned(),
            pages_a_token: None,
            faults: Vec::new(),
            broken: None,
            delay: Duration::ZERO,
            says_total: true,
            most_rows: u64::MAX,
            renamed: None,
            left: BTreeSet::new(),
            changed: BTreeMap::new(),
            nameless: BTreeSet::new(),
            texts: BTreeSet::new(),
            overlaps: false,
            new_column: None,
            gated: false,
            script: Script::default(),
        }
    }
}

impl Gateway {
    /// Starts one inside the current runtime.
    ///
    /// # Panics
    /// When no port is left.
    pub async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(behaviour),
            asked: Mutex::default(),
            tries: Mutex::default(),
            tokens: Mutex::default(),
            logins: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            gate: Semaphore::new(0),
            waiting: AtomicUsize::new(0),
        });
        let router = Router::new()
            .route("/Login", post(login))
            .route("/API/Golestan/Students_2", post(students))
            .with_state(shared.clone());
        let server = tokio::spawn(async move {
            axum::serve(listener, router)
                .await
                .expect("it serves until it is dropped");
        });
        Self {
            address,
            shared,
            server,
        }
    }

    /// Where the pages are.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/API/Golestan/Students_2", self.address)
    }

    #[must_use]
    pub fn login_url(&self) -> String {
        format!("http://{}/Login", self.address)
    }

    /// Has it do otherwise from now on.
    pub fn set(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut locked(&self.shared.behaviour));
    }

    /// Lets so many pages pass that wait at the gate, or will.
    pub fn let_pass(&self, pages: usize) {
        self.shared.gate.add_permits(pages);
    }

    /// How many pages wait at the gate for somebody who still listens.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.waiting.load(Ordering::Relaxed)
    }

    /// Every page that was asked for, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        locked(&self.shared.asked).clone()
    }

    /// The pages that were served well.
    #[must_use]
    pub fn served(&self) -> Vec<Asked> {
        let mut asked = self.asked();
        asked.retain(|asked| asked.status == 200);
        asked
    }

    /// Forgets what was asked for.
    pub fn forget(&self) {
        locked(&self.shared.asked).clear();
        locked(&self.shared.tries).clear();
    }

    #[must_use]
    pub fn logins(&self) -> u64 {
        self.shared.logins.load(Ordering::Relaxed)
    }

    /// Logins that were refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::Relaxed)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A page that waits: dropped when it passes, or when its caller is gone.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn at(gate: &'a AtomicUsize) -> Self {
        gate.fetch_add(1, Ordering::Relaxed);
        Self(gate)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn login(State(shared): State<Arc<Shared>>, body: axum::Json<Value>) -> Response {
    let behaviour = locked(&shared.behaviour).clone();
    if body["password"] != behaviour.password.as_str() {
        shared.refused.fetch_add(1, Ordering::Relaxed);
        return (StatusCode::UNAUTHORIZED, "wrong password").into_response();
    }
    let number = shared.logins.fetch_add(1, Ordering::Relaxed) + 1;
    let token = format!("token-{number}-{}", dabir_core::new_id());
    let pages = behaviour.pages_a_token.unwrap_or(u64::MAX);
    locked(&shared.tokens).insert(token.clone(), pages);
    axum::Json(json!({ "data": { "token": token } })).into_response()
}

async fn students(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: axum::Json<Value>,
) -> Response {
    let behaviour = locked(&shared.behaviour).clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut asked = Asked {
        campus: text(&body["codePardis"]),
        term: text(&body["term"]),
        page: body["paging"]["pageNumber"].as_u64().unwrap_or(0),
        since: body["Filter"]["since"].as_str().map(str::to_owned),
        status: 200,
    };
    let size = body["paging"]["pageSize"].as_u64().unwrap_or(0);
    let response = answer(&shared, &behaviour, &headers, &asked, size).await;
    asked.status = response.status().as_u16();
    locked(&shared.asked).push(asked);
    response
}

async fn answer(
    shared: &Shared,
    behaviour: &Behaviour,
    headers: &HeaderMap,
    asked: &Asked,
    size: u64,
) -> Response {
    if !is_let_in(shared, headers) {
        return (StatusCode::UNAUTHORIZED, "who are you?").into_response();
    }
    if behaviour.gated {
        let _waiting = Waiting::at(&shared.waiting);
        let permit = shared.gate.acquire().await;
        permit.expect("the gate is never closed").forget();
    }
    tokio::time::sleep(behaviour.delay).await;
    if let Some((campus, status)) = &behaviour.broken
        && *campus == asked.campus
    {
        let status = StatusCode::from_u16(*status).expect("a status");
        return (
            status,
            "this campus is broken; your password is correct horse",
        )
            .into_response();
    }
    let said = behaviour.script.0.as_ref().and_then(|script| script(asked));
    let page = said.unwrap_or_else(|| page(behaviour, asked, size));
    match fault(shared, behaviour, asked) {
        None => json_response(page),
        Some(fault) => broken(fault, page).await,
    }
}

fn is_let_in(shared: &Shared, headers: &HeaderMap) -> bool {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let mut tokens = locked(&shared.tokens);
    let Some(left) = token.and_then(|token| tokens.get_mut(token)) else {
        return false;
    };
    let is_good = *left > 0;
    *left = left.saturating_sub(1);
    is_good
}

fn fault(shared: &Shared, behaviour: &Behaviour, asked: &Asked) -> Option<PageFault> {
    let mut tries = locked(&shared.tries);
    let key = (asked.campus.clone(), asked.term.clone(), asked.page);
    let tries = tries.entry(key).or_insert(0);
    let before = *tries;
    *tries += 1;
    let planned = behaviour.faults.iter();
    let hit =
        |planned: &&Planned| asked.page.is_multiple_of(planned.every) && before < planned.times;
    planned.filter(hit).map(|planned| planned.fault).next()
}

async fn broken(fault: PageFault, page: String) -> Response {
    match fault {
        PageFault::Throttle(seconds) => {
            let headers = [(header::RETRY_AFTER, seconds.to_string())];
            (StatusCode::TOO_MANY_REQUESTS, headers, "slowly").into_response()
        }
        PageFault::Status(status) => {
            let status = StatusCode::from_u16(status).expect("a status");
            (status, "oh no").into_response()
        }
        PageFault::Hang => {
            tokio::time::sleep(Duration::from_secs(3_600)).await;
            StatusCode::OK.into_response()
        }
        PageFault::Truncate => json_response(page[..page.len() / 2].to_owned()),
        PageFault::Html => {
            let headers = [(header::CONTENT_TYPE, "text/html")];
            (headers, "<html><h1>The service is busy</h1></html>").into_response()
        }
        PageFault::Partial => json_response(page.replacen('{', "{\"error\":\"only half\",", 1)),
        PageFault::NoList => json_response("{\"message\":\"later\"}".to_owned()),
    }
}

fn json_response(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// The students of one page, as JSON.
fn page(behaviour: &Behaviour, asked: &Asked, size: u64) -> String {
    let size = size.min(behaviour.most_rows);
    let is_new = |n: &u64| {
        asked
            .since
            .as_deref()
            .is_none_or(|since| time_of(behaviour, *n).as_str() >= since)
    };
    let here = (0..behaviour.rows).filter(|n| !behaviour.left.contains(n));
    let (total, first) = match asked.since {
        // Only a few are ever asked for so.
        Some(_) => (here.clone().filter(is_new).count() as u64, 0),
        None => (behaviour.rows - behaviour.left.len() as u64, 0),
    };
    let skipped = asked.page.saturating_sub(1) * size;
    let mut body = String::with_capacity(usize::try_from(size.min(10_000)).unwrap_or(0) * 300);
    body.push_str("{\"data\":[");
    let mut rows: Vec<u64> = match behaviour.left.is_empty() && asked.since.is_none() {
        true => (skipped..(skipped + size).min(behaviour.rows)).collect(),
        false => here
            .filter(is_new)
            .skip(usize::try_from(first + skipped).unwrap_or(usize::MAX))
            .take(usize::try_from(size).unwrap_or(usize::MAX))
            .collect(),
    };
    if behaviour.overlaps
        && let Some(first) = rows.first_mut()
    {
        *first = first.saturating_sub(1);
    }
    for (at, n) in rows.iter().enumerate() {
        if at > 0 {
            body.push(',');
        }
        row(&mut body, behaviour, asked, *n);
    }
    body.push(']');
    if behaviour.says_total {
        let _ = write!(body, ",\"totalCount\":{total}");
    }
    body.push('}');
    if let Some((old, new)) = &behaviour.renamed {
        body = body.replace(&format!("\"{old}\":"), &format!("\"{new}\":"));
    }
    body
}

/// When something of a student last changed: day by day with their version.
fn time_of(behaviour: &Behaviour, n: u64) -> String {
    let day = behaviour.changed.get(&n).copied().unwrap_or(0) + 1;
    format!("2026-11-{day:02}T00:00:00Z")
}

fn row(body: &mut String, behaviour: &Behaviour, asked: &Asked, n: u64) {
    let Asked { campus, term, .. } = asked;
    let version = behaviour.changed.get(&n).copied().unwrap_or(0);
    body.push('{');
    if !behaviour.nameless.contains(&n) {
        let _ = write!(body, "\"studentnum\":\"{campus}{term}{n:08}\",");
    }
    let age = 18 + n % 30;
    let quote = if behaviour.texts.contains(&n) {
        "\""
    } else {
        ""
    };
    let _ = write!(
        body,
        "\"firstName\":\"علی {n}\",\"lastName\":\"رضایی {version}\",\"age\":{quote}{age}{quote},\
         \"gpa\":{}.{:02},\"campus\":\"{campus}\",\"term\":\"{term}\",\"updated_at\":\"{}\"",
        10 + n % 10,
        n % 100,
        time_of(behaviour, n),
    );
    if let Some(column) = &behaviour.new_column {
        let _ = write!(body, ",\"{column}\":{n}");
    }
    for column in 0..behaviour.columns {
        let _ = write!(body, ",\"c{column}\":\"value {n} of {column}\"");
    }
    body.push('}');
}
