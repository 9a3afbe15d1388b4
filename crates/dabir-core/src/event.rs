//! What happened, told to whoever listens: the live stream of the API and other domains.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::broadcast;

use crate::Clock;

/// Something that happened in one domain and that others may want to know.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A meeting was made or changed; ask the API for its whole state.
    MeetingChanged {
        id: String,
        name: String,
        state: String,
    },
    MeetingRemoved {
        id: String,
        name: String,
    },
    /// People came into a room or left it.
    ParticipantsChanged {
        id: String,
        name: String,
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
    /// Jobs were made, got on or ended, in this process; told a few times a second at most.
    JobsChanged {},
    /// A run of a source got on (`running`), ended (`success`, `failed`, `cancelled`), or there is
    /// more to say: it works again (`recovered`), or its data is older than it should be (`late`).
    SyncChanged {
        source: String,
        status: String,
        detail: String,
    },
    /// Clients changed, in whatever process; told a few times a second at most. Their own stream
    /// tells what changed after an offset.
    ClientsChanged {
        offset: i64,
    },
    /// Somebody was `paused`, `resumed`, `blocked`, `unblocked` or `disconnected`, and so were
    /// `others` with them.
    ClientsOrdered {
        order: String,
        username: String,
        others: usize,
        reason: String,
        by: String,
    },
    /// `username`, and `others` with them, were connected and are not heard of; in `room`, when all of
    /// them were in one.
    ClientsLost {
        username: String,
        others: usize,
        room: String,
    },
    /// What the files, Redis or the folder of clients could not take is other than before.
    ClientsProblemsChanged {},
    /// A task was made or changed; ask the API for it.
    TaskChanged {
        id: String,
        number: i64,
        status: String,
    },
    TaskRemoved {
        id: String,
        number: i64,
    },
    /// A document was made or changed; ask the API for it.
    DocumentChanged {
        id: String,
    },
    /// Somebody's inbox is other than before.
    NotificationsChanged {
        user_id: String,
    },
    /// A backup was made (`made`), opened and counted (`verified`), or could not be (`failed`).
    BackupChanged {
        name: String,
        status: String,
        detail: String,
    },
    /// A file was uploaded, named, deleted or attached, or its analysis got on; ask the API for it.
    FileChanged {
        id: String,
        state: String,
        owner_id: String,
    },
    /// Settings were changed or went back to what file, environment or default say.
    SettingsChanged {
        keys: Vec<String>,
    },
    /// A change was written to the audit, by whatever process; of many at once the newest of each
    /// action. Ask the API for the entry.
    Audited {
        action: String,
        target_kind: String,
        target_id: String,
    },
}

/// An event, its place in the stream, and when it happened.
#[derive(Clone, Debug, Serialize)]
pub struct Numbered {
    /// Grows by one with each event, and also from one life of the program to the next: whoever
    /// comes back with a number of an earlier life is not taken to have seen what it has not.
    #[serde(rename = "event_id")]
    pub number: u64,
    pub at: Timestamp,
    #[serde(flatten)]
    pub event: Event,
}

/// The stream of events: anyone may publish, anyone may listen, the last 1,000 can be replayed.
#[derive(Clone, Debug)]
pub struct Events {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    clock: Clock,
    /// A `std` mutex: it is held for a push into a ring and never across an await.
    past: Mutex<Past>,
    sender: broadcast::Sender<Numbered>,
}

#[derive(Debug)]
struct Past {
    last: u64,
    /// For listeners that come back.
    replay: VecDeque<Numbered>,
    /// For people: of the comings and goings in one place only the newest.
    told: VecDeque<Numbered>,
}

/// How many events can be replayed to a listener that comes back.
const REPLAY: usize = 1_000;
/// How many events people can look back on.
pub const TOLD: usize = 200;

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
        Self::new(Clock::system())
    }
}

impl Events {
    /// An empty stream whose events happen by this clock.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        let begun = clock.now().as_microsecond();
        let past = Past {
            last: u64::try_from(begun).unwrap_or_default(),
            replay: VecDeque::new(),
            told: VecDeque::new(),
        };
        Self {
            shared: Arc::new(Shared {
                clock,
                past: Mutex::new(past),
                sender: broadcast::channel(REPLAY).0,
            }),
        }
    }

    pub fn publish(&self, event: Event) {
        let mut past = self.past();
        past.last += 1;
        let numbered = Numbered {
            number: past.last,
            at: self.shared.clock.now(),
            event,
        };
        past.remember(numbered.clone());
        // Sent under the lock, so that nobody sees numbers out of order. No listener is no error.
        let _ = self.shared.sender.send(numbered);
    }

    /// The last events before the one with the number `before` that may be seen, the newest first.
    #[must_use]
    pub fn told(
        &self,
        before: Option<u64>,
        limit: usize,
        may_see: impl Fn(&Event) -> bool,
    ) -> Vec<Numbered> {
        let past = self.past();
        let newest_first = past.told.iter().rev();
        newest_first
            .filter(|event| before.is_none_or(|before| event.number < before))
            .filter(|event| may_see(&event.event))
            .take(limit)
            .cloned()
            .collect()
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.shared
            .past
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether anybody listens just now.
    #[must_use]
    pub fn has_listeners(&self) -> bool {
        self.shared.sender.receiver_count() > 0
    }

    /// Listens from now on; with `since`, also tells what came after that number.
    #[must_use]
    pub fn subscribe(&self, since: Option<u64>) -> Subscription {
        let past = self.past();
        let receiver = self.shared.sender.subscribe();
        let oldest = past.replay.front().map_or(past.last + 1, |e| e.number);
        let missed = match since {
            None => Some(Vec::new()),
            Some(n) if n >= oldest - 1 && n <= past.last => {
                let missed = past.replay.iter().filter(|e| e.number > n);
                Some(missed.cloned().collect())
            }
            Some(_) => None,
        };
        Subscription {
            last: past.last,
            missed,
            receiver,
        }
    }
}

impl Past {
    fn remember(&mut self, event: Numbered) {
        if !event.event.is_news() {
            return push(&mut self.replay, event, REPLAY);
        }
        self.told.retain(|old| !event.event.stands_for(&old.event));
        if event.event.is_told() {
            push(&mut self.told, event.clone(), TOLD);
        }
        push(&mut self.replay, event, REPLAY);
    }
}

fn push(ring: &mut VecDeque<Numbered>, event: Numbered, most: usize) {
    if ring.len() == most {
        ring.pop_front();
    }
    ring.push_back(event);
}

impl Event {
    /// Whether people look back on it: what stands in the audit they find there.
    fn is_news(&self) -> bool {
        !matches!(self, Self::Audited { .. })
    }

    /// Whether it says something by itself, and not only that lists show something else now.
    fn is_told(&self) -> bool {
        match self {
            Self::JobsChanged {}
            | Self::FileChanged { .. }
            | Self::ClientsChanged { .. }
            | Self::ClientsProblemsChanged {}
            | Self::NotificationsChanged { .. }
            | Self::DocumentChanged { .. }
            | Self::TaskChanged { .. }
            | Self::TaskRemoved { .. } => false,
            Self::SyncChanged { status, .. } => status != "running",
            _ => true,
        }
    }

    /// Whether it takes the place of an older one: who comes and goes in one meeting, and who is lost
    /// alone in one room, would be all that people could look back on.
    fn stands_for(&self, old: &Self) -> bool {
        match (self, old) {
            (Self::ParticipantsChanged { id, .. }, Self::ParticipantsChanged { id: old, .. }) => {
                id == old
            }
            (
                Self::ClientsLost {
                    others: 0, room, ..
                },
                Self::ClientsLost {
                    others: 0,
                    room: old,
                    ..
                },
            ) => room == old,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn released(port: u16) -> Event {
        Event::PortReleased { port }
    }

    fn audited() -> Event {
        Event::Audited {
            action: "port.release".to_owned(),
            target_kind: "port".to_owned(),
            target_id: "3000".to_owned(),
        }
    }

    #[test]
    fn a_returning_listener_gets_what_it_missed() {
        let events = Events::default();
        (1..=5).for_each(|port| events.publish(released(port)));
        let first = events.subscribe(None).last - 4;
        let missed = events.subscribe(Some(first + 2)).missed.unwrap();
        let numbers: Vec<u64> = missed.iter().map(|e| e.number - first).collect();
        assert_eq!(numbers, [3, 4]);
    }

    #[test]
    fn a_listener_away_for_too_long_or_from_another_life_is_told_so() {
        let events = Events::default();
        let begun = events.subscribe(None).last;
        assert_eq!(events.subscribe(Some(begun)).missed.unwrap().len(), 0);
        assert!(events.subscribe(Some(begun - 1)).missed.is_none());
        (0..1_500).for_each(|port| events.publish(released(port)));
        let last = begun + 1_500;
        assert!(events.subscribe(Some(0)).missed.is_none());
        assert!(events.subscribe(Some(begun + 499)).missed.is_none());
        assert_eq!(
            events.subscribe(Some(last - 1_000)).missed.unwrap().len(),
            1_000
        );
        assert_eq!(events.subscribe(Some(last)).missed.unwrap().len(), 0);
        assert!(events.subscribe(Some(last + 1)).missed.is_none());
        assert!(events.subscribe(Some(u64::MAX)).missed.is_none());
    }

    #[test]
    fn a_later_life_goes_on_with_greater_numbers() {
        let clock = Clock::fixed("2026-11-21T10:00:00Z".parse().unwrap());
        let earlier = Events::new(clock.clone());
        (0..5_000).for_each(|port| earlier.publish(released(port)));
        let seen = earlier.subscribe(None).last;
        clock.advance(Duration::from_secs(1));
        let later = Events::new(clock);
        (0..5_000).for_each(|port| later.publish(released(port)));
        assert!(later.subscribe(Some(seen)).missed.is_none());
    }

    #[test]
    fn who_is_lost_alone_takes_the_place_of_nobody_but_such_in_the_same_room() {
        let events = Events::default();
        let lost = |room: &str, others| Event::ClientsLost {
            username: "ali".to_owned(),
            others,
            room: room.to_owned(),
        };
        for (room, others) in [("a", 0), ("b", 0), ("a", 30), ("a", 0), ("a", 0)] {
            events.publish(lost(room, others));
        }
        let told = events.told(None, 10, |_| true);
        let told = told.iter().map(|told| match &told.event {
            Event::ClientsLost { room, others, .. } => (room.as_str(), *others),
            _ => ("", 0),
        });
        assert!(told.eq([("a", 0), ("a", 30), ("b", 0)]));
    }

    #[test]
    fn people_look_back_on_what_happened_and_not_on_every_step_through_a_door() {
        let clock = Clock::fixed("2026-11-21T10:00:00Z".parse().unwrap());
        let events = Events::new(clock.clone());
        events.publish(released(1));
        clock.advance(Duration::from_secs(60));
        for clients in 0..500 {
            for id in ["a", "b"] {
                let (id, name) = (id.to_owned(), id.to_owned());
                events.publish(Event::ParticipantsChanged { id, name, clients });
            }
        }
        let told = serde_json::to_value(events.told(None, 10, |_| true)).unwrap();
        let last = events.subscribe(None).last;
        assert_eq!(
            told[0],
            json!({
                "event_id": last, "at": "2026-11-21T10:01:00Z",
                "type": "participants_changed", "id": "b", "name": "b", "clients": 499,
            })
        );
        assert_eq!(told[1]["id"], "a");
        assert_eq!(told[2]["port"], 1);
        assert_eq!(told.as_array().unwrap().len(), 3);
        let before = events.told(Some(last), 1, |_| true);
        assert_eq!(before[0].number, last - 1);
        (0..1_000).for_each(|port| events.publish(released(port)));
        assert_eq!(events.told(None, usize::MAX, |_| true).len(), TOLD);
        (0..TOLD).for_each(|_| events.publish(audited()));
        let told = events.told(None, 1, |_| true);
        assert!(matches!(told[0].event, Event::PortReleased { port: 999 }));
    }
}
