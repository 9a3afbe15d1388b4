//! People, as far as tasks know them: who does something, and who may be asked to.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use dabir_core::Actor;
use dabir_http::{Identity, Role};
use sea_orm::DbErr;
use serde::Serialize;
use utoipa::ToSchema;

use crate::fields::Fields;

/// Somebody who has an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub role: Role,
    pub is_blocked: bool,
}

/// Knows who has an account; the app gives it.
#[async_trait]
pub trait People: Send + Sync {
    /// Those of these ids who have an account, in any order, with one question.
    async fn by_ids(&self, ids: &[&str]) -> Result<Vec<Person>, DbErr>;

    /// Those whose name or address has `query` in it, at most so many.
    async fn search(&self, query: &str, limit: usize) -> Result<Vec<Person>, DbErr>;
}

/// What somebody is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NamedPerson)]
pub struct Named {
    /// `null` for a program with the installation's own token.
    pub id: Option<String>,
    pub name: String,
}

/// Whoever changes something: for the audit, and as a person.
#[derive(Clone, Debug)]
pub struct Doer {
    pub actor: Actor,
    pub user_id: Option<String>,
    pub role: Role,
}

impl Doer {
    /// The caller of a request.
    #[must_use]
    pub fn new(actor: Actor, identity: &Identity) -> Self {
        Self {
            actor,
            user_id: identity.user_id.clone(),
            role: identity.role,
        }
    }

    pub(crate) fn named(&self) -> Named {
        Named {
            id: self.user_id.clone(),
            name: self.actor.name.clone(),
        }
    }

    pub(crate) fn is(&self, user_id: &str) -> bool {
        self.user_id.as_deref() == Some(user_id)
    }
}

impl Person {
    /// Whether they can be given a task or called to one.
    pub(crate) fn may_work(&self) -> bool {
        self.refusal().is_none()
    }

    fn refusal(&self) -> Option<String> {
        let name = &self.name;
        if self.is_blocked {
            return Some(format!("{name} is blocked"));
        }
        let may_write = matches!(self.role, Role::Writer | Role::Operator | Role::Admin);
        let role = self.role.as_str();
        (!may_write).then(|| format!("{name} has the role `{role}` and does not work on tasks"))
    }
}

/// People who were asked for, by their ids.
#[derive(Debug, Default)]
pub(crate) struct Known(HashMap<String, Person>);

impl Known {
    /// Asks once for all of them; not at all for nobody.
    pub(crate) async fn of<'a>(
        people: &dyn People,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, DbErr> {
        let ids: BTreeSet<&str> = ids.into_iter().collect();
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let ids: Vec<&str> = ids.into_iter().collect();
        let found = people.by_ids(&ids).await?;
        let found = found.into_iter().map(|person| (person.id.clone(), person));
        Ok(Self(found.collect()))
    }

    /// People who were asked for already.
    pub(crate) fn of_people(people: &[Person]) -> Self {
        let known = people.iter().cloned();
        Self(known.map(|person| (person.id.clone(), person)).collect())
    }

    /// Refuses each of these who cannot work on tasks.
    pub(crate) fn check(&self, fields: &mut Fields, field: &str, ids: &[&str]) {
        for id in ids {
            let refusal = match self.0.get(*id) {
                None => Some(format!("nobody has the id `{id}`")),
                Some(person) => person.refusal(),
            };
            if let Some(detail) = refusal {
                fields.refuse(field, detail);
            }
        }
    }

    /// Their names, in the order of their ids.
    pub(crate) fn names(self) -> Vec<Named> {
        let mut names: Vec<Named> = self.0.into_values().map(Named::from).collect();
        names.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        names
    }
}

impl From<Person> for Named {
    fn from(person: Person) -> Self {
        Self {
            id: Some(person.id),
            name: person.name,
        }
    }
}
