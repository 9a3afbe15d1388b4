//! What the tests of documents stand on: a database, people who are known by their names, a router, and
//! as many servers as are wanted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::Request as AxumRequest;
use axum::http::{Request, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use bytes::Bytes;
use dabir_core::{Actor, ActorKind, Clock, Events, Timestamp};
use dabir_db::Db;
use dabir_db::outbox::{self, Said};
use dabir_http::{Identity, Role};
use dabir_testing::Postgres;
use dabir_writing::documents::{self, Picture, Pictures, Who};
use dabir_writing::people::Doer;
use dabir_writing::{Documents, DocumentsSetup, People, Person};
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::{Value, json};
use tower::ServiceExt;

/// An installation without a server.
pub(crate) struct Bench {
    pub(crate) documents: Documents,
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) router: Router,
    folder: tempfile::TempDir,
    url: String,
    _postgres: Option<Postgres>,
}

/// Everybody is who their id says, `blocked` and `participant` among them; who begins with `no` is not.
struct House;

#[async_trait]
impl People for House {
    async fn by_ids(&self, ids: &[&str]) -> Result<Vec<Person>, DbErr> {
        let known = ids
            .iter()
            .filter(|id| !id.starts_with("no") && !id.contains('\0'));
        Ok(known.map(|id| person(id)).collect())
    }

    async fn search(&self, _: &str, _: usize) -> Result<Vec<Person>, DbErr> {
        Ok(Vec::new())
    }
}

fn person(id: &str) -> Person {
    Person {
        id: id.to_owned(),
        name: format!("The {id} one"),
        role: role(id),
        is_blocked: id == "blocked",
    }
}

/// `guest` takes part, `boss` is an admin; everybody else is what they are called, or a writer.
fn role(id: &str) -> Role {
    match id {
        "guest" => Role::Participant,
        "boss" => Role::Admin,
        id => Role::parse(id).unwrap_or(Role::Writer),
    }
}

/// Keeps pictures in memory.
#[derive(Default)]
struct Album(Mutex<HashMap<String, Bytes>>);

#[async_trait]
impl Pictures for Album {
    async fn keep(&self, _: &Doer, _: &str, _: &str, bytes: Bytes) -> Option<String> {
        let mut album = self.0.lock().unwrap();
        let id = format!("f{}", album.len());
        album.insert(id.clone(), bytes);
        Some(id)
    }

    async fn show(&self, _: &str, file: &str) -> Option<Picture> {
        let bytes = self.0.lock().unwrap().get(file)?.clone();
        let media_type = "image/png".to_owned();
        Some(Picture { media_type, bytes })
    }

    async fn share(
        &self,
        _: &DatabaseTransaction,
        _: Timestamp,
        _: &str,
        _: &str,
        _: &[String],
    ) -> Result<(), DbErr> {
        Ok(())
    }
}

/// Whoever a request says that it is.
async fn let_in(mut request: AxumRequest, next: Next) -> Response {
    let name = request.headers().get("x-as").map(|name| name.to_str());
    if let Some(Ok(name)) = name {
        let identity = Identity::of(name, role(name));
        request.extensions_mut().insert(identity);
    }
    next.run(request).await
}

/// Somebody who acts without a request.
pub(crate) fn who(name: &str) -> Who {
    let actor = Actor {
        id: name.to_owned(),
        ..Actor::here(ActorKind::User, name)
    };
    Who::new(actor, &Identity::of(name, role(name)))
}

pub(crate) fn service(db: &Db, clock: &Clock) -> Documents {
    Documents::new(DocumentsSetup {
        db: db.clone(),
        clock: clock.clone(),
        events: Events::default(),
        people: Arc::new(House),
        pictures: Some(Arc::new(Album::default())),
    })
}

impl Bench {
    pub(crate) async fn open(postgres: Option<Postgres>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = postgres.as_ref().map_or(String::new(), Postgres::database);
        let db = Db::open(&url, folder.path()).await.unwrap();
        let clock = Clock::fixed("2026-11-18T06:30:00Z".parse().unwrap());
        let documents = service(&db, &clock);
        let (router, _) = documents::routes()
            .with_state(documents.clone())
            .split_for_parts();
        let pages = documents::published().with_state(documents.clone());
        Self {
            documents,
            db,
            clock,
            router: router.merge(pages).layer(from_fn(let_in)),
            folder,
            url,
            _postgres: postgres,
        }
    }

    /// Another server of the same database.
    pub(crate) async fn another(&self) -> Documents {
        let db = Db::open(&self.url, self.folder.path()).await.unwrap();
        service(&db, &self.clock)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> (StatusCode, Bytes) {
        let (head, body) = self.response(request).await.into_parts();
        (
            head.status,
            axum::body::to_bytes(body, 1 << 26).await.unwrap(),
        )
    }

    pub(crate) async fn response(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Status and body of a request; `path` begins after `/api/v1/documents`.
    pub(crate) async fn ask(
        &self,
        who: &str,
        method: &str,
        path: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(plain(&format!("/api/v1/documents{path}")))
            .header("x-as", who)
            .header(header::CONTENT_TYPE, "application/json");
        let body = match body {
            Value::Null => Body::empty(),
            body => Body::from(body.to_string()),
        };
        let (status, bytes) = self.send(request.body(body).unwrap()).await;
        let text = || Value::from(String::from_utf8_lossy(&bytes).into_owned());
        (
            status,
            serde_json::from_slice(&bytes).unwrap_or_else(|_| text()),
        )
    }

    /// What is asked has to be done; `ali` asks.
    pub(crate) async fn done(&self, method: &str, path: &str, body: Value) -> Value {
        self.done_by("ali", method, path, body).await
    }

    pub(crate) async fn done_by(&self, who: &str, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(who, method, path, body).await;
        assert!(status.is_success(), "{who} {method} {path}: {answer}");
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.done("GET", path, Value::Null).await
    }

    /// Somebody is refused, with this code.
    pub(crate) async fn refused(&self, who: &str, method: &str, path: &str, body: Value) -> String {
        let (status, answer) = self.ask(who, method, path, body).await;
        assert!(
            status.is_client_error(),
            "{who} {method} {path}: {status} {answer}"
        );
        answer["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The id of a new document of Ali's.
    pub(crate) async fn make(&self, title: &str, text: &str) -> String {
        let made = self.done("POST", "", json!({ "title": title, "text": text }));
        made.await["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn text(&self, id: &str) -> String {
        let text = self.get(&format!("/{id}/content?format=text")).await;
        match text {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }

    /// Shares a document of Ali's.
    pub(crate) async fn share(&self, path: &str, grantee: &str, right: &str) {
        let grants = json!({ "grants": [{ "grantee": grantee, "right": right }] });
        self.done("PUT", &format!("{path}/access"), grants).await;
    }

    /// The titles of a list.
    pub(crate) async fn titles(&self, who: &str, query: &str) -> Vec<String> {
        let page = self
            .done_by(who, "GET", &format!("?{query}"), Value::Null)
            .await;
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|item| item["title"].as_str().unwrap().to_owned())
            .collect()
    }

    /// What was said to be told, and is not taken yet.
    pub(crate) async fn said(&self) -> Vec<Said> {
        let tx = self.db.write().await.unwrap();
        let said = outbox::take(&tx, 10_000).await.unwrap();
        tx.commit().await.unwrap();
        said
    }
}

/// A path in signs that a request may have.
fn plain(path: &str) -> String {
    path.chars().fold(String::new(), |mut out, c| {
        match c.is_ascii_graphic() {
            true => out.push(c),
            false => {
                let mut bytes = [0; 4];
                let bytes = c.encode_utf8(&mut bytes).bytes();
                bytes.for_each(|byte| out.push_str(&format!("%{byte:02X}")));
            }
        }
        out
    })
}
