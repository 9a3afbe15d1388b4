//! Several processes on one database, and one that dies.

use std::time::{Duration, Instant};

use dabir_clients::{Action, Kind, Sign};
use dabir_core::{Event, Events};
use dabir_testing::eventually;

use crate::bench::{Bench, SOON, Working, add, all_of, order, terms, username};

dabir_testing::on_both!(
    what_one_process_does_another_sees_and_tells,
    whoever_asked_may_go_away,
    whoever_follows_a_busy_house_reads_only_what_changes,
    changes_of_many_at_once_come_to_the_same,
);

async fn what_one_process_does_another_sees_and_tells(bench: Bench) {
    let events = Events::default();
    let other = bench.process(&events).await;
    let mut heard = events.subscribe(None).receiver;
    let working = Working::begin(&other);
    let mut sets = other.sets();
    bench.order("ali", add()).await.unwrap();
    bench
        .order("ali", Action::Block(terms("spam", None)))
        .await
        .unwrap();
    let is_blocked = |snapshot: &std::sync::Arc<dabir_clients::Snapshot>| {
        snapshot.of(Kind::Blocked).contains(&username("ali"))
    };
    let seen = tokio::time::timeout(SOON, sets.wait_for(is_blocked)).await;
    drop(seen.unwrap().unwrap());
    other.may_enter(&username("ali")).unwrap_err();
    loop {
        let told = tokio::time::timeout(SOON, heard.recv()).await.unwrap();
        if let Event::ClientsOrdered { order, .. } = told.unwrap().event {
            assert_eq!(order, "blocked");
            break;
        }
    }
    // The other one changes in its turn, although it may not have heard of all.
    bench.order("mina", add()).await.unwrap();
    order(&other, "mina", Action::Pause(terms("", None)))
        .await
        .unwrap();
    eventually("both know the same", SOON, async || {
        bench.clients.catch_up().await.unwrap();
        let (one, two) = (bench.clients.snapshot(), other.snapshot());
        (all_of(&one) == all_of(&two) && one.offset == two.offset).then_some(())
    })
    .await;
    working.end().await;
}

async fn whoever_asked_may_go_away(bench: Bench) {
    let working = Working::begin(&bench.clients);
    for n in 0..20_u64 {
        let name = format!("client {n}");
        let asked = order(&bench.clients, &name, Action::Block(terms("spam", None)));
        let _ = tokio::time::timeout(Duration::from_micros(300 * n), asked).await;
    }
    eventually("memory and database say the same", SOON, async || {
        let blocked = bench.number("SELECT COUNT(*) FROM client_order").await;
        let offset = bench.number("SELECT value FROM client_offset").await;
        let snapshot = bench.clients.snapshot();
        let known = i64::try_from(snapshot.of(Kind::Blocked).len()).unwrap();
        (known == blocked && snapshot.offset == offset).then_some(())
    })
    .await;
    working.end().await;
}

async fn whoever_follows_a_busy_house_reads_only_what_changes(bench: Bench) {
    let other = bench.process(&Events::default()).await;
    let orders = async {
        for n in 0..200 {
            let block = Action::Block(terms("spam", None));
            bench.order(&format!("client {n}"), block).await.unwrap();
        }
    };
    let follow = async {
        while other.snapshot().of(Kind::Blocked).len() < 200 {
            other.catch_up().await.unwrap();
        }
    };
    tokio::join!(orders, follow);
    // When all is read anew, each list may be another one.
    assert_eq!(other.snapshot().changed_at(Kind::Paused), 0);
}

async fn changes_of_many_at_once_come_to_the_same(bench: Bench) {
    let other = bench.process(&Events::default()).await;
    let began = Instant::now();
    let mut tasks = Vec::new();
    for n in 0..40 {
        let clients = if n % 2 == 0 { &bench.clients } else { &other }.clone();
        tasks.push(tokio::spawn(async move {
            let name = format!("client {}", n % 10);
            let _ = order(&clients, &name, add()).await;
            let _ = order(&clients, &name, Action::Block(terms("", None))).await;
            let name = username(&name);
            clients
                .presence("board", Sign::Joined, &name)
                .await
                .unwrap();
            let _ = order(&clients, name.as_str(), Action::Unblock).await;
            clients.presence("board", Sign::Left, &name).await.unwrap();
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert!(began.elapsed() < SOON);
    bench.clients.catch_up().await.unwrap();
    other.catch_up().await.unwrap();
    let fresh = bench.process(&Events::default()).await.snapshot();
    assert_eq!(all_of(&bench.clients.snapshot()), all_of(&fresh));
    assert_eq!(all_of(&other.snapshot()), all_of(&fresh));
    let gaps = "SELECT (SELECT value FROM client_offset) - (SELECT COUNT(*) FROM client_event)";
    assert_eq!(bench.number(gaps).await, 0, "no offset is missing");
}
