//! One order about many clients.

use axum::extract::State;
use dabir_core::Timestamp;
use dabir_http::{By, Json, Operator, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::username;
use crate::client::Client;
use crate::model::{Action, Command, Refused, Terms};
use crate::service::Clients;

/// What can be ordered about many.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ClientBulkAction)]
pub(super) enum BulkAction {
    Pause,
    Resume,
    Block,
    Unblock,
    Disconnect,
    Remove,
}

/// Somebody whom the order is about.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClientBulkName)]
pub(super) struct BulkName {
    username: String,
    /// The version that was looked at: somebody else's change since then refuses the order.
    version: Option<i64>,
}

/// One order about up to 10,000 clients. To undo it, send the opposite order for those with
/// `changed: true` who had no such order before, with the versions that came back: whomever somebody else
/// changed meanwhile stays as they are. Whoever had one before needs that order again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClientBulk)]
pub(super) struct Bulk {
    action: BulkAction,
    #[schema(max_items = 10_000)]
    clients: Vec<BulkName>,
    #[serde(default)]
    reason: String,
    until: Option<Timestamp>,
}

/// What became of one of them.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientBulkAnswer)]
pub(super) struct BulkAnswer {
    username: String,
    /// How they stand now; `null` when the order was refused.
    client: Option<Client>,
    /// Whether that is because of this order; if not, they stood so before.
    changed: bool,
    /// Why it was refused, as a stable name and in words.
    code: Option<String>,
    detail: Option<String>,
}

/// What became of each, in the order of the request.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientBulkAnswers)]
pub(super) struct BulkAnswers {
    done: usize,
    refused: usize,
    items: Vec<BulkAnswer>,
}

impl Bulk {
    fn action(&self) -> Action {
        let terms = || Terms {
            reason: self.reason.clone(),
            until: self.until,
        };
        match self.action {
            BulkAction::Pause => Action::Pause(terms()),
            BulkAction::Resume => Action::Resume,
            BulkAction::Block => Action::Block(terms()),
            BulkAction::Unblock => Action::Unblock,
            BulkAction::Disconnect => Action::Disconnect {
                reason: self.reason.clone(),
            },
            BulkAction::Remove => Action::Remove,
        }
    }

    fn commands(&self) -> Result<Vec<Command>, Refused> {
        let action = self.action();
        let command = |name: &BulkName| {
            Ok(Command {
                username: username("clients", &name.username)?,
                action: action.clone(),
                version: name.version,
            })
        };
        self.clients.iter().map(command).collect()
    }
}

impl BulkAnswer {
    fn of(name: &BulkName, answer: Result<(Client, bool), Refused>) -> Self {
        let refused = answer.as_ref().err();
        let (code, detail) = (refused.map(Refused::code), refused.map(ToString::to_string));
        let (client, changed) = answer.ok().unzip();
        Self {
            username: name.username.clone(),
            client,
            changed: changed.unwrap_or_default(),
            code: code.map(str::to_owned),
            detail,
        }
    }
}

/// Give one order about many clients; each is obeyed or refused for itself.
#[utoipa::path(
    post, path = "/api/v1/clients/bulk", tag = "clients", request_body = Bulk,
    responses((status = 200, body = BulkAnswers), (status = 400, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn order_many_clients(
    _: Operator,
    By(by): By,
    State(clients): State<Clients>,
    Json(bulk): Json<Bulk>,
) -> Result<Json<BulkAnswers>, Problem> {
    let answers = clients.apply_each(&by, bulk.commands()?).await?;
    let items: Vec<BulkAnswer> = bulk
        .clients
        .iter()
        .zip(answers)
        .map(|(name, answer)| BulkAnswer::of(name, answer))
        .collect();
    let done = items.iter().filter(|item| item.client.is_some()).count();
    Ok(Json(BulkAnswers {
        done,
        refused: items.len() - done,
        items,
    }))
}
