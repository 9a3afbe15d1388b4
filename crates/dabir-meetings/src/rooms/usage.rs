//! What a room takes of the machine, read from `/proc` when somebody asks for one.

use std::fs;
use std::time::{Duration, Instant};

use dabir_core::Timestamp;
use dabir_ports::process::boot_id;
use rustix::param::clock_ticks_per_second;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::folder::Record;
use super::process::ProcessId;

/// What a room's process takes, with all that it started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    pub pid: u32,
    pub started_at: Timestamp,
    pub uptime_seconds: f64,
    /// Time that it has kept a processor busy.
    pub cpu_seconds: f64,
    /// Which part of one processor it kept busy since this was asked before, or since its start:
    /// 0.05 is a twentieth, 2 are two whole ones.
    pub cpu_share: f64,
    pub memory_bytes: u64,
    pub memory_kind: MemoryKind,
    /// How often it was started again after a crash.
    pub restarts: u32,
}

/// How memory was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MemoryKind {
    /// Its own memory, and its part of what it shares with others.
    Pss,
    /// All that it can reach, whoever else can too: the system does not tell more.
    Rss,
}

/// What was read at one moment.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    record: Record,
    id: ProcessId,
    at: Instant,
    cpu: Duration,
    uptime: Duration,
    memory: (u64, MemoryKind),
}

/// An earlier reading, with the share that was answered.
#[derive(Clone, Debug)]
pub(super) struct Look {
    id: ProcessId,
    at: Instant,
    cpu: Duration,
    share: f64,
}

/// Two looks within less than this would be about the kernel's ticks.
const SHORTEST_LOOK: Duration = Duration::from_secs(1);

impl Reading {
    /// Reads what the record's process takes; `None` when it is not the one with the number `pid`,
    /// or that number is another process's by now.
    pub(super) fn take(record: Record, pid: u32) -> Option<Self> {
        let id = record.process.clone().filter(|id| id.pid == pid)?;
        if boot_id().ok()? != id.boot_id {
            return None;
        }
        let at = Instant::now();
        let own = Stat::read(pid).filter(|stat| stat.start_ticks == id.start_ticks)?;
        let pids = if record.own { vec![pid] } else { family(pid) };
        let stats = pids.iter().filter_map(|pid| Stat::read(*pid));
        let cpu = of_ticks(stats.map(|stat| stat.cpu_ticks).sum());
        let memory = memory(&pids)?;
        // All of that was about a number; it is still the same process's.
        Stat::read(pid).filter(|stat| stat.start_ticks == id.start_ticks)?;
        Some(Self {
            uptime: since_boot()?.saturating_sub(of_ticks(own.start_ticks)),
            record,
            id,
            at,
            cpu,
            memory,
        })
    }

    /// The usage since `last`, and what the next one is compared with.
    pub(super) fn since(self, last: Option<Look>) -> (Usage, Look) {
        let last = last.filter(|last| last.id == self.id);
        let begun = (self.uptime, self.cpu);
        let (time, cpu) = last.as_ref().map_or(begun, |last| {
            (self.at - last.at, self.cpu.saturating_sub(last.cpu))
        });
        let look = match last {
            Some(last) if time < SHORTEST_LOOK => last,
            _ => Look {
                id: self.id,
                at: self.at,
                cpu: self.cpu,
                share: share(cpu, time),
            },
        };
        let (memory_bytes, memory_kind) = self.memory;
        let usage = Usage {
            pid: look.id.pid,
            started_at: self.record.started_at,
            uptime_seconds: self.uptime.as_secs_f64(),
            cpu_seconds: self.cpu.as_secs_f64(),
            cpu_share: look.share,
            memory_bytes,
            memory_kind,
            restarts: self.record.restarts,
        };
        (usage, look)
    }
}

/// Rounded to a thousandth; a process that was born this instant has used nothing.
fn share(cpu: Duration, time: Duration) -> f64 {
    if time.is_zero() {
        return 0.0;
    }
    (cpu.as_secs_f64() / time.as_secs_f64() * 1_000.0).round() / 1_000.0
}

/// What `/proc/<pid>/stat` says of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    start_ticks: u64,
    /// Its own, and of its children that are gone.
    cpu_ticks: u64,
}

impl Stat {
    fn read(pid: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The name of the program, in parentheses, may hold anything; after it come fields from the
    /// third on.
    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        let mut cpu_ticks = 0;
        for field in 14..=17 {
            cpu_ticks += number(field)?;
        }
        Some(Self {
            start_ticks: number(22)?,
            cpu_ticks,
        })
    }
}

/// A process and all that descend from it, as far as the kernel tells.
fn family(pid: u32) -> Vec<u32> {
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(pid) = family.get(next).copied() {
        next += 1;
        for child in children(pid) {
            if !family.contains(&child) {
                family.push(child);
            }
        }
    }
    family
}

fn children(pid: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let lists = threads
        .filter_map(Result::ok)
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| {
            let pids = list.split_ascii_whitespace();
            pids.filter_map(|pid| pid.parse().ok())
                .collect::<Vec<u32>>()
        })
        .collect()
}

/// The memory of these processes in bytes: PSS, or RSS when the kernel hides that.
fn memory(pids: &[u32]) -> Option<(u64, MemoryKind)> {
    let sum = |file: &str, key: &str| -> Option<u64> {
        let sizes = pids.iter().map(|pid| {
            let text = fs::read_to_string(format!("/proc/{pid}/{file}")).ok()?;
            kilobytes(&text, key)
        });
        // A child may be gone by now; the first, which is the room, has to be there.
        let mut sizes = sizes.peekable();
        sizes.peek()?.as_ref()?;
        Some(sizes.flatten().sum::<u64>() * 1_024)
    };
    let pss = sum("smaps_rollup", "Pss:").map(|bytes| (bytes, MemoryKind::Pss));
    pss.or_else(|| sum("status", "VmRSS:").map(|bytes| (bytes, MemoryKind::Rss)))
}

/// `Pss:                 812 kB`
fn kilobytes(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

fn since_boot() -> Option<Duration> {
    let text = fs::read_to_string("/proc/uptime").ok()?;
    let seconds: f64 = text.split_ascii_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn of_ticks(ticks: u64) -> Duration {
    Duration::from_secs_f64(ticks as f64 / clock_ticks_per_second() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rooms::process::Process;

    fn record(process: ProcessId) -> Record {
        Record {
            meeting_id: "a".to_owned(),
            nonce: String::new(),
            process: Some(process),
            port: 3_001,
            host: None,
            own: false,
            started_at: Timestamp::UNIX_EPOCH,
            ends_at: Timestamp::UNIX_EPOCH,
            restarts: 2,
        }
    }

    fn id_of(pid: u32) -> ProcessId {
        Process::of_pid(pid).unwrap().unwrap().id().clone()
    }

    #[test]
    fn a_program_with_any_name_is_read() {
        let text = "17 (a) b (c) R 1 17 17 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 987 1 2 3\n";
        let stat = Stat {
            start_ticks: 987,
            cpu_ticks: 127,
        };
        assert_eq!(Stat::parse(text), Some(stat));
        for bad in ["", "17 (a", "17 (a) R 1", "17 (a) R x"] {
            assert_eq!(Stat::parse(bad), None, "{bad}");
        }
    }

    #[tokio::test]
    async fn a_process_is_read_with_its_children_and_by_more_than_its_number() {
        let mut child = std::process::Command::new("sh")
            .args(["-c", "sleep 100 & wait"])
            .spawn()
            .unwrap();
        let id = id_of(child.id());
        let started =
            dabir_testing::eventually("it has a child", Duration::from_secs(20), async || {
                (family(child.id()).len() == 2).then_some(())
            });
        started.await;
        let (usage, _) = Reading::take(record(id.clone()), child.id())
            .unwrap()
            .since(None);
        assert_eq!((usage.pid, usage.restarts), (child.id(), 2));
        let alone = memory(&[child.id()]).unwrap();
        assert_eq!(alone.1, usage.memory_kind);
        assert!(alone.0 > 0 && usage.memory_bytes > alone.0, "{usage:?}");

        let reused = ProcessId {
            start_ticks: id.start_ticks - 1,
            ..id.clone()
        };
        let rebooted = ProcessId {
            boot_id: "another".to_owned(),
            ..id.clone()
        };
        for other in [reused, rebooted] {
            assert!(Reading::take(record(other), child.id()).is_none());
        }
        let [_, sleep] = family(child.id())[..] else {
            panic!("it has a child");
        };
        Process::of_pid(sleep)
            .unwrap()
            .unwrap()
            .signal(rustix::process::Signal::KILL)
            .unwrap();
        child.wait().unwrap();
        assert!(
            Reading::take(record(id), child.id()).is_none(),
            "it is gone"
        );
    }

    #[tokio::test]
    async fn a_share_is_that_of_the_time_between_two_looks() {
        let id = id_of(std::process::id());
        let at = Instant::now();
        let reading = |seconds: u64, cpu_millis: u64| Reading {
            record: record(id.clone()),
            id: id.clone(),
            at: at + Duration::from_secs(seconds),
            cpu: Duration::from_millis(cpu_millis),
            uptime: Duration::from_secs(100 + seconds),
            memory: (1, MemoryKind::Pss),
        };
        let (first, look) = reading(0, 5_000).since(None);
        assert_eq!(first.cpu_share, 0.05, "since its start");
        let (second, look) = reading(10, 10_000).since(Some(look));
        assert_eq!((second.cpu_share, second.cpu_seconds), (0.5, 10.0));
        let (again, look) = reading(10, 10_400).since(Some(look));
        assert_eq!(again.cpu_share, 0.5, "too soon to tell");
        let (third, look) = reading(12, 12_000).since(Some(look));
        assert_eq!(
            third.cpu_share, 1.0,
            "the look that was too soon did not count"
        );
        let restarted = Reading {
            id: ProcessId {
                start_ticks: 1,
                ..id.clone()
            },
            ..reading(20, 1_200)
        };
        assert_eq!(restarted.since(Some(look)).0.cpu_share, 0.01);
    }
}
