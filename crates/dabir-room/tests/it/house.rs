//! The supervisor's side, the end of the meeting, and signals.

use std::io::{BufRead, BufReader, IoSliceMut, Write};
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::Instant;

use dabir_room::model::Role;
use jiff::ToSpan;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Client, PATIENCE, TestRoom, join_token, now};

/// A supervisor's connection, blocking: it runs beside the people in the test.
pub(crate) struct Supervisor {
    lines: BufReader<UnixStream>,
    pub(crate) hello: Value,
    /// The room's listening socket, as the room passed it.
    socket: OwnedFd,
}

impl Supervisor {
    pub(crate) fn connect(room: &TestRoom) -> Self {
        let stream = UnixStream::connect(&room.control).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut line = vec![0; 4_096];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut attached = RecvAncillaryBuffer::new(&mut space);
        let flags = RecvFlags::CMSG_CLOEXEC;
        let read = recvmsg(
            &stream,
            &mut [IoSliceMut::new(&mut line)],
            &mut attached,
            flags,
        );
        line.truncate(read.unwrap().bytes);
        assert_eq!(line.pop(), Some(b'\n'));
        let socket = attached.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut sockets) => sockets.next(),
            _ => None,
        });
        Self {
            lines: BufReader::new(stream),
            hello: serde_json::from_slice(&line).unwrap(),
            socket: socket.expect("no socket came with the first line"),
        }
    }

    pub(crate) fn say(&mut self, line: &str) {
        writeln!(self.lines.get_mut(), "{line}").unwrap();
    }

    pub(crate) fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_default()
    }
}

#[tokio::test]
async fn a_supervisor_is_told_who_comes_and_goes_and_may_ask() {
    let room = TestRoom::start();
    let mut first = Supervisor::connect(&room);
    assert_eq!(first.hello["type"], "hello");
    assert_eq!(
        (&first.hello["pid"], &first.hello["clients"]),
        (&json!(room.pid()), &json!(0))
    );
    let ali = room.guest("Ali").await;
    let mut second = Supervisor::connect(&room);
    assert_eq!(
        (&second.hello["clients"], &second.hello["offset"]),
        (&json!(1), &json!(1))
    );
    let joined = first.hear();
    assert_eq!(
        (&joined["type"], &joined["clients"]),
        (&json!("joined"), &json!(1))
    );
    second.say(r#"{"type":"participants"}"#);
    assert_eq!(second.hear()["participants"][0]["name"], "Ali");
    second.say(r#"{"type":"attendance"}"#);
    assert_eq!(second.hear()["people"][0]["left_at"], Value::Null);
    drop(second);
    ali.close().await;
    assert_eq!(first.hear()["type"], "left");
}

#[tokio::test]
async fn the_socket_that_is_passed_up_is_the_rooms_own() {
    let mut room = TestRoom::start();
    let supervisor = Supervisor::connect(&room);
    let socket = TcpListener::from(supervisor.socket);
    assert_eq!(socket.local_addr().unwrap(), room.address);
    // While the room is gone, people can still connect to it.
    room.crash();
    std::net::TcpStream::connect(room.address).unwrap();
    room.restart();
    room.guest("Ali").await;
}

#[tokio::test]
async fn garbage_on_the_control_channel_changes_nothing() {
    let room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    let mut supervisor = Supervisor::connect(&room);
    for garbage in [
        "",
        "x",
        "{}",
        r#"{"type":"ends_at"}"#,
        r#"{"type":"ends_at","ends_at":"noon"}"#,
        "\u{0}",
    ] {
        supervisor.say(garbage);
        let error = supervisor.hear();
        assert_eq!(
            (&error["type"], &error["code"]),
            (&json!("error"), &json!("line.invalid"))
        );
    }
    supervisor
        .lines
        .get_mut()
        .write_all(&[0xff, 0xfe, b'\n'])
        .unwrap();
    assert_eq!(supervisor.hear()["code"], "line.invalid");
    supervisor
        .lines
        .get_mut()
        .write_all(&vec![b'x'; 65 * 1024])
        .unwrap();
    assert_eq!(supervisor.hear()["code"], "line.too_long");
    assert_eq!(supervisor.hear(), Value::Null);
    ali.say("still here").await;
}

#[tokio::test]
async fn the_house_speaks_kicks_and_pauses() {
    let room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    let mut sara = room.guest("Sara").await;
    let mut supervisor = Supervisor::connect(&room);
    supervisor.say(r#"{"type":"notice","text":"به‌زودی تمام می‌شود"}"#);
    assert_eq!(sara.expect("notice").await["text"], "به‌زودی تمام می‌شود");
    supervisor.say(r#"{"type":"pause","who":"Ali","on":true,"by":"ops","reason":"network"}"#);
    assert_eq!(ali.expect("paused").await["reason"], "network");
    assert_eq!(
        ali.refused(json!({"type": "chat", "text": "x"})).await,
        "paused"
    );
    let seat = ali.seat();
    drop(ali);
    let mut ali = Client::open(&room.url(&format!("seat={seat}"))).await;
    assert_eq!(ali.welcome["you"]["paused"], true);
    supervisor.say(r#"{"type":"pause","who":"Ali","on":false,"by":"ops"}"#);
    ali.expect("resumed").await;
    ali.say("back").await;
    supervisor.say(r#"{"type":"kick","who":"Ali","reason":"blocked"}"#);
    assert_eq!(ali.expect("kicked").await["reason"], "blocked");
    assert_eq!(sara.expect("removed").await["name"], "Ali");
}

/// Whoever is put out stays out, though no connection of theirs is there to be closed.
#[tokio::test]
async fn who_is_kicked_while_away_does_not_come_back_at_once() {
    let mut room = TestRoom::start();
    let mut chair = room.moderator().await;
    let ali = room.guest("Ali").await;
    let token = join_token("hoda@x", Role::Participant);
    let hoda = Client::open(&room.url(&format!("token={token}"))).await;
    let [ali_seat, hoda_seat] = [&ali, &hoda].map(|client| format!("seat={}", client.seat()));
    for client in [ali, hoda] {
        client.close().await;
        chair.expect("left").await;
    }
    let mut supervisor = Supervisor::connect(&room);
    for (who, reason) in [
        ("Ali", "noise"),
        ("hoda@x", "blocked"),
        ("sara@x", "unseen"),
    ] {
        supervisor.say(&json!({"type": "kick", "who": who, "reason": reason}).to_string());
    }
    supervisor.say(r#"{"type":"participants"}"#);
    // Nobody left by it: they were not here.
    assert_eq!(supervisor.hear()["type"], "participants");
    assert_eq!(chair.expect("removed").await["name"], "hoda@x");
    for crashed in [false, true] {
        if crashed {
            room.crash_and_restart();
        }
        let refused = room.refusal(&hoda_seat).await;
        assert_eq!(refused, (403, "person.removed".into()));
        assert_eq!(room.kicked(&ali_seat).await, "noise");
        assert_eq!(room.kicked("name=Ali").await, "noise");
        for (sub, reason) in [("hoda@x", "blocked"), ("sara@x", "unseen")] {
            let token = join_token(sub, Role::Participant);
            assert_eq!(room.kicked(&format!("token={token}")).await, reason);
        }
    }
}

#[tokio::test]
async fn a_guest_who_was_put_out_locks_out_nobody_with_a_token_of_that_name() {
    let mut room = TestRoom::start();
    let mut chair = room.moderator().await;
    let guest = room.guest("Sara").await;
    chair
        .send(json!({"type": "remove", "id": guest.id(), "reason": "noise"}))
        .await;
    chair.expect("removed").await;
    for crashed in [false, true] {
        if crashed {
            room.crash_and_restart();
        }
        assert_eq!(room.kicked("name=Sara").await, "noise");
        let token = join_token("Sara", Role::Participant);
        Client::open(&room.url(&format!("token={token}"))).await;
    }
}

/// Each event is for everybody, and a kick by name may mean many who are long gone.
#[tokio::test]
async fn a_kick_by_name_is_few_events_however_many_had_the_name() {
    let room = TestRoom::start();
    let mut chair = room.moderator().await;
    for _ in 0..100 {
        room.guest("Sara").await.close().await;
        chair.expect("left").await;
    }
    let here = [room.guest("Sara").await, room.guest("Sara").await];
    let before = chair.say("now").await;
    let mut supervisor = Supervisor::connect(&room);
    supervisor.say(r#"{"type":"kick","who":"Sara"}"#);
    for mut client in here {
        client.expect("kicked").await;
    }
    assert_eq!(chair.say("after").await, before + 4);
}

#[tokio::test]
async fn the_end_is_moved_warned_of_and_kept_without_a_supervisor() {
    let mut room = TestRoom::start_with(|spec| spec.ends_at = Some(now() + 2.hours()));
    let mut ali = room.guest("Ali").await;
    let mut supervisor = Supervisor::connect(&room);
    let ends_at = now() + 61.seconds();
    supervisor.say(&json!({"type": "ends_at", "ends_at": ends_at}).to_string());
    assert_eq!(ali.expect("extended").await["ends_at"], json!(ends_at));
    drop(supervisor);
    assert_eq!(ali.expect("ending").await["seconds"], 60);
    let mut supervisor = Supervisor::connect(&room);
    assert_eq!(supervisor.hello["ends_at"], json!(ends_at));
    supervisor.say(&json!({"type": "ends_at", "ends_at": now() + 1.seconds()}).to_string());
    drop(supervisor);
    assert_eq!(ali.expect("closed").await["reason"], "ended");
    assert_eq!(room.exited().await.code(), Some(0));
}

#[tokio::test]
async fn a_new_end_in_the_description_is_told_after_a_restart() {
    let mut room = TestRoom::start();
    let ali = room.guest("Ali").await;
    let mut supervisor = Supervisor::connect(&room);
    supervisor.say(r#"{"type":"ends_at","ends_at":"2098-01-01T00:00:00Z"}"#);
    supervisor.say(r#"{"type":"participants"}"#);
    while supervisor.hear()["type"] != "participants" {}
    room.crash_and_restart();
    let mut ali = room.back(&ali.seat(), ali.offset()).await;
    assert_eq!(ali.next().await["ends_at"], "2098-01-01T00:00:00Z");
    assert_eq!(ali.next().await["ends_at"], "2099-01-01T00:00:00Z");
}

#[tokio::test]
async fn sigterm_and_end_are_polite_and_quick() {
    for by_signal in [true, false] {
        let mut room = TestRoom::start();
        let mut ali = room.guest("Ali").await;
        // Somebody who does not answer the farewell holds up nobody.
        let _deaf = room.guest("deaf").await;
        let mut supervisor = Supervisor::connect(&room);
        let start = Instant::now();
        let reason = if by_signal {
            room.signal(Signal::HUP);
            room.signal(Signal::TERM);
            "stopped"
        } else {
            supervisor.say(r#"{"type":"end","reason":"replanned"}"#);
            "replanned"
        };
        assert_eq!(ali.expect("closed").await["reason"], reason);
        while supervisor.hear() != json!({"type": "ended", "reason": reason}) {}
        assert_eq!(room.exited().await.code(), Some(0));
        assert!(start.elapsed().as_millis() < 1_500, "{:?}", start.elapsed());
        // Opened again, the room remembers and nobody is in it.
        room.restart();
        let sara = room.guest("Sara").await;
        assert_eq!(sara.welcome["participants"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_room_started_by_hand_lets_its_moderator_in() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_dabir-room"))
        .args([
            "0",
            "--name",
            "Standup",
            "--ends-at",
            "2099-01-01T00:00:00Z",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let room = lines.next().unwrap().unwrap();
    let link = lines.next().unwrap().unwrap();
    let url = room.strip_prefix("Room:      http://").unwrap();
    let (_, token) = link.split_once("#token=").unwrap();
    let chair = Client::open(&format!("ws://{url}ws?token={token}")).await;
    assert_eq!(chair.welcome["you"]["role"], "moderator");
    assert_eq!(chair.welcome["room"]["name"], "Standup");
    let ali = Client::open(&format!("ws://{url}ws?name=Ali")).await;
    assert_eq!(ali.welcome["you"]["role"], "participant");
    let again = Client::open(&format!("ws://{url}ws?token={token}")).await;
    assert_eq!(again.id(), chair.id());
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn wrong_usage_and_a_missing_description_are_told_apart() {
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dabir-room"));
        let output = command.args(args).output().unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
        )
    };
    assert_eq!(run(&["--help"]).0, Some(0));
    assert_eq!(run(&["http"]).0, Some(2));
    let (code, said) = run(&["0", "--dir", "/nowhere"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("cannot read `/nowhere/room.json`"), "{said}");
}
