//! The supervisor dies, in every way: nobody in a room notices, nobody else is harmed.

use std::fs;
use std::process::{Child, Command};
use std::time::Duration;

use dabir_testing::ProcessId;
use dabir_testing::process::{kill9, spawn_with_pid};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::house::{House, SOON, process_of};

fn id(meeting: &Value) -> &str {
    meeting["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_killed_supervisor_finds_its_rooms_again() {
    let mut house = House::open("").await;
    let meeting = house.running_meeting("survivor").await;
    let port = meeting["port"].as_i64().unwrap();
    let url = format!("ws://127.0.0.1:{port}/ws?name=Ali");
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    house.server().kill9();
    house.info(port).await;
    house.start(&[]);
    let again = house.state_of(id(&meeting), "running").await;
    assert_eq!(again["pid"], meeting["pid"]);
    house
        .until("it counts who stayed", id(&meeting), |meeting| {
            meeting["clients"] == 1
        })
        .await;
    assert_eq!(
        house.get("/api/v1/port/used").await["used_ports"],
        json!([port])
    );
    // The socket of before is still the same connection.
    let asked = Message::Ping("are you there?".into());
    socket.send(asked).await.unwrap();
    let answer = async {
        while let Some(message) = socket.next().await {
            if message.unwrap() == Message::Pong("are you there?".into()) {
                return true;
            }
        }
        false
    };
    assert!(tokio::time::timeout(SOON, answer).await.unwrap());
    house.stop(id(&meeting)).await;
    assert!(!process_of_meeting(&meeting).is_alive());
}

fn process_of_meeting(meeting: &Value) -> ProcessId {
    let pid = u32::try_from(meeting["pid"].as_u64().unwrap()).unwrap();
    ProcessId::of(pid).unwrap_or(ProcessId { pid, start_time: 0 })
}

#[tokio::test]
async fn a_crashed_room_comes_back_on_its_port_and_nobody_is_refused() {
    let house = House::open("").await;
    let meeting = house.running_meeting("crash").await;
    let port = meeting["port"].as_i64().unwrap();
    kill9(house.room(id(&meeting)));
    // The socket stays open meanwhile: whoever comes now waits, and is not refused.
    std::net::TcpStream::connect(("127.0.0.1", u16::try_from(port).unwrap())).unwrap();
    let again = house
        .until("it comes back", id(&meeting), |now| {
            now["state"] == "running" && now["restarts"] == 1
        })
        .await;
    assert_eq!(again["port"], port);
    assert_ne!(again["pid"], meeting["pid"]);
    assert!(
        again["last_error"].as_str().unwrap().contains("signal: 9"),
        "{again}"
    );
}

#[tokio::test]
async fn a_room_taken_over_and_crashed_comes_back_with_the_same_socket() {
    let mut house = House::open("").await;
    let meeting = house.running_meeting("twice").await;
    house.server().kill9();
    house.start(&[]);
    house.state_of(id(&meeting), "running").await;
    kill9(house.room(id(&meeting)));
    let again = house
        .until("it comes back", id(&meeting), |now| {
            now["state"] == "running" && now["restarts"] == 1
        })
        .await;
    assert_eq!(again["port"], meeting["port"]);
}

#[tokio::test]
async fn a_room_that_crashes_for_ever_is_given_up_with_the_reason() {
    let house = House::open("[rooms]\nrestart_max = 2\nrestart_window = \"1h\"\n").await;
    let meeting = house.running_meeting("hopeless").await;
    for restarts in 1..=2 {
        kill9(house.room(id(&meeting)));
        house
            .until("it comes back", id(&meeting), |now| {
                now["state"] == "running" && now["restarts"] == restarts
            })
            .await;
    }
    kill9(house.room(id(&meeting)));
    let failed = house.state_of(id(&meeting), "failed").await;
    assert!(
        failed["last_error"]
            .as_str()
            .unwrap()
            .contains("more than 2 times"),
        "{failed}"
    );
    house
        .post(
            &format!("/api/v1/meetings/{}/start", id(&meeting)),
            Value::Null,
        )
        .await;
    house.state_of(id(&meeting), "running").await;
}

#[tokio::test]
async fn a_room_that_died_unseen_is_started_again() {
    let mut house = House::open("").await;
    let meeting = house.running_meeting("unseen").await;
    let room = house.room(id(&meeting));
    house.server().kill9();
    kill9(room);
    house.start(&[]);
    let again = house.state_of(id(&meeting), "running").await;
    assert_ne!(again["pid"], meeting["pid"]);
}

#[tokio::test]
async fn a_stranger_whom_the_record_names_is_left_alone() {
    let mut house = House::open("").await;
    let meeting = house.running_meeting("renumbered").await;
    let room = house.room(id(&meeting));
    house.server().kill9();
    kill9(room);
    let stranger = Command::new("sleep").arg("600").spawn().unwrap();
    // As if the kernel had given the dead room's number to the stranger.
    let mut record = house.record(id(&meeting)).unwrap();
    record["process"]["pid"] = json!(stranger.id());
    house.write_record(id(&meeting), &record);
    stays_alone(&mut house, &meeting, stranger).await;
}

#[tokio::test]
async fn a_stranger_with_the_room_s_very_pid_is_left_alone() {
    let mut house = House::open("").await;
    let meeting = house.running_meeting("reused").await;
    let room = house.room(id(&meeting));
    house.server().kill9();
    kill9(room);
    let Some(stranger) = spawn_with_pid(Command::new("sleep").arg("600"), room.pid, SOON) else {
        eprintln!("not tested: only root can choose a pid");
        return;
    };
    stays_alone(&mut house, &meeting, stranger).await;
}

/// Starts the server, which has to bring the meeting back and let the stranger live.
async fn stays_alone(house: &mut House, meeting: &Value, mut stranger: Child) {
    house.start(&[]);
    let again = house.state_of(id(meeting), "running").await;
    assert_ne!(again["pid"], stranger.id());
    house.stop(id(meeting)).await;
    assert!(stranger.try_wait().unwrap().is_none(), "the stranger lives");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
async fn a_supervisor_that_died_between_start_and_record_starts_no_second_room() {
    let mut house = House::open("").await;
    let meeting = house.running_meeting("intent").await;
    house.server().kill9();
    let mut record = house.record(id(&meeting)).unwrap();
    let room = process_of(&record);
    record["process"] = Value::Null;
    house.write_record(id(&meeting), &record);
    house.start(&[]);
    let again = house.state_of(id(&meeting), "running").await;
    assert_eq!(again["pid"], room.pid, "found by its nonce");
}

#[tokio::test]
async fn a_room_without_any_record_is_replaced_not_doubled() {
    let mut house = House::open("").await;
    let meeting = house.running_meeting("lost record").await;
    let room = house.room(id(&meeting));
    house.server().kill9();
    fs::remove_file(house.room_folder(id(&meeting)).join("process.json")).unwrap();
    house.start(&[]);
    let failed = house
        .until("it says what is in the way", id(&meeting), |now| {
            now["last_error"].is_string()
        })
        .await;
    assert!(
        failed["last_error"].as_str().unwrap().contains("lock"),
        "{failed}"
    );
    assert!(room.is_alive(), "an unproven process is not killed");
    kill9(room);
    house.state_of(id(&meeting), "running").await;
}

#[tokio::test]
async fn a_record_of_another_boot_is_void() {
    let mut house = House::open("").await;
    let meeting = house.running_meeting("reboot").await;
    let room = house.room(id(&meeting));
    house.server().kill9();
    let mut record = house.record(id(&meeting)).unwrap();
    record["process"]["boot_id"] = json!("another boot");
    kill9(room);
    house.write_record(id(&meeting), &record);
    house.start(&[]);
    house.state_of(id(&meeting), "running").await;
}

#[tokio::test]
async fn a_room_that_cannot_be_talked_to_is_kept() {
    let mut house = House::open("[rooms]\nready_timeout = \"500ms\"\n").await;
    let meeting = house.running_meeting("silent").await;
    let room = house.room(id(&meeting));
    house.server().kill9();
    let socket = house.room_folder(id(&meeting)).join("control.sock");
    let aside = socket.with_extension("aside");
    fs::rename(&socket, &aside).unwrap();
    house.start(&[]);
    house
        .until("it is taken over", id(&meeting), |now| {
            now["pid"] == room.pid
        })
        .await;
    // Longer than the time that a new room has to answer.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(room.is_alive(), "people are in there");
    fs::rename(&aside, &socket).unwrap();
    let again = house.state_of(id(&meeting), "running").await;
    assert_eq!(again["pid"], room.pid);
}

#[tokio::test]
async fn a_room_ends_itself_while_no_supervisor_lives() {
    let house = House::open("").await;
    let made = house
        .post(
            "/api/v1/meetings",
            json!({ "name": "alone", "duration": "3s" }),
        )
        .await;
    house.state_of(id(&made), "running").await;
    let room = house.room(id(&made));
    house.server().kill9();
    dabir_testing::wait_until("the room ends itself", Duration::from_secs(10), || {
        !room.is_alive()
    });
}

#[tokio::test]
async fn a_room_stays_on_the_host_that_it_was_started_on() {
    let mut house = House::open("").await;
    let stays = house.running_meeting("stays").await;
    house.server().kill9();
    house.set("DABIR_ROOMS__HOST", "127.0.0.2");
    house.start(&[]);
    let again = house.state_of(id(&stays), "running").await;
    assert_eq!(again["pid"], stays["pid"]);
    assert_eq!(listens_on(&house, &stays).await, [true, false]);
    kill9(house.room(id(&stays)));
    let crashed = |now: &Value| now["state"] == "running" && now["restarts"] == 1;
    house.until("it comes back", id(&stays), crashed).await;
    let still = listens_on(&house, &stays).await;
    assert_eq!(still, [true, false], "its socket outlived it");
    let new = house.running_meeting("new").await;
    assert_eq!(listens_on(&house, &new).await, [false, true]);
}

#[tokio::test]
async fn a_record_without_a_host_means_where_rooms_listen_now() {
    let mut house = House::open("[rooms]\nhost = \"127.0.0.2\"\n").await;
    let meeting = house.running_meeting("old").await;
    house.server().kill9();
    let mut record = house.record(id(&meeting)).unwrap();
    record.as_object_mut().unwrap().remove("host").unwrap();
    house.write_record(id(&meeting), &record);
    house.start(&[]);
    let again = house.state_of(id(&meeting), "running").await;
    assert_eq!(again["pid"], meeting["pid"]);
    assert_eq!(listens_on(&house, &meeting).await, [false, true]);
}

/// Whether the room listens on 127.0.0.1 and on 127.0.0.2. Through the main port it always answers.
async fn listens_on(house: &House, meeting: &Value) -> [bool; 2] {
    let through = format!("/rooms/{}/health", id(meeting));
    let answer = house.request(reqwest::Method::GET, &through).send().await;
    assert!(answer.unwrap().status().is_success(), "{through}");
    let port = u16::try_from(meeting["port"].as_u64().unwrap()).unwrap();
    let listens = |host| std::net::TcpStream::connect((host, port)).is_ok();
    ["127.0.0.1", "127.0.0.2"].map(listens)
}
