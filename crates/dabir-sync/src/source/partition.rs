//! The values of a partition: written down, or asked of a table that another source fills.

use std::collections::BTreeSet;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

/// Where the values of a partition come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Partition {
    List(Vec<String>),
    /// One column of one synced table.
    Query(Select),
}

/// `SELECT [DISTINCT] column FROM table [WHERE column = value [AND …]] [ORDER BY column] [LIMIT n]`.
///
/// Nothing else is understood: what is asked of the database is put together from these parts, so
/// that no source can read what is not the sync's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Select {
    /// As it was written.
    pub sql: String,
    pub column: String,
    pub table: String,
    /// Column, comparison, value.
    pub conditions: Vec<(String, &'static str, String)>,
    pub order: Option<String>,
    pub limit: Option<u32>,
}

const COMPARISONS: [&str; 7] = ["=", "<>", "!=", "<=", ">=", "<", ">"];

impl Serialize for Partition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::List(values) => values.serialize(serializer),
            Self::Query(select) => json!({ "sql": select.sql }).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Partition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let refuse = || {
            D::Error::custom("write a list of texts, or `{ sql = \"SELECT code FROM campuses\" }`")
        };
        match Value::deserialize(deserializer)? {
            Value::Array(values) => {
                let texts: Option<Vec<String>> = values.iter().map(text).collect();
                let mut seen = BTreeSet::new();
                let once = |texts: Vec<String>| {
                    let texts = texts.into_iter();
                    texts.filter(|text| seen.insert(text.clone())).collect()
                };
                texts.map(once).map(Self::List).ok_or_else(refuse)
            }
            Value::Object(map) if map.len() == 1 => {
                let sql = map.get("sql").and_then(Value::as_str).ok_or_else(refuse)?;
                Select::parse(sql)
                    .map(Self::Query)
                    .map_err(D::Error::custom)
            }
            _ => Err(refuse()),
        }
    }
}

/// Codes are often written as numbers.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

impl Select {
    /// # Errors
    /// In words, when it is anything but the one form.
    pub fn parse(sql: &str) -> Result<Self, String> {
        let refuse = |at: &str| {
            format!(
                "`{}` is not understood at `{at}`; write `SELECT column FROM table WHERE column = 'value'`",
                dabir_core::text::one_line(sql)
            )
        };
        let mut tokens = Tokens(sql);
        Self::of(sql, &mut tokens).ok_or_else(|| refuse(tokens.0.trim()))
    }

    fn of(sql: &str, tokens: &mut Tokens<'_>) -> Option<Self> {
        tokens.word("SELECT").then_some(())?;
        tokens.word("DISTINCT");
        let column = tokens.name()?;
        tokens.word("FROM").then_some(())?;
        let table = tokens.name()?;
        let mut conditions = Vec::new();
        if tokens.word("WHERE") {
            conditions.push(tokens.condition()?);
            while tokens.word("AND") {
                conditions.push(tokens.condition()?);
            }
        }
        let mut order = None;
        if tokens.word("ORDER") {
            tokens.word("BY").then_some(())?;
            order = Some(tokens.name()?);
        }
        let mut limit = None;
        if tokens.word("LIMIT") {
            limit = Some(tokens.number()?.parse().ok()?);
        }
        tokens.0.trim().is_empty().then(|| Self {
            sql: sql.to_owned(),
            column,
            table,
            conditions,
            order,
            limit,
        })
    }
}

/// What is left of the text.
struct Tokens<'a>(&'a str);

impl Tokens<'_> {
    /// Takes this keyword, if it comes next.
    fn word(&mut self, word: &str) -> bool {
        let rest = self.0.trim_start();
        let is_it = rest
            .get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
            && !rest[word.len()..].starts_with(is_of_a_name);
        if is_it {
            self.0 = &rest[word.len()..];
        }
        is_it
    }

    fn name(&mut self) -> Option<String> {
        let rest = self.0.trim_start();
        if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"')?;
            self.0 = &quoted[end + 1..];
            return (end > 0).then(|| quoted[..end].to_owned());
        }
        let end = rest.find(|c| !is_of_a_name(c)).unwrap_or(rest.len());
        self.0 = &rest[end..];
        let is_name = end > 0 && !rest.starts_with(|c: char| c.is_ascii_digit());
        is_name.then(|| rest[..end].to_owned())
    }

    fn condition(&mut self) -> Option<(String, &'static str, String)> {
        let column = self.name()?;
        let rest = self.0.trim_start();
        let comparison = *COMPARISONS.iter().find(|word| rest.starts_with(**word))?;
        self.0 = &rest[comparison.len()..];
        Some((column, comparison, self.literal()?))
    }

    fn literal(&mut self) -> Option<String> {
        let rest = self.0.trim_start();
        let Some(quoted) = rest.strip_prefix('\'') else {
            return self.number();
        };
        let end = quoted.find('\'')?;
        self.0 = &quoted[end + 1..];
        Some(quoted[..end].to_owned())
    }

    fn number(&mut self) -> Option<String> {
        let rest = self.0.trim_start();
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        self.0 = &rest[end..];
        (end > 0 && !self.0.starts_with(is_of_a_name)).then(|| rest[..end].to_owned())
    }
}

fn is_of_a_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_of_question_is_understood() {
        let simple = Select::parse("SELECT code FROM campuses").unwrap();
        assert_eq!(
            (simple.column.as_str(), simple.table.as_str()),
            ("code", "campuses")
        );
        let all = Select::parse(
            "select distinct \"کد\" from campuses where active = 1 and kind <> 'old' order by code limit 50",
        )
        .unwrap();
        assert_eq!(all.column, "کد");
        assert_eq!(all.conditions[1], ("kind".into(), "<>", "old".into()));
        assert_eq!((all.order.as_deref(), all.limit), (Some("code"), Some(50)));
    }

    #[test]
    fn a_value_that_is_written_twice_counts_once() {
        let read: Partition = serde_json::from_value(json!(["1100", 1101, "1100"])).unwrap();
        assert_eq!(read, Partition::List(vec!["1100".into(), "1101".into()]));
    }

    #[test]
    fn every_other_one_is_refused() {
        for sql in [
            "",
            "DELETE FROM campuses",
            "SELECT * FROM campuses",
            "SELECT code FROM campuses; DROP TABLE campuses",
            "SELECT code FROM campuses -- x",
            "SELECT code, name FROM campuses",
            "SELECT code FROM campuses, accounts",
            "SELECT code FROM campuses UNION SELECT password FROM account",
            "SELECT code FROM (SELECT password AS code FROM account)",
            "SELECT load_extension('x') FROM campuses",
            "SELECT code FROM campuses WHERE 1 = 1 OR 1 = 1",
            "SELECT code FROM campuses WHERE code = (SELECT 1)",
            "SELECTcode FROM campuses",
            "SELECT code FROM main.account",
        ] {
            assert!(Select::parse(sql).is_err(), "{sql}");
        }
    }
}
