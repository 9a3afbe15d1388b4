//! Between the directory and the registry of clients: faculty and students are clients, when the
//! house wants it.

use std::time::Duration;

use dabir_clients::{Clients, ClientsConfig, ClientsError, DirectoryPerson};
use dabir_core::{Current, Event, Events};
use dabir_db::Lease;
use dabir_sync::{People, Person, SyncError, Syncs};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What following the directory needs.
pub(crate) struct Directory {
    pub(crate) clients: Clients,
    pub(crate) syncs: Syncs,
    pub(crate) events: Events,
    pub(crate) config: Current<ClientsConfig>,
    /// Of several processes one follows.
    pub(crate) lease: Lease,
}

/// The name of the lease.
pub(crate) const LEASE: &str = "clients.directory";
const SOURCES: [&str; 2] = ["faculty", "students"];
/// How many people are taken in at once.
const AT_ONCE: u32 = 2_000;
/// How often it is looked whether it is to be followed, and by whom.
const LOOK: Duration = Duration::from_secs(2);
/// How often it is followed when nothing says that it changed.
const WHOLE: Duration = Duration::from_secs(600);

/// Why the directory is not followed for a moment.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Clients(#[from] ClientsError),
    #[error(transparent)]
    Syncs(#[from] SyncError),
}

/// How people become clients.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rules {
    /// The field with the username; the key when empty.
    username: String,
    /// The fields that make up the name.
    name: Vec<String>,
}

/// Follows the directory until `cancel`.
pub(crate) async fn run(directory: Directory, cancel: CancellationToken) {
    let lease = directory.lease.clone();
    let follow = cancel.run_until_cancelled(follow(&directory));
    tokio::join!(lease.keep(cancel.clone()), follow);
}

async fn follow(directory: &Directory) {
    let mut heard = directory.events.subscribe(None).receiver;
    let mut followed: Option<(Rules, Instant)> = None;
    let mut is_away = false;
    loop {
        let rules = Rules::of(&directory.config.get());
        let rules = rules.filter(|_| directory.lease.held().is_some());
        if let Some(rules) = rules.filter(|rules| is_due(followed.as_ref(), rules)) {
            match directory.take_in(&rules).await {
                Ok(()) => {
                    (is_away, followed) = (false, Some((rules, Instant::now())));
                }
                Err(error) if !is_away => {
                    is_away = true;
                    tracing::warn!(%error, "the directory is not followed for a while: {error}");
                }
                Err(_) => {}
            }
        }
        match tokio::time::timeout(LOOK, heard.recv()).await {
            Ok(Ok(event)) if has_changed(&event.event) => followed = None,
            Ok(Err(RecvError::Lagged(_))) => followed = None,
            Ok(Err(RecvError::Closed)) => return,
            Ok(Ok(_)) | Err(_) => {}
        }
    }
}

fn is_due(followed: Option<&(Rules, Instant)>, rules: &Rules) -> bool {
    followed.is_none_or(|(by, at)| by != rules || at.elapsed() >= WHOLE)
}

fn has_changed(event: &Event) -> bool {
    matches!(event, Event::SyncChanged { source, status, .. }
        if SOURCES.contains(&&**source) && status != "running")
}

impl Directory {
    async fn take_in(&self, rules: &Rules) -> Result<(), Failure> {
        for source in SOURCES {
            match self.take_in_one(source, rules).await {
                // Whoever removed a source has nobody in it, and takes nobody away.
                Ok(()) | Err(Failure::Syncs(SyncError::NotFound(_))) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn take_in_one(&self, source: &str, rules: &Rules) -> Result<(), Failure> {
        let mut place = self.clients.directory_place(source, &rules.words()).await?;
        loop {
            let which = People {
                search: None,
                gone: true,
                after: place.after().map(str::to_owned),
                since: place.since(),
            };
            let page = self.syncs.people(source, &which, AT_ONCE).await?;
            let people = page.items.iter().map(|person| rules.read(person));
            let is_end = page.next_cursor.is_none();
            let next = page.next_cursor.clone();
            self.clients
                .follow_directory(&mut place, people.collect(), next)
                .await?;
            if is_end || self.lease.held().is_none() {
                return Ok(());
            }
        }
    }
}

impl Rules {
    /// `None` when the directory is not to be followed.
    fn of(config: &ClientsConfig) -> Option<Self> {
        let name = config.directory_name.split_whitespace();
        config.directory.then(|| Self {
            username: config.directory_username.trim().to_owned(),
            name: name.map(str::to_owned).collect(),
        })
    }

    fn words(&self) -> String {
        format!("{}: {}", self.username, self.name.join(" "))
    }

    fn read(&self, person: &Person) -> DirectoryPerson {
        let name: Vec<String> = self
            .name
            .iter()
            .filter_map(|name| field(person, name))
            .collect();
        let username = match self.username.as_str() {
            "" => Some(person.key.clone()),
            name => field(person, name),
        };
        let is_here = person.gone_at.is_none();
        DirectoryPerson {
            key: person.key.clone(),
            // What is no client's name is nobody who could connect.
            username: username
                .filter(|_| is_here)
                .and_then(|name| name.trim().parse().ok()),
            name: (!name.is_empty()).then(|| name.join(" ")),
        }
    }
}

/// A field of a person, in whatever case it is asked for.
fn field(person: &Person, name: &str) -> Option<String> {
    let mut fields = person.fields.iter();
    let (_, value) = fields.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn person(gone: bool) -> Person {
        let fields = json!({
            "firstName": "علی", "lastName": "رضایی", "nationalCode": 12, "login": "a/b",
        });
        let at = dabir_core::Timestamp::UNIX_EPOCH;
        Person {
            key: "4001".to_owned(),
            fields: fields.as_object().cloned().unwrap_or_default(),
            partition: None,
            updated_at: at,
            gone_at: gone.then_some(at),
        }
    }

    fn read(username: &str, gone: bool) -> (Option<String>, Option<String>) {
        let config = ClientsConfig {
            directory: true,
            directory_username: username.to_owned(),
            ..ClientsConfig::default()
        };
        let read = Rules::of(&config).unwrap().read(&person(gone));
        (read.username.map(|name| name.to_string()), read.name)
    }

    #[test]
    fn fields_make_a_client() {
        let name = Some("علی رضایی".to_owned());
        assert_eq!(read("", false), (Some("4001".to_owned()), name.clone()));
        assert_eq!(
            read("nationalcode", false),
            (Some("12".to_owned()), name.clone())
        );
        assert_eq!(
            read("login", false),
            (None, name.clone()),
            "it is no client's name"
        );
        assert_eq!(read("", true), (None, name));
        assert_eq!(Rules::of(&ClientsConfig::default()), None);
    }
}
