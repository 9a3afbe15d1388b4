//! Which process is meant: a number alone is given to another one some day.

use std::io;

pub use dabir_core::process::{boot_id, start_time};
use serde::{Deserialize, Serialize};

/// A process of one run of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    pub pid: u32,
    /// Clock ticks between the start of the machine and that of the process. Another program may
    /// not have written it down: then the number has to do.
    pub start_time: Option<u64>,
    /// The kernel's `boot_id`: the same number and ticks may come again after a restart.
    pub boot: Option<String>,
}

impl Process {
    /// Whether `now`, the process that has this number at present, is the one that was meant.
    #[must_use]
    pub fn is(&self, now: Option<&Self>) -> bool {
        let same = |then: Option<bool>| then.unwrap_or(true);
        now.is_some_and(|now| {
            self.pid == now.pid
                && same(self.start_time.map(|ticks| Some(ticks) == now.start_time))
                && same(self.boot.as_ref().map(|id| Some(id) == now.boot.as_ref()))
        })
    }
}

/// The running machine, asked through `/proc`.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    boot: Option<String>,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self {
            boot: boot_id().ok(),
        }
    }

    /// The process with this number; `None` when there is none, or only its remains.
    pub(crate) fn process(&self, pid: u32) -> io::Result<Option<Process>> {
        Ok(start_time(pid)?.map(|ticks| Process {
            pid,
            start_time: Some(ticks),
            boot: self.boot.clone(),
        }))
    }

    /// Whether `process` still runs. What cannot be found out counts as alive: a port that comes
    /// back late is better than one that is given twice.
    pub(crate) fn is_alive(&self, process: &Process) -> bool {
        self.process(process.pid)
            .map_or(true, |now| process.is(now.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, start_time: u64, boot: &str) -> Process {
        Process {
            pid,
            start_time: Some(start_time),
            boot: Some(boot.into()),
        }
    }

    #[test]
    fn the_same_number_at_another_time_is_another_process() {
        let meant = process(77, 1_000, "boot-1");
        assert!(meant.is(Some(&process(77, 1_000, "boot-1"))));
        assert!(!meant.is(Some(&process(77, 1_001, "boot-1"))));
        assert!(!meant.is(Some(&process(77, 1_000, "boot-2"))));
        assert!(!meant.is(None));
        let vague = Process {
            start_time: None,
            boot: None,
            ..meant
        };
        assert!(vague.is(Some(&process(77, 5, "boot-9"))));
    }

    #[test]
    fn this_process_lives() {
        let machine = Machine::new();
        let me = machine.process(std::process::id()).unwrap().unwrap();
        assert!(me.boot.is_some() && machine.is_alive(&me));
        assert!(!machine.is_alive(&process(me.pid, 1, "another boot")));
    }
}
