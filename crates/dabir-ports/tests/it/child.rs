//! Other processes: this test program itself, started again to play one part.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use dabir_ports::{Durability, Options, PickRequest, PortManager, PortsConfig, wait};
use rustix::process::{Pid, Signal};

use crate::support::Bench;

const PART: &str = "DABIR_PORTS_TEST_PART";
const STATE: &str = "DABIR_PORTS_TEST_STATE";
const HELD: &str = "DABIR_PORTS_TEST_HELD";
const RANGE: &str = "DABIR_PORTS_TEST_RANGE";

/// A running part, killed at the end of the test at the latest.
pub(crate) struct Part {
    child: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
}

impl Part {
    /// Starts `part`, one of those in [`play`], on the files of `bench`.
    pub(crate) fn start(part: &str, bench: &Bench) -> Self {
        let [first, last] = bench.config.range;
        Self::spawn(
            Command::new(std::env::current_exe().unwrap())
                .args(["child::play", "--exact", "--nocapture", "--test-threads=1"])
                .env(PART, part)
                .env(STATE, bench.state())
                .env(HELD, bench.dir.path().join("held"))
                .env(RANGE, format!("{first}-{last}")),
        )
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            input: child.stdin.take(),
            child,
            output,
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What follows the next line's `word`; `None` at the end.
    pub(crate) fn next(&mut self, word: &str) -> Option<String> {
        let prefix = format!("{word} ");
        // The test harness may put its own words in front on the same line.
        self.output.by_ref().map_while(Result::ok).find_map(|line| {
            let at = line.find(&prefix)?;
            Some(line[at + prefix.len()..].to_owned())
        })
    }

    pub(crate) fn port(&mut self) -> u16 {
        self.next("port").unwrap().parse().unwrap()
    }

    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.pid().cast_signed()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Does nothing in an ordinary run of the tests.
#[test]
fn play() {
    let Ok(part) = std::env::var(PART) else {
        return;
    };
    let state = std::env::var(STATE).unwrap();
    let range = std::env::var(RANGE).unwrap();
    let (first, last) = range.split_once('-').unwrap();
    let config = PortsConfig {
        range: [first.parse().unwrap(), last.parse().unwrap()],
        state: state.into(),
        ..PortsConfig::default()
    };
    let options = Options {
        durability: Durability::Relaxed,
        ..Options::default()
    };
    let ports = PortManager::open(&config, options).unwrap();
    match part.as_str() {
        "picker" => picker(&ports),
        "owner" => owner(&ports),
        "churner" => churner(&ports),
        other => panic!("no part `{other}`"),
    }
}

fn heard() -> String {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    line.trim().to_owned()
}

/// How often each of a picker's threads picks.
pub(crate) const PICKS: usize = 160;

/// Picks and releases from four threads at once. While a port is held, a file stands for it:
/// making that file fails when somebody else holds the same port.
fn picker(ports: &PortManager) {
    let held = std::path::PathBuf::from(std::env::var(HELD).unwrap());
    println!("ready now");
    heard();
    let work = || {
        for _ in 0..PICKS {
            let port = wait(ports.pick(PickRequest::new("picker"))).unwrap().port;
            let mark = held.join(port.to_string());
            std::fs::File::create_new(&mark).expect("nobody else holds this port");
            std::fs::remove_file(&mark).unwrap();
            wait(ports.release(Some(port))).unwrap();
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        let good = threads.into_iter().filter_map(|t| t.join().ok()).count();
        println!("picked {}", good * PICKS);
    });
}

/// Listens on a port of its own until it is killed.
fn owner(ports: &PortManager) {
    let request = PickRequest::new("owner");
    let (lease, _listener) =
        wait(ports.pick_bound(request, std::net::Ipv4Addr::LOCALHOST.into())).unwrap();
    println!("port {}", lease.port);
    heard();
}

/// Saves as often as it can until it is killed.
fn churner(ports: &PortManager) {
    println!("ready now");
    loop {
        let lease = wait(ports.pick(PickRequest::for_this_process("churner"))).unwrap();
        wait(ports.release(Some(lease.port))).unwrap();
    }
}
