//! What happened, told to whoever listens: the live stream of the API and other domains.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::broadcast;

/// Something that happened in one domain and that others may want to know.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A meeting was made or changed; ask the API for its whole state.
    MeetingChanged {
        id: String,
        state: String,
    },
    MeetingRemoved {
        id: String,
    },
    /// People came into a room or left it.
    ParticipantsChanged {
        id: String,
        clients: usize,
    },
    /// A port was handed out or came back.
    PortPicked {
        port: u16,
        owner: String,
    },
    PortReleased {
        port: u16,
    },
    /// Somebody's session came to its end before its time: sign-out, block, new role, new password.
    SessionEnded {
        user_id: String,
        reason: String,
        /// They have no session left, and are to be let nowhere.
        last: bool,
    },
    /// The source of meetings answers again (`ok`) or does not, and why.
    SourceChanged {
        source: String,
        ok: bool,
        detail: String,
    },
    /// Settings were changed or went back to what file, environment or default say.
    #[serde(rename = "settings.changed")]
    SettingsChanged {
        keys: Vec<String>,
    },
}

/// An event and its place in the stream.
#[derive(Clone, Debug)]
pub struct Numbered {
    pub number: u64,
    pub event: Event,
}

/// The stream of events: anyone may publish, anyone may listen, the last 1,000 can be replayed.
#[derive(Clone, Debug)]
pub struct Events {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// A `std` mutex: it is held for a push into a ring and never across an await.
    recent: Mutex<Recent>,
    sender: broadcast::Sender<Numbered>,
}

#[derive(Debug, Default)]
struct Recent {
    last: u64,
    ring: VecDeque<Numbered>,
}

/// How many events can be replayed to a listener that comes back.
const REPLAY: usize = 1_000;

/// What a listener missed, and the stream from there on.
#[derive(Debug)]
pub struct Subscription {
    /// The number of the newest event at this moment.
    pub last: u64,
    /// `None` when the events after `since` are no longer all known: ask for the whole state.
    pub missed: Option<Vec<Numbered>>,
    pub receiver: broadcast::Receiver<Numbered>,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            shared: Arc::new(Shared {
                recent: Mutex::default(),
                sender: broadcast::channel(REPLAY).0,
            }),
        }
    }
}

impl Events {
    pub fn publish(&self, event: Event) {
        let mut recent = self
            .shared
            .recent
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        recent.last += 1;
        let numbered = Numbered {
            number: recent.last,
            event,
        };
        if recent.ring.len() == REPLAY {
            recent.ring.pop_front();
        }
        recent.ring.push_back(numbered.clone());
        // Sent under the lock, so that nobody sees numbers out of order. No listener is no error.
        let _ = self.shared.sender.send(numbered);
    }

    /// Listens from now on; with `since`, also tells what came after that number.
    #[must_use]
    pub fn subscribe(&self, since: Option<u64>) -> Subscription {
        let recent = self
            .shared
            .recent
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let receiver = self.shared.sender.subscribe();
        let oldest = recent.ring.front().map_or(recent.last + 1, |e| e.number);
        let missed = match since {
            None => Some(Vec::new()),
            Some(n) if n + 1 >= oldest && n <= recent.last => Some(
                recent
                    .ring
                    .iter()
                    .filter(|e| e.number > n)
                    .cloned()
                    .collect(),
            ),
            Some(_) => None,
        };
        Subscription {
            last: recent.last,
            missed,
            receiver,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn released(port: u16) -> Event {
        Event::PortReleased { port }
    }

    #[test]
    fn a_returning_listener_gets_what_it_missed() {
        let events = Events::default();
        (1..=5).for_each(|port| events.publish(released(port)));
        let missed = events.subscribe(Some(3)).missed.unwrap();
        assert_eq!(missed.iter().map(|e| e.number).collect::<Vec<_>>(), [4, 5]);
    }

    #[test]
    fn a_listener_away_for_too_long_or_from_another_life_is_told_so() {
        let events = Events::default();
        (0..1_500).for_each(|port| events.publish(released(port)));
        assert!(events.subscribe(Some(10)).missed.is_none());
        assert!(events.subscribe(Some(9_999)).missed.is_none());
        assert_eq!(events.subscribe(Some(1_500)).missed.unwrap().len(), 0);
    }
}
