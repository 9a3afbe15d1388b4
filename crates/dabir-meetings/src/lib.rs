//! Meetings: which ones should run, by the Django API's word or ours, and a living room for each.
//!
//! The way of a meeting: the source's list is read with distrust ([`source`]) and kept as wanted
//! state ([`store`], [`service`]); [`plan`] compares it with the rooms as they are and says, with
//! a reason for every meeting, what is to be done; [`worker`] does it through [`rooms`], where each
//! room is a process that outlives us. Start at [`Meetings`].

pub mod model;
pub mod reason;
pub mod config;
pub mod error;
pub mod source;
mod vanish;
pub mod plan;
pub mod register;
pub mod rooms;
pub mod store;
mod cursor;
mod roster;
mod servers;
mod follow;
mod elsewhere;
mod audited;
mod said;
pub mod service;
mod edit;
pub mod samples;
pub mod entry;
mod minutes;
pub mod invitation;
mod apply;
mod reconcile;
pub mod worker;
mod metrics;
pub mod routes;
#[cfg(test)]
mod testing;

pub use config::{MeetingsConfig, PortConflict, RoomsConfig};
pub use error::MeetingError;
pub use minutes::Transcript;
pub use reason::Reason;
pub use register::Register;
pub use servers::Servers;
pub use service::{Meetings, MeetingsSetup};
