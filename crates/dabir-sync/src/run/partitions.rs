//! The partitions of a run: every combination of the lists, or what an earlier run left undone.

use std::collections::BTreeMap;

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, Value};

use super::cell::Cell;
use super::cursor::earlier;
use crate::columns::quoted;
use crate::model::{Counts, Status};
use crate::source::{Partition, Select, Source};
use crate::store::{cells, query, runs, table};

/// The most combinations of one source.
const MOST: usize = 100_000;

/// Every combination; in words when there is none to be asked for.
pub(crate) async fn all(
    db: &impl ConnectionTrait,
    source: &Source,
) -> Result<Result<Vec<Cell>, String>, DbErr> {
    let mut all = vec![BTreeMap::new()];
    for (name, partition) in &source.partitions {
        let values = match partition {
            Partition::List(values) => values.clone(),
            Partition::Query(select) => match ask(db, select).await? {
                Ok(values) => values,
                Err(why) => return Ok(Err(format!("partition `{name}`: {why}"))),
            },
        };
        if all.len().saturating_mul(values.len()) > MOST {
            return Ok(Err(format!("there are more than {MOST} partitions")));
        }
        all = all
            .iter()
            .flat_map(|one: &BTreeMap<String, String>| {
                values.iter().map(move |value| {
                    let mut one = one.clone();
                    one.insert(name.clone(), value.clone());
                    one
                })
            })
            .collect();
    }
    let cells = all.into_iter().enumerate();
    Ok(Ok(cells
        .map(|(n, values)| Cell::new(i32::try_from(n).unwrap_or(i32::MAX), values))
        .collect()))
}

/// Asks a synced table for the values of a partition.
async fn ask(
    db: &impl ConnectionTrait,
    select: &Select,
) -> Result<Result<Vec<String>, String>, DbErr> {
    let Some(name) = table::find(db, &select.table).await? else {
        return Ok(Err(format!(
            "no source has filled a table `{}`",
            select.table
        )));
    };
    let columns = table::columns(db, &name).await?;
    let column = |wanted: &str| {
        let found = columns
            .all
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(wanted));
        found
            .map(|column| format!("CAST({} AS TEXT)", quoted(&column.name)))
            .ok_or_else(|| format!("`{name}` has no column `{wanted}`"))
    };
    let (sql, values) = match sql(select, &name, &column) {
        Ok(built) => built,
        Err(why) => return Ok(Err(why)),
    };
    let rows = query(db, sql, values).await?;
    let found: Result<Vec<Option<String>>, DbErr> =
        rows.iter().map(|row| row.try_get_by_index(0)).collect();
    let values: Vec<String> = found?.into_iter().flatten().collect();
    if values.len() > MOST {
        return Ok(Err(format!("`{}` finds more than {MOST}", select.sql)));
    }
    if values.is_empty() {
        return Ok(Err(format!("`{}` finds nothing", select.sql)));
    }
    Ok(Ok(values))
}

fn sql(
    select: &Select,
    table: &str,
    column: &dyn Fn(&str) -> Result<String, String>,
) -> Result<(String, Vec<Value>), String> {
    let wanted = column(&select.column)?;
    let mut sql = format!(
        "SELECT {wanted} FROM {} WHERE _deleted_at IS NULL AND {wanted} <> ''",
        quoted(table)
    );
    let mut values = Vec::new();
    for (name, comparison, value) in &select.conditions {
        values.push(Value::from(value.as_str()));
        sql += &format!(" AND {} {comparison} ${}", column(name)?, values.len());
    }
    let order = column(select.order.as_deref().unwrap_or(&select.column))?;
    // One more than there may be, so that too many are not taken for all.
    let limit = select
        .limit
        .map_or(MOST + 1, |limit| (limit as usize).min(MOST + 1));
    sql += &format!(" GROUP BY {wanted} ORDER BY MIN({order}), {wanted} LIMIT {limit}");
    Ok((sql, values))
}

/// The cells that a run did not finish. What they have is kept when it is fresh and whole: rows of a
/// list that was read an hour ago have moved.
pub(crate) async fn unfinished(
    db: &impl ConnectionTrait,
    run_id: i64,
    shape: &str,
    now: Timestamp,
) -> Result<Vec<Cell>, DbErr> {
    let ended = runs::find(db, run_id)
        .await?
        .and_then(|run| run.finished_at);
    let goes_on = super::is_fresh(ended, now);
    let kept = cells::kept_pages(db, run_id).await?;
    let all = cells::of_run(db, run_id).await?;
    let left = all
        .into_iter()
        .filter(|cell| cell.status != Status::Success);
    Ok(left
        .map(|old| {
            let is_same = old.shape == shape;
            let mut cell = Cell {
                status: Status::Pending,
                counts: Counts::default(),
                error: None,
                ..old
            };
            if !is_same {
                cell.since = None;
            }
            if !is_same || !goes_on || !cell.is_kept(&kept) {
                cell.begin_anew();
            }
            cell
        })
        .collect())
}

/// What of a source says which rows come and on which pages. Cells and cursors of another shape are
/// of no use.
pub(crate) fn shape(source: &Source) -> String {
    let shown = source.masked();
    let request = shown.request.as_ref();
    let parts = serde_json::json!([
        shown.key,
        request.map(|request| (request.method, &request.url, &request.query)),
        shown.body,
        shown.records,
        shown.total,
        shown.page_size,
        shown.first_page,
        shown.incremental.as_ref().map(|i| (&i.field, &i.param)),
    ]);
    let digest = twox_hash::XxHash3_64::oneshot(parts.to_string().as_bytes());
    format!("{digest:016x}")
}

/// Has the cells asked from their newest known value on.
pub(crate) fn ask_since(cells: &mut [Cell], source: &Source, cursors: &BTreeMap<String, String>) {
    let Some(incremental) = &source.incremental else {
        return;
    };
    for cell in cells.iter_mut().filter(|cell| cell.since.is_none()) {
        let newest = cursors.get(&cell.label);
        cell.since = newest.map(|value| earlier(value, incremental.overlap));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_shape_is_what_decides_which_rows_come_where() {
        let shape_with = |name: &str, value: serde_json::Value| {
            let mut source = json!({
                "name": "s", "table": "t", "key": ["id"],
                "request": { "url": "https://h.example/?p={page}", "headers": { "X": "s3cret" } },
            });
            source[name] = value;
            shape(&serde_json::from_value(source).unwrap())
        };
        let same = shape_with("concurrency", json!(2));
        assert_eq!(shape_with("retries", json!(1)), same);
        for (name, value) in [
            ("page_size", json!(7)),
            ("key", json!(["id", "n"])),
            ("body", json!({ "a": 1 })),
            ("incremental", json!({ "field": "at", "param": "since" })),
        ] {
            assert_ne!(shape_with(name, value), same, "{name}");
        }
    }
}
