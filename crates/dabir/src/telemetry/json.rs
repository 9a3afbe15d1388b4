//! The log for machines.

use std::fmt;

use dabir_ports::console;
use serde_json::{Map, Value};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::registry::LookupSpan;

use super::said::{Said, harmless, span_fields};

/// One JSON object a line, with every field of the event and of the spans around it side by side.
pub(super) struct Json;

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
