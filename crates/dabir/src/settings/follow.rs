//! The loops of settings: one looks for changes that another process made, two hand changes on to
//! what waits for nothing by itself.

use std::error::Error;
use std::time::Duration;

use dabir_ports::PortManager;
use tokio_util::sync::CancellationToken;

use super::service::Settings;
use crate::telemetry::Level;

/// How soon a change of another process is seen.
const TURN: Duration = Duration::from_secs(1);

/// Looks every second whether another process on the same database changed something, until
/// `cancel`.
pub(crate) async fn follow(settings: Settings, cancel: CancellationToken) {
    let mut away = false;
    let turn = || cancel.run_until_cancelled(tokio::time::sleep(TURN));
    while turn().await.is_some() {
        let reread = settings.reread().await;
        if let (Err(error), false) = (&reread, away) {
            let error: &dyn Error = error;
            tracing::warn!(error, "the settings cannot be read: {error}");
        }
        away = reread.is_err();
    }
}

/// Has the port manager work by the numbers that hold, until `cancel`.
pub(crate) async fn adjust_ports(
    settings: Settings,
    ports: PortManager,
    cancel: CancellationToken,
) {
    let mut current = settings.ports();
    while cancel
        .run_until_cancelled(current.changed())
        .await
        .is_some()
    {
        if let Err(error) = ports.adjust(current.get()) {
            tracing::warn!(%error, "the port manager goes on as before: {error}");
        }
    }
}

/// Logs as much as is asked for, until `cancel`.
pub(crate) async fn adjust_log(settings: Settings, level: Level, cancel: CancellationToken) {
    let mut current = settings.log();
    loop {
        level.set(current.get().level);
        if cancel
            .run_until_cancelled(current.changed())
            .await
            .is_none()
        {
            return;
        }
    }
}
