//! Whom the room has just put out: a way in that they had in hand does not bring them back.

use std::collections::BTreeMap;

use dabir_core::Timestamp;

use crate::model::Called;
use crate::token::MAX_AHEAD;

/// Those who were put out within the time that a join token lasts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PutOut(BTreeMap<Called, Case>);

#[derive(Clone, Debug, PartialEq)]
struct Case {
    reason: String,
    at: Timestamp,
}

impl Case {
    fn holds(&self, now: Timestamp) -> bool {
        now.duration_since(self.at).unsigned_abs() < MAX_AHEAD
    }
}

impl PutOut {
    /// Keeps somebody out for a while, whether they are here or not.
    pub(crate) fn remember(&mut self, called: Called, reason: &str, at: Timestamp) {
        self.0.retain(|_, case| case.holds(at));
        let reason = reason.to_owned();
        self.0.insert(called, Case { reason, at });
    }

    /// Why somebody is not let in now.
    pub(crate) fn reason(&self, called: &Called, now: Timestamp) -> Option<&str> {
        let case = self.0.get(called)?;
        case.holds(now).then_some(&*case.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_and_a_guest_is_nobody_with_a_token() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let (guest, sub) = (Called::new(None, "Sara"), Called::new(Some("Sara"), "x"));
        let mut put_out = PutOut::default();
        put_out.remember(guest.clone(), "noise", at(0));
        assert_eq!(put_out.reason(&guest, at(59)), Some("noise"));
        assert_eq!(put_out.reason(&guest, at(60)), None);
        assert_eq!(put_out.reason(&sub, at(0)), None);
        put_out.remember(sub.clone(), "blocked", at(60));
        assert_eq!(put_out.reason(&sub, at(119)), Some("blocked"));
        assert_eq!(put_out.0.len(), 1);
    }
}
