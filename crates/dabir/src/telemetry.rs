//! Logs: for people in colour, for machines as one JSON object a line.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal};

use dabir_core::text::{moves_the_reader, one_line};
use dabir_ports::console::{self, Line, Paint};
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, JsonFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormattedFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::{LookupSpan, Scope};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt as subscriber};

use crate::config::{LogConfig, LogFormat, LogLevel};

/// Starts logging to standard error, for the whole process. Only a server tells what becomes of its
/// ports: a command that takes one says so by its answer.
pub(crate) fn start(config: &LogConfig, is_server: bool) {
    let layer = layer(config.format, stderr_paint(), io::stderr);
    // A second start, as in tests that run several servers, keeps the first.
    let _ = tracing_subscriber::registry()
        .with(layer.with_filter(targets(config.level, is_server)))
        .try_init();
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

/// What an event says: its message, and its other fields in their order.
#[derive(Default)]
struct Said {
    message: String,
    fields: Vec<(&'static str, Value)>,
}

impl Said {
    fn by(event: &Event<'_>) -> Self {
        let mut said = Self::default();
        event.record(&mut said);
        said
    }

    /// The text of one field.
    fn text(&self, name: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(field, _)| *field == name)?;
        value.as_str()
    }

    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        match (field.name(), value.into()) {
            ("message", Value::String(message)) => self.message = message,
            (name, value) => self.fields.push((name, value)),
        }
    }
}

impl Visit for Said {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    /// With all its causes.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let causes = std::iter::successors(Some(value), |&error| error.source());
        let causes: Vec<String> = causes.map(ToString::to_string).collect();
        self.put(field, causes.join(": "));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }
}

/// One line for people: time, level, message, and of the fields what the message lacks. The port
/// manager's lines stay as its users know them.
struct Pretty {
    paint: Paint,
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

/// The fields of the spans around an event, the outermost first, each as its format wrote them.
fn span_fields<S, N>(context: &FmtContext<'_, S, N>) -> Vec<String>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    let spans = context.event_scope().into_iter();
    let fields = spans.flat_map(Scope::from_root).filter_map(|span| {
        let extensions = span.extensions();
        let fields = extensions.get::<FormattedFields<N>>()?;
        Some(fields.fields.clone())
    });
    fields.filter(|fields| !fields.is_empty()).collect()
}

/// One JSON object a line, with every field of the event and of the spans around it side by side.
struct Json;

impl<S, N> FormatEvent<S, N> for Json
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
        let (metadata, said) = (event.metadata(), Said::by(event));
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut line = Map::new();
        line.insert("timestamp".to_owned(), time.into());
        line.insert("level".to_owned(), metadata.level().as_str().into());
        line.insert("target".to_owned(), metadata.target().into());
        line.insert("message".to_owned(), said.message.into());
        for (name, value) in said.fields {
            let value = match (metadata.target(), &value) {
                (console::STATE_TARGET, Value::String(json)) => parsed(json),
                _ => value,
            };
            line.entry(name).or_insert(value);
        }
        for fields in span_fields(context) {
            let fields: Map<String, Value> = serde_json::from_str(&fields).unwrap_or_default();
            for (name, value) in fields {
                line.entry(name).or_insert(value);
            }
        }
        writeln!(writer, "{}", harmless(&Value::Object(line).to_string()))
    }
}

/// JSON text as what it says, so that it is not quoted twice.
fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|_| json.into())
}

/// `json` with its escapes for whatever would rewrite the line; such characters stand in texts only.
fn harmless(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if moves_the_reader(c) {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

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
        assert_eq!(line["state"], parsed(state));
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
