//! The tables of accounts: one file a table, one function a question, the same on both databases.
#![expect(
    unreachable_pub,
    reason = "what SeaORM derives is public by its own word"
)]

pub(crate) mod users;
pub(crate) mod sessions;
pub(crate) mod tokens;
pub(crate) mod links;
pub(crate) mod totps;
