//! The loops of clients: what other processes changed, orders whose time is over, and those who give
//! no sign of life.

use std::time::Duration;

use dabir_core::Event;
use dabir_db::{Lease, hints};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::service::{CHANNEL, Clients, Looked};

/// How often it is looked whether other processes changed something.
const LOOK: Duration = Duration::from_millis(500);
/// The same where nobody else can, as on SQLite.
const LOOK_ALONE: Duration = Duration::from_secs(5);
/// How often listeners are told, at most, that clients changed.
const TELL: Duration = Duration::from_millis(250);
/// The longest sleep before the end of an order: the clock of the machine may be set.
const DOZE: Duration = Duration::from_secs(30);
/// The shortest, for what is in doubt and holds.
const DOUBT: Duration = Duration::from_secs(1);
/// How often it is looked who gives no sign of life.
const SWEEP: Duration = Duration::from_secs(5);
/// How many sweeps pass before what happened long ago is forgotten.
const FORGET: u32 = 120;
/// How often the whole folder of available clients is looked through.
const WHOLE: Duration = Duration::from_secs(60);
/// How many times as long as that takes it rests, when it takes long.
const REST: u32 = 1_000;
/// The longest rest.
const MOST: Duration = Duration::from_secs(60 * 60);
/// How long it rests when it failed.
const AGAIN: Duration = Duration::from_secs(5);

/// Runs all loops until `cancel`. Run it in every process that has clients.
pub async fn run(clients: Clients, cancel: CancellationToken) {
    let snapshot = clients.snapshot();
    // Nobody waits for it: until it is done, whoever looks for somebody does some of it.
    drop(tokio::task::spawn_blocking(move || snapshot.fold_names()));
    let loops = async {
        tokio::join!(
            follow(&clients),
            hear_hints(&clients),
            tell(&clients),
            expire(&clients),
            sweep(&clients),
        )
    };
    cancel.run_until_cancelled(loops).await;
}

/// Takes in what other processes change.
async fn follow(clients: &Clients) {
    let mut is_away = false;
    let is_alone = clients.db().kind() == "sqlite";
    loop {
        let look = if is_alone && !is_away {
            LOOK_ALONE
        } else {
            LOOK
        };
        let _ = tokio::time::timeout(look, clients.wait_until_behind()).await;
        match clients.catch_up().await {
            Ok(_) => is_away = false,
            Err(error) if !is_away => {
                is_away = true;
                tracing::warn!(%error, "what other processes change about clients is not seen: {error}");
            }
            Err(_) => {}
        }
    }
}

/// Hears at once of what other processes change. A hint that gets lost costs half a second.
async fn hear_hints(clients: &Clients) {
    hints::hear(clients.db(), CHANNEL, |_| clients.may_be_behind()).await;
}

/// Tells this process's listeners that lists of clients show something else.
async fn tell(clients: &Clients) {
    let mut sets = clients.sets();
    while sets.changed().await.is_ok() {
        let offset = sets.borrow_and_update().offset;
        clients
            .domain_events()
            .publish(Event::ClientsChanged { offset });
        tokio::time::sleep(TELL).await;
    }
}

/// Lifts orders when their time is over.
async fn expire(clients: &Clients) {
    let mut orders = clients.orders();
    let mut least = Duration::ZERO;
    loop {
        let wait = clients
            .until_next_end()
            .unwrap_or(DOZE)
            .clamp(least, DOZE.max(least));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = orders.changed() => continue,
        }
        least = match clients.expire().await {
            Ok(0) => DOUBT,
            Ok(_) => Duration::ZERO,
            Err(error) => {
                tracing::warn!(%error, "orders that have ended still hold: {error}");
                DOUBT
            }
        };
    }
}

/// Finds who gives no sign of life, and forgets what happened long ago.
async fn sweep(clients: &Clients) {
    for turn in 0_u32.. {
        tokio::time::sleep(SWEEP).await;
        if let Err(error) = clients.sweep().await {
            tracing::warn!(%error, "it is not seen who gives no sign of life: {error}");
        }
        if turn % FORGET == 0
            && let Err(error) = clients.forget().await
        {
            tracing::warn!(%error, "what happened to clients is not forgotten: {error}");
        }
        if turn % FORGET == 0
            && let Err(error) = clients.settle().await
        {
            tracing::warn!(%error, "what was counted of clients is not put together: {error}");
        }
    }
}

/// Follows the folder of available clients in the process that has the lease: at once what is put into
/// it or taken away, and before long pictures that are other ones.
/// Tells after each look how many problems it has.
pub(crate) async fn follow_folder(clients: &Clients, lease: &Lease, told: impl Fn(usize)) {
    let mut leases = lease.changes();
    let mut config = clients.current_config();
    let mut seen = None;
    let mut due: Option<Instant> = None;
    loop {
        if lease.held().is_none() {
            (seen, due) = (None, None);
            clients.leave_folder();
        } else {
            let changed = clients.folder_changed().await;
            let begun = Instant::now();
            if changed != seen || due.is_none_or(|due| due <= begun) {
                seen = changed;
                let looked = clients.look_into_folder().await;
                if let Err(error) = &looked {
                    tracing::warn!(%error, "the folder of clients is not followed: {error}");
                }
                due = Some(Instant::now() + rest(looked.as_ref().ok(), begun.elapsed()));
            }
        }
        told(clients.folder_problems().len());
        let now = clients.config();
        let wait = match now.available_dir.as_os_str().is_empty() {
            true => Duration::MAX,
            false => now.interval.get(),
        };
        tokio::select! {
            _ = leases.changed() => {}
            () = config.changed() => due = None,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// How long a folder rests after a look that took so long.
fn rest(looked: Option<&Looked>, took: Duration) -> Duration {
    match looked {
        None => AGAIN,
        // Most of it went into what was new.
        Some(Looked::Other) => WHOLE,
        Some(Looked::Same) => (took * REST).clamp(WHOLE, MOST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_rests_long_only_when_a_look_that_finds_nothing_takes_long() {
        let second = Duration::from_secs(1);
        assert_eq!(rest(Some(&Looked::Same), second / 100), WHOLE);
        assert_eq!(rest(Some(&Looked::Same), second), second * REST);
        assert_eq!(rest(Some(&Looked::Same), second * 5), MOST);
        assert_eq!(rest(Some(&Looked::Other), second * 5), WHOLE);
        assert_eq!(rest(None, second * 5), AGAIN);
    }
}
