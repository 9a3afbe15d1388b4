//! What the tests share: a manager in a folder of its own, and a range that is free here.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use dabir_core::{Clock, Span};
use dabir_ports::{Durability, Options, PickRequest, PortError, PortManager, PortsConfig, wait};
use jiff::tz::TimeZone;

pub(crate) struct Bench {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) config: PortsConfig,
    pub(crate) options: Options,
}

impl Bench {
    /// A folder, and `count` neighbouring ports that nobody has at present.
    pub(crate) fn new(count: u16) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let first = free_range(count);
        let config = PortsConfig {
            range: [first, first + count - 1],
            state: dir.path().join("ports.json"),
            refresh_interval: Span::from_secs(3600),
            ..PortsConfig::default()
        };
        let options = Options {
            clock: Clock::fixed("2024-07-22T08:40:00Z".parse().unwrap()),
            time_zone: TimeZone::UTC,
            durability: Durability::Relaxed,
            ..Options::default()
        };
        Self {
            dir,
            config,
            options,
        }
    }

    pub(crate) fn open(&self) -> PortManager {
        self.try_open().unwrap()
    }

    pub(crate) fn try_open(&self) -> Result<PortManager, PortError> {
        PortManager::open(&self.config, self.options.clone())
    }

    pub(crate) fn first(&self) -> u16 {
        self.config.range[0]
    }

    pub(crate) fn state(&self) -> &Path {
        &self.config.state
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(self.state()).unwrap()).unwrap()
    }

    /// Names in the folder `corrupt`, sorted.
    pub(crate) fn corrupt(&self) -> Vec<PathBuf> {
        let folder = self.dir.path().join("corrupt");
        let Ok(entries) = std::fs::read_dir(folder) else {
            return Vec::new();
        };
        let mut paths: Vec<_> = entries.map(|e| e.unwrap().path()).collect();
        paths.sort();
        paths
    }

    pub(crate) fn later(&self, secs: u64) {
        self.options.clock.advance(Duration::from_secs(secs));
    }
}

pub(crate) fn pick(ports: &PortManager, owner: &str) -> u16 {
    wait(ports.pick(PickRequest::new(owner))).unwrap().port
}

/// The start of `count` neighbouring ports below the kernel's own range that can all be bound.
/// Tests run at the same time, in threads or processes, so each call looks from another place on.
fn free_range(count: u16) -> u16 {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let place = std::process::id()
        .wrapping_mul(977)
        .wrapping_add(call * 131)
        % 20_000;
    let from = 10_000 + u16::try_from(place).unwrap();
    let free = |port| TcpListener::bind(("0.0.0.0", port)).is_ok();
    (from..32_000)
        .chain(10_000..from)
        .step_by(7)
        .find(|&first| (first..first + count).all(free))
        .expect("this machine has free ports")
}

/// Asks `done` until it says yes; the limit only ends a test that would hang.
pub(crate) fn until(what: &str, mut done: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(30);
    while !done() {
        assert!(Instant::now() < limit, "waited too long until {what}");
        std::thread::yield_now();
    }
}
