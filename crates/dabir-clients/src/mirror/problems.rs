//! What is wrong with the mirrors just now, each told once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dabir_core::{Clock, Event, Events, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// Something that keeps other programs and us from saying the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClientsProblem)]
pub struct Problem {
    /// Where: `files`, `redis`, or `folder`, which is that of available clients.
    pub place: &'static str,
    /// A file, a field, an entry, or the whole of it.
    #[schema(example = "pause_clients.json")]
    pub subject: String,
    pub detail: String,
    pub since: Timestamp,
}

/// The problems of all mirrors. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Problems {
    clock: Clock,
    events: Events,
    /// A `std` mutex: held for a look-up.
    known: Arc<Mutex<BTreeMap<(&'static str, String), Problem>>>,
}

/// Whoever wrote what is wrong decides how long it is; a line of ours has an end.
const MAX_DETAIL: usize = 300;

impl Problems {
    pub(super) fn new(clock: Clock, events: Events) -> Self {
        let known = Arc::default();
        Self {
            clock,
            events,
            known,
        }
    }

    /// Notes what is wrong with a subject, or that nothing is.
    pub(super) fn tell(&self, mirror: &'static str, subject: &str, detail: Option<&str>) {
        let mut known = self.known();
        let key = (mirror, subject.to_owned());
        let Some(detail) = detail.map(shown) else {
            if known.remove(&key).is_some() {
                tracing::info!(mirror, subject, "{subject}: all is well again");
                self.events.publish(Event::ClientsProblemsChanged {});
            }
            return;
        };
        let before = known.get(&key);
        if before.is_some_and(|before| before.detail == detail) {
            return;
        }
        tracing::warn!(mirror, subject, "{subject}: {detail}");
        let since = before.map_or_else(|| self.clock.now(), |before| before.since);
        let subject = subject.to_owned();
        let problem = Problem {
            place: mirror,
            subject,
            detail,
            since,
        };
        known.insert(key, problem);
        self.events.publish(Event::ClientsProblemsChanged {});
    }

    /// Forgets those of a mirror that another process looks after.
    pub(super) fn clear(&self, mirror: &'static str) {
        let mut known = self.known();
        let before = known.len();
        known.retain(|(of, _), _| *of != mirror);
        if known.len() < before {
            self.events.publish(Event::ClientsProblemsChanged {});
        }
    }

    pub(super) fn list(&self) -> Vec<Problem> {
        self.known().values().cloned().collect()
    }

    pub(super) fn count(&self, mirror: &'static str) -> usize {
        let known = self.known();
        known.keys().filter(|(of, _)| *of == mirror).count()
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<(&'static str, String), Problem>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn shown(detail: &str) -> String {
    let plain = detail.chars().filter(|c| !c.is_control());
    plain.take(MAX_DETAIL).collect()
}
