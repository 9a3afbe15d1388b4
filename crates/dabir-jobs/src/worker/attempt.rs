//! One attempt at one job, from its claim to the way it ended.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

use super::Worker;
use crate::backoff::Backoff;
use crate::context::{JobContext, Running, Stop};
use crate::error::JobError;
use crate::model::{JobState, MAX_ERROR, MAX_JSON};
use crate::store::lease::{Claimed, Finish};

/// How the code of a job ended.
type Outcome = Result<Value, JobError>;

impl Worker {
    /// Begins a job that was claimed under `name`; `tell` hears how it ended.
    pub(super) fn begin(&self, name: &str, claimed: Claimed, tell: UnboundedSender<Finish>) {
        let running = Running::new(&claimed);
        if !self.hands.take(name, running.clone()) {
            return;
        }
        let worker = self.clone();
        tokio::spawn(async move {
            let began = Instant::now();
            let outcome = worker.attempt(&claimed, &running).await;
            worker.write_last_words(&running).await;
            let finish = worker.finish(&claimed, running.stopped(), outcome);
            worker.metrics.ended(&claimed, &finish, began.elapsed());
            // The ending first: whoever sees that the hand is free sees the ending too.
            let _ = tell.send(finish);
            worker.hands.let_go(&running);
        });
    }

    async fn attempt(&self, claimed: &Claimed, running: &Arc<Running>) -> Outcome {
        let Some(handler) = self.handlers.find(&claimed.kind) else {
            return Err(JobError::retry(format!(
                "no code for the kind `{}`",
                claimed.kind
            )));
        };
        let clock = self.jobs.shared.clock.clone();
        let ctx = JobContext::new(running.clone(), clock, claimed, self.guard.clone());
        let args = claimed.args.clone();
        // A panic while the code is being set up is caught like one in the middle of it.
        let code = AssertUnwindSafe(async move { handler.begin(ctx, args).await }).catch_unwind();
        tokio::pin!(code);
        let limit = async {
            match handler.timeout {
                Some(timeout) => tokio::time::sleep(timeout).await,
                None => std::future::pending().await,
            }
        };
        let ended = tokio::select! {
            ended = &mut code => Some(ended),
            () = running.ends.cancelled() => None,
            () = limit => {
                running.stop(Stop::TimedOut);
                None
            }
        };
        let ended = match ended {
            Some(ended) => Ok(ended),
            // It was asked to end, and has a moment to do so by itself.
            None => tokio::time::timeout(self.pace.grace, &mut code).await,
        };
        match ended {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => Err(JobError::retry(format!("it panicked: {}", words(&*panic)))),
            Err(_) => Err(JobError::Cancelled),
        }
    }

    /// What is written about an attempt that ended like this.
    fn finish(&self, claimed: &Claimed, stop: Option<Stop>, outcome: Outcome) -> Finish {
        let base = Finish {
            outcome: None,
            ..Finish::given_back(claimed.id, claimed.token.clone(), self.now())
        };
        match (outcome, stop) {
            (Ok(result), _) => succeeded(base, &result),
            (Err(_), Some(Stop::Cancelled)) => Finish {
                state: JobState::Cancelled,
                attempts: 0,
                outcome: Some("cancelled"),
                ..base
            },
            // Its attempt is not counted: it did nothing wrong.
            (Err(_), Some(Stop::Shutdown | Stop::LeaseLost)) => base,
            (Err(_), Some(Stop::TimedOut)) => {
                let limit = self
                    .handlers
                    .find(&claimed.kind)
                    .and_then(|kind| kind.timeout);
                let error = format!(
                    "it was not done after {} s",
                    limit.unwrap_or_default().as_secs()
                );
                self.failed(claimed, base, &error, None, "timed_out")
            }
            (Err(JobError::Retry { cause, after }), None) => {
                self.failed(claimed, base, &cause, after, "error")
            }
            (Err(JobError::Fail(cause)), None) => ended_badly(base, &cause, "failed"),
            // Nobody asked it to end, and it says so all the same.
            (Err(JobError::Cancelled | JobError::LeaseLost), None) => {
                self.failed(claimed, base, "it gave up", None, "error")
            }
        }
    }

    /// An error: tried again after a while, unless that was the last time.
    fn failed(
        &self,
        claimed: &Claimed,
        base: Finish,
        error: &str,
        after: Option<std::time::Duration>,
        outcome: &'static str,
    ) -> Finish {
        let errors = claimed.errors + 1;
        if errors >= claimed.max_attempts {
            return ended_badly(base, error, outcome);
        }
        let backoff = self
            .handlers
            .find(&claimed.kind)
            .map_or(Backoff::DEFAULT, |kind| kind.backoff);
        let wait = after.unwrap_or_else(|| backoff.after(errors));
        Finish {
            state: JobState::Queued,
            run_at: Some(base.at.saturating_add(wait).unwrap_or(base.at)),
            errors: 1,
            attempts: 0,
            error: Some(dabir_core::text::cut(error, MAX_ERROR)),
            outcome: Some(outcome),
            ..base
        }
    }
}

fn succeeded(base: Finish, result: &Value) -> Finish {
    let text = (!result.is_null()).then(|| result.to_string());
    // What is too long to keep was still done.
    let result = text.map(|text| {
        if text.len() > MAX_JSON {
            "\"(too long to keep)\"".to_owned()
        } else {
            text
        }
    });
    Finish {
        state: JobState::Succeeded,
        attempts: 0,
        result,
        ..base
    }
}

fn ended_badly(base: Finish, error: &str, outcome: &'static str) -> Finish {
    Finish {
        state: JobState::Failed,
        errors: 1,
        attempts: 0,
        error: Some(dabir_core::text::cut(error, MAX_ERROR)),
        outcome: Some(outcome),
        ..base
    }
}

/// What a panic said.
fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without words".to_owned())
}
