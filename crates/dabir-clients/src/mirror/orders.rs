//! What other programs write into the mirrors, as orders.

use std::collections::BTreeSet;
use std::sync::Arc;

use dabir_core::{Actor, ActorKind};

use super::agreed::Edits;
use crate::client::REDIS;
use crate::error::ClientsError;
use crate::model::{Action, Command, Order, OrderKind, Terms};
use crate::name::Username;
use crate::registry::Snapshot;
use crate::service::{Clients, MAX_COMMANDS};

/// Who writes the files.
const FILE: &str = "file";

/// Does what somebody wrote into a file: whoever was put in is paused or blocked, whoever was taken
/// out is not any more. Tells how many that concerned.
pub(super) async fn obey_file(
    clients: &Clients,
    order: OrderKind,
    edits: &Edits,
) -> Result<usize, ClientsError> {
    let snapshot = clients.snapshot();
    let stands = |name: &&Username| stands(&snapshot, order, name);
    let put = edits.added.iter().filter(|name| !stands(name));
    let lift = edits.removed.iter().filter(stands);
    let put = put.map(|name| command(name, put_action(order)));
    let lift = lift.map(|name| command(name, lift_action(order)));
    apply(clients, FILE, lift.chain(put).collect()).await
}

/// Puts out whom other programs want to be put out, and lets in again whom they want out no more. Tells
/// how many that concerned.
pub(super) async fn obey_redis(
    clients: &Clients,
    to_close: &BTreeSet<Username>,
) -> Result<usize, ClientsError> {
    let orders = clients.snapshot().orders().clone();
    let stand = &orders.to_close;
    let put = to_close.iter().filter(|name| !stand.contains_key(*name));
    let is_theirs =
        |(name, order): &(&Username, &Arc<Order>)| order.by == REDIS && !to_close.contains(*name);
    let lift = stand.iter().filter(is_theirs).map(|(name, _)| name);
    let put = put.map(|name| command(name, put_action(OrderKind::Close)));
    let lift = lift.map(|name| command(name, lift_action(OrderKind::Close)));
    apply(clients, REDIS, lift.chain(put).collect()).await
}

fn stands(snapshot: &Snapshot, order: OrderKind, name: &Username) -> bool {
    let facts = snapshot.get(name);
    facts.is_some_and(|facts| facts.order(order).is_some())
}

fn put_action(order: OrderKind) -> Action {
    let terms = Terms::default();
    match order {
        OrderKind::Pause => Action::Pause(terms),
        OrderKind::Block => Action::Block(terms),
        OrderKind::Close => Action::Close(terms),
    }
}

fn lift_action(order: OrderKind) -> Action {
    match order {
        OrderKind::Pause => Action::Resume,
        OrderKind::Block => Action::Unblock,
        OrderKind::Close => Action::Admit,
    }
}

fn command(username: &Username, action: Action) -> Command {
    Command {
        username: username.clone(),
        action,
        version: None,
    }
}

async fn apply(clients: &Clients, by: &str, commands: Vec<Command>) -> Result<usize, ClientsError> {
    if commands.is_empty() {
        return Ok(0);
    }
    let by = Actor::here(ActorKind::System, by);
    let mut done = 0;
    for some in commands.chunks(MAX_COMMANDS) {
        for answer in clients.apply_all(&by, some.to_vec()).await? {
            match answer {
                Ok(_) => done += 1,
                Err(refused) => tracing::warn!("another program's order is refused: {refused}"),
            }
        }
    }
    Ok(done)
}
