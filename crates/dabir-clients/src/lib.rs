//! Clients: who may connect, who is connected, who is paused or blocked.
//!
//! What is kept are facts: whether somebody is available, how they are connected, what was ordered
//! about them. The state follows from these, see [`Facts::state`]; so do the lists that files and
//! Redis show to other programs, which [`Sets`] keeps up to date one client at a time.

mod name;
mod model;
mod sets;
mod file;

pub use file::{Malformed, read, text};
pub use model::{ClientState, Command, Facts, Order, Presence, Refusal};
pub use name::{NameError, Username};
pub use sets::{Kind, Sets};
