//! Clients from the directory: its people are clients, come with it and go with it.

use std::collections::{BTreeMap, BTreeSet};

use dabir_core::{Actor, ActorKind, Timestamp, text};

use super::{Clients, MAX_COMMANDS};
use crate::error::ClientsError;
use crate::model::{Action, Command, Facts, NewProfile, Refused, Source};
use crate::name::Username;
use crate::store::directory::{self, Row};
use crate::transition::MAX_WORDS;

/// A person as the directory has them now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryPerson {
    /// Their key in their source.
    pub key: String,
    /// The client that they are; `None` when they are gone.
    pub username: Option<Username>,
    /// What people call them; as they were called when `None`.
    pub name: Option<String>,
}

/// How far a source of the directory is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryPlace {
    source: String,
    row: Row,
}

/// How often it is tried again when somebody else changed a client in between.
const TRIES: usize = 3;
/// How long a change may take from its time until it can be read, in milliseconds.
const LATE: i64 = 60 * 60 * 1_000;

impl DirectoryPlace {
    /// People who changed after it are to be taken in; all when `None`.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        let since = Timestamp::from_millisecond(self.row.done).ok();
        since.filter(|_| self.row.done > 0)
    }

    /// The last one who was taken in, by their key.
    #[must_use]
    pub fn after(&self) -> Option<&str> {
        (!self.row.person.is_empty()).then_some(&self.row.person)
    }
}

impl Clients {
    /// Where following a source goes on; from the beginning when the `rules` are other ones.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn directory_place(
        &self,
        source: &str,
        rules: &str,
    ) -> Result<DirectoryPlace, ClientsError> {
        let known = directory::place(self.db().read(), source).await?;
        let mut row = known.filter(|row| row.rules == rules).unwrap_or_default();
        if row.person.is_empty() {
            row.target = self.now().as_millisecond();
        }
        rules.clone_into(&mut row.rules);
        let source = source.to_owned();
        Ok(DirectoryPlace { source, row })
    }

    /// Takes in people, and keeps that it has come to `last`, or to the end. Clients that are not of
    /// the directory stay as they are, and so do all orders.
    ///
    /// # Errors
    /// When the database fails: the same people are then to be taken in again.
    pub async fn follow_directory(
        &self,
        place: &mut DirectoryPlace,
        people: Vec<DirectoryPerson>,
        last: Option<String>,
    ) -> Result<(), ClientsError> {
        let keys: Vec<&str> = people.iter().map(|person| &*person.key).collect();
        let before = directory::clients_of(self.db().read(), &place.source, &keys).await?;
        let now: BTreeMap<String, Option<String>> = people
            .iter()
            .map(|person| {
                let username = person.username.as_ref().map(Username::to_string);
                (person.key.clone(), username)
            })
            .collect();
        let left = self.left(&place.source, &before, &now).await?;
        self.bring(&people, &left).await?;
        match last {
            Some(last) => place.row.person = last,
            None => {
                place.row.done = (place.row.target - LATE).max(1);
                place.row.person.clear();
            }
        }
        let tx = self.db().write().await?;
        directory::keep(&tx, &place.source, &now).await?;
        directory::keep_place(&tx, &place.source, &place.row).await?;
        Ok(tx.commit().await?)
    }

    /// The clients that nobody in the directory is any more.
    async fn left(
        &self,
        source: &str,
        before: &BTreeMap<String, String>,
        now: &BTreeMap<String, Option<String>>,
    ) -> Result<BTreeSet<Username>, ClientsError> {
        let is_other = |(key, username): &(&String, &String)| {
            now.get(*key).and_then(Option::as_ref) != Some(username)
        };
        let mut left: BTreeSet<&str> = before
            .iter()
            .filter(is_other)
            .map(|(_, username)| &**username)
            .collect();
        let names: Vec<&str> = left.iter().copied().collect();
        let known = directory::people_of(self.db().read(), &names).await?;
        for (username, of, person) in &known {
            let stays = of != source || !now.contains_key(person);
            if stays {
                left.remove(&**username);
            }
        }
        for username in now.values().flatten() {
            left.remove(&**username);
        }
        let parsed = left.into_iter().filter_map(|name| name.parse().ok());
        Ok(parsed.collect())
    }

    async fn bring(
        &self,
        people: &[DirectoryPerson],
        left: &BTreeSet<Username>,
    ) -> Result<(), ClientsError> {
        for _ in 0..TRIES {
            self.catch_up().await?;
            let mut is_late = false;
            for commands in self
                .orders_of_directory(people, left)
                .chunks(MAX_COMMANDS / 2)
            {
                for answer in self.apply_all(&from_directory(), commands.to_vec()).await? {
                    match answer {
                        Ok(_) => {}
                        Err(Refused::Version(_)) => is_late = true,
                        Err(refused) => {
                            tracing::warn!(%refused, "the directory: {refused}");
                        }
                    }
                }
            }
            if !is_late {
                break;
            }
        }
        Ok(())
    }

    /// What is to be ordered so that clients are as the directory has them. The version sees to it
    /// that nobody who was made by hand in between is overwritten.
    fn orders_of_directory(
        &self,
        people: &[DirectoryPerson],
        left: &BTreeSet<Username>,
    ) -> Vec<Command> {
        let snapshot = self.snapshot();
        let mut orders = BTreeMap::new();
        let version = |username: &Username| snapshot.get(username).map_or(0, |facts| facts.version);
        for person in people {
            let Some(username) = &person.username else {
                continue;
            };
            let name = person
                .name
                .as_deref()
                .map(words)
                .filter(|name| !name.is_empty());
            if is_to_be_put(snapshot.get(username), name.as_deref()) {
                let put = Action::Put(NewProfile {
                    name,
                    source: Source::Directory,
                    photo: None,
                });
                orders.insert(username, put);
            }
        }
        for username in left {
            let known = snapshot
                .get(username)
                .and_then(|facts| facts.profile.as_ref());
            let is_ours =
                known.is_some_and(|known| known.is_available && known.source == Source::Directory);
            if is_ours {
                orders.insert(username, Action::Withdraw);
            }
        }
        let command = |(username, action): (&Username, Action)| Command {
            username: username.clone(),
            action,
            version: Some(version(username)),
        };
        orders.into_iter().map(command).collect()
    }
}

/// Whether a client is other than the directory says, and the directory's to change.
fn is_to_be_put(facts: Option<&Facts>, name: Option<&str>) -> bool {
    let Some(known) = facts.and_then(|facts| facts.profile.as_ref()) else {
        return true;
    };
    let is_other = !known.is_available || name.is_some_and(|name| name != known.name);
    known.source == Source::Directory && is_other
}

/// A name as a client may have it.
fn words(name: &str) -> String {
    let one_line = text::one_line(name);
    let words: Vec<&str> = one_line.split_whitespace().collect();
    text::cut(&words.join(" "), MAX_WORDS)
}

/// Who orders what the directory says.
fn from_directory() -> Actor {
    Actor::here(ActorKind::Source, "directory")
}
