//! The rigs themselves under test.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;
mod process;
mod mini_server;
mod postgres;
mod upstream;
mod faulty;
