//! Which server keeps a meeting's room and where, and how often meetings were changed: several servers
//! on one database follow each other by that number.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string_null, text_null};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

const TABLE: &str = "meeting";
const COLUMNS: [&str; 3] = ["keeper", "room_at", "revision"];
const INDEX: &str = "meeting_revision";
const ROSTER: &str = "meeting_roster";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let [keeper, room_at, revision] = COLUMNS;
        for column in [
            string_null(keeper).take(),
            string_null(room_at).take(),
            big_integer(revision).default(0).take(),
        ] {
            let mut add = Table::alter();
            let add = add.table(TABLE).add_column(column).take();
            manager.alter_table(add).await?;
        }
        let mut index = Index::create();
        index.name(INDEX).table(TABLE).col(revision);
        manager.create_index(index).await?;
        let roster = Table::create()
            .table(ROSTER)
            .col(big_integer("revision"))
            .col(big_integer("erased"))
            .col(text_null("source"))
            .to_owned();
        manager.create_table(roster).await?;
        let first = "INSERT INTO meeting_roster (revision, erased) VALUES (0, 0)";
        manager.get_connection().execute_unprepared(first).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let roster = Table::drop().table(ROSTER).to_owned();
        manager.drop_table(roster).await?;
        let index = Index::drop().name(INDEX).table(TABLE).to_owned();
        manager.drop_index(index).await?;
        for column in COLUMNS {
            let mut drop = Table::alter();
            let drop = drop.table(TABLE).drop_column(column).take();
            manager.alter_table(drop).await?;
        }
        Ok(())
    }
}
