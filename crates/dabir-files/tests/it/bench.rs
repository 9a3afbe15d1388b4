//! What the tests of files stand on: a database, a storage, people, and a worker in a hurry.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use dabir_core::{Clock, Current, Events};
use dabir_db::Db;
use dabir_files::{
    File, FileState, Files, FilesConfig, FilesSetup, Helper, Objects, StorageConfig, Subjects,
};
use dabir_http::{Identity, Role};
use dabir_jobs::worker::{Pace, Worker};
use dabir_jobs::{Handlers, Jobs, JobsConfig, Metrics};
use dabir_testing::Postgres;
use http_body_util::BodyExt;
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::s3;

/// Each scenario as a test of a small house and of one of many servers.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod folder_and_sqlite { $(#[tokio::test(flavor = "multi_thread")] async fn $name() {
            super::$name(crate::bench::Bench::small().await).await;
        })* }
        mod s3_and_postgres { $(#[tokio::test(flavor = "multi_thread")] async fn $name() {
            super::$name(crate::bench::Bench::large().await).await;
        })* }
    };
}

const HURRY: Pace = Pace {
    beat: Duration::from_millis(50),
    lease: Duration::from_secs(5),
    drain: Duration::from_millis(100),
    grace: Duration::from_millis(500),
};

pub(crate) struct Bench {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) events: Events,
    pub(crate) jobs: Jobs,
    pub(crate) objects: Objects,
    pub(crate) files: Files,
    pub(crate) folder: tempfile::TempDir,
    _postgres: Option<Postgres>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// A task `t1` that sara sees and ali changes.
struct Tasks;

#[async_trait]
impl Subjects for Tasks {
    async fn seen(&self, who: &Identity, kind: &str, ids: &[&str]) -> Result<Vec<String>, DbErr> {
        let is_seen = kind == "task" && matches!(&*who.name, "ali" | "sara");
        let seen = ids.iter().filter(|id| is_seen && **id == "t1");
        Ok(seen.map(|id| (*id).to_owned()).collect())
    }

    async fn readers(
        &self,
        kind: &str,
        ids: &[&str],
    ) -> Result<HashMap<String, Vec<String>>, DbErr> {
        let there = ids.iter().filter(|id| (kind, **id) == ("task", "t1"));
        Ok(there
            .map(|id| ((*id).to_owned(), vec!["everyone".to_owned()]))
            .collect())
    }

    fn most(&self, _: &str) -> usize {
        1
    }

    async fn may_change(&self, who: &Identity, kind: &str, id: &str) -> bool {
        (kind, id) == ("task", "t1") && who.name == "ali"
    }
}

impl Bench {
    pub(crate) async fn small() -> Self {
        Self::open(None, FilesConfig::default(), false).await
    }

    pub(crate) async fn large() -> Self {
        Self::open(Some(Postgres::start()), FilesConfig::default(), true).await
    }

    pub(crate) async fn with(config: FilesConfig) -> Self {
        Self::open(None, config, false).await
    }

    async fn open(postgres: Option<Postgres>, config: FilesConfig, in_s3: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = postgres.as_ref().map_or(String::new(), Postgres::database);
        let db = Db::open(&url, folder.path()).await.unwrap();
        let clock = Clock::fixed("2026-11-22T10:00:00Z".parse().unwrap());
        let events = Events::new(clock.clone());
        let storage = if in_s3 {
            let endpoint = s3::serve(folder.path()).await;
            StorageConfig {
                url: format!("s3://{}?endpoint={endpoint}", s3::BUCKET),
                access_key_id: s3::KEY.to_owned(),
                secret_access_key: dabir_core::Secret::new(s3::SECRET),
            }
        } else {
            StorageConfig::default()
        };
        let objects = Objects::open(&storage, folder.path()).unwrap();
        // The queue has a clock that goes: workers wait by it.
        let jobs = Jobs::new(db.clone(), Clock::system(), events.clone());
        let setup = FilesSetup {
            db: db.clone(),
            clock: clock.clone(),
            events: events.clone(),
            jobs: jobs.clone(),
            config,
            objects: objects.clone(),
            helper: helper(),
            subjects: Arc::new(Tasks),
            scratch: folder.path().join("tmp"),
        };
        Self {
            files: Files::new(setup),
            db,
            clock,
            events,
            jobs,
            objects,
            folder,
            _postgres: postgres,
        }
    }

    /// Another server on the same database and storage.
    pub(crate) fn other_server(&self) -> Files {
        Files::new(FilesSetup {
            db: self.db.clone(),
            clock: self.clock.clone(),
            events: Events::new(self.clock.clone()),
            jobs: Jobs::new(self.db.clone(), Clock::system(), Events::default()),
            config: FilesConfig::default(),
            objects: self.objects.clone(),
            helper: helper(),
            subjects: Arc::new(Tasks),
            scratch: self.folder.path().join("tmp"),
        })
    }

    pub(crate) fn router(&self) -> Router {
        router(&self.files)
    }

    pub(crate) async fn ask(&self, request: Request) -> Answer {
        ask(&self.files, request).await
    }

    pub(crate) async fn get(&self, who: &str, path: &str) -> Answer {
        self.ask(request(who, Method::GET, path).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn json(&self, who: &str, method: Method, path: &str, body: &Value) -> Answer {
        let request = request(who, method, path).header("content-type", "application/json");
        self.ask(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    /// Uploads a whole file as ali.
    pub(crate) async fn upload(&self, name: &str, bytes: &[u8]) -> File {
        self.upload_as("ali", name, bytes).await
    }

    pub(crate) async fn upload_as(&self, who: &str, name: &str, bytes: &[u8]) -> File {
        let created = crate::uploads::create(self, who, name, bytes.len(), bytes).await;
        assert_eq!(created.status, StatusCode::CREATED, "{created:?}");
        let id = crate::uploads::id_of(&created);
        self.file(who, &id).await
    }

    pub(crate) async fn file(&self, who: &str, id: &str) -> File {
        let answer = self.get(who, &format!("/api/v1/files/{id}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// Works until the file's analysis has ended.
    pub(crate) async fn analysed(&self, id: &str) -> File {
        let handlers = self.files.handlers(Handlers::builder()).build();
        let config = Current::from(JobsConfig::default());
        let worker = Worker::new(self.jobs.clone(), handlers, config, Metrics::default());
        let cancel = CancellationToken::new();
        let working = tokio::spawn(worker.paced(HURRY).run(cancel.clone()));
        let limit = Duration::from_secs(120);
        let file = dabir_testing::eventually("the analysis", limit, async || {
            let file = self.file("ali", id).await;
            let is_end = matches!(file.state, FileState::Analysed | FileState::Failed);
            is_end.then_some(file)
        })
        .await;
        cancel.cancel();
        working.await.unwrap();
        file
    }

    pub(crate) async fn execute(&self, sql: &str) {
        let tx = self.db.write().await.unwrap();
        tx.execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The first column of what a question answers.
    pub(crate) async fn column(&self, sql: &str) -> Vec<String> {
        let statement = sea_orm::Statement::from_string(self.db.read().get_database_backend(), sql);
        let rows = self.db.read().query_all_raw(statement).await.unwrap();
        rows.iter()
            .map(|row| row.try_get_by_index(0).unwrap())
            .collect()
    }

    /// Every file that the storage has.
    pub(crate) fn stored(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.folder.path().join("files")];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                } else if !name.starts_with('.') {
                    files.push(entry.path());
                }
            }
        }
        files
    }
}

/// The helper that was built with this test.
pub(crate) fn helper() -> Helper {
    let test = std::env::current_exe().unwrap();
    let program = test
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join("dabir-extract");
    assert!(
        program.exists(),
        "it is missing; run `cargo build -p dabir-extract`"
    );
    Helper::at(program)
}

/// The API as somebody who signed in calls it: `x-who` says who.
pub(crate) fn router(files: &Files) -> Router {
    let (router, _) = dabir_files::routes()
        .with_state(files.clone())
        .split_for_parts();
    router.layer(middleware::from_fn(sign_in))
}

async fn sign_in(mut request: Request, next: Next) -> Response {
    let who = request
        .headers()
        .get("x-who")
        .map_or("ali", |who| who.to_str().unwrap());
    let role = match who {
        "root" => Role::Admin,
        "guest" => Role::Participant,
        _ => Role::Writer,
    };
    let identity = Identity::of(who, role);
    request.extensions_mut().insert(identity);
    next.run(request).await
}

pub(crate) async fn ask(files: &Files, request: Request) -> Answer {
    let response = router(files).oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    Answer {
        status: head.status,
        headers: head.headers,
        body: body.collect().await.unwrap().to_bytes().to_vec(),
    }
}

pub(crate) fn request(who: &str, method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("x-who", who)
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or("").to_owned()
    }
}
