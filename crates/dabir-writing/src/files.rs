//! Files, as far as tasks know them.

use async_trait::async_trait;
use sea_orm::DbErr;
use serde::Serialize;
use utoipa::ToSchema;

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
}
