//! Slow, silent and stalled readers.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};
use tokio::net::TcpStream;
use tokio_tungstenite::MaybeTlsStream;

use crate::support::{Client, TestRoom};

#[tokio::test]
async fn who_does_not_read_holds_up_nobody_and_misses_nothing() {
    let room = TestRoom::start();
    let mut slow = with_small_buffer(&room, "slow").await;
    let mut writers = Vec::new();
    for number in 0..12 {
        writers.push(room.guest(&format!("w{number}")).await);
    }
    let before = memory(&room);
    // Almost 5 MB: far beyond what the sockets and the queue hold.
    let text = "ی".repeat(4_000);
    let mut last = 0;
    for _ in 0..50 {
        let start = Instant::now();
        for writer in &mut writers {
            writer.chat(&text).await;
        }
        for reader in &mut writers {
            for _ in 0..12 {
                last = reader.expect("chat").await["offset"].as_u64().unwrap();
            }
        }
        assert!(start.elapsed() < Duration::from_secs(5));
    }
    let grown = memory(&room).saturating_sub(before);
    assert!(grown < 2 * 1024, "{grown} KiB more for one slow reader");
    let mut offset = slow.offset();
    while offset < last {
        offset += 1;
        assert_eq!(slow.next().await["offset"], offset);
    }
    // It has caught up, and hears what happens now.
    let mut fast = room.guest("fast").await;
    slow.expect("joined").await;
    fast.chat("now").await;
    while slow.expect("chat").await["text"] != "now" {}
}

/// Answers are not events that could be sent later, so they end with their reader.
#[tokio::test]
async fn who_asks_and_does_not_read_is_given_up() {
    let room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    let text = "x".repeat(100_000);
    let minutes = json!({"type": "minutes", "base": 0, "text": text});
    ali.send(minutes).await;
    ali.expect("minutes").await;
    let mut deaf = with_small_buffer(&room, "deaf").await;
    ali.expect("joined").await;
    // Each is answered with the minutes as they are.
    let late = json!({"type": "minutes", "base": 0, "text": "mine"}).to_string();
    let late = vec![late; 40].join("\n");
    deaf.send_text(&late).await;
    assert_eq!(ali.expect("left").await["name"], "deaf");
    assert!(room.log().contains("does not read"), "{}", room.log());
}

#[tokio::test]
async fn who_says_nothing_for_ten_seconds_is_gone() {
    let room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    // Never read from, so pings are never answered.
    let silent = room.guest("silent").await;
    ali.expect("joined").await;
    let start = Instant::now();
    // Reading answers the pings that keep Ali in the room.
    let left = ali.expect("left").await;
    let waited = start.elapsed();
    assert_eq!(left["id"], silent.id());
    assert!(
        waited > Duration::from_secs(9) && waited < Duration::from_secs(12),
        "{waited:?}"
    );
}

/// What waits for somebody is no sign of life of theirs, only what they take of it.
#[tokio::test]
async fn who_takes_nothing_is_gone_as_soon_in_a_busy_room_and_who_takes_little_is_not() {
    let room = TestRoom::start();
    let mut slow = with_small_buffer(&room, "slow").await;
    let mut writers = Vec::new();
    for number in 0..12 {
        writers.push(room.guest(&format!("w{number}")).await);
    }
    let text = "ی".repeat(4_000);
    let deaf = with_small_buffer(&room, "deaf").await;
    let start = Instant::now();
    let mut rounds = tokio::time::interval(Duration::from_millis(500));
    let mut offset = slow.offset();
    let (left, last) = 'busy: loop {
        rounds.tick().await;
        for writer in &mut writers {
            writer.chat(&text).await;
            writer.chat(&text).await;
        }
        for reader in &mut writers {
            for _ in 0..24 {
                let event = next_of(reader, &["chat", "left"]).await;
                if event["type"] == "left" {
                    let offset = event["offset"].as_u64().unwrap();
                    break 'busy (event, offset);
                }
            }
        }
        offset += 1;
        assert_eq!(slow.next().await["offset"], offset);
    };
    let waited = start.elapsed();
    assert_eq!(left["id"], deaf.id());
    assert!(
        waited > Duration::from_secs(9) && waited < Duration::from_secs(13),
        "{waited:?}"
    );
    assert!(room.log().contains("reads nothing"), "{}", room.log());
    while offset < last {
        offset += 1;
        assert_eq!(slow.next().await["offset"], offset);
    }
}

#[tokio::test]
async fn who_is_cut_off_is_missed_only_after_a_while() {
    let room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    let cut = room.guest("cut").await;
    let seat = cut.seat();
    ali.expect("joined").await;
    drop(cut);
    let back = room.back(&seat, 0).await;
    ali.chat("nobody left").await;
    assert_eq!(ali.next().await["type"], "chat");
    drop(back);
    assert_eq!(ali.expect("left").await["name"], "cut");
}

async fn next_of(client: &mut Client, kinds: &[&str]) -> Value {
    loop {
        let value = client.next().await;
        if kinds.iter().any(|kind| value["type"] == *kind) {
            return value;
        }
    }
}

/// Somebody whose machine takes next to nothing at once.
async fn with_small_buffer(room: &TestRoom, name: &str) -> Client {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    socket.connect(&room.address.into()).unwrap();
    socket.set_nonblocking(true).unwrap();
    let stream = TcpStream::from_std(socket.into()).unwrap();
    let url = room.url(&format!("name={name}"));
    let stream = MaybeTlsStream::Plain(stream);
    let (socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    Client::welcomed(socket).await
}

/// What the room holds for itself, in KiB.
fn memory(room: &TestRoom) -> u64 {
    let path = format!("/proc/{}/smaps_rollup", room.pid());
    let rollup = std::fs::read_to_string(path).unwrap();
    let line = rollup
        .lines()
        .find(|line| line.starts_with("Private_Dirty:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
