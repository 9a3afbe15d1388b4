//! A statement that is written piece by piece, with its values.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use serde::de::DeserializeOwned;

use crate::sql;

/// A statement whose conditions depend on what is asked for.
#[derive(Debug, Default)]
pub struct Question {
    pub sql: String,
    values: Vec<Value>,
}

impl Question {
    /// One that begins so.
    pub fn new(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            values: Vec::new(),
        }
    }

    /// The place of a value.
    pub fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// The places of values, with commas between; empty without any.
    pub fn values(&mut self, values: impl IntoIterator<Item = Value>) -> String {
        let first = self.values.len() + 1;
        self.values.extend(values);
        sql::places(first, self.values.len() + 1 - first)
    }

    /// Adds a condition.
    pub fn and(&mut self, condition: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
    }

    /// The condition that every word stands in `column`, in one of its spellings; `None` without words.
    pub fn words(&mut self, column: &str, words: &[Vec<String>]) -> Option<String> {
        let mut conditions = Vec::new();
        for spellings in words {
            let ways = spellings.iter().map(|spelling| {
                let pattern = self.value(containing(spelling));
                format!("{column} LIKE {pattern} ESCAPE '!'")
            });
            let ways: Vec<String> = ways.collect();
            if !ways.is_empty() {
                conditions.push(format!("({})", ways.join(" OR ")));
            }
        }
        (!conditions.is_empty()).then(|| conditions.join(" AND "))
    }

    /// Asks it, which begins with `FROM`, for these columns, and has all rows come as one JSON text, in
    /// their order: a row is read as the list of its columns. With a value a column, as [`Question::ask`]
    /// has them, sqlx takes longer to bring long rows than SQLite to find them. Columns are plain names,
    /// at most 100, and have no bytes in them.
    ///
    /// # Errors
    /// When the database does not answer, or rows are no `T`.
    pub async fn rows<T: DeserializeOwned>(
        self,
        db: &impl ConnectionTrait,
        columns: &str,
    ) -> Result<Vec<T>, DbErr> {
        let list = match sql::is_postgres(db) {
            true => format!("COALESCE(json_agg(json_build_array({columns})), '[]')::text"),
            false => format!("json_group_array(json_array({columns}))"),
        };
        let from = &self.sql;
        let sql = format!("SELECT {list} AS found FROM (SELECT {columns} {from}) AS rows_found");
        let found = sql::query(db, sql, self.values).await?;
        found
            .first()
            .map_or(Ok(Vec::new()), |row| sql::json(row, "found"))
    }

    /// Asks it.
    ///
    /// # Errors
    /// When the database does not answer, or not to this.
    pub async fn ask(self, db: &impl ConnectionTrait) -> Result<Vec<QueryResult>, DbErr> {
        sql::query(db, self.sql, self.values).await
    }
}

/// The pattern of whatever has `text` in it; what patterns use as signs stands for itself behind a `!`.
/// PostgreSQL takes no NUL and keeps none: a sign that nobody writes stands for it.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.replace('\0', "\u{fffd}").chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern + "%"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_there_in_one_of_its_spellings_and_signs_are_themselves() {
        let mut question = Question::new("SELECT 1 WHERE TRUE");
        let after = question.value(7);
        question.and(&format!("id > {after}"));
        let words = [
            vec!["می‌روم".to_owned(), "می روم".to_owned()],
            vec!["5%_!".to_owned()],
        ];
        let condition = question.words("title", &words).unwrap_or_default();
        assert_eq!(
            condition,
            "(title LIKE $2 ESCAPE '!' OR title LIKE $3 ESCAPE '!') AND (title LIKE $4 ESCAPE '!')"
        );
        assert_eq!(question.values.last(), Some(&Value::from("%5!%!_!!%")));
        assert_eq!(containing("a\0b"), "%a\u{fffd}b%");
        assert_eq!(question.words("title", &[]), None);
        assert_eq!(question.sql, "SELECT 1 WHERE TRUE AND id > $1");
    }
}
