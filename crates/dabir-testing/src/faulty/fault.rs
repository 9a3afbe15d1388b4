//! What a fault is: a name, a behaviour, and what a poller should make of it.

use std::fmt;
use std::sync::Arc;

use super::reply::Reply;

/// One way to misbehave, with what a careful poller should get out of it.
#[derive(Clone)]
pub struct Fault {
    pub name: &'static str,
    /// Whether the poll should count as a list at all; if not, everything stays as it was.
    pub whole_list_ok: bool,
    /// How many meetings the list gives, with `whole_list_ok`.
    pub good_rows: usize,
    /// How many rows are set aside, with `whole_list_ok`.
    pub bad_rows: usize,
    /// Which poll the expectation is about, from 1; those before it see three good rows.
    pub poll: usize,
    /// Whether only the poller's own timeout ends the poll.
    pub outlasts_patience: bool,
    pub(super) behaviour: Behaviour,
}

#[derive(Clone)]
pub(super) enum Behaviour {
    Refuse,
    CloseAtOnce,
    Answer(Arc<dyn Fn(&Asked) -> Reply + Send + Sync>),
}

/// What an answer may depend on.
pub(super) struct Asked<'a> {
    pub(super) target: &'a str,
    /// The how-manieth request this is, from 1.
    pub(super) nth: usize,
    pub(super) port: u16,
}

impl Fault {
    /// A fault after which nothing of the list can be used.
    pub(super) fn fatal(name: &'static str, behaviour: Behaviour) -> Self {
        Self {
            name,
            whole_list_ok: false,
            good_rows: 0,
            bad_rows: 0,
            poll: 1,
            outlasts_patience: false,
            behaviour,
        }
    }

    /// A fault that leaves a list, with so many good and bad rows.
    pub(super) fn leaves(self, good_rows: usize, bad_rows: usize) -> Self {
        Self {
            whole_list_ok: true,
            good_rows,
            bad_rows,
            ..self
        }
    }

    pub(super) fn shows_at_poll(self, poll: usize) -> Self {
        Self { poll, ..self }
    }

    pub(super) fn outlasting(self) -> Self {
        Self {
            outlasts_patience: true,
            ..self
        }
    }
}

impl Behaviour {
    pub(super) fn answer(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::Answer(Arc::new(answer))
    }

    /// The same answer to everyone.
    pub(super) fn always(reply: impl Into<Vec<u8>>) -> Self {
        let bytes = reply.into();
        Self::answer(move |_| Reply::Bytes(bytes.clone()))
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
