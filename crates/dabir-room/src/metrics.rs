//! What the room counts, for Prometheus: numbers alone, nobody's name.

use std::cell::Cell;
use std::fmt::Write as _;

/// The `Content-Type` of [`Metrics::text`].
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Count(Cell<u64>);

impl Count {
    pub fn add(&self, amount: u64) {
        self.0.update(|count| count.wrapping_add(amount));
    }

    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.get()
    }
}

/// What has happened since the room's process started.
#[derive(Debug, Default)]
pub struct Metrics {
    pub messages: Count,
    pub events: Count,
    /// Frames for people, each once for everybody who gets it.
    pub sent_bytes: Count,
    pub slow_readers: Count,
    pub silent: Count,
    pub unreadable: Count,
    pub journal_writes: Count,
    pub journal_bytes: Count,
}

impl Metrics {
    /// All of it in Prometheus' text format, with how many people and connections there are now.
    #[must_use]
    pub fn text(&self, participants: usize, connections: usize) -> String {
        let now = [
            ("participants", "People in the room", participants),
            ("connections", "Open WebSockets", connections),
        ];
        let mut text = String::new();
        for (name, help, value) in now {
            sample(&mut text, name, help, "gauge", value as u64);
        }
        for (name, help, count) in self.counters() {
            sample(&mut text, name, help, "counter", count.get());
        }
        text
    }

    fn counters(&self) -> [(&'static str, &'static str, &Count); 8] {
        [
            ("messages_total", "Chat messages", &self.messages),
            ("events_total", "Events of all kinds", &self.events),
            ("sent_bytes_total", "Bytes for people", &self.sent_bytes),
            (
                "slow_readers_dropped_total",
                "Connections closed because too much was left unread",
                &self.slow_readers,
            ),
            (
                "silent_dropped_total",
                "Connections closed because nothing came back from them",
                &self.silent,
            ),
            (
                "unreadable_dropped_total",
                "Connections closed because the journal could not be read for them",
                &self.unreadable,
            ),
            (
                "journal_writes_total",
                "Writes to the journal, each of a batch of events",
                &self.journal_writes,
            ),
            (
                "journal_bytes_total",
                "Bytes written to the journal",
                &self.journal_bytes,
            ),
        ]
    }
}

fn sample(text: &mut String, name: &str, help: &str, kind: &str, value: u64) {
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "# HELP dabir_room_{name} {help}\n# TYPE dabir_room_{name} {kind}\ndabir_room_{name} {value}\n"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_its_lines() {
        let metrics = Metrics::default();
        metrics.messages.add(2);
        let text = metrics.text(3, 4);
        assert!(text.starts_with(
            "# HELP dabir_room_participants People in the room\n\
             # TYPE dabir_room_participants gauge\n\
             dabir_room_participants 3\n"
        ));
        assert!(text.contains("# TYPE dabir_room_messages_total counter\n"));
        assert!(text.contains("\ndabir_room_messages_total 2\n"));
        assert_eq!(text.lines().count(), 10 * 3);
    }
}
