//! The rules of settings, each on SQLite and on PostgreSQL.

use std::collections::BTreeMap;

use dabir_core::{Actor, ActorKind, Clock, Event, Events, Timestamp};
use dabir_db::Db;
use dabir_db::audit::{self, Entry, Filter, Verdict};
use dabir_testing::Postgres;
use serde_json::{Value, json};

use super::layers::Layers;
use super::model::{SettingView, Source};
use super::service::{Settings, SettingsError};
use super::store::{self, Stored};

/// A house without a server.
struct Bench {
    settings: Settings,
    db: Db,
    events: Events,
    _folder: tempfile::TempDir,
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
    a_change_is_seen_at_once_kept_and_told,
    all_or_nothing_is_changed_and_each_mistake_is_named,
    null_goes_back_to_what_lies_beneath,
    what_holds_already_is_no_change,
    a_change_of_another_process_is_seen,
    two_processes_do_not_lose_each_other_s_changes,
    a_damaged_value_is_set_aside_until_it_is_replaced,
);

const FILE: &str = "[meetings]\npoll_interval = \"7s\"\n";

impl Bench {
    async fn open(postgres: Option<Postgres>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = postgres.as_ref().map_or(String::new(), Postgres::database);
        let db = Db::open(&url, folder.path()).await.unwrap();
        let events = Events::default();
        Self {
            settings: open(&db, &events).await,
            db,
            events,
            _folder: folder,
            _postgres: postgres,
        }
    }

    /// Another process on the same database, or the next start.
    async fn another(&self) -> Settings {
        open(&self.db, &Events::default()).await
    }

    async fn change(&self, changes: Value) -> Result<Vec<SettingView>, SettingsError> {
        self.settings.change(&by(), named(changes)).await
    }

    async fn audit(&self) -> Vec<Entry> {
        let listed = audit::list(self.db.read(), &Filter::default(), None, 100).await;
        listed.unwrap()
    }

    async fn store(&self, key: &str, value: &str) {
        let tx = self.db.write().await.unwrap();
        let stored = Stored {
            key: key.to_owned(),
            value: value.to_owned(),
            changed_at: Timestamp::UNIX_EPOCH,
            changed_by: None,
        };
        store::save(&tx, stored).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn open(db: &Db, events: &Events) -> Settings {
    let Ok(layers) = Layers::read("dabir.toml", FILE.to_owned(), std::iter::empty(), None) else {
        panic!("the file is allowed");
    };
    let clock = Clock::fixed(Timestamp::from_second(1_800_000_000).unwrap());
    Settings::open(layers, db.clone(), clock, events.clone())
        .await
        .unwrap()
}

fn by() -> Actor {
    Actor::here(ActorKind::User, "Sara")
}

fn named(changes: Value) -> BTreeMap<String, Value> {
    serde_json::from_value(changes).unwrap()
}

fn interval(settings: &Settings) -> String {
    settings.meetings().get().poll_interval.to_string()
}

fn view(settings: &Settings, key: &str) -> SettingView {
    let mut all = settings.list().into_iter();
    all.find(|view| view.key == key).unwrap()
}

async fn a_change_is_seen_at_once_kept_and_told(bench: Bench) {
    let mut followed = bench.settings.meetings();
    let mut heard = bench.events.subscribe(None).receiver;
    let changes =
        json!({ "meetings.poll_interval": "60s", "server.public_url": "https://meet.example" });
    let changed = bench.change(changes).await.unwrap();
    let keys: Vec<&str> = changed.iter().map(|view| view.key.as_str()).collect();
    assert_eq!(
        keys,
        ["server.public_url", "meetings.poll_interval"],
        "as in the file"
    );
    assert!(changed[0].pending && !changed[1].pending);
    followed.changed().await;
    assert_eq!(followed.get().poll_interval.to_string(), "1m");
    let Event::SettingsChanged { keys } = heard.recv().await.unwrap().event else {
        panic!("another event");
    };
    assert_eq!(keys, ["meetings.poll_interval", "server.public_url"]);

    let audit = bench.audit().await;
    assert_eq!(audit.len(), 2);
    assert_eq!(
        (audit[1].action.as_str(), audit[1].actor_name.as_str()),
        ("setting.change", "Sara")
    );
    assert_eq!(audit[1].target_id, "meetings.poll_interval");
    assert_eq!(
        audit[1].before,
        Some(json!({ "value": "7s", "source": "file" }))
    );
    assert_eq!(
        audit[1].after,
        Some(json!({ "value": "1m", "source": "here" }))
    );
    let verdict = audit::verify(bench.db.read(), &[]).await.unwrap();
    assert!(matches!(verdict, Verdict::Whole(_)));

    let next = bench.another().await;
    assert_eq!(interval(&next), "1m");
    assert_eq!(next.running().server.public_url, "https://meet.example");
    let url = view(&next, "server.public_url");
    assert_eq!(
        (url.pending, url.source, url.origin.as_deref()),
        (false, Source::Here, Some("Sara"))
    );
}

async fn all_or_nothing_is_changed_and_each_mistake_is_named(bench: Bench) {
    let mistakes = json!({
        "log.level": "debug",
        "data_dir": "/tmp",
        "egress.private": ["10.0.0.5"],
        "limits.auth.burst": 0,
        "limits.person_burst": 1,
        "meetings.django.token": "x",
        "meetings.poll_interval": 5,
        "meetings.timezone": "Mars/Olympus",
        "meetings.vanish_guard": [null],
        "meetings": { "duration": "1h" },
        "rooms.command": ["sh", "-c", "{port}"],
        "server.public_url": "ftp://x",
    });
    let count = mistakes.as_object().unwrap().len();
    let Err(SettingsError::Invalid(errors)) = bench.change(mistakes).await else {
        panic!("it was allowed");
    };
    let mut wrong: Vec<(&str, &str)> = errors
        .iter()
        .map(|e| (e.field.as_str(), e.detail.as_str()))
        .collect();
    wrong.sort_unstable();
    let expected = [
        ("data_dir", "kept in it"),
        ("egress.private", "only the file"),
        ("limits.auth.burst", "1 to 1000000"),
        ("limits.person_burst", "no such setting"),
        ("meetings", "no such setting"),
        ("meetings.django.token", "secrets"),
        ("meetings.poll_interval", "100ms to 1d"),
        ("meetings.timezone", "Asia/Tehran"),
        ("meetings.vanish_guard", "0 to 1"),
        ("rooms.command", "program"),
        ("server.public_url", "https://meet.example"),
    ];
    assert_eq!(wrong.len(), count - 1, "{wrong:#?}");
    for ((key, why), (field, words)) in wrong.into_iter().zip(expected) {
        assert!(key == field && why.contains(words), "{key}: {why}");
    }
    assert_eq!(view(&bench.settings, "log.level").source, Source::Default);
    assert_eq!(bench.audit().await.len(), 0);
    assert_eq!(bench.change(json!({})).await.unwrap().len(), 0);
}

async fn null_goes_back_to_what_lies_beneath(bench: Bench) {
    let set = json!({ "meetings.poll_interval": "1m", "limits.person.burst": 3 });
    bench.change(set).await.unwrap();
    assert_eq!(bench.settings.limits().get().person.burst, 3);
    let back = json!({ "meetings.poll_interval": null, "limits.person.burst": null });
    let changed = bench.change(back).await.unwrap();
    assert_eq!(changed[0].value, Some("7s".into()));
    assert_eq!(
        (changed[0].source, changed[0].origin.as_deref()),
        (Source::File, Some("dabir.toml:2"))
    );
    assert_eq!(
        (changed[1].source, &changed[1].beneath),
        (Source::Default, &None)
    );
    assert_eq!(interval(&bench.settings), "7s");
    assert_eq!(bench.settings.limits().get().person.burst, 200);
    let newest = &bench.audit().await[0];
    assert_eq!(newest.action, "setting.reset");
    assert_eq!(
        newest.after,
        Some(json!({ "value": "7s", "source": "file" }))
    );
    assert!(store::list(bench.db.read()).await.unwrap().is_empty());
    bench.change(json!({ "data_dir": null })).await.unwrap_err();
}

async fn what_holds_already_is_no_change(bench: Bench) {
    bench
        .change(json!({ "meetings.poll_interval": "60s" }))
        .await
        .unwrap();
    let mut heard = bench.events.subscribe(None).receiver;
    let same = json!({ "meetings.poll_interval": "1m", "log.level": null });
    let changed = bench.change(same).await.unwrap();
    assert_eq!(changed.len(), 2);
    assert!(heard.try_recv().is_err());
    assert_eq!(bench.audit().await.len(), 1);
}

async fn a_change_of_another_process_is_seen(bench: Bench) {
    let other = bench.another().await;
    let mut followed = other.limits();
    bench
        .change(json!({ "limits.pages.burst": 5, "rooms.restart_rate": 7 }))
        .await
        .unwrap();
    other.reread().await.unwrap();
    followed.changed().await;
    assert_eq!(followed.get().pages.burst, 5);
    assert!(
        view(&other, "rooms.restart_rate").pending,
        "it started with another one"
    );
    bench
        .change(json!({ "limits.pages.burst": null }))
        .await
        .unwrap();
    other.reread().await.unwrap();
    assert_eq!(other.limits().get().pages.burst, 10_000);
}

async fn two_processes_do_not_lose_each_other_s_changes(bench: Bench) {
    let other = bench.another().await;
    let changes = (1..=20).map(|n| {
        let here = bench.change(json!({ "limits.auth.burst": n, "limits.auth.per_second": n }));
        let by = by();
        let there = other.clone();
        async move {
            let changes = named(json!({ "limits.person.burst": n }));
            let (here, there) = tokio::join!(here, there.change(&by, changes));
            here.unwrap();
            there.unwrap();
        }
    });
    for both in changes {
        both.await;
    }
    for settings in [&bench.settings, &other] {
        settings.reread().await.unwrap();
        let limits = settings.limits().get();
        let seen = [
            limits.auth.burst,
            limits.auth.per_second,
            limits.person.burst,
        ];
        assert_eq!(seen, [20; 3]);
    }
    assert_eq!(bench.audit().await.len(), 60);
}

async fn a_damaged_value_is_set_aside_until_it_is_replaced(bench: Bench) {
    bench.store("meetings.poll_interval", "\"1ms\"").await;
    bench.store("log.level", "{").await;
    bench.store("later.version", "1").await;
    let settings = bench.another().await;
    assert_eq!(interval(&settings), "7s");
    assert!(
        view(&settings, "log.level")
            .set_aside
            .unwrap()
            .contains("damaged")
    );
    let changes = named(json!({ "meetings.poll_interval": "9s", "log.level": null }));
    let changed = settings.change(&by(), changes).await.unwrap();
    assert!(changed.iter().all(|view| view.set_aside.is_none()));
    assert_eq!(interval(&settings), "9s");
    let stored = store::list(bench.db.read()).await.unwrap();
    let keys: Vec<&str> = stored.iter().map(|stored| stored.key.as_str()).collect();
    assert_eq!(
        keys,
        ["later.version", "meetings.poll_interval"],
        "what another version wrote stays"
    );
}
