//! Who is in the house and how to reach them, for whoever only writes to people: it needs none of the
//! secrets of signing in, so that a process that only works has it too.

use dabir_db::Db;
use sea_orm::DbErr;

use crate::model::{Language, User};
use crate::store;

/// People who are not blocked. Clones share the database.
#[derive(Clone, Debug)]
pub struct Contacts {
    db: Db,
}

/// Somebody who can be written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub id: String,
    pub name: String,
    pub email: String,
    pub language: Language,
}

/// How many are asked for at once: both databases bound the number of a statement's values.
const IDS: usize = 1_000;

impl Contacts {
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// Those of these ids who may come in, in any order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(&self, ids: &[String]) -> Result<Vec<Contact>, DbErr> {
        let mut contacts = Vec::new();
        for chunk in ids.chunks(IDS) {
            let chunk: Vec<&str> = chunk.iter().map(String::as_str).collect();
            let users = store::users::find_all(self.db.read(), &chunk).await?;
            let free = users.into_iter().filter(|user| user.blocked.is_none());
            contacts.extend(free.map(Contact::from));
        }
        Ok(contacts)
    }

    /// The ids of the admins who may come in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn admins(&self) -> Result<Vec<String>, DbErr> {
        let admins = store::users::admins(self.db.read()).await?;
        Ok(admins.into_iter().map(|user| user.id).collect())
    }
}

impl From<User> for Contact {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            name: user.name,
            email: user.email,
            language: user.language,
        }
    }
}
