//! Who says what a setting is: the built-in default, then `dabir.toml`, then the environment, then
//! what was changed here. Nothing else puts them together.

use std::collections::BTreeMap;
use std::path::Path;

use dabir_core::setting::{Change, Setting};
use toml::{Table, Value};

use super::model::Source;
use crate::config::{Config, ConfigError, sections};

/// What was changed here: a key, and its value.
pub(crate) type Here = BTreeMap<String, Value>;

/// What default, file and environment say. It holds secrets, so it has no `Debug`.
#[derive(Clone)]
pub(crate) struct Layers {
    /// The file's name as messages show it, and its text; both empty when there is none.
    name: String,
    text: String,
    file: Table,
    environment: Table,
    /// The environment's keys, and the variables that say them.
    variables: Vec<(String, String)>,
    /// All of it, the stronger over the weaker.
    beneath: Table,
}

/// Variables of ours that are no settings.
const NO_SETTINGS: [&str; 4] = [
    "DABIR_URL",
    "DABIR_TOKEN",
    "DABIR_CONFIG",
    "DABIR_ROOM_NONCE",
];

impl Layers {
    /// Reads the file's `text`, then the environment, then what the command line says.
    ///
    /// # Errors
    /// For whatever has not the right type, with the place where it stands.
    pub(crate) fn read(
        name: &str,
        text: String,
        environment: impl Iterator<Item = (String, String)>,
        data_dir: Option<&Path>,
    ) -> Result<Self, ConfigError> {
        let mut layers = Self {
            file: parse(&text, name)?,
            name: name.to_owned(),
            text,
            environment: Table::new(),
            variables: Vec::new(),
            beneath: defaults(),
        };
        let mut environment: Vec<(String, String)> = environment.collect();
        // The more a name says, the later it comes: `LIMITS__AUTH__BURST` after `LIMITS__AUTH`.
        environment.sort();
        for (name, text) in environment {
            layers.take_variable(&name, &text)?;
        }
        if let Some(dir) = data_dir {
            let dir = Value::String(dir.display().to_string());
            insert(&mut layers.environment, "data_dir", dir);
            let said = ("data_dir".to_owned(), "--data-dir".to_owned());
            layers.variables.push(said);
        }
        lay_over(&mut layers.beneath, &layers.file);
        lay_over(&mut layers.beneath, &layers.environment);
        Ok(layers)
    }

    fn take_variable(&mut self, name: &str, text: &str) -> Result<(), ConfigError> {
        let is_none = NO_SETTINGS.contains(&name) || name.starts_with("DABIR_TEST_");
        let Some(path) = name.strip_prefix("DABIR_").filter(|_| !is_none) else {
            return Ok(());
        };
        let key = path.to_lowercase().replace("__", ".");
        // A setting is a text or a TOML value, whichever of the two is allowed there.
        let candidates = [toml_value(text), Some(Value::String(text.to_owned()))];
        let mut refusal = String::new();
        for value in candidates.into_iter().flatten() {
            match typed(&key, value.clone()) {
                Ok(_) => {
                    insert(&mut self.environment, &key, value);
                    self.variables.push((key, name.to_owned()));
                    return Ok(());
                }
                Err(why) => refusal = why,
            }
        }
        let refusal = format!("environment variable {name}: {}", refusal.trim());
        Err(ConfigError(refusal))
    }

    /// The configuration when `here` counts most.
    ///
    /// # Errors
    /// Every key whose value is not allowed, and why.
    pub(crate) fn merge(&self, here: &Here) -> Result<Config, Vec<(String, String)>> {
        let mut table = self.beneath.clone();
        for (key, value) in here {
            insert(&mut table, key, value.clone());
        }
        let wrong = |error: toml::de::Error| vec![(String::new(), error.to_string())];
        let mut config: Config = table.try_into().map_err(wrong)?;
        // What lies in the data folder by default goes where the data folder goes.
        if self.beneath("ports.state").0 == Source::Default {
            config.ports.state = config.data_dir.join("ports/dynamic_ports.json");
        }
        if self.beneath("clients.dir").0 == Source::Default {
            config.clients.dir = config.data_dir.join("Server_Data");
        }
        let problems = config.problems();
        if problems.is_empty() {
            return Ok(config);
        }
        Err(problems)
    }

    /// Who says `key` when nothing was changed here, and where: `dabir.toml:12`, or the variable.
    pub(crate) fn beneath(&self, key: &str) -> (Source, Option<String>) {
        if value_at(&self.environment, key).is_some() {
            let said_by = |(said, _): &&(String, String)| {
                let rest = key.strip_prefix(said.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            let name = self.variables.iter().rev().find(said_by);
            return (Source::Environment, name.map(|(_, name)| name.clone()));
        }
        if value_at(&self.file, key).is_some() {
            let line = line_of_key(&self.text, key).unwrap_or(1);
            return (Source::File, Some(format!("{}:{line}", self.name)));
        }
        (Source::Default, None)
    }

    /// Whether a secret is no empty text.
    pub(crate) fn is_set(&self, key: &str) -> bool {
        let value = value_at(&self.beneath, key).and_then(Value::as_str);
        value.is_some_and(|text| !text.is_empty())
    }

    /// What is not allowed, each with the place where it stands.
    pub(crate) fn tell(&self, problems: Vec<(String, String)>) -> ConfigError {
        let line = |(key, why): (String, String)| match self.beneath(&key).1 {
            Some(place) => format!("{place}: `{key}`: {why}"),
            None => format!("`{key}`: {why}"),
        };
        let lines: Vec<String> = problems.into_iter().map(line).collect();
        ConfigError(lines.join("\n"))
    }
}

/// What is built in. Secrets and sections without effect are not in it, and are empty.
pub(crate) fn defaults() -> Table {
    values_of(&Config::default())
}

/// The configuration as a table, without secrets.
pub(crate) fn values_of(config: &Config) -> Table {
    // A configuration is made of tables and plain values, and all of them can be written.
    Table::try_from(config).unwrap_or_default()
}

/// A value that has the right type for its key, as it is shown: `1m` for `60s`.
///
/// # Errors
/// What it should be.
pub(crate) fn typed(key: &str, value: Value) -> Result<Value, String> {
    let mut alone = defaults();
    insert(&mut alone, key, value.clone());
    let read: Result<Config, toml::de::Error> = alone.try_into();
    let config = read.map_err(|error| error.message().trim().to_owned())?;
    let shown = value_at(&values_of(&config), key).cloned();
    Ok(shown.unwrap_or(value))
}

/// What is known of a key.
pub(crate) fn find(key: &str) -> Option<&'static Setting> {
    let in_section = |(section, settings): (&str, &'static [Setting])| {
        let rest = key.strip_prefix(section)?;
        let rest = rest
            .strip_prefix('.')
            .or(section.is_empty().then_some(rest))?;
        settings.iter().find(|setting| setting.key == rest)
    };
    sections().into_iter().find_map(in_section)
}

/// Whether a change of `key` is taken without a restart.
pub(crate) fn is_live(key: &str) -> bool {
    find(key).is_some_and(|setting| setting.change == Change::AtOnce)
}

/// The value of `key`: `meetings.poll_interval`.
pub(crate) fn value_at<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        None => table.get(key),
        Some((section, rest)) => value_at(table.get(section)?.as_table()?, rest),
    }
}

fn insert(table: &mut Table, key: &str, value: Value) {
    let Some((section, rest)) = key.split_once('.') else {
        table.insert(key.to_owned(), value);
        return;
    };
    let inner = table
        .entry(section)
        .or_insert_with(|| Value::Table(Table::new()));
    match inner {
        Value::Table(inner) => insert(inner, rest, value),
        // Then the key names nothing, which the whole table will say.
        plain => *plain = value,
    }
}

/// Puts each value of `over` where `table` has another one.
fn lay_over(table: &mut Table, over: &Table) {
    for (key, value) in over {
        match (table.get_mut(key), value) {
            (Some(Value::Table(inner)), Value::Table(over)) => lay_over(inner, over),
            _ => drop(table.insert(key.clone(), value.clone())),
        }
    }
}

/// The file as a table, after all of it was found to have the right type.
fn parse(text: &str, file: &str) -> Result<Table, ConfigError> {
    toml::from_str::<Config>(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        ConfigError(format!("{file}:{line}: {}", error.message()))
    })?;
    toml::from_str(text).map_err(|error| ConfigError(format!("{file}: {}", error.message())))
}

fn toml_value(text: &str) -> Option<Value> {
    let table: Table = toml::from_str(&format!("value = {text}")).ok()?;
    table.get("value").filter(|_| table.len() == 1).cloned()
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

/// The line on which the file says `key`, or the part of it that stands there.
fn line_of_key(text: &str, key: &str) -> Option<usize> {
    let root = toml::de::DeTable::parse(text).ok()?;
    let mut span = None;
    let mut table = Some(root.get_ref());
    for part in key.split('.') {
        let Some((name, value)) =
            table.and_then(|table| table.iter().find(|(name, _)| name.get_ref() == part))
        else {
            break;
        };
        span = Some(name.span());
        table = value.get_ref().as_table();
    }
    span.map(|span| line_of(text, span.start))
}
