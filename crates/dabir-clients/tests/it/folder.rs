//! Clients from the folder of available clients.

use dabir_clients::{ClientsConfig, Kind, Source};
use dabir_core::Events;

use crate::bench::{Bench, add};

on_both!(the_folder_says_who_is_available);

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
    assert_eq!(clients.folder_problems()[0].entry, "mina.png");
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
