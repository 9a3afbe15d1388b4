//! The loop that tells others: it takes what happened, has due webhooks worked off, and forgets what
//! is old.

use std::time::Duration;

use dabir_core::Event;
use dabir_db::{hints, outbox};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::service::{CHANNEL, Notify};

/// Between two looks that nobody asked for.
const LOOK: Duration = Duration::from_secs(1);
/// Between two looks at least.
const PAUSE: Duration = Duration::from_millis(50);
/// Between two times that what is old is forgotten.
const TIDY: Duration = Duration::from_secs(3_600);

/// Tells others until `cancel`. Run it in every process that serves: each thing is told once all the
/// same.
pub async fn run(notify: Notify, cancel: CancellationToken) {
    let loops = async {
        tokio::join!(
            tell(&notify),
            hear_hints(&notify),
            hear_of_inboxes(&notify),
            hear_events(&notify),
            tidy_up(&notify)
        )
    };
    cancel.run_until_cancelled(loops).await;
}

async fn tell(notify: &Notify) {
    let mut is_silent = false;
    loop {
        match notify.look().await {
            Ok(()) => is_silent = false,
            Err(error) if !is_silent => {
                is_silent = true;
                tracing::warn!(%error, "nothing is told to others for now: {error}");
            }
            Err(_) => {}
        }
        sleep(PAUSE).await;
        let _ = timeout(LOOK, notify.woken()).await;
    }
}

/// What other processes say.
async fn hear_hints(notify: &Notify) {
    hints::hear(notify.db(), outbox::CHANNEL, |_| notify.wake()).await;
}

/// Of whose inboxes other processes say that they changed.
async fn hear_of_inboxes(notify: &Notify) {
    let (tell, mut told) = mpsc::unbounded_channel();
    let hear = hints::hear(notify.db(), CHANNEL, |word| {
        // The other end is here.
        let _ = tell.send(word.to_owned());
    });
    let publish = async {
        while let Some(word) = told.recv().await {
            if let Err(error) = notify.heard(&word).await {
                tracing::debug!(%error, "nobody is told of inboxes for now: {error}");
            }
        }
    };
    tokio::join!(hear, publish);
}

/// Whoever says something here tells the live stream too: no need to wait for the next look.
async fn hear_events(notify: &Notify) {
    let mut events = notify.events().subscribe(None).receiver;
    loop {
        match events.recv().await {
            Ok(numbered) if is_ours(&numbered.event) => {}
            Ok(_) | Err(RecvError::Lagged(_)) => notify.wake(),
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

/// Whether it tells of nothing but what others tell anyway.
fn is_ours(event: &Event) -> bool {
    matches!(
        event,
        Event::JobsChanged {} | Event::Audited { .. } | Event::NotificationsChanged { .. }
    )
}

async fn tidy_up(notify: &Notify) {
    loop {
        let begun = Instant::now();
        if let Err(error) = notify.forget().await {
            tracing::warn!(%error, "what was told long ago is not forgotten yet: {error}");
        }
        tokio::time::sleep_until(begun + TIDY).await;
    }
}
