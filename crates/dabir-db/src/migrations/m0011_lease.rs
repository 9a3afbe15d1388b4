//! Leases: what one process at a time may do, and who it is.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("lease")
            .col(string("name").primary_key())
            .col(string("holder"))
            .col(big_integer("epoch"))
            .col(big_integer("until"))
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::drop().table("lease").to_owned();
        manager.drop_table(table).await
    }
}
