//! Runs, their cells and what was found in them: nouns without I/O.

use std::collections::BTreeMap;

use dabir_core::Timestamp;
use dabir_core::words::{named, word_of};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What a run asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SyncMode)]
pub enum Mode {
    /// All rows; what is gone at the source is marked as gone here.
    #[default]
    Full,
    /// The rows that changed since the last run.
    Incremental,
}

/// Where a run or one of its cells stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SyncStatus)]
pub enum Status {
    /// Waits for its turn.
    Pending,
    Running,
    Success,
    /// Not all that was asked for is there. What came before is kept.
    Failed,
    Cancelled,
}

const STATUSES: [(Status, &str); 5] = [
    (Status::Pending, "pending"),
    (Status::Running, "running"),
    (Status::Success, "success"),
    (Status::Failed, "failed"),
    (Status::Cancelled, "cancelled"),
];

impl Mode {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Incremental => "incremental",
        }
    }

    pub(crate) fn parse(word: &str) -> Self {
        match word {
            "incremental" => Self::Incremental,
            _ => Self::Full,
        }
    }
}

impl Status {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&STATUSES, self)
    }

    /// A word that nobody wrote is taken for a failure.
    pub(crate) fn parse(word: &str) -> Self {
        named(&STATUSES, word).unwrap_or(Self::Failed)
    }

    #[must_use]
    pub fn is_end(self) -> bool {
        !matches!(self, Self::Pending | Self::Running)
    }
}

/// The longest error that is kept with a run, in characters.
pub(crate) const MAX_ERROR: usize = 500;

/// What became of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SyncCounts)]
pub struct Counts {
    pub new: u64,
    pub changed: u64,
    /// As they were; nothing was written.
    pub same: u64,
    /// In quarantine.
    pub failed: u64,
    /// Gone at the source, and marked so.
    pub vanished: u64,
    /// Gone at the source, and so many that nothing is marked before somebody accepts it.
    pub held: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.new += other.new;
        self.changed += other.changed;
        self.same += other.same;
        self.failed += other.failed;
        self.vanished += other.vanished;
        self.held += other.held;
    }

    /// The rows that were synced.
    #[must_use]
    pub fn synced(&self) -> u64 {
        self.new + self.changed + self.same
    }
}

/// How far a run is, in rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SyncProgress)]
pub struct Progress {
    pub done: u64,
    /// What the gateway says, or for partitions that it has not been asked about yet, what the last
    /// run found there; `null` while neither is known.
    pub total: Option<u64>,
}

/// One run of a source.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = SyncRun)]
pub struct Run {
    pub id: i64,
    pub source: String,
    pub mode: Mode,
    pub status: Status,
    pub created_by: String,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub duration_seconds: Option<f64>,
    pub records_count: u64,
    #[serde(flatten)]
    pub counts: Counts,
    /// At most 500 characters, without secrets.
    pub error_message: Option<String>,
    pub progress: Progress,
    /// What is being done, for people.
    pub stage: String,
    /// Rows a second while it runs, and how long it takes from here at that rate.
    pub rate: Option<f64>,
    pub seconds_left: Option<f64>,
    pub requests: u64,
    /// Of the requests, those that had to be sent again.
    pub repeats: u64,
    pub job_id: Option<i64>,
    /// The run whose failed partitions this one tries again.
    pub retry_of: Option<i64>,
}

/// One partition in one run.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = SyncCell)]
pub struct Cell {
    /// The partitions' values, `1100/4001`; empty for a source without partitions.
    pub label: String,
    #[schema(value_type = Object)]
    pub values: BTreeMap<String, String>,
    pub status: Status,
    pub pages_done: u64,
    pub pages_total: Option<u64>,
    /// How many rows the gateway says there are.
    pub total: Option<u64>,
    #[serde(flatten)]
    pub counts: Counts,
    pub error: Option<String>,
}

/// Something about the table that a run found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = SyncNotes)]
pub struct Notes {
    /// Columns that were not there before.
    pub added: Vec<String>,
    /// Columns that hold more than before: `age: integer → text`.
    pub widened: Vec<String>,
    /// Columns whose field no row had. What stood there stays.
    pub missing: Vec<String>,
    /// What people should look at.
    pub warnings: Vec<String>,
}

/// One difference that a run made.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = SyncChange)]
pub struct Change {
    pub id: i64,
    pub run_id: i64,
    pub key: String,
    /// `new`, `changed`, `vanished` or `returned`.
    pub kind: String,
    /// The fields that differ, before and after.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
    pub at: Timestamp,
}

/// A row that could not be taken.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = QuarantinedRow)]
pub struct Quarantined {
    pub id: i64,
    pub run_id: i64,
    pub source: String,
    /// The partition.
    pub label: String,
    pub page: u64,
    pub reason: String,
    /// The row as it came, cut after 64 KiB.
    pub raw: String,
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_read_as_it_is_written() {
        for (status, word) in STATUSES {
            assert_eq!(Status::parse(word), status);
            assert_eq!(serde_json::to_value(status).unwrap(), word);
        }
        assert_eq!(Mode::parse(Mode::Incremental.as_str()), Mode::Incremental);
    }
}
