//! Who is where, and who is not heard of.

use std::collections::BTreeSet;
use std::time::Duration;

use dabir_clients::{Action, Attendance, ClientState, Kind, REDIS, Sign, Source};

use crate::bench::{Bench, terms, username};

on_both!(
    guests_become_clients_and_strangers_in_redis_do_not,
    whoever_is_silent_is_lost_and_then_gone,
    a_place_is_brought_to_who_is_there,
    presence_leaves_the_version_as_it_is,
    whoever_leaves_and_is_heard_at_once_is_there,
    many_who_are_lost_in_redis_hide_nobody,
);

async fn report(bench: &Bench, place: &str, sign: Sign, name: &str) {
    let reported = bench.clients.presence(place, sign, &username(name)).await;
    reported.unwrap();
}

fn state(bench: &Bench, name: &str) -> ClientState {
    bench.get(name).unwrap().state
}

async fn guests_become_clients_and_strangers_in_redis_do_not(bench: Bench) {
    report(&bench, "board", Sign::Joined, "guest").await;
    report(&bench, REDIS, Sign::Joined, "stranger").await;
    let guest = bench.get("guest").unwrap();
    assert_eq!((guest.source, guest.available), (Some(Source::Room), true));
    assert_eq!(guest.room.as_deref(), Some("board"));
    assert_eq!(bench.get("stranger").unwrap().source, None);
    assert_eq!(bench.clients.snapshot().of(Kind::Active).len(), 2);
    report(&bench, REDIS, Sign::Left, "stranger").await;
    assert!(bench.get("stranger").is_none());
    report(&bench, "board", Sign::Left, "guest").await;
    assert_eq!(state(&bench, "guest"), ClientState::Deactivated);
    assert_eq!(
        bench.number("SELECT COUNT(*) FROM client_presence").await,
        0
    );
}

async fn whoever_is_silent_is_lost_and_then_gone(bench: Bench) {
    for name in ["beats", "silent"] {
        report(&bench, "board", Sign::Heartbeat, name).await;
    }
    report(&bench, "board", Sign::Joined, "no heartbeats").await;
    report(&bench, REDIS, Sign::Joined, "theirs").await;
    report(&bench, REDIS, Sign::Lost, "theirs").await;
    bench.clock.advance(Duration::from_secs(29));
    report(&bench, "board", Sign::Heartbeat, "beats").await;
    bench.clients.sweep().await.unwrap();
    assert_eq!(state(&bench, "silent"), ClientState::Active);
    bench.clock.advance(Duration::from_secs(2));
    bench.clients.sweep().await.unwrap();
    assert_eq!(state(&bench, "silent"), ClientState::ConnectionError);
    assert_eq!(state(&bench, "beats"), ClientState::Active);
    assert_eq!(state(&bench, "no heartbeats"), ClientState::Active);
    report(&bench, "board", Sign::Heartbeat, "silent").await;
    assert_eq!(state(&bench, "silent"), ClientState::Active);
    bench.clock.advance(Duration::from_secs(31));
    bench.clients.sweep().await.unwrap();
    bench.clock.advance(Duration::from_secs(61));
    bench.clients.sweep().await.unwrap();
    assert_eq!(state(&bench, "silent"), ClientState::Deactivated);
    assert_eq!(state(&bench, "theirs"), ClientState::ConnectionError);
}

async fn a_place_is_brought_to_who_is_there(bench: Bench) {
    let names = |names: &[&str]| names.iter().map(|name| username(name)).collect();
    let take = async |connected: &[&str], lost: &[&str]| {
        let (connected, lost) = (names(connected), names(lost));
        let stock = bench.clients.take_stock(REDIS, &connected, &lost);
        stock.await.unwrap();
        let list = |kind| {
            let snapshot = bench.clients.snapshot();
            let names = snapshot.of(kind).iter().map(ToString::to_string);
            names.collect::<Vec<_>>().join(" ")
        };
        (list(Kind::Active), list(Kind::Lost))
    };
    let told = |active: &str, lost: &str| (active.to_owned(), lost.to_owned());
    assert_eq!(take(&["a", "b"], &["c"]).await, told("a b", "c"));
    let offset = bench.clients.snapshot().offset;
    assert_eq!(take(&["a", "b"], &["c"]).await, told("a b", "c"));
    assert_eq!(bench.clients.snapshot().offset, offset, "nothing happened");
    assert_eq!(take(&["c"], &["a", "c"]).await, told("c", "a"));
    assert_eq!(take(&[], &[]).await, told("", ""));
}

async fn whoever_leaves_and_is_heard_at_once_is_there(bench: Bench) {
    report(&bench, "board", Sign::Heartbeat, "ali").await;
    let one = |sign: Sign| Attendance {
        place: "board".into(),
        sign,
        username: username("ali"),
    };
    let both = vec![one(Sign::Left), one(Sign::Heartbeat)];
    bench.clients.attend(both).await.unwrap();
    assert_eq!(state(&bench, "ali"), ClientState::Active);
}

async fn many_who_are_lost_in_redis_hide_nobody(bench: Bench) {
    let lost = (0..10_000).map(|n| username(&format!("a{n}"))).collect();
    let nobody = BTreeSet::new();
    bench
        .clients
        .take_stock(REDIS, &nobody, &lost)
        .await
        .unwrap();
    report(&bench, "board", Sign::Joined, "z").await;
    report(&bench, "board", Sign::Lost, "z").await;
    bench.clock.advance(Duration::from_secs(61));
    bench.clients.sweep().await.unwrap();
    assert_eq!(state(&bench, "z"), ClientState::Deactivated);
}

async fn presence_leaves_the_version_as_it_is(bench: Bench) {
    let block = Action::Block(terms("spam", None));
    let ordered = bench.order("ali", block).await.unwrap();
    report(&bench, REDIS, Sign::Joined, "ali").await;
    let now = bench.get("ali").unwrap();
    assert_eq!(now.version, ordered.version);
    assert_eq!(now.state, ClientState::Blocked);
    assert_eq!(now.places.len(), 1, "that they are there is a fact");
}
