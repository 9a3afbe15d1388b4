//! Which client each person of the directory is, and how far the directory was followed.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr, Value};

use super::{ROWS, execute, insert, places, query, query_names};

/// How far a source was followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) rules: String,
    /// All changes before it are taken in, in milliseconds.
    pub(crate) done: i64,
    /// When the walk that goes on began.
    pub(crate) target: i64,
    /// The person that it has come to.
    pub(crate) person: String,
}

pub(crate) async fn place(db: &impl ConnectionTrait, source: &str) -> Result<Option<Row>, DbErr> {
    let sql = "SELECT rules, done, target, person FROM client_directory WHERE source = $1";
    let rows = query(db, sql, [source.into()]).await?;
    let row = rows.first().map(|row| {
        Ok(Row {
            rules: row.try_get("", "rules")?,
            done: row.try_get("", "done")?,
            target: row.try_get("", "target")?,
            person: row.try_get("", "person")?,
        })
    });
    row.transpose()
}

pub(crate) async fn keep_place(
    tx: &impl ConnectionTrait,
    source: &str,
    row: &Row,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO client_directory (source, rules, done, target, person) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (source) DO UPDATE SET \
               rules = excluded.rules, done = excluded.done, target = excluded.target, \
               person = excluded.person";
    let values: [Value; 5] = [
        source.into(),
        row.rules.as_str().into(),
        row.done.into(),
        row.target.into(),
        row.person.as_str().into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

/// As which clients these people are known.
pub(crate) async fn clients_of(
    db: &impl ConnectionTrait,
    source: &str,
    people: &[&str],
) -> Result<BTreeMap<String, String>, DbErr> {
    let mut known = BTreeMap::new();
    for chunk in people.chunks(ROWS) {
        let places = places(2, chunk.len());
        let sql = format!(
            "SELECT person, username FROM client_person WHERE source = $1 AND person IN ({places})"
        );
        let people = chunk.iter().map(|person| Value::from(*person));
        let values = std::iter::once(Value::from(source)).chain(people);
        for row in query(db, sql, values).await? {
            known.insert(row.try_get("", "person")?, row.try_get("", "username")?);
        }
    }
    Ok(known)
}

/// Of which people these clients are known.
pub(crate) async fn people_of(
    db: &impl ConnectionTrait,
    names: &[&str],
) -> Result<Vec<(String, String, String)>, DbErr> {
    let sql = "SELECT username, source, person FROM client_person WHERE username IN {names}";
    let rows = query_names(db, sql, names).await?;
    let one = |row: &sea_orm::QueryResult| {
        let text = |column| row.try_get("", column);
        Ok((text("username")?, text("source")?, text("person")?))
    };
    rows.iter().map(one).collect()
}

/// Keeps as which client each person is known; as none any more when `None`.
pub(crate) async fn keep(
    tx: &impl ConnectionTrait,
    source: &str,
    people: &BTreeMap<String, Option<String>>,
) -> Result<(), DbErr> {
    let rows = people.iter().filter_map(|(person, username)| {
        let username = username.as_deref()?;
        Some(vec![source.into(), person.as_str().into(), username.into()])
    });
    let into = "INSERT INTO client_person (source, person, username)";
    let after = "ON CONFLICT (source, person) DO UPDATE SET username = excluded.username";
    insert(tx, into, 3, rows.collect(), after).await?;
    let gone = people.iter().filter(|(_, username)| username.is_none());
    let gone: Vec<&String> = gone.map(|(person, _)| person).collect();
    for chunk in gone.chunks(ROWS) {
        let places = places(2, chunk.len());
        let sql = format!("DELETE FROM client_person WHERE source = $1 AND person IN ({places})");
        let people = chunk.iter().map(|person| Value::from(person.as_str()));
        execute(tx, sql, std::iter::once(Value::from(source)).chain(people)).await?;
    }
    Ok(())
}
