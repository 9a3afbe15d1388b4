//! Clients: who may connect, who is connected, who is paused or blocked.
//!
//! What is kept are facts: whether somebody is known, where they are, what was ordered about them.
//! The state follows from these, see [`Facts::state`]; so do the lists that files and Redis show to
//! other programs, which [`Sets`] keeps up to date one client at a time. All of it is in memory, as
//! [`Snapshot`]s of what the database knows. Start at [`Clients`].

mod name;
mod photo;
mod model;
mod transition;
mod seats;
mod sets;
mod tally;
mod calendar;
mod registry;
mod client;
mod file;
mod import;
mod available;
mod portrait;
mod service;
mod store;
mod routes;
mod mirror;
pub mod worker;
mod config;
mod error;

pub use calendar::By;
pub use client::{Client, REDIS};
pub use config::{ClientsConfig, RedisConfig, RedisEncoding};
pub use error::{Bar, ClientsError};
pub use file::{Malformed, read, text};
pub use import::{MAX_ROWS, Row, Unreadable, read_csv, read_json};
pub use mirror::{LEASE, Mirrors, MirrorsSetup, Problem};
pub use model::{
    Action, ClientState, Command, Facts, Happening, NewProfile, Order, OrderKind, Place,
    PlaceState, Presence, Profile, Refused, Seat, Sign, Source, Terms,
};
pub use name::{NameError, Username};
pub use photo::Photo;
pub use portrait::Portrait;
pub use registry::{Orders, Snapshot};
pub use routes::{problems, routes};
pub use seats::{Target, Wait};
pub use service::{
    Analytics, Asked, Assignments, Attendance, Clients, ClientsSetup, DirectoryPerson,
    DirectoryPlace, Figures, FiguresOf, FiguresOfRoom, ImportChange, ImportProblem, Imported,
    ImportedClient, Line, Looked, MAX_COMMANDS,
};
pub use sets::{Kind, Sets};
pub use store::events::ClientEvent;
