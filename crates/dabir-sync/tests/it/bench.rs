//! What the tests of sync stand on: a database, a gateway, and a worker in a hurry.

use std::time::Duration;

use dabir_core::{Actor, ActorKind, Clock, Current, Events};
use dabir_db::{Db, Sealer, Secrets, outbox};
use dabir_http::Egress;
use dabir_jobs::worker::{Pace as WorkerPace, Worker};
use dabir_jobs::{Handlers, Jobs, JobsConfig, Metrics};
use dabir_sync::{Mode, Pace, Run, RunDetail, Source, Status, Syncs, SyncsSetup};
use dabir_testing::Postgres;
use dabir_testing::gateway::{Behaviour, Gateway};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A worker that notices in a second what another notices in ten.
const HURRY: WorkerPace = WorkerPace {
    beat: Duration::from_millis(50),
    lease: Duration::from_millis(800),
    drain: Duration::from_millis(100),
    grace: Duration::from_millis(500),
};

pub(crate) struct Bench {
    pub(crate) gateway: Gateway,
    pub(crate) db: Db,
    pub(crate) jobs: Jobs,
    pub(crate) events: Events,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) _postgres: Option<Postgres>,
}

/// A worker that runs, until it is told to end.
pub(crate) struct Working {
    db: Db,
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl Bench {
    pub(crate) async fn open(postgres: Option<Postgres>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = postgres.as_ref().map_or(String::new(), Postgres::database);
        let db = Db::open(&url, folder.path()).await.unwrap();
        let events = Events::default();
        Self {
            gateway: Gateway::start(Behaviour::default()).await,
            jobs: Jobs::new(db.clone(), Clock::system(), events.clone()),
            db,
            events,
            folder,
            _postgres: postgres,
        }
    }

    /// Sync as a process has it whose file names these sources.
    pub(crate) fn syncs(&self, in_file: Vec<Source>) -> Syncs {
        self.syncs_with(in_file, Egress::default())
    }

    pub(crate) fn syncs_with(&self, in_file: Vec<Source>, egress: Egress) -> Syncs {
        self.process(in_file, egress, &self.events)
    }

    /// Sync as another process has it, with listeners of its own.
    pub(crate) fn process(&self, in_file: Vec<Source>, egress: Egress, events: &Events) -> Syncs {
        let path = std::env::var_os("PATH").unwrap_or_default();
        Syncs::new(SyncsSetup {
            db: self.db.clone(),
            clock: Clock::system(),
            events: events.clone(),
            jobs: self.jobs.clone(),
            sealer: Sealer::load(&Secrets::of(self.folder.path())).unwrap(),
            egress,
            sources: in_file,
            environment: vec![("PATH".into(), path)],
            pace: Pace {
                first: Duration::from_millis(5),
                most: Duration::from_millis(50),
            },
        })
    }

    /// Two campuses in two terms, asked in pages of ten.
    pub(crate) fn students(&self) -> Source {
        self.source(&json!({}))
    }

    /// The same, with these keys otherwise.
    pub(crate) fn source(&self, other: &Value) -> Source {
        let mut source = json!({
            "name": "students", "table": "Students", "key": ["studentnum"],
            "request": { "method": "POST", "url": self.gateway.url() },
            "body": {
                "codePardis": "{campus}", "term": "{term}",
                "paging": { "pageNumber": "{page}", "pageSize": "{page_size}" }, "Filter": {},
            },
            "login": {
                "url": self.gateway.login_url(), "token": "data.token",
                "body": { "userName": "dabir", "password": "correct horse" },
            },
            "records": "data", "total": "totalCount", "page_size": 50,
            "partitions": { "campus": ["1100", "1101"], "term": ["4001", "4002"] },
            "request_timeout": "5s", "retries": 3,
        });
        for (name, value) in other.as_object().unwrap() {
            source[name] = value.clone();
        }
        serde_json::from_value(source).unwrap()
    }

    pub(crate) fn work(&self, syncs: &Syncs) -> Working {
        let config = JobsConfig::default();
        let handlers = syncs.handlers(Handlers::builder()).build();
        let worker = Worker::new(
            self.jobs.clone(),
            handlers,
            Current::from(config),
            Metrics::default(),
        );
        let cancel = CancellationToken::new();
        Working {
            db: self.db.clone(),
            task: tokio::spawn(worker.paced(HURRY).run(cancel.clone())),
            cancel,
        }
    }

    /// Starts a run and waits for its end.
    pub(crate) async fn sync(&self, syncs: &Syncs, mode: Mode) -> RunDetail {
        let run = syncs.sync(&operator(), "students", mode).await.unwrap();
        self.ended(syncs, run.id).await
    }

    pub(crate) async fn ended(&self, syncs: &Syncs, id: i64) -> RunDetail {
        let run = self.until(syncs, id, |run| run.status.is_end()).await;
        // Its log is whole when its job has ended too.
        let job = run.job_id.unwrap();
        let limit = Duration::from_secs(20);
        dabir_testing::eventually("the job's end", limit, async || {
            let job = self.jobs.get(job).await.unwrap();
            job.state.is_end().then_some(())
        })
        .await;
        syncs.run_detail(id).await.unwrap()
    }

    pub(crate) async fn until(&self, syncs: &Syncs, id: i64, is_so: impl Fn(&Run) -> bool) -> Run {
        let mut last = None;
        for _ in 0..6_000 {
            let run = syncs.get_run(id).await.unwrap();
            if is_so(&run) {
                return run;
            }
            last = Some(run);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let job = self.jobs.get(last.as_ref().unwrap().job_id.unwrap()).await;
        panic!("the run stays {last:?} of {job:?}");
    }

    /// Waits until every notice is marked as told.
    pub(crate) async fn told(&self) {
        let limit = Duration::from_secs(20);
        dabir_testing::eventually("all is told", limit, async || {
            let untold = self
                .number("SELECT COUNT(*) FROM sync_notice WHERE NOT told")
                .await;
            (untold == 0).then_some(())
        })
        .await;
    }

    /// What was said until now and nobody took yet.
    pub(crate) async fn said(&self) -> Vec<outbox::Said> {
        let tx = self.db.write().await.unwrap();
        let said = outbox::take(&tx, 1_000).await.unwrap();
        tx.commit().await.unwrap();
        said
    }

    pub(crate) async fn execute(&self, sql: &str) {
        let tx = self.db.write().await.unwrap();
        tx.execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The one number that a question answers.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let statement = sea_orm::Statement::from_string(self.db.read().get_database_backend(), sql);
        let row = self.db.read().query_one_raw(statement).await.unwrap();
        row.unwrap().try_get_by_index(0).unwrap()
    }

    pub(crate) async fn text(&self, sql: &str) -> Option<String> {
        let statement = sea_orm::Statement::from_string(self.db.read().get_database_backend(), sql);
        let row = self.db.read().query_one_raw(statement).await.unwrap();
        row.unwrap().try_get_by_index(0).unwrap()
    }

    /// How many rows the table has that are not gone.
    pub(crate) async fn rows(&self) -> i64 {
        self.number("SELECT COUNT(*) FROM \"Students\" WHERE _deleted_at IS NULL")
            .await
    }
}

impl Working {
    pub(crate) async fn end(self) {
        self.cancel.cancel();
        self.task.await.unwrap();
    }

    /// As if its process were killed: nothing is given back, no row removed.
    pub(crate) async fn kill(self) {
        let turn = self.db.write().await.unwrap();
        self.kill_in(turn).await;
    }

    /// The same, for somebody who holds the turn to write. An attempt outlives its worker's task, so
    /// that the claim is taken from it: nothing that it does from here on counts.
    pub(crate) async fn kill_in(self, turn: DatabaseTransaction) {
        let sql = "UPDATE job SET token = 'nobody' WHERE state = 'running'";
        turn.execute_unprepared(sql).await.unwrap();
        turn.commit().await.unwrap();
        self.task.abort();
        let _ = self.task.await;
    }
}

pub(crate) fn operator() -> Actor {
    Actor::here(ActorKind::User, "an operator")
}

pub(crate) fn succeeded(detail: &RunDetail) {
    assert_eq!(detail.run.status, Status::Success, "{detail:#?}");
}
