//! Ports: who may listen on which one, and until when.
//!
//! A [`PortManager`] hands out the ports of a range to processes that do not know each other. What
//! it knows stands in one JSON file that other programs, in any language, read and write under the
//! same lock. A *lease* gives one port to one owner; it ends when it is released, when its time is
//! up, or when its owning process is gone. Start at [`PortManager::open`], then
//! [`PortManager::pick`], or [`PortManager::pick_bound`] for a socket that already listens.
//!
//! Calls are futures that need no runtime; [`wait`] turns one into a blocking call.

mod model;
mod set;
mod config;
mod error;
mod codec;
pub mod process;
mod sockets;
mod lock;
mod store;
mod desk;
mod ledger;
mod news;
mod health;
mod worker;
mod service;
pub mod console;
mod metrics;
mod views;
mod routes;

pub use config::{Durability, Options, PortsConfig};
pub use console::{Line, Paint};
pub use error::PortError;
pub use model::{HistoryEntry, Lease, PickRequest, PortsState, Settings};
pub use process::Process;
pub use routes::{PortAudit, PortsApi, routes};
pub use service::{PortManager, wait};
pub(crate) use set::PortSet;
pub use sockets::{Holder, Overlap};
