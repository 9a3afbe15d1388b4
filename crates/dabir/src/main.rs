//! `dabir`: an institution's online meetings and paperwork, in one executable.
//!
//! `config.rs` reads the configuration, `app.rs` builds every service from it, `serve.rs` starts
//! and ends every loop, `cli/` has one file per group of commands.

mod config;
mod settings;
mod telemetry;
mod base;
mod app;
mod pages;
mod console;
mod directory;
mod people;
mod rights;
mod readers;
mod writers;
mod found;
mod join;
mod minutes;
mod sample;
mod serve;
mod work;
mod doctor;
mod cli;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

/// What one thread allocates here another frees, as each value from SQLite; the system's allocator has
/// the two wait for each other (see docs/decisions/0015).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // Chosen here, once, because two TLS providers in one process would be refused at first use.
    // It fails only when one was chosen already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    cli::run(cli::Cli::parse())
}
