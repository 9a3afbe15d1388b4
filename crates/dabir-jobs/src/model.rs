//! A job, what it was asked to do, and the states it goes through.

use dabir_core::Timestamp;
use dabir_core::words::{named, word_of};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Where a job stands. `queued` and `running` are its life; the others are ends, from which only
/// [`Jobs::retry`](crate::Jobs::retry) brings it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for its time and for a worker.
    Queued,
    /// A worker holds it.
    Running,
    Succeeded,
    /// It failed for good, or as often as it may.
    Failed,
    Cancelled,
    /// Workers died of it, or with it, three times in a row; people decide.
    SetAside,
}

/// Every state, and its word in the database and the API.
pub(crate) const STATES: [(JobState, &str); 6] = [
    (JobState::Queued, "queued"),
    (JobState::Running, "running"),
    (JobState::Succeeded, "succeeded"),
    (JobState::Failed, "failed"),
    (JobState::Cancelled, "cancelled"),
    (JobState::SetAside, "set_aside"),
];

impl JobState {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&STATES, self)
    }

    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        named(&STATES, word)
    }

    /// Whether nothing happens to the job any more unless somebody asks for it.
    #[must_use]
    pub fn is_end(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// Priorities go from the least urgent to the most. One step is worth [`AGEING_MILLIS`] of waiting,
/// so that what is urgent goes first and nothing waits for ever.
pub(crate) const PRIORITIES: std::ops::RangeInclusive<i32> = 0..=9;
/// How many milliseconds of waiting one step of priority is worth.
pub(crate) const AGEING_MILLIS: i64 = 60_000;
/// How many times workers may die with a job before it is set aside.
pub(crate) const MAX_CRASHES: i32 = 3;
/// The longest arguments, results and checkpoints, in bytes of JSON.
pub(crate) const MAX_JSON: usize = 256 << 10;
/// The longest error that is kept with a job, in characters.
pub(crate) const MAX_ERROR: usize = 2_000;

/// A job that is asked for. Made by [`Kind::job`](crate::Kind::job).
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    pub kind: String,
    pub queue: String,
    pub args: Value,
    pub priority: i32,
    /// Not before this instant; `None` is at once.
    pub run_at: Option<Timestamp>,
    /// While a job with this key is queued or running, another one is not made.
    pub unique_key: Option<String>,
    /// Jobs of one lane of a queue run at most `lane_limit` at a time, on all workers together.
    pub lane: Option<String>,
    pub lane_limit: Option<i32>,
    /// How many errors it may have before it has failed.
    pub max_attempts: i32,
    /// Who asked: an account's name, a schedule's, `system`.
    pub created_by: String,
}

impl NewJob {
    #[must_use]
    pub fn at(self, run_at: Timestamp) -> Self {
        Self {
            run_at: Some(run_at),
            ..self
        }
    }

    /// Clamped to [`PRIORITIES`].
    #[must_use]
    pub fn priority(self, priority: i32) -> Self {
        let priority = priority.clamp(*PRIORITIES.start(), *PRIORITIES.end());
        Self { priority, ..self }
    }

    #[must_use]
    pub fn unique(self, key: impl Into<String>) -> Self {
        Self {
            unique_key: Some(key.into()),
            ..self
        }
    }

    #[must_use]
    pub fn lane(self, lane: impl Into<String>, limit: i32) -> Self {
        Self {
            lane: Some(lane.into()),
            lane_limit: Some(limit.max(1)),
            ..self
        }
    }

    #[must_use]
    pub fn by(self, who: impl Into<String>) -> Self {
        Self {
            created_by: who.into(),
            ..self
        }
    }
}

/// What became of a request for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enqueued {
    pub id: i64,
    /// `false`: the job with the same unique key that is queued or running already.
    pub is_new: bool,
}

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    pub done: u64,
    /// `null` while it is not known.
    pub total: Option<u64>,
    /// What is being done, for people.
    #[serde(default)]
    pub stage: String,
}

/// A job as the API shows it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Job {
    pub id: i64,
    pub kind: String,
    pub queue: String,
    pub state: JobState,
    pub priority: i32,
    pub args: Value,
    pub unique_key: Option<String>,
    pub lane: Option<String>,
    /// Begins then, or as soon after it as there is a free worker.
    pub run_at: Timestamp,
    /// How many times a worker began it.
    pub attempts: i32,
    pub errors: i32,
    pub crashes: i32,
    pub max_attempts: i32,
    /// The worker that has it, or had it last.
    pub worker: Option<String>,
    pub progress: Option<Progress>,
    /// Steps a second since this attempt began.
    pub rate: Option<f64>,
    pub seconds_left: Option<f64>,
    pub result: Option<Value>,
    pub last_error: Option<String>,
    /// Somebody asked for its end and its worker has not answered yet.
    pub is_ending: bool,
    pub created_by: String,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

/// How one attempt at a job ended, other than well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Attempt {
    pub attempt: i32,
    pub worker: Option<String>,
    /// `error`, `failed`, `crashed`, `cancelled` or `timed_out`.
    pub outcome: String,
    pub error: Option<String>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Timestamp,
}

/// One line that a job wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogLine {
    pub id: i64,
    pub attempt: i32,
    pub at: Timestamp,
    /// `info`, `warn` or `error`.
    pub level: String,
    pub line: String,
}

/// Which jobs are meant: in a list, or by an order for many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JobFilter {
    /// One of these states; several have commas between them, as `failed,set_aside`. Any when not
    /// given.
    #[serde(default, deserialize_with = "states")]
    #[param(value_type = Option<String>)]
    pub state: Vec<JobState>,
    pub kind: Option<String>,
    pub queue: Option<String>,
    /// Part of the arguments, the unique key or the error.
    pub search: Option<String>,
}

/// States in one text, with commas between them.
pub(crate) fn states<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<JobState>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    let words = text.iter().flat_map(|text| text.split(',')).map(str::trim);
    let read = |word: &str| {
        JobState::parse(word).ok_or_else(|| {
            let known = STATES.map(|(_, word)| word).join(", ");
            serde::de::Error::custom(format!("`{word}` is no state; there are {known}"))
        })
    };
    words.filter(|word| !word.is_empty()).map(read).collect()
}

/// A queue: what waits in it, and how it is worked off.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Queue {
    pub name: String,
    /// Its share of the workers beside other queues that have work.
    pub weight: i32,
    /// How many of its jobs run at a time on all workers together.
    pub max_running: Option<i32>,
    /// How many of its jobs begin a second, at most.
    pub rate: Option<f64>,
    pub paused_at: Option<Timestamp>,
    pub paused_by: Option<String>,
    pub pause_reason: Option<String>,
    /// Due and waiting.
    pub waiting: u64,
    /// Not due yet.
    pub later: u64,
    pub running: u64,
    pub failed: u64,
    /// Since when the oldest due job waits.
    pub oldest: Option<Timestamp>,
    /// How many ended well in the last hour.
    pub done_last_hour: u64,
}

/// A kind of job that this version knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KindView {
    pub name: String,
    /// Where its jobs wait.
    pub queue: String,
}

/// A change of a queue; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QueuePatch {
    pub weight: Option<i32>,
    /// `null` lifts the limit.
    #[serde(with = "double_option")]
    #[schema(value_type = Option<i32>)]
    pub max_running: Option<Option<i32>>,
    /// `null` lifts the limit.
    #[serde(with = "double_option")]
    #[schema(value_type = Option<f64>)]
    pub rate: Option<Option<f64>>,
    pub paused: Option<bool>,
    pub reason: Option<String>,
}

/// Tells a field that is absent from one that is `null`.
mod double_option {
    use serde::{Deserialize, Deserializer};

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Option<T>>, D::Error> {
        Option::deserialize(deserializer).map(Some)
    }
}

/// A process that works jobs off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkerView {
    pub id: String,
    pub host: String,
    pub pid: i64,
    pub version: String,
    /// How many jobs it works on at a time, at most.
    pub slots: i32,
    pub running: u64,
    pub started_at: Timestamp,
    pub seen_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_read_as_it_is_written() {
        for (state, word) in STATES {
            assert_eq!(JobState::parse(word), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), word);
        }
    }

    #[test]
    fn a_filter_takes_several_states() {
        let read = |text: &str| {
            let filter = serde_json::from_value(serde_json::json!({ "state": text }));
            filter.map(|filter: JobFilter| filter.state)
        };
        assert_eq!(read("").unwrap(), []);
        assert_eq!(
            read("failed, set_aside").unwrap(),
            [JobState::Failed, JobState::SetAside]
        );
        let error = read("failed,lost").unwrap_err().to_string();
        assert!(error.contains("`lost`") && error.contains("set_aside"));
    }

    #[test]
    fn absent_and_null_are_two_things() {
        let read = |text| {
            serde_json::from_str::<QueuePatch>(text)
                .unwrap()
                .max_running
        };
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"max_running":null}"#), Some(None));
        assert_eq!(read(r#"{"max_running":3}"#), Some(Some(3)));
    }
}
