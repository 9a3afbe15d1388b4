//! What the tests of tasks stand on: a database, people who are known by their names, and a router.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::Request as AxumRequest;
use axum::http::{Request, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use dabir_core::{Clock, Events, Timestamp};
use dabir_db::Db;
use dabir_db::outbox::{self, Said};
use dabir_http::{Identity, Role};
use dabir_testing::Postgres;
use dabir_writing::{Doer, File, Files, People, Person, Tasks, TasksSetup};
use jiff::tz::TimeZone;
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::{Value, json};
use tower::ServiceExt;

/// An installation without a server.
pub(crate) struct Bench {
    pub(crate) tasks: Tasks,
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) events: Events,
    /// How often it was asked who somebody is.
    pub(crate) asked: Arc<AtomicUsize>,
    router: Router,
    _folder: tempfile::TempDir,
    _postgres: Option<Postgres>,
}

/// Everybody is who their id says, `blocked` and `participant` among them; who begins with `no` is not.
struct House(Arc<AtomicUsize>);

#[async_trait]
impl People for House {
    async fn by_ids(&self, ids: &[&str]) -> Result<Vec<Person>, DbErr> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let known = ids.iter().filter(|id| !id.starts_with("no"));
        Ok(known.map(|id| person(id)).collect())
    }

    async fn search(&self, query: &str, limit: usize) -> Result<Vec<Person>, DbErr> {
        let all = ["ali", "sara", "blocked", "participant"];
        let found = all.iter().filter(|id| id.contains(query));
        Ok(found.take(limit).map(|id| person(id)).collect())
    }
}

fn person(id: &str) -> Person {
    Person {
        id: id.to_owned(),
        name: format!("The {id} one"),
        role: Role::parse(id).unwrap_or(Role::Writer),
        is_blocked: id == "blocked",
    }
}

/// Every file is there whose id begins with `f`.
struct Shelf;

#[async_trait]
impl Files for Shelf {
    async fn by_ids(&self, ids: &[&str]) -> Result<Vec<File>, DbErr> {
        let there = ids.iter().filter(|id| id.starts_with('f'));
        let file = |id: &&str| File {
            id: (*id).to_owned(),
            name: format!("{id}.pdf"),
            size_bytes: 7,
            state: "ready".to_owned(),
        };
        Ok(there.map(file).collect())
    }

    async fn held_by(&self, _: &Doer, ids: &[&str]) -> Result<Vec<String>, DbErr> {
        let there = ids.iter().filter(|id| id.starts_with('f'));
        Ok(there.map(|id| (*id).to_owned()).collect())
    }

    async fn attach(
        &self,
        _: &DatabaseTransaction,
        _: Timestamp,
        _: &str,
        _: &[String],
    ) -> Result<(), DbErr> {
        Ok(())
    }
}

/// Whoever a request says that it is: `sara` is a writer, `auditor` an auditor.
async fn let_in(mut request: AxumRequest, next: Next) -> Response {
    let name = request.headers().get("x-as").map(|name| name.to_str());
    if let Some(Ok(name)) = name {
        let role = Role::parse(name).unwrap_or(Role::Writer);
        let identity = Identity::of(name, role);
        request.extensions_mut().insert(identity);
    }
    next.run(request).await
}

impl Bench {
    pub(crate) async fn open(postgres: Option<Postgres>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = postgres.as_ref().map_or(String::new(), Postgres::database);
        let db = Db::open(&url, folder.path()).await.unwrap();
        // A Wednesday, 10:00 in Tehran.
        let clock = Clock::fixed("2026-11-18T06:30:00Z".parse().unwrap());
        let events = Events::default();
        let asked = Arc::new(AtomicUsize::new(0));
        let tasks = Tasks::new(TasksSetup {
            db: db.clone(),
            clock: clock.clone(),
            events: events.clone(),
            people: Arc::new(House(Arc::clone(&asked))),
            files: Arc::new(Shelf),
            timezone: TimeZone::get("Asia/Tehran").unwrap(),
        });
        let (router, _) = dabir_writing::tasks::routes()
            .with_state(tasks.clone())
            .split_for_parts();
        Self {
            tasks,
            db,
            clock,
            events,
            asked,
            router: router.layer(from_fn(let_in)),
            _folder: folder,
            _postgres: postgres,
        }
    }

    /// Status and body of a request; `path` begins after `/api/v1/tasks`.
    pub(crate) async fn ask(
        &self,
        who: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let request = Request::builder().method(method).header("x-as", who);
        self.send(request, path, body).await
    }

    /// A change of a task that was looked at.
    pub(crate) async fn ask_if(
        &self,
        tag: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let request = Request::builder().method(method).header("x-as", "ali");
        let request = request.header(header::IF_MATCH, tag);
        self.send(request, path, body).await
    }

    async fn send(
        &self,
        request: axum::http::request::Builder,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let request = request
            .uri(format!("/api/v1/tasks{path}"))
            .header(header::CONTENT_TYPE, "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let response = self.router.clone().oneshot(request.body(body).unwrap());
        let (head, body) = response.await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 24).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        (head.status, body)
    }

    /// What is asked has to be done; `ali` asks.
    pub(crate) async fn done(&self, method: &str, path: &str, body: Value) -> Value {
        let body = (!body.is_null()).then_some(body);
        let (status, answer) = self.ask("ali", method, path, body).await;
        assert!(status.is_success(), "{method} {path}: {answer}");
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.done("GET", path, Value::Null).await
    }

    /// A new task with this title and these fields.
    pub(crate) async fn make(&self, title: &str, mut fields: Value) -> Value {
        fields["title"] = json!(title);
        self.done("POST", "", fields).await
    }

    /// The titles of a list.
    pub(crate) async fn titles(&self, query: &str) -> Vec<String> {
        let page = self.get(&format!("?{query}")).await;
        words(&page["items"], "title")
    }

    /// What was said to be told, and is not taken yet.
    pub(crate) async fn said(&self) -> Vec<Said> {
        let tx = self.db.write().await.unwrap();
        let said = outbox::take(&tx, 10_000).await.unwrap();
        tx.commit().await.unwrap();
        said
    }

    pub(crate) fn advance(&self, seconds: u64) -> Timestamp {
        self.clock.advance(std::time::Duration::from_secs(seconds));
        self.clock.now()
    }
}

/// One field of each of a list.
pub(crate) fn words(list: &Value, field: &str) -> Vec<String> {
    let items = list.as_array().unwrap().iter();
    items
        .map(|item| match &item[field] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
        .collect()
}

pub(crate) fn id(task: &Value) -> &str {
    task["id"].as_str().unwrap()
}
