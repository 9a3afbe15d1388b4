//! What the house orders about people: it happens at once, it holds without the house, and it is
//! over as soon as the house says so.

use std::process::Command;
use std::time::{Duration, Instant};

use dabir_room::control::{MAX_LINE, ToRoom};
use dabir_room::model::Role;
use dabir_room::orders::{self, Bar, Ordered, Orders, Pause};
use dabir_room::token;
use serde_json::json;

use crate::house::Supervisor;
use crate::support::{Client, TestRoom, claims, join_token, now, signing_key};

/// What is promised is a tenth of it; the machine of a test may be busy.
const AT_ONCE: Duration = Duration::from_secs(1);

fn barred(reason: &str) -> Ordered {
    let bar = Bar {
        reason: reason.to_owned(),
        until: None,
    };
    Ordered {
        bar: Some(bar),
        pause: None,
    }
}

fn paused(by: &str, reason: &str) -> Ordered {
    let (by, reason) = (by.to_owned(), reason.to_owned());
    Ordered {
        bar: None,
        pause: Some(Pause { by, reason }),
    }
}

fn about<const N: usize>(orders: [(&str, Ordered); N]) -> Orders {
    let named = orders.map(|(name, ordered)| (name.to_owned(), ordered));
    named.into_iter().collect()
}

fn free(name: &str) -> Orders {
    about([(name, Ordered::default())])
}

impl Supervisor {
    fn order(&mut self, about: Orders, whole: bool) {
        for word in ToRoom::orders(about, whole) {
            self.say(&serde_json::to_string(&word).unwrap());
        }
    }

    /// Waits until all that was said has happened.
    fn settle(&mut self) {
        self.say(r#"{"type":"attendance"}"#);
        while self.hear()["type"] != "attendance" {}
    }
}

/// A way in for somebody whom the registry has another name for than their account.
fn token_of(client: &str, sub: &str) -> String {
    let claims = token::Claims {
        client: Some(client.to_owned()),
        ..claims(sub, Role::Participant)
    };
    format!("token={}", token::sign(&signing_key(), &claims))
}

fn refused() -> (u16, String) {
    (403, "person.blocked".to_owned())
}

#[tokio::test]
async fn who_is_barred_is_out_at_once_and_stays_out_by_every_way() {
    let room = TestRoom::start();
    let mut supervisor = Supervisor::connect(&room);
    assert_eq!(supervisor.hello["orders"], true);
    let mut chair = room.moderator().await;
    let mut ali = room.guest("Ali").await;
    let mut sara = Client::open(&room.url(&token_of("sara@x", "u1"))).await;
    let mut hoda =
        Client::open(&room.url(&format!("token={}", join_token("hoda", Role::Participant)))).await;
    let late = token_of("sara@x", "u1");
    let start = Instant::now();
    let all = ["Ali", "sara@x", "hoda"].map(|name| (name, barred("spam")));
    supervisor.order(about(all), false);
    for client in [&mut ali, &mut sara, &mut hoda] {
        let kicked = client.expect("kicked").await;
        assert_eq!(
            (&kicked["reason"], &kicked["code"]),
            (&json!("spam"), &json!("person.blocked"))
        );
        assert_eq!(client.close_code().await, Some(1008));
    }
    assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
    for _ in 0..3 {
        chair.expect("left").await;
    }
    let seats = [&ali, &sara, &hoda].map(|client| format!("seat={}", client.seat()));
    let named = [
        "name=Ali",
        "name=%20Ali",
        "name=ali",
        "name=sara@x",
        "name=hoda",
    ]
    .map(str::to_owned);
    let tokens = [
        late,
        format!("token={}", join_token("hoda", Role::Moderator)),
    ];
    for way in seats.iter().chain(&named).chain(&tokens) {
        assert_eq!(room.refusal(way).await, refused(), "{way}");
    }
    // Others are who they are.
    room.guest("Ali2").await.close().await;
    Client::open(&room.url(&token_of("u1", "Ali"))).await;
}

#[tokio::test]
async fn who_is_let_in_again_has_their_seat() {
    let room = TestRoom::start();
    let mut supervisor = Supervisor::connect(&room);
    let mut ali = room.guest("Ali").await;
    let said = ali.say("before").await;
    supervisor.order(about([("Ali", barred("x"))]), false);
    ali.expect("kicked").await;
    supervisor.order(free("Ali"), false);
    supervisor.settle();
    let back = room.back(&ali.seat(), said).await;
    assert_eq!(back.id(), ali.id());
    room.guest("Ali").await;
}

#[tokio::test]
async fn who_is_on_the_way_in_when_it_is_ordered_is_put_out_too() {
    let room = TestRoom::start();
    let mut supervisor = Supervisor::connect(&room);
    for turn in 0..20 {
        supervisor.order(Orders::new(), true);
        supervisor.settle();
        let url = room.url("name=Ali");
        let coming = tokio::spawn(tokio_tungstenite::connect_async(url));
        if turn % 2 == 0 {
            tokio::task::yield_now().await;
        }
        supervisor.order(about([("Ali", barred("x"))]), true);
        if let Ok((socket, _)) = coming.await.unwrap() {
            let mut ali = Client::unwelcomed(socket);
            ali.expect("kicked").await;
        }
        supervisor.say(r#"{"type":"participants"}"#);
        let mut answer = supervisor.hear();
        while answer["type"] != "participants" {
            answer = supervisor.hear();
        }
        assert_eq!(answer["participants"], json!([]));
    }
}

#[tokio::test]
async fn who_is_paused_hears_by_whom_and_only_listens() {
    let room = TestRoom::start();
    let mut supervisor = Supervisor::connect(&room);
    let mut chair = room.moderator().await;
    let mut ali = room.guest("Ali").await;
    let start = Instant::now();
    supervisor.order(about([("Ali", paused("ops", "network"))]), false);
    let said = ali.expect("paused").await;
    assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
    assert_eq!(
        (&said["by"], &said["reason"]),
        (&json!("ops"), &json!("network"))
    );
    for request in [
        json!({"type": "chat", "text": "x"}),
        json!({"type": "minutes", "base": 0, "text": "x"}),
        json!({"type": "vote", "poll": "p1", "choices": [0]}),
        json!({"type": "hand", "up": true}),
    ] {
        assert_eq!(ali.refused(request).await, "paused");
    }
    chair.say("he hears").await;
    ali.expect("chat").await;
    let mut again = Client::open(&room.url(&format!("seat={}", ali.seat()))).await;
    assert_eq!(again.welcome["you"]["paused"], true);
    assert_eq!(again.expect("paused").await["by"], "ops");
    supervisor.order(about([("Ali", paused("ops", "another reason"))]), false);
    assert_eq!(again.expect("paused").await["reason"], "another reason");
    supervisor.order(free("Ali"), false);
    again.expect("resumed").await;
    again.say("back").await;
}

#[tokio::test]
async fn orders_hold_without_a_supervisor_and_from_the_first_instant_of_the_next_life() {
    let mut room = TestRoom::start();
    let wanted = about([("Ali", barred("spam")), ("Sara", paused("ops", ""))]);
    let mut supervisor = Supervisor::connect(&room);
    supervisor.order(wanted.clone(), true);
    supervisor.settle();
    drop(supervisor);
    orders::write(room.dir.path(), &wanted).unwrap();
    for life in 0..3 {
        assert_eq!(room.refusal("name=Ali").await, refused(), "life {life}");
        let mut sara = room.guest("Sara").await;
        assert_eq!(
            sara.refused(json!({"type": "chat", "text": "x"})).await,
            "paused"
        );
        room.crash_and_restart();
    }
    let mut supervisor = Supervisor::connect(&room);
    supervisor.order(about([("Hoda", barred(""))]), true);
    supervisor.settle();
    room.guest("Ali").await;
    assert_eq!(room.refusal("name=Hoda").await, refused());
}

#[tokio::test]
async fn a_room_begins_with_what_its_supervisor_wrote() {
    let dir = tempfile::tempdir().unwrap();
    crate::support::spec().write(dir.path()).unwrap();
    orders::write(dir.path(), &about([("Ali", barred("x"))])).unwrap();
    let room = TestRoom::start_in(dir);
    assert_eq!(room.refusal("name=Ali").await, refused());
}

#[test]
fn without_knowing_whom_the_house_keeps_out_no_room_opens() {
    let dir = tempfile::tempdir().unwrap();
    crate::support::spec().write(dir.path()).unwrap();
    std::fs::write(dir.path().join(orders::FILE_NAME), "{").unwrap();
    let mut room = Command::new(env!("CARGO_BIN_EXE_dabir-room"));
    let ended = room.arg("0").arg("--dir").arg(dir.path()).output().unwrap();
    assert!(!ended.status.success());
    let said = String::from_utf8([ended.stdout, ended.stderr].concat()).unwrap();
    assert!(said.contains("what the house ordered"), "{said}");
}

#[tokio::test]
async fn a_bar_with_an_end_is_over_without_a_word() {
    let room = TestRoom::start();
    let mut supervisor = Supervisor::connect(&room);
    let mut ali = room.guest("Ali").await;
    let until = now() + Duration::from_secs(1);
    let bar = Bar {
        reason: "for a moment".to_owned(),
        until: Some(until),
    };
    let ordered = Ordered {
        bar: Some(bar),
        pause: None,
    };
    supervisor.order(about([("Ali", ordered)]), false);
    ali.expect("kicked").await;
    let back = room.patient_guest("Ali").await;
    assert!(now() >= until);
    back.close().await;
}

#[tokio::test]
async fn ten_thousand_orders_happen_together() {
    let room = TestRoom::start();
    let mut supervisor = Supervisor::connect(&room);
    supervisor.order(about([("Ali", barred("before"))]), true);
    supervisor.settle();
    let many: Orders = (0..10_000)
        .map(|n| (format!("کاربر {n}"), barred("reason that says why")))
        .chain([("Ali".to_owned(), barred("still"))])
        .collect();
    let words = ToRoom::orders(many, true);
    assert!(words.len() > 1);
    let (last, first) = words.split_last().unwrap();
    for word in first {
        let line = serde_json::to_string(word).unwrap();
        assert!(line.len() < MAX_LINE);
        supervisor.say(&line);
        // What was ordered before holds until all of it is there.
        assert_eq!(room.refusal("name=Ali").await, refused());
    }
    room.guest("%DA%A9%D8%A7%D8%B1%D8%A8%D8%B1%207")
        .await
        .close()
        .await;
    let start = Instant::now();
    supervisor.say(&serde_json::to_string(last).unwrap());
    supervisor.settle();
    assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
    assert_eq!(
        room.refusal("name=%DA%A9%D8%A7%D8%B1%D8%A8%D8%B1%207")
            .await,
        refused()
    );
}

#[tokio::test]
async fn the_supervisor_learns_what_the_registry_calls_people() {
    let room = TestRoom::start();
    let mut supervisor = Supervisor::connect(&room);
    let sara = Client::open(&room.url(&token_of("sara@x", "u1"))).await;
    assert_eq!(supervisor.hear()["client"], "sara@x");
    let ali = room.guest("Ali").await;
    assert_eq!(supervisor.hear()["client"], "Ali");
    supervisor.say(r#"{"type":"participants"}"#);
    let here = supervisor.hear();
    let names: Vec<_> = here["participants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["client"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"sara@x") && names.contains(&"Ali"));
    sara.close().await;
    assert_eq!(supervisor.hear()["client"], "sara@x");
    ali.close().await;
    assert_eq!(supervisor.hear()["client"], "Ali");
}
