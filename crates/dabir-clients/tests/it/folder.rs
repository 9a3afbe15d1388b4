//! Clients from the folder of available clients.

use dabir_clients::{ClientsConfig, Kind, LEASE, Mirrors, MirrorsSetup, Source};
use dabir_core::{Events, Secret};
use dabir_db::Lease;
use dabir_testing::{Postgres, eventually};
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;

use crate::bench::{Bench, SOON, Working, add, username};
use crate::ears;

dabir_testing::on_both!(the_folder_says_who_is_available);

async fn the_folder_says_who_is_available(bench: Bench) {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    std::fs::create_dir(at("ali")).unwrap();
    std::fs::write(at("mina.png"), "no picture").unwrap();
    let config = ClientsConfig {
        available_dir: dir.path().to_owned(),
        ..ClientsConfig::default()
    };
    bench.order("by hand", add()).await.unwrap();
    let clients = bench.process_with(&Events::default(), config).await;
    let available = || {
        let snapshot = clients.snapshot();
        let names = snapshot.of(Kind::Available).iter().map(ToString::to_string);
        names.collect::<Vec<_>>().join(", ")
    };
    clients.look_into_folder().await.unwrap();
    assert_eq!(available(), "ali, by hand, mina");
    let ali = clients.get(&"ali".parse().unwrap()).unwrap();
    assert_eq!(ali.source, Some(Source::Folder));
    assert_eq!(clients.folder_problems()[0].subject, "mina.png");
    let offset = clients.snapshot().offset;
    clients.look_into_folder().await.unwrap();
    assert_eq!(clients.snapshot().offset, offset, "nothing is new");
    std::fs::remove_dir(at("ali")).unwrap();
    clients.look_into_folder().await.unwrap();
    assert_eq!(available(), "by hand, mina");
    std::fs::remove_file(at("mina.png")).unwrap();
    clients.look_into_folder().await.unwrap();
    assert_eq!(available(), "by hand, mina", "an empty folder is in doubt");
    assert_eq!(clients.folder_problems().len(), 1);
    std::fs::create_dir(at("ali")).unwrap();
    clients.look_into_folder().await.unwrap();
    assert_eq!(available(), "ali, by hand");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_follows_the_folder() {
    let bench = Bench::open(Some(Postgres::start())).await;
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("available/ali")).unwrap();
    let config = ClientsConfig {
        dir: dir.path().join("mirrors"),
        available_dir: dir.path().join("available"),
        ..ClientsConfig::default()
    };
    let lease = || Lease::new(bench.db.clone(), LEASE);
    let other = lease();
    other.try_once().await.unwrap();
    let clients = bench.process_with(&Events::default(), config).await;
    let setup = MirrorsSetup {
        clients: clients.clone(),
        lease: lease(),
        redis: Secret::default(),
    };
    let cancel = CancellationToken::new();
    let mirrors = Mirrors::new(setup, &mut Registry::default());
    let mirrors = tokio::spawn(mirrors.run(cancel.clone()));
    let working = Working::begin(&clients);
    let knows = async |name: &str| {
        let what = format!("{name} is known");
        eventually(&what, SOON, async || clients.get(&username(name)).ok()).await;
    };
    for name in ["mina", "reza"] {
        bench.order(name, add()).await.unwrap();
        knows(name).await;
    }
    clients.get(&username("ali")).unwrap_err();
    // The other one ends.
    let end = CancellationToken::new();
    end.cancel();
    other.keep(end).await;
    knows("ali").await;
    cancel.cancel();
    mirrors.await.unwrap();
    working.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_failed_is_soon_followed_by_another() {
    ears::listen();
    let bench = Bench::open(None).await;
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("available/ali")).unwrap();
    std::fs::write(dir.path().join("available/mina.png"), "no picture").unwrap();
    let config = ClientsConfig {
        dir: dir.path().join("mirrors"),
        available_dir: dir.path().join("available"),
        ..ClientsConfig::default()
    };
    let clients = bench.process_with(&Events::default(), config).await;
    bench
        .execute("ALTER TABLE client RENAME TO client_away")
        .await;
    let setup = MirrorsSetup {
        clients: clients.clone(),
        lease: Lease::new(bench.db.clone(), LEASE),
        redis: Secret::default(),
    };
    let cancel = CancellationToken::new();
    let mut metrics = Registry::default();
    let mirrors = Mirrors::new(setup, &mut metrics);
    let mirrors = tokio::spawn(mirrors.run(cancel.clone()));
    eventually("the look fails", SOON, async || {
        ears::warnings("the folder of clients is not followed").pop()
    })
    .await;
    bench
        .execute("ALTER TABLE client_away RENAME TO client")
        .await;
    eventually("ali is known", SOON, async || {
        clients.get(&username("ali")).ok()
    })
    .await;
    eventually("its problem is counted", SOON, async || {
        let mut text = String::new();
        encode(&mut text, &metrics).unwrap();
        text.contains("clients_mirror_problems{mirror=\"folder\"} 1")
            .then_some(())
    })
    .await;
    cancel.cancel();
    mirrors.await.unwrap();
}
