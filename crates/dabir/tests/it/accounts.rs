//! Accounts of a running server: what ends when rights end, what comes too often, the commands.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use crate::house::{House, SOON};

/// What "at once" means to somebody who was blocked.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_blocked_person_s_stream_and_room_end_at_once() {
    let house = House::open("").await;
    let operator = house.person("operator", "operator").await;
    let meeting = house.running_meeting("board").await;
    let id = meeting["id"].as_str().unwrap();
    let events = operator.on(Client::new().get(format!("{}/api/v1/events", house.url())));
    let mut stream = events.send().await.unwrap();
    assert_eq!(stream.status(), StatusCode::OK);
    assert!(stream.chunk().await.unwrap().is_some(), "it says hello");

    let join = format!("/api/v1/meetings/{id}/join");
    let enter = async |name: Option<&str>| {
        let body = Some(json!({ "name": name }));
        house.send_as(&operator, Method::POST, &join, body).await.1
    };
    let ws = |token: &Value| {
        let base = house.url().replacen("http", "ws", 1);
        format!("{base}/rooms/{id}/ws?token={}", token.as_str().unwrap())
    };
    let joined = enter(Some("Somebody else")).await;
    let unused = enter(None).await;
    let (mut room, _) = connect_async(ws(&joined["token"])).await.unwrap();
    assert!(next(&mut room, "welcome").await.is_some());

    let blocked = Instant::now();
    let body = json!({ "reason": "for a test" });
    house
        .post("/api/v1/users/operator@example.org/block", body)
        .await;
    assert!(next(&mut room, "kicked").await.is_some());
    while tokio::time::timeout(SOON, stream.chunk())
        .await
        .unwrap()
        .unwrap()
        .is_some()
    {}
    assert!(blocked.elapsed() < AT_ONCE, "{:?}", blocked.elapsed());

    let (status, _) = house
        .send_as(&operator, Method::GET, "/api/v1/auth/me", None)
        .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let (mut again, _) = connect_async(ws(&unused["token"])).await.unwrap();
    assert!(
        next(&mut again, "kicked").await.is_some(),
        "a way in from before leads nowhere"
    );
}

pub(crate) type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// Reads until an event of this type comes; `None` when the room hung up before.
pub(crate) async fn next(room: &mut Socket, kind: &str) -> Option<Value> {
    let wanted = async {
        while let Some(Ok(message)) = room.next().await {
            if let Message::Ping(_) = message {
                let _ = room.flush().await;
            }
            let text = message.into_text().unwrap_or_default();
            let events = text
                .lines()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok());
            if let Some(event) = events.into_iter().find(|event| event["type"] == kind) {
                return Some(event);
            }
        }
        None
    };
    tokio::time::timeout(SOON, wanted).await.unwrap()
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let house = House::open("[limits.stranger]\nper_second = 1\nburst = 20\n").await;
    let person = house.person("writer", "writer").await;
    let mut refused = None;
    for n in 0..60 {
        // Nobody is believed where they come from, as no proxy is trusted.
        let request = house
            .request(Method::GET, "/api/v1/meetings")
            .header("x-forwarded-for", format!("198.51.100.{n}"));
        let answer = request.send().await.unwrap();
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(answer);
            break;
        }
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    }
    let refused = refused.expect("a stranger has a burst of 20");
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(
        refused.json::<Value>().await.unwrap()["code"],
        "rate.limited"
    );
    let (status, _) = house
        .send_as(&person, Method::GET, "/api/v1/auth/me", None)
        .await;
    assert_eq!(
        status,
        StatusCode::OK,
        "somebody behind the same address goes on"
    );
    let metrics = reqwest::get(format!("{}/metrics", house.url()))
        .await
        .unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(
        metrics.contains("dabir_rate_limited_total{limit=\"stranger\"}"),
        "{metrics}"
    );
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap().trim().to_owned()
}

fn done(output: &Output) -> String {
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// Makes an account by command.
fn create(house: &House, email: &str, role: &str) -> Output {
    let mut command = house.command();
    command
        .args([
            "user",
            "create",
            "--email",
            email,
            "--role",
            role,
            "--password-stdin",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"four plain words here\n").unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

#[tokio::test]
async fn accounts_are_kept_by_command_with_and_without_a_server() {
    let mut house = House::furnished("");
    done(&create(&house, "root@example.org", "admin"));
    assert_eq!(
        create(&house, "Root@example.org", "admin").status.code(),
        Some(4),
        "taken"
    );
    house.start(&[]);
    done(&create(&house, "op@example.org", "operator"));
    let words = [
        "token",
        "create",
        "--user",
        "op@example.org",
        "--name",
        "ci",
        "--expires",
        "90d",
    ];
    let token = done(&house.run(&words));
    let me = Client::new()
        .get(format!("{}/api/v1/auth/me", house.url()))
        .bearer_auth(&token);
    let me: Value = me.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&me["kind"], &me["role"]),
        (&json!("token"), &json!("operator"))
    );
    let listed = done(&house.run(&["user", "list"]));
    assert!(
        listed.contains("root@example.org") && listed.contains("op@example.org"),
        "{listed}"
    );
    assert_eq!(
        done(&house.run(&["user", "disable", "op@example.org"])),
        "op@example.org blocked"
    );
    let again = house.run(&["user", "disable", "op@example.org"]);
    assert_eq!(again.status.code(), Some(4));
    let last = house.run(&["user", "disable", "root@example.org"]);
    assert_eq!(last.status.code(), Some(4), "the only admin");
    assert_eq!(
        done(&house.run(&["user", "enable", "op@example.org"])),
        "op@example.org active"
    );
    assert_eq!(
        house.run(&["user", "enable", "nobody"]).status.code(),
        Some(3)
    );
    assert!(done(&house.run(&["audit", "verify"])).contains("the audit is whole"));
    let export = done(&house.run(&["audit", "export"]));
    assert!(
        export.starts_with('\u{feff}') && export.contains("\"user.block\""),
        "{export}"
    );
}

/// Answers one request with two pieces, the second when it is told to.
fn slow_server(go_on: Receiver<()>) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4_096];
        assert_ne!(stream.read(&mut request).unwrap(), 0);
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(b"first\n").unwrap();
        go_on.recv().unwrap();
        stream.write_all(b"second").unwrap();
    });
    (url, serving)
}

#[test]
fn an_export_is_handed_on_as_it_comes() {
    let (go_on, waits) = channel();
    let (url, serving) = slow_server(waits);
    let house = House::furnished("");
    let mut command = house.command();
    command
        .args(["audit", "export"])
        .env("DABIR_URL", url)
        .env("DABIR_TOKEN", "any");
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut export = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    export.read_line(&mut first).unwrap();
    assert_eq!(first, "first\n");
    go_on.send(()).unwrap();
    let mut rest = String::new();
    export.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "second");
    assert!(child.wait().unwrap().success());
    serving.join().unwrap();
}

#[tokio::test]
async fn a_broken_audit_is_found_by_the_heads_that_were_noted() {
    let mut house = House::furnished("");
    done(&create(&house, "root@example.org", "admin"));
    house.start(&[]);
    house.server().signal(rustix::process::Signal::TERM);
    assert_eq!(house.server().wait_for_exit(SOON).code(), Some(0));
    let heads = house.path().join("data/audit.heads");
    let noted = std::fs::read_to_string(&heads).unwrap();
    assert!(noted.starts_with("1 "), "noted at the end: {noted}");
    std::fs::write(&heads, noted.replacen("1 ", "7 ", 1)).unwrap();
    let broken = house.run(&["audit", "verify"]);
    assert_eq!(broken.status.code(), Some(1));
    let error = text(&broken.stderr);
    assert!(error.contains("broken at entry 2"), "{error}");
}

#[tokio::test]
async fn whoever_changes_a_meeting_or_a_port_stands_in_the_audit() {
    let house = House::open("").await;
    let operator = house.person("operator", "operator").await;
    let ask = async |path: &str, body: Value| {
        let (status, answer) = house
            .send_as(&operator, Method::POST, path, Some(body))
            .await;
        assert!(status.is_success(), "{path}: {status}");
        answer
    };
    let new = json!({ "name": "board", "date_time": "2199-01-01T10:00:00Z" });
    let made = ask("/api/v1/meetings", new).await;
    let path = format!("/api/v1/meetings/{}", made["id"].as_str().unwrap());
    ask(&format!("{path}/extend"), json!({ "minutes": 30 })).await;
    ask(&format!("{path}/stop"), Value::Null).await;
    ask("/api/v1/port/pick", json!({})).await;
    let removed = house.send_as(&operator, Method::DELETE, &path, None).await;
    assert_eq!(removed.0, StatusCode::NO_CONTENT);
    let audit = house.get("/api/v1/audit?limit=5").await;
    let entries = audit["items"].as_array().unwrap();
    let actions: Vec<&str> = entries
        .iter()
        .map(|e| e["action"].as_str().unwrap())
        .collect();
    let done = [
        "meeting.delete",
        "port.pick",
        "meeting.stop",
        "meeting.extend",
        "meeting.create",
    ];
    assert_eq!(actions, done);
    for entry in entries {
        assert_eq!(entry["actor_kind"], "user");
        assert_eq!(entry["actor_name"], "The operator");
        assert_eq!(entry["address"], "127.0.0.1");
        assert_eq!(entry["request_id"].as_str().unwrap().len(), 12);
    }
    let extended = &entries[3];
    assert_eq!(extended["before"]["end_time"], "2199-01-01T11:00:00Z");
    assert_eq!(extended["after"]["end_time"], "2199-01-01T11:30:00Z");
}
