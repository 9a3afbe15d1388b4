//! Pictures of documents, as far as documents know files.

use async_trait::async_trait;
use bytes::Bytes;
use dabir_core::Timestamp;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::people::Doer;

/// A picture that a published page shows.
#[derive(Clone, Debug)]
pub struct Picture {
    /// `image/png`: told by its content, and safe to be shown.
    pub media_type: String,
    pub bytes: Bytes,
}

/// Keeps and gives the pictures of documents; the app gives it.
#[async_trait]
pub trait Pictures: Send + Sync {
    /// Keeps a picture that came with a document, and answers the id of its file; `None` when it is
    /// none, or there is no room for it.
    async fn keep(&self, by: &Doer, document: &str, name: &str, bytes: Bytes) -> Option<String>;

    /// A picture that is attached to a document, by the id of its file; `None` for whatever is not safe
    /// to be shown.
    async fn show(&self, document: &str, file: &str) -> Option<Picture>;

    /// Has those of these files that the document `from` has be those of its copy `to` as well, as part of
    /// making it at `now`.
    async fn share(
        &self,
        tx: &DatabaseTransaction,
        now: Timestamp,
        from: &str,
        to: &str,
        files: &[String],
    ) -> Result<(), DbErr>;
}
