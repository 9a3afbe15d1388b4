//! The section `[jobs]` of the configuration.

use dabir_core::Span;
use dabir_core::setting::{Kind, Setting, out_of_bounds};
use serde::{Deserialize, Serialize};

/// `[jobs]`: how many jobs a process works on at a time, and how long it remembers them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JobsConfig {
    /// How many workers a process has at least.
    pub workers_min: u32,
    /// How many it may have while jobs wait.
    pub workers_max: u32,
    /// How long ended jobs are kept.
    pub keep: Span,
    /// How many ended jobs are kept, at most.
    pub keep_max: u64,
}

impl Default for JobsConfig {
    fn default() -> Self {
        Self {
            workers_min: 4,
            workers_max: 32,
            keep: Span::from_secs(30 * 86_400),
            keep_max: 200_000,
        }
    }
}

impl JobsConfig {
    /// Every key of `[jobs]`.
    pub const SETTINGS: &'static [Setting] = &[
        Setting::live("workers_min", Kind::Integer(1, 1_000)),
        Setting::live("workers_max", Kind::Integer(1, 1_000)),
        Setting::live(
            "keep",
            Kind::Duration(Span::from_secs(60), Span::from_secs(3_660 * 86_400)),
        ),
        Setting::live("keep_max", Kind::Integer(0, 100_000_000)),
    ];

    /// Every value that is not allowed, as (key, what is allowed).
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = out_of_bounds(Self::SETTINGS, self);
        if self.workers_min > self.workers_max {
            let text = format!(
                "the least, {}, is more than `workers_max`, {}",
                self.workers_min, self.workers_max
            );
            problems.push(("workers_min", text));
        }
        problems
    }
}
