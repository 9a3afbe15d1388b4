//! What every HTTP answer of Dabir has in common: problem details, typed extractors that say who
//! may call, pages of lists, the live stream of events, and the layers around the router.
//!
//! A domain's `routes.rs` builds on this crate and on axum; nothing else in Dabir knows axum.

pub mod problem;
pub mod extract;
pub mod client;
pub mod egress;
mod networks;
pub mod identity;
pub mod origin;
pub mod limit;
pub mod live;
pub mod layers;
pub mod openapi;
pub mod server;

pub use client::Client;
pub use egress::Egress;
pub use extract::{Form, Json, PageQuery, Path, Query};
pub use identity::{
    Admin, Auditor, By, Identity, Oneself, Operator, Person, Reader, Role, Scope, SignedIn,
    Stranger, Viewer, Writer,
};
pub use limit::{Limiter, Rate, TooSoon};
pub use networks::{EgressConfig, NETWORKS, networks};
pub use problem::{FieldError, Problem};
