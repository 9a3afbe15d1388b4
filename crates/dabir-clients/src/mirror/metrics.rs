//! What of clients and their mirrors is counted, for Prometheus.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::model::ClientState;
use crate::registry::Snapshot;

/// The metrics of one process. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Metrics {
    clients: Family<InState, Gauge>,
    lag: Family<Of, Gauge<f64, AtomicU64>>,
    seconds: Family<Of, Histogram, fn() -> Histogram>,
    problems: Family<Of, Gauge>,
    edits: Family<Of, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InState {
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    mirror: &'static str,
}

impl Metrics {
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let metrics = Self {
            clients: Family::default(),
            lag: Family::default(),
            seconds: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.001, 2.0, 14))
            }),
            problems: Family::default(),
            edits: Family::default(),
        };
        let registry = registry.sub_registry_with_prefix("dabir_clients");
        let help = "Clients in each state";
        registry.register("clients", help, metrics.clients.clone());
        let help = "How long a change waits by now to be in a mirror; 0 when all are";
        registry.register("mirror_lag_seconds", help, metrics.lag.clone());
        let help = "How long changes took into a mirror";
        registry.register("mirror_seconds", help, metrics.seconds.clone());
        let help = "What is wrong with a mirror just now";
        registry.register("mirror_problems", help, metrics.problems.clone());
        let help = "Changes of other programs that were taken in";
        registry.register("mirror_edits", help, metrics.edits.clone());
        metrics
    }

    pub(super) fn count(&self, snapshot: &Snapshot) {
        for state in ClientState::ALL {
            let label = InState {
                state: state.as_str(),
            };
            let count = i64::try_from(snapshot.count(state)).unwrap_or(i64::MAX);
            self.clients.get_or_create(&label).set(count);
        }
    }

    pub(super) fn lag(&self, mirror: &'static str, lag: Duration) {
        self.lag
            .get_or_create(&Of { mirror })
            .set(lag.as_secs_f64());
    }

    pub(super) fn took(&self, mirror: &'static str, took: Duration) {
        let seconds = self.seconds.get_or_create(&Of { mirror });
        seconds.observe(took.as_secs_f64());
    }

    pub(super) fn problems(&self, mirror: &'static str, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.problems.get_or_create(&Of { mirror }).set(count);
    }

    pub(super) fn edits(&self, mirror: &'static str, count: usize) {
        self.edits
            .get_or_create(&Of { mirror })
            .inc_by(count as u64);
    }
}
