//! Clients from the folder of available clients.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::PoisonError;
use std::time::SystemTime;

use dabir_core::text::one_line;
use dabir_core::{Actor, ActorKind, Event};

use super::{Clients, MAX_COMMANDS};
use crate::available::{self, FolderProblem, Found};
use crate::error::ClientsError;
use crate::mirror::Problem;
use crate::model::{Action, Command, NewProfile, Source};
use crate::name::Username;
use crate::photo::Photo;

/// What came of a look into the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// All is as it was.
    Same,
    /// Something was new, or the folder could not be read.
    Other,
}

impl Clients {
    /// What is wrong in the folder of available clients, as of the last look.
    #[must_use]
    pub fn folder_problems(&self) -> Vec<Problem> {
        let problems = self.shared.folder_problems.lock();
        problems.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Brings clients to what the folder says: whoever is in it is available, whoever was and is not
    /// any more is no longer available. When the folder cannot be read, everybody stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look_into_folder(&self) -> Result<Looked, ClientsError> {
        let dir = self.config().available_dir;
        if dir.as_os_str().is_empty() {
            self.note(Vec::new());
            return Ok(Looked::Same);
        }
        let scanned = self.scan(dir.clone()).await;
        let found = match scanned {
            Ok(found) => found,
            Err(error) => {
                let entry = FOLDER.to_owned();
                let detail = one_line(&format!("`{}`: {error}", dir.display()));
                self.note(vec![FolderProblem { entry, detail }]);
                return Ok(Looked::Other);
            }
        };
        let commands = self.orders_of(&found.clients);
        self.note(found.problems);
        let mut looked = Looked::Same;
        for commands in commands.chunks(MAX_COMMANDS / 2) {
            let done = self.apply_all(&folder(), commands.to_vec()).await?;
            // What is refused is refused each time.
            if done.iter().any(Result::is_ok) {
                looked = Looked::Other;
            }
        }
        Ok(looked)
    }

    /// Leaves the folder to another process.
    pub(crate) fn leave_folder(&self) {
        self.note(Vec::new());
    }

    /// When something was put into the folder or taken away last, as far as its disk tells.
    pub(crate) async fn folder_changed(&self) -> Option<SystemTime> {
        let about = tokio::fs::metadata(self.config().available_dir)
            .await
            .ok()?;
        about.modified().ok()
    }

    async fn scan(&self, dir: PathBuf) -> std::io::Result<Found> {
        let (clients, snapshot) = (self.clone(), self.snapshot());
        let known = move |username: &Username| -> Option<Photo> {
            let known = snapshot.get(username)?.profile.as_ref()?;
            known.photo.as_deref().cloned()
        };
        let scan = move || {
            let memory = clients.shared.folder_memory.lock();
            let mut memory = memory.unwrap_or_else(PoisonError::into_inner);
            available::scan(&dir, &mut memory, known)
        };
        let scanned = tokio::task::spawn_blocking(scan).await;
        scanned.map_err(std::io::Error::other)?
    }

    fn orders_of(&self, found: &BTreeMap<Username, Option<Photo>>) -> Vec<Command> {
        let snapshot = self.snapshot();
        let mut orders = Vec::new();
        for (username, photo) in found {
            let known = snapshot
                .get(username)
                .and_then(|facts| facts.profile.as_ref());
            let has_it =
                |photo: &Photo| known.is_some_and(|known| known.photo.as_deref() == Some(photo));
            let is_same =
                known.is_some_and(|known| known.is_available) && photo.as_ref().is_none_or(has_it);
            if !is_same {
                let put = Action::Put(NewProfile {
                    name: None,
                    source: Source::Folder,
                    photo: photo.clone().map(|photo| Some(Box::new(photo))),
                });
                orders.push((username, put));
            }
        }
        for (username, facts) in snapshot.after(None) {
            let known = facts.profile.as_ref();
            let is_ours =
                known.is_some_and(|known| known.is_available && known.source == Source::Folder);
            if is_ours && !found.contains_key(username) {
                orders.push((username, Action::Withdraw));
            }
        }
        let command = |(username, action): (&Username, Action)| Command {
            username: username.clone(),
            action,
            version: None,
        };
        orders.into_iter().map(command).collect()
    }

    /// Keeps what is wrong, and says each thing once.
    fn note(&self, found: Vec<FolderProblem>) {
        let held = self.shared.folder_problems.lock();
        let mut held = held.unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        let problem = |FolderProblem { entry, detail }| {
            let is_it = |known: &&Problem| known.subject == entry && known.detail == detail;
            let known = held.iter().find(is_it).cloned();
            known.unwrap_or_else(|| {
                tracing::warn!(entry, "the folder of clients: `{entry}`: {detail}");
                Problem {
                    place: FOLDER,
                    subject: entry,
                    detail,
                    since: now,
                }
            })
        };
        let problems: Vec<Problem> = found.into_iter().map(problem).collect();
        if problems != *held {
            *held = problems;
            self.domain_events()
                .publish(Event::ClientsProblemsChanged {});
        }
    }
}

/// Where its problems are, and what is wrong when all of it is.
const FOLDER: &str = "folder";

/// Who orders what the folder says.
fn folder() -> Actor {
    Actor::here(ActorKind::Source, "folder")
}
