//! What was written down in a room is a document when the meeting is over: one, whoever dies meanwhile.

use dabir_testing::eventually;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, SOON, Session};

/// The documents that the owner sees.
async fn documents(house: &House) -> Vec<Value> {
    let page = house.get("/api/v1/documents").await;
    page["items"].as_array().unwrap().clone()
}

/// Somebody writes this down in the room of a meeting.
async fn write_down(house: &House, meeting: &Value, words: &[Value]) {
    let ticket = house.ticket(meeting, "Sara").await;
    let mut sara = house.comes_in(&House::own_way(meeting, &ticket)).await;
    for word in words {
        sara.says(word.clone()).await;
        sara.hears(word["type"].as_str().unwrap()).await;
    }
}

#[tokio::test]
async fn what_is_written_down_in_a_room_becomes_one_document() {
    let mut house = House::open("").await;
    let meeting = house.running_meeting("شورای پژوهش").await;
    let id = meeting["id"].as_str().unwrap().to_owned();
    let agenda = json!({ "type": "agenda", "items": [{ "title": "بودجه", "minutes": 10 }] });
    let minutes = json!({ "type": "minutes", "base": 0, "text": "بودجه **تصویب** شد." });
    write_down(&house, &meeting, &[agenda, minutes]).await;
    let path = format!("/api/v1/meetings/{id}/minutes");
    let (status, early) = house.send(Method::POST, &path, None).await;
    assert_eq!(
        (status, &early["code"]),
        (StatusCode::CONFLICT, &json!("meetings.state"))
    );
    house.stop(&id).await;
    house.server().kill9();
    house.start(&[]);
    let made = eventually("the document", SOON, async || documents(&house).await.pop()).await;
    assert_eq!(made["title"], "صورت‌جلسهٔ شورای پژوهش");
    let document = made["id"].as_str().unwrap();
    let asked = house.post(&path, Value::Null).await;
    assert_eq!(asked["document"], document);
    assert_eq!(documents(&house).await.len(), 1);
    let content = format!("/api/v1/documents/{document}/content?format=markdown");
    let content = house
        .request(Method::GET, &content)
        .bearer_auth(house.token());
    let text = content.send().await.unwrap().text().await.unwrap();
    for words in [
        "Sara",
        "1. بودجه",
        "بودجه **تصویب** شد.",
        &format!("/meetings/{id}"),
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let see = format!("/api/v1/documents/{document}");
    for (role, expected) in [
        ("operator", StatusCode::OK),
        ("writer", StatusCode::NOT_FOUND),
    ] {
        let who = house.person(role, role).await;
        let (status, seen) = house.send_as(&who, Method::GET, &see, None).await;
        assert_eq!(status, expected, "{role}: {seen}");
    }
}

#[tokio::test]
async fn a_room_without_minutes_leaves_a_document_to_whoever_asks() {
    let house = House::open("").await;
    let meeting = house.running_meeting("Stand-up").await;
    let id = meeting["id"].as_str().unwrap().to_owned();
    let hand = json!({ "type": "hand", "up": true });
    write_down(&house, &meeting, &[hand]).await;
    house.stop(&id).await;
    // One that ends later and becomes a document: by then the first was looked at.
    let later = house.running_meeting("Later").await;
    let minutes = json!({ "type": "minutes", "base": 0, "text": "Said." });
    write_down(&house, &later, &[minutes]).await;
    house.stop(later["id"].as_str().unwrap()).await;
    let made = eventually("the document", SOON, async || documents(&house).await.pop()).await;
    assert_eq!(made["title"], "Minutes of Later");
    assert_eq!(documents(&house).await.len(), 1);
    let ali = house.person("ali", "operator").await;
    let path = format!("/api/v1/meetings/{id}/minutes");
    let (status, asked) = house.send_as(&ali, Method::POST, &path, None).await;
    assert_eq!(status, StatusCode::OK, "{asked}");
    let see = format!("/api/v1/documents/{}", asked["document"].as_str().unwrap());
    let (_, seen) = house.send_as(&ali, Method::GET, &see, None).await;
    assert_eq!(
        (&seen["title"], &seen["right"]),
        (&json!("Minutes of Stand-up"), &json!("own"))
    );
    let mina = house.person("mina", "operator").await;
    let asked = async |who: &Session| house.send_as(who, Method::POST, &path, None).await;
    let is_kept_from = async |who: &Session| {
        let (status, answer) = asked(who).await;
        assert_eq!(
            (status, &answer["code"]),
            (
                StatusCode::CONFLICT,
                &json!("meetings.minutes_out_of_reach")
            )
        );
    };
    assert_eq!(asked(&mina).await.0, StatusCode::OK);
    let nobody = Some(json!({ "grants": [] }));
    let access = format!("{see}/access");
    let (status, told) = house.send_as(&ali, Method::PUT, &access, nobody).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    is_kept_from(&mina).await;
    assert_eq!(asked(&ali).await.0, StatusCode::OK);
    let (status, _) = house.send_as(&ali, Method::DELETE, &see, None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    is_kept_from(&ali).await;
    let (status, none) = house
        .send(Method::POST, "/api/v1/meetings/none/minutes", None)
        .await;
    assert_eq!(
        (status, &none["code"]),
        (StatusCode::NOT_FOUND, &json!("meetings.not_found"))
    );
}
