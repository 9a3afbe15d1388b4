//! One meeting's room: a small process that people chat, vote and write minutes in.
//!
//! `docs/reference/room-protocol.md` says what it speaks. A supervisor needs [`spec`], [`token`]
//! and [`control`]; the room itself is [`model`] (its nouns) and what follows.

pub mod spec;
pub mod token;
pub mod control;
pub mod model;
