//! Which document the minutes of a meeting became.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text, text_null};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

const TABLE: &str = "meeting_minutes";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(TABLE)
            .col(text("meeting_id"))
            // How often the minutes were changed by then: a meeting may be opened again.
            .col(big_integer("rev"))
            // Empty when nothing was written down.
            .col(text_null("document_id"))
            .col(big_integer("at"))
            .primary_key(Index::create().col("meeting_id").col("rev"))
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(TABLE).to_owned())
            .await
    }
}
