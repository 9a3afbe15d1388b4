//! How many ports a second can be picked: N processes, each with C callers that pick and release
//! in a closed loop on one state file.
//!
//! `cargo run --release -p dabir-ports --example pick_bench -- [--processes 8] [--callers 64]
//! [--seconds 5] [--full] [--dir DIR]`
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for one screen, which may fail loudly"
)]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use dabir_ports::{Durability, Options, PickRequest, PortManager, PortsConfig};

#[derive(Clone)]
struct Settings {
    processes: usize,
    callers: usize,
    seconds: u64,
    full: bool,
    dir: PathBuf,
    child: bool,
}

fn main() {
    let settings = settings();
    if settings.child {
        child(&settings);
    } else {
        parent(&settings);
    }
}

fn settings() -> Settings {
    let words: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1).cloned()
    };
    let number = |name, default| value(name).map_or(default, |v| v.parse().unwrap());
    let has = |name: &str| words.iter().any(|word| word == name);
    Settings {
        processes: number("--processes", 8),
        callers: number("--callers", 64),
        seconds: number("--seconds", 5) as u64,
        full: has("--full"),
        dir: value("--dir").map_or_else(temporary, PathBuf::from),
        child: has("--child"),
    }
}

fn temporary() -> PathBuf {
    std::env::temp_dir().join(format!("pick_bench-{}", std::process::id()))
}

fn open(settings: &Settings) -> PortManager {
    let config = PortsConfig {
        state: settings.dir.join("ports.json"),
        ..PortsConfig::default()
    };
    let options = Options {
        durability: if settings.full {
            Durability::Full
        } else {
            Durability::Relaxed
        },
        lock_timeout: Duration::from_secs(60),
        ..Options::default()
    };
    PortManager::open(&config, options).unwrap()
}

/// Picks and releases until the time is up, then prints its figures and each pick's time in µs.
fn child(settings: &Settings) {
    let ports = open(settings);
    println!("ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let cpu = cpu_nanos();
    let end = Instant::now() + Duration::from_secs(settings.seconds);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let times = runtime.block_on(async {
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..settings.callers {
            callers.spawn(pick_until(ports.clone(), end));
        }
        callers.join_all().await.concat()
    });
    let cpu = cpu_nanos() - cpu;
    let times: Vec<String> = times.iter().map(u64::to_string).collect();
    println!("{cpu} {}", times.join(" "));
}

async fn pick_until(ports: PortManager, end: Instant) -> Vec<u64> {
    let mut times = Vec::new();
    while Instant::now() < end {
        let started = Instant::now();
        let lease = ports.pick(PickRequest::new("bench")).await.unwrap();
        times.push(u64::try_from(started.elapsed().as_micros()).unwrap());
        ports.release(Some(lease.port)).await.unwrap();
    }
    times
}

/// Time on the processor of all threads of this process.
fn cpu_nanos() -> u64 {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    threads
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("schedstat")).ok())
        .filter_map(|stat| stat.split_whitespace().next()?.parse::<u64>().ok())
        .sum()
}

fn parent(settings: &Settings) {
    std::fs::create_dir_all(&settings.dir).unwrap();
    println!(
        "floor: {:.1} µs of CPU for socket + bind + listen + close",
        floor()
    );
    let mut children: Vec<Child> = (0..settings.processes).map(|_| start(settings)).collect();
    let mut outputs: Vec<_> = children
        .iter_mut()
        .map(|child| BufReader::new(child.stdout.take().unwrap()))
        .collect();
    let line = |output: &mut BufReader<_>| {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        line
    };
    outputs.iter_mut().for_each(|output| drop(line(output)));
    for child in &mut children {
        writeln!(child.stdin.as_mut().unwrap(), "go").unwrap();
    }
    let (mut cpu, mut times) = (0, Vec::new());
    for output in &mut outputs {
        let line = line(output);
        let mut numbers = line.split_whitespace().map(|n| n.parse::<u64>().unwrap());
        cpu += numbers.next().unwrap();
        times.extend(numbers);
    }
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    report(settings, cpu, times);
    check_nothing_is_left(&settings.dir);
}

fn start(settings: &Settings) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .arg("--child")
        .args(["--callers", &settings.callers.to_string()])
        .args(["--seconds", &settings.seconds.to_string()])
        .arg("--dir")
        .arg(&settings.dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    if settings.full {
        command.arg("--full");
    }
    command.spawn().unwrap()
}

fn report(settings: &Settings, cpu_nanos: u64, mut times: Vec<u64>) {
    times.sort_unstable();
    let at = |share: f64| times[(times.len() as f64 * share) as usize] as f64 / 1000.0;
    println!(
        "{} processes × {} callers, {}: {:.0} picks/s (each with its release), p50 {:.2} ms, p99 {:.2} ms, {:.1} µs of CPU a pick and release",
        settings.processes,
        settings.callers,
        if settings.full {
            "on disk before the answer"
        } else {
            "reserved"
        },
        times.len() as f64 / settings.seconds as f64,
        at(0.5),
        at(0.99),
        cpu_nanos as f64 / 1000.0 / times.len() as f64,
    );
}

/// Every pick was released, so a port that is still in use was handed out twice.
fn check_nothing_is_left(dir: &Path) {
    let text = std::fs::read(dir.join("ports.json")).unwrap();
    let state: serde_json::Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(state["used_ports"], serde_json::json!([]));
    println!(
        "{} changes of the file, nothing left in use",
        state["change_count"]
    );
    std::fs::remove_dir_all(dir).unwrap();
}

fn floor() -> f64 {
    let rounds = 20_000;
    let before = cpu_nanos();
    for _ in 0..rounds {
        drop(std::net::TcpListener::bind("127.0.0.1:0"));
    }
    (cpu_nanos() - before) as f64 / 1000.0 / f64::from(rounds)
}
