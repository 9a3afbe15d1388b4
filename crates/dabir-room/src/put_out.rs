//! Whom the room has just put out: a way in that they had in hand does not bring them back.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Instant;

use crate::decide::Entry;
use crate::token::MAX_AHEAD;

/// Those who were put out within the time that a join token lasts.
#[derive(Debug, Default)]
pub(crate) struct PutOut {
    /// By what they are called, see [`Entry::is_called`].
    recent: RefCell<BTreeMap<String, Case>>,
}

#[derive(Debug)]
struct Case {
    reason: String,
    until: Instant,
}

impl PutOut {
    /// Keeps out who is called `who` for a while, whether they are here or not.
    pub(crate) fn remember(&self, who: &str, reason: &str, now: Instant) {
        let mut recent = self.recent.borrow_mut();
        recent.retain(|_, case| case.until > now);
        let case = Case {
            reason: reason.to_owned(),
            until: now + MAX_AHEAD,
        };
        recent.insert(who.to_owned(), case);
    }

    /// Why a newcomer is not let in. Who comes back to a seat is known by their standing instead:
    /// another person may have the same name.
    pub(crate) fn reason(&self, entry: &Entry, now: Instant) -> Option<String> {
        entry.seat.as_ref()?;
        let recent = self.recent.borrow();
        let mut cases = recent.iter().filter(|(_, case)| case.until > now);
        let (_, case) = cases.find(|(who, _)| entry.is_called(who))?;
        Some(case.reason.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::Role;

    #[test]
    fn a_minute_and_only_for_newcomers() {
        let entry = |sub: Option<&str>, seat: Option<&str>| Entry {
            id: "p".into(),
            name: "Ali".into(),
            role: Role::Participant,
            seat: seat.map(Into::into),
            sub: sub.map(Into::into),
            token: None,
        };
        let put_out = PutOut::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        put_out.remember("Ali", "noise", start);
        let check = |entry: &Entry, seconds, reason: Option<&str>| {
            assert_eq!(put_out.reason(entry, at(seconds)).as_deref(), reason);
        };
        check(&entry(None, Some("s")), 59, Some("noise"));
        check(&entry(None, Some("s")), 60, None);
        check(&entry(None, None), 0, None);
        // A name is no name of somebody whom a token names.
        check(&entry(Some("ali@x"), Some("s")), 0, None);
        put_out.remember("ali@x", "blocked", at(30));
        check(&entry(Some("ali@x"), Some("s")), 60, Some("blocked"));
    }
}
