//! What of the meetings is counted, for Prometheus.

use std::sync::atomic::{AtomicI64, AtomicU64};

use dabir_core::Timestamp;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::model::MeetingState;
use crate::rooms::RoomStatus;

/// The metrics of one server.
#[derive(Debug)]
pub(crate) struct Metrics {
    meetings: Family<StateLabel, Gauge>,
    clients: Gauge,
    restarts: Gauge,
    polls: Family<PollLabel, Counter>,
    set_aside: Gauge,
    lead: Gauge,
    last_ok: Gauge<f64, AtomicU64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: MeetingState,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PollLabel {
    result: &'static str,
}

impl EncodeLabelValue for MeetingState {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> std::fmt::Result {
        self.as_str().encode(encoder)
    }
}

impl Metrics {
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            meetings: Family::default(),
            clients: Gauge::<i64, AtomicI64>::default(),
            restarts: Gauge::<i64, AtomicI64>::default(),
            polls: Family::default(),
            set_aside: Gauge::<i64, AtomicI64>::default(),
            lead: Gauge::<i64, AtomicI64>::default(),
            last_ok: Gauge::default(),
        };
        let registry = registry.sub_registry_with_prefix("dabir");
        registry.register(
            "meetings",
            "Meetings that are not over, by state",
            metrics.meetings.clone(),
        );
        registry.register(
            "room_clients",
            "People in all rooms",
            metrics.clients.clone(),
        );
        registry.register(
            "room_restarts",
            "Restarts after crashes, of the rooms that live",
            metrics.restarts.clone(),
        );
        registry.register(
            "source_polls",
            "Polls of the source of meetings",
            metrics.polls.clone(),
        );
        registry.register(
            "source_rows_set_aside",
            "Rows of the newest list that were no meetings",
            metrics.set_aside.clone(),
        );
        registry.register(
            "meetings_lead",
            "Whether this server leads those on its database: it asks the source and begins meetings",
            metrics.lead.clone(),
        );
        registry.register(
            "source_last_ok_timestamp_seconds",
            "When the source last gave a whole list",
            metrics.last_ok.clone(),
        );
        metrics
    }

    /// Counts the meetings by state; a failed one is what to alert on.
    pub(crate) fn meetings(&self, states: impl Iterator<Item = MeetingState>) {
        let mut counts = [0_i64; MeetingState::ALL.len()];
        for state in states {
            if let Some(index) = MeetingState::ALL.iter().position(|known| *known == state) {
                counts[index] += 1;
            }
        }
        for (state, count) in MeetingState::ALL.into_iter().zip(counts) {
            self.meetings
                .get_or_create(&StateLabel { state })
                .set(count);
        }
    }

    pub(crate) fn rooms<'a>(&self, rooms: impl Iterator<Item = &'a RoomStatus>) {
        let (mut clients, mut restarts) = (0_i64, 0_i64);
        for room in rooms {
            clients = clients.saturating_add(i64::try_from(room.clients).unwrap_or(i64::MAX));
            restarts = restarts.saturating_add(i64::from(room.restarts));
        }
        self.clients.set(clients);
        self.restarts.set(restarts);
    }

    pub(crate) fn polled(&self, now: Timestamp, ok: bool) {
        let result = if ok { "ok" } else { "failed" };
        self.polls.get_or_create(&PollLabel { result }).inc();
        if ok {
            self.last_ok.set(now.as_millisecond() as f64 / 1_000.0);
        }
    }

    pub(crate) fn lead(&self, leads: bool) {
        self.lead.set(leads.into());
    }

    pub(crate) fn set_aside(&self, rows: usize) {
        self.set_aside.set(i64::try_from(rows).unwrap_or(i64::MAX));
    }
}
