//! What the list of meetings is searched and sorted by, and the code of a meeting's last error.

use dabir_core::names::{search_text, sort_key};
use sea_orm::{ConnectionTrait, DatabaseBackend, ExprTrait, FromQueryResult, Statement};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{binary, string, string_null, text_null};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

#[derive(Clone, Copy, PartialEq, DeriveIden)]
enum Meeting {
    Table,
    Id,
    Search,
    SortKey,
    LastErrorCode,
    LastErrorFacts,
    State,
    DateTime,
    EndTime,
}

/// The order of each list, and of its totals. SQLite looks at every row of a list that is filtered,
/// and finds all that it filters by in the index itself; PostgreSQL bounds the size of an index's
/// rows.
const ORDERS: [(&str, Meeting); 4] = [
    ("meeting_by_end", Meeting::EndTime),
    ("meeting_by_begin", Meeting::DateTime),
    ("meeting_by_name", Meeting::SortKey),
    ("meeting_by_state", Meeting::State),
];
const FILTERED_BY: [Meeting; 4] = [
    Meeting::State,
    Meeting::DateTime,
    Meeting::EndTime,
    Meeting::Search,
];
/// What `meeting_by_end` takes the place of.
const OLD_END_INDEX: &str = "meeting_end_time";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Half of it would be found again as a column that is there already.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            string(Meeting::Search).default("").take(),
            binary(Meeting::SortKey).default(Vec::<u8>::new()).take(),
            string_null(Meeting::LastErrorCode).take(),
            text_null(Meeting::LastErrorFacts).take(),
        ] {
            let mut add = Table::alter();
            manager
                .alter_table(add.table(Meeting::Table).add_column(column).take())
                .await?;
        }
        fill(manager.get_connection()).await?;
        drop_index(manager, OLD_END_INDEX).await?;
        let covers = manager.get_database_backend() == DatabaseBackend::Sqlite;
        for (name, order) in ORDERS {
            let mut columns = vec![order, Meeting::Id];
            columns.extend(
                FILTERED_BY
                    .into_iter()
                    .filter(|one| covers && *one != order),
            );
            create_index(manager, name, &columns).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in ORDERS {
            drop_index(manager, name).await?;
        }
        create_index(manager, OLD_END_INDEX, &[Meeting::EndTime, Meeting::Id]).await?;
        for column in [
            Meeting::Search,
            Meeting::SortKey,
            Meeting::LastErrorCode,
            Meeting::LastErrorFacts,
        ] {
            let mut drop = Table::alter();
            manager
                .alter_table(drop.table(Meeting::Table).drop_column(column).take())
                .await?;
        }
        Ok(())
    }
}

async fn create_index(
    manager: &SchemaManager<'_>,
    name: &str,
    columns: &[Meeting],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(name).table(Meeting::Table);
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index).await
}

async fn drop_index(manager: &SchemaManager<'_>, name: &str) -> Result<(), DbErr> {
    let mut index = Index::drop();
    manager
        .drop_index(index.name(name).table(Meeting::Table).to_owned())
        .await
}

/// Gives the meetings that are there what they are found and sorted by.
async fn fill(db: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
        name: String,
    }
    let query = Statement::from_string(db.get_database_backend(), "SELECT id, name FROM meeting");
    for Row { id, name } in Row::find_by_statement(query).all(db).await? {
        let mut update = Query::update();
        update
            .table(Meeting::Table)
            .value(Meeting::Search, search_text(&name))
            .value(Meeting::SortKey, sort_key(&name))
            .and_where(Expr::col(Meeting::Id).eq(id));
        db.execute(&update).await?;
    }
    Ok(())
}
