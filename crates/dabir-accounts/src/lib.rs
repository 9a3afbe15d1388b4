//! Who may do what: today the owner of the house, by the admin token or by a link that works once.
//!
//! [`authenticate`] turns a request's token or cookie into the [`dabir_http::Identity`] that
//! handlers ask for.

pub mod secrets;
pub mod service;
pub mod routes;

pub use routes::{authenticate, routes};
pub use secrets::{SecretError, Secrets};
pub use service::Accounts;
