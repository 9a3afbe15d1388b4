//! The table of the lines that jobs wrote.

use dabir_core::Timestamp;
use dabir_db::Ts;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, ConnectionTrait, QueryOrder, QuerySelect, Set};

use super::{execute, query};
use crate::model::LogLine;

mod row {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "job_log")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub job_id: i64,
        pub attempt: i32,
        pub at: Ts,
        pub level: String,
        #[sea_orm(column_type = "Text")]
        pub line: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::{Column, Entity};

/// A line that waits to be written.
#[derive(Clone, Debug)]
pub(crate) struct NewLine {
    pub(crate) job_id: i64,
    pub(crate) attempt: i32,
    /// Counted from 1 in each attempt.
    pub(crate) number: usize,
    pub(crate) at: Timestamp,
    pub(crate) level: &'static str,
    pub(crate) line: String,
}

/// How many of an attempt's lines are kept: these first ones, and these last ones.
pub(crate) const FIRST: usize = 500;
pub(crate) const LAST: usize = 2_000;
/// How many lines one statement writes.
const AT_ONCE: usize = 500;

pub(crate) async fn insert(tx: &impl ConnectionTrait, lines: &[NewLine]) -> Result<(), DbErr> {
    let rows = lines.iter().map(|line| row::ActiveModel {
        job_id: Set(line.job_id),
        attempt: Set(line.attempt),
        at: Set(line.at.into()),
        level: Set(line.level.to_owned()),
        line: Set(line.line.clone()),
        ..Default::default()
    });
    let rows: Vec<_> = rows.collect();
    for some in rows.chunks(AT_ONCE) {
        let some = some.iter().cloned();
        Entity::insert_many(some).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Removes what stands between the first and the last lines of an attempt, and says in its place how
/// many lines are missing.
pub(crate) async fn leave_out(
    tx: &impl ConnectionTrait,
    job_id: i64,
    attempt: i32,
    missing: usize,
) -> Result<(), DbErr> {
    let of_attempt = "FROM job_log WHERE job_id = $1 AND attempt = $2";
    let sql = format!("SELECT id {of_attempt} ORDER BY id LIMIT 1 OFFSET {FIRST}");
    let rows = query(tx, sql, [job_id.into(), attempt.into()]).await?;
    let Some(row) = rows.first() else {
        return Ok(());
    };
    let place: i64 = row.try_get("", "id")?;
    let sql = format!(
        "DELETE {of_attempt} AND id > $3 \
         AND id <= (SELECT id {of_attempt} ORDER BY id DESC LIMIT 1 OFFSET {LAST})"
    );
    execute(tx, sql, [job_id.into(), attempt.into(), place.into()]).await?;
    let words = format!("({missing} lines are left out here)");
    let sql = "UPDATE job_log SET level = 'info', line = $1 WHERE id = $2";
    execute(tx, sql, [words.into(), place.into()]).await?;
    Ok(())
}

/// The lines after `after`, the oldest first; without it the newest `limit` of them, also the
/// oldest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    job_id: i64,
    after: Option<i64>,
    limit: u64,
) -> Result<Vec<LogLine>, DbErr> {
    let all = Entity::find()
        .filter(Condition::all().add_option(after.map(|id| Column::Id.gt(id))))
        .filter(Column::JobId.eq(job_id))
        .limit(limit);
    let mut rows = match after {
        Some(_) => all.order_by_asc(Column::Id).all(db).await?,
        None => all.order_by_desc(Column::Id).all(db).await?,
    };
    if after.is_none() {
        rows.reverse();
    }
    Ok(rows.into_iter().map(LogLine::from).collect())
}

impl From<row::Model> for LogLine {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id,
            attempt: row.attempt,
            at: row.at.into(),
            level: row.level,
            line: row.line,
        }
    }
}
