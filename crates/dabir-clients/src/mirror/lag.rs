//! How far a mirror is behind.

use std::time::{Duration, Instant};

use super::metrics::Metrics;

/// Since when a mirror does not show what the registry knows.
#[derive(Debug)]
pub(super) struct Lag {
    mirror: &'static str,
    metrics: Metrics,
    offset: Option<i64>,
    since: Option<Instant>,
}

impl Lag {
    pub(super) fn new(mirror: &'static str, metrics: &Metrics) -> Self {
        Self {
            mirror,
            metrics: metrics.clone(),
            offset: None,
            since: None,
        }
    }

    /// The registry is at this offset.
    pub(super) fn notice(&mut self, offset: i64) {
        if self.offset != Some(offset) {
            self.offset = Some(offset);
            self.since.get_or_insert_with(Instant::now);
        }
        let lag = self.since.map_or(Duration::ZERO, |since| since.elapsed());
        self.metrics.lag(self.mirror, lag);
    }

    /// The mirror shows all of it.
    pub(super) fn done(&mut self) {
        if let Some(since) = self.since.take() {
            self.metrics.took(self.mirror, since.elapsed());
        }
        self.metrics.lag(self.mirror, Duration::ZERO);
    }

    /// Another process looks after it.
    pub(super) fn rest(&mut self) {
        self.since = None;
        self.metrics.lag(self.mirror, Duration::ZERO);
    }
}
