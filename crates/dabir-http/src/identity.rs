//! Who calls, and extractors that state in a handler's signature who may.
//!
//! Whoever authenticates (the accounts middleware) puts an [`Identity`] among the request's
//! extensions; the extractors here only read it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Problem;

/// What a person or token may do, from the least to the most.
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

/// The signed-in caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name that lists, logs and the audit show.
    pub name: String,
    pub role: Role,
}

/// May see how the house runs.
#[derive(Clone, Debug)]
pub struct Viewer(pub Identity);

/// May run the house: meetings, ports, rooms.
#[derive(Clone, Debug)]
pub struct Operator(pub Identity);

/// May change the house itself: people, secrets, settings.
#[derive(Clone, Debug)]
pub struct Admin(pub Identity);

/// The caller, when its role is one of `allowed`.
fn require(parts: &Parts, allowed: &[Role]) -> Result<Identity, Problem> {
    let identity = parts
        .extensions
        .get::<Identity>()
        .ok_or_else(Problem::unauthorized)?;
    if allowed.contains(&identity.role) {
        return Ok(identity.clone());
    }
    Err(Problem::forbidden(format!(
        "this needs one of the roles {allowed:?}, yours is {:?}",
        identity.role
    )))
}

impl<S: Sync> FromRequestParts<S> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        require(parts, &[Role::Auditor, Role::Operator, Role::Admin]).map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        require(parts, &[Role::Operator, Role::Admin]).map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        require(parts, &[Role::Admin]).map(Self)
    }
}
