//! The rigs that tests stand on: real neighbours (PostgreSQL, Redis, Django) started from nothing, a list
//! server that misbehaves in every known way, a wire that can be cut, and processes that are watched and never left behind.
//!
//! Everything here panics with a sentence when it cannot do its work: a broken rig is a failed test.
//! `tools/setup-tests` installs what these rigs start.

pub mod wait;
pub mod process;
pub mod mini_server;
pub mod postgres;
pub mod redis;
pub mod wire;
pub mod upstream;
pub mod faulty;
pub mod gateway;
mod http;
mod paths;

pub use faulty::{Fault, FaultyUpstream};
pub use gateway::Gateway;
pub use paths::python;
pub use postgres::Postgres;
pub use process::{ProcessId, Running};
pub use redis::Redis;
pub use upstream::{NewMeeting, Upstream, UpstreamOptions};
pub use wait::{eventually, wait_until};
pub use wire::Wire;
