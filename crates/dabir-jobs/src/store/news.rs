//! Whether anything happened to jobs, in whatever process: asked often, and so answered from the ends
//! of indexes and a table of few rows.

use sea_orm::{ConnectionTrait, DbErr};

use super::query;

/// Other numbers than before mean that something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct News {
    /// Grows with each job that is made.
    job: Option<i64>,
    /// Grows with each order of a person.
    order: Option<i64>,
    /// Grow with each round in which a worker claims or ends jobs, and each second while it has some.
    workers: i64,
    beats: i64,
}

pub(crate) async fn look(db: &impl ConnectionTrait) -> Result<News, DbErr> {
    let sql = "SELECT (SELECT MAX(id) FROM job) AS job, (SELECT MAX(seq) FROM audit) AS last_order, \
               COUNT(*) AS workers, CAST(COALESCE(SUM(beats), 0) AS BIGINT) AS beats FROM job_worker";
    let rows = query(db, sql, []).await?;
    let row = rows
        .first()
        .ok_or_else(|| DbErr::RecordNotFound("a count of workers".to_owned()))?;
    Ok(News {
        job: row.try_get("", "job")?,
        order: row.try_get("", "last_order")?,
        workers: row.try_get("", "workers")?,
        beats: row.try_get("", "beats")?,
    })
}
