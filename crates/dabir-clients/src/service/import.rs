//! Clients from a file, with a look beforehand at what would change.

use std::collections::BTreeMap;

use dabir_core::Actor;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Clients, MAX_COMMANDS};
use crate::client::Client;
use crate::error::ClientsError;
use crate::import::Row;
use crate::model::{Action, Command, Facts, NewProfile, Seat, Source};
use crate::name::Username;

/// What an import does, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClientImport)]
pub struct Imported {
    /// Nothing was done: this is what would be.
    pub preview: bool,
    pub added: usize,
    pub changed: usize,
    pub same: usize,
    /// Lines that are left out, and why. All others are taken.
    pub errors: Vec<ImportProblem>,
    /// The first thousand of those that are new or change.
    pub items: Vec<ImportChange>,
}

/// A line that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClientImportProblem)]
pub struct ImportProblem {
    pub line: usize,
    pub username: String,
    pub detail: String,
}

/// What becomes of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClientImportChange)]
pub struct ImportChange {
    pub line: usize,
    pub username: String,
    /// How they are called and seated before; `null` when they are new.
    pub before: Option<ImportedClient>,
    pub after: ImportedClient,
}

/// What a file may say of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportedClient {
    pub name: String,
    pub room: Option<String>,
    pub pipeline: Option<String>,
}

/// How many changes are shown.
const SHOWN: usize = 1_000;
/// Up to three orders come of a line.
const LINES_AT_ONCE: usize = MAX_COMMANDS / 4;

impl Clients {
    /// Takes clients from a file, or only tells what that would change. Lines that cannot be taken
    /// are named and left out.
    ///
    /// # Errors
    /// When the database fails; lines that were taken before stay taken.
    pub async fn import(
        &self,
        by: &Actor,
        rows: Vec<Row>,
        source: Source,
        preview: bool,
    ) -> Result<Imported, ClientsError> {
        let mut imported = Imported {
            preview,
            ..Imported::default()
        };
        let taken = self.look_at(rows, source, &mut imported);
        if preview {
            return Ok(imported);
        }
        for rows in taken.chunks(LINES_AT_ONCE) {
            let commands: Vec<Command> =
                rows.iter().flat_map(|(_, orders)| orders.clone()).collect();
            let answers = self.apply_all(by, commands).await?;
            let mut answers = answers.into_iter();
            for (row, orders) in rows {
                for refused in answers.by_ref().take(orders.len()).filter_map(Result::err) {
                    imported.errors.push(problem(row, &refused.to_string()));
                }
            }
        }
        Ok(imported)
    }

    /// What is to be ordered for each line that changes anything.
    fn look_at(
        &self,
        rows: Vec<Row>,
        source: Source,
        imported: &mut Imported,
    ) -> Vec<(Row, Vec<Command>)> {
        let snapshot = self.snapshot();
        let mut lines = BTreeMap::new();
        let mut taken = Vec::new();
        for row in rows {
            let username = match named(&row, &mut lines) {
                Ok(username) => username,
                Err(why) => {
                    imported.errors.push(problem(&row, &why));
                    continue;
                }
            };
            let before = snapshot.get(&username).cloned().unwrap_or_default();
            match self.look_at_one(&row, &username, &before, source) {
                Err(why) => imported.errors.push(problem(&row, &why)),
                Ok((_, orders)) if orders.is_empty() => imported.same += 1,
                Ok((change, orders)) => {
                    match change.before {
                        None => imported.added += 1,
                        Some(_) => imported.changed += 1,
                    }
                    if imported.items.len() < SHOWN {
                        imported.items.push(change);
                    }
                    taken.push((row, orders));
                }
            }
        }
        taken
    }

    fn look_at_one(
        &self,
        row: &Row,
        username: &Username,
        before: &Facts,
        source: Source,
    ) -> Result<(ImportChange, Vec<Command>), String> {
        let put = Action::Put(NewProfile {
            name: row.name.clone(),
            source,
            photo: None,
        });
        let mut after = before.clone();
        let happened = after.obey(username, &put, "", self.now());
        let happened = happened.map_err(|refused| refused.to_string())?;
        let mut orders = Vec::new();
        if !happened.is_empty() {
            orders.push(put);
        }
        for (seat, target) in [(Seat::Room, &row.room), (Seat::Pipeline, &row.pipeline)] {
            let Some(target) = target else { continue };
            if after.sit(seat, Some(target), self.now()).is_some() {
                orders.push(Action::Assign {
                    seat,
                    target: target.clone(),
                    waits: false,
                });
            }
        }
        let change = ImportChange {
            line: row.line,
            username: username.to_string(),
            before: before.profile.is_some().then(|| told(username, before)),
            after: told(username, &after),
        };
        let command = |action| Command {
            username: username.clone(),
            action,
            version: None,
        };
        Ok((change, orders.into_iter().map(command).collect()))
    }
}

/// The name of a line, unless it is none or stands there twice.
fn named(row: &Row, lines: &mut BTreeMap<Username, usize>) -> Result<Username, String> {
    let parsed = row.username.parse::<Username>();
    let username = parsed.map_err(|error| error.to_string())?;
    match lines.insert(username.clone(), row.line) {
        None => Ok(username),
        Some(line) => Err(format!("the same name stands on line {line}")),
    }
}

fn problem(row: &Row, detail: &str) -> ImportProblem {
    ImportProblem {
        line: row.line,
        username: dabir_core::text::one_line(&row.username),
        detail: detail.to_owned(),
    }
}

fn told(username: &Username, facts: &Facts) -> ImportedClient {
    let Client { name, pipeline, .. } = Client::of(username, facts);
    let known = facts.profile.as_ref();
    ImportedClient {
        name,
        room: known.and_then(|known| known.room.clone()),
        pipeline,
    }
}
