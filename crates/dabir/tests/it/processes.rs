//! Two servers on one database: what one of them changes holds in the other.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::Path;
use std::time::Instant;

use dabir_testing::{Postgres, eventually};
use reqwest::{Method, Response, StatusCode};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;

use crate::accounts::{AT_ONCE, next};
use crate::house::{House, SOON, Session};
use crate::join::Guest;

/// A second house with the secrets of the first: people come to either.
pub(crate) fn second(first: &House, config: &str) -> House {
    let second = House::furnished(config);
    let secrets = |house: &House| house.path().join("data/secrets");
    private_dir(&secrets(&second));
    for file in fs::read_dir(secrets(first)).unwrap().flatten() {
        fs::copy(file.path(), secrets(&second).join(file.file_name())).unwrap();
    }
    second
}

fn private_dir(path: &Path) {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(path).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_what_one_process_does_holds_in_the_other() {
    let postgres = Postgres::start();
    let config = format!("[database]\nurl = \"{}\"\n", postgres.database());
    let mut door = House::furnished(&config);
    door.start(&["--roles", "api"]);
    let mut rooms = second(&door, &config);
    rooms.start(&[]);
    who_is_out_is_out(&door, &rooms).await;
    what_runs_is_open_at_both(&mut door, &rooms).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_what_one_process_does_holds_in_the_other() {
    let mut door = House::furnished("");
    door.start(&["--roles", "api"]);
    let mut rooms = second(&door, "");
    let database = |house: &House| house.path().join("data/dabir.db");
    symlink(database(&door), database(&rooms)).unwrap();
    rooms.start(&[]);
    who_is_out_is_out(&door, &rooms).await;
    what_runs_is_open_at_both(&mut door, &rooms).await;
}

/// What `rooms` keeps open is entered at `door` too, whenever that was started; unless it cannot be
/// reached from there, which `door` then says.
async fn what_runs_is_open_at_both(door: &mut House, rooms: &House) {
    let meeting = rooms.running_meeting("everywhere").await;
    let id = meeting["id"].as_str().unwrap();
    for restarted in [false, true] {
        if restarted {
            door.server().kill9();
            door.start(&["--roles", "api"]);
        }
        let meeting = door.meeting(id).await;
        let guest = Guest::of(door, &meeting);
        let (_room, you) = guest.comes_in(guest.press("Mina")).await;
        assert_eq!(you["name"], "Mina");
    }
    assert_eq!(rooms.meeting(id).await["state"], "running");
    let room = rustix::process::Pid::from_raw(rooms.room(id).pid.cast_signed()).unwrap();
    rustix::process::kill_process(room, Signal::STOP).unwrap();
    let guest = Guest::of(door, &door.meeting(id).await);
    eventually("it is out of reach", SOON, async || {
        let state: Value = guest.get("/state").await.json().await.unwrap();
        (state["state"] == "elsewhere").then_some(())
    })
    .await;
    leads_nobody_in(door, id).await;
    rustix::process::kill_process(room, Signal::CONT).unwrap();
    rooms.stop(id).await;
    let meeting = door.meeting(id).await;
    let state = Guest::of(door, &meeting).get("/state").await;
    assert_eq!(state.json::<Value>().await.unwrap()["state"], "over");
}

/// Every way into the room of `id` says that the room is not at `door`.
async fn leads_nobody_in(door: &House, id: &str) {
    let meeting = door.meeting(id).await;
    let guest = Guest::of(door, &meeting);
    let state = guest.get("/state").await.json::<Value>().await.unwrap();
    assert_eq!(state["state"], "elsewhere");
    for (lang, words) in [("fa", "در نشانی دیگری"), ("en", "other address")] {
        let page = guest.page(lang).await;
        assert!(page.contains(words) && !page.contains("<form"), "{page}");
    }
    let pressed = guest.press("Mina").send().await.unwrap();
    assert_eq!(pressed.status(), StatusCode::CONFLICT);

    let join = format!("/api/v1/meetings/{id}/join");
    let room = format!("/rooms/{id}/");
    for (method, path) in [(Method::POST, join), (Method::GET, room)] {
        let (status, problem) = door.send(method, &path, None).await;
        assert_eq!(status, StatusCode::CONFLICT, "{path}");
        assert_eq!(problem["code"], "meetings.elsewhere", "{path}");
    }
}

/// People are let in and put out at `door`, and are in what `rooms` keeps open.
async fn who_is_out_is_out(door: &House, rooms: &House) {
    let operator = door.person("operator", "operator").await;
    assert_eq!(asks(rooms, &operator).await, StatusCode::OK, "at once");
    let stream = stream(rooms, &operator).await;
    let signed_out = Instant::now();
    door.post("/api/v1/users/operator@example.org/sign-out", Value::Null)
        .await;
    ends(stream).await;
    assert!(signed_out.elapsed() < AT_ONCE, "{:?}", signed_out.elapsed());
    assert_eq!(asks(rooms, &operator).await, StatusCode::UNAUTHORIZED);

    let token = token(door).await;
    eventually("the token lets in", SOON, async || {
        (asks(rooms, &token).await == StatusCode::OK).then_some(())
    })
    .await;
    let operator = door.sign_in("operator@example.org").await;
    let meeting = rooms.running_meeting("board").await;
    let id = meeting["id"].as_str().unwrap();
    let join = format!("/api/v1/meetings/{id}/join");
    let (_, joined) = rooms.send_as(&operator, Method::POST, &join, None).await;
    let base = rooms.url().replacen("http", "ws", 1);
    let way_in = format!(
        "{base}/rooms/{id}/ws?token={}",
        joined["token"].as_str().unwrap()
    );
    let (mut room, _) = connect_async(way_in).await.unwrap();
    assert!(next(&mut room, "welcome").await.is_some());
    let stream = self::stream(rooms, &token).await;
    let blocked = Instant::now();
    let body = json!({ "reason": "for a test" });
    door.post("/api/v1/users/operator@example.org/block", body)
        .await;
    assert!(next(&mut room, "kicked").await.is_some());
    ends(stream).await;
    assert!(blocked.elapsed() < AT_ONCE, "{:?}", blocked.elapsed());
    for key in [&operator, &token] {
        assert_eq!(asks(rooms, key).await, StatusCode::UNAUTHORIZED);
    }
}

async fn token(house: &House) -> Session {
    let new = json!({ "name": "script", "user": "operator@example.org" });
    let made = house.post("/api/v1/tokens", new).await;
    Session::of_token(made["secret"].as_str().unwrap())
}

async fn asks(house: &House, who: &Session) -> StatusCode {
    let asked = house.send_as(who, Method::GET, "/api/v1/auth/me", None);
    asked.await.0
}

/// A stream of events that has begun.
async fn stream(house: &House, who: &Session) -> Response {
    let events = house.request(Method::GET, "/api/v1/events");
    let mut stream = who.on(events).send().await.unwrap();
    assert!(stream.chunk().await.unwrap().is_some(), "it says hello");
    stream
}

async fn ends(mut stream: Response) {
    let rest = async { while stream.chunk().await.unwrap().is_some() {} };
    tokio::time::timeout(SOON, rest).await.unwrap();
}
