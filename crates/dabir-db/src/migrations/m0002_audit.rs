//! The audit: who changed what, chained by hashes; rows are only ever added.

use sea_orm::{ConnectionTrait, DatabaseBackend};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string, string_null, text_null};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum Audit {
    Table,
    Seq,
    At,
    ActorKind,
    ActorId,
    ActorName,
    Address,
    RequestId,
    Action,
    TargetKind,
    TargetId,
    TargetName,
    Before,
    After,
    Hash,
}

/// The database itself refuses what the code never does.
const SQLITE_GUARDS: [&str; 3] = [
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit \
     BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit \
     BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
    // `INSERT OR REPLACE` deletes without asking the trigger above.
    "CREATE TRIGGER audit_in_order BEFORE INSERT ON audit \
     WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit) \
     BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
];
const POSTGRES_GUARDS: [&str; 2] = [
    "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS \
     $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$",
    "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit \
     FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Audit::Table)
                    .col(
                        big_integer(Audit::Seq)
                            .primary_key()
                            .check(Expr::col(Audit::Seq).gt(0)),
                    )
                    .col(big_integer(Audit::At))
                    .col(string(Audit::ActorKind))
                    .col(string(Audit::ActorId))
                    .col(string(Audit::ActorName))
                    .col(string_null(Audit::Address))
                    .col(string_null(Audit::RequestId))
                    .col(string(Audit::Action))
                    .col(string(Audit::TargetKind))
                    .col(string(Audit::TargetId))
                    .col(string(Audit::TargetName))
                    .col(text_null(Audit::Before))
                    .col(text_null(Audit::After))
                    .col(string(Audit::Hash))
                    .to_owned(),
            )
            .await?;
        for (name, columns) in [
            ("audit_target", [Audit::TargetKind, Audit::TargetId]),
            ("audit_actor", [Audit::ActorId, Audit::Seq]),
        ] {
            let mut index = Index::create().name(name).table(Audit::Table).to_owned();
            columns.into_iter().for_each(|column| {
                index.col(column);
            });
            manager.create_index(index).await?;
        }
        let db = manager.get_connection();
        let guards: &[&str] = match db.get_database_backend() {
            DatabaseBackend::Postgres => &POSTGRES_GUARDS,
            _ => &SQLITE_GUARDS,
        };
        for guard in guards {
            db.execute_unprepared(guard).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(Audit::Table).to_owned())
            .await?;
        let db = manager.get_connection();
        if db.get_database_backend() == DatabaseBackend::Postgres {
            db.execute_unprepared("DROP FUNCTION audit_refuse()")
                .await?;
        }
        Ok(())
    }
}
