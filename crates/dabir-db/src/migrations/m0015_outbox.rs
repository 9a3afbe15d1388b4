//! What happened and is still to be told outside.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string, text};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

const TABLE: &str = "outbox";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let outbox = Table::create()
            .table(TABLE)
            // A number is never given twice, also after all rows are gone.
            .col(big_integer("seq").primary_key().auto_increment())
            .col(big_integer("at"))
            .col(string("event"))
            .col(string("subject_kind"))
            .col(text("subject_id"))
            .col(text("subject_name"))
            .col(string("by_kind"))
            .col(text("by_id"))
            .col(text("by_name"))
            .col(text("data"))
            .col(text("concerns"))
            .to_owned();
        manager.create_table(outbox).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let outbox = Table::drop().table(TABLE).to_owned();
        manager.drop_table(outbox).await
    }
}
