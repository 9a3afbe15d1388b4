//! Logs: for people in colour, for machines as one JSON object a line.

mod said;
mod pretty;
mod json;

use std::io::{self, IsTerminal};

use dabir_ports::console::{self, Paint};
use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt as subscriber, reload};

use self::json::Json;
use self::pretty::Pretty;
use crate::config::{LogConfig, LogFormat, LogLevel};

/// How much is logged, which can be changed.
pub(crate) struct Level {
    filter: reload::Handle<Targets, Registry>,
    is_server: bool,
}

impl Level {
    pub(crate) fn set(&self, level: LogLevel) {
        // It fails when this log was never the process's; then there is nothing to change.
        let _ = self.filter.reload(targets(level, self.is_server));
    }
}

/// Starts logging to standard error, for the whole process. Only a server tells what becomes of its
/// ports: a command that takes one says so by its answer.
pub(crate) fn start(config: LogConfig, is_server: bool) -> Level {
    let layer = layer(config.format, stderr_paint(), io::stderr);
    let (filter, handle) = reload::Layer::new(targets(config.level, is_server));
    // A second start, as in tests that run several servers, keeps the first.
    let _ = tracing_subscriber::registry()
        .with(layer.with_filter(filter))
        .try_init();
    Level {
        filter: handle,
        is_server,
    }
}

/// Whether standard error is for eyes that want colour.
pub(crate) fn stderr_paint() -> Paint {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if io::stderr().is_terminal() && !unwanted {
        Paint::Coloured
    } else {
        Paint::Plain
    }
}

fn targets(level: LogLevel, is_server: bool) -> Targets {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let lines = if is_server { level } else { LevelFilter::OFF };
    Targets::new()
        // Other people's crates speak up when something is wrong; ours as the operator wishes.
        .with_default(level.min(LevelFilter::WARN))
        .with_target("dabir", level)
        .with_target(console::TARGET, lines)
        // Somebody asked for it, whatever the level.
        .with_target(console::STATE_TARGET, level.max(LevelFilter::INFO))
}

fn layer<S, W>(format: LogFormat, paint: Paint, writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // The formats below paint by themselves.
    let layer = subscriber::layer().with_ansi(false).with_writer(writer);
    match format {
        LogFormat::Pretty => layer.event_format(Pretty { paint }).boxed(),
        LogFormat::Json => layer
            .fmt_fields(JsonFields::new())
            .event_format(Json)
            .boxed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error;
    use std::sync::{Arc, Mutex};

    use dabir_core::text::moves_the_reader;
    use serde_json::Value;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What `work` logs, without the time of pretty lines.
    fn logged(format: LogFormat, paint: Paint, level: LogLevel, work: impl FnOnce()) -> String {
        let sink = Sink::default();
        let writer = sink.clone();
        let layer = layer(format, paint, move || writer.clone());
        let subscriber =
            tracing_subscriber::registry().with(layer.with_filter(targets(level, true)));
        tracing::subscriber::with_default(subscriber, work);
        let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        match (format, text.split_once("Z ")) {
            (LogFormat::Pretty, Some((_, rest))) => rest.to_owned(),
            _ => text,
        }
    }

    fn pretty(work: impl FnOnce()) -> String {
        logged(LogFormat::Pretty, Paint::Plain, LogLevel::Info, work)
    }

    fn json(work: impl FnOnce()) -> Value {
        let line = logged(LogFormat::Json, Paint::Plain, LogLevel::Info, work);
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        serde_json::from_str(&line).unwrap()
    }

    /// An error with a cause.
    fn error() -> impl Error + 'static {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot read the list")]
        struct Outer(#[source] io::Error);
        Outer(io::Error::other("the line broke"))
    }

    fn as_error(error: &(impl Error + 'static)) -> &(dyn Error + 'static) {
        error
    }

    #[test]
    fn what_the_message_lacks_follows_it() {
        let line = pretty(|| {
            let span = tracing::info_span!("request", request_id = %"4f2a");
            let _entered = span.enter();
            tracing::warn!(
                meeting.id = "m1",
                port = 80,
                rooms = 8080,
                "lost 8080 rooms"
            );
        });
        assert_eq!(
            line,
            " WARN lost 8080 rooms meeting.id=m1 port=80 request_id=4f2a\n"
        );
    }

    #[test]
    fn an_error_is_told_with_all_its_causes_and_once() {
        let whole = "cannot read the list: the line broke";
        let check = |line: String, expected: &str| assert_eq!(line, expected);
        check(
            pretty(|| tracing::error!(error = as_error(&error()), "no news")),
            &format!("ERROR no news error=\"{whole}\"\n"),
        );
        check(
            pretty(|| {
                let error = error();
                tracing::error!(error = as_error(&error), "no news: {error}");
            }),
            "ERROR no news: cannot read the list error=\"the line broke\"\n",
        );
        let line = json(|| tracing::error!(error = as_error(&error()), "no news"));
        assert_eq!(line["error"], whole);
    }

    #[test]
    fn nothing_from_outside_can_rewrite_a_line() {
        let evil = "a\n\u{1b}[2J\u{202e}\u{9b}b";
        let log = || {
            let span = tracing::info_span!("request", request_id = %evil);
            let _entered = span.enter();
            tracing::info!(owner = evil, "hello {evil}!");
            tracing::info!(owner = evil, "hello");
        };
        for format in [LogFormat::Pretty, LogFormat::Json] {
            let lines = logged(format, Paint::Plain, LogLevel::Info, log);
            assert_eq!(lines.matches('\n').count(), 2, "{lines:?}");
            let moves = |c: char| c != '\n' && moves_the_reader(c);
            assert!(!lines.chars().any(moves), "{lines:?}");
        }
        let line = json(|| tracing::info!(owner = evil, "hello"));
        assert_eq!(line["owner"], evil);
    }

    #[test]
    fn json_keeps_every_field() {
        let line = json(|| {
            let span = tracing::info_span!("request", request_id = %"4f2a", port = 1);
            let _entered = span.enter();
            tracing::info!(
                meeting.id = "m1",
                port = 80,
                up = true,
                share = 0.5,
                "port {}",
                80
            );
        });
        assert_eq!(line["message"], "port 80");
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["target"], "dabir::telemetry::tests");
        assert_eq!(
            (&line["meeting.id"], &line["port"]),
            (&"m1".into(), &80.into())
        );
        assert_eq!((&line["up"], &line["share"]), (&true.into(), &0.5.into()));
        assert_eq!(line["request_id"], "4f2a");
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }

    fn port_line() {
        let (time, free, used) = ("1403/05/01 12:10 doshanbe", "[3001...3020](20)", "[3000]");
        tracing::info!(
            target: console::TARGET, time, action = "PICK", active = 3000_u64, free, used,
            port = 3000, "leased port 3000 to a"
        );
    }

    #[test]
    fn port_lines_are_the_known_ones_for_people_and_fields_for_machines() {
        let known = "[1403/05/01 12:10 doshanbe] | PICK       | Active:3000 | Free:[3001...3020](20)   \
                     | Used:[3000]             | Note:leased port 3000 to a\n";
        assert_eq!(pretty(port_line), known);
        let coloured = logged(
            LogFormat::Pretty,
            Paint::Coloured,
            LogLevel::Info,
            port_line,
        );
        assert!(
            coloured.contains("\u{1b}[33mPICK      \u{1b}[0m"),
            "{coloured:?}"
        );
        let line = json(port_line);
        assert_eq!(
            (&line["action"], &line["active"]),
            (&"PICK".into(), &3000.into())
        );
        assert_eq!(line["message"], "leased port 3000 to a");
    }

    #[test]
    fn a_state_that_was_asked_for_is_printed_as_json_at_any_level() {
        let state = "{\"current_port\":3000,\"last_error\":\"\u{202e}x\"}";
        let log = || tracing::info!(target: console::STATE_TARGET, state, "port state");
        let line = logged(LogFormat::Pretty, Paint::Coloured, LogLevel::Error, log);
        assert_eq!(line, state.replace('\u{202e}', "\\u202e") + "\n");
        let line = json(log);
        let parsed: Value = serde_json::from_str(state).unwrap();
        assert_eq!(line["state"], parsed);
    }

    #[test]
    fn colour_is_for_terminals() {
        let log = || tracing::warn!(port = 1, "careful");
        let line = logged(LogFormat::Pretty, Paint::Coloured, LogLevel::Info, log);
        assert!(
            line.contains("\u{1b}[33m WARN\u{1b}[0m careful"),
            "{line:?}"
        );
        assert!(!pretty(log).contains('\u{1b}'));
    }
}
