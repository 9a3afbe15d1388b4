//! The loops of clients: what other processes changed, orders whose time is over, and those who give
//! no sign of life.

use std::time::Duration;

use dabir_core::Event;
use sqlx::postgres::PgListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::service::Clients;
use crate::store::is_postgres;

/// How often it is looked whether other processes changed something.
const LOOK: Duration = Duration::from_millis(500);
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
/// How long a broken connection for hints stays broken.
const AGAIN: Duration = Duration::from_secs(5);

/// Runs all loops until `cancel`. Run it in every process that has clients.
pub async fn run(clients: Clients, cancel: CancellationToken) {
    let loops = async {
        tokio::join!(
            follow(&clients),
            hear_hints(&clients),
            tell(&clients),
            expire(&clients),
            sweep(&clients),
            look_into_folder(&clients),
        )
    };
    cancel.run_until_cancelled(loops).await;
}

/// Takes in what other processes change.
async fn follow(clients: &Clients) {
    let mut is_away = false;
    loop {
        let _ = tokio::time::timeout(LOOK, clients.wait_until_behind()).await;
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
    if !is_postgres(clients.db().read()) {
        return;
    }
    loop {
        if let Err(error) = listen(clients).await {
            tracing::debug!(%error, "hints are not heard for a while: {error}");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn listen(clients: &Clients) -> Result<(), sqlx::Error> {
    let pool = clients.db().read().get_postgres_connection_pool();
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(crate::service::CHANNEL).await?;
    loop {
        listener.recv().await?;
        clients.may_be_behind();
    }
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

/// Follows the folder of available clients: at once what is put into it or taken away, and within a
/// minute pictures that are other ones.
async fn look_into_folder(clients: &Clients) {
    let mut seen = None;
    let mut looked: Option<Instant> = None;
    loop {
        let changed = clients.folder_changed().await;
        let is_due = looked.is_none_or(|at| at.elapsed() >= WHOLE);
        if changed != seen || is_due {
            seen = changed;
            looked = Some(Instant::now());
            if let Err(error) = clients.look_into_folder().await {
                tracing::warn!(%error, "the folder of clients is not followed: {error}");
            }
        }
        tokio::time::sleep(clients.config().interval.get()).await;
    }
}
