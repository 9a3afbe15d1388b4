//! Who is where in a document, as y-protocols' awareness says it: nothing of it is kept.

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::{Value, json};

use super::wire::{Reader, push_bytes, push_number};

/// How many carets one page may show.
const MAX_STATES: usize = 4;
/// The colours of carets: dark enough for white letters.
const COLOURS: [&str; 10] = [
    "#b3261e", "#8e4585", "#5e4bb6", "#2f5fb3", "#0b6e8f", "#0f7a5a", "#4d7014", "#8a5a00",
    "#a04a1c", "#6b4f4f",
];

/// Whoever shows a caret, as the server knows them.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// The carets of all who are in a room.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    states: HashMap<u64, Caret>,
}

#[derive(Debug)]
struct Caret {
    /// The line that it came by last, and whose that is.
    line: u64,
    user: String,
    clock: u64,
    /// JSON; `None` when it is gone.
    state: Option<String>,
}

impl Presence {
    /// Takes what a page says of itself, and answers what others are to be told. What it says of
    /// others, or as somebody else, is passed over.
    pub(crate) fn hear(&mut self, line: u64, shown: &Shown, update: &Bytes) -> Option<Bytes> {
        let mut changed = Vec::new();
        for (id, clock, state) in read(update)? {
            if self.take(line, shown, id, clock, state) {
                changed.push(id);
            }
        }
        self.write(&changed)
    }

    fn take(&mut self, line: u64, shown: &Shown, id: u64, clock: u64, state: Value) -> bool {
        let state = match state {
            Value::Null => None,
            Value::Object(mut state) => {
                let said = state.get("user").and_then(|user| user.get("id"));
                if said.is_some_and(|id| id.as_str() != Some(&shown.id)) {
                    return false;
                }
                state.insert("user".to_owned(), shown.as_json());
                Some(Value::Object(state).to_string())
            }
            _ => return false,
        };
        match self.states.get(&id) {
            // A page that comes back has another line.
            Some(caret) if caret.user != shown.id => return false,
            Some(caret) if caret.clock > clock => return false,
            None if state.is_none() || self.of(line).count() >= MAX_STATES => return false,
            _ => {}
        }
        let user = shown.id.clone();
        let caret = Caret {
            line,
            user,
            clock,
            state,
        };
        self.states.insert(id, caret);
        true
    }

    /// What others are to be told when a line ended.
    pub(crate) fn leave(&mut self, line: u64) -> Option<Bytes> {
        let gone: Vec<u64> = self.of(line).collect();
        for id in &gone {
            if let Some(caret) = self.states.get_mut(id) {
                caret.clock += 1;
                caret.state = None;
            }
        }
        let told = self.write(&gone);
        gone.iter().for_each(|id| drop(self.states.remove(id)));
        told
    }

    /// Everybody's caret, for whoever comes.
    pub(crate) fn all(&self) -> Option<Bytes> {
        let ids: Vec<u64> = self.states.keys().copied().collect();
        self.write(&ids)
    }

    fn of(&self, line: u64) -> impl Iterator<Item = u64> {
        let own = self
            .states
            .iter()
            .filter(move |(_, caret)| caret.line == line);
        own.map(|(id, _)| *id)
    }

    fn write(&self, ids: &[u64]) -> Option<Bytes> {
        if ids.is_empty() {
            return None;
        }
        let mut out = Vec::new();
        push_number(&mut out, ids.len() as u64);
        for id in ids {
            let caret = self.states.get(id)?;
            push_number(&mut out, *id);
            push_number(&mut out, caret.clock);
            push_bytes(
                &mut out,
                caret.state.as_deref().unwrap_or("null").as_bytes(),
            );
        }
        Some(out.into())
    }
}

impl Shown {
    fn as_json(&self) -> Value {
        // The same person has the same colour on every server.
        let sum = self.id.bytes().fold(0_usize, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(usize::from(byte))
        });
        let colour = COLOURS[sum % COLOURS.len()];
        json!({ "id": self.id, "name": self.name, "color": colour })
    }
}

/// The states in an update; `None` when it is none.
fn read(update: &Bytes) -> Option<Vec<(u64, u64, Value)>> {
    let mut from = Reader::of(update);
    let count = from.number()?;
    let mut states = Vec::new();
    for _ in 0..count {
        let (id, clock) = (from.number()?, from.number()?);
        let state = serde_json::from_slice(&from.bytes()?).ok()?;
        states.push((id, clock, state));
    }
    Some(states)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(states: &[(u64, u64, Value)]) -> Bytes {
        let mut out = Vec::new();
        push_number(&mut out, states.len() as u64);
        for (id, clock, state) in states {
            push_number(&mut out, *id);
            push_number(&mut out, *clock);
            push_bytes(&mut out, state.to_string().as_bytes());
        }
        out.into()
    }

    fn ali() -> Shown {
        Shown {
            id: "ali".to_owned(),
            name: "Ali".to_owned(),
        }
    }

    #[test]
    fn names_are_the_server_s() {
        let mut presence = Presence::default();
        let state = json!({ "user": { "id": "ali", "name": "The director" }, "cursor": 7 });
        let told = presence.hear(1, &ali(), &said(&[(9, 1, state)])).unwrap();
        let (id, clock, state) = read(&told).unwrap().remove(0);
        assert_eq!((id, clock, &state["cursor"]), (9, 1, &json!(7)));
        assert_eq!(state["user"]["name"], "Ali");
    }

    #[test]
    fn nobody_speaks_for_another() {
        let mut presence = Presence::default();
        let other = json!({ "user": { "id": "sara" } });
        assert_eq!(presence.hear(1, &ali(), &said(&[(9, 1, other)])), None);
        presence
            .hear(1, &ali(), &said(&[(9, 1, json!({}))]))
            .unwrap();
        let gone = said(&[(9, 5, Value::Null)]);
        let sara = Shown {
            id: "sara".to_owned(),
            name: "Sara".to_owned(),
        };
        assert_eq!(presence.hear(2, &sara, &gone), None, "another's caret");
        let five: Vec<_> = (20..25).map(|id| (id, 1, json!({}))).collect();
        let told = presence.hear(3, &ali(), &said(&five)).unwrap();
        assert_eq!(read(&told).unwrap().len(), MAX_STATES);
        assert_eq!(presence.hear(1, &ali(), &Bytes::from_static(&[9, 9])), None);
    }

    #[test]
    fn whoever_leaves_takes_the_caret_along() {
        let mut presence = Presence::default();
        presence
            .hear(1, &ali(), &said(&[(9, 4, json!({}))]))
            .unwrap();
        let told = presence.leave(1).unwrap();
        assert_eq!(read(&told).unwrap(), [(9, 5, Value::Null)]);
        assert_eq!(presence.all(), None);
    }
}
