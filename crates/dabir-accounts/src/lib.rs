//! Who may do what: people and their roles, sessions, tokens, links that work once, the audit.
//!
//! [`Accounts`] has the rules. [`authenticate`] stands before every route: it turns a request's
//! token or cookie into the [`dabir_http::Identity`] that handlers ask for, and refuses what a
//! foreign page sent or what comes too often.

mod keys;
pub mod model;
mod passwords;
mod totp;
mod live;
pub mod service;
mod store;
pub mod routes;
mod contacts;
pub mod worker;
mod metrics;
pub mod config;
pub mod error;

pub use config::{AuthConfig, LimitsConfig};
pub use contacts::{Contact, Contacts};
pub use dabir_db::{SecretError, Secrets};
pub use error::AccountError;
pub use passwords::Cost;
pub use routes::{Door, authenticate, routes};
pub use service::{Accounts, AccountsSetup};
