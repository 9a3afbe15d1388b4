//! The server as such: how it begins, what it answers to anybody, how it ends.

use dabir_testing::process::kill9;
use reqwest::StatusCode;
use rustix::process::Signal;
use serde_json::json;

use crate::house::{House, SOON};

#[tokio::test]
async fn it_says_that_it_lives_and_that_it_is_ready() {
    let house = House::open("").await;
    assert_eq!(house.get("/health").await["status"], "ok");
    assert_eq!(house.get("/ready").await["status"], "ready");
    let metrics = reqwest::get(format!("{}/metrics", house.url()))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        metrics.contains("dabir_meetings{state=\"failed\"} 0"),
        "{metrics}"
    );
    assert!(metrics.contains("dabir_ports_"), "{metrics}");
    let docs = reqwest::get(format!("{}/docs/", house.url()))
        .await
        .unwrap();
    assert_eq!(docs.status(), StatusCode::OK);
    assert!(docs.text().await.unwrap().contains("swagger"));
}

#[tokio::test]
async fn long_json_comes_compressed_and_the_live_stream_does_not() {
    let house = House::open("").await;
    let ask = async |path: &str| {
        let request = house.request(reqwest::Method::GET, path);
        let request = request.bearer_auth(house.token());
        let asked = request.header("accept-encoding", "gzip, br").send();
        let answer = asked.await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.headers().get("content-encoding").cloned()
    };
    assert_eq!(ask("/api/openapi.json").await.unwrap(), "br");
    assert_eq!(ask("/api/v1/events").await, None);
}

#[tokio::test]
async fn strangers_see_nothing_and_wrong_tokens_are_refused() {
    let house = House::open("").await;
    for path in ["/api/v1/meetings", "/api/v1/port/state", "/api/v1/events"] {
        let response = reqwest::get(format!("{}{path}", house.url()))
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        let problem: serde_json::Value = response.json().await.unwrap();
        assert_eq!(
            (&problem["status"], &problem["instance"]),
            (&json!(401), &json!(path))
        );
        assert_eq!(problem["request_id"].as_str().unwrap().len(), 12);
    }
    let wrong = reqwest::Client::new()
        .get(format!("{}/health", house.url()))
        .bearer_auth("wrong");
    assert_eq!(
        wrong.send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn bad_requests_are_answered_with_what_is_wrong() {
    let house = House::open("").await;
    let post =
        |body: serde_json::Value| house.send(reqwest::Method::POST, "/api/v1/meetings", Some(body));
    let (status, problem) = post(json!({ "name": "", "port": 22, "duration": "0s" })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["name", "duration", "port"]);
    for (body, word) in [
        (json!({ "name": "x", "nmae": "y" }), "nmae"),
        (json!({ "name": 5 }), "string"),
        (json!({ "name": "x", "duration": "soon" }), "`500ms`"),
        (
            json!({ "name": "x", "date_time": "1404/05/01" }),
            "date_time",
        ),
    ] {
        let (status, problem) = post(body).await;
        assert!(status.is_client_error(), "{status}");
        assert!(
            problem["detail"].as_str().unwrap().contains(word),
            "{problem}"
        );
    }
    let (status, problem) = house
        .send(reqwest::Method::PUT, "/api/v1/meetings", None)
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::METHOD_NOT_ALLOWED, &json!("request.method"))
    );
    let (status, problem) = house.send(reqwest::Method::GET, "/nowhere", None).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::NOT_FOUND, &json!("request.path"))
    );
    let (status, _) = house
        .send(reqwest::Method::GET, "/api/v1/meetings?limit=0", None)
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, _) = house
        .send(reqwest::Method::GET, "/api/v1/meetings?cursor=x", None)
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn whoever_never_finishes_a_request_is_hung_up_on() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let house = House::open("").await;
    let address = house.url().strip_prefix("http://").unwrap();
    let mut idle = tokio::net::TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let hung_up = tokio::time::timeout(SOON, idle.read_to_end(&mut answer)).await;
    assert!(hung_up.is_ok(), "it still waits");
}

#[tokio::test]
async fn a_tunnel_ends_with_its_room() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let house = House::open("").await;
    let meeting = house.running_meeting("tunnel").await;
    let id = meeting["id"].as_str().unwrap();
    let address = house.url().strip_prefix("http://").unwrap();
    let mut deaf = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /rooms/{id}/ws?name=x HTTP/1.1\r\nHost: {address}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    deaf.write_all(request.as_bytes()).await.unwrap();
    house
        .until("somebody is in", id, |meeting| meeting["clients"] == 1)
        .await;
    house
        .post(&format!("/api/v1/meetings/{id}/stop"), json!(null))
        .await;
    // It never says goodbye, and is hung up on all the same.
    let mut rest = Vec::new();
    tokio::time::timeout(SOON, deaf.read_to_end(&mut rest))
        .await
        .unwrap()
        .unwrap();
    assert!(rest.starts_with(b"HTTP/1.1 101"));
}

#[tokio::test]
async fn a_second_server_on_one_folder_is_refused() {
    let house = House::open("").await;
    let second = house.run(&["serve"]);
    let text = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(4), "{text}");
    assert!(text.contains(&house.server().pid().to_string()), "{text}");
}

#[tokio::test]
async fn without_the_role_api_only_probes_are_answered_and_rooms_are_kept() {
    let mut house = House::open("").await;
    let meeting = house.running_meeting("goes on").await;
    let (id, port) = (meeting["id"].as_str().unwrap(), meeting["port"].as_i64());
    house.server().kill9();
    house.start(&["--roles", "supervisor"]);
    assert_eq!(house.get("/ready").await["status"], "ready");
    for path in ["/", "/api/v1/meetings", "/docs/", &format!("/rooms/{id}/")] {
        let (status, problem) = house.send(reqwest::Method::GET, path, None).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(
            problem["detail"].as_str().unwrap().contains("`api`"),
            "{problem}"
        );
    }
    kill9(house.room(id));
    // Nobody but this supervisor would bring it back.
    house.info(port.unwrap()).await;
}

#[tokio::test]
async fn without_the_role_supervisor_rooms_are_seen_and_left_alone() {
    let mut house = House::open("").await;
    let meeting = house.running_meeting("goes on").await;
    let id = meeting["id"].as_str().unwrap();
    let room = house.room(id);
    house.server().kill9();
    house.start(&["--roles", "api"]);
    let seen = house.meeting(id).await;
    assert_eq!(
        (&seen["pid"], &seen["state"]),
        (&meeting["pid"], &json!("running"))
    );
    let path = format!("/api/v1/meetings/{id}");
    let (status, _) = house.send(reqwest::Method::DELETE, &path, None).await;
    assert_eq!(status, StatusCode::CONFLICT, "people are in there");
    kill9(room);
    let made = house
        .post("/api/v1/meetings", json!({ "name": "waits" }))
        .await;
    let waits = made["id"].as_str().unwrap();
    // The start below would find a room that this process had started.
    assert!(house.record(waits).is_none());
    house.server().kill9();
    house.start(&[]);
    for id in [id, waits] {
        let again = house.state_of(id, "running").await;
        assert_eq!(again["restarts"], 0, "{again}");
        assert_ne!(again["pid"], meeting["pid"]);
    }
}

#[tokio::test]
async fn sigterm_ends_the_server_and_no_room() {
    let mut house = House::open("").await;
    let meeting = house.running_meeting("goes on").await;
    let room = house.room(meeting["id"].as_str().unwrap());
    house.server().signal(Signal::TERM);
    let exit = house.server().wait_for_exit(SOON);
    assert_eq!(exit.code(), Some(0));
    assert!(room.is_alive());
    house.info(meeting["port"].as_i64().unwrap()).await;
    house.start(&[]);
    let again = house
        .state_of(meeting["id"].as_str().unwrap(), "running")
        .await;
    assert_eq!(
        again["pid"], meeting["pid"],
        "it was taken over, not started again"
    );
}

#[tokio::test]
async fn the_end_of_the_server_starts_and_ends_no_room_of_many() {
    let mut house = House::open("").await;
    let mut rooms = Vec::new();
    for n in 0..30 {
        let made = house
            .post("/api/v1/meetings", json!({ "name": format!("m{n}") }))
            .await;
        rooms.push(made["id"].as_str().unwrap().to_owned());
    }
    let mut pids = Vec::new();
    for id in &rooms {
        pids.push(house.state_of(id, "running").await["pid"].clone());
    }
    for _ in 0..5 {
        house.server().signal(Signal::TERM);
        assert_eq!(house.server().wait_for_exit(SOON).code(), Some(0));
        house.start(&[]);
        for (id, pid) in rooms.iter().zip(&pids) {
            assert_eq!(&house.state_of(id, "running").await["pid"], pid);
        }
    }
}

#[tokio::test]
async fn stop_rooms_ends_deaf_ones_too_and_in_time() {
    let command = dabir_testing::mini_server::command(&["--ignore-sigterm"]);
    let command = serde_json::to_string(&command).unwrap();
    let mut house = House::furnished(&format!("[rooms]\ncommand = {command}\n"));
    house.start(&["--stop-rooms"]);
    let meeting = house.running_meeting("deaf").await;
    let room = house.room(meeting["id"].as_str().unwrap());
    house.server().signal(Signal::TERM);
    let in_time = std::time::Duration::from_secs(10);
    assert_eq!(house.server().wait_for_exit(in_time).code(), Some(0));
    assert!(!room.is_alive());
}

#[tokio::test]
async fn stop_rooms_ends_both() {
    let mut house = House::furnished("");
    house.start(&["--stop-rooms"]);
    let meeting = house.running_meeting("ends").await;
    let room = house.room(meeting["id"].as_str().unwrap());
    house.server().signal(Signal::TERM);
    assert_eq!(house.server().wait_for_exit(SOON).code(), Some(0));
    assert!(!room.is_alive());
}

/// The description that clients are generated from. When the API is meant to change, the new one
/// takes the old one's place in the same commit.
#[tokio::test]
async fn the_api_s_description_is_the_one_on_file() {
    let house = House::open("").await;
    let document = house.get("/api/openapi.json").await;
    let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/reference/openapi.json"
    );
    if std::fs::read_to_string(file).unwrap_or_default() != text {
        std::fs::write(format!("{file}.new"), text).unwrap();
        panic!(
            "the API is not the one in docs/reference/openapi.json; openapi.json.new beside it is"
        );
    }
}
