//! The rows of a synced table: which are known, writing those that are new or changed, and marking
//! those that are gone.

use std::collections::HashMap;

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use serde_json::{Map, Value as Json};

use super::{List, execute, in_list, is_postgres, list, query};
use crate::columns::{Column, Columns, Type, quoted};

/// What is known of a row.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) hash: i64,
    /// The partition that it belongs to; `None` when several have it.
    pub(crate) cell: Option<String>,
    /// Of several, the one whose values it has.
    pub(crate) owner: Option<String>,
    /// The run that wrote it.
    pub(crate) run: i64,
    pub(crate) is_gone: bool,
}

/// A row that is written.
pub(crate) struct Written {
    pub(crate) key: String,
    pub(crate) hash: i64,
    pub(crate) cell: Option<String>,
    pub(crate) search: Option<String>,
    /// One for each of [`Upsert::columns`].
    pub(crate) values: Vec<Value>,
}

/// Rows of one page on their way into the table.
pub(crate) struct Upsert<'a> {
    pub(crate) table: &'a str,
    /// The columns that the page has; others stay as they are.
    pub(crate) columns: &'a [&'a Column],
    pub(crate) run_id: i64,
    pub(crate) now: Timestamp,
}

/// Our own columns that are written, in this order.
const OWN: [&str; 6] = ["_key", "_hash", "_cell", "_run", "_updated_at", "_search"];
/// How many rows one statement of SQLite takes. Few sizes, so that its statements are prepared once.
const SIZES: [usize; 5] = [128, 32, 8, 2, 1];
/// How many parameters one statement of SQLite takes, a few left over.
const MOST_PARAMETERS: usize = 32_000;

/// What is known of the rows with these keys.
pub(crate) async fn known(
    db: &impl ConnectionTrait,
    table: &str,
    keys: &[&str],
) -> Result<HashMap<String, Known>, DbErr> {
    let postgres = is_postgres(db);
    let sql = format!(
        "SELECT _key, _hash, _cell, _deleted_at, _owner, _run FROM {} WHERE {}",
        quoted(table),
        in_list(postgres, "_key", 1)
    );
    let rows = query(db, sql, [list(postgres, keys).into()]).await?;
    rows.iter()
        .map(|row| {
            let deleted: Option<i64> = row.try_get_by_index(3)?;
            let known = Known {
                hash: row.try_get_by_index(1)?,
                cell: row.try_get_by_index(2)?,
                is_gone: deleted.is_some(),
                owner: row.try_get_by_index(4)?,
                run: row.try_get_by_index(5)?,
            };
            Ok((row.try_get_by_index(0)?, known))
        })
        .collect()
}

/// The rows with these keys as JSON, for people: what is null is left out.
pub(crate) async fn values(
    db: &impl ConnectionTrait,
    table: &str,
    columns: &Columns,
    keys: &[&str],
) -> Result<HashMap<String, Map<String, Json>>, DbErr> {
    let postgres = is_postgres(db);
    let sql = format!(
        "SELECT _key{} FROM {} WHERE {}",
        as_texts(columns),
        quoted(table),
        in_list(postgres, "_key", 1)
    );
    let rows = query(db, sql, [list(postgres, keys).into()]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, object(row, 1, columns)?)))
        .collect()
}

/// Every column as a text: a plan that was kept does not mind when the column widens.
pub(crate) fn as_texts(columns: &Columns) -> String {
    let texts = columns
        .all
        .iter()
        .map(|column| format!(", CAST({} AS TEXT)", quoted(&column.name)));
    texts.collect()
}

/// The columns that [`as_texts`] asked for, from the `first` one on.
pub(crate) fn object(
    row: &QueryResult,
    first: usize,
    columns: &Columns,
) -> Result<Map<String, Json>, DbErr> {
    let mut object = Map::new();
    for (n, column) in columns.all.iter().enumerate() {
        let Some(text) = row.try_get_by_index::<Option<String>>(first + n)? else {
            continue;
        };
        object.insert(column.name.clone(), json(text, column.kind));
    }
    Ok(object)
}

fn json(text: String, kind: Type) -> Json {
    let number = match kind {
        Type::Integer => text.parse::<i64>().ok().map(Json::from),
        Type::Real => text.parse::<f64>().ok().map(Json::from),
        Type::Text => None,
    };
    number.unwrap_or(Json::String(text))
}

impl Upsert<'_> {
    /// Writes the rows; those that were gone are back.
    pub(crate) async fn write(
        &self,
        tx: &impl ConnectionTrait,
        mut rows: impl ExactSizeIterator<Item = Written>,
    ) -> Result<(), DbErr> {
        if rows.len() == 0 {
            return Ok(());
        }
        if is_postgres(tx) {
            return self.write_lists(tx, &rows.collect::<Vec<_>>()).await;
        }
        let mut next = self.next(&mut rows);
        while let Some((sql, values)) = next {
            // While SQLite writes some, on a thread of its own, the next are made ready.
            let (written, then) =
                tokio::join!(execute(tx, sql, values), async { self.next(&mut rows) });
            written?;
            next = then;
        }
        Ok(())
    }

    /// The next rows, as many as one statement takes.
    fn next(
        &self,
        rows: &mut impl ExactSizeIterator<Item = Written>,
    ) -> Option<(String, Vec<Value>)> {
        let width = OWN.len() + self.columns.len();
        let most = rows.len().min(MOST_PARAMETERS / width);
        let size = SIZES.into_iter().find(|size| *size <= most)?;
        let mut values = Vec::with_capacity(size * width);
        for row in rows.by_ref().take(size) {
            values.extend(self.bound(row));
        }
        Some((self.many_sql(size), values))
    }

    fn bound(&self, row: Written) -> impl Iterator<Item = Value> {
        let own: [Value; 6] = [
            row.key.into(),
            row.hash.into(),
            row.cell.into(),
            self.run_id.into(),
            self.now.as_millisecond().into(),
            row.search.into(),
        ];
        own.into_iter().chain(row.values)
    }

    fn names(&self) -> Vec<String> {
        let own = OWN.iter().map(|name| (*name).to_owned());
        own.chain(self.columns.iter().map(|column| quoted(&column.name)))
            .collect()
    }

    fn many_sql(&self, rows: usize) -> String {
        let width = OWN.len() + self.columns.len();
        let one = format!("({})", vec!["?"; width].join(", "));
        let places = vec![one; rows].join(", ");
        self.sql(&format!("VALUES {places}"))
    }

    fn sql(&self, rows: &str) -> String {
        let names = self.names();
        let sets: Vec<String> = names[1..]
            .iter()
            .map(|name| format!("{name} = excluded.{name}"))
            .collect();
        format!(
            "INSERT INTO {} ({}) {rows} ON CONFLICT (_key) DO UPDATE SET {}, _deleted_at = NULL",
            quoted(self.table),
            names.join(", "),
            sets.join(", ")
        )
    }

    /// A list a column: PostgreSQL reads them faster than as many parameters as there are values.
    async fn write_lists(&self, tx: &impl ConnectionTrait, rows: &[Written]) -> Result<(), DbErr> {
        let mut lists: Vec<String> = self.own_lists(rows);
        for n in 0..self.columns.len() {
            let mut list = List::default();
            for row in rows {
                match &row.values[n] {
                    Value::BigInt(number) => list.bare(*number),
                    Value::Double(number) => list.bare(*number),
                    Value::String(text) => list.text(text.as_deref()),
                    _ => list.bare(None::<i64>),
                }
            }
            lists.push(list.end());
        }
        let own = ["text", "bigint", "text", "bigint", "bigint", "text"];
        let kinds = own.into_iter().map(str::to_lowercase).chain(
            self.columns
                .iter()
                .map(|column| column.kind.postgres().to_lowercase()),
        );
        let lists_sql: Vec<String> = kinds
            .enumerate()
            .map(|(n, kind)| format!("${}::text::{kind}[]", n + 1))
            .collect();
        let sql = self.sql(&format!("SELECT * FROM UNNEST({})", lists_sql.join(", ")));
        let values: Vec<Value> = lists.into_iter().map(Value::from).collect();
        execute(tx, sql, values).await?;
        Ok(())
    }

    fn own_lists(&self, rows: &[Written]) -> Vec<String> {
        let mut lists: [List; 6] = Default::default();
        for row in rows {
            lists[0].text(Some(&row.key));
            lists[1].bare(Some(row.hash));
            lists[2].text(row.cell.as_deref());
            lists[3].bare(Some(self.run_id));
            lists[4].bare(Some(self.now.as_millisecond()));
            lists[5].text(row.search.as_deref());
        }
        lists.into_iter().map(List::end).collect()
    }
}

/// Notes that these rows belong to several partitions; their values are those of the first one.
pub(crate) async fn share(
    tx: &impl ConnectionTrait,
    table: &str,
    keys: &[&str],
) -> Result<(), DbErr> {
    let set = "_owner = COALESCE(_cell, _owner), _cell = NULL";
    update(tx, table, set, keys, None).await
}

/// Notes whose values these rows have, which belong to several partitions.
pub(crate) async fn own(
    tx: &impl ConnectionTrait,
    table: &str,
    label: &str,
    keys: &[&str],
) -> Result<(), DbErr> {
    update(tx, table, "_owner = $2", keys, Some(label.into())).await
}

/// Sets something in the rows with these keys; the value is `$2`.
async fn update(
    tx: &impl ConnectionTrait,
    table: &str,
    set: &str,
    keys: &[&str],
    value: Option<Value>,
) -> Result<(), DbErr> {
    if keys.is_empty() {
        return Ok(());
    }
    let postgres = is_postgres(tx);
    let sql = format!(
        "UPDATE {} SET {set} WHERE {}",
        quoted(table),
        in_list(postgres, "_key", 1)
    );
    let keys = Value::from(list(postgres, keys));
    execute(tx, sql, [keys].into_iter().chain(value)).await?;
    Ok(())
}

/// Hands a row over to the one partition that still has it.
pub(crate) async fn hand_over(
    tx: &impl ConnectionTrait,
    table: &str,
    label: &str,
    key: &str,
) -> Result<(), DbErr> {
    let sql = format!(
        "UPDATE {} SET _cell = $1, _owner = NULL WHERE _key = $2",
        quoted(table)
    );
    execute(tx, sql, [label.into(), key.into()]).await?;
    Ok(())
}

/// How many rows of each partition a run has marked as gone.
pub(crate) async fn marked_by(
    db: &impl ConnectionTrait,
    table: &str,
    run_id: i64,
) -> Result<Vec<(Option<String>, u64)>, DbErr> {
    let sql = format!(
        "SELECT _cell, COUNT(*) AS n FROM {} WHERE _deleted_at IS NOT NULL AND _run = $1 \
         GROUP BY _cell",
        quoted(table)
    );
    let rows = query(db, sql, [run_id.into()]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, super::count(row, "n")?)))
        .collect()
}

/// The keys and partitions of rows that are not gone, in the order of the keys, after `after`.
pub(crate) async fn walk(
    db: &impl ConnectionTrait,
    table: &str,
    after: &str,
    limit: u64,
) -> Result<Vec<(String, Option<String>)>, DbErr> {
    let sql = format!(
        "SELECT _key, _cell FROM {} WHERE _key > $1 AND _deleted_at IS NULL \
         ORDER BY _key LIMIT {limit}",
        quoted(table)
    );
    let rows = query(db, sql, [after.into()]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}

/// Whether a row was written or marked as gone after `at`.
pub(crate) async fn changed_since(
    db: &impl ConnectionTrait,
    table: &str,
    key: &str,
    at: Timestamp,
) -> Result<bool, DbErr> {
    let sql = format!(
        "SELECT 1 FROM {} WHERE _key = $1 AND (_updated_at > $2 OR _deleted_at > $2)",
        quoted(table)
    );
    let values = [key.into(), at.as_millisecond().into()];
    Ok(!query(db, &sql, values).await?.is_empty())
}

/// Marks these rows as gone at the source.
pub(crate) async fn mark_gone(
    tx: &impl ConnectionTrait,
    table: &str,
    keys: &[&str],
    run_id: i64,
    now: Timestamp,
) -> Result<u64, DbErr> {
    let postgres = is_postgres(tx);
    let sql = format!(
        "UPDATE {} SET _deleted_at = $2, _run = $3 WHERE _deleted_at IS NULL AND {}",
        quoted(table),
        in_list(postgres, "_key", 1)
    );
    let values = [
        list(postgres, keys).into(),
        now.as_millisecond().into(),
        run_id.into(),
    ];
    execute(tx, sql, values).await
}
