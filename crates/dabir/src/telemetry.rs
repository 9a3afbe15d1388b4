//! Logs: for people in colour, for machines as one JSON object a line.

use std::fmt;
use std::io::{self, IsTerminal};

use dabir_core::text::one_line;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, filter};

use crate::config::{LogConfig, LogFormat, LogLevel};

/// Starts logging to standard error, for the whole process.
pub(crate) fn start(config: &LogConfig) {
    let level = match config.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    // Other people's crates speak up when something is wrong; ours as the operator wishes.
    let targets = filter::Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("dabir", level)
        .with_target("ports", level);
    let layer = match config.format {
        LogFormat::Json => tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(io::stderr)
            .boxed(),
        LogFormat::Pretty => {
            let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            tracing_subscriber::fmt::layer()
                .event_format(Pretty { colour })
                .with_writer(io::stderr)
                .boxed()
        }
    };
    // A second start, as in tests that run several servers, keeps the first.
    let _ = tracing_subscriber::registry()
        .with(layer.with_filter(targets))
        .try_init();
}

/// One line for people: time, level, message; the fields only where the message lacks them.
struct Pretty {
    colour: bool,
}

impl<S, N> FormatEvent<S, N> for Pretty
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let level = *event.metadata().level();
        let (dim, colour, end) = match (self.colour, level) {
            (false, _) => ("", "", ""),
            (true, tracing::Level::ERROR) => ("\u{1b}[2m", "\u{1b}[31m", "\u{1b}[0m"),
            (true, tracing::Level::WARN) => ("\u{1b}[2m", "\u{1b}[33m", "\u{1b}[0m"),
            (true, _) => ("\u{1b}[2m", "\u{1b}[32m", "\u{1b}[0m"),
        };
        write!(writer, "{dim}")?;
        tracing_subscriber::fmt::time::SystemTime.format_time(&mut writer)?;
        let mut message = Message::default();
        event.record(&mut message);
        writeln!(
            writer,
            "{end} {colour}{level:>5}{end} {}",
            one_line(&message.0)
        )
    }
}

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
