//! What tasks and documents have to know of the rest of the house: its people, and its files.

use std::convert::Infallible;

use async_trait::async_trait;
use bytes::Bytes;
use dabir_accounts::model::{UserFilter, UserView};
use dabir_accounts::{AccountError, Accounts};
use dabir_core::Timestamp;
use dabir_files::{Attachment, FilesError, NewUpload};
use dabir_http::{Identity, Scope};
use dabir_writing::documents::{Picture, Pictures};
use dabir_writing::people::Doer;
use dabir_writing::{File, Files, People, Person};
use futures_util::stream;
use sea_orm::{DatabaseTransaction, DbErr};
use tokio_util::sync::CancellationToken;

/// The accounts, as tasks and documents ask about them.
pub(crate) struct Colleagues(pub(crate) Accounts);

#[async_trait]
impl People for Colleagues {
    async fn by_ids(&self, ids: &[&str]) -> Result<Vec<Person>, DbErr> {
        let users = self.0.users_by_ids(ids).await.map_err(cause)?;
        Ok(users.into_iter().map(person).collect())
    }

    async fn search(&self, query: &str, limit: usize) -> Result<Vec<Person>, DbErr> {
        let filter = UserFilter {
            query: Some(query.to_owned()),
            ..UserFilter::default()
        };
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let page = self.0.list_users(&filter, None, limit).await;
        let users = page.map_err(cause)?.items;
        Ok(users.into_iter().map(person).collect())
    }
}

fn person(user: UserView) -> Person {
    Person {
        id: user.id,
        name: user.name,
        role: user.role,
        is_blocked: user.blocked.is_some(),
    }
}

/// What the database did, as those know it who ask nothing but the database.
pub(crate) fn cause(error: AccountError) -> DbErr {
    match error {
        AccountError::Db(error) => error,
        other => DbErr::Custom(other.to_string()),
    }
}

/// The files, as tasks know them.
pub(crate) struct Shelf(pub(crate) dabir_files::Files);

#[async_trait]
impl Files for Shelf {
    async fn by_ids(&self, ids: &[&str]) -> Result<Vec<File>, DbErr> {
        let files = self.0.by_ids(ids).await.map_err(db)?.into_iter();
        let file = |file: dabir_files::File| File {
            id: file.id,
            name: file.name,
            size_bytes: file.size,
            state: file.state.as_str().to_owned(),
        };
        Ok(files.map(file).collect())
    }

    async fn held_by(&self, by: &Doer, ids: &[&str]) -> Result<Vec<String>, DbErr> {
        self.0.held_of(&identity(by), ids).await
    }

    async fn attach(
        &self,
        tx: &DatabaseTransaction,
        now: Timestamp,
        task: &str,
        ids: &[String],
    ) -> Result<(), DbErr> {
        let to = attached("task", task);
        self.0.set_attached(tx, now, &to, ids).await
    }
}

fn db(error: FilesError) -> DbErr {
    match error {
        FilesError::Db(error) => error,
        other => DbErr::Custom(other.to_string()),
    }
}

/// The files, as documents keep their pictures in them.
pub(crate) struct Album(pub(crate) dabir_files::Files);

#[async_trait]
impl Pictures for Album {
    async fn keep(&self, by: &Doer, document: &str, name: &str, bytes: Bytes) -> Option<String> {
        let new = NewUpload {
            name: name.to_owned(),
            size: u64::try_from(bytes.len()).ok()?,
        };
        let (who, to) = (identity(by), attached("document", document));
        let body = stream::iter([Ok::<_, Infallible>(bytes)]);
        let kept = self.0.take_for(&by.actor, &who, new, body, &to).await;
        kept.inspect_err(|error| left_out(document, error))
            .ok()
            .map(|file| file.id)
    }

    async fn show(&self, document: &str, file: &str) -> Option<Picture> {
        let found = self
            .0
            .picture_of(&attached("document", document), file)
            .await;
        let found = found.inspect_err(|error| left_out(document, error)).ok()?;
        let (media_type, bytes) = found?;
        Some(Picture { media_type, bytes })
    }

    async fn share(
        &self,
        tx: &DatabaseTransaction,
        now: Timestamp,
        from: &str,
        to: &str,
        files: &[String],
    ) -> Result<(), DbErr> {
        let (from, to) = (attached("document", from), attached("document", to));
        self.0.attach_as(tx, now, &from, &to, files).await
    }
}

fn left_out(document: &str, error: &FilesError) {
    tracing::warn!(document, %error, "a picture of a document is left out: {error}");
}

fn attached(kind: &str, id: &str) -> Attachment {
    Attachment {
        subject_kind: kind.to_owned(),
        subject_id: id.to_owned(),
    }
}

/// Whoever makes documents, as files know people.
fn identity(by: &Doer) -> Identity {
    Identity {
        kind: by.actor.kind,
        id: by.actor.id.clone(),
        name: by.actor.name.clone(),
        role: by.role,
        scopes: vec![Scope::Write],
        user_id: by.user_id.clone(),
        username: None,
        session_id: None,
        alive: CancellationToken::new(),
    }
}
