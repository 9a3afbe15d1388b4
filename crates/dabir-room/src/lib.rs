//! One meeting's room: a small process that people chat, vote and write minutes in.
//!
//! `docs/reference/room-protocol.md` says what it speaks. A supervisor needs [`spec`], [`token`]
//! and [`control`]; the room itself is [`model`] (its nouns) and what follows.

pub mod spec;
pub mod token;
pub mod orders;
pub mod control;
pub mod model;
pub mod request;
pub mod state;
pub mod decide;
pub mod admission;
pub mod record;
pub mod history;
pub mod journal;
pub mod frame;
pub mod message;
pub mod limit;
pub mod metrics;
pub mod outbox;
pub mod progress;
pub mod connection;
pub mod supervisor;
mod put_out;
pub mod hub;
pub mod batch;
pub mod timekeeper;
pub mod origin;
pub mod http;
pub mod page;
pub mod zipped;
pub mod assets;
pub mod listen;
pub mod log;
pub mod args;
pub mod run;
pub mod guard;
