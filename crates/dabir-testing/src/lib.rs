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
pub mod hostile;
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

/// Each scenario as a test of each database: `crate::bench::Bench::open` takes the server, or none for
/// SQLite.
#[macro_export]
#[expect(
    clippy::crate_in_macro_def,
    reason = "each crate has a bench of its own"
)]
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite { $(#[tokio::test(flavor = "multi_thread")] async fn $name() {
            super::$name(crate::bench::Bench::open(None).await).await;
        })* }
        mod postgres { $(#[tokio::test(flavor = "multi_thread")] async fn $name() {
            super::$name(crate::bench::Bench::open(Some($crate::Postgres::start())).await).await;
        })* }
    };
}
