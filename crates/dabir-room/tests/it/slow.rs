//! Slow, silent and stalled readers.

use rustix::net::sockopt;
use serde_json::json;
use socket2::{Domain, Socket, Type};
use tokio::net::TcpStream;
use tokio_tungstenite::MaybeTlsStream;

use crate::support::{Client, TestRoom};

#[tokio::test]
async fn who_does_not_read_holds_up_nobody_and_misses_nothing() {
    let room = TestRoom::start();
    let mut slow = room.guest("slow").await;
    let mut writers = Vec::new();
    for number in 0..12 {
        writers.push(room.guest(&format!("w{number}")).await);
    }
    let before = memory(&room);
    // Almost 5 MB: far beyond what the sockets and the queue hold.
    let text = "ی".repeat(4_000);
    let mut last = 0;
    for _ in 0..50 {
        for writer in &mut writers {
            writer.chat(&text).await;
        }
        for reader in &mut writers {
            for _ in 0..12 {
                last = reader.expect("chat").await["offset"].as_u64().unwrap();
            }
        }
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
    assert_eq!(room.metric("slow_readers_dropped_total").await, 1);
}

/// However much the buffers on the way would take: a ping behind it would be answered too late.
#[tokio::test]
async fn what_somebody_does_not_read_is_not_sent() {
    let room = TestRoom::start();
    let mut deaf = room.guest("deaf").await;
    let mut ali = room.guest("Ali").await;
    let before = room.metric("sent_bytes_total").await;
    let text = "ی".repeat(4_000);
    let mut said = 0;
    for _ in 0..40 {
        ali.chat(&text).await;
        said += ali.expect("chat").await.to_string().len() as u64;
    }
    let sent = room.metric("sent_bytes_total").await - before;
    assert!(sent < said + 160 * 1024, "{sent} bytes for {said}");
    deaf.expect("joined").await;
    for _ in 0..40 {
        assert_eq!(deaf.next().await["type"], "chat");
    }
}

/// The system judges who is there; here it is given a second for what takes 20 otherwise, and who
/// takes nothing stands for who cannot be reached.
#[tokio::test]
async fn whom_the_system_has_waited_for_in_vain_is_gone_and_told_of() {
    let room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    assert_eq!(sockopt::tcp_user_timeout(room.socket()), Ok(20_000));
    sockopt::set_tcp_user_timeout(room.socket(), 1_000).unwrap();
    let deaf = with_small_buffer(&room, "deaf").await;
    ali.expect("joined").await;
    let text = "x".repeat(4_000);
    for _ in 0..20 {
        ali.chat(&text).await;
    }
    assert_eq!(ali.expect("left").await["id"], deaf.id());
    assert_eq!(room.metric("silent_dropped_total").await, 1);
    assert!(room.log().contains("does not answer"), "{}", room.log());
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
