//! What of jobs is counted, for Prometheus.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use dabir_core::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::model::{JobState, Queue, STATES};
use crate::store::lease::{Claimed, Finish};

/// The metrics of one server. Clones share them.
#[derive(Clone, Debug)]
pub struct Metrics {
    ended: Family<Ended, Counter>,
    seconds: Family<OfKind, Histogram, fn() -> Histogram>,
    jobs: Family<InState, Gauge>,
    oldest: Family<OfQueue, Gauge<f64, AtomicU64>>,
    fenced: Counter,
    crashed: Counter,
    lost: Counter,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    queue: String,
    kind: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKind {
    queue: String,
    kind: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfQueue {
    queue: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InState {
    queue: String,
    state: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            ended: Family::default(),
            seconds: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.01, 4.0, 10))
            }),
            jobs: Family::default(),
            oldest: Family::default(),
            fenced: Counter::default(),
            crashed: Counter::default(),
            lost: Counter::default(),
        }
    }
}

impl Metrics {
    /// Metrics that `registry` shows.
    #[must_use]
    pub fn registered(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        let registry = registry.sub_registry_with_prefix("dabir_jobs");
        let help = "Attempts that ended, by how";
        registry.register("attempts", help, metrics.ended.clone());
        let help = "How long attempts took";
        registry.register("attempt_seconds", help, metrics.seconds.clone());
        registry.register("jobs", "Jobs by queue and state", metrics.jobs.clone());
        let help = "How long the oldest due job has waited, in seconds";
        registry.register("oldest_wait_seconds", help, metrics.oldest.clone());
        let help = "Endings that were not written, because the lease was another's";
        registry.register("fenced", help, metrics.fenced.clone());
        let help = "Jobs taken back from workers that were gone";
        registry.register("crashed", help, metrics.crashed.clone());
        let help = "Jobs let go because this worker was taken for dead";
        registry.register("lost", help, metrics.lost.clone());
        metrics
    }

    pub(crate) fn ended(&self, job: &Claimed, finish: &Finish, took: Duration) {
        let (queue, kind) = (job.queue.clone(), job.kind.clone());
        let of_kind = OfKind {
            queue: queue.clone(),
            kind: kind.clone(),
        };
        self.seconds
            .get_or_create(&of_kind)
            .observe(took.as_secs_f64());
        let outcome = match finish.outcome {
            Some(outcome) => outcome,
            None if finish.state == JobState::Queued => "given_back",
            None => finish.state.as_str(),
        };
        let ended = Ended {
            queue,
            kind,
            outcome,
        };
        self.ended.get_or_create(&ended).inc();
    }

    pub(crate) fn fenced(&self, jobs: usize) {
        self.fenced.inc_by(jobs as u64);
    }

    pub(crate) fn crashed(&self, jobs: usize) {
        self.crashed.inc_by(jobs as u64);
    }

    pub(crate) fn lost(&self, jobs: usize) {
        self.lost.inc_by(jobs as u64);
    }

    pub(crate) fn queues(&self, queues: &[Queue], now: Timestamp) {
        for queue in queues {
            let waited = queue
                .oldest
                .map_or(0.0, |since| now.duration_since(since).as_secs_f64());
            let queue = queue.name.clone();
            self.oldest
                .get_or_create(&OfQueue { queue })
                .set(waited.max(0.0));
        }
    }

    pub(crate) fn states(&self, counts: &HashMap<(String, JobState), u64>) {
        let mut queues: Vec<&String> = counts.keys().map(|(queue, _)| queue).collect();
        queues.sort_unstable();
        queues.dedup();
        for queue in queues {
            for (state, word) in STATES {
                let jobs = counts.get(&(queue.clone(), state)).copied().unwrap_or(0);
                let label = InState {
                    queue: queue.clone(),
                    state: word,
                };
                self.jobs
                    .get_or_create(&label)
                    .set(i64::try_from(jobs).unwrap_or(i64::MAX));
            }
        }
    }
}
