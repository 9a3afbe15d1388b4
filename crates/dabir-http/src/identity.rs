//! Who calls, and extractors that state in a handler's signature who may.
//!
//! Whoever authenticates (the accounts middleware) puts an [`Identity`] among the request's
//! extensions; the extractors here only read it. A handler without one of them can be called by
//! nobody knows whom, and the table of roles in the tests finds it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use dabir_core::words::{named, word_of};
use dabir_core::{Actor, ActorKind};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use crate::Problem;
use crate::client::Client;
use crate::layers::RequestId;

/// What a person may do, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Participant,
    Writer,
    /// Sees all that operators see and changes nothing.
    Auditor,
    Operator,
    Admin,
}

/// What of its owner's rights a token has. A person who signed in has them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Look. Every token may.
    Read,
    /// Write documents and tasks.
    Write,
    /// Run meetings, ports and rooms.
    Operate,
    /// Everything that the owner may.
    Admin,
}

/// Every role and its word.
const ROLES: [(Role, &str); 5] = [
    (Role::Participant, "participant"),
    (Role::Writer, "writer"),
    (Role::Auditor, "auditor"),
    (Role::Operator, "operator"),
    (Role::Admin, "admin"),
];

/// Every scope and its word.
const SCOPES: [(Scope, &str); 4] = [
    (Scope::Read, "read"),
    (Scope::Write, "write"),
    (Scope::Operate, "operate"),
    (Scope::Admin, "admin"),
];

impl Role {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&ROLES, self)
    }

    /// The role that a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        named(&ROLES, word)
    }

    /// The most that a token of such a person may do.
    #[must_use]
    pub fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Participant | Self::Auditor => &[Scope::Read],
            Self::Writer => &[Scope::Read, Scope::Write],
            Self::Operator => &[Scope::Read, Scope::Write, Scope::Operate],
            Self::Admin => &[Scope::Read, Scope::Write, Scope::Operate, Scope::Admin],
        }
    }
}

impl Scope {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&SCOPES, self)
    }

    /// The scope that a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        named(&SCOPES, word)
    }
}

/// The signed-in caller.
#[derive(Clone, Debug)]
pub struct Identity {
    /// [`ActorKind::User`] or [`ActorKind::Token`].
    pub kind: ActorKind,
    /// The person's id, or the token's.
    pub id: String,
    /// The name that lists, logs and the audit show.
    pub name: String,
    pub role: Role,
    pub scopes: Vec<Scope>,
    /// Whose rights these are; `None` for the installation's own token.
    pub user_id: Option<String>,
    /// What the registry of clients calls that person: their e-mail address in lower case.
    pub username: Option<String>,
    /// The session of a person.
    pub session_id: Option<String>,
    /// Cancelled when these rights end: whatever outlives one answer has to end with it.
    pub alive: CancellationToken,
}

/// The caller, for the audit: whoever it is, from where, in which request.
#[derive(Clone, Debug)]
pub struct By(pub Actor);

/// Anybody may call this.
#[derive(Clone, Copy, Debug)]
pub struct Stranger;

/// Somebody who signed in with a session; no token.
#[derive(Clone, Debug)]
pub struct Person {
    pub user_id: String,
    pub session_id: String,
}

impl Identity {
    /// Somebody with all the rights of a role, whose session never ends: for tests of handlers.
    #[must_use]
    pub fn of(name: &str, role: Role) -> Self {
        Self {
            kind: ActorKind::User,
            id: name.to_owned(),
            name: name.to_owned(),
            role,
            scopes: vec![Scope::Admin],
            user_id: Some(name.to_owned()),
            username: Some(name.to_owned()),
            session_id: None,
            alive: CancellationToken::new(),
        }
    }

    /// Who it is, for the audit and for those who are told.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor {
            id: self.id.clone(),
            ..Actor::here(self.kind, &self.name)
        }
    }

    fn has(&self, scope: Scope) -> bool {
        scope == Scope::Read || self.scopes.contains(&scope) || self.scopes.contains(&Scope::Admin)
    }
}

/// An extractor for the callers whose role is listed, with the scope that a token needs for it.
macro_rules! callers {
    ($($(#[$about:meta])* $name:ident: $scope:ident, [$($role:ident),*];)*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug)]
        pub struct $name(pub Identity);

        impl<S: Sync> FromRequestParts<S> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
                require(parts, Scope::$scope, &[$(Role::$role),*]).map(Self)
            }
        }
    )*};
}

callers! {
    /// Anybody who is signed in.
    SignedIn: Read, [Participant, Writer, Auditor, Operator, Admin];
    /// Anybody about what is theirs: a session, or a token with all of an admin's rights.
    Oneself: Admin, [Participant, Writer, Auditor, Operator, Admin];
    /// May read what the house writes.
    Reader: Read, [Writer, Auditor, Operator, Admin];
    /// May write: documents, tasks, files.
    Writer: Write, [Writer, Operator, Admin];
    /// May see how the house runs.
    Viewer: Read, [Auditor, Operator, Admin];
    /// May see who changed what.
    Auditor: Read, [Auditor, Admin];
    /// May run the house: meetings, ports, rooms.
    Operator: Operate, [Operator, Admin];
    /// May change the house itself: people, secrets, settings.
    Admin: Admin, [Admin];
}

/// The caller, when its role is one of `allowed` and it has `scope`.
fn require(parts: &Parts, scope: Scope, allowed: &[Role]) -> Result<Identity, Problem> {
    let identity = parts
        .extensions
        .get::<Identity>()
        .ok_or_else(Problem::unauthorized)?;
    if !allowed.contains(&identity.role) {
        return Err(Problem::forbidden(format!(
            "this needs one of the roles {allowed:?}, yours is {:?}",
            identity.role
        )));
    }
    if !identity.has(scope) {
        let detail = format!("this token lacks the scope {scope:?}");
        return Err(Problem::forbidden(detail));
    }
    Ok(identity.clone())
}

impl<S: Sync> FromRequestParts<S> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let SignedIn(identity) = SignedIn::from_request_parts(parts, state).await?;
        match (identity.user_id, identity.session_id) {
            (Some(user_id), Some(session_id)) => Ok(Self {
                user_id,
                session_id,
            }),
            _ => Err(Problem::forbidden("a token may not do this; sign in")),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Stranger {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for By {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let known = parts.extensions.get::<Identity>();
        let mut actor = known.map_or_else(|| Actor::here(ActorKind::Stranger, ""), Identity::actor);
        actor.address = Client::of(&parts.extensions).map(|client| client.0);
        actor.request_id = parts.extensions.get::<RequestId>().map(|id| id.0.clone());
        Ok(Self(actor))
    }
}
