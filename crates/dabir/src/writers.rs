//! What tasks have to know of the rest of the house: its people, and its files.

use async_trait::async_trait;
use dabir_accounts::model::{UserFilter, UserView};
use dabir_accounts::{AccountError, Accounts};
use dabir_writing::{File, Files, People, Person};
use sea_orm::DbErr;

/// The accounts, as tasks ask about them.
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

fn cause(error: AccountError) -> DbErr {
    match error {
        AccountError::Db(error) => error,
        other => DbErr::Custom(other.to_string()),
    }
}

/// No file is anywhere yet.
pub(crate) struct NoFiles;

#[async_trait]
impl Files for NoFiles {
    async fn by_ids(&self, _: &[&str]) -> Result<Vec<File>, DbErr> {
        Ok(Vec::new())
    }
}
