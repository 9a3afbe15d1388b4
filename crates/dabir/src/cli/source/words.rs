//! Sources and runs as tables and lines for people.

use serde_json::Value;

use crate::cli::output::{cell, table};

/// Keys of a source that a person looks for, in this order; of them, those that it has.
const KEYS: [&str; 19] = [
    "name",
    "kind",
    "origin",
    "enabled",
    "interval",
    "health",
    "table",
    "key",
    "rows",
    "quarantined",
    "last_success_at",
    "next_at",
    "request",
    "body",
    "login",
    "command",
    "partitions",
    "incremental",
    "timeout",
];

pub(super) fn list(page: &Value) -> String {
    let mut table = table(&["name", "health", "rows", "last success", "next", "last run"]);
    for source in page["items"].as_array().into_iter().flatten() {
        let last = &source["last_run"];
        table.add_row([
            cell(&source["name"]),
            cell(&source["health"]),
            cell(&source["rows"]),
            cell(&source["last_success_at"]),
            cell(&source["next_at"]),
            match last["error_message"].as_str() {
                Some(_) => cell(&last["error_message"]),
                None => cell(&last["status"]),
            },
        ]);
    }
    table.trim_fmt()
}

pub(super) fn source(source: &Value) -> String {
    let mut text: String = KEYS
        .into_iter()
        .filter(|key| !source[*key].is_null())
        .map(|key| line(key, &cell(&source[key])))
        .collect();
    if source["last_run"].is_object() {
        text.push_str("\nlast run\n");
        text.push_str(&run(&source["last_run"]));
    }
    text
}

pub(super) fn started(run: &Value) -> String {
    format!("run {} of {} begins", run["id"], cell(&run["source"]))
}

pub(super) fn run(run: &Value) -> String {
    let keys = [
        "id",
        "source",
        "mode",
        "status",
        "started_at",
        "duration_seconds",
        "records_count",
        "error_message",
    ];
    let mut text: String = keys
        .into_iter()
        .filter(|key| !run[*key].is_null())
        .map(|key| line(key, &cell(&run[key])))
        .collect();
    text.push_str(&line("rows", &counts(run)));
    for warning in run["notes"]["warnings"].as_array().into_iter().flatten() {
        text.push_str(&line("warning", &cell(warning)));
    }
    match run["cells"].as_array() {
        Some(cells) if cells.len() > 1 => format!("{text}\n{}", grid(cells)),
        _ => text,
    }
}

pub(super) fn runs(page: &Value) -> String {
    let runs = page["items"].as_array().cloned().unwrap_or_default();
    if runs.is_empty() {
        return "it was never synced".to_owned();
    }
    let head = [
        "id", "mode", "status", "started", "seconds", "rows", "new", "changed", "gone", "error",
    ];
    let mut table = table(&head);
    for run in &runs {
        table.add_row([
            cell(&run["id"]),
            cell(&run["mode"]),
            cell(&run["status"]),
            cell(&run["started_at"]),
            cell(&run["duration_seconds"]),
            cell(&run["records_count"]),
            cell(&run["new"]),
            cell(&run["changed"]),
            cell(&run["vanished"]),
            cell(&run["error_message"]),
        ]);
    }
    table.trim_fmt()
}

pub(super) fn tested(tested: &Value) -> String {
    let mut text = line("answered in", &format!("{} ms", tested["took_ms"]));
    let keys = [
        "partition",
        "partitions_count",
        "total",
        "rows_count",
        "failed",
    ];
    for key in keys.into_iter().filter(|key| !tested[*key].is_null()) {
        text.push_str(&line(key, &cell(&tested[key])));
    }
    for reason in tested["reasons"].as_array().into_iter().flatten() {
        text.push_str(&line("refused", &cell(reason)));
    }
    let mut columns = table(&["column", "type", "first row"]);
    for column in tested["columns"].as_array().into_iter().flatten() {
        let field = column["field"].as_str().unwrap_or_default();
        columns.add_row([
            cell(&column["name"]),
            cell(&column["type"]),
            cell(&tested["rows"][0][field]),
        ]);
    }
    format!("{text}\n{}", columns.trim_fmt())
}

/// `10 new, 2 changed, 88 same`; what is none is left out.
fn counts(run: &Value) -> String {
    let kinds = ["new", "changed", "same", "failed", "vanished", "held"];
    let some: Vec<String> = kinds
        .into_iter()
        .filter(|kind| run[*kind].as_u64().is_some_and(|count| count > 0))
        .map(|kind| format!("{} {kind}", run[kind]))
        .collect();
    if some.is_empty() {
        return "none".to_owned();
    }
    some.join(", ")
}

fn grid(cells: &[Value]) -> String {
    let mut table = table(&[
        "partition",
        "status",
        "pages",
        "new",
        "changed",
        "same",
        "error",
    ]);
    for found in cells {
        table.add_row([
            cell(&found["label"]),
            cell(&found["status"]),
            match found["pages_total"].as_u64() {
                Some(total) => format!("{} of {total}", found["pages_done"]),
                None => cell(&found["pages_done"]),
            },
            cell(&found["new"]),
            cell(&found["changed"]),
            cell(&found["same"]),
            cell(&found["error"]),
        ]);
    }
    table.trim_fmt()
}

fn line(key: &str, value: &str) -> String {
    format!("{key:<16} {value}\n")
}
