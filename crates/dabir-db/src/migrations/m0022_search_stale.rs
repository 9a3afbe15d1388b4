//! What the search index has not taken in yet: at first everything that can be found.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text};
use sea_orm_migration::sea_orm::ConnectionTrait;

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

const TABLE: &str = "search_stale";
/// Each kind with its table and what names a row of it.
const FOUND: [(&str, &str, &str); 5] = [
    ("client", "client", "username"),
    ("document", "document", "id"),
    ("file", "file", "id"),
    ("task", "task", "id"),
    ("user", "account", "id"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(TABLE)
            .col(text("kind"))
            .col(text("id"))
            .col(text("mark"))
            .col(big_integer("at"))
            .primary_key(Index::create().col("kind").col("id"))
            .to_owned();
        manager.create_table(table).await?;
        let index = Index::create()
            .name("search_stale_at")
            .table(TABLE)
            .col("at")
            .to_owned();
        manager.create_index(index).await?;
        let db = manager.get_connection();
        for (kind, table, id) in FOUND {
            let fill = format!(
                "INSERT INTO search_stale (kind, id, mark, at) SELECT '{kind}', {id}, '', 0 FROM {table}"
            );
            db.execute_unprepared(&fill).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(TABLE).to_owned())
            .await
    }
}
