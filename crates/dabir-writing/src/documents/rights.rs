//! Who asks, and what they may do at most.
//!
//! What somebody may do with a document is the most of: owner, grants on it, and owner and grants of
//! the folders around it. [`reach`] says it in SQL for one document and for lists alike, so both agree.

use dabir_core::{Actor, ActorKind};
use dabir_db::Question;
use dabir_db::sql::is_postgres;
use dabir_http::{Identity, Role, Scope};
use sea_orm::ConnectionTrait;

use super::model::Right;
use crate::people::{Doer, Person};

/// Whoever looks at documents or changes them.
#[derive(Clone, Debug)]
pub struct Who {
    pub(crate) doer: Doer,
    /// What their role and their token let them do with anything.
    pub(crate) most: Right,
}

impl Who {
    /// The caller of a request.
    #[must_use]
    pub fn new(actor: Actor, identity: &Identity) -> Self {
        let scopes = &identity.scopes;
        let may_write = scopes.contains(&Scope::Write) || scopes.contains(&Scope::Admin);
        let most = match identity.role {
            Role::Writer | Role::Operator | Role::Admin if may_write => Right::Own,
            _ => Right::View,
        };
        Self {
            doer: Doer::new(actor, identity),
            most,
        }
    }

    /// Somebody who does nothing just now: for whether they may see something.
    pub(crate) fn of_person(person: &Person) -> Self {
        Self {
            doer: Doer {
                actor: Actor::here(ActorKind::User, &person.name),
                user_id: Some(person.id.clone()),
                role: person.role,
            },
            most: Right::View,
        }
    }

    /// What people are known by where something is shared: participants see what is shared with them
    /// by name alone.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        words.extend(self.doer.user_id.as_ref().map(|id| format!("user:{id}")));
        if self.doer.role != Role::Participant {
            words.push(format!("role:{}", self.doer.role.as_str()));
            words.push("everyone".to_owned());
        }
        words
    }

    pub(crate) fn user_id(&self) -> &str {
        self.doer.user_id.as_deref().unwrap_or_default()
    }

    /// Right number `access`, as far as this one may have it.
    pub(crate) fn right(&self, access: i32) -> Option<Right> {
        Some(Right::of(access)?.min(self.most))
    }
}

/// The SQL of what `who` may do.
#[derive(Debug)]
pub(crate) struct Reach {
    /// `reach (id, access)`: the folders that they may see, for a `WITH RECURSIVE`.
    pub(crate) folders: String,
    /// The number of their right on the document `d`, 0 for none.
    pub(crate) access: String,
}

/// What `who` may do, in words of SQL whose values are put into `question`.
pub(crate) fn reach(db: &impl ConnectionTrait, question: &mut Question, who: &Who) -> Reach {
    let owner = match who.doer.role {
        // What is nobody's is the house's.
        Role::Admin => "owner_id IS NULL OR ",
        _ => "",
    };
    let me = question.value(who.user_id());
    let owns = format!("({owner}owner_id = {me})");
    // Nothing is shared with an empty word; it keeps the list from being empty.
    let words = who.words().into_iter().chain([String::new()]);
    let words = question.values(words.map(Into::into));
    let granted = format!("grantee IN ({words})");
    let greatest = match is_postgres(db) {
        true => "GREATEST",
        false => "MAX",
    };
    Reach {
        folders: format!(
            "reach (id, access) AS (\
               SELECT id, 4 FROM document_folder WHERE {owns} \
               UNION SELECT subject_id, access FROM document_access \
                 WHERE subject_kind = 'folder' AND {granted} \
               UNION SELECT f.id, reach.access FROM document_folder f JOIN reach ON f.parent = reach.id)"
        ),
        access: format!(
            "{greatest}(CASE WHEN {owns} THEN 4 ELSE 0 END, \
               COALESCE((SELECT MAX(r.access) FROM reach r WHERE r.id = d.folder_id), 0), \
               COALESCE((SELECT MAX(a.access) FROM document_access a \
                 WHERE a.subject_kind = 'document' AND a.subject_id = d.id AND a.{granted}), 0))"
        ),
    }
}
