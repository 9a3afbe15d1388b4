//! Settings that can be read and changed while the house runs.
//!
//! [`Layers`] puts together what defaults, `dabir.toml`, the environment and the changes made here
//! say. [`Settings`] keeps those changes in the database and tells each service of its section
//! through a [`dabir_core::Current`].

mod layers;
mod held;
mod model;
mod service;
mod store;
mod routes;
mod follow;
mod show;
#[cfg(test)]
mod tests;

pub(crate) use follow::{adjust_log, adjust_ports, follow};
pub(crate) use layers::Layers;
pub(crate) use model::SettingList;
pub(crate) use routes::routes;
pub(crate) use service::Settings;
pub(crate) use show::{as_toml, look};
