//! Until now nobody told what happened: of what stands in the outbox, only the last day is still news.

use dabir_core::{Clock, Timestamp};
use sea_orm_migration::prelude::*;

use crate::Ts;

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

const A_DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let now = Clock::system().now();
        let until = now.saturating_sub(A_DAY).unwrap_or(Timestamp::MIN);
        let old = Query::delete()
            .from_table("outbox")
            .and_where(Expr::col("at").lt(Ts::from(until).0))
            .to_owned();
        manager.execute(old).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
