//! The partitions of a run: every combination of the lists, or what an earlier run left undone.

use std::collections::BTreeMap;

use dabir_core::{Span, Timestamp};
use jiff::civil::DateTime;
use sea_orm::{ConnectionTrait, DbErr, Value};

use super::cell::Cell;
use crate::columns::quoted;
use crate::model::Status;
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
    let mut values: Vec<String> = Vec::new();
    for value in found?.into_iter().flatten() {
        if !value.is_empty() && !values.contains(&value) {
            values.push(value);
        }
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
        "SELECT {wanted} FROM {} WHERE _deleted_at IS NULL",
        quoted(table)
    );
    let mut values = Vec::new();
    for (name, comparison, value) in &select.conditions {
        values.push(Value::from(value.as_str()));
        sql += &format!(" AND {} {comparison} ${}", column(name)?, values.len());
    }
    let order = select.order.as_deref().unwrap_or(&select.column);
    let limit = select
        .limit
        .map_or(MOST, |limit| (limit as usize).min(MOST));
    sql += &format!(" ORDER BY {} LIMIT {limit}", column(order)?);
    Ok((sql, values))
}

/// The cells that a run did not finish. What they have is kept when it is fresh: rows of a list that
/// was read an hour ago have moved.
pub(crate) async fn unfinished(
    db: &impl ConnectionTrait,
    run_id: i64,
    now: Timestamp,
) -> Result<Vec<Cell>, DbErr> {
    let ended = runs::find(db, run_id)
        .await?
        .and_then(|run| run.finished_at);
    let goes_on = super::is_fresh(ended, now);
    let all = cells::of_run(db, run_id).await?;
    let left = all
        .into_iter()
        .filter(|cell| cell.status != Status::Success);
    Ok(left
        .map(|old| {
            let mut cell = Cell::new(old.position, old.values);
            cell.since = old.since;
            if goes_on {
                cell.next_page = old.next_page;
                cell.total = old.total;
                cell.page_rows = old.page_rows;
                cell.served = old.served;
                cell.cursor = old.cursor;
            }
            cell
        })
        .collect())
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

/// A time a little earlier, written as it was; whatever is no time stays as it is.
fn earlier(value: &str, by: Span) -> String {
    let by = by.get();
    if let Ok(at) = value.parse::<Timestamp>() {
        return at
            .saturating_sub(by)
            .map_or_else(|_| value.to_owned(), |at| at.to_string());
    }
    for form in [
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S",
        "%Y/%m/%d %H:%M:%S",
    ] {
        // Jalali years are years too, whose months this calendar does not know: they stay.
        if let Ok(at) = DateTime::strptime(form, value)
            && at.year() > 1900
        {
            return at.saturating_sub(by).strftime(form).to_string();
        }
    }
    value.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_asked_for_a_little_earlier_in_its_own_form() {
        let by = Span::from_secs(600);
        for (value, earlier_one) in [
            ("2026-11-21T00:05:00Z", "2026-11-20T23:55:00Z"),
            ("2026-11-21 00:05:00", "2026-11-20 23:55:00"),
            ("2026-11-21T00:05:00", "2026-11-20T23:55:00"),
            ("1405/08/30 00:05:00", "1405/08/30 00:05:00"),
            ("4711", "4711"),
            ("x", "x"),
        ] {
            assert_eq!(earlier(value, by), earlier_one);
        }
    }
}
