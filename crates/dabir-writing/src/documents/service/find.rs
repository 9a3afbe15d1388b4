//! What search finds of documents.

use std::collections::HashMap;

use dabir_core::Findable;
use sea_orm::DbErr;

use super::Documents;
use crate::comments::store::texts;
use crate::documents::Who;
use crate::documents::store::{access, document, text};

impl Documents {
    /// What is to be found of those of these that are not deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn findable(&self, ids: &[&str]) -> Result<Vec<Findable>, DbErr> {
        let mut readers = self.readers(ids).await?;
        let mut said = texts(self.read(), "document", ids).await?;
        let bodies = text::bodies(self.read(), ids).await?.into_iter();
        let findable = bodies.map(|text| {
            let comments = said.remove(&text.id).unwrap_or_default();
            let parts: Vec<String> = [text.body].into_iter().chain(comments).collect();
            Findable {
                kind: "document".to_owned(),
                readers: readers.remove(&text.id).unwrap_or_default(),
                id: text.id,
                title: text.title,
                body: parts.join("\n"),
                updated_at: text.changed_at,
            }
        });
        Ok(findable.collect())
    }

    /// Those of these that `who` may see and that are not deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn seen(&self, who: &Who, ids: &[&str]) -> Result<Vec<String>, DbErr> {
        document::seen_of(self.read(), who, ids).await
    }

    /// Who may see these documents, each by its id: `everyone`, `role:<role>`, `user:<id>`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn readers(&self, ids: &[&str]) -> Result<HashMap<String, Vec<String>>, DbErr> {
        access::readers(self.read(), ids).await
    }
}
