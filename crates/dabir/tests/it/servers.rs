//! Several servers on one PostgreSQL: one leads, each keeps its rooms, and what is lost is taken over.

use std::time::Duration;

use dabir_testing::{Postgres, ProcessId, Upstream, UpstreamOptions, Wire, eventually};
use reqwest::{Method, StatusCode};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::house::{House, SOON, process_of};
use crate::join::Guest;
use crate::processes::second;

/// A lease, the wait after it, and a busy machine.
const TAKEN_OVER: Duration = Duration::from_secs(40);
const SETTINGS: &str = "[meetings]\nfailover = \"1s\"\n";

/// Two servers: the first of them leads.
async fn two(database: &str, settings: &str) -> (House, House) {
    let config = format!("[database]\nurl = \"{database}\"\n{settings}");
    let first = House::open(&config).await;
    let mut second = second(&first, &config);
    second.start(&[]);
    (first, second)
}

fn id(meeting: &Value) -> &str {
    meeting["id"].as_str().unwrap()
}

fn room_of(house: &House, meeting: &Value) -> ProcessId {
    process_of(&house.record(id(meeting)).unwrap())
}

fn signal(process: ProcessId, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(process.pid).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

/// Waits until the meeting runs on a process of `house`, and answers that.
async fn runs_at(house: &House, meeting: &Value) -> ProcessId {
    eventually("it runs here", TAKEN_OVER, async || {
        let shown = house.meeting(id(meeting)).await;
        (shown["state"] == "running" && shown["pid"].is_u64()).then(|| room_of(house, meeting))
    })
    .await
}

/// Waits until both tell the same of the meeting's state.
async fn is_known_to_both(houses: [&House; 2], meeting: &Value, state: &str) {
    for house in houses {
        house.state_of(id(meeting), state).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_at_one_server_happens_at_the_other_and_people_come_in_at_both() {
    let postgres = Postgres::start();
    let (mut first, other) = two(&postgres.database(), SETTINGS).await;
    let meeting = other.running_meeting("made at the other").await;
    let room = room_of(&first, &meeting);
    assert!(other.record(id(&meeting)).is_none(), "one room alone");
    is_known_to_both([&first, &other], &meeting, "running").await;
    let mut people = Vec::new();
    for house in [&first, &other] {
        let guest = Guest::of(house, &house.meeting(id(&meeting)).await);
        let (line, you) = guest.comes_in(guest.press("Mina")).await;
        assert_eq!(you["name"], "Mina");
        people.push(line);
    }
    for house in [&first, &other] {
        eventually("both are counted", SOON, async || {
            let shown = house.meeting(id(&meeting)).await;
            (shown["clients"] == 2).then_some(())
        })
        .await;
    }
    drop(people);

    first.server().kill9();
    let started = other.running_meeting("while the first is away").await;
    room_of(&other, &started);
    let guest = Guest::of(&other, &other.meeting(id(&meeting)).await);
    guest.comes_in(guest.press("Reza")).await;
    assert!(room.is_alive() && other.record(id(&meeting)).is_none());

    first.start(&[]);
    assert_eq!(runs_at(&first, &meeting).await, room, "it is its own again");
    is_known_to_both([&first, &other], &started, "running").await;
    assert!(first.record(id(&started)).is_none());
    other.stop(id(&meeting)).await;
    first.stop(id(&started)).await;
    assert!(!room.is_alive());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_meetings_of_a_lost_server_go_on_at_the_other_and_stay_there() {
    let postgres = Postgres::start();
    let (mut first, other) = two(&postgres.database(), SETTINGS).await;
    let meeting = first.running_meeting("lost").await;
    let old = room_of(&first, &meeting);
    first.server().kill9();
    dabir_testing::process::kill9(old);
    let new = runs_at(&other, &meeting).await;
    first.start(&[]);
    is_known_to_both([&first, &other], &meeting, "running").await;
    assert!(new.is_alive() && first.record(id(&meeting)).is_none());
    let audit = other.get("/api/v1/audit?action=meeting").await;
    let mut noted = audit["items"].as_array().unwrap().iter();
    let taken = noted.find(|one| one["action"] == "meeting.take_over");
    assert_eq!(taken.unwrap()["target_id"], meeting["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stood_still_ends_the_room_that_another_took_over() {
    let postgres = Postgres::start();
    let (first, other) = two(&postgres.database(), SETTINGS).await;
    let meeting = first.running_meeting("stood still").await;
    let old = room_of(&first, &meeting);
    for process in [first.server().id(), old] {
        signal(process, Signal::STOP);
    }
    let new = runs_at(&other, &meeting).await;
    for process in [old, first.server().id()] {
        signal(process, Signal::CONT);
    }
    eventually("one room is left", SOON, async || {
        (!old.is_alive()).then_some(())
    })
    .await;
    is_known_to_both([&first, &other], &meeting, "running").await;
    assert!(new.is_alive());
    assert!(first.meeting(id(&meeting)).await["pid"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_cut_off_keeps_its_rooms_and_finds_its_way_back() {
    let postgres = Postgres::start();
    let database = postgres.database();
    let address = database.parse::<reqwest::Url>().unwrap();
    let target = (address.host_str().unwrap(), address.port().unwrap());
    let wire = Wire::to(format!("{}:{}", target.0, target.1).parse().unwrap()).await;
    let mut through = address.clone();
    through.set_port(Some(wire.address().port())).unwrap();
    let config = |url: &str| format!("[database]\nurl = \"{url}\"\n{SETTINGS}");
    let first = House::open(&config(through.as_str())).await;
    let mut other = second(&first, &config(&database));
    other.start(&[]);
    let meeting = first.running_meeting("cut off").await;
    let room = room_of(&first, &meeting);
    let company = |line: &str| line.contains("other servers share the database");
    first.server().wait_for_line(SOON, company);
    let soon = dabir_core::Clock::default().now() + Duration::from_secs(4);
    let due = json!({ "name": "due", "date_time": soon.to_string() });
    let due = first.post("/api/v1/meetings", due).await;

    wire.cut();
    runs_at(&other, &due).await;
    assert!(first.record(id(&due)).is_none(), "it begins nothing");
    let held_back = format!("{} does not begin", id(&due));
    first
        .server()
        .wait_for_line(SOON, |line| line.contains(&held_back));
    let made = other.running_meeting("made meanwhile").await;
    let guest = Guest::of(&other, &other.meeting(id(&meeting)).await);
    guest.comes_in(guest.press("Sara")).await;
    assert!(room.is_alive(), "it answers, so it is where it was");
    assert!(other.record(id(&meeting)).is_none());

    wire.mend_for_new();
    eventually("it knows of both again", TAKEN_OVER, async || {
        let path = format!("/api/v1/meetings/{}", id(&made));
        let (status, known) = first.send(Method::GET, &path, None).await;
        (status == StatusCode::OK && known["state"] == "running").then_some(())
    })
    .await;
    assert_eq!(runs_at(&first, &meeting).await, room);
    for begun_there in [&made, &due] {
        assert!(first.record(id(begun_there)).is_none());
    }
    let stop = format!("/api/v1/meetings/{}/stop", id(&meeting));
    eventually("its dead connections are forgotten", SOON, async || {
        let (status, problem) = first.send(Method::POST, &stop, None).await;
        let is_silent = status == StatusCode::SERVICE_UNAVAILABLE;
        assert!(is_silent || status == StatusCode::OK, "{problem}");
        (!is_silent).then_some(())
    })
    .await;
    other.state_of(id(&meeting), "ended").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_asks_the_source_and_either_tells_of_it() {
    let upstream = Upstream::start(UpstreamOptions::default());
    let settings = format!(
        "[meetings]\npoll_interval = \"10m\"\n[meetings.django]\nurl = \"{}\"\n",
        upstream.url()
    );
    let postgres = Postgres::start();
    let (first, other) = two(&postgres.database(), &settings).await;
    let asked = async |house: &House| {
        let status = house.post("/api/v1/meetings/refresh", Value::Null).await;
        assert_eq!(status["ok"], true, "{status}");
        status["meetings"].clone()
    };
    assert_eq!(asked(&first).await, json!(0));
    let before = upstream.counts().requests;
    assert_eq!(asked(&other).await, json!(0));
    assert_eq!(
        upstream.counts().requests,
        before + 1,
        "one poll, and one alone"
    );

    first.server().kill9();
    upstream.create(&dabir_testing::NewMeeting {
        name: "listed".to_owned(),
        date_time: dabir_core::Clock::default().now().to_string(),
        port: None,
        is_running: true,
    });
    eventually("the other asks", TAKEN_OVER, async || {
        let list = other.get("/api/v1/meetings?state=running").await;
        (list["items"][0]["name"] == "listed").then_some(())
    })
    .await;
}
