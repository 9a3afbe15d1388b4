//! What a process says in its log, for tests of what is told once.

use std::fmt::Write as _;
use std::sync::{Mutex, OnceLock, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Every warning since [`listen`].
static HEARD: OnceLock<Mutex<Vec<String>>> = OnceLock::new();

/// Listens from now on.
pub(crate) fn listen() {
    HEARD.get_or_init(|| {
        // Whoever listens already hears for us as well.
        let _ = tracing::subscriber::set_global_default(Ears);
        Mutex::default()
    });
}

/// How many warnings begin with these words.
pub(crate) fn warnings(words: &str) -> Vec<String> {
    let heard = HEARD.get_or_init(Mutex::default);
    let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    let about = heard.iter().filter(|said| said.starts_with(words));
    about.cloned().collect()
}

struct Ears;

struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, "{value:?}");
        }
    }
}

impl Subscriber for Ears {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN && metadata.target().starts_with("dabir")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut words = Words(String::new());
        event.record(&mut words);
        let heard = HEARD.get_or_init(Mutex::default);
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.push(words.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
