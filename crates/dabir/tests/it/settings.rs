//! Settings that are changed while the server runs: what they do, who may, what is kept.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::routing::get;
use dabir_testing::{Postgres, eventually};
use reqwest::{Client, Method, Response, StatusCode};
use rustix::process::Signal;
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::house::{House, SOON};

const PATH: &str = "/api/v1/settings";

/// Changes settings as the owner; answers those that were named.
async fn change(house: &House, changes: Value) -> Value {
    let body = json!({ "changes": changes });
    let (status, answer) = house.send(Method::PATCH, PATH, Some(body)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer["items"].clone()
}

async fn setting(house: &House, key: &str) -> Value {
    let list = house.get(PATH).await;
    let mut items = list["items"].as_array().unwrap().iter();
    items.find(|item| item["key"] == key).unwrap().clone()
}

/// Ends the server in order.
fn end(house: &House) {
    house.server().signal(Signal::TERM);
    assert_eq!(house.server().wait_for_exit(SOON).code(), Some(0));
}

/// A source without meetings, and how often it was asked.
async fn source() -> (String, Arc<AtomicUsize>) {
    let polls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&polls);
    let list = get(move || {
        count.fetch_add(1, Ordering::Relaxed);
        async { "[]" }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let router = Router::new().route("/", list);
    tokio::spawn(async { axum::serve(listener, router).await });
    (url, polls)
}

#[tokio::test]
async fn a_shorter_interval_wakes_the_poller_that_waits_for_the_longer_one() {
    let (url, polls) = source().await;
    let config =
        format!("[meetings]\npoll_interval = \"1h\"\n[meetings.django]\nurl = \"{url}\"\n");
    let house = House::open(&config).await;
    let polled = async |times: usize| {
        eventually("the source is asked", SOON, async || {
            (polls.load(Ordering::Relaxed) >= times).then_some(())
        })
        .await;
    };
    polled(1).await;
    let changed = change(&house, json!({ "meetings.poll_interval": "100ms" })).await;
    assert_eq!(changed.as_array().unwrap().len(), 1);
    assert_eq!(changed[0]["value"], "100ms");
    assert_eq!(changed[0]["source"], "here");
    assert_eq!(changed[0]["origin"], "admin token");
    assert_eq!(changed[0]["beneath"], "1h");
    assert_eq!(changed[0]["pending"], false);
    polled(5).await;
}

/// The first thing that a stream says from now on with these words in it.
async fn line_with(stream: &mut Response, words: &str) -> String {
    let said = async {
        loop {
            let chunk = stream.chunk().await.unwrap().expect("it goes on");
            let line = String::from_utf8(chunk.to_vec()).unwrap();
            if line.contains(words) {
                return line;
            }
        }
    };
    tokio::time::timeout(SOON, said).await.expect(words)
}

#[tokio::test]
async fn another_limit_bites_at_once_and_its_listeners_hear_of_it() {
    let house = House::open("[limits.stranger]\nper_second = 1000\nburst = 1000\n").await;
    let auditor = house.person("auditor", "auditor").await;
    let events = auditor.on(Client::new().get(format!("{}/api/v1/events", house.url())));
    let mut stream = events.send().await.unwrap();
    stream.chunk().await.unwrap().expect("it says hello");
    let limits = json!({ "limits.stranger.per_second": 1, "limits.stranger.burst": 1 });
    change(&house, limits).await;
    let told = line_with(&mut stream, "\"settings_changed\"").await;
    assert!(told.contains("limits.stranger.burst"), "{told}");
    line_with(&mut stream, "\"action\":\"setting.change\"").await;
    let mut refused = false;
    for _ in 0..60 {
        let answer = reqwest::get(format!("{}/api/v1/meetings", house.url()))
            .await
            .unwrap();
        refused |= answer.status() == StatusCode::TOO_MANY_REQUESTS;
    }
    assert!(refused, "sixty within a moment are more than one a second");
}

#[tokio::test]
async fn only_admins_change_settings_and_each_change_is_in_the_audit() {
    let house = House::open("").await;
    let body = || Some(json!({ "changes": { "meetings.duration": "2h" } }));
    for (role, reads) in [
        ("participant", StatusCode::FORBIDDEN),
        ("writer", StatusCode::FORBIDDEN),
        ("auditor", StatusCode::OK),
        ("operator", StatusCode::OK),
    ] {
        let person = house.person(role, role).await;
        let (status, _) = house.send_as(&person, Method::GET, PATH, None).await;
        assert_eq!(status, reads, "{role}");
        let (status, problem) = house.send_as(&person, Method::PATCH, PATH, body()).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{role}: {problem}");
    }
    assert_eq!(
        setting(&house, "meetings.duration").await["source"],
        "default"
    );

    let admin = house.person("sara", "admin").await;
    let (status, changed) = house.send_as(&admin, Method::PATCH, PATH, body()).await;
    assert_eq!(
        (status, &changed["items"][0]["origin"]),
        (StatusCode::OK, &json!("The admin"))
    );
    let audit = house.get("/api/v1/audit?action=setting").await;
    let entry = &audit["items"][0];
    assert_eq!(audit["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&entry["actor_name"], &entry["target_id"]),
        (&json!("The admin"), &json!("meetings.duration"))
    );
    assert_eq!(
        (&entry["before"]["value"], &entry["after"]["value"]),
        (&json!("1h"), &json!("2h"))
    );
    let meeting = house
        .post("/api/v1/meetings", json!({ "name": "a longer one" }))
        .await;
    let time = |key: &str| {
        meeting[key]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .unwrap()
    };
    let lasts = time("end_time").duration_since(time("date_time"));
    assert_eq!(lasts.as_secs(), 7_200);
}

#[tokio::test]
async fn mistakes_are_named_and_nothing_of_the_change_is_kept() {
    let house = House::open("").await;
    let changes = json!({ "log.level": "debug", "data_dir": "/", "limits.auth.burst": -1 });
    let body = Some(json!({ "changes": changes }));
    let (status, problem) = house.send(Method::PATCH, PATH, body).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("settings.invalid"))
    );
    let errors = problem["errors"].as_array().unwrap();
    let fields: Vec<&Value> = errors.iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["data_dir", "limits.auth.burst"]);
    assert_eq!(setting(&house, "log.level").await["source"], "default");
}

#[tokio::test]
async fn the_log_tells_as_much_as_is_asked_for() {
    let house = House::open("[log]\nlevel = \"error\"\n").await;
    change(&house, json!({ "log.level": "info" })).await;
    // Which of the two comes first does not matter: the next change is told for certain.
    eventually("the log tells of changes", SOON, async || {
        for duration in ["2h", "3h"] {
            change(&house, json!({ "meetings.duration": duration })).await;
        }
        let lines = house.server().lines();
        let told = |line: &String| line.contains("the setting `meetings.duration` is");
        lines.iter().any(told).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_change_outlives_the_server_and_what_waits_for_the_next_start_is_taken_then() {
    let mut house = House::open("").await;
    let changes = json!({ "rooms.guests": false, "meetings.timezone": "Asia/Tehran" });
    let changed = change(&house, changes).await;
    assert_eq!(
        (&changed[0]["key"], &changed[0]["pending"]),
        (&json!("meetings.timezone"), &json!(true))
    );
    assert_eq!(
        (&changed[1]["key"], &changed[1]["pending"]),
        (&json!("rooms.guests"), &json!(false))
    );
    let spec = |meeting: &Value| -> Value {
        let folder = house.room_folder(meeting["id"].as_str().unwrap());
        serde_json::from_slice(&fs::read(folder.join("room.json")).unwrap()).unwrap()
    };
    let before = spec(&house.running_meeting("before").await);
    assert_eq!(
        (&before["guests"], &before["timezone"]),
        (&json!(false), &json!("UTC"))
    );
    end(&house);
    house.start(&[]);
    assert_eq!(setting(&house, "meetings.timezone").await["pending"], false);
    let meeting = house.running_meeting("after").await;
    let folder = house.room_folder(meeting["id"].as_str().unwrap());
    let after: Value =
        serde_json::from_slice(&fs::read(folder.join("room.json")).unwrap()).unwrap();
    assert_eq!(
        (&after["guests"], &after["timezone"]),
        (&json!(false), &json!("Asia/Tehran"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_server_on_the_same_database_takes_the_change() {
    let postgres = Postgres::start();
    let config = format!("[database]\nurl = \"{}\"\n", postgres.database());
    let (one, other) = (House::open(&config).await, House::open(&config).await);
    let limits = json!({ "limits.pages.burst": 12_345 });
    change(&one, limits).await;
    eventually("the other server sees it", SOON, async || {
        let burst = setting(&other, "limits.pages.burst").await;
        (burst["value"] == 12_345).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_damaged_value_is_reported_and_does_not_stop_the_start() {
    let mut house = House::open("").await;
    change(&house, json!({ "meetings.poll_interval": "9s" })).await;
    end(&house);
    let url = format!("sqlite://{}", house.path().join("data/dabir.db").display());
    let db = Database::connect(url).await.unwrap();
    let damage = "UPDATE settings SET value = '\"soon\"'";
    db.execute_unprepared(damage).await.unwrap();
    db.close().await.unwrap();
    house.start(&[]);
    let warned = house
        .server()
        .wait_for_line(SOON, |line| line.contains("set aside"));
    assert!(
        warned.contains("meetings.poll_interval") && warned.contains("100ms to 1d"),
        "{warned}"
    );
    let interval = setting(&house, "meetings.poll_interval").await;
    assert_eq!(
        (&interval["value"], &interval["source"]),
        (&json!("5s"), &json!("default"))
    );
    assert!(
        interval["set_aside"].as_str().unwrap().contains("`soon`"),
        "{interval}"
    );
}

#[tokio::test]
async fn the_command_shows_who_says_what_and_leaves_no_trace() {
    let mut house =
        House::furnished("[meetings]\nduration = \"2h\"\n[meetings.django]\ntoken = \"s3cret\"\n");
    let show = |house: &House, words: &[&str]| {
        let mut command = house.command();
        command.args(words).env("DABIR_LOG__LEVEL", "warn");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let text = show(&house, &["config", "show"]);
    assert!(text.contains("duration = \"2h\"  # dabir.toml:"), "{text}");
    assert!(
        text.contains("level = \"warn\"  # DABIR_LOG__LEVEL"),
        "{text}"
    );
    assert!(text.contains("poll_interval = \"5s\"\n"), "{text}");
    assert!(
        text.contains("# django.token is set and not shown  # dabir.toml:"),
        "{text}"
    );
    assert!(!text.contains("s3cret"));
    assert!(!house.path().join("data").exists(), "a look makes nothing");
    fs::write(house.path().join("again.toml"), &text).unwrap();
    show(&house, &["--config", "again.toml", "config", "check"]);

    house.start(&[]);
    change(&house, json!({ "meetings.duration": "3h" })).await;
    for is_running in [true, false] {
        let text = show(&house, &["config", "show"]);
        assert!(
            text.contains("duration = \"3h\"  # changed here by admin token"),
            "{text}"
        );
        if is_running {
            end(&house);
        }
    }
    let list: Value = serde_json::from_str(&show(&house, &["--json", "config", "show"])).unwrap();
    let items = list["items"].as_array().unwrap();
    let duration = items
        .iter()
        .find(|item| item["key"] == "meetings.duration")
        .unwrap();
    assert_eq!(
        (&duration["value"], &duration["beneath"]),
        (&json!("3h"), &json!("2h"))
    );
}
