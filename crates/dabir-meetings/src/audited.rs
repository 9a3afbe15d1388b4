//! What the audit keeps of a meeting: what people and sources decide, and not how its room does.

use dabir_core::{Actor, ActorKind};
use dabir_db::audit::Change;
use serde_json::{Value, json};

use crate::model::{Meeting, Override};

/// A meeting as it is to be kept, and what was done to it.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) action: &'static str,
    /// `None` when it is new.
    pub(crate) before: Option<Meeting>,
    pub(crate) after: Meeting,
}

impl Kept {
    pub(crate) fn change(&self) -> Change {
        change(self.action, self.before.as_ref(), Some(&self.after))
    }
}

/// Something done to a meeting, for the audit.
pub(crate) fn change(
    action: &'static str,
    before: Option<&Meeting>,
    after: Option<&Meeting>,
) -> Change {
    let meeting = after.or(before);
    Change {
        action,
        target_kind: "meeting",
        target_id: meeting.map_or_else(String::new, |meeting| meeting.id.clone()),
        target_name: meeting.map_or_else(String::new, |meeting| meeting.name.clone()),
        before: before.map(audited),
        after: after.map(audited),
    }
}

/// The source that meetings come from.
pub(crate) fn source() -> Actor {
    Actor::here(ActorKind::Source, "django")
}

/// Dabir itself.
pub(crate) fn ourselves() -> Actor {
    Actor::here(ActorKind::System, "dabir")
}

fn audited(meeting: &Meeting) -> Value {
    json!({
        "name": meeting.name,
        "date_time": meeting.date_time,
        "end_time": meeting.end_time(),
        "port": meeting.port,
        "is_running": meeting.is_running,
        "operator": meeting.operator.map(|operator| match operator {
            Override::Start => "start",
            Override::Stop => "stop",
        }),
        "gone": meeting.gone,
    })
}
