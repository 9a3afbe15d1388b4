//! The table of schedules.

use dabir_core::{Span, Timestamp};
use dabir_db::Ts;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect, Set};
use serde_json::Value as Json;

use super::execute;
use crate::schedule::{CatchUp, NewSchedule, Schedule, Timing};

mod row {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "job_schedule")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        pub kind: String,
        pub queue: String,
        #[sea_orm(column_type = "Text")]
        pub args: String,
        /// Milliseconds.
        pub every: Option<i64>,
        pub cron: Option<String>,
        pub timezone: String,
        pub catch_up: String,
        pub enabled: bool,
        pub next_at: Ts,
        pub last_at: Option<Ts>,
        pub last_job_id: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::{Column, Entity};

pub(crate) async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<Schedule>, DbErr> {
    let row = Entity::find_by_id(name).one(db).await?;
    Ok(row.map(Schedule::from))
}

pub(crate) async fn list(db: &impl ConnectionTrait) -> Result<Vec<Schedule>, DbErr> {
    let rows = Entity::find().order_by_asc(Column::Name).all(db).await?;
    Ok(rows.into_iter().map(Schedule::from).collect())
}

/// As [`find`], for a change: on PostgreSQL nobody else changes it until the transaction ends.
pub(crate) async fn find_to_change(
    tx: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<Schedule>, DbErr> {
    let row = Entity::find_by_id(name).lock_exclusive().one(tx).await?;
    Ok(row.map(Schedule::from))
}

/// The next time of a schedule that stays when it is written again: in the words of the statement that
/// writes it, because between a look and a write another process may write it or fire it.
const KEPT: &str = "CASE WHEN job_schedule.enabled \
    AND job_schedule.every IS NOT DISTINCT FROM excluded.every \
    AND job_schedule.cron IS NOT DISTINCT FROM excluded.cron \
    AND job_schedule.timezone = excluded.timezone \
    THEN job_schedule.next_at ELSE excluded.next_at END";

/// Writes the schedule, whether there is one of its name or not. One that is there keeps its next time
/// when its timing stays.
pub(crate) async fn put(
    tx: &impl ConnectionTrait,
    spec: &NewSchedule,
    next_at: Timestamp,
) -> Result<(), DbErr> {
    let columns = [
        Column::Kind,
        Column::Queue,
        Column::Args,
        Column::Every,
        Column::Cron,
        Column::Timezone,
        Column::CatchUp,
        Column::Enabled,
    ];
    let replace = OnConflict::column(Column::Name)
        .update_columns(columns)
        .value(Column::NextAt, Expr::cust(KEPT))
        .to_owned();
    insert(tx, spec, next_at, replace).await
}

/// Writes the schedule unless there is one of its name.
pub(crate) async fn put_if_absent(
    tx: &impl ConnectionTrait,
    spec: &NewSchedule,
    next_at: Timestamp,
) -> Result<(), DbErr> {
    let leave = OnConflict::column(Column::Name).do_nothing().to_owned();
    insert(tx, spec, next_at, leave).await
}

async fn insert(
    tx: &impl ConnectionTrait,
    spec: &NewSchedule,
    next_at: Timestamp,
    on_conflict: OnConflict,
) -> Result<(), DbErr> {
    let (every, cron) = match &spec.timing {
        Timing::Every(span) => (i64::try_from(span.get().as_millis()).ok(), None),
        Timing::Cron(text) => (None, Some(text.clone())),
    };
    let row = row::ActiveModel {
        name: Set(spec.name.clone()),
        kind: Set(spec.kind.clone()),
        queue: Set(spec.queue.clone()),
        args: Set(spec.args.to_string()),
        every: Set(every),
        cron: Set(cron),
        timezone: Set(spec.timezone.clone()),
        catch_up: Set(spec.catch_up.as_str().to_owned()),
        enabled: Set(spec.enabled),
        next_at: Set(next_at.into()),
        ..Default::default()
    };
    Entity::insert(row)
        .on_conflict(on_conflict)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Moves a due schedule to its next time. Only one of those who try at the same time is told `true`.
pub(crate) async fn advance(
    tx: &impl ConnectionTrait,
    name: &str,
    due: Timestamp,
    next_at: Timestamp,
) -> Result<bool, DbErr> {
    let changed = execute(
        tx,
        "UPDATE job_schedule SET next_at = $1 WHERE name = $2 AND next_at = $3 AND enabled",
        [
            next_at.as_millisecond().into(),
            name.into(),
            due.as_millisecond().into(),
        ],
    )
    .await?;
    Ok(changed == 1)
}

/// Notes the newest job that was made for it.
pub(crate) async fn note(
    tx: &impl ConnectionTrait,
    name: &str,
    at: Timestamp,
    job_id: i64,
) -> Result<(), DbErr> {
    execute(
        tx,
        "UPDATE job_schedule SET last_at = $1, last_job_id = $2 WHERE name = $3",
        [at.as_millisecond().into(), job_id.into(), name.into()],
    )
    .await?;
    Ok(())
}

pub(crate) async fn disable(tx: &impl ConnectionTrait, name: &str) -> Result<(), DbErr> {
    let sql = "UPDATE job_schedule SET enabled = FALSE WHERE name = $1";
    execute(tx, sql, [name.into()]).await?;
    Ok(())
}

pub(crate) async fn delete(tx: &impl ConnectionTrait, name: &str) -> Result<bool, DbErr> {
    let deleted = Entity::delete_by_id(name).exec(tx).await?;
    Ok(deleted.rows_affected == 1)
}

impl From<row::Model> for Schedule {
    fn from(row: row::Model) -> Self {
        let timing = match (row.every, row.cron) {
            (Some(millis), _) => {
                Timing::Every(Span::from_millis(u64::try_from(millis).unwrap_or(0)))
            }
            (None, cron) => Timing::Cron(cron.unwrap_or_default()),
        };
        Self {
            spec: NewSchedule {
                name: row.name,
                kind: row.kind,
                queue: row.queue,
                args: serde_json::from_str(&row.args).unwrap_or(Json::Null),
                timing,
                timezone: row.timezone,
                catch_up: CatchUp::parse(&row.catch_up).unwrap_or(CatchUp::Once),
                enabled: row.enabled,
            },
            next_at: row.next_at.into(),
            last_at: row.last_at.map(Timestamp::from),
            last_job_id: row.last_job_id,
        }
    }
}
