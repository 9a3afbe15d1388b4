//! Waiting for a run with a bar that shows how far it is.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use tokio::time::Instant;

use super::RUNS;
use crate::cli::api::Api;
use crate::cli::{Failure, Output};

/// Between two looks.
const LOOK: Duration = Duration::from_millis(300);
/// A server that is away for longer is not waited for: the run goes on when it is back.
const AWAY: Duration = Duration::from_secs(60);

/// The run as it ended.
pub(super) async fn for_end(api: &Api, run: &Value, output: Output) -> Result<Value, Failure> {
    let bar = bar(output);
    let ended = tokio::select! {
        ended = follow(api, run, &bar) => ended,
        _ = tokio::signal::ctrl_c() => Err(left(run)),
    };
    bar.finish_and_clear();
    ended
}

/// What a run's end means for the exit code.
pub(super) fn result(run: &Value) -> Result<(), Failure> {
    let source = run["source"].as_str().unwrap_or_default();
    match run["status"].as_str() {
        Some("success") => Ok(()),
        Some("cancelled") => Err(Failure::failed(format!("`{source}`: cancelled"), "")),
        _ => {
            let why = run["error_message"].as_str().unwrap_or("it failed");
            let next = format!("`dabir source show {source}` has every partition");
            Err(Failure::failed(format!("`{source}`: {why}"), &next))
        }
    }
}

async fn follow(api: &Api, run: &Value, bar: &ProgressBar) -> Result<Value, Failure> {
    let path = format!("{RUNS}/{}", run["id"]);
    let mut heard = Instant::now();
    loop {
        match api.get(&path).await {
            Ok(run) if has_ended(&run) => return Ok(run),
            Ok(run) => {
                heard = Instant::now();
                draw(bar, &run);
            }
            Err(failure) if heard.elapsed() > AWAY => return Err(failure),
            Err(_) => bar.set_message("the server is away; the run goes on when it is back"),
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn has_ended(run: &Value) -> bool {
    !matches!(run["status"].as_str(), Some("pending" | "running"))
}

fn left(run: &Value) -> Failure {
    let source = run["source"].as_str().unwrap_or_default();
    Failure::failed(
        format!(
            "run {} is not waited for any longer, and goes on",
            run["id"]
        ),
        &format!("`dabir source cancel {source}` ends it"),
    )
}

/// Drawn on standard error, and only when that is a terminal.
fn bar(output: Output) -> ProgressBar {
    if output.json {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    let template = "{bar:24} {human_pos}/{human_len} {elapsed_precise} {wide_msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("━╸─"));
    }
    bar.enable_steady_tick(LOOK);
    bar
}

fn draw(bar: &ProgressBar, run: &Value) {
    let progress = &run["progress"];
    let done = progress["done"].as_u64().unwrap_or(0);
    bar.set_length(progress["total"].as_u64().unwrap_or(done).max(done));
    bar.set_position(done);
    bar.set_message(message(run));
}

/// `1,200 rows/s, 2m left, 3/4 1101/4002`, or as much of it as is known.
fn message(run: &Value) -> String {
    let rate = run["rate"].as_f64().map(|rate| format!("{rate:.0} rows/s"));
    let left = run["seconds_left"].as_f64().filter(|left| *left >= 1.0);
    let left = left.map(|left| {
        let whole = Duration::from_secs_f64(left.min(1e9).round());
        format!("{} left", indicatif::HumanDuration(whole))
    });
    let stage = run["stage"].as_str().filter(|stage| !stage.is_empty());
    let words = [rate, left, stage.map(str::to_owned)];
    words.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_bar_says_what_is_known() {
        assert_eq!(message(&json!({ "stage": "" })), "");
        let run = json!({ "rate": 1200.4, "seconds_left": 120.0, "stage": "1/4 1100/4001" });
        assert_eq!(message(&run), "1200 rows/s, 2 minutes left, 1/4 1100/4001");
    }

    #[test]
    fn only_a_success_is_one() {
        result(&json!({ "status": "success" })).unwrap();
        for status in ["failed", "cancelled"] {
            result(&json!({ "status": status, "source": "students" })).unwrap_err();
        }
    }
}
