//! Accounts: people, their sessions and tokens, links that work once, and second factors.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, string, string_null, text, text_null,
};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

/// `user` is a reserved word of PostgreSQL.
#[derive(DeriveIden)]
enum Account {
    Table,
    Id,
    Email,
    EmailKey,
    Name,
    Role,
    Language,
    Password,
    BlockedAt,
    BlockedReason,
    SignedInAt,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum Session {
    Table,
    Id,
    AccountId,
    ByLink,
    Address,
    Agent,
    CreatedAt,
    SeenAt,
    EndsAt,
}

#[derive(DeriveIden)]
enum RefreshToken {
    Table,
    Hash,
    SessionId,
    UsedAt,
}

#[derive(DeriveIden)]
enum ApiToken {
    Table,
    Id,
    Hash,
    AccountId,
    Name,
    Scopes,
    CreatedAt,
    ExpiresAt,
    UsedAt,
}

#[derive(DeriveIden)]
enum OneTimeLink {
    Table,
    Hash,
    Kind,
    AccountId,
    ExpiresAt,
}

#[derive(DeriveIden)]
enum Totp {
    Table,
    AccountId,
    Sealed,
    IsOn,
    LastStep,
    RecoveryHashes,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            accounts(),
            sessions(),
            refresh_tokens(),
            api_tokens(),
            links(),
            totps(),
        ] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            Table::drop().table(Totp::Table).to_owned(),
            Table::drop().table(OneTimeLink::Table).to_owned(),
            Table::drop().table(ApiToken::Table).to_owned(),
            Table::drop().table(RefreshToken::Table).to_owned(),
            Table::drop().table(Session::Table).to_owned(),
            Table::drop().table(Account::Table).to_owned(),
        ] {
            manager.drop_table(table).await?;
        }
        Ok(())
    }
}

fn accounts() -> TableCreateStatement {
    Table::create()
        .table(Account::Table)
        .col(string(Account::Id).primary_key())
        .col(string(Account::Email))
        .col(string(Account::EmailKey).unique_key())
        .col(string(Account::Name))
        .col(string(Account::Role))
        .col(string(Account::Language))
        .col(string_null(Account::Password))
        .col(big_integer_null(Account::BlockedAt))
        .col(text_null(Account::BlockedReason))
        .col(big_integer_null(Account::SignedInAt))
        .col(big_integer(Account::CreatedAt))
        .col(big_integer(Account::UpdatedAt))
        .to_owned()
}

fn sessions() -> TableCreateStatement {
    Table::create()
        .table(Session::Table)
        .col(string(Session::Id).primary_key())
        .col(string(Session::AccountId))
        .col(boolean(Session::ByLink))
        .col(string_null(Session::Address))
        .col(string_null(Session::Agent))
        .col(big_integer(Session::CreatedAt))
        .col(big_integer(Session::SeenAt))
        .col(big_integer(Session::EndsAt))
        .foreign_key(&mut owned_by_account(Session::Table, Session::AccountId))
        .to_owned()
}

fn refresh_tokens() -> TableCreateStatement {
    Table::create()
        .table(RefreshToken::Table)
        .col(string(RefreshToken::Hash).primary_key())
        .col(string(RefreshToken::SessionId))
        .col(big_integer_null(RefreshToken::UsedAt))
        .foreign_key(
            ForeignKey::create()
                .from(RefreshToken::Table, RefreshToken::SessionId)
                .to(Session::Table, Session::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn api_tokens() -> TableCreateStatement {
    Table::create()
        .table(ApiToken::Table)
        .col(string(ApiToken::Id).primary_key())
        .col(string(ApiToken::Hash).unique_key())
        .col(string(ApiToken::AccountId))
        .col(string(ApiToken::Name))
        .col(string(ApiToken::Scopes))
        .col(big_integer(ApiToken::CreatedAt))
        .col(big_integer_null(ApiToken::ExpiresAt))
        .col(big_integer_null(ApiToken::UsedAt))
        .foreign_key(&mut owned_by_account(ApiToken::Table, ApiToken::AccountId))
        .to_owned()
}

fn links() -> TableCreateStatement {
    Table::create()
        .table(OneTimeLink::Table)
        .col(string(OneTimeLink::Hash).primary_key())
        .col(string(OneTimeLink::Kind))
        // Nobody's while the installation has no admin yet.
        .col(string_null(OneTimeLink::AccountId))
        .col(big_integer(OneTimeLink::ExpiresAt))
        .foreign_key(&mut owned_by_account(
            OneTimeLink::Table,
            OneTimeLink::AccountId,
        ))
        .to_owned()
}

fn totps() -> TableCreateStatement {
    Table::create()
        .table(Totp::Table)
        .col(string(Totp::AccountId).primary_key())
        .col(text(Totp::Sealed))
        .col(boolean(Totp::IsOn))
        .col(big_integer(Totp::LastStep))
        .col(text(Totp::RecoveryHashes))
        .foreign_key(&mut owned_by_account(Totp::Table, Totp::AccountId))
        .to_owned()
}

/// What is an account's goes with it.
fn owned_by_account(
    table: impl IntoIden + 'static,
    column: impl IntoIden + 'static,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table.into_iden(), column.into_iden())
        .to(Account::Table, Account::Id)
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &str, table: DynIden, column: DynIden| {
        Index::create()
            .name(name)
            .table(table)
            .col(column)
            .to_owned()
    };
    vec![
        index(
            "session_account",
            Session::Table.into_iden(),
            Session::AccountId.into_iden(),
        ),
        index(
            "refresh_token_session",
            RefreshToken::Table.into_iden(),
            RefreshToken::SessionId.into_iden(),
        ),
        index(
            "api_token_account",
            ApiToken::Table.into_iden(),
            ApiToken::AccountId.into_iden(),
        ),
        index(
            "one_time_link_account",
            OneTimeLink::Table.into_iden(),
            OneTimeLink::AccountId.into_iden(),
        ),
    ]
}
