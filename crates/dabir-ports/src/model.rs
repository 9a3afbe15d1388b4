//! The nouns: leases, history, and the book of all ports with the rules that keep it consistent.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use dabir_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::process::Process;
use crate::{PortError, PortSet};

/// One port in the hands of one owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lease {
    /// The key under which the file keeps the lease.
    #[serde(skip)]
    pub port: u16,
    /// The owning process; without one the lease stays until it is released or expires.
    #[serde(default)]
    pub pid: Option<u32>,
    /// When that process started, in clock ticks since the machine did.
    #[serde(default)]
    pub start_time: Option<u64>,
    /// The kernel's name for the machine's run in which that process lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<String>,
    #[serde(default)]
    pub owner: String,
    /// When it was given: `1403/05/01 12:00 doshanbe`.
    #[serde(default)]
    pub since: String,
    /// When it ends, for people: to the minute.
    #[serde(default)]
    pub expires: Option<String>,
    /// When it ends, exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

impl Lease {
    /// The process that must live for the lease to hold; `None` when none must.
    #[must_use]
    pub fn process(&self) -> Option<Process> {
        Some(Process {
            pid: self.pid?,
            start_time: self.start_time,
            boot: self.boot.clone(),
        })
    }

    pub(crate) fn set_process(&mut self, process: Option<Process>) {
        self.pid = process.as_ref().map(|p| p.pid);
        self.start_time = process.as_ref().and_then(|p| p.start_time);
        self.boot = process.and_then(|p| p.boot);
    }
}

/// A change of the active port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HistoryEntry {
    pub time: String,
    pub prev: Option<u16>,
    pub new: Option<u16>,
}

/// Who wants a port, and which.
#[derive(Clone, Debug, Default)]
pub struct PickRequest {
    /// What lists and logs call the owner.
    pub owner: String,
    /// The process whose end gives the port back.
    pub pid: Option<u32>,
    /// Taken when it is free; otherwise the lowest free port is.
    pub preferred: Option<u16>,
    /// After this the port comes back by itself.
    pub ttl: Option<Duration>,
}

impl PickRequest {
    /// A lease that stays until it is released.
    pub fn new(owner: impl Into<String>) -> Self {
        Self {
            owner: owner.into(),
            ..Self::default()
        }
    }

    /// A lease that ends with the calling process.
    pub fn for_this_process(owner: impl Into<String>) -> Self {
        Self {
            pid: Some(std::process::id()),
            ..Self::new(owner)
        }
    }

    pub(crate) fn validate(&self) -> Result<(), PortError> {
        validate_owner(&self.owner)
    }
}

/// The longest name of an owner, in characters.
const OWNER_CHARS: usize = 200;

pub(crate) fn validate_owner(owner: &str) -> Result<(), PortError> {
    let shown_as_is = dabir_core::text::one_line(owner) == owner;
    if !owner.trim().is_empty() && owner.chars().count() <= OWNER_CHARS && shown_as_is {
        return Ok(());
    }
    Err(PortError::Owner)
}

/// All that the state file says, in its order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PortsState {
    /// The port that was picked last, while it is held.
    pub current_port: Option<u16>,
    pub free_ports: Vec<u16>,
    pub used_ports: Vec<u16>,
    /// How often each port was picked.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub port_usage: BTreeMap<u16, u64>,
    pub history: Vec<HistoryEntry>,
    pub last_checked: Option<String>,
    /// Picks and releases so far.
    pub change_count: u64,
    pub last_error: Option<String>,
    pub last_error_time: Option<String>,
    pub settings: Settings,
    #[schema(value_type = BTreeMap<String, Lease>)]
    pub leases: BTreeMap<u16, Lease>,
}

/// The settings as the file tells them to other programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Settings {
    pub port_range: [u16; 2],
    pub json_path: String,
    pub history_max: usize,
}

/// What is known of every port.
///
/// A port of the range is free, used, or neither: then a stranger listens on it. No port is free
/// and used at once, and every leased port is used. Ports that other programs wrote into
/// `used_ports` have no lease.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Book {
    pub(crate) current: Option<u16>,
    pub(crate) free: PortSet,
    pub(crate) used: PortSet,
    pub(crate) usage: BTreeMap<u16, u64>,
    pub(crate) history: VecDeque<HistoryEntry>,
    pub(crate) last_checked: Option<String>,
    pub(crate) change_count: u64,
    pub(crate) last_error: Option<String>,
    pub(crate) last_error_time: Option<String>,
    pub(crate) leases: BTreeMap<u16, Lease>,
    /// How often the file was taken back to an older state: whoever sees a new number puts its
    /// own leases back.
    pub(crate) recoveries: u64,
    /// Keys that other programs put into `settings`.
    pub(crate) settings_extra: Map<String, Value>,
    /// Keys that other programs put into the file.
    pub(crate) extra: Map<String, Value>,
}

/// First and last port that are handed out, and how much history is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) first: u16,
    pub(crate) last: u16,
    pub(crate) history_max: usize,
}

impl Limits {
    pub(crate) fn contains(self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }
}

impl Book {
    /// Writes down a new lease.
    pub(crate) fn take(&mut self, lease: Lease) {
        *self.usage.entry(lease.port).or_default() += 1;
        self.change_count += 1;
        self.record(lease);
    }

    /// Writes down who holds a port, without counting it as a pick.
    pub(crate) fn record(&mut self, lease: Lease) {
        self.free.remove(lease.port);
        self.used.insert(lease.port);
        self.leases.insert(lease.port, lease);
    }

    /// Takes a used port back; `false` when it was not in use.
    pub(crate) fn give_back(&mut self, port: u16, time: &str, limits: Limits) -> bool {
        if !self.used.remove(port) {
            return false;
        }
        self.leases.remove(&port);
        if limits.contains(port) {
            self.free.insert(port);
        }
        self.deactivate(port, time, limits);
        self.change_count += 1;
        true
    }

    /// From now on a release that names no port does not mean `port`.
    pub(crate) fn deactivate(&mut self, port: u16, time: &str, limits: Limits) {
        if self.current == Some(port) {
            self.activate(None, time, limits);
        }
    }

    /// Makes `new` the active port: the one that a release without a name means.
    pub(crate) fn activate(&mut self, new: Option<u16>, time: &str, limits: Limits) {
        self.history.push_back(HistoryEntry {
            time: time.to_owned(),
            prev: self.current,
            new,
        });
        self.current = new;
        self.trim(limits);
    }

    pub(crate) fn trim(&mut self, limits: Limits) {
        let surplus = self.history.len().saturating_sub(limits.history_max);
        self.history.drain(..surplus);
    }

    /// Brings the free ports in line with the range and with the ports that are `bound` in the
    /// kernel; answers how many became free and how many no longer are.
    pub(crate) fn reconcile_free(&mut self, bound: &PortSet, limits: Limits) -> (usize, usize) {
        let free: PortSet = (limits.first..=limits.last)
            .filter(|&port| !bound.contains(port) && !self.used.contains(port))
            .collect();
        let new_in =
            |set: &PortSet, old: &PortSet| set.iter().filter(|p| !old.contains(*p)).count();
        let moved = (new_in(&free, &self.free), new_in(&self.free, &free));
        self.free = free;
        moved
    }

    /// Makes a book that somebody else wrote obey the rules, in the direction that hands out less.
    pub(crate) fn tidy(&mut self, limits: Limits) {
        for &port in self.leases.keys() {
            self.used.insert(port);
        }
        let ours = |&port: &u16| limits.contains(port) && !self.used.contains(port);
        self.free = self.free.iter().filter(ours).collect();
        self.trim(limits);
    }

    pub(crate) fn note_error(&mut self, error: &str, time: &str) {
        self.last_error = Some(error.to_owned());
        self.last_error_time = Some(time.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: Limits = Limits {
        first: 3000,
        last: 3019,
        history_max: 5,
    };

    fn lease(port: u16) -> Lease {
        Lease {
            port,
            pid: None,
            start_time: None,
            boot: None,
            owner: "a".into(),
            since: String::new(),
            expires: None,
            expires_at: None,
        }
    }

    fn book() -> Book {
        let mut book = Book::default();
        book.reconcile_free(&PortSet::default(), LIMITS);
        book
    }

    fn check(book: &Book) {
        assert!(book.free.iter().all(|p| !book.used.contains(p)));
        assert!(book.free.iter().all(|p| LIMITS.contains(p)));
        assert!(book.leases.keys().all(|&p| book.used.contains(p)));
        assert!(book.history.len() <= LIMITS.history_max);
    }

    #[test]
    fn releasing_another_port_leaves_the_active_one_alone() {
        let mut book = book();
        for (port, time) in [(3000, "1"), (3001, "2")] {
            book.take(lease(port));
            book.activate(Some(port), time, LIMITS);
        }
        assert!(book.give_back(3000, "3", LIMITS));
        assert!(!book.give_back(3000, "4", LIMITS));
        assert_eq!((book.current, book.change_count), (Some(3001), 3));
        assert!(book.give_back(3001, "5", LIMITS));
        let last = book.history.back().unwrap();
        assert_eq!((last.prev, last.new), (Some(3001), None));
    }

    #[test]
    fn an_owner_needs_a_name_that_can_be_shown() {
        for owner in ["", " ", "a\nb", "\u{202e}x", &"x".repeat(201)] {
            assert!(validate_owner(owner).is_err(), "{owner:?}");
        }
        validate_owner("جلسهٔ هفتگی").unwrap();
    }

    proptest! {
        #[test]
        fn no_sequence_of_changes_breaks_the_rules(steps: Vec<(u8, u16)>) {
            let mut book = book();
            let mut held = std::collections::BTreeSet::new();
            for (what, port) in steps {
                let port = 2990 + port % 40;
                match what % 4 {
                    0 => if let Some(port) = book.free.at_least(0) {
                        prop_assert!(held.insert(port), "{} was handed out twice", port);
                        book.take(lease(port));
                        book.activate(Some(port), "t", LIMITS);
                    },
                    1 => prop_assert_eq!(book.give_back(port, "t", LIMITS), held.remove(&port)),
                    2 => { book.reconcile_free(&[port].into_iter().collect(), LIMITS); }
                    _ => { book.free.insert(port); book.tidy(LIMITS); }
                }
                check(&book);
                prop_assert!(book.used.iter().eq(held.iter().copied()));
            }
        }
    }
}
