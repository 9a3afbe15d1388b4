//! Input that nobody honest sends: the room answers or hangs up, and goes on for all others.

use std::time::Instant;

use futures_util::{SinkExt, future};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::{PATIENCE, TestRoom};

#[tokio::test]
async fn bad_requests_are_answered_and_close_nothing() {
    let room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    for (text, code) in [
        ("x", "request.invalid"),
        ("{}", "request.invalid"),
        (r#"{"type":"chat"}"#, "request.invalid"),
        (r#"{"type":"chat","text":7}"#, "request.invalid"),
        (r#"{"type":"dance"}"#, "request.unknown"),
        (r#"{"type":"chat","text":" "}"#, "text.empty"),
        (
            r#"{"type":"vote","poll":"p","choices":[-1]}"#,
            "request.invalid",
        ),
        (
            r#"{"type":"vote","poll":"p","choices":[0]}"#,
            "poll.unknown",
        ),
        (r#"{"type":"history","limit":-1}"#, "request.invalid"),
        (
            r#"{"type":"resume","offset":18446744073709551615}"#,
            "resume.ahead",
        ),
    ] {
        ali.send_text(text).await;
        let error = ali.expect("error").await;
        assert_eq!(error["code"], code, "{text}");
    }
    let long = json!({"type": "chat", "text": "ی".repeat(4_001)});
    assert_eq!(ali.refused(long).await, "text.too_long");
    let deep = format!(
        r#"{{"type":"chat","text":{}"x"{}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    ali.send_text(&deep).await;
    assert_eq!(ali.expect("error").await["code"], "request.invalid");
    ali.say("still here").await;
}

#[tokio::test]
async fn two_requests_in_a_frame_are_both_heard() {
    let room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    ali.send_text("{\"type\":\"chat\",\"text\":\"a\"}\n\n{\"type\":\"chat\",\"text\":\"b\"}")
        .await;
    assert_eq!(ali.expect("chat").await["text"], "a");
    assert_eq!(ali.expect("chat").await["text"], "b");
}

#[tokio::test]
async fn frames_that_break_the_rules_close_their_connection_alone() {
    let room = TestRoom::start();
    let mut witness = room.guest("witness").await;
    let binary = |opcode, payload: Vec<u8>| {
        Message::Frame(Frame::message(payload, OpCode::Data(opcode), true))
    };
    let huge = json!({"type": "chat", "text": "x".repeat(70_000)}).to_string();
    let monstrous = json!({"type": "minutes", "base": 0, "text": "x".repeat(600_000)}).to_string();
    for (message, code) in [
        (binary(Data::Text, vec![0xff, 0xfe]), 1007),
        (binary(Data::Binary, vec![1, 2, 3]), 1008),
        (binary(Data::Reserved(3), vec![]), 1002),
        (binary(Data::Continue, b"x".to_vec()), 1002),
        (Message::text(huge), 1009),
        (Message::text(monstrous), 1009),
    ] {
        let mut client = room.guest("bad").await;
        let sent = client.socket.send(message).await;
        assert_eq!(client.close_code().await, Some(code), "{sent:?}");
        witness.expect("left").await;
    }
    witness.say("still here").await;
}

#[tokio::test]
async fn a_flood_is_refused_and_then_cut_off() {
    let room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    let mut flood = room.guest("flood").await;
    for _ in 0..60 {
        flood.chat("x").await;
    }
    assert_eq!(flood.expect("error").await["code"], "rate.limited");
    // What got through was a burst and what a moment allows.
    ali.say("still here").await;
    for _ in 0..500 {
        if flood
            .socket
            .send(Message::text(r#"{"type":"chat","text":"x"}"#))
            .await
            .is_err()
        {
            break;
        }
    }
    while flood.try_next().await.is_some() {}
    ali.expect("left").await;
    ali.say("still here").await;
    assert!(room.log().contains("floods the room"), "{}", room.log());
}

#[tokio::test]
async fn blank_messages_and_pings_are_a_flood_as_well() {
    let room = TestRoom::start();
    for message in [Message::text(" \n"), Message::Ping(Default::default())] {
        let mut flood = room.guest("flood").await;
        for _ in 0..1_000 {
            if flood.socket.send(message.clone()).await.is_err() {
                break;
            }
        }
        assert!(matches!(flood.close_code().await, Some(1008) | None));
    }
}

#[tokio::test]
async fn the_longest_minutes_pass_whatever_they_are_written_in() {
    let room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    let text = "\u{1f600}".repeat(100_000);
    ali.send(json!({"type": "minutes", "base": 0, "text": text}))
        .await;
    assert_eq!(ali.expect("minutes").await["rev"], 1);
}

/// Anything at all on the WebSocket: the room lives, and whoever sent it is answered or cut off.
#[tokio::test]
async fn no_bytes_on_a_websocket_hurt_the_room() {
    let room = TestRoom::start_with(|spec| spec.max_clients = 10_000);
    let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut witness = room.guest("witness").await;
    for round in 0..150 {
        let mut stream = upgraded(&room).await;
        let mut bytes = vec![0; (rng.next_u32() % 300) as usize];
        rng.fill_bytes(&mut bytes);
        if round % 3 == 0 && bytes.len() > 6 {
            // A frame that begins as a masked text of a length that is there.
            bytes[0] = 0x81;
            bytes[1] = 0x80 | ((bytes.len() - 6) as u8).min(125);
        }
        stream.write_all(&bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        read_to_end(&mut stream).await;
    }
    witness.say("still here").await;
    assert!(!room.log().contains("panicked"), "{}", room.log());
}

#[tokio::test]
async fn no_bytes_on_the_port_hurt_the_room() {
    let room = TestRoom::start();
    let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut noise = vec![0; 40_000];
    rng.fill_bytes(&mut noise);
    let long_head = format!(
        "GET /ws?name={} HTTP/1.1\r\nHost: x\r\n\r\n",
        "x".repeat(30_000)
    );
    let headers = format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(200));
    for bytes in [
        noise.as_slice(),
        long_head.as_bytes(),
        headers.as_bytes(),
        b"GET /ws?name=%zz%&&=&token=%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /ws HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"DELETE / HTTP/1.1\r\nHost: x\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(room.address).await.unwrap();
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let answer = read_to_end(&mut stream).await;
        assert!(!answer.starts_with("HTTP/1.1 5"), "{answer}");
    }
    room.guest("Ali").await.say("still here").await;
    assert!(!room.log().contains("panicked"), "{}", room.log());
}

#[tokio::test]
async fn connections_that_say_nothing_keep_nobody_out() {
    // More than the room puts up with besides its people: the last are hung up on.
    let room = TestRoom::start_with(|spec| spec.max_clients = 10);
    let silent = future::join_all((0..400).map(|_| TcpStream::connect(room.address))).await;
    let mut ali = room.patient_guest("Ali").await;
    ali.say("still here").await;
    assert!(room.log().contains("hung up on"), "{}", room.log());
    drop(silent);
}

#[tokio::test]
async fn who_does_not_read_the_page_is_hung_up_on() {
    let room = TestRoom::start();
    let mut stream = TcpStream::connect(room.address).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100);
    // Ends when the room does not read on, because what it answers is not taken.
    while let Ok(sent) = tokio::time::timeout(PATIENCE * 2, stream.write_all(&request)).await {
        if sent.is_err() {
            return;
        }
    }
    panic!("the room waits for who does not read");
}

#[tokio::test]
async fn descriptors_are_given_back() {
    let room = TestRoom::start();
    let open = || {
        std::fs::read_dir(format!("/proc/{}/fd", room.pid()))
            .unwrap()
            .count()
    };
    // The first words open the journal's helper; after that the number stands.
    room.guest("first").await.close().await;
    let before = open();
    for round in 0..3 {
        let silent = future::join_all((0..50).map(|_| TcpStream::connect(room.address))).await;
        let people = future::join_all((0..50).map(|_| room.guest("x"))).await;
        assert!(open() >= before + 50, "round {round}");
        drop((silent, people));
        let start = Instant::now();
        while open() > before {
            assert!(
                start.elapsed() < PATIENCE,
                "{} are still open",
                open() - before
            );
            tokio::task::yield_now().await;
        }
    }
}

async fn upgraded(room: &TestRoom) -> TcpStream {
    let mut stream = TcpStream::connect(room.address).await.unwrap();
    let request = format!(
        "GET /ws?name=x HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        room.address
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 101");
    stream
}

/// What the room answers before it hangs up.
async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A reset is an end as well.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .expect("no end");
    String::from_utf8_lossy(&answer).into_owned()
}
