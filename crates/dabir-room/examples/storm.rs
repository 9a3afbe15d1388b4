//! Measures a reconnect storm: everybody is cut off, something is said, everybody comes back at
//! once. Counts what they missed, and what they got twice.
//!
//! ```text
//! storm ws://127.0.0.1:8081 --pid 4711 --people 2000
//! ```

use std::time::Instant;

use futures_util::future::try_join_all;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

type Error = Box<dyn std::error::Error>;
type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// What is said while nobody is there; a person may say so much at once.
const MESSAGES: u64 = 20;

/// How many come in together at first.
const AT_ONCE: usize = 100;

struct Person {
    socket: Socket,
    seat: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let args: Vec<String> = std::env::args().collect();
    let value = |name| args.iter().skip_while(|arg| *arg != name).nth(1);
    let url = args.get(1).ok_or("the room's URL is missing")?;
    let people: usize = value("--people").map_or(Ok(2_000), |people| people.parse())?;
    let pid = value("--pid").ok_or("the room's --pid is missing")?;

    let mut writer = enter(format!("{url}/ws?name=writer")).await?;
    let seats = come_and_vanish(url, people).await?;
    let first = say_all(&mut writer.socket).await?;
    let before = cpu(pid)?;
    let start = Instant::now();
    let back = seats.iter().map(|seat| come_back(url, seat, first - 1));
    let heard = try_join_all(back).await?;
    let took = start.elapsed();
    let used = cpu(pid)? - before;

    let (mut lost, mut twice) = (0, 0);
    for offsets in heard {
        let mut distinct = offsets.clone();
        distinct.sort_unstable();
        distinct.dedup();
        twice += offsets.len() - distinct.len();
        lost += usize::try_from(MESSAGES)? - distinct.len();
    }
    say(&format!(
        "back           {people} in {:.2} s",
        took.as_secs_f64()
    ));
    say(&format!("messages       {lost} lost, {twice} twice"));
    say(&format!(
        "CPU            {:.1} µs each",
        used as f64 / 1e3 / people as f64
    ));
    Ok(())
}

/// Lets everybody in, and drops their connections without a word.
async fn come_and_vanish(url: &str, people: usize) -> Result<Vec<String>, Error> {
    let mut connected = Vec::new();
    while connected.len() < people {
        let group = (0..AT_ONCE.min(people - connected.len()))
            .map(|number| enter(format!("{url}/ws?name=p{}", connected.len() + number)));
        connected.extend(try_join_all(group).await?);
    }
    Ok(connected.into_iter().map(|person| person.seat).collect())
}

async fn enter(url: String) -> Result<Person, Error> {
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await?;
    let welcome = next_lines(&mut socket).await?.remove(0);
    let seat = welcome["you"]["seat"].as_str().ok_or("no seat")?.to_owned();
    Ok(Person { socket, seat })
}

/// Says everything; the offset of the first of it.
async fn say_all(writer: &mut Socket) -> Result<u64, Error> {
    for number in 0..MESSAGES {
        let text = serde_json::json!({"type": "chat", "text": format!("m{number}")});
        writer.send(Message::text(text.to_string())).await?;
    }
    loop {
        let lines = next_lines(writer).await?;
        if let Some(chat) = lines.iter().find(|line| line["type"] == "chat") {
            return Ok(chat["offset"].as_u64().ok_or("no offset")?);
        }
    }
}

/// Comes back and reads until the last message; the offsets of all that was heard of them.
async fn come_back(url: &str, seat: &str, after: u64) -> Result<Vec<u64>, Error> {
    let url = format!("{url}/ws?seat={seat}&after={after}");
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await?;
    let mut offsets = Vec::new();
    loop {
        for line in next_lines(&mut socket).await? {
            if line["type"] == "chat" {
                offsets.extend(line["offset"].as_u64());
            }
            if line["text"] == format!("m{}", MESSAGES - 1) {
                // The connection stays open until the measurement is over.
                std::mem::forget(socket);
                return Ok(offsets);
            }
        }
    }
}

async fn next_lines(socket: &mut Socket) -> Result<Vec<Value>, Error> {
    loop {
        let message = socket.next().await.ok_or("the room hung up")??;
        if let Message::Text(text) = message {
            let lines = text.lines().map(serde_json::from_str);
            return Ok(lines.collect::<Result<_, _>>()?);
        }
    }
}

/// The CPU time of all threads of a process, in nanoseconds.
fn cpu(pid: &str) -> Result<u64, Error> {
    let mut sum = 0;
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = std::fs::read_to_string(task?.path().join("schedstat"))?;
        sum += text
            .split_whitespace()
            .next()
            .unwrap_or("0")
            .parse::<u64>()?;
    }
    Ok(sum)
}

#[expect(clippy::print_stdout, reason = "this is a command-line tool")]
fn say(line: &str) {
    println!("{line}");
}
