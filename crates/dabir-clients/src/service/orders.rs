//! Orders about clients: of people, of programs, and those whose time is over.

use std::time::Duration;

use dabir_core::Actor;
use dabir_db::audit;
use serde_json::{Value, json};

use super::assign::{fill, moves, seat};
use super::change::Draft;
use super::{Clients, dabir};
use crate::client::Client;
use crate::error::ClientsError;
use crate::model::{Action, Command, Facts, Refused};
use crate::name::Username;

/// How many orders may be given at once.
pub const MAX_COMMANDS: usize = 10_000;

impl Clients {
    /// Does what is ordered about one client. It is durable when this answers.
    ///
    /// # Errors
    /// When the state forbids it, or the client is of another version.
    pub async fn apply(&self, by: &Actor, command: Command) -> Result<Client, ClientsError> {
        let done = self.apply_all(by, vec![command]).await?.pop();
        // One order has one answer.
        let done = done.ok_or(ClientsError::TooMany { most: 1, found: 0 })?;
        Ok(done?)
    }

    /// Does what is ordered, each order for itself: what is refused keeps no other one from being
    /// obeyed. All that was obeyed is durable when this answers.
    ///
    /// # Errors
    /// When these are too many, or the database fails: then nothing was done.
    pub async fn apply_all(
        &self,
        by: &Actor,
        commands: Vec<Command>,
    ) -> Result<Vec<Result<Client, Refused>>, ClientsError> {
        let answers = self.apply_each(by, commands).await?.into_iter();
        Ok(answers.map(|done| done.map(|(client, _)| client)).collect())
    }

    /// The same, and tells of each whether that changed anything.
    pub(crate) async fn apply_each(
        &self,
        by: &Actor,
        commands: Vec<Command>,
    ) -> Result<Vec<Result<(Client, bool), Refused>>, ClientsError> {
        if commands.len() > MAX_COMMANDS {
            return Err(ClientsError::TooMany {
                most: MAX_COMMANDS,
                found: commands.len(),
            });
        }
        let names = commands.iter().map(|command| command.username.to_string());
        let seats = commands.iter().any(|command| moves(&command.action));
        let mut answers = Vec::with_capacity(commands.len());
        self.change_with(by, names.collect(), seats, |draft| {
            let answer = |command: &Command| -> Result<_, Refused> {
                let is_changed = obey(draft, command)?;
                let facts = draft.facts(&command.username);
                Ok((Client::of(&command.username, &facts), is_changed))
            };
            answers.extend(commands.iter().map(answer));
            fill(draft);
        })
        .await?;
        Ok(answers)
    }

    /// How long until the next order ends; `None` when none does.
    pub(crate) fn until_next_end(&self) -> Option<Duration> {
        let end = self.snapshot().next_end()?;
        Some(
            end.duration_since(self.now())
                .try_into()
                .unwrap_or_default(),
        )
    }

    /// Lifts the orders whose time is over. Tells how many clients that concerned.
    ///
    /// # Errors
    /// When the database fails: then they hold.
    pub async fn expire(&self) -> Result<usize, ClientsError> {
        let mut ended = self.snapshot().ended(self.now());
        ended.truncate(MAX_COMMANDS);
        if ended.is_empty() {
            return Ok(0);
        }
        let mut lifted = 0;
        self.change(&dabir(), &ended, |draft| {
            for username in &ended {
                let (action, version) = (Action::Expire, None);
                let username = username.clone();
                let command = Command {
                    username,
                    action,
                    version,
                };
                lifted += usize::from(obey(draft, &command) == Ok(true));
            }
        })
        .await?;
        Ok(lifted)
    }
}

/// Does what is ordered, and tells whether that changed anything.
pub(super) fn obey(draft: &mut Draft, command: &Command) -> Result<bool, Refused> {
    let username = &command.username;
    let before = draft.facts(username);
    if command.version.is_some_and(|seen| seen != before.version) {
        return Err(Refused::Version(username.clone()));
    }
    let mut after = before.clone();
    let mut happened = seat(draft, username, &mut after, &command.action)?;
    happened.extend(after.obey(username, &command.action, draft.by(), draft.now)?);
    let is_changed = !happened.is_empty();
    if is_changed {
        draft.audit(change(username, &command.action, &before, &after));
        draft.put_version(username, after, happened);
    }
    Ok(is_changed)
}

pub(super) fn change(
    username: &Username,
    action: &Action,
    before: &Facts,
    after: &Facts,
) -> audit::Change {
    let known = after.profile.as_ref().or(before.profile.as_ref());
    audit::Change {
        action: word(action),
        target_kind: "client",
        target_id: username.to_string(),
        target_name: known.map_or_else(|| username.to_string(), |known| known.name.clone()),
        before: shown(action, before),
        after: shown(action, after),
    }
}

fn word(action: &Action) -> &'static str {
    match action {
        Action::Pause(_) => "client.pause",
        Action::Resume => "client.resume",
        Action::Block(_) => "client.block",
        Action::Unblock => "client.unblock",
        Action::Disconnect { .. } => "client.disconnect",
        Action::Close(_) => "client.close",
        Action::Admit => "client.admit",
        Action::Add(_) => "client.add",
        Action::Put(_) | Action::Rename(_) => "client.change",
        Action::Assign { .. } => "client.assign",
        Action::Unassign(_) => "client.unassign",
        Action::Withdraw => "client.withdraw",
        Action::Remove => "client.remove",
        Action::Expire => "client.expire",
    }
}

/// What an action is about.
fn shown(action: &Action, facts: &Facts) -> Option<Value> {
    let value = match action {
        Action::Pause(_) | Action::Resume => json!(facts.pause),
        Action::Block(_) | Action::Unblock => json!(facts.block),
        Action::Disconnect { .. } | Action::Close(_) | Action::Admit => json!(facts.close),
        Action::Expire => {
            json!({ "pause": facts.pause, "block": facts.block, "close": facts.close })
        }
        _ => json!(facts.profile),
    };
    (!value.is_null()).then_some(value)
}
