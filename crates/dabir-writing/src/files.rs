//! Files, as far as tasks know them.

use async_trait::async_trait;
use dabir_core::Timestamp;
use sea_orm::{DatabaseTransaction, DbErr};
use serde::Serialize;
use utoipa::ToSchema;

use crate::people::Doer;

/// A file that something is attached to, as its owner shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AttachedFile)]
pub struct File {
    pub id: String,
    pub name: String,
    pub size_bytes: u64,
    /// How far it is: uploaded, being analysed, ready, failed.
    pub state: String,
}

/// Knows what files there are; the app gives it.
#[async_trait]
pub trait Files: Send + Sync {
    /// Those of these ids that there are, in any order, with one question.
    async fn by_ids(&self, ids: &[&str]) -> Result<Vec<File>, DbErr>;

    /// Those of these ids whose files are `by`'s to attach: whoever sees the task sees them then.
    async fn held_by(&self, by: &Doer, ids: &[&str]) -> Result<Vec<String>, DbErr>;

    /// Has these files be attached to a task, and no others, as part of its change at `now`.
    async fn attach(
        &self,
        tx: &DatabaseTransaction,
        now: Timestamp,
        task: &str,
        ids: &[String],
    ) -> Result<(), DbErr>;
}
