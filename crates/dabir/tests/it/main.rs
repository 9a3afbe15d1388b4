//! The whole product from outside: the real executables, a real Django, real rooms.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod house;
mod cli;
mod serving;
mod ports;
mod visitor;
mod pages;
mod console;
mod accounts;
mod roles;
mod processes;
mod servers;
mod attacks;
mod limits;
mod schemas;
mod search;
mod settings;
mod meetings;
mod minutes;
mod join;
mod jobs;
mod sync;
mod clients;
mod files;
mod hostile;
mod notify;
mod portraits;
mod backup;
mod listing;
mod sample;
mod takeover;
mod enforcement;
mod kills;
mod foreign;
mod django;
