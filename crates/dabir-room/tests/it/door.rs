//! Who comes in, who does not, and what they are told.

use dabir_room::model::Role;
use dabir_room::token::{self, SigningKey};
use serde_json::{Value, json};

use crate::support::{Client, TestRoom, claims, join_token, refusal, signing_key};

#[tokio::test]
async fn a_token_is_good_once_even_across_a_crash() {
    let mut room = TestRoom::start();
    let token = join_token("sara", Role::Moderator);
    let sara = Client::open(&room.url(&format!("token={token}"))).await;
    assert_eq!(sara.welcome["you"]["role"], "moderator");
    let used = (401, "token.used".to_owned());
    assert_eq!(room.refusal(&format!("token={token}")).await, used);
    room.crash_and_restart();
    assert_eq!(room.refusal(&format!("token={token}")).await, used);
}

#[tokio::test]
async fn other_tokens_let_nobody_in() {
    let room = TestRoom::start();
    let good = claims("ali", Role::Participant);
    let forged = token::sign(&SigningKey::from_bytes(&[8; 32]), &good);
    let elsewhere = token::Claims {
        aud: token::audience("r2"),
        ..good.clone()
    };
    let late = token::Claims {
        exp: good.exp - 60,
        ..good.clone()
    };
    let lasting = token::Claims {
        exp: good.exp + 3_600,
        ..good
    };
    let invalid = (401, "token.invalid".to_owned());
    assert_eq!(room.refusal(&format!("token={forged}")).await, invalid);
    for (claims, code) in [
        (elsewhere, "token.invalid"),
        (late, "token.expired"),
        (lasting, "token.invalid"),
    ] {
        let token = token::sign(&signing_key(), &claims);
        assert_eq!(
            room.refusal(&format!("token={token}")).await,
            (401, code.to_owned())
        );
    }
    assert_eq!(room.refusal("token=").await, invalid);
}

#[tokio::test]
async fn whoever_comes_again_is_the_same_person_and_replaces_themself() {
    let room = TestRoom::start();
    let mut first =
        Client::open(&room.url(&format!("token={}", join_token("ali", Role::Participant)))).await;
    let second =
        Client::open(&room.url(&format!("token={}", join_token("ali", Role::Participant)))).await;
    assert_eq!(first.id(), second.id());
    assert_eq!(first.expect("closed").await["reason"], "replaced");
    assert_eq!(first.try_next().await, None);
    assert_eq!(second.welcome["participants"].as_array().unwrap().len(), 1);
    // The seat of the first was given up for that of the second.
    assert_eq!(
        room.refusal(&format!("seat={}", first.seat())).await.1,
        "seat.unknown"
    );
    let third = Client::open(&room.url(&format!("seat={}", second.seat()))).await;
    assert_eq!(third.id(), second.id());
}

#[tokio::test]
async fn names_seats_and_origins_are_checked() {
    let room = TestRoom::start_with(|spec| spec.origins = vec!["https://meet.example".into()]);
    for query in [
        "",
        "name=",
        "name=%20%20",
        "name=a%0Ab",
        "name=%E2%80%AEx",
        "name=%FF%00",
    ] {
        assert_eq!(
            room.refusal(query).await,
            (400, "name.invalid".into()),
            "{query}"
        );
    }
    assert_eq!(
        room.refusal("seat=nobody").await,
        (410, "seat.unknown".into())
    );
    let from = |origin| [("Origin", origin)];
    let url = room.url("name=x");
    let refused = (403, "origin.refused".to_owned());
    assert_eq!(refusal(&url, &from("http://evil.example")).await, refused);
    assert_eq!(refusal(&url, &from("null")).await, refused);
}

#[tokio::test]
async fn a_room_without_guests_takes_tokens_alone() {
    let room = TestRoom::start_with(|spec| spec.guests = false);
    assert_eq!(room.refusal("name=x").await, (403, "guests.refused".into()));
    room.moderator().await;
}

#[tokio::test]
async fn a_full_room_takes_back_its_own() {
    let room = TestRoom::start_with(|spec| spec.max_clients = 2);
    let ali = room.guest("Ali").await;
    let sara = room.guest("Sara").await;
    assert_eq!(room.refusal("name=x").await, (503, "room.full".into()));
    let token = join_token("new", Role::Participant);
    let full = (503, "room.full".into());
    assert_eq!(room.refusal(&format!("token={token}")).await, full);
    room.moderator().await.close().await;
    let seat = ali.seat();
    drop(ali);
    room.back(&seat, 0).await;
    sara.close().await;
    let mut back = room.back(&seat, 0).await;
    back.expect("left").await;
    room.guest("Reza").await;
}

#[tokio::test]
async fn a_locked_room_takes_moderators_and_seats() {
    let room = TestRoom::start();
    let ali = room.guest("Ali").await;
    let mut chair = room.moderator().await;
    chair.send(json!({"type": "lock", "on": true})).await;
    assert_eq!(chair.expect("locked").await["by"], "chair");
    assert_eq!(room.refusal("name=x").await, (403, "room.locked".into()));
    let token = join_token("new", Role::Participant);
    assert_eq!(
        room.refusal(&format!("token={token}")).await,
        (403, "room.locked".into())
    );
    let token = join_token("second-chair", Role::Moderator);
    Client::open(&room.url(&format!("token={token}"))).await;
    let back = Client::open(&room.url(&format!("seat={}", ali.seat()))).await;
    assert_eq!(back.welcome["room"]["locked"], true);
}

#[tokio::test]
async fn the_reason_can_be_asked_for_without_using_anything_up() {
    let room = TestRoom::start();
    let token = join_token("ali", Role::Participant);
    for _ in 0..2 {
        let (status, body) = get(&room, &format!("/ws?token={token}")).await;
        assert_eq!((status, &body["code"]), (426, &json!("upgrade.required")));
    }
    let (status, body) = get(&room, "/ws?seat=x").await;
    assert_eq!((status, &body["code"]), (410, &json!("seat.unknown")));
    Client::open(&room.url(&format!("token={token}"))).await;
}

#[tokio::test]
async fn the_room_says_what_it_is() {
    let room = TestRoom::start();
    let _ali = room.guest("Ali").await;
    let (status, info) = get(&room, "/info").await;
    assert_eq!(status, 200);
    assert_eq!(info["name"], "جلسهٔ هفتگی");
    assert_eq!(
        (&info["participants"], &info["guests"]),
        (&json!(1), &json!(true))
    );
    assert_eq!(get(&room, "/health").await, (200, json!({"status": "ok"})));
    assert_eq!(get(&room, "/nowhere").await.0, 404);
    assert_eq!(get(&room, "/assets/../../etc/passwd").await.0, 404);
}

#[tokio::test]
async fn the_room_counts_and_names_nobody() {
    let room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    ali.say("secret words").await;
    let (status, text) = room.get("/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "dabir_room_participants 1",
        "dabir_room_connections 1",
        "dabir_room_messages_total 1",
        "dabir_room_events_total 2",
        "dabir_room_journal_writes_total 2",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(!text.contains("Ali") && !text.contains("secret"));
}

async fn get(room: &TestRoom, path: &str) -> (u16, Value) {
    let (status, body) = room.get(path).await;
    (status, serde_json::from_str(&body).unwrap())
}
