//! Clients from a file, with a look beforehand at what would change.

use std::collections::BTreeMap;

use dabir_core::{Actor, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::assign::check_target;
use super::{Clients, MAX_COMMANDS};
use crate::client::Client;
use crate::error::ClientsError;
use crate::import::Row;
use crate::model::{Action, Command, Facts, NewProfile, Refused, Seat, Source};
use crate::name::Username;
use crate::seats::Seats;
use crate::store::seats;

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

/// What is to be made of a line.
struct Look {
    change: ImportChange,
    orders: Vec<Command>,
    /// The seats that cannot be had.
    refused: Vec<Refused>,
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
        let mut seats = seats::load(self.db().read()).await?;
        let taken = self.look_at(rows, source, &mut seats, &mut imported);
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
        seats: &mut Seats,
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
            let look = match self.look_at_one(&row, &username, &before, source, seats) {
                Ok(look) => look,
                Err(refused) => {
                    imported.errors.push(problem(&row, &refused.to_string()));
                    continue;
                }
            };
            let refused = look.refused.iter();
            let refused = refused.map(|refused| problem(&row, &refused.to_string()));
            imported.errors.extend(refused);
            if !look.orders.is_empty() {
                imported.count(look.change);
                taken.push((row, look.orders));
            } else if look.refused.is_empty() {
                imported.same += 1;
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
        seats: &mut Seats,
    ) -> Result<Look, Refused> {
        let put = Action::Put(NewProfile {
            name: row.name.clone(),
            source,
            photo: None,
        });
        let mut after = before.clone();
        let (mut orders, mut refused) = (Vec::new(), Vec::new());
        if !after.obey(username, &put, "", self.now())?.is_empty() {
            orders.push(put);
        }
        for (seat, target) in [(Seat::Room, &row.room), (Seat::Pipeline, &row.pipeline)] {
            let Some(target) = target else { continue };
            match sit(&mut after, seat, target, seats, self.now()) {
                Ok(false) => {}
                Ok(true) => orders.push(Action::Assign {
                    seat,
                    target: target.clone(),
                    waits: false,
                }),
                Err(full) => refused.push(full),
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
        Ok(Look {
            change,
            orders: orders.into_iter().map(command).collect(),
            refused,
        })
    }
}

impl Imported {
    fn count(&mut self, change: ImportChange) {
        match change.before {
            None => self.added += 1,
            Some(_) => self.changed += 1,
        }
        if self.items.len() < SHOWN {
            self.items.push(change);
        }
    }
}

/// Seats somebody as an order would, and counts it. Tells whether that is another seat than before.
fn sit(
    facts: &mut Facts,
    seat: Seat,
    target: &str,
    seats: &mut Seats,
    now: Timestamp,
) -> Result<bool, Refused> {
    check_target(target)?;
    let known = facts.profile.as_ref();
    let before = known.and_then(|known| known.seat(seat)).map(str::to_owned);
    if before.as_deref() == Some(target) {
        return Ok(false);
    }
    if let Some(full) = seats.full(seat, target) {
        return Err(full.refuse());
    }
    if let Some(before) = before {
        seats.count(seat, &before, false);
    }
    seats.count(seat, target, true);
    Ok(facts.sit(seat, Some(target), now).is_some())
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
