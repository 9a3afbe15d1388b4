//! The port manager against real files, sockets, processes and other programs.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "this is a test")]

mod support;
mod child;
mod leases;
mod sharing;
mod recovery;
mod python;
mod http;
