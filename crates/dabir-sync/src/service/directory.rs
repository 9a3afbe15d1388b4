//! The university's people, as the sources `faculty` and `students` brought them.

use dabir_core::{Page, Timestamp, names};
use dabir_db::Question;
use sea_orm::{DbErr, QueryResult};
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::Syncs;
use crate::columns::{Columns, quoted};
use crate::error::SyncError;
use crate::model::Change;
use crate::store::{findings, query, rows, table};

/// Whom to look for.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// Parts of names or numbers, each of which has to be there, however they are spelt.
    pub search: Option<String>,
    /// Also those who are gone at the source.
    pub gone: bool,
    /// The key of the last one of the page before.
    pub after: Option<String>,
    /// Only those who came, changed or went after this.
    pub since: Option<Timestamp>,
}

/// One person of a directory.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = DirectoryPerson)]
pub struct Person {
    /// The value of the source's key.
    pub key: String,
    /// What the source says of them, by column; what is empty is left out.
    #[schema(value_type = Object)]
    pub fields: serde_json::Map<String, Json>,
    /// The partition that they belong to; `null` when several have them.
    pub partition: Option<String>,
    pub updated_at: Timestamp,
    /// Since when they are gone at the source.
    pub gone_at: Option<Timestamp>,
}

/// How much may be looked for at once.
const MAX_SEARCH: usize = 200;
const MAX_WORDS: usize = 8;
/// How many differences of a person are shown.
const HISTORY: u64 = 200;

impl Syncs {
    /// People of a source, by their keys.
    ///
    /// # Errors
    /// When there is no such source, or too much is looked for at once.
    pub async fn people(
        &self,
        source: &str,
        which: &People,
        limit: u32,
    ) -> Result<Page<Person>, SyncError> {
        let search = which.search.as_deref().unwrap_or_default();
        let words = search.split_whitespace().count();
        let after = which.after.as_deref().unwrap_or_default();
        // PostgreSQL does not take one in a question.
        for (field, text) in [("search", search), ("cursor", after)] {
            if text.contains('\0') {
                return Err(SyncError::invalid(field, "NUL is no letter"));
            }
        }
        if search.chars().count() > MAX_SEARCH || words > MAX_WORDS {
            let why = format!("write at most {MAX_WORDS} words and {MAX_SEARCH} letters");
            return Err(SyncError::invalid("search", why));
        }
        let Some(name) = self.directory_table(source).await? else {
            return Ok(Page::cut(Vec::new(), limit, |_: &Person| String::new()));
        };
        let columns = table::columns(self.db().read(), &name).await?;
        let question = question(&name, &columns, which, limit);
        let rows = question.ask(self.db().read()).await?;
        let people: Result<Vec<Person>, DbErr> =
            rows.iter().map(|row| person(row, &columns)).collect();
        Ok(Page::cut(people?, limit, |person| person.key.clone()))
    }

    /// One person of a source, and what changed about them as far as runs kept it, the newest first.
    ///
    /// # Errors
    /// When there is no such person.
    pub async fn person(
        &self,
        source: &str,
        key: &str,
    ) -> Result<(Person, Vec<Change>), SyncError> {
        let nobody = SyncError::NotFound("person");
        if key.contains('\0') {
            return Err(nobody);
        }
        let Some(name) = self.directory_table(source).await? else {
            return Err(nobody);
        };
        let db = self.db().read();
        let columns = table::columns(db, &name).await?;
        let sql = format!("{} WHERE _key = $1", select(&name, &columns));
        let rows = query(db, sql, [key.into()]).await?;
        let row = rows.first().ok_or(nobody)?;
        let history = findings::changes_of_row(db, source, key, HISTORY).await?;
        Ok((person(row, &columns)?, history))
    }

    /// The table of a source, when it was ever synced.
    async fn directory_table(&self, source: &str) -> Result<Option<String>, SyncError> {
        let name = match self.source(source).await {
            Ok(found) => found.source.table,
            Err(SyncError::Sealed(_)) => self.get_source(source).await?.source.table,
            Err(error) => return Err(error),
        };
        let owner = table::owner(self.db().read(), &name).await?;
        Ok((owner.as_deref() == Some(source)).then_some(name))
    }
}

fn select(table: &str, columns: &Columns) -> String {
    format!(
        "SELECT _key, _cell, _updated_at, _deleted_at{} FROM {}",
        rows::as_texts(columns),
        quoted(table)
    )
}

fn question(table: &str, columns: &Columns, which: &People, limit: u32) -> Question {
    let mut question = Question::new(select(table, columns));
    let after = question.value(which.after.clone().unwrap_or_default());
    question.sql += &format!(" WHERE _key > {after}");
    if !which.gone {
        question.and("_deleted_at IS NULL");
    }
    if let Some(since) = which.since {
        let at = question.value(since.as_millisecond());
        question.and(&format!("(_updated_at > {at} OR _deleted_at > {at})"));
    }
    let words = which.search.as_deref().unwrap_or_default();
    let words: Vec<_> = words.split_whitespace().map(names::needles).collect();
    if let Some(found) = question.words("_search", &words) {
        question.and(&found);
    }
    question.sql += &format!(" ORDER BY _key LIMIT {}", u64::from(limit) + 1);
    question
}

fn person(row: &QueryResult, columns: &Columns) -> Result<Person, DbErr> {
    let updated: i64 = row.try_get_by_index(2)?;
    let gone: Option<i64> = row.try_get_by_index(3)?;
    Ok(Person {
        key: row.try_get_by_index(0)?,
        partition: row.try_get_by_index(1)?,
        updated_at: dabir_db::Ts(updated).into(),
        gone_at: gone.map(|at| dabir_db::Ts(at).into()),
        fields: rows::object(row, 4, columns)?,
    })
}
