//! The two databases: how each is taken while others write, looked through, and put back.

pub(crate) mod sqlite;
pub(crate) mod postgres;
pub(crate) mod mended;

/// A name as SQL takes any.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
