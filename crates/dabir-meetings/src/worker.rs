//! The loops: one asks the source, one makes the rooms what the meetings want. Both are woken by
//! timer and by event, both can be stopped at any point and begun again.

use std::error::Error;
use std::time::Duration;

use dabir_core::id::random_text;
use dabir_db::hints;
use jiff::tz::TimeZone;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::error::MeetingError;
use crate::follow::CHANNEL;
use crate::rooms::Changed;
use crate::service::Meetings;
use crate::source::{Django, FetchError};

/// However quiet it is, the reconciler looks this often.
const IDLE_TURN: Duration = Duration::from_secs(5);
/// The longest wait after polls that failed.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(60);
/// How often it is looked, without a hint, whether other servers changed something.
const LOOK: Duration = Duration::from_secs(1);
/// How often rooms of servers that are not heard of are asked.
const SILENT_TURN: Duration = Duration::from_secs(2);
/// How often logs are looked at for cutting.
const LOG_TURN: Duration = Duration::from_secs(30);

/// Reconciles until `cancel`: when a meeting, a room or a rule changed, when a time has come, and anyway
/// every few seconds.
pub async fn reconcile(
    meetings: Meetings,
    mut rooms_changed: mpsc::UnboundedReceiver<Changed>,
    cancel: CancellationToken,
) {
    let mut config = meetings.inner.config.clone();
    let mut lead = meetings.inner.servers.lead.changes();
    loop {
        let now = meetings.inner.clock.now();
        let turn = match meetings.reconcile().await {
            Err(MeetingError::Behind) => continue,
            turn => turn.unwrap_or_else(|error| {
                let error = &error as &dyn Error;
                tracing::error!(error, "meetings could not be kept: {error}");
                None
            }),
        };
        let until_turn = turn.map_or(IDLE_TURN, |at| {
            Duration::try_from(at.duration_since(now))
                .unwrap_or_default()
                .min(IDLE_TURN)
        });
        tokio::select! {
            // First of all: rooms that are let go at the end are not to be started again.
            biased;
            () = cancel.cancelled() => return,
            () = meetings.inner.wake.notified() => {}
            () = tokio::time::sleep(until_turn) => {}
            () = config.changed() => {}
            _ = lead.changed() => {}
            () = next_change(&meetings, &mut rooms_changed) => {}
        }
    }
}

/// Follows what other servers on the same database change, until `cancel`.
pub async fn follow(meetings: Meetings, cancel: CancellationToken) {
    let db = meetings.inner.db.clone();
    let hear = hints::hear(&db, CHANNEL, |word| meetings.hear(word));
    let both = async { tokio::join!(look(&meetings), hear) };
    cancel.run_until_cancelled(both).await;
}

async fn look(meetings: &Meetings) {
    let mut was_away = false;
    loop {
        let _ = tokio::time::timeout(LOOK, meetings.inner.behind.notified()).await;
        let looked = meetings.look_what_is_new().await;
        if let (Err(error), false) = (&looked, was_away) {
            tracing::warn!(%error, "what other servers change about meetings is not seen: {error}");
        }
        was_away = looked.is_err();
    }
}

/// Looks for rooms of lost servers that are lost too, until `cancel`; whoever leads takes them over.
pub async fn look_for_silent(meetings: Meetings, cancel: CancellationToken) {
    while cancel
        .run_until_cancelled(tokio::time::sleep(SILENT_TURN))
        .await
        .is_some()
    {
        if let Err(error) = meetings.look_for_silent().await {
            tracing::debug!(%error, "it is not seen which servers are lost: {error}");
        }
    }
}

/// Waits until a room changed in a way that matters to the plan; a thousand that change together are
/// one. People who come and go are told on the way.
async fn next_change(meetings: &Meetings, changes: &mut mpsc::UnboundedReceiver<Changed>) {
    loop {
        let Some(first) = changes.recv().await else {
            return std::future::pending().await;
        };
        let mut matters = !first.only_clients;
        meetings.tell_clients(&first.id);
        while let Ok(next) = changes.try_recv() {
            matters |= !next.only_clients;
            meetings.tell_clients(&next.id);
        }
        if matters {
            return;
        }
    }
}

/// Puts whoever has no session left out of every room, until `cancel`.
pub async fn put_out(meetings: Meetings, cancel: CancellationToken) {
    let mut subscription = meetings.inner.events.subscribe(None);
    let mut last = subscription.last;
    loop {
        let received = tokio::select! {
            () = cancel.cancelled() => return,
            received = subscription.receiver.recv() => received,
        };
        match received {
            Ok(event) => {
                last = event.number;
                meetings.put_out(&event.event);
            }
            Err(RecvError::Closed) => return,
            // Too slow for the ring: what was missed is read again, as far as it is known.
            Err(RecvError::Lagged(_)) => {
                subscription = meetings.inner.events.subscribe(Some(last));
                last = subscription.last;
                let missed = subscription.missed.take().unwrap_or_else(|| {
                    tracing::error!(
                        "events were lost; somebody who was signed out may be in a room"
                    );
                    Vec::new()
                });
                missed
                    .iter()
                    .for_each(|event| meetings.put_out(&event.event));
            }
        }
    }
}

/// Polls the source until `cancel`, and whenever `polls` asks.
pub async fn poll(
    meetings: Meetings,
    mut polls: mpsc::UnboundedReceiver<oneshot::Sender<()>>,
    cancel: CancellationToken,
) {
    let Some(mut django) = source(&meetings) else {
        return;
    };
    let mut config = meetings.inner.config.clone();
    let mut asked: Vec<oneshot::Sender<()>> = Vec::new();
    let mut lead = meetings.inner.servers.lead.changes();
    loop {
        let Some(epoch) = meetings.inner.servers.epoch() else {
            asked.clear();
            while polls.try_recv().is_ok() {}
            tokio::select! {
                () = cancel.cancelled() => return,
                _ = lead.changed() => {}
                () = tokio::time::sleep(IDLE_TURN) => {}
            }
            continue;
        };
        if meetings.roster().epoch != Some(epoch) {
            django.forget();
            meetings.roster().lead_anew(epoch);
        }
        let fetched = tokio::select! {
            () = cancel.cancelled() => return,
            fetched = django.fetch() => fetched,
        };
        let failures = meetings.source().failures_in_a_row;
        let trouble = fetched
            .as_ref()
            .err()
            .map(|error| Trouble::of(error, failures));
        if let Err(error) = meetings.apply(fetched).await {
            tracing::error!(
                error = &error as &dyn Error,
                "the source's list could not be kept: {error}"
            );
            django.forget();
        }
        for asker in asked.drain(..) {
            // Whoever asked may have gone.
            let _ = asker.send(());
        }
        let polled = Instant::now();
        loop {
            let wait = next_poll(config.get().poll_interval.get(), trouble.as_ref());
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep_until(polled + wait) => break,
                // The interval may be another one.
                () = config.changed() => {}
                asker = polls.recv() => {
                    asked.extend(asker);
                    break;
                }
            }
        }
        while let Ok(asker) = polls.try_recv() {
            asked.push(asker);
        }
    }
}

/// Cuts logs that grew too large, until `cancel`.
pub async fn rotate_logs(meetings: Meetings, cancel: CancellationToken) {
    while cancel
        .run_until_cancelled(tokio::time::sleep(LOG_TURN))
        .await
        .is_some()
    {
        meetings.rooms().rotate_logs().await;
    }
}

fn source(meetings: &Meetings) -> Option<Django> {
    let config = meetings.inner.config.get();
    if config.django.url.is_empty() {
        return None;
    }
    let tz = TimeZone::get(&config.timezone).unwrap_or(TimeZone::UTC);
    Django::new(&config.django, tz)
        .inspect_err(|error| tracing::error!("no meetings come from Django: {error}"))
        .ok()
}

/// What a poll that failed means for the next one.
struct Trouble {
    /// How many failed before it.
    failures: u32,
    /// How long the source asked to be left alone.
    asked: Duration,
}

impl Trouble {
    fn of(error: &FetchError, failures: u32) -> Self {
        let asked = match error {
            FetchError::Status { retry_after, .. } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        Self { failures, asked }
    }
}

/// How long to wait: the interval; after failures twice as long each time; never less than the
/// source asked for. A tenth of it is left to chance, so that many servers do not ask as one.
fn next_poll(interval: Duration, trouble: Option<&Trouble>) -> Duration {
    let Some(Trouble { failures, asked }) = trouble else {
        return jittered(interval);
    };
    let back_off = (interval * 2_u32.pow(*failures.min(&10)))
        .min(LONGEST_BACK_OFF)
        .max(interval);
    jittered(back_off).max(*asked)
}

fn jittered(wait: Duration) -> Duration {
    let chance = random_text(2)
        .bytes()
        .fold(0_u32, |sum, byte| sum * 31 + u32::from(byte))
        % 200;
    wait.mul_f64(0.9 + f64::from(chance) / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_within_a_tenth_of_what_it_should_be() {
        for _ in 0..1_000 {
            let wait = jittered(Duration::from_secs(10));
            assert!(
                (Duration::from_secs(9)..=Duration::from_secs(11)).contains(&wait),
                "{wait:?}"
            );
        }
    }
}
