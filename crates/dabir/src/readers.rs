//! The people of the house, as those who tell them something know them.

use async_trait::async_trait;
use dabir_accounts::Contacts;
use dabir_accounts::model::Language as Spoken;
use dabir_db::Db;
use dabir_notify::{Contact, Language, People};
use sea_orm::DbErr;

/// Everybody with an account who may come in.
pub(crate) struct Readers(Contacts);

impl Readers {
    pub(crate) fn new(db: &Db) -> Self {
        Self(Contacts::new(db.clone()))
    }
}

#[async_trait]
impl People for Readers {
    async fn find(&self, ids: &[String]) -> Result<Vec<Contact>, DbErr> {
        let found = self.0.find(ids).await?;
        Ok(found.into_iter().map(contact).collect())
    }

    async fn admins(&self) -> Result<Vec<String>, DbErr> {
        self.0.admins().await
    }
}

fn contact(found: dabir_accounts::Contact) -> Contact {
    Contact {
        id: found.id,
        name: found.name,
        email: found.email,
        language: match found.language {
            Spoken::Fa => Language::Fa,
            Spoken::En => Language::En,
        },
    }
}
