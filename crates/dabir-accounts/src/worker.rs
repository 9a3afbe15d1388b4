//! The loop that keeps memory as the database is, whoever changed that.

use std::error::Error;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::service::Accounts;

/// How soon a change of another process is seen; who is taken out there has to be out here within a
/// second.
const TURN: Duration = Duration::from_millis(250);

/// Looks for what other processes on the same database changed, until `cancel`.
pub async fn follow(accounts: Accounts, cancel: CancellationToken) {
    let mut away = false;
    let turn = || cancel.run_until_cancelled(tokio::time::sleep(TURN));
    while turn().await.is_some() {
        let caught_up = accounts.catch_up().await;
        if let (Err(error), false) = (&caught_up, away) {
            let error: &dyn Error = error;
            tracing::warn!(error, "changes of accounts cannot be read: {error}");
        }
        away = caught_up.is_err();
    }
}
