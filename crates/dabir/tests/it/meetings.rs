//! Meetings made by hand: their life, their ports, their doors.

use std::time::Duration;

use dabir_core::Clock;
use futures_util::{SinkExt, StreamExt};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::house::House;

#[tokio::test]
async fn a_meeting_is_made_runs_is_extended_and_stopped() {
    let house = House::open("").await;
    let meeting = house.running_meeting("جلسهٔ هفتگی").await;
    let id = meeting["id"].as_str().unwrap();
    assert_eq!(
        (&meeting["source"], &meeting["restarts"]),
        (&json!("local"), &json!(0))
    );
    let port = meeting["port"].as_i64().unwrap();
    assert_eq!(house.info(port).await["name"], "جلسهٔ هفتگی");
    let used = house.get("/api/v1/port/used").await;
    assert_eq!(used["used_ports"], json!([port]));

    let longer = house
        .post(
            &format!("/api/v1/meetings/{id}/extend"),
            json!({ "minutes": 30 }),
        )
        .await;
    assert_ne!(longer["end_time"], meeting["end_time"]);
    let end = longer["end_time"].clone();
    dabir_testing::eventually(
        "the room knows its new end",
        crate::house::SOON,
        async || (house.info(port).await["ends_at"] == end).then_some(()),
    )
    .await;

    house
        .post(&format!("/api/v1/meetings/{id}/stop"), Value::Null)
        .await;
    house.state_of(id, "ended").await;
    assert_eq!(
        house.get("/api/v1/port/used").await["used_ports"],
        json!([]),
        "its port is free again"
    );
    let (status, _) = house
        .send(Method::POST, &format!("/api/v1/meetings/{id}/stop"), None)
        .await;
    assert_eq!(status, StatusCode::CONFLICT);

    house
        .post(&format!("/api/v1/meetings/{id}/start"), Value::Null)
        .await;
    house.state_of(id, "running").await;
    let (status, _) = house
        .send(Method::DELETE, &format!("/api/v1/meetings/{id}"), None)
        .await;
    assert_eq!(status, StatusCode::CONFLICT, "people are in there");
}

#[tokio::test]
async fn a_meeting_begins_by_itself_and_ends_itself() {
    let house = House::open("").await;
    let begins = Clock::system().now() + Duration::from_millis(700);
    let body = json!({ "name": "short", "date_time": begins.to_string(), "duration": "2s" });
    let made = house.post("/api/v1/meetings", body).await;
    assert_eq!(made["state"], "scheduled");
    let id = made["id"].as_str().unwrap();
    let running = house.state_of(id, "running").await;
    assert_eq!(running["restarts"], 0);
    let ended = house.state_of(id, "ended").await;
    assert_eq!(ended["restarts"], 0, "its end is no crash");
    assert!(ended["pid"].is_null());
}

#[tokio::test]
async fn people_come_in_through_the_main_port_and_their_cookies_do_not() {
    let house = House::open("").await;
    let meeting = house.running_meeting("door").await;
    let id = meeting["id"].as_str().unwrap();
    let page = reqwest::get(format!("{}/rooms/{id}", house.url()))
        .await
        .unwrap();
    assert_eq!(
        page.url().path(),
        format!("/rooms/{id}/"),
        "the slash is added"
    );
    assert!(
        page.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src 'none'")
    );
    assert!(page.text().await.unwrap().contains("door"));
    let kept_back = reqwest::get(format!("{}/rooms/{id}/metrics?x", house.url()))
        .await
        .unwrap();
    assert_eq!(kept_back.status(), 404);
    let counted = reqwest::get(format!("http://127.0.0.1:{}/metrics", meeting["port"]))
        .await
        .unwrap();
    assert!(
        counted
            .text()
            .await
            .unwrap()
            .contains("dabir_room_participants")
    );

    let joined = house
        .post(
            &format!("/api/v1/meetings/{id}/join"),
            json!({ "name": "Sara" }),
        )
        .await;
    let token = joined["token"].as_str().unwrap();
    let url = format!(
        "{}/rooms/{id}/ws?token={token}",
        house.url().replace("http", "ws")
    );
    let (mut socket, _) = tokio_tungstenite::connect_async(&url).await.unwrap();
    let welcome = next(&mut socket, "welcome").await;
    assert_eq!(
        (&welcome["you"]["name"], &welcome["you"]["role"]),
        (&json!("Sara"), &json!("moderator"))
    );
    socket
        .send(Message::text(
            json!({ "type": "chat", "text": "سلام" }).to_string(),
        ))
        .await
        .unwrap();
    assert_eq!(next(&mut socket, "chat").await["text"], "سلام");
    let people = house
        .get(&format!("/api/v1/meetings/{id}/participants"))
        .await;
    assert_eq!(people["items"][0]["name"], "Sara");
    house
        .until("the list counts her", id, |meeting| meeting["clients"] == 1)
        .await;
    assert!(
        tokio_tungstenite::connect_async(&url).await.is_err(),
        "a token works once"
    );
}

/// The next event of this type.
async fn next<S>(socket: &mut S, kind: &str) -> Value
where
    S: StreamExt<Item = Result<Message, tokio_tungstenite::tungstenite::Error>> + Unpin,
{
    loop {
        let message = tokio::time::timeout(crate::house::SOON, socket.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        let Message::Text(text) = message else {
            continue;
        };
        for line in text.lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            if event["type"] == kind {
                return event;
            }
        }
    }
}

#[tokio::test]
async fn a_full_room_can_be_listed_and_still_obeys() {
    let house = House::open("").await;
    let meeting = house.running_meeting("crowd").await;
    let id = meeting["id"].as_str().unwrap();
    let name = "ن".repeat(58);
    let mut crowd = Vec::new();
    for n in 0..400 {
        let url = format!("ws://127.0.0.1:{}/ws?name={name}{n:04}", meeting["port"]);
        crowd.push(tokio_tungstenite::connect_async(url).await.unwrap().0);
    }
    house
        .until("it counts them", id, |now| now["clients"] == 400)
        .await;
    let people = house
        .get(&format!("/api/v1/meetings/{id}/participants"))
        .await;
    assert_eq!(people["items"].as_array().unwrap().len(), 400);
    let longer = house
        .post(
            &format!("/api/v1/meetings/{id}/extend"),
            json!({ "minutes": 5 }),
        )
        .await;
    dabir_testing::eventually(
        "the room knows its new end",
        crate::house::SOON,
        async || {
            let info = house.info(meeting["port"].as_i64().unwrap()).await;
            (info["ends_at"] == longer["end_time"]).then_some(())
        },
    )
    .await;
}

#[tokio::test]
async fn a_taken_port_is_said_and_had_once_it_is_free() {
    let house = House::open("").await;
    let port = house.port(7);
    let thief = std::net::TcpListener::bind(("0.0.0.0", u16::try_from(port).unwrap())).unwrap();
    let made = house
        .post("/api/v1/meetings", json!({ "name": "x", "port": port }))
        .await;
    let id = made["id"].as_str().unwrap();
    let failed = house.state_of(id, "failed").await;
    let reason = failed["last_error"].as_str().unwrap();
    assert!(reason.contains(&port.to_string()), "{reason}");
    assert!(
        reason.contains(&std::process::id().to_string()),
        "it names the thief: {reason}"
    );
    let metrics = reqwest::get(format!("{}/metrics", house.url()))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        metrics.contains("dabir_meetings{state=\"failed\"} 1"),
        "{metrics}"
    );
    drop(thief);
    assert_eq!(house.state_of(id, "running").await["port"], port);
}

#[tokio::test]
async fn a_meeting_that_waits_for_a_port_takes_the_one_it_is_given_instead() {
    let house = House::open("").await;
    let (taken, other) = (house.port(8), house.port(9));
    let _thief = std::net::TcpListener::bind(("0.0.0.0", u16::try_from(taken).unwrap())).unwrap();
    let made = house
        .post("/api/v1/meetings", json!({ "name": "x", "port": taken }))
        .await;
    let path = format!("/api/v1/meetings/{}", made["id"].as_str().unwrap());
    house.state_of(made["id"].as_str().unwrap(), "failed").await;
    let (status, _) = house
        .send(Method::PATCH, &path, Some(json!({ "port": other })))
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        house
            .state_of(made["id"].as_str().unwrap(), "running")
            .await["port"],
        other
    );
}

#[tokio::test]
async fn strangers_learn_no_meeting_s_id_from_its_name() {
    let house = House::open("").await;
    let meeting = house.running_meeting("Secret board").await;
    for path in [
        "/rooms/Secret%20board/",
        "/rooms/%00/",
        "/rooms/%ff/",
        "/rooms/nothing/",
    ] {
        let answer = reqwest::get(format!("{}{path}", house.url()))
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(
            !answer
                .text()
                .await
                .unwrap()
                .contains(meeting["id"].as_str().unwrap())
        );
    }
    let (status, _) = house.send(Method::GET, "/api/v1/meetings/%00", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_port_claimed_twice_goes_to_the_first() {
    let house = House::open("").await;
    let port = house.port(3);
    let first = house
        .post("/api/v1/meetings", json!({ "name": "first", "port": port }))
        .await;
    house
        .state_of(first["id"].as_str().unwrap(), "running")
        .await;
    let second = house
        .post(
            "/api/v1/meetings",
            json!({ "name": "second", "port": port }),
        )
        .await;
    let failed = house
        .state_of(second["id"].as_str().unwrap(), "failed")
        .await;
    assert!(
        failed["last_error"].as_str().unwrap().contains("first"),
        "{failed}"
    );
    house
        .post(
            &format!("/api/v1/meetings/{}/stop", first["id"].as_str().unwrap()),
            Value::Null,
        )
        .await;
    house
        .state_of(second["id"].as_str().unwrap(), "running")
        .await;
}

#[tokio::test]
async fn with_reassign_a_meeting_takes_another_port() {
    let house = House::open("[meetings]\nport_conflict = \"reassign\"\n").await;
    let port = house.port(0);
    let _thief = std::net::TcpListener::bind(("127.0.0.1", u16::try_from(port).unwrap())).unwrap();
    let made = house
        .post("/api/v1/meetings", json!({ "name": "x", "port": port }))
        .await;
    let running = house
        .state_of(made["id"].as_str().unwrap(), "running")
        .await;
    assert_ne!(running["port"], port);
}

#[tokio::test]
async fn what_a_room_prints_can_be_read() {
    let house = House::open("").await;
    let meeting = house.running_meeting("log").await;
    let id = meeting["id"].as_str().unwrap();
    let log = house
        .get(&format!("/api/v1/meetings/{id}/logs?lines=5"))
        .await;
    assert!(!log["lines"].as_array().unwrap().is_empty(), "{log}");
    let (status, _) = house
        .send(
            Method::GET,
            &format!("/api/v1/meetings/{id}/logs?lines=0"),
            None,
        )
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_happens_is_told_live_and_can_be_caught_up() {
    let house = House::open("").await;
    let stream = |since: Option<&str>| {
        let mut request = reqwest::Client::new()
            .get(format!("{}/api/v1/events", house.url()))
            .bearer_auth(house.token());
        if let Some(since) = since {
            request = request.header("last-event-id", since);
        }
        request.send()
    };
    let mut live = stream(None).await.unwrap().bytes_stream();
    let meeting = house.running_meeting("told").await;
    let mut text = String::new();
    while !(text.contains("\"running\"") && text.contains(meeting["id"].as_str().unwrap())) {
        let chunk = tokio::time::timeout(crate::house::SOON, live.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        text.push_str(&String::from_utf8_lossy(&chunk));
    }
    let first = text.split("id: ").nth(1).unwrap().split('\n').next();
    let mut again = stream(first).await.unwrap().bytes_stream();
    let chunk = tokio::time::timeout(crate::house::SOON, again.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(
        String::from_utf8_lossy(&chunk).contains("\"type\""),
        "it begins with what was missed"
    );
}
