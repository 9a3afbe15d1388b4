//! What search finds, and where it asks for it.

use async_trait::async_trait;
use dabir_accounts::Accounts;
use dabir_clients::Clients;
use dabir_core::Findable;
use dabir_db::Db;
use dabir_files::Files;
use dabir_http::{Identity, Role};
use dabir_search::{Search, Source, Sources};
use dabir_writing::documents::Who;
use dabir_writing::{Documents, Tasks};
use sea_orm::DbErr;

use crate::writers::cause;

/// Everything that has something to be found.
pub(crate) struct Kinds {
    pub(crate) tasks: Tasks,
    pub(crate) documents: Documents,
    pub(crate) files: Files,
    pub(crate) accounts: Accounts,
    pub(crate) clients: Clients,
}

impl Kinds {
    /// Search in all of it.
    pub(crate) fn search(self, db: &Db) -> Search {
        let sources = Sources::default()
            .with("task", Found(self.tasks))
            .with("document", Found(self.documents))
            .with("file", Found(self.files))
            .with("user", Found(self.accounts))
            .with("client", Found(self.clients));
        Search::new(db.clone(), sources)
    }
}

/// A domain, as search asks it.
struct Found<T>(T);

#[async_trait]
impl Source for Found<Tasks> {
    async fn findable(&self, ids: &[&str]) -> Result<Vec<Findable>, DbErr> {
        self.0.findable(ids).await
    }

    async fn seen(&self, who: &Identity, ids: &[&str]) -> Result<Vec<String>, DbErr> {
        self.0.seen(who, ids).await
    }
}

#[async_trait]
impl Source for Found<Documents> {
    async fn findable(&self, ids: &[&str]) -> Result<Vec<Findable>, DbErr> {
        self.0.findable(ids).await
    }

    async fn seen(&self, who: &Identity, ids: &[&str]) -> Result<Vec<String>, DbErr> {
        self.0.seen(&Who::new(who.actor(), who), ids).await
    }
}

#[async_trait]
impl Source for Found<Files> {
    async fn findable(&self, ids: &[&str]) -> Result<Vec<Findable>, DbErr> {
        self.0.findable(ids).await
    }

    async fn seen(&self, who: &Identity, ids: &[&str]) -> Result<Vec<String>, DbErr> {
        self.0.visible(who, ids).await
    }
}

/// Everybody who works here knows the others by name.
#[async_trait]
impl Source for Found<Accounts> {
    async fn findable(&self, ids: &[&str]) -> Result<Vec<Findable>, DbErr> {
        let users = self.0.users_by_ids(ids).await.map_err(cause)?.into_iter();
        let findable = users.map(|user| Findable {
            kind: "user".to_owned(),
            id: user.id,
            title: user.name,
            body: String::new(),
            updated_at: user.updated_at,
            readers: vec!["everyone".to_owned()],
        });
        Ok(findable.collect())
    }

    async fn seen(&self, who: &Identity, ids: &[&str]) -> Result<Vec<String>, DbErr> {
        if who.role == Role::Participant {
            return Ok(Vec::new());
        }
        let users = self.0.users_by_ids(ids).await.map_err(cause)?.into_iter();
        Ok(users.map(|user| user.id).collect())
    }
}

/// Who sees the clients.
const SEE_CLIENTS: [Role; 3] = [Role::Auditor, Role::Operator, Role::Admin];

#[async_trait]
impl Source for Found<Clients> {
    async fn findable(&self, ids: &[&str]) -> Result<Vec<Findable>, DbErr> {
        let known = self.0.profiles(ids).await?.into_iter();
        let readers = SEE_CLIENTS.map(|role| format!("role:{}", role.as_str()));
        let findable = known.map(|(username, profile)| Findable {
            kind: "client".to_owned(),
            title: match profile.name.is_empty() {
                true => username.clone(),
                false => profile.name,
            },
            body: username.clone(),
            id: username,
            updated_at: profile.updated_at,
            readers: readers.to_vec(),
        });
        Ok(findable.collect())
    }

    async fn seen(&self, who: &Identity, ids: &[&str]) -> Result<Vec<String>, DbErr> {
        if !SEE_CLIENTS.contains(&who.role) {
            return Ok(Vec::new());
        }
        let known = self.0.profiles(ids).await?.into_iter();
        Ok(known.map(|(username, _)| username).collect())
    }
}
