//! What people read in their inbox.

use dabir_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// Something that somebody is told of. What happens again to the same thing before they saw it is the
/// same line.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Notification {
    pub id: i64,
    #[schema(example = "task.commented")]
    pub event: String,
    #[schema(example = "task")]
    pub subject_kind: String,
    pub subject_id: String,
    pub subject_name: String,
    /// Who did it last.
    pub by_name: String,
    /// How often it happened since it was first told.
    pub times: i32,
    /// What the domain says of the last time.
    #[schema(value_type = Object)]
    pub data: Value,
    pub first_at: Timestamp,
    pub at: Timestamp,
    pub seen_at: Option<Timestamp>,
    pub snoozed_until: Option<Timestamp>,
}

/// Where a page ends: what is before it in the list is newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub(crate) at: Timestamp,
    pub(crate) id: i64,
}

/// Which notifications were seen: these, or all until an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = SeenNotifications)]
pub struct Seen {
    pub ids: Vec<i64>,
    /// All that came until then.
    pub until: Option<Timestamp>,
}

/// Which notifications a list shows.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct InboxFilter {
    /// Only what was not seen yet.
    #[serde(default)]
    pub(crate) unread: bool,
}

impl Notification {
    pub(crate) fn place(&self) -> Place {
        Place {
            at: self.at,
            id: self.id,
        }
    }
}

impl Place {
    /// As a cursor.
    pub(crate) fn as_text(self) -> String {
        format!("{}.{}", self.at.as_millisecond(), self.id)
    }

    /// The place that a cursor of ours names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        Some(Self {
            at: Timestamp::from_millisecond(at.parse().ok()?).ok()?,
            id: id.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let place = Place {
            at: Timestamp::from_millisecond(1_795_338_000_123).unwrap(),
            id: 77,
        };
        assert_eq!(Place::parse(&place.as_text()), Some(place));
        for wrong in ["", "1", "1.x", "9999999999999999999.1", "x.1"] {
            assert_eq!(Place::parse(wrong), None);
        }
    }
}
