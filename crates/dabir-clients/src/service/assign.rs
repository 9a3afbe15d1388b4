//! Who is to sit in which room or pipeline.

use std::collections::{BTreeMap, BTreeSet};

use dabir_core::Actor;
use dabir_db::audit;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::Clients;
use super::change::Draft;
use super::orders::change;
use crate::error::ClientsError;
use crate::model::{Action, Facts, Happening, Refused, Seat};
use crate::name::Username;
use crate::seats::{Target, Wait};
use crate::store::seats;
use crate::transition::{MAX_WORDS, check_text};

/// Who sits where: the seed's three words, and what there is room for.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ClientAssignments)]
pub struct Assignments {
    /// Available clients that have a room or a pipeline.
    #[schema(value_type = Vec<String>)]
    pub assigned_clients: BTreeSet<Username>,
    /// Available clients that have neither.
    #[schema(value_type = Vec<String>)]
    pub unassigned_clients: BTreeSet<Username>,
    #[schema(value_type = BTreeMap<String, String>)]
    pub clients2pipeline: BTreeMap<Username, String>,
    #[schema(value_type = BTreeMap<String, String>)]
    pub clients2room: BTreeMap<Username, String>,
    /// Rooms and pipelines that have room for so many; others have room for all.
    pub capacities: Vec<Target>,
    /// Who waits for a place, whose turn comes first.
    pub waiting: Vec<Wait>,
}

/// The largest capacity.
const MAX_CAPACITY: u64 = 1_000_000;

impl Clients {
    /// # Errors
    /// When the database does not answer.
    pub async fn assignments(&self) -> Result<Assignments, ClientsError> {
        let seats = seats::load(self.db().read()).await?;
        let snapshot = self.snapshot();
        let mut waiting: Vec<Wait> = seats.waits().cloned().collect();
        waiting.sort_by_key(|wait| wait.turn);
        let mut assignments = Assignments {
            assigned_clients: BTreeSet::new(),
            unassigned_clients: BTreeSet::new(),
            clients2pipeline: BTreeMap::new(),
            clients2room: BTreeMap::new(),
            capacities: seats.targets().cloned().collect(),
            waiting,
        };
        for (username, facts) in snapshot.after(None) {
            assignments.take(username, facts);
        }
        Ok(assignments)
    }

    /// Says how many a room or a pipeline has room for, any number when `None`. Whoever sits there
    /// stays; who waits longest gets what is free.
    ///
    /// # Errors
    /// When the name or the number is not allowed, or the database fails.
    pub async fn set_capacity(
        &self,
        by: &Actor,
        kind: Seat,
        name: &str,
        capacity: Option<u64>,
    ) -> Result<(), ClientsError> {
        check_target(name)?;
        if capacity.is_some_and(|capacity| capacity > MAX_CAPACITY) {
            let (field, why) = ("capacity", format!("write at most {MAX_CAPACITY}"));
            return Err(Refused::Invalid { field, why }.into());
        }
        // Where nothing was bounded nothing was counted.
        let counted = seats::taken(self.db().read(), kind, name).await?;
        self.change_with(by, Vec::new(), true, |draft| {
            let before = draft.seats.target(kind, name).cloned();
            if before.as_ref().map(|target| target.capacity) == capacity {
                return;
            }
            let taken = before.as_ref().map_or(counted, |target| target.taken);
            draft.seats.set_capacity(kind, name, capacity, taken);
            draft.audit(audit::Change {
                action: "client.capacity",
                target_kind: kind.as_str(),
                target_id: name.to_owned(),
                target_name: name.to_owned(),
                before: before.map(|target| json!({ "capacity": target.capacity })),
                after: capacity.map(|capacity| json!({ "capacity": capacity })),
            });
            fill(draft);
        })
        .await
    }
}

impl Assignments {
    fn take(&mut self, username: &Username, facts: &Facts) {
        let Some(known) = facts.profile.as_ref().filter(|known| known.is_available) else {
            return;
        };
        let seats = [
            (&known.room, &mut self.clients2room),
            (&known.pipeline, &mut self.clients2pipeline),
        ];
        let mut is_assigned = false;
        for (target, list) in seats {
            if let Some(target) = target {
                is_assigned = true;
                list.insert(username.clone(), target.clone());
            }
        }
        let list = match is_assigned {
            true => &mut self.assigned_clients,
            false => &mut self.unassigned_clients,
        };
        list.insert(username.clone());
    }
}

pub(super) fn check_target(name: &str) -> Result<(), Refused> {
    check_text("target", name, MAX_WORDS)?;
    if name.trim().is_empty() {
        let (field, why) = ("target", "it has no letter".to_owned());
        return Err(Refused::Invalid { field, why });
    }
    Ok(())
}

/// Whether an order may give seats or take them.
pub(super) fn moves(action: &Action) -> bool {
    matches!(
        action,
        Action::Assign { .. } | Action::Unassign(_) | Action::Withdraw | Action::Remove
    )
}

/// Assigns somebody, or ends that: also of whoever the house is not to count on any more.
pub(super) fn seat(
    draft: &mut Draft,
    username: &Username,
    facts: &mut Facts,
    action: &Action,
) -> Result<Vec<Happening>, Refused> {
    match action {
        Action::Assign {
            seat,
            target,
            waits,
        } => assign(draft, username, facts, *seat, target, *waits),
        Action::Unassign(seat) => unassign(draft, username, facts, *seat),
        Action::Withdraw | Action::Remove => Ok(leave(draft, username, facts)),
        _ => Ok(Vec::new()),
    }
}

fn assign(
    draft: &mut Draft,
    username: &Username,
    facts: &mut Facts,
    seat: Seat,
    target: &str,
    waits: bool,
) -> Result<Vec<Happening>, Refused> {
    check_target(target)?;
    let known = facts.profile.as_ref();
    let known = known.ok_or_else(|| Refused::Unknown(username.clone()))?;
    if !known.is_available {
        let why = format!("`{username}` is no longer available; add them again first");
        let field = "username";
        return Err(Refused::Invalid { field, why });
    }
    if known.seat(seat) == Some(target) {
        return Ok(Vec::new());
    }
    if let Some(full) = draft.seats.full(seat, target) {
        if waits {
            return Ok(line_up(draft, username, seat, target));
        }
        return Err(full.refuse());
    }
    draft.seats.stop_waiting(seat, username);
    Ok(sit(draft, facts, seat, Some(target)))
}

fn line_up(draft: &mut Draft, username: &Username, seat: Seat, target: &str) -> Vec<Happening> {
    let waited = draft.seats.wait_of(seat, username);
    if waited.is_some_and(|wait| wait.name == target) {
        return Vec::new();
    }
    let turn = draft.newest() + 1;
    draft.seats.wait(Wait {
        username: username.clone(),
        kind: seat,
        name: target.to_owned(),
        turn,
    });
    let detail = target.to_owned();
    let kind = "waiting";
    vec![Happening { kind, detail }]
}

fn unassign(
    draft: &mut Draft,
    username: &Username,
    facts: &mut Facts,
    seat: Seat,
) -> Result<Vec<Happening>, Refused> {
    let waited = draft.seats.wait_of(seat, username).cloned();
    draft.seats.stop_waiting(seat, username);
    let mut happened = sit(draft, facts, seat, None);
    if let Some(wait) = waited
        && happened.is_empty()
    {
        let (kind, detail) = ("unassigned", wait.name);
        happened.push(Happening { kind, detail });
    }
    match happened.is_empty() {
        true => Err(Refused::NotAssigned(username.clone())),
        false => Ok(happened),
    }
}

/// Seats somebody there or nowhere, and counts it.
fn sit(draft: &mut Draft, facts: &mut Facts, seat: Seat, target: Option<&str>) -> Vec<Happening> {
    let known = facts.profile.as_ref();
    let before = known.and_then(|known| known.seat(seat)).map(str::to_owned);
    let Some(happened) = facts.sit(seat, target, draft.now) else {
        return Vec::new();
    };
    if let Some(before) = before {
        draft.seats.count(seat, &before, false);
    }
    if let Some(target) = target {
        draft.seats.count(seat, target, true);
    }
    happened
}

/// Gives back their seats and their places in lines.
fn leave(draft: &mut Draft, username: &Username, facts: &mut Facts) -> Vec<Happening> {
    let mut happened = Vec::new();
    for seat in Seat::ALL {
        draft.seats.stop_waiting(seat, username);
        happened.extend(sit(draft, facts, seat, None));
    }
    happened
}

/// Gives free places to whoever waits longest.
pub(super) fn fill(draft: &mut Draft) {
    let mut lines = draft.seats.lines();
    let mut targets: Vec<(Seat, String)> = lines.keys().cloned().collect();
    while let Some((kind, target)) = targets.pop() {
        let Some(line) = lines.get_mut(&(kind, target.clone())) else {
            continue;
        };
        while draft.seats.full(kind, &target).is_none()
            && let Some(wait) = line.pop_front()
        {
            // Where they sat until now a place is free.
            targets.extend(seat_next(draft, wait).map(|left| (kind, left)));
        }
    }
}

/// Gives a place to somebody who waited for it, and tells which one they left.
fn seat_next(draft: &mut Draft, wait: Wait) -> Option<String> {
    let username = &wait.username;
    draft.seats.stop_waiting(wait.kind, username);
    let before = draft.facts(username);
    let mut after = before.clone();
    let happened = sit(draft, &mut after, wait.kind, Some(&wait.name));
    if happened.is_empty() {
        return None;
    }
    let action = Action::Assign {
        seat: wait.kind,
        target: wait.name,
        waits: false,
    };
    draft.audit(change(username, &action, &before, &after));
    draft.put_version(username, after, happened);
    before.profile?.seat(wait.kind).map(str::to_owned)
}
