//! Asks an HTTP server as often as it answers: each connection stays open and goes through the steps
//! of the standard input, one after the other, again and again.
//!
//! ```text
//! http_load 127.0.0.1:8000 --connections 16 --seconds 5 --token abc < steps
//! http_load --floor 20000 …    # a server of its own that answers so many bytes and does nothing else
//! ```
//!
//! A step is a line, `POST /api/v1/tasks {"title":"A"}`; `{id}` in a path is the id of what the
//! connection made last. A request that is refused is an error.
#![expect(clippy::print_stdout, reason = "it reports to whoever runs it")]

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

type Error = Box<dyn std::error::Error + Send + Sync>;

const ID: &str = "{id}";
const CHUNK: usize = 64 * 1024;

#[derive(Debug, Default)]
struct Options {
    address: String,
    token: String,
    connections: usize,
    seconds: u64,
    floor: Option<usize>,
}

fn main() -> Result<(), Error> {
    let mut options = options()?;
    let floor = options.floor.map(start_floor).transpose()?;
    if let Some(floor) = &floor {
        options.address.clone_from(&floor.address);
    }
    let requests = requests(&options)?;
    let own = Path::new("/proc/thread-self");
    let (before, begun) = (run_time(own)?, Instant::now());
    let asked = runtime()?.block_on(ask_all(&options, requests))?;
    let (elapsed, own) = (begun.elapsed(), run_time(own)? - before);
    let answers = asked.micros.len().max(1) as f64;
    if asked.refused > 0 {
        let (refused, first) = (asked.refused, asked.refusal);
        return Err(
            format!("{refused} of {answers} requests were refused, the first: {first}").into(),
        );
    }
    report(asked, elapsed);
    println!("own {:.2} us/request", own / answers);
    if let Some(floor) = floor {
        println!("floor {:.2} us/request", run_time(&floor.thread)? / answers);
    }
    Ok(())
}

fn options() -> Result<Options, Error> {
    let mut options = Options::default();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or("a value is missing");
        match arg.as_str() {
            "--connections" => options.connections = value()?.parse()?,
            "--seconds" => options.seconds = value()?.parse()?,
            "--token" => options.token = value()?,
            "--floor" => options.floor = Some(value()?.parse()?),
            address => address.clone_into(&mut options.address),
        }
    }
    Ok(options)
}

fn runtime() -> Result<Runtime, Error> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// The steps of the standard input as they go over the wire.
fn requests(options: &Options) -> Result<Arc<[String]>, Error> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    text.lines().map(|line| request(line, options)).collect()
}

fn request(step: &str, options: &Options) -> Result<String, Error> {
    let mut words = step.splitn(3, ' ');
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return Err(format!("`{step}` is not `METHOD PATH [BODY]`").into());
    };
    let (address, token) = (&options.address, &options.token);
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n");
    Ok(words.next().map_or_else(
        || format!("{head}\r\n"),
        |body| {
            let length = body.len();
            format!(
                "{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
            )
        },
    ))
}

/// What came back.
#[derive(Debug, Default)]
struct Asked {
    /// How long each answer took.
    micros: Vec<u32>,
    bytes: usize,
    /// Answers that were refusals, and the first of them.
    refused: usize,
    refusal: String,
}

impl Asked {
    fn note(&mut self, took: Duration, answer: &Answer<'_>) {
        self.micros
            .push(took.as_micros().try_into().unwrap_or(u32::MAX));
        self.bytes += answer.body.len();
        if answer.status >= 300 {
            if self.refused == 0 {
                self.refusal = String::from_utf8_lossy(answer.body).into_owned();
            }
            self.refused += 1;
        }
    }

    fn add(&mut self, other: Self) {
        self.micros.extend(other.micros);
        self.bytes += other.bytes;
        if self.refused == 0 {
            self.refusal = other.refusal;
        }
        self.refused += other.refused;
    }
}

async fn ask_all(options: &Options, requests: Arc<[String]>) -> Result<Asked, Error> {
    let mut callers = JoinSet::new();
    let end = Instant::now() + Duration::from_secs(options.seconds);
    for _ in 0..options.connections {
        let caller = Caller::connect(&options.address).await?;
        callers.spawn(caller.ask_until(end, Arc::clone(&requests)));
    }
    let mut asked = Asked::default();
    while let Some(caller) = callers.join_next().await {
        asked.add(caller??);
    }
    Ok(asked)
}

/// One connection, and what it has read of an answer.
#[derive(Debug)]
struct Caller {
    stream: TcpStream,
    read: Vec<u8>,
    made: String,
}

#[derive(Debug)]
struct Answer<'a> {
    status: u16,
    body: &'a [u8],
}

impl Caller {
    async fn connect(address: &str) -> Result<Self, Error> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            read: Vec::with_capacity(CHUNK),
            made: String::new(),
        })
    }

    async fn ask_until(mut self, end: Instant, requests: Arc<[String]>) -> Result<Asked, Error> {
        let mut asked = Asked::default();
        for request in requests.iter().cycle() {
            let begun = Instant::now();
            if begun >= end {
                break;
            }
            let request = request.replacen(ID, &self.made, 1);
            let answer = self.ask(&request).await?;
            asked.note(begun.elapsed(), &answer);
            if answer.status == 201 {
                self.made = id_of(answer.body)?;
            }
        }
        Ok(asked)
    }

    async fn ask(&mut self, request: &str) -> Result<Answer<'_>, Error> {
        self.stream.write_all(request.as_bytes()).await?;
        self.read.clear();
        let head = loop {
            self.read_more().await?;
            if let Some(at) = self.read.windows(4).position(|end| end == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let (status, length) = status_and_length(self.read.get(..head).unwrap_or_default())?;
        while self.read.len() < head + length {
            self.read_more().await?;
        }
        let body = self.read.get(head..).unwrap_or_default();
        Ok(Answer { status, body })
    }

    async fn read_more(&mut self) -> Result<(), Error> {
        self.read.reserve(CHUNK);
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err("the server closed a connection that was to stay open".into()),
            _ => Ok(()),
        }
    }
}

fn status_and_length(head: &[u8]) -> Result<(u16, usize), Error> {
    let head = std::str::from_utf8(head)?;
    let status = head.split(' ').nth(1).ok_or("no status")?.parse()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse())
    });
    match length {
        Some(length) => Ok((status, length?)),
        None if status == 204 => Ok((status, 0)),
        None => Err(format!("an answer without a length: {head}").into()),
    }
}

fn id_of(body: &[u8]) -> Result<String, Error> {
    let body = std::str::from_utf8(body)?;
    let id = body.split_once(r#""id":""#).map(|(_, rest)| rest);
    let id = id.and_then(|rest| rest.split('"').next());
    Ok(id.ok_or("what was made has no id")?.to_owned())
}

/// A server that answers, and the thread that it is.
#[derive(Debug)]
struct Floor {
    address: String,
    thread: PathBuf,
}

fn start_floor(bytes: usize) -> Result<Floor, Error> {
    let (ready, started) = mpsc::channel();
    std::thread::spawn(move || {
        let serve = || {
            runtime()?.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await?;
                ready.send(Floor {
                    address: listener.local_addr()?.to_string(),
                    thread: Path::new("/proc").join(std::fs::read_link("/proc/thread-self")?),
                })?;
                let body = "x".repeat(bytes);
                let answer: Arc<str> =
                    format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n{body}").into();
                loop {
                    let (stream, _) = listener.accept().await?;
                    stream.set_nodelay(true)?;
                    tokio::spawn(answer_all(stream, Arc::clone(&answer)));
                }
            })
        };
        // Without it whoever waits for its address is told.
        let _: Result<(), Error> = serve();
    });
    Ok(started.recv()?)
}

/// A request is one packet here.
async fn answer_all(mut stream: TcpStream, answer: Arc<str>) -> Result<(), Error> {
    let mut request = vec![0; CHUNK];
    while stream.read(&mut request).await? > 0 {
        stream.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

/// The CPU time of a thread, in microseconds.
fn run_time(thread: &Path) -> Result<f64, Error> {
    let text = std::fs::read_to_string(thread.join("schedstat"))?;
    let nanos: f64 = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanos / 1e3)
}

fn report(mut asked: Asked, elapsed: Duration) {
    asked.micros.sort_unstable();
    let count = asked.micros.len();
    let at = |part: usize| asked.micros.get(count.saturating_sub(1) * part / 1000);
    let millis = |part| at(part).map_or(f64::NAN, |micros| f64::from(*micros) / 1e3);
    println!("answers {count}");
    println!("rate {:.0} a second", count as f64 / elapsed.as_secs_f64());
    println!(
        "bytes {:.0} an answer",
        asked.bytes as f64 / count.max(1) as f64
    );
    println!("p50 {:.2} ms", millis(500));
    println!("p99 {:.2} ms", millis(990));
}
