//! Meetings: what the sources and the operators want, and how it last went.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer, string, string_null,
};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum Meeting {
    Table,
    Id,
    Name,
    DateTime,
    DurationSecs,
    ExtendedSecs,
    EndTime,
    Port,
    IsRunning,
    Source,
    ExternalId,
    Operator,
    Gone,
    State,
    LastError,
    Restarts,
    CreatedAt,
    UpdatedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Meeting::Table)
                    .col(string(Meeting::Id).primary_key())
                    .col(string(Meeting::Name))
                    .col(big_integer(Meeting::DateTime))
                    .col(big_integer(Meeting::DurationSecs))
                    .col(big_integer(Meeting::ExtendedSecs))
                    .col(big_integer(Meeting::EndTime))
                    .col(big_integer_null(Meeting::Port))
                    .col(boolean(Meeting::IsRunning))
                    .col(string(Meeting::Source))
                    .col(string_null(Meeting::ExternalId))
                    .col(string_null(Meeting::Operator))
                    .col(boolean(Meeting::Gone))
                    .col(string(Meeting::State))
                    .col(string_null(Meeting::LastError))
                    .col(integer(Meeting::Restarts))
                    .col(big_integer(Meeting::CreatedAt))
                    .col(big_integer(Meeting::UpdatedAt))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("meeting_source_external_id")
                    .table(Meeting::Table)
                    .col(Meeting::Source)
                    .col(Meeting::ExternalId)
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("meeting_end_time")
                    .table(Meeting::Table)
                    .col(Meeting::EndTime)
                    .col(Meeting::Id)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(Meeting::Table).to_owned())
            .await
    }
}
