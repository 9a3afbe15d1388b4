//! The rules of documents: one file a subject, and here what all of them need.

mod create;
mod look;
mod find;
mod change;
mod folders;
mod access;
mod content;
mod versions;
mod comments;
mod import;
mod export;
mod publish;

use std::fmt;
use std::sync::Arc;

use dabir_core::{Clock, Event, Events, Timestamp};
use dabir_db::{Db, audit, hints, stale};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use tokio::sync::Semaphore;

use super::error::DocumentError;
use super::model::{Document, Folder, Right};
use super::pictures::Pictures;
use super::rights::Who;
use super::store::{document, folder};
use crate::fields::is_id;
use crate::live::Line;
use crate::live::rooms::Rooms;
use crate::people::People;

pub use content::Format;
use content::PRINTERS;
pub use create::Begun;
pub use export::Export;
pub use import::{Import, Imported};
pub use publish::Page;

/// Where PostgreSQL's processes hear that documents changed: `<id> <number of the last change>` for a
/// text, `<id>` for title and rights, `*` for the rights on all.
pub(crate) const CHANNEL: &str = "dabir_documents";

/// Documents. Clones share them.
#[derive(Clone)]
pub struct Documents {
    inner: Arc<Inner>,
}

struct Inner {
    setup: Arc<DocumentsSetup>,
    rooms: Rooms,
    /// Turns to make files that take much memory.
    printing: Arc<Semaphore>,
}

/// What [`Documents`] is made of.
pub struct DocumentsSetup {
    pub db: Db,
    pub clock: Clock,
    pub events: Events,
    pub people: Arc<dyn People>,
    /// Without it documents that are imported lose their pictures, and published pages show none.
    pub pictures: Option<Arc<dyn Pictures>>,
}

impl fmt::Debug for Documents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Documents").finish_non_exhaustive()
    }
}

/// What others are to hear of a change, once it is committed.
#[derive(Clone, Copy, Debug)]
enum News<'a> {
    /// Title, rights or end of one document.
    Of(&'a str),
    /// Rights on all that is in a folder: on these documents.
    In(&'a [String]),
}

impl Documents {
    #[must_use]
    pub fn new(setup: DocumentsSetup) -> Self {
        let setup = Arc::new(setup);
        let rooms = Rooms::new(Arc::clone(&setup));
        Self {
            inner: Arc::new(Inner {
                setup,
                rooms,
                printing: Arc::new(Semaphore::new(PRINTERS)),
            }),
        }
    }

    pub(super) fn setup(&self) -> &DocumentsSetup {
        &self.inner.setup
    }

    fn rooms(&self) -> &Rooms {
        &self.inner.rooms
    }

    fn now(&self) -> Timestamp {
        self.setup().clock.now()
    }

    fn read(&self) -> &impl ConnectionTrait {
        self.setup().db.read()
    }

    /// Opens a line into a document, to edit it with others.
    ///
    /// # Errors
    /// When the caller may not see it, or too much is open.
    pub async fn enter(&self, who: &Who, id: &str) -> Result<Line, DocumentError> {
        self.get(who, id).await?;
        let line = self.rooms().enter(who, id).await?;
        self.see(who, id).await?;
        Ok(line)
    }

    /// How many documents are open in this process.
    #[must_use]
    pub fn open(&self) -> usize {
        self.rooms().count()
    }

    /// Hears what other processes change; runs until it is dropped.
    pub async fn hear(&self) {
        self.rooms().hear().await;
    }

    /// Closes every open document: everybody is told to come back.
    pub async fn close(&self) {
        self.rooms().close().await;
    }

    /// Begins a change of what is known of documents and folders: one at a time, so what is read in it
    /// is so until it ends.
    async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let tx = self.setup().db.write().await?;
        audit::take_turn(&tx).await?;
        Ok(tx)
    }

    /// Commits a change, and tells whoever has something open.
    async fn commit(&self, tx: DatabaseTransaction, news: News<'_>) -> Result<(), DbErr> {
        let now = self.now();
        let word = match news {
            News::Of(id) => {
                stale::mark_files_of(&tx, now, "document", &[id]).await?;
                id
            }
            News::In(documents) => {
                let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
                stale::mark(&tx, now, "document", &documents).await?;
                stale::mark_files_of(&tx, now, "document", &documents).await?;
                "*"
            }
        };
        hints::say(&tx, CHANNEL, word).await?;
        tx.commit().await?;
        match news {
            News::Of(id) => {
                self.rooms().look(Some(id));
                let id = id.to_owned();
                self.setup().events.publish(Event::DocumentChanged { id });
            }
            News::In(_) => self.rooms().look(None),
        }
        Ok(())
    }

    /// A document that is not deleted, which the caller has this right on.
    async fn with_right(
        &self,
        db: &impl ConnectionTrait,
        who: &Who,
        id: &str,
        right: Right,
    ) -> Result<Document, DocumentError> {
        let document = any(db, who, id).await?;
        if document.deleted_at.is_some() {
            return Err(DocumentError::NotFound("document"));
        }
        has(document.right, right)?;
        Ok(document)
    }
}

/// A document that the caller may see, deleted or not.
async fn any(db: &impl ConnectionTrait, who: &Who, id: &str) -> Result<Document, DocumentError> {
    let found = match is_id(id) {
        true => document::find(db, who, id).await?,
        false => None,
    };
    found.ok_or(DocumentError::NotFound("document"))
}

/// A folder that the caller may see and has this right on.
async fn folder_with(
    db: &impl ConnectionTrait,
    who: &Who,
    id: &str,
    right: Right,
) -> Result<Folder, DocumentError> {
    let found = match is_id(id) {
        true => folder::find(db, who, id).await?,
        false => None,
    };
    let folder = found.ok_or(DocumentError::NotFound("folder"))?;
    has(folder.right, right)?;
    Ok(folder)
}

fn has(right: Right, needed: Right) -> Result<(), DocumentError> {
    match right >= needed {
        true => Ok(()),
        false => Err(DocumentError::NoRight(needed)),
    }
}

/// Refuses a change of what somebody else changed since it was looked at.
fn check_version(version: i64, looked_at: Option<i64>) -> Result<(), DocumentError> {
    match looked_at {
        Some(looked_at) if looked_at != version => Err(DocumentError::Changed { version }),
        _ => Ok(()),
    }
}
