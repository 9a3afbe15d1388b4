//! What the join page knows a meeting by, and tells of it: its address, when it was last revised and
//! when it ended.

use dabir_core::new_id;
use sea_orm::{ConnectionTrait, ExprTrait, FromQueryResult, Statement};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, string};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum Meeting {
    Table,
    Id,
    Slug,
    RevisedAt,
    EndedAt,
    CreatedAt,
    EndTime,
    State,
}

const SLUG_INDEX: &str = "meeting_slug";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Half of it would be found again as a column that is there already.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            string(Meeting::Slug).default("").take(),
            big_integer(Meeting::RevisedAt).default(0).take(),
            big_integer_null(Meeting::EndedAt).take(),
        ] {
            let mut add = Table::alter();
            manager
                .alter_table(add.table(Meeting::Table).add_column(column).take())
                .await?;
        }
        fill(manager).await?;
        end(manager).await?;
        let mut unique = Index::create();
        unique.name(SLUG_INDEX).table(Meeting::Table).unique();
        manager.create_index(unique.col(Meeting::Slug).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut index = Index::drop();
        manager
            .drop_index(index.name(SLUG_INDEX).table(Meeting::Table).to_owned())
            .await?;
        for column in [Meeting::Slug, Meeting::RevisedAt, Meeting::EndedAt] {
            let mut drop = Table::alter();
            manager
                .alter_table(drop.table(Meeting::Table).drop_column(column).take())
                .await?;
        }
        Ok(())
    }
}

/// Gives the meetings that are there an address each. It cannot be guessed, so it is made here: the
/// databases' own random numbers differ, and one of them can be foreseen.
async fn fill(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    for id in ids(db).await? {
        let mut update = Query::update();
        update
            .table(Meeting::Table)
            .value(Meeting::Slug, new_id())
            .value(Meeting::RevisedAt, Expr::col(Meeting::CreatedAt))
            .and_where(Expr::col(Meeting::Id).eq(id));
        db.execute(&update).await?;
    }
    Ok(())
}

/// Whatever is over is taken to have ended when its time was over.
async fn end(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut update = Query::update();
    update
        .table(Meeting::Table)
        .value(Meeting::EndedAt, Expr::col(Meeting::EndTime))
        .and_where(Expr::col(Meeting::State).eq("ended"));
    manager.get_connection().execute(&update).await?;
    Ok(())
}

async fn ids(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
    }
    let query = Statement::from_string(db.get_database_backend(), "SELECT id FROM meeting");
    let rows = Row::find_by_statement(query).all(db).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
