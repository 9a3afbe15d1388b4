//! What the tests of telling others stand on: a database, a clock that the test moves, a worker.

use std::sync::Arc;
use std::time::Duration;

use dabir_core::{Actor, ActorKind, Clock, Current, Events, Timestamp};
use dabir_db::outbox::{self, Happening};
use dabir_db::{Db, Sealer, Secrets};
use dabir_http::Egress;
use dabir_jobs::worker::{Pace, Worker};
use dabir_jobs::{Handlers, JobFilter, JobState, Jobs, JobsConfig, Metrics};
use dabir_notify::{
    Contact, DeliveryDetail, DeliveryFilter, DeliveryState, Language, Made, MailConfig, NewWebhook,
    Notify, NotifySetup, People, SmsConfig, WebhookState,
};
use dabir_testing::Postgres;
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::receiver::Receiver;

/// A worker that notices in a second what another notices in ten.
const HURRY: Pace = Pace {
    beat: Duration::from_millis(50),
    lease: Duration::from_millis(800),
    drain: Duration::from_millis(100),
    grace: Duration::from_millis(200),
};
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct Bench {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) events: Events,
    pub(crate) jobs: Jobs,
    pub(crate) notify: Notify,
    folder: tempfile::TempDir,
    _postgres: Option<Postgres>,
}

/// A worker that runs, until it is told to end.
pub(crate) struct Working {
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

/// Two people, the first of whom looks after the house.
pub(crate) struct House;

pub(crate) const REZA: &str = "reza";
pub(crate) const SARA: &str = "sara";

#[async_trait::async_trait]
impl People for House {
    async fn find(&self, ids: &[String]) -> Result<Vec<Contact>, DbErr> {
        let known = [(REZA, "رضا", Language::Fa), (SARA, "Sara", Language::En)];
        let known = known.into_iter().map(|(id, name, language)| Contact {
            id: id.to_owned(),
            name: name.to_owned(),
            email: format!("{id}@example.org"),
            language,
        });
        Ok(known.filter(|person| ids.contains(&person.id)).collect())
    }

    async fn admins(&self) -> Result<Vec<String>, DbErr> {
        Ok(vec![REZA.to_owned()])
    }
}

impl Bench {
    pub(crate) async fn open(postgres: Option<Postgres>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = postgres.as_ref().map_or(String::new(), Postgres::database);
        let db = Db::open(&url, folder.path()).await.unwrap();
        let clock = Clock::fixed("2026-11-22T09:00:00Z".parse().unwrap());
        let events = Events::new(clock.clone());
        let jobs = Jobs::new(db.clone(), clock.clone(), events.clone());
        let setup = setup(&db, &clock, &events, &jobs, folder.path());
        let notify = Notify::new(setup).unwrap();
        Self {
            notify,
            db,
            clock,
            events,
            jobs,
            folder,
            _postgres: postgres,
        }
    }

    /// Telling others as another process has it.
    pub(crate) fn another(&self) -> (Events, Notify) {
        let events = Events::new(self.clock.clone());
        let setup = setup(
            &self.db,
            &self.clock,
            &events,
            &self.jobs,
            self.folder.path(),
        );
        (events, Notify::new(setup).unwrap())
    }

    /// The same house with this configuration.
    pub(crate) fn with(self, mail: MailConfig, sms: SmsConfig) -> Self {
        let setup = NotifySetup {
            mail,
            sms,
            ..setup(
                &self.db,
                &self.clock,
                &self.events,
                &self.jobs,
                self.folder.path(),
            )
        };
        let notify = Notify::new(setup).unwrap();
        Self { notify, ..self }
    }

    pub(crate) fn work(&self) -> Working {
        let handlers = self.notify.handlers(Handlers::builder()).build();
        let config = Current::from(JobsConfig::default());
        let worker = Worker::new(self.jobs.clone(), handlers, config, Metrics::default());
        let cancel = CancellationToken::new();
        Working {
            task: tokio::spawn(worker.paced(HURRY).run(cancel.clone())),
            cancel,
        }
    }

    /// A webhook that leads to `receiver`.
    pub(crate) async fn webhook(&self, receiver: &Receiver, events: &[&str]) -> Made {
        let new = NewWebhook {
            url: receiver.url(),
            events: events.iter().map(ToString::to_string).collect(),
            description: String::new(),
        };
        self.notify.create_webhook(&operator(), new).await.unwrap()
    }

    /// Says that the task number `n` is done.
    pub(crate) async fn say(&self, n: u64) {
        self.say_that("task.completed", n, &[]).await;
    }

    pub(crate) async fn say_that(&self, event: &'static str, n: u64, concerns: &[&str]) {
        let tx = self.db.write().await.unwrap();
        let happening = Happening {
            event,
            subject_kind: "task",
            subject_id: format!("t{n}"),
            subject_name: format!("Task {n}"),
            data: json!({ "n": n, "title": format!("Task {n}") }),
            concerns: concerns.iter().map(ToString::to_string).collect(),
        };
        outbox::say(&tx, self.clock.now(), &operator(), happening)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Has all told that is due, and waits until no job is left to do. What comes while a job ends is
    /// found at the next look, as the loop does it.
    pub(crate) async fn settle(&self) {
        let living = JobFilter {
            state: vec![JobState::Queued, JobState::Running],
            ..JobFilter::default()
        };
        dabir_testing::eventually("all jobs are done", LIMIT, async || {
            self.notify.look().await.unwrap();
            let is_done = self.jobs.count(&living).await.unwrap() == 0 && !self.is_any_due().await;
            is_done.then_some(())
        })
        .await;
    }

    async fn is_any_due(&self) -> bool {
        let now = self.clock.now();
        let webhooks = self.notify.list_webhooks().await.unwrap();
        let on = webhooks.iter().filter(|one| one.state == WebhookState::On);
        on.filter_map(|one| one.next_at).any(|due| due <= now)
    }

    /// Moves the clock to `at`, unless it is there.
    pub(crate) fn wait_until(&self, at: Timestamp) {
        if at > self.clock.now() {
            self.clock.set(at);
        }
    }

    /// All deliveries of a webhook, the oldest first, with their logs.
    pub(crate) async fn deliveries(&self, id: &str) -> Vec<DeliveryDetail> {
        let filter = DeliveryFilter::default();
        let page = self.notify.list_deliveries(id, &filter, None, 1_000).await;
        let mut details = Vec::new();
        for delivery in page.unwrap().items.iter().rev() {
            details.push(self.notify.get_delivery(id, delivery.id).await.unwrap());
        }
        details
    }

    pub(crate) async fn states(&self, id: &str) -> Vec<DeliveryState> {
        let all = self.deliveries(id).await;
        all.iter().map(|detail| detail.delivery.state).collect()
    }

    pub(crate) async fn text(&self, sql: &str) -> String {
        let row = dabir_db::sql::query(self.db.read(), sql, []).await.unwrap();
        let all: Vec<String> = row
            .iter()
            .map(|row| row.try_get_by_index(0).unwrap())
            .collect();
        all.join("\n")
    }

    pub(crate) async fn execute(&self, sql: &str) {
        let tx = self.db.write().await.unwrap();
        tx.execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn setup(
    db: &Db,
    clock: &Clock,
    events: &Events,
    jobs: &Jobs,
    folder: &std::path::Path,
) -> NotifySetup {
    let private = vec!["127.0.0.1/32".parse().unwrap()];
    NotifySetup {
        db: db.clone(),
        clock: clock.clone(),
        events: events.clone(),
        jobs: jobs.clone(),
        sealer: Sealer::load(&Secrets::of(folder)).unwrap(),
        egress: Egress::new(private),
        people: Arc::new(House),
        timezone: "Asia/Tehran".to_owned(),
        public_url: "https://dabir.example/".to_owned(),
        mail: MailConfig::default(),
        sms: SmsConfig::default(),
    }
}

impl Working {
    pub(crate) async fn end(self) {
        self.cancel.cancel();
        self.task.await.unwrap();
    }

    /// As a killed process: nothing is given back.
    pub(crate) fn kill(self) {
        self.task.abort();
    }
}

pub(crate) fn operator() -> Actor {
    Actor::here(ActorKind::User, "operator")
}
