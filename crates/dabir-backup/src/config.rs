//! The section `[backup]` of the configuration.

use std::path::{Path, PathBuf};
use std::time::Duration;

use dabir_core::Span;
use dabir_core::setting::{Kind, Setting, out_of_bounds};
use serde::{Deserialize, Serialize};

use crate::tree::BACKUPS;

/// `[backup]`: when backups are made, where they stand, and how many are kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackupConfig {
    /// Whether the house makes them by itself.
    pub enabled: bool,
    /// Every day at this time of the house, such as `03:30`; empty: every `interval`.
    pub at: String,
    /// How much time is between two, when `at` is empty.
    pub interval: Span,
    /// Where they stand; empty: `backups` in the data folder.
    pub dir: PathBuf,
    pub keep: Keep,
}

/// How many backups are kept: the newest ones, and beside them the newest of each of the last hours,
/// days and weeks that have one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keep {
    pub newest: u32,
    pub hourly: u32,
    pub daily: u32,
    pub weekly: u32,
}

const DAY: Span = Span::from_secs(86_400);

impl Default for BackupConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            at: "03:30".to_owned(),
            interval: DAY,
            dir: PathBuf::new(),
            keep: Keep::default(),
        }
    }
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            newest: 3,
            hourly: 0,
            daily: 7,
            weekly: 4,
        }
    }
}

impl BackupConfig {
    /// Every key of `[backup]`.
    pub const SETTINGS: &'static [Setting] = &[
        Setting::at_start("enabled", Kind::Boolean),
        Setting::at_start(
            "at",
            Kind::Text("a time of day such as `03:30`, or nothing"),
        ),
        Setting::at_start(
            "interval",
            Kind::Duration(Span::from_secs(600), Span::from_secs(31 * 86_400)),
        ),
        Setting::only_file(
            "dir",
            Kind::Text("a folder, or nothing"),
            "secrets stand in every backup, so only the file and the environment may say where they go",
        ),
        Setting::at_start("keep.newest", Kind::Integer(1, 1_000)),
        Setting::at_start("keep.hourly", Kind::Integer(0, 1_000)),
        Setting::at_start("keep.daily", Kind::Integer(0, 1_000)),
        Setting::at_start("keep.weekly", Kind::Integer(0, 1_000)),
    ];

    /// Every value that is not allowed, as (key, what is allowed).
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = out_of_bounds(Self::SETTINGS, self);
        if !self.at.is_empty() && self.time_of_day().is_none() {
            let why = format!("`{}` is no time of day; write `03:30`, or nothing", self.at);
            problems.push(("at", why));
        }
        problems
    }

    /// The folder of backups of this data folder.
    #[must_use]
    pub fn folder(&self, data_dir: &Path) -> PathBuf {
        if self.dir.as_os_str().is_empty() {
            return data_dir.join(BACKUPS);
        }
        self.dir.clone()
    }

    /// How much time is between two backups that the house makes by itself.
    fn between(&self) -> Duration {
        match self.time_of_day() {
            Some(_) => DAY.get(),
            None => self.interval.get(),
        }
    }

    /// From which age on the newest backup tells that the house makes none any more.
    #[must_use]
    pub fn old_after(&self) -> Duration {
        self.between().saturating_mul(2)
    }

    /// Hour and minute of `at`.
    #[must_use]
    pub fn time_of_day(&self) -> Option<(u8, u8)> {
        let (hour, minute) = self.at.split_once(':')?;
        let number = |text: &str, below: u8| {
            let is_two_digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            let number: u8 = text.parse().ok()?;
            (is_two_digits && number < below).then_some(number)
        };
        Some((number(hour, 24)?, number(minute, 60)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_two_numbers_of_two_digits() {
        let at = |text: &str| BackupConfig {
            at: text.to_owned(),
            ..BackupConfig::default()
        };
        assert_eq!(at("03:30").time_of_day(), Some((3, 30)));
        assert_eq!(at("23:59").problems(), []);
        assert_eq!(at("").problems(), []);
        for wrong in ["3:30", "24:00", "12:60", "noon", "+1:30", "03:30:00"] {
            assert_eq!(at(wrong).problems()[0].0, "at", "{wrong}");
        }
    }
}
