//! Who else may do what: by name, by role, everybody in the house, and whoever has a link.

use std::collections::HashMap;

use dabir_core::Timestamp;
use dabir_core::encode::hex;
use dabir_core::id::random_text;
use dabir_db::audit;
use dabir_http::Role;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::folders::about_folder;
use super::{Documents, News, folder_with};
use crate::documents::Who;
use crate::documents::derive::About;
use crate::documents::error::DocumentError;
use crate::documents::model::{Access, Document, Folder, Grant, Link, NewLink, Right};
use crate::documents::store::access::{self, Shared};
use crate::documents::store::{document, folder};
use crate::fields::{Fields, is_id, once};
use crate::people::Person;

/// With how many one thing is shared.
const MAX_GRANTS: usize = 200;
/// Letters of a link: 130 bits.
const LINK_LETTERS: usize = 26;

impl Documents {
    /// Who may do what with a document.
    ///
    /// # Errors
    /// When there is none.
    pub async fn access(&self, who: &Who, id: &str) -> Result<Access, DocumentError> {
        let document = self.with_right(self.read(), who, id, Right::View).await?;
        let own = access::grants(self.read(), "document", &[id]).await?;
        let above = match &document.folder {
            Some(folder) => folder::above(self.read(), folder).await?,
            None => Vec::new(),
        };
        let link = access::link(self.read(), id).await?;
        self.shown(document.owner, own, &above, link).await
    }

    /// Who may do what with all that is in a folder.
    ///
    /// # Errors
    /// When there is none.
    pub async fn folder_access(&self, who: &Who, id: &str) -> Result<Access, DocumentError> {
        let folder = folder_with(self.read(), who, id, Right::View).await?;
        let own = access::grants(self.read(), "folder", &[id]).await?;
        let above = folder::above(self.read(), id).await?;
        let above: Vec<String> = above.into_iter().skip(1).collect();
        self.shown(folder.owner, own, &above, None).await
    }

    async fn shown(
        &self,
        owner: crate::people::Named,
        own: Vec<(String, Grant)>,
        above: &[String],
        link: Option<Link>,
    ) -> Result<Access, DocumentError> {
        let above: Vec<&str> = above.iter().map(String::as_str).collect();
        let inherited = access::grants(self.read(), "folder", &above).await?;
        let all = own.iter().chain(&inherited);
        let ids = all.filter_map(|(_, grant)| grant.grantee.strip_prefix("user:"));
        let ids: Vec<&str> = ids.collect();
        let people = self.people(&ids).await?;
        let named = |(folder, mut grant): (String, Grant), is_own: bool| {
            grant.name = name(&grant.grantee, &people);
            grant.folder = (!is_own).then_some(folder);
            grant
        };
        Ok(Access {
            owner,
            grants: own
                .iter()
                .cloned()
                .map(|grant| named(grant, true))
                .collect(),
            inherited: inherited
                .iter()
                .cloned()
                .map(|grant| named(grant, false))
                .collect(),
            link,
        })
    }

    async fn people(&self, ids: &[&str]) -> Result<HashMap<String, Person>, DocumentError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let people = self.setup().people.by_ids(ids).await?.into_iter();
        Ok(people.map(|person| (person.id.clone(), person)).collect())
    }

    /// Shares a document with those in `grants`, and with nobody else.
    ///
    /// # Errors
    /// When a field is not allowed, or it is not the caller's.
    pub async fn share(
        &self,
        who: &Who,
        id: &str,
        body: Map<String, Value>,
    ) -> Result<Access, DocumentError> {
        let grants = self.read_grants(body).await?;
        let tx = self.begin().await?;
        let document = self.with_right(&tx, who, id, Right::Own).await?;
        let shared = Shared {
            kind: "document",
            id,
        };
        let before = access::grants(&tx, "document", &[id]).await?;
        access::put(&tx, shared, &grants).await?;
        let about = About::read(&tx, id).await?;
        let now = self.now();
        let new = new_people(&before, &grants);
        if !new.is_empty() {
            let data = json!({ "shared_with": new });
            about
                .say(&tx, now, &who.doer, "document.shared", data, new)
                .await?;
        }
        let change = audit::Change {
            before: Some(audited(before.iter().map(|(_, grant)| grant))),
            after: Some(audited(grants.iter())),
            ..about.audited("document.share")
        };
        audit::append(&tx, now, &who.doer.actor, vec![change]).await?;
        self.commit(tx, News::Of(id)).await?;
        self.access(who, &document.id).await
    }

    /// Shares all that is in a folder.
    ///
    /// # Errors
    /// As [`Documents::share`].
    pub async fn share_folder(
        &self,
        who: &Who,
        id: &str,
        body: Map<String, Value>,
    ) -> Result<Access, DocumentError> {
        let grants = self.read_grants(body).await?;
        let tx = self.begin().await?;
        let folder: Folder = folder_with(&tx, who, id, Right::Own).await?;
        let before = access::grants(&tx, "folder", &[id]).await?;
        let shared = Shared { kind: "folder", id };
        access::put(&tx, shared, &grants).await?;
        let change = audit::Change {
            before: Some(audited(before.iter().map(|(_, grant)| grant))),
            after: Some(audited(grants.iter())),
            ..about_folder("document_folder.share", &folder)
        };
        audit::append(&tx, self.now(), &who.doer.actor, vec![change]).await?;
        let inside = document::ids_below(&tx, id).await?;
        self.commit(tx, News::In(&inside)).await?;
        self.folder_access(who, id).await
    }

    async fn read_grants(&self, body: Map<String, Value>) -> Result<Vec<Grant>, DocumentError> {
        let mut fields = Fields::of(body);
        let grants: Option<Vec<Grant>> = fields.take("grants");
        if grants.is_none() {
            fields.refuse("grants", "say with whom it is shared; nobody is `[]`");
        }
        let grants = once(grants.unwrap_or_default(), |grant| grant.grantee.clone());
        fields.count("grants", grants.len(), MAX_GRANTS);
        let ids = grants
            .iter()
            .filter_map(|grant| grant.grantee.strip_prefix("user:"));
        let ids: Vec<&str> = ids.filter(|id| is_id(id)).take(MAX_GRANTS).collect();
        let people = self.people(&ids).await?;
        for grant in &grants {
            if let Some(refusal) = refusal(grant, &people) {
                fields.refuse("grants", refusal);
            }
        }
        fields.end()?;
        Ok(grants)
    }

    /// Gives a document a page that anybody with its address can read; the one before ends.
    ///
    /// # Errors
    /// When the document is not the caller's, or the end has passed already.
    pub async fn publish(
        &self,
        who: &Who,
        id: &str,
        body: Map<String, Value>,
    ) -> Result<NewLink, DocumentError> {
        let now = self.now();
        let mut fields = Fields::of(body);
        let ends_at: Option<Timestamp> = fields.take::<Option<Timestamp>>("ends_at").flatten();
        if ends_at.is_some_and(|ends_at| ends_at <= now) {
            fields.refuse("ends_at", "write a time that is to come");
        }
        fields.end()?;
        let tx = self.begin().await?;
        self.with_right(&tx, who, id, Right::Own).await?;
        let secret = random_text(LINK_LETTERS);
        let link = Link {
            created_at: now,
            created_by: who.doer.actor.name.clone(),
            ends_at,
        };
        access::put_link(&tx, id, &hash(&secret), &link).await?;
        let about = About::read(&tx, id).await?;
        let change = audit::Change {
            after: Some(json!({ "ends_at": ends_at })),
            ..about.audited("document.publish")
        };
        audit::append(&tx, now, &who.doer.actor, vec![change]).await?;
        let (data, nobody) = (json!({ "ends_at": ends_at }), Vec::new());
        about
            .say(&tx, now, &who.doer, "document.published", data, nobody)
            .await?;
        self.commit(tx, News::Of(id)).await?;
        let url = format!("/p/{secret}");
        Ok(NewLink { url, link })
    }

    /// Takes the page of a document back; its address leads nowhere from now on.
    ///
    /// # Errors
    /// When the document is not the caller's.
    pub async fn unpublish(&self, who: &Who, id: &str) -> Result<(), DocumentError> {
        let tx = self.begin().await?;
        let document: Document = self.with_right(&tx, who, id, Right::Own).await?;
        if !access::delete_link(&tx, &document.id).await? {
            return Ok(());
        }
        let change = About::read(&tx, id).await?.audited("document.unpublish");
        audit::append(&tx, self.now(), &who.doer.actor, vec![change]).await?;
        self.commit(tx, News::Of(id)).await?;
        Ok(())
    }
}

/// What is kept of a link: whoever reads the database cannot follow it.
pub(super) fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

fn refusal(grant: &Grant, people: &HashMap<String, Person>) -> Option<String> {
    let grantee = dabir_core::text::one_line(&grant.grantee);
    if grant.right == Right::Own {
        return Some(format!(
            "`{grantee}`: the right is `view`, `comment` or `edit`"
        ));
    }
    if grant.grantee == "everyone" {
        return None;
    }
    if let Some(id) = grant.grantee.strip_prefix("user:") {
        let is_known = people.contains_key(id);
        return (!is_known).then(|| format!("`{grantee}`: nobody has this id"));
    }
    let role = grant.grantee.strip_prefix("role:").and_then(Role::parse);
    match role {
        Some(Role::Participant) => Some(format!(
            "`{grantee}`: participants see what is shared with them by name"
        )),
        Some(_) => None,
        None => Some(format!(
            "`{grantee}`: write `user:<id>`, `role:<role>` or `everyone`"
        )),
    }
}

fn name(grantee: &str, people: &HashMap<String, Person>) -> String {
    let person = grantee.strip_prefix("user:").and_then(|id| people.get(id));
    person.map_or_else(|| grantee.to_owned(), |person| person.name.clone())
}

/// Those with whom it is shared by name now and was not before.
fn new_people(before: &[(String, Grant)], after: &[Grant]) -> Vec<String> {
    let had = |grant: &Grant| before.iter().any(|(_, old)| old.grantee == grant.grantee);
    let new = after.iter().filter(|grant| !had(grant));
    new.filter_map(|grant| grant.grantee.strip_prefix("user:").map(str::to_owned))
        .collect()
}

fn audited<'a>(grants: impl Iterator<Item = &'a Grant>) -> Value {
    let grants: Map<String, Value> = grants
        .map(|grant| (grant.grantee.clone(), json!(grant.right)))
        .collect();
    Value::Object(grants)
}
