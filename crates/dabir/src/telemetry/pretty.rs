//! The log for people: short, in colour, and with what they look for.

use std::fmt::{self, Write as _};

use dabir_core::text::one_line;
use dabir_ports::console::{self, Line, Paint};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::registry::LookupSpan;

use super::said::{Said, harmless, span_fields};

/// One line for people: time, level, message, and of the fields what the message lacks. The port
/// manager's lines stay as its users know them.
pub(super) struct Pretty {
    pub(super) paint: Paint,
}

impl<S, N> FormatEvent<S, N> for Pretty
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        if event.metadata().target() == console::TARGET {
            return writeln!(writer, "{}", Line::from_event(event).show(self.paint));
        }
        let said = Said::by(event);
        if event.metadata().target() == console::STATE_TARGET {
            let state = said.text("state").unwrap_or_default();
            return writeln!(writer, "{}", harmless(state));
        }
        let mut rest = rest(&said);
        for fields in span_fields(context) {
            let _ = write!(rest, " {}", one_line(&fields));
        }
        let (level, message) = (event.metadata().level(), one_line(&said.message));
        let (dim, colour, end) = self.colours(*level);
        write!(writer, "{dim}")?;
        SystemTime.format_time(&mut writer)?;
        write!(writer, "{end} {colour}{level:>5}{end} ")?;
        writeln!(writer, "{message}{dim}{rest}{end}")
    }
}

impl Pretty {
    /// What begins a faint part, what begins the level, and what ends either.
    fn colours(&self, level: Level) -> (&str, &str, &str) {
        let level = match level {
            Level::ERROR => "\u{1b}[31m",
            Level::WARN => "\u{1b}[33m",
            _ => "\u{1b}[32m",
        };
        match self.paint {
            Paint::Plain => ("", "", ""),
            Paint::Coloured => ("\u{1b}[2m", level, "\u{1b}[0m"),
        }
    }
}

/// ` name=value` for each field with something that the message does not say.
fn rest(said: &Said) -> String {
    let mut rest = String::new();
    for (name, value) in &said.fields {
        let value = value.as_str().map_or(value.to_string(), str::to_owned);
        if let Some(unsaid) = unsaid(&said.message, &value) {
            let unsaid = one_line(unsaid);
            let quote = if unsaid.contains(' ') { "\"" } else { "" };
            let _ = write!(rest, " {name}={quote}{unsaid}{quote}");
        }
    }
    rest
}

/// What `message` does not say of `value`. An error's causes follow it after `: `; a message that
/// ends with the error lacks only those.
fn unsaid<'v>(message: &str, value: &'v str) -> Option<&'v str> {
    if says(message, value) {
        return None;
    }
    let mut heads = value.rmatch_indices(": ");
    let said = heads.find(|(at, _)| message.ends_with(&value[..*at]));
    Some(said.map_or(value, |(at, colon)| &value[at + colon.len()..]))
}

/// Whether `value` stands in `message`, and not as a part of a longer word.
fn says(message: &str, value: &str) -> bool {
    message.match_indices(value).any(|(at, _)| {
        let (before, after) = (&message[..at], &message[at + value.len()..]);
        !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
    })
}
