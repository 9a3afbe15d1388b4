//! Who is where, and who is not heard of.

use std::collections::BTreeSet;
use std::time::Duration;

use dabir_clients::{
    Action, Attendance, ClientState, ClientsConfig, Kind, MAX_COMMANDS, REDIS, Seat, Sign, Source,
};
use dabir_core::event::Numbered;
use dabir_core::{Event, Events, Span};
use dabir_testing::Postgres;
use tokio::sync::broadcast::Receiver;

use crate::bench::{Bench, SOON, add, terms, username};

dabir_testing::on_both!(
    guests_become_clients_and_strangers_in_redis_do_not,
    whoever_is_silent_is_lost_and_then_gone,
    what_another_process_heard_while_the_database_was_away_counts,
    a_place_is_brought_to_who_is_there,
    presence_leaves_the_version_as_it_is,
    whoever_leaves_and_is_heard_at_once_is_there,
    many_who_are_lost_in_redis_hide_nobody,
    many_who_are_lost_at_once_are_one_piece_of_news,
    guests_who_do_not_come_back_are_forgotten,
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

async fn what_another_process_heard_while_the_database_was_away_counts(bench: Bench) {
    let other = bench.process(&Events::default()).await;
    report(&bench, "board", Sign::Heartbeat, "ali").await;
    other.catch_up().await.unwrap();
    bench
        .execute("ALTER TABLE client_presence RENAME TO away")
        .await;
    bench.clock.advance(Duration::from_secs(31));
    let ali = username("ali");
    let heard = other.presence("board", Sign::Heartbeat, &ali).await;
    heard.unwrap();
    bench.clients.sweep().await.unwrap_err();
    bench
        .execute("ALTER TABLE away RENAME TO client_presence")
        .await;
    // The other one comes to write it down only now.
    bench.clients.sweep().await.unwrap();
    other.sweep().await.unwrap();
    assert_eq!(state(&bench, "ali"), ClientState::Active);
    bench.clock.advance(Duration::from_secs(31));
    bench.clients.sweep().await.unwrap();
    assert_eq!(state(&bench, "ali"), ClientState::ConnectionError);
}

async fn many_who_are_lost_at_once_are_one_piece_of_news(bench: Bench) {
    let lost = async |heard: &mut Receiver<Numbered>| {
        loop {
            let told = tokio::time::timeout(SOON, heard.recv()).await.unwrap();
            if let Event::ClientsLost { others, room, .. } = told.unwrap().event {
                return (others, room);
            }
        }
    };
    let mut heard = bench.events.subscribe(None).receiver;
    for name in ["ali", "mina", "sara"] {
        report(&bench, "board", Sign::Heartbeat, name).await;
    }
    bench.clock.advance(Duration::from_secs(31));
    bench.clients.sweep().await.unwrap();
    assert_eq!(lost(&mut heard).await, (2, "board".to_owned()));
    for (name, room) in [("ali", "board"), ("ali", "hall"), ("mina", "hall")] {
        report(&bench, room, Sign::Heartbeat, name).await;
    }
    bench.clock.advance(Duration::from_secs(31));
    bench.clients.sweep().await.unwrap();
    assert_eq!(
        lost(&mut heard).await,
        (1, String::new()),
        "each counts once"
    );
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

async fn guests_who_do_not_come_back_are_forgotten(bench: Bench) {
    let names = ["gone", "blocked", "seated", "renamed", "there"];
    for name in names {
        report(&bench, "board", Sign::Joined, name).await;
    }
    for name in &names[..4] {
        report(&bench, "board", Sign::Left, name).await;
    }
    bench.clock.advance(Duration::from_secs(1));
    let sit = Action::Assign {
        seat: Seat::Room,
        target: "board".to_owned(),
        waits: false,
    };
    for (name, action) in [
        ("blocked", Action::Block(terms("spam", None))),
        ("seated", sit),
        ("renamed", Action::Rename("somebody".to_owned())),
        ("by hand", add()),
    ] {
        bench.order(name, action).await.unwrap();
    }
    let known = async |after: u64| {
        bench.clock.advance(Duration::from_secs(after));
        bench.clients.forget().await.unwrap();
        bench.clients.snapshot().len()
    };
    assert_eq!(known(86_398).await, 6);
    assert_eq!(known(2).await, 5);
    assert!(bench.get("gone").is_none());
    let audited = "SELECT COUNT(*) FROM audit WHERE target_id = 'gone'";
    assert_eq!(bench.number(audited).await, 2, "came and was forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_by_ever_new_names_fills_nothing() {
    let bench = Bench::open(None).await;
    let one = |n: u32| Attendance {
        place: "board".into(),
        sign: Sign::Heartbeat,
        username: username(&format!("guest {n}")),
    };
    let reports = (0..10_100).map(one).collect();
    bench.clients.attend(reports).await.unwrap();
    assert_eq!(bench.clients.snapshot().of(Kind::Active).len(), 10_100);
    assert_eq!(bench.number("SELECT COUNT(*) FROM client").await, 10_000);
}

#[test]
fn a_silence_has_to_be_longer_than_others_take_to_hear() {
    let refused = |seconds| {
        let config = ClientsConfig {
            heartbeat_timeout: Span::from_secs(seconds),
            ..ClientsConfig::default()
        };
        config
            .problems()
            .iter()
            .map(|(key, _)| *key)
            .collect::<Vec<_>>()
    };
    assert_eq!(refused(19), ["heartbeat_timeout"]);
    assert_eq!(refused(20), Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_leave_take_few_statements_and_several_turns() {
    let bench = Bench::open(Some(Postgres::start())).await;
    bench
        .execute(
            "CREATE TABLE statement (n INT); \
             CREATE FUNCTION note() RETURNS TRIGGER LANGUAGE plpgsql \
             AS 'BEGIN INSERT INTO statement VALUES (1); RETURN NULL; END'; \
             CREATE TRIGGER note AFTER DELETE ON client_presence EXECUTE FUNCTION note()",
        )
        .await;
    let many = (0..=MAX_COMMANDS).map(|n| username(&format!("a{n}")));
    let (many, nobody) = (many.collect(), BTreeSet::new());
    for there in [&many, &nobody] {
        let stock = bench.clients.take_stock(REDIS, there, &nobody);
        stock.await.unwrap();
    }
    let statements = bench.number("SELECT COUNT(*) FROM statement").await;
    assert!((1..100).contains(&statements), "{statements} statements");
    let turns = "SELECT COUNT(DISTINCT xmin::TEXT) FROM client_event";
    assert_eq!(bench.number(turns).await, 4);
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
