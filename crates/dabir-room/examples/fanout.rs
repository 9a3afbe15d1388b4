//! Measures what it costs a WebSocket server to tell everybody: an open-loop load of messages over
//! many connections, with every delivery counted and timed.
//!
//! ```text
//! fanout ws://127.0.0.1:8081/ws?name=p{n} --pid 4711 --connections 500 --rate 20 --seconds 10
//! fanout ws://127.0.0.1:9000/ --pid 4712 --plain …   # any server that sends texts on to all
//! fanout --floor --connections 500 --batch 1         # what the bare system call costs here
//! ```

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

type Error = Box<dyn std::error::Error>;
type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// Before the time at which a message was sent.
const MARK: &str = "sent=";

/// Our room takes 20 messages a second from one person.
const RATE_PER_SENDER: u64 = 10;

/// How long after the last message its deliveries are waited for.
const GRACE: Duration = Duration::from_secs(3);

#[derive(Clone, Debug)]
struct Options {
    url: String,
    pid: Option<u32>,
    connections: u64,
    rate: u64,
    seconds: u64,
    size: usize,
    batch: usize,
    plain: bool,
    floor: bool,
}

fn main() -> Result<(), Error> {
    let options = options()?;
    if options.floor {
        return floor(&options);
    }
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(load(options))
}

fn options() -> Result<Options, Error> {
    let mut options = Options {
        url: String::new(),
        pid: None,
        connections: 500,
        rate: 20,
        seconds: 10,
        size: 100,
        batch: 1,
        plain: false,
        floor: false,
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut number = || {
            args.next()
                .ok_or("a value is missing")?
                .parse::<u64>()
                .map_err(Error::from)
        };
        match arg.as_str() {
            "--pid" => options.pid = Some(number()?.try_into()?),
            "--connections" => options.connections = number()?,
            "--rate" => options.rate = number()?,
            "--seconds" => options.seconds = number()?,
            "--size" => options.size = number()?.try_into()?,
            "--batch" => options.batch = number()?.try_into()?,
            "--plain" => options.plain = true,
            "--floor" => options.floor = true,
            url => url.clone_into(&mut options.url),
        }
    }
    Ok(options)
}

/// What the readers have seen.
struct Seen {
    start: Instant,
    deliveries: AtomicU64,
    latencies: mpsc::UnboundedSender<u64>,
}

async fn load(options: Options) -> Result<(), Error> {
    let (latencies, mut collected) = mpsc::unbounded_channel();
    let seen = Arc::new(Seen {
        start: Instant::now(),
        deliveries: AtomicU64::new(0),
        latencies,
    });
    let connecting = cpu(options.pid);
    let senders = connect_all(&options, &seen).await?;
    report_connecting(&options, connecting);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = (cpu(options.pid), seen.deliveries.load(Ordering::Relaxed));
    let sent = send_all(&options, senders, seen.start).await?;
    let expected = sent * options.connections;
    wait_for(&seen, before.1 + expected).await;
    let used = cpu(options.pid)
        .zip(before.0)
        .map(|(after, before)| after - before);
    let delivered = seen.deliveries.load(Ordering::Relaxed) - before.1;
    let mut times = Vec::new();
    while let Ok(time) = collected.try_recv() {
        times.push(time);
    }
    report(&options, expected, delivered, &mut times, used);
    Ok(())
}

async fn connect_all(
    options: &Options,
    seen: &Arc<Seen>,
) -> Result<Vec<SplitSink<Socket, Message>>, Error> {
    let mut senders = Vec::new();
    for number in 0..options.connections {
        let url = options.url.replace("{n}", &number.to_string());
        let (socket, _) = tokio_tungstenite::connect_async(url).await?;
        let (sender, receiver) = socket.split();
        tokio::spawn(read(receiver, Arc::clone(seen)));
        senders.push(sender);
    }
    Ok(senders)
}

async fn read(mut receiver: SplitStream<Socket>, seen: Arc<Seen>) {
    while let Some(Ok(message)) = receiver.next().await {
        let Message::Text(text) = message else {
            continue;
        };
        let now = nanos(seen.start);
        for sent in text.as_str().split(MARK).skip(1) {
            let digits = sent.split(|c: char| !c.is_ascii_digit()).next();
            let Some(at) = digits.and_then(|at| at.parse::<u64>().ok()) else {
                continue;
            };
            seen.deliveries.fetch_add(1, Ordering::Relaxed);
            let _ = seen.latencies.send(now.saturating_sub(at));
        }
    }
}

/// Sends at the given rate whatever the server does; says how many were sent.
async fn send_all(
    options: &Options,
    mut senders: Vec<SplitSink<Socket, Message>>,
    start: Instant,
) -> Result<u64, Error> {
    let active = options
        .rate
        .div_ceil(RATE_PER_SENDER)
        .min(options.connections);
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / u32::try_from(options.rate)?);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let total = options.rate * options.seconds;
    for number in 0..total {
        let due = ticks.tick().await;
        let at = nanos(start) - u64::try_from(due.elapsed().as_nanos())?;
        let text = text(options, at);
        senders[usize::try_from(number % active)?]
            .send(Message::text(text))
            .await?;
    }
    // The connections stay open until everything has arrived.
    std::mem::forget(senders);
    Ok(total)
}

fn text(options: &Options, at: u64) -> String {
    let mut text = format!("{MARK}{at} ");
    text.extend(std::iter::repeat_n(
        '.',
        options.size.saturating_sub(text.len()),
    ));
    if options.plain {
        text
    } else {
        serde_json::json!({"type": "chat", "text": text}).to_string()
    }
}

async fn wait_for(seen: &Seen, deliveries: u64) {
    let deadline = Instant::now() + GRACE;
    while seen.deliveries.load(Ordering::Relaxed) < deliveries && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn nanos(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// The CPU time of all threads of a process, in nanoseconds.
fn cpu(pid: Option<u32>) -> Option<u64> {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", pid?)).ok()?;
    let times = tasks.filter_map(|task| run_time(task.ok()?.path().join("schedstat")));
    Some(times.sum())
}

fn run_time(path: PathBuf) -> Option<u64> {
    let text = std::fs::read_to_string(path).ok()?;
    text.split_whitespace().next()?.parse().ok()
}

fn report_connecting(options: &Options, before: Option<u64>) {
    if let Some((after, before)) = cpu(options.pid).zip(before) {
        let each = micros(after - before, options.connections);
        say(&format!("connect        {each:.1} µs CPU each"));
    }
}

fn report(options: &Options, expected: u64, delivered: u64, times: &mut [u64], cpu: Option<u64>) {
    times.sort_unstable();
    let at = |part: usize| times.get(times.len().saturating_sub(1) * part / 1000);
    let millis = |time: Option<&u64>| time.map_or(f64::NAN, |time| *time as f64 / 1e6);
    say(&format!("deliveries     {delivered} of {expected}"));
    say(&format!(
        "rate           {} a second",
        delivered / options.seconds
    ));
    say(&format!(
        "latency        p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
        millis(at(500)),
        millis(at(990)),
        millis(at(1000))
    ));
    if let Some(cpu) = cpu {
        say(&format!(
            "CPU            {:.2} µs a delivery",
            micros(cpu, delivered)
        ));
    }
}

fn micros(nanos: u64, count: u64) -> f64 {
    nanos as f64 / 1e3 / count.max(1) as f64
}

/// Writes to loopback sockets as a server would, and does nothing else.
fn floor(options: &Options) -> Result<(), Error> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut writers = Vec::new();
    for _ in 0..options.connections {
        let reader = TcpStream::connect(listener.local_addr()?)?;
        let (writer, _) = listener.accept()?;
        writer.set_nodelay(true)?;
        writers.push((writer, reader));
    }
    let (mut writers, readers): (Vec<_>, Vec<_>) = writers.into_iter().unzip();
    read_in_background(readers);
    let words = vec![b'x'; options.size * options.batch];
    let own = PathBuf::from("/proc/thread-self/schedstat");
    let rounds = options.rate * options.seconds / options.batch as u64;
    let every =
        Duration::from_secs(1) * u32::try_from(options.batch)? / u32::try_from(options.rate)?;
    let before = run_time(own.clone()).ok_or("no schedstat here")?;
    let start = Instant::now();
    for round in 0..rounds {
        let due = start + every * u32::try_from(round)?;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        for writer in &mut writers {
            writer.write_all(&words)?;
        }
    }
    let used = run_time(own).ok_or("no schedstat here")? - before;
    let writes = rounds * options.connections;
    let each = micros(used, writes);
    say(&format!(
        "floor          {each:.2} µs a write, {:.2} µs a delivery",
        each / options.batch as f64
    ));
    Ok(())
}

fn read_in_background(readers: Vec<TcpStream>) {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let Ok(runtime) = runtime else {
            return;
        };
        runtime.block_on(async {
            let tasks: Vec<_> = readers
                .into_iter()
                .map(|reader| tokio::spawn(drain(reader)))
                .collect();
            for task in tasks {
                let _ = task.await;
            }
        });
    });
}

async fn drain(reader: TcpStream) {
    let mut buffer = [0; 8 * 1024];
    let Ok(()) = reader.set_nonblocking(true) else {
        return;
    };
    let Ok(reader) = tokio::net::TcpStream::from_std(reader) else {
        return;
    };
    while reader.readable().await.is_ok() {
        if let Ok(0) = reader.try_read(&mut buffer) {
            return;
        }
    }
}

#[expect(clippy::print_stdout, reason = "this is a command-line tool")]
fn say(line: &str) {
    println!("{line}");
}
