//! What lists and pages of the console ask: searching, sorting and counting meetings, reasons by
//! code, what a room takes, what happened last.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, SOON};

async fn add(house: &House, name: &str, date_time: &str) -> String {
    let body = json!({ "name": name, "date_time": date_time });
    let made = house.post("/api/v1/meetings", body).await;
    made["id"].as_str().unwrap().to_owned()
}

/// The names that a query lists, and its answer.
async fn names(house: &House, query: &[(&str, &str)]) -> (Vec<String>, Value) {
    let url = reqwest::Url::parse_with_params("http://x/api/v1/meetings", query).unwrap();
    let path = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let page = house.get(&path).await;
    let items = page["items"].as_array().unwrap().iter();
    let names = items.map(|item| item["name"].as_str().unwrap().to_owned());
    (names.collect(), page)
}

#[tokio::test]
async fn meetings_are_searched_sorted_counted_and_paged() {
    let house = House::open("").await;
    add(&house, "گروه فیزیک", "2090-01-03T10:00:00Z").await;
    add(&house, "شوراي آموزشی ۱۰", "2090-01-02T10:00:00Z").await;
    add(&house, "شورای آموزشی ۹", "2090-01-01T10:00:00Z").await;
    let live = house.running_meeting("کارگاه").await;
    let (found, page) = names(&house, &[("search", "شورای اموزشي"), ("sort", "name")]).await;
    assert_eq!(found, ["شورای آموزشی ۹", "شوراي آموزشی ۱۰"]);
    assert_eq!(page["totals"]["scheduled"], 2);
    assert_eq!(page["totals"]["running"], 0);

    let (found, page) = names(&house, &[("state", "running,failed")]).await;
    assert_eq!(found, ["کارگاه"]);
    assert_eq!(page["totals"]["scheduled"], 3, "of all states");
    let begin = live["date_time"].as_str().unwrap();
    assert_eq!(names(&house, &[("to", begin)]).await.0, [""; 0]);
    let (found, _) = names(
        &house,
        &[
            ("from", "2090-01-01T11:00:00Z"),
            ("to", "2090-01-03T00:00:00Z"),
        ],
    )
    .await;
    assert_eq!(found, ["شوراي آموزشی ۱۰"]);

    let mut walked = Vec::new();
    let mut cursor = String::new();
    loop {
        let (found, page) = names(
            &house,
            &[("sort", "name"), ("limit", "1"), ("cursor", &cursor)]
                [..if cursor.is_empty() { 2 } else { 3 }],
        )
        .await;
        walked.extend(found);
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(
        walked,
        ["شورای آموزشی ۹", "شوراي آموزشی ۱۰", "کارگاه", "گروه فیزیک"]
    );

    for (query, status) in [
        ("state=sleeping", StatusCode::BAD_REQUEST),
        ("sort=size", StatusCode::BAD_REQUEST),
        ("from=yesterday", StatusCode::BAD_REQUEST),
        ("cursor=e.1.a&sort=name", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let path = format!("/api/v1/meetings?{query}");
        let (answered, problem) = house.send(Method::GET, &path, None).await;
        assert_eq!(answered, status, "{query}: {problem}");
    }
    for odd in ["%00", "%27", "%25", "%5C", "%E2%80%8C"] {
        house.get(&format!("/api/v1/meetings?search={odd}")).await;
    }
}

#[tokio::test]
async fn a_meeting_tells_what_its_room_takes() {
    let house = House::open("").await;
    let meeting = house.running_meeting("busy").await;
    let process = &meeting["process"];
    assert_eq!(process["pid"], meeting["pid"]);
    assert_eq!(process["memory_kind"], "pss");
    assert!(
        process["memory_bytes"].as_u64().unwrap() > 100_000,
        "{process}"
    );
    assert!(process["cpu_share"].as_f64().unwrap() >= 0.0, "{process}");
    assert_eq!(process["restarts"], 0);
    let id = meeting["id"].as_str().unwrap();
    dabir_testing::process::kill9(house.room(id));
    let again = house
        .until("it is back", id, |now| now["process"]["restarts"] == 1)
        .await;
    assert_ne!(again["process"]["pid"], process["pid"]);
    house.stop(id).await;
    assert!(house.meeting(id).await["process"].is_null());
    let listed = house.get("/api/v1/meetings").await;
    assert!(
        listed["items"][0].get("process").is_none(),
        "it costs a look"
    );
}

#[tokio::test]
async fn a_room_of_a_foreign_program_counts_the_program() {
    let command = serde_json::to_string(&dabir_testing::mini_server::command(&[])).unwrap();
    let house = House::open(&format!("[rooms]\ncommand = {command}\n")).await;
    let meeting = house.running_meeting("foreign").await;
    let memory = meeting["process"]["memory_bytes"].as_u64().unwrap();
    assert!(
        memory > 4_000_000,
        "a Python program takes more than {memory}"
    );
    house.stop(meeting["id"].as_str().unwrap()).await;
}

#[tokio::test]
async fn reasons_have_codes_and_facts() {
    let house = House::open("").await;
    let port = house.port(11);
    let thief = std::net::TcpListener::bind(("0.0.0.0", u16::try_from(port).unwrap())).unwrap();
    let body = json!({ "name": "x", "port": port });
    let made = house.post("/api/v1/meetings", body).await;
    let id = made["id"].as_str().unwrap();
    let failed = house.state_of(id, "failed").await;
    assert_eq!(failed["last_error_code"], "port.taken");
    assert_eq!(failed["last_error_facts"]["port"], port);
    assert!(failed["last_error_facts"]["holder"].is_string(), "{failed}");
    add(&house, "later", "2090-01-01T10:00:00Z").await;

    let plan = house
        .get(&format!("/api/v1/meetings/plan?meeting={id}"))
        .await;
    assert_eq!(plan["steps"].as_array().unwrap().len(), 1);
    assert_eq!(plan["steps"][0]["code"], "port.taken");
    let resting = house.get("/api/v1/meetings/plan?action=rest").await;
    let step = &resting["steps"][0];
    assert_eq!(
        (&step["name"], &step["code"]),
        (&json!("later"), &json!("time.ahead"))
    );
    assert_eq!(step["facts"], json!({ "begin": "2090-01-01T10:00:00Z" }));
    // It is known after a restart as well.
    drop(thief);
    house.state_of(id, "running").await;
    house.stop(id).await;
    let ended = house.meeting(id).await;
    assert_eq!(
        ended["last_error_code"], failed["last_error_code"],
        "{ended}"
    );
}

#[tokio::test]
async fn what_happened_last_can_be_read_at_once() {
    let house = House::open("").await;
    let meeting = house.running_meeting("told").await;
    let recent = house.get("/api/v1/events/recent?limit=200").await;
    let items = recent["items"].as_array().unwrap();
    let running = items
        .iter()
        .find(|event| event["state"] == "running")
        .unwrap_or_else(|| panic!("{recent:#}"));
    assert_eq!(
        (&running["type"], &running["name"]),
        (&json!("meeting_changed"), &json!("told"))
    );
    assert_eq!(running["id"], meeting["id"]);
    assert!(running["at"].as_str().unwrap().ends_with('Z'));
    let numbers: Vec<u64> = items
        .iter()
        .map(|event| event["event_id"].as_u64().unwrap())
        .collect();
    assert!(
        numbers.is_sorted_by(|a, b| a > b),
        "the newest first: {numbers:?}"
    );

    let first = house.get("/api/v1/events/recent?limit=1").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = house
        .get(&format!("/api/v1/events/recent?limit=1&cursor={cursor}"))
        .await;
    assert!(second["items"][0]["event_id"].as_u64() < first["items"][0]["event_id"].as_u64());
    for query in ["limit=0", "limit=201"] {
        let path = format!("/api/v1/events/recent?{query}");
        let (status, _) = house.send(Method::GET, &path, None).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
}

#[tokio::test]
async fn a_listener_that_comes_back_misses_nothing_or_is_told_to_read_anew() {
    let mut house = House::open("").await;
    house.post("/api/v1/port/pick", Value::Null).await;
    let recent = house.get("/api/v1/events/recent").await;
    let seen = recent["items"][0]["event_id"].to_string();
    for _ in 0..3 {
        house.post("/api/v1/port/pick", Value::Null).await;
    }
    let text = first_of_stream(&house, &seen).await;
    assert_eq!(text.matches("\"port_picked\"").count(), 3, "{text}");
    assert!(
        !text.contains(&format!("id: {seen}\n")) && text.contains("\"at\":"),
        "{text}"
    );
    house.server().kill9();
    house.start(&[]);
    house.post("/api/v1/port/pick", Value::Null).await;
    let text = first_of_stream(&house, &seen).await;
    assert!(text.starts_with("event: reset\n"), "{text}");
}

/// What the stream of events begins with for a listener that saw the event `since` last.
async fn first_of_stream(house: &House, since: &str) -> String {
    let request = reqwest::Client::new()
        .get(format!("{}/api/v1/events", house.url()))
        .bearer_auth(house.token())
        .header("last-event-id", since);
    let mut answer = request.send().await.unwrap();
    let mut text = String::new();
    let read = async {
        while text.matches("\n\n").count() < 3 && !text.contains("reset") {
            text += &String::from_utf8_lossy(&answer.chunk().await.unwrap().unwrap());
        }
    };
    tokio::time::timeout(SOON, read).await.unwrap();
    text
}

#[tokio::test]
async fn ports_tell_their_times_as_instants_and_their_backups_sizes() {
    let house = House::open("").await;
    house.post("/api/v1/port/pick", Value::Null).await;
    let state = house.get("/api/v1/port/state").await;
    let at = state["history"][0]["at"].as_str().unwrap();
    assert!(at.ends_with(":00Z"), "{at}");
    let files = house.get("/api/v1/port/backup/list").await;
    assert_eq!(files["files"][0]["name"], files["backups"][0]);
    assert!(
        files["files"][0]["size_bytes"].as_u64().unwrap() > 10,
        "{files}"
    );
}
