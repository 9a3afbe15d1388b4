//! Foreign programs as rooms: the Python server that installations already have, with good and bad
//! manners.

use std::time::Duration;

use dabir_testing::mini_server;
use dabir_testing::process::{children, kill9};
use serde_json::{Value, json};

use crate::house::House;

/// A house whose rooms are the Python server with these manners.
async fn house(manners: &[&str], more: &str) -> House {
    let command = serde_json::to_string(&mini_server::command(manners)).unwrap();
    House::open(&format!("[rooms]\ncommand = {command}\n{more}")).await
}

#[tokio::test]
async fn the_seed_s_mini_server_runs_unchanged() {
    let mut house = house(&[], "").await;
    let meeting = house.running_meeting("python").await;
    let id = meeting["id"].as_str().unwrap();
    let port = meeting["port"].as_i64().unwrap();
    let page = reqwest::get(format!("http://127.0.0.1:{port}/"))
        .await
        .unwrap();
    assert!(page.status().is_success());
    let through = reqwest::get(format!("{}/rooms/{id}/", house.url()))
        .await
        .unwrap();
    assert!(
        through.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("sandbox")
    );
    house.server().kill9();
    house.start(&[]);
    let again = house.state_of(id, "running").await;
    assert_eq!(again["pid"], meeting["pid"]);
    house
        .post(&format!("/api/v1/meetings/{id}/stop"), Value::Null)
        .await;
    house.state_of(id, "ended").await;
    assert!(
        reqwest::get(format!("http://127.0.0.1:{port}/"))
            .await
            .is_err()
    );
    let log = house.get(&format!("/api/v1/meetings/{id}/logs")).await;
    assert!(
        log["lines"].to_string().contains(&port.to_string()),
        "{log}"
    );
}

#[tokio::test]
async fn one_that_ignores_sigterm_is_killed_and_that_is_said() {
    let house = house(
        &["--ignore-sigterm"],
        "[meetings]\nstop_grace = \"300ms\"\n",
    )
    .await;
    let meeting = house.running_meeting("deaf").await;
    let id = meeting["id"].as_str().unwrap();
    let room = house.room(id);
    house
        .post(&format!("/api/v1/meetings/{id}/stop"), Value::Null)
        .await;
    let ended = house.state_of(id, "ended").await;
    assert!(
        ended["last_error"].as_str().unwrap().contains("ignored"),
        "{ended}"
    );
    assert!(!room.is_alive());
}

#[tokio::test]
async fn one_that_never_answers_fails_with_that_reason() {
    let house = house(
        &["--never-ready"],
        "ready_timeout = \"400ms\"\nrestart_max = 1\n",
    )
    .await;
    let made = house
        .post("/api/v1/meetings", json!({ "name": "mute" }))
        .await;
    let failed = house.state_of(made["id"].as_str().unwrap(), "failed").await;
    assert!(
        failed["last_error"]
            .as_str()
            .unwrap()
            .contains("did not answer within 400ms"),
        "{failed}"
    );
    assert!(failed["pid"].is_null());
}

#[tokio::test]
async fn one_that_exits_at_once_fails_with_that_reason() {
    let house = house(&["--exit-at-once", "3"], "restart_max = 1\n").await;
    let made = house
        .post("/api/v1/meetings", json!({ "name": "gone" }))
        .await;
    let failed = house.state_of(made["id"].as_str().unwrap(), "failed").await;
    assert!(
        failed["last_error"]
            .as_str()
            .unwrap()
            .contains("before it was ready"),
        "{failed}"
    );
}

#[tokio::test]
async fn one_that_is_missing_fails_with_that_reason() {
    let house =
        House::open("[rooms]\ncommand = [\"/nowhere/server\", \"{port}\"]\nrestart_max = 1\n")
            .await;
    let made = house
        .post("/api/v1/meetings", json!({ "name": "none" }))
        .await;
    let failed = house.state_of(made["id"].as_str().unwrap(), "failed").await;
    assert!(
        failed["last_error"]
            .as_str()
            .unwrap()
            .contains("cannot start `/nowhere/server`"),
        "{failed}"
    );
}

#[tokio::test]
async fn one_ends_with_its_meeting_while_no_supervisor_lives() {
    let house = house(&["--grandchildren", "1"], "").await;
    let made = house
        .post(
            "/api/v1/meetings",
            json!({ "name": "alone", "duration": "3s" }),
        )
        .await;
    let meeting = house
        .state_of(made["id"].as_str().unwrap(), "running")
        .await;
    let room = house.room(made["id"].as_str().unwrap());
    let port = u16::try_from(meeting["port"].as_u64().unwrap()).unwrap();
    house.server().kill9();
    dabir_testing::wait_until("the room ends itself", Duration::from_secs(15), || {
        !room.is_alive()
    });
    assert!(
        std::net::TcpStream::connect(("127.0.0.1", port)).is_err(),
        "nothing listens any more"
    );
}

#[tokio::test]
async fn one_whose_guard_died_with_the_supervisor_is_replaced() {
    let mut house = house(&[], "").await;
    let meeting = house.running_meeting("orphan").await;
    let id = meeting["id"].as_str().unwrap();
    let guard = house.room(id);
    let program = children(guard.pid)[0];
    house.server().kill9();
    kill9(guard);
    assert!(program.is_alive());
    house.start(&[]);
    let again = house.state_of(id, "running").await;
    assert_ne!(again["pid"], meeting["pid"]);
    assert!(!program.is_alive(), "no two serve one meeting");
}

#[tokio::test]
async fn what_it_forked_goes_with_it() {
    let house = house(&["--grandchildren", "2"], "").await;
    let meeting = house.running_meeting("family").await;
    let id = meeting["id"].as_str().unwrap();
    let room = house.room(id);
    let mut family = Vec::new();
    dabir_testing::wait_until("it forks", Duration::from_secs(10), || {
        let guarded = children(room.pid);
        family = guarded
            .iter()
            .flat_map(|child| children(child.pid))
            .collect();
        family.extend(guarded);
        family.len() >= 3
    });
    house
        .post(&format!("/api/v1/meetings/{id}/stop"), Value::Null)
        .await;
    house.state_of(id, "ended").await;
    assert!(
        family.iter().all(|process| !process.is_alive()),
        "{family:?}"
    );
}
