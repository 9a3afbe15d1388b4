//! Hands, polls, the agenda, the minutes, and what moderators do.

use dabir_room::model::Role;
use serde_json::{Value, json};

use crate::support::{Client, TestRoom, join_token};

#[tokio::test]
async fn hands_stand_in_the_order_they_were_raised() {
    let room = TestRoom::start();
    let mut chair = room.moderator().await;
    let mut ali = room.guest("Ali").await;
    let mut sara = room.guest("Sara").await;
    ali.send(json!({"type": "hand", "up": true})).await;
    chair.expect("hand").await;
    sara.send(json!({"type": "hand", "up": true})).await;
    let hands = chair.expect("hand").await["hands"].clone();
    assert_eq!(hands, json!([ali.id(), sara.id()]));
    let of_ali = json!({"type": "hand", "up": false, "id": ali.id()});
    assert_eq!(sara.refused(of_ali.clone()).await, "moderator.only");
    chair.send(of_ali).await;
    assert_eq!(chair.expect("hand").await["hands"], json!([sara.id()]));
    sara.close().await;
    let hand = chair.expect("hand").await;
    assert_eq!((&hand["up"], &hand["hands"]), (&json!(false), &json!([])));
    chair.expect("left").await;
}

#[tokio::test]
async fn an_open_poll_is_counted_as_votes_come_and_change() {
    let room = TestRoom::start();
    let mut chair = room.moderator().await;
    let mut ali = room.guest("Ali").await;
    let poll = open_poll(&mut chair, json!({"options": ["yes", "no"]})).await;
    vote(&mut ali, &poll, &[0]).await;
    assert_eq!(votes(&chair.expect("poll").await), [1, 0]);
    vote(&mut ali, &poll, &[1]).await;
    vote(&mut chair, &poll, &[1]).await;
    chair.expect("poll").await;
    let counted = chair.expect("poll").await;
    assert_eq!(
        (votes(&counted), &counted["poll"]["voters"]),
        (vec![0, 2], &json!(2))
    );
    for wrong in [json!([]), json!([0, 1]), json!([2])] {
        let request = json!({"type": "vote", "poll": poll, "choices": wrong});
        assert_eq!(ali.refused(request).await, "vote.invalid");
    }
    let late = room.guest("late").await;
    assert_eq!(votes(&json!({"poll": late.welcome["polls"][0]})), [0, 2]);
    assert_eq!(late.welcome["polls"][0]["mine"], Value::Null);
    chair
        .send(json!({"type": "poll_close", "poll": poll}))
        .await;
    let closed = chair.expect("poll").await;
    assert_eq!(
        closed["poll"]["options"][1]["by"].as_array().unwrap().len(),
        2
    );
    let request = json!({"type": "vote", "poll": poll, "choices": [0]});
    assert_eq!(ali.refused(request).await, "poll.closed");
}

#[tokio::test]
async fn a_secret_poll_tells_nothing_before_its_end_and_nobody_ever_who() {
    let room = TestRoom::start();
    let mut chair = room.moderator().await;
    let mut ali = room.guest("Ali").await;
    let options = json!({"options": ["a", "b", "c"], "secret": true, "multiple": true});
    let poll = open_poll(&mut chair, options).await;
    vote(&mut ali, &poll, &[0, 2]).await;
    let open = chair.expect("poll").await;
    assert_eq!(
        (votes(&open), &open["poll"]["voters"]),
        (vec![0, 0, 0], &json!(1))
    );
    let back = Client::open(&room.url(&format!("seat={}", ali.seat()))).await;
    assert_eq!(back.welcome["polls"][0]["mine"], json!([0, 2]));
    chair
        .send(json!({"type": "poll_close", "poll": poll}))
        .await;
    let closed = chair.expect("poll").await;
    assert_eq!(votes(&closed), [1, 0, 1]);
    assert!(!closed.to_string().contains("Ali"));
}

#[tokio::test]
async fn the_agenda_runs_from_item_to_item() {
    let room = TestRoom::start();
    let mut chair = room.moderator().await;
    let items = json!([{"title": "budget", "minutes": 10}, {"title": "rest"}]);
    chair.send(json!({"type": "agenda", "items": items})).await;
    assert_eq!(
        chair.expect("agenda").await["agenda"]["current"],
        Value::Null
    );
    chair
        .send(json!({"type": "agenda_current", "item": 1}))
        .await;
    let running = chair.expect("agenda").await;
    assert_eq!(running["agenda"]["current"], 1);
    assert_eq!(running["agenda"]["started_at"], running["at"]);
    let beyond = json!({"type": "agenda_current", "item": 2});
    assert_eq!(chair.refused(beyond).await, "agenda.invalid");
    chair
        .send(json!({"type": "agenda_current", "item": null}))
        .await;
    assert_eq!(
        chair.expect("agenda").await["agenda"]["started_at"],
        Value::Null
    );
}

#[tokio::test]
async fn a_late_edit_of_the_minutes_gets_the_newer_text() {
    let room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    let mut sara = room.guest("Sara").await;
    ali.send(json!({"type": "minutes", "base": 0, "text": "مصوبه ۱"}))
        .await;
    assert_eq!(sara.expect("minutes").await["rev"], 1);
    sara.send(json!({"type": "minutes", "base": 0, "text": "other"}))
        .await;
    let conflict = sara.expect("error").await;
    assert_eq!(conflict["code"], "minutes.conflict");
    assert_eq!(
        (&conflict["rev"], &conflict["text"]),
        (&json!(1), &json!("مصوبه ۱"))
    );
    sara.send(json!({"type": "minutes", "base": 1, "text": "both"}))
        .await;
    assert_eq!(sara.expect("minutes").await["by"], "Sara");
    // The longest minutes fit: 100,000 Persian letters are 200 kB.
    sara.send(json!({"type": "minutes", "base": 2, "text": "ی".repeat(100_000)}))
        .await;
    assert_eq!(ali.expect("minutes").await["rev"], 1);
    assert_eq!(ali.expect("minutes").await["rev"], 2);
    assert_eq!(ali.expect("minutes").await["rev"], 3);
}

#[tokio::test]
async fn moderators_mute_and_remove_and_others_do_not() {
    let room = TestRoom::start();
    let mut chair = room.moderator().await;
    let mut ali = room.guest("Ali").await;
    for request in [
        json!({"type": "mute", "id": chair.id(), "on": true}),
        json!({"type": "remove", "id": chair.id()}),
        json!({"type": "lock", "on": true}),
        json!({"type": "attendance"}),
        json!({"type": "poll", "question": "?", "options": ["a", "b"]}),
        json!({"type": "agenda", "items": []}),
    ] {
        assert_eq!(
            ali.refused(request.clone()).await,
            "moderator.only",
            "{request}"
        );
    }
    chair
        .send(json!({"type": "mute", "id": ali.id(), "on": true}))
        .await;
    assert_eq!(ali.expect("muted").await["on"], true);
    assert_eq!(
        ali.refused(json!({"type": "chat", "text": "x"})).await,
        "muted"
    );
    assert_eq!(
        chair
            .refused(json!({"type": "remove", "id": chair.id()}))
            .await,
        "person.self"
    );
    assert_eq!(
        chair.refused(json!({"type": "remove", "id": "x"})).await,
        "person.unknown"
    );
    chair
        .send(json!({"type": "remove", "id": ali.id(), "reason": "noise"}))
        .await;
    assert_eq!(ali.expect("kicked").await["reason"], "noise");
    assert_eq!(ali.try_next().await, None);
    assert_eq!(chair.expect("removed").await["name"], "Ali");
    let refused = room.refusal(&format!("seat={}", ali.seat())).await;
    assert_eq!(refused, (403, "person.removed".into()));
    chair.send(json!({"type": "attendance"})).await;
    let people = chair.expect("attendance").await["people"].clone();
    assert_eq!(people.as_array().unwrap().len(), 2);
    assert_eq!(people[0]["left_at"], Value::Null);
    assert!(people[1]["left_at"].is_string());
}

#[tokio::test]
async fn a_moderator_removes_who_has_just_left() {
    let room = TestRoom::start();
    let mut chair = room.moderator().await;
    let url = |sub| room.url(&format!("token={}", join_token(sub, Role::Participant)));
    let ali = Client::open(&url("ali")).await;
    let id = ali.id();
    ali.close().await;
    chair.expect("left").await;
    let remove = json!({"type": "remove", "id": id, "reason": "noise"});
    chair.send(remove.clone()).await;
    assert_eq!(chair.expect("removed").await["id"], json!(id));
    assert_eq!(chair.refused(remove).await, "person.unknown");
    let token = join_token("ali", Role::Participant);
    let refused = room.refusal(&format!("token={token}")).await;
    assert_eq!(refused, (403, "person.removed".into()));
    // A guest has no more than a name, which is kept out for a while.
    let sara = room.guest("Sara").await;
    chair
        .send(json!({"type": "remove", "id": sara.id(), "reason": "noise too"}))
        .await;
    chair.expect("removed").await;
    assert_eq!(room.kicked("name=Sara").await, "noise too");
}

async fn open_poll(chair: &mut Client, with: Value) -> String {
    let mut request = json!({"type": "poll", "question": "well?"});
    for (key, value) in with.as_object().unwrap() {
        request[key] = value.clone();
    }
    chair.send(request).await;
    chair.expect("poll").await["poll"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn vote(person: &mut Client, poll: &str, choices: &[usize]) {
    let request = json!({"type": "vote", "poll": poll, "choices": choices});
    person.send(request).await;
}

fn votes(event: &Value) -> Vec<u64> {
    let options = event["poll"]["options"].as_array().unwrap();
    options
        .iter()
        .map(|option| option["votes"].as_u64().unwrap())
        .collect()
}
