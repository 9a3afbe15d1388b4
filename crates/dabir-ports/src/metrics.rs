//! What the port manager counts.

use std::time::Instant;

use dabir_core::Event;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::PortError;
use crate::model::Book;

/// Upper bounds of the histogram of saves, in seconds.
const SAVE_BUCKETS: [f64; 9] = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0];

#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    free: Gauge,
    used: Gauge,
    leases: Gauge,
    picks: Counter,
    releases: Counter,
    failures: Counter,
    spoiled_files: Counter,
    save_seconds: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            free: Gauge::default(),
            used: Gauge::default(),
            leases: Gauge::default(),
            picks: Counter::default(),
            releases: Counter::default(),
            failures: Counter::default(),
            spoiled_files: Counter::default(),
            save_seconds: Histogram::new(SAVE_BUCKETS),
        }
    }
}

impl Metrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let ports = registry.sub_registry_with_prefix("dabir_ports");
        ports.register("free", "Ports that can be picked", self.free.clone());
        ports.register("used", "Ports in use", self.used.clone());
        ports.register("leases", "Ports with a lease", self.leases.clone());
        ports.register("picks", "Ports handed out", self.picks.clone());
        ports.register("releases", "Ports that came back", self.releases.clone());
        ports.register(
            "failures",
            "Turns that could not lock, read or save the state file",
            self.failures.clone(),
        );
        ports.register(
            "corrupt_files",
            "State files that were set aside as spoiled",
            self.spoiled_files.clone(),
        );
        ports.register(
            "save_seconds",
            "How long saving the state file took",
            self.save_seconds.clone(),
        );
    }

    pub(crate) fn show(&self, book: &Book) {
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.free.set(number(book.free.len()));
        self.used.set(number(book.used.len()));
        self.leases.set(number(book.leases.len()));
    }

    pub(crate) fn count(&self, event: &Event) {
        match event {
            Event::PortPicked { .. } => self.picks.inc(),
            Event::PortReleased { .. } => self.releases.inc(),
            _ => 0,
        };
    }

    pub(crate) fn failed(&self) {
        self.failures.inc();
    }

    pub(crate) fn spoiled(&self, spoiled: bool) {
        self.spoiled_files.inc_by(u64::from(spoiled));
    }

    pub(crate) fn time_save(
        &self,
        save: impl FnOnce() -> Result<(), PortError>,
    ) -> Result<(), PortError> {
        let started = Instant::now();
        let saved = save();
        self.save_seconds.observe(started.elapsed().as_secs_f64());
        if saved.is_err() {
            self.failed();
        }
        saved
    }
}
