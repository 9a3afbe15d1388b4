//! How an instant stands in a column: whole milliseconds since 1970 in a `BIGINT`, on both databases.

use dabir_core::Timestamp;
use sea_orm::DeriveValueType;

/// An instant as a column value. Text or native types would compare differently on each database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, DeriveValueType)]
pub struct Ts(pub i64);

impl From<Timestamp> for Ts {
    fn from(at: Timestamp) -> Self {
        Self(at.as_millisecond())
    }
}

impl From<Ts> for Timestamp {
    /// A number beyond the calendar, which only a damaged row can have, becomes its last instant.
    fn from(ts: Ts) -> Self {
        Self::from_millisecond(ts.0).unwrap_or(Self::MAX)
    }
}
