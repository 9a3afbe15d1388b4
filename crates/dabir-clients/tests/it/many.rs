//! A university's worth of people: how long it takes, and that a second run changes nothing.

use std::time::{Duration, Instant};

use dabir_clients::{DirectoryPerson, Kind};

use crate::bench::{Bench, username};
use crate::mirrors::Shop;

/// How many people; more by hand.
const PEOPLE: &str = "DABIR_TEST_PEOPLE";
/// As the directory is walked through.
const PAGE: usize = 2_000;

dabir_testing::on_both!(the_same_people_again_change_nothing);

fn person(n: usize) -> DirectoryPerson {
    DirectoryPerson {
        key: format!("{n}"),
        username: Some(username(&format!("4001{n:06}"))),
        name: Some(format!("دانشجوی شماره {n}")),
    }
}

fn people() -> usize {
    std::env::var(PEOPLE).map_or(5_000, |people| people.parse().unwrap())
}

/// Walks through all of them.
async fn follow(clients: &dabir_clients::Clients, people: usize) -> Duration {
    let begin = Instant::now();
    let mut place = clients.directory_place("students", "").await.unwrap();
    for first in (0..people).step_by(PAGE) {
        let end = (first + PAGE).min(people);
        let last = (end < people).then(|| end.to_string());
        let page = (first..end).map(person).collect();
        clients
            .follow_directory(&mut place, page, last)
            .await
            .unwrap();
    }
    begin.elapsed()
}

/// The memory of this process, in MiB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    kib.unwrap().parse::<u64>().unwrap() >> 10
}

#[expect(
    clippy::print_stdout,
    reason = "figures are for whoever runs it by hand"
)]
async fn the_same_people_again_change_nothing(bench: Bench) {
    let people = people();
    let before = memory();
    let first = follow(&bench.clients, people).await;
    let after = memory();
    let offset = bench.clients.snapshot().offset;
    let rows = "SELECT (SELECT COUNT(*) FROM client_event) + (SELECT COUNT(*) FROM audit)";
    let written = bench.number(rows).await;
    let again = follow(&bench.clients, people).await;
    assert_eq!(bench.clients.snapshot().offset, offset);
    assert_eq!(bench.number(rows).await, written);
    assert_eq!(bench.clients.snapshot().of(Kind::Available).len(), people);
    let begin = Instant::now();
    let other = bench.process(&dabir_core::Events::default()).await;
    println!(
        "{people} people: {first:?}, again {again:?}, {} MiB, read at a start {:?}",
        after.saturating_sub(before),
        begin.elapsed()
    );
    assert_eq!(other.snapshot().of(Kind::Available).len(), people);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mirrors_show_all_of_them() {
    let shop = Shop::open().await;
    let people = people();
    let first = follow(&shop.clients, people).await;
    let begin = Instant::now();
    dabir_testing::eventually("the file shows them", Duration::from_secs(60), async || {
        (shop.list("deactivate_clients.json")?.len() == people).then_some(())
    })
    .await;
    println!(
        "{people} people: {first:?}, in the file {:?} later",
        begin.elapsed()
    );
    let size = std::fs::metadata(shop.path("deactivate_clients.json")).unwrap();
    println!(
        "the file has {} KiB, this process {} MiB",
        size.len() >> 10,
        memory()
    );
}
