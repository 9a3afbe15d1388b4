//! What of backups is counted, for Prometheus.

use std::fmt;

use dabir_core::Clock;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use crate::shelf::Shelf;

/// The metrics of one server. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    failures: Counter,
}

/// What the folder of backups shows, whoever made them.
#[derive(Debug)]
struct OnTheShelf {
    shelf: Shelf,
    clock: Clock,
}

impl Metrics {
    /// Metrics that `registry` shows.
    #[must_use]
    pub fn registered(registry: &mut Registry, shelf: Shelf, clock: Clock) -> Self {
        let metrics = Self::default();
        let registry = registry.sub_registry_with_prefix("dabir_backup");
        let help = "Backups that could not be made or verified by this process";
        registry.register("failures", help, metrics.failures.clone());
        registry.register_collector(Box::new(OnTheShelf { shelf, clock }));
        metrics
    }

    pub(crate) fn failed(&self) {
        self.failures.inc();
    }
}

impl Collector for OnTheShelf {
    /// Nothing while there is no verified backup: an absent age is one to be alarmed at.
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let now = self.clock.now();
        let Ok(Some((name, made_at, seen))) = self.shelf.newest_verified(now) else {
            return Ok(());
        };
        let mut show = |metric: &str, help: &str, value: f64| {
            let gauge = ConstGauge::new(value);
            let encoder = encoder.encode_descriptor(metric, help, None, gauge.metric_type())?;
            gauge.encode(encoder)
        };
        let age = now.duration_since(made_at).as_secs_f64();
        let help = "How old the newest verified backup is, in seconds";
        show("last_verified_age_seconds", help, age)?;
        if let Ok(facts) = std::fs::metadata(self.shelf.path(&name)) {
            #[expect(clippy::cast_precision_loss, reason = "a metric is a float")]
            let size = facts.len() as f64;
            let help = "How large the newest verified backup is, in bytes";
            show("last_verified_size_bytes", help, size)?;
        }
        if let Some(seconds) = seen.seconds {
            let help = "How long the newest verified backup took to make and verify";
            show("last_duration_seconds", help, seconds)?;
        }
        Ok(())
    }
}
