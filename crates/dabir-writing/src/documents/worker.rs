//! The loops of documents: what was deleted long ago goes, what a server could not finish is finished,
//! and what other servers tell is heard.

use std::error::Error;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::error::DocumentError;
use super::service::Documents;

/// How often it is looked for documents that are to go.
const PURGE: Duration = Duration::from_secs(3_600);
/// How often it is looked for texts that somebody could not finish.
const SETTLE: Duration = Duration::from_secs(30);

/// Removes documents 30 days after they were deleted, and single changes that are in snapshots.
pub async fn purge(documents: Documents, cancel: CancellationToken) {
    loop {
        told(
            "deleted documents could not be removed",
            documents.purge().await,
        );
        told(
            "old changes could not be removed",
            documents.thin_out().await,
        );
        if is_over(PURGE, &cancel).await {
            return;
        }
    }
}

/// Derives what servers that ended could not.
pub async fn settle(documents: Documents, cancel: CancellationToken) {
    loop {
        told("texts could not be finished", documents.settle().await);
        if is_over(SETTLE, &cancel).await {
            return;
        }
    }
}

/// Hears other servers; at the end closes what is open, so that everybody comes back elsewhere.
pub async fn live(documents: Documents, cancel: CancellationToken) {
    cancel.run_until_cancelled(documents.hear()).await;
    documents.close().await;
}

fn told<T>(what: &str, done: Result<T, DocumentError>) {
    if let Err(error) = done {
        let error: &dyn Error = &error;
        tracing::warn!(error, "{what}: {error}");
    }
}

async fn is_over(rest: Duration, cancel: &CancellationToken) -> bool {
    let rest = tokio::time::sleep(rest);
    cancel.run_until_cancelled(rest).await.is_none()
}
