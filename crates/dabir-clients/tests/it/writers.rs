//! Two processes on one database: one writes the mirrors, and another one when that is halted, killed
//! or cut off.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use dabir_clients::{Action, Clients, LEASE, Mirrors, MirrorsSetup};
use dabir_core::Secret;
use dabir_db::{Db, Lease};
use dabir_testing::{Postgres, Running, eventually};
use prometheus_client::registry::Registry;
use rustix::process::Signal;
use tokio_util::sync::CancellationToken;

use crate::bench::{SOON, order, process, terms};

const URL: &str = "DABIR_TEST_WRITER_URL";
const DIR: &str = "DABIR_TEST_WRITER_DIR";
const FILE: &str = "blocked_clients.json";

/// The process that the other tests start; by itself it does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn write() {
    let (Ok(url), Ok(dir)) = (std::env::var(URL), std::env::var(DIR)) else {
        return;
    };
    let db = Db::open(&url, Path::new(&dir)).await.unwrap();
    let clients = process(&db, Path::new(&dir)).await;
    let lease = Lease::with_span(db, LEASE, Duration::from_secs(1));
    let mut changes = lease.changes();
    let setup = MirrorsSetup {
        clients: clients.clone(),
        lease,
        redis: Secret::default(),
    };
    let mirrors = Mirrors::new(setup, &mut Registry::default());
    let say = async {
        loop {
            match changes.borrow_and_update().as_ref() {
                Some(held) => println!("writes under {}", held.epoch),
                None => println!("waits"),
            }
            changes.changed().await.unwrap();
        }
    };
    let cancel = CancellationToken::new();
    tokio::join!(
        mirrors.run(cancel.clone()),
        dabir_clients::worker::run(clients, cancel),
        say
    );
}

struct House {
    postgres: Postgres,
    url: String,
    folder: tempfile::TempDir,
    clients: Clients,
}

impl House {
    async fn open() -> Self {
        let postgres = Postgres::start_to_crash();
        let url = postgres.database();
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&url, folder.path()).await.unwrap();
        let clients = process(&db, folder.path()).await;
        Self {
            postgres,
            url,
            folder,
            clients,
        }
    }

    fn start(&self) -> Running {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["writers::write", "--exact", "--nocapture"])
            .env(URL, &self.url)
            .env(DIR, self.folder.path());
        Running::spawn(command)
    }

    async fn block(&self, name: &str) {
        let block = Action::Block(terms("spam", None));
        order(&self.clients, name, block).await.unwrap();
    }

    async fn shows(&self, names: &[&str]) {
        eventually(&format!("the file shows {names:?}"), SOON, async || {
            let bytes = std::fs::read(self.folder.path().join(FILE)).ok()?;
            let shown = dabir_clients::read(&bytes).ok()?;
            let shown: Vec<&str> = shown.iter().map(dabir_clients::Username::as_str).collect();
            (shown == names).then_some(())
        })
        .await;
    }

    /// Waits until the process says that it writes, and tells under which epoch.
    fn epoch(process: &Running, than: i64) -> i64 {
        let epoch = |line: &str| {
            line.split("writes under ")
                .nth(1)?
                .trim()
                .parse::<i64>()
                .ok()
        };
        let line = process.wait_for_line(SOON, |line| epoch(line).is_some_and(|n| n > than));
        epoch(&line).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_is_followed() {
    let house = House::open().await;
    let one = house.start();
    let first = House::epoch(&one, 0);
    let two = house.start();
    house.block("ali").await;
    house.shows(&["ali"]).await;
    one.kill9();
    house.block("mina").await;
    assert!(House::epoch(&two, first) > first);
    house.shows(&["ali", "mina"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_halted_writes_nothing_when_they_wake() {
    let house = House::open().await;
    let one = house.start();
    let first = House::epoch(&one, 0);
    house.block("ali").await;
    house.shows(&["ali"]).await;
    let two = house.start();
    one.signal(Signal::STOP);
    let second = House::epoch(&two, first);
    house.block("mina").await;
    house.shows(&["ali", "mina"]).await;
    one.signal(Signal::CONT);
    one.wait_for_line(SOON, |line| line.contains("waits"));
    house.block("reza").await;
    house.shows(&["ali", "mina", "reza"]).await;
    // The other one still has it, and nobody took the old list for an edit.
    assert_eq!(
        house
            .clients
            .snapshot()
            .of(dabir_clients::Kind::Blocked)
            .len(),
        3
    );
    two.signal(Signal::STOP);
    assert!(House::epoch(&one, second) > second);
    two.signal(Signal::CONT);
    house.shows(&["ali", "mina", "reza"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_cut_off_goes_on_when_the_database_is_back() {
    let house = House::open().await;
    let one = house.start();
    House::epoch(&one, 0);
    house.block("ali").await;
    house.shows(&["ali"]).await;
    house.postgres.crash();
    // Nobody can order anything, and an edit waits for the database.
    let edited = r#"{"clients": ["ali", "theirs"]}"#;
    std::fs::write(house.folder.path().join(FILE), edited).unwrap();
    house.postgres.start_again();
    house.shows(&["ali", "theirs"]).await;
    eventually("the edit is obeyed", SOON, async || {
        house.clients.catch_up().await.ok()?;
        let name = crate::bench::username("theirs");
        house.clients.may_enter(&name).is_err().then_some(())
    })
    .await;
}
