//! Of which end of a task it was said already that it is near.

use dabir_core::Clock;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::big_integer_null;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::Ts;

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

const TABLE: &str = "task";
const COLUMN: &str = "due_told";
const INDEX_NAME: &str = "task_due_untold";
const INDEX: &str = "CREATE INDEX task_due_untold ON task (due_at) WHERE status <> 'done' \
     AND deleted_at IS NULL AND (due_told IS NULL OR due_told <> due_at)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut add = Table::alter();
        let add = add.table(TABLE).add_column(big_integer_null(COLUMN)).take();
        manager.alter_table(add).await?;
        // Nobody needs to hear now of what was due long ago.
        let past = Query::update()
            .table(TABLE)
            .value(COLUMN, Expr::col("due_at"))
            .and_where(Expr::col("due_at").lt(Ts::from(Clock::system().now()).0))
            .to_owned();
        manager.execute(past).await?;
        manager.get_connection().execute_unprepared(INDEX).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop().name(INDEX_NAME).table(TABLE).to_owned();
        manager.drop_index(index).await?;
        let mut drop = Table::alter();
        let drop = drop.table(TABLE).drop_column(COLUMN).take();
        manager.alter_table(drop).await
    }
}
