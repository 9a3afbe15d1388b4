//! The index in SQL.
//!
//! SQLite keeps the terms in a table of FTS5 beside the entries; its rowid is the entry's stand, the
//! order in which it reads anyway. PostgreSQL keeps them in a column of the entry.

use dabir_core::Timestamp;
use dabir_db::{Db, Ts, sql};
use dabir_text::LOOKED_AT;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult};

use crate::language::Question;

/// An entry as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) updated_at: Timestamp,
    pub(crate) fingerprint: String,
    pub(crate) title: String,
    pub(crate) body: String,
}

/// What is kept of an entry already.
pub(crate) struct Known {
    pub(crate) stand: i64,
    pub(crate) updated_at: Timestamp,
    pub(crate) fingerprint: String,
}

/// An entry that was found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) stand: i64,
    pub(crate) kind: String,
    pub(crate) id: String,
}

/// What is shown of an entry, with as much of its text as is looked through.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) updated_at: Timestamp,
    pub(crate) title: String,
    pub(crate) body: String,
}

pub(crate) async fn find(
    db: &impl ConnectionTrait,
    kind: &str,
    id: &str,
) -> Result<Option<Known>, DbErr> {
    let rows = sql::query(
        db,
        "SELECT stand, updated_at, fingerprint FROM search_entry WHERE kind = $1 AND id = $2",
        [kind.into(), id.into()],
    )
    .await?;
    let known = |row: &QueryResult| {
        Ok(Known {
            stand: row.try_get("", "stand")?,
            updated_at: sql::time(row, "updated_at")?,
            fingerprint: row.try_get("", "fingerprint")?,
        })
    };
    rows.first().map(known).transpose()
}

/// Whether nothing stands there.
pub(crate) async fn is_free(tx: &DatabaseTransaction, stand: i64) -> Result<bool, DbErr> {
    let sql = "SELECT 1 FROM search_entry WHERE stand = $1";
    let rows = sql::query(tx, sql, [stand.into()]).await?;
    Ok(rows.is_empty())
}

/// Writes an entry and its terms in the place of what was known of it.
pub(crate) async fn save(
    tx: &DatabaseTransaction,
    known: Option<i64>,
    stand: i64,
    row: Row,
    terms: String,
) -> Result<(), DbErr> {
    let is_postgres = sql::is_postgres(tx);
    if let Some(known) = known.filter(|_| !is_postgres) {
        forget(tx, known).await?;
    }
    let (column, place, update) = if is_postgres {
        (
            ", terms",
            ", $8::text::tsvector",
            ", terms = excluded.terms",
        )
    } else {
        ("", "", "")
    };
    let save = format!(
        "INSERT INTO search_entry (stand, kind, id, updated_at, fingerprint, title, body{column}) \
         VALUES ($1, $2, $3, $4, $5, $6, $7{place}) ON CONFLICT (kind, id) DO UPDATE SET \
         stand = excluded.stand, updated_at = excluded.updated_at, fingerprint = excluded.fingerprint, \
         title = excluded.title, body = excluded.body{update}"
    );
    let mut values = vec![
        stand.into(),
        row.kind.into(),
        row.id.into(),
        Ts::from(row.updated_at).0.into(),
        row.fingerprint.into(),
        row.title.into(),
        row.body.into(),
    ];
    if is_postgres {
        values.push(terms.into());
        sql::execute(tx, save, values).await?;
        return Ok(());
    }
    sql::execute(tx, save, values).await?;
    let index = "INSERT INTO search_index (rowid, terms) VALUES ($1, $2)";
    sql::execute(tx, index, [stand.into(), terms.into()]).await?;
    Ok(())
}

/// Takes an entry out of the index.
pub(crate) async fn remove(tx: &DatabaseTransaction, kind: &str, id: &str) -> Result<(), DbErr> {
    if !sql::is_postgres(tx)
        && let Some(known) = find(tx, kind, id).await?
    {
        forget(tx, known.stand).await?;
    }
    let sql = "DELETE FROM search_entry WHERE kind = $1 AND id = $2";
    sql::execute(tx, sql, [kind.into(), id.into()]).await?;
    Ok(())
}

/// Takes the terms out of SQLite's index.
async fn forget(tx: &DatabaseTransaction, stand: i64) -> Result<(), DbErr> {
    let sql = "DELETE FROM search_index WHERE rowid = $1";
    sql::execute(tx, sql, [stand.into()]).await?;
    Ok(())
}

/// Somebody who asks several questions of the same state of the index.
pub(crate) enum Asking {
    Sqlite(Db),
    Postgres(DatabaseTransaction),
}

/// The newest entries for which the question holds, of those that stand before a place.
const FIND_SQLITE: &str = "SELECT e.stand, e.kind, e.id FROM search_index CROSS JOIN search_entry e ON e.stand = search_index.rowid \
    WHERE search_index MATCH $1 AND search_index.rowid < $2 ORDER BY search_index.rowid DESC LIMIT $3";
/// As [`FIND_SQLITE`]. The sum keeps PostgreSQL from walking along the order and reading the terms of
/// every entry on its way.
const FIND_POSTGRES: &str = "SELECT stand, kind, id FROM search_entry WHERE terms @@ $1::text::tsquery AND stand + 0 < $2 \
    ORDER BY stand + 0 DESC LIMIT $3";
/// All questions see the same, and none of them reads through the table: PostgreSQL does not know how
/// long it takes to unpack the terms of a row.
const POSTGRES: &str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; \
    SET LOCAL enable_seqscan = off";

impl Asking {
    pub(crate) async fn begin(db: &Db) -> Result<Self, DbErr> {
        if !sql::is_postgres(db.read()) {
            return Ok(Self::Sqlite(db.clone()));
        }
        let tx = db.write().await?;
        tx.execute_unprepared(POSTGRES).await?;
        Ok(Self::Postgres(tx))
    }

    pub(crate) async fn ask(
        &self,
        question: &Question,
        before: i64,
        limit: u32,
    ) -> Result<Vec<Found>, DbErr> {
        let values = |text: String| [text.into(), before.into(), i64::from(limit).into()];
        let rows = match self {
            Self::Sqlite(db) => sql::query(db.read(), FIND_SQLITE, values(question.fts5())).await,
            Self::Postgres(tx) => sql::query(tx, FIND_POSTGRES, values(question.tsquery())).await,
        };
        rows?.iter().map(found).collect()
    }

    pub(crate) async fn end(self) -> Result<(), DbErr> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

fn found(row: &QueryResult) -> Result<Found, DbErr> {
    Ok(Found {
        stand: row.try_get("", "stand")?,
        kind: row.try_get("", "kind")?,
        id: row.try_get("", "id")?,
    })
}

/// What is shown of these now: of those that are gone, nothing.
pub(crate) async fn shown(
    db: &impl ConnectionTrait,
    found: &[&Found],
) -> Result<Vec<Shown>, DbErr> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (0..found.len())
        .map(|n| format!("(${}, ${})", 2 * n + 2, 2 * n + 3))
        .collect();
    let sql = format!(
        "SELECT kind, id, updated_at, title, substr(body, 1, $1) AS body FROM search_entry \
         WHERE (kind, id) IN (VALUES {})",
        places.join(", ")
    );
    let letters = i32::try_from(LOOKED_AT / 2).unwrap_or(i32::MAX);
    let names = found.iter().flat_map(|found| [&found.kind, &found.id]);
    let values = std::iter::once(letters.into()).chain(names.map(|name| name.as_str().into()));
    let rows = sql::query(db, sql, values).await?;
    let shown = |row: &QueryResult| {
        Ok(Shown {
            kind: row.try_get("", "kind")?,
            id: row.try_get("", "id")?,
            updated_at: sql::time(row, "updated_at")?,
            title: row.try_get("", "title")?,
            body: row.try_get("", "body")?,
        })
    };
    rows.iter().map(shown).collect()
}
