//! List, make, look at and remove clients.

use axum::extract::State;
use axum::http::StatusCode;
use dabir_core::{Page, names};
use dabir_http::{By, Json, Operator, PageQuery, Path, Problem, Query, Viewer};
use imbl::OrdSet;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{named, refuse, username};
use crate::client::Client;
use crate::model::{Action, ClientState, Command, Facts, NewProfile, Source};
use crate::name::Username;
use crate::registry::Snapshot;
use crate::service::Clients;
use crate::sets::Kind;
use crate::store::events::ClientEvent;

/// How many there are in each state, whatever is looked for.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientTotals)]
pub(super) struct Totals {
    all: usize,
    blocked: usize,
    paused: usize,
    active: usize,
    connection_error: usize,
    deactivated: usize,
}

/// One page of clients, by username.
#[derive(Serialize, ToSchema)]
pub(super) struct ClientPage {
    items: Vec<Client>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    next_cursor: Option<String>,
    totals: Totals,
    /// The newest change that is in it: follow the stream from here.
    offset: i64,
}

/// Whom to look for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    state: Option<ClientState>,
    /// Parts of usernames and names, each of which has to be there, however they are spelt.
    q: Option<String>,
    source: Option<Source>,
    /// The room where they are to sit, or are.
    room: Option<String>,
}

/// A client that is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewClient {
    username: String,
    /// What people call them; the username when not given.
    name: Option<String>,
}

/// What is to be known of a client otherwise.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientPatch {
    /// What people call them.
    name: String,
    /// The version that was seen: of two at once one wins, and the other is told.
    version: Option<i64>,
}

/// The lists as they stand in Redis.
#[derive(Serialize, ToSchema)]
pub(super) struct ClientsStatus {
    #[schema(value_type = Vec<String>)]
    active_clients: OrdSet<Username>,
    #[schema(value_type = Vec<String>)]
    paused_clients: OrdSet<Username>,
    #[schema(value_type = Vec<String>)]
    blocked_clients: OrdSet<Username>,
    #[schema(value_type = Vec<String>)]
    deactivate_clients: OrdSet<Username>,
    #[schema(value_type = Vec<String>)]
    connecting_internet_error: OrdSet<Username>,
    #[schema(value_type = Vec<String>)]
    clients_to_close: OrdSet<Username>,
}

/// One page of what happened to a client, the newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct ClientEventPage {
    items: Vec<ClientEvent>,
    /// Pass this as `cursor` for what happened before; `null` when no more is known.
    next_cursor: Option<String>,
}

/// How much may be looked for at once.
const MAX_SEARCH: usize = 200;

/// List clients, with how many there are in each state.
#[utoipa::path(
    get, path = "/api/v1/clients", tag = "clients", params(PageQuery, Search),
    responses((status = 200, body = ClientPage), (status = 400, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn list_clients(
    _: Viewer,
    State(clients): State<Clients>,
    Query(page): Query<PageQuery>,
    Query(search): Query<Search>,
) -> Result<Json<ClientPage>, Problem> {
    let limit = page.limit()?;
    let after = page.cursor.as_deref().map(str::parse).transpose();
    let after: Option<Username> =
        after.map_err(|_| refuse("cursor", "write `next_cursor` of the page before"))?;
    let sought = Sought::of(&search)?;
    let snapshot = clients.snapshot();
    let found = snapshot
        .after(after.as_ref())
        .filter(|(name, facts)| sought.is(&snapshot, name, facts))
        .take(limit as usize + 1)
        .map(|(name, facts)| Client::of(name, facts))
        .collect();
    let Page { items, next_cursor } =
        Page::cut(found, limit, |client: &Client| client.username.to_string());
    Ok(Json(ClientPage {
        items,
        next_cursor,
        totals: Totals::of(&snapshot),
        offset: snapshot.offset,
    }))
}

/// Make a client by hand.
#[utoipa::path(
    post, path = "/api/v1/clients", tag = "clients", request_body = NewClient,
    responses(
        (status = 201, body = Client), (status = 400, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn create_client(
    _: Operator,
    By(by): By,
    State(clients): State<Clients>,
    Json(new): Json<NewClient>,
) -> Result<(StatusCode, Json<Client>), Problem> {
    let profile = NewProfile {
        name: new.name,
        ..NewProfile::default()
    };
    let command = Command {
        username: username("username", &new.username)?,
        action: Action::Add(profile),
        version: None,
    };
    let made = clients.apply(&by, command).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Look at one client.
#[utoipa::path(
    get, path = "/api/v1/clients/{username}", tag = "clients", params(("username" = String, Path)),
    responses((status = 200, body = Client), (status = 404, body = Problem)),
)]
pub(super) async fn get_client(
    _: Viewer,
    State(clients): State<Clients>,
    Path(name): Path<String>,
) -> Result<Json<Client>, Problem> {
    Ok(Json(clients.get(&named(&name)?)?))
}

/// Call a client otherwise.
#[utoipa::path(
    patch, path = "/api/v1/clients/{username}", tag = "clients", request_body = ClientPatch,
    params(("username" = String, Path)),
    responses(
        (status = 200, body = Client), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn change_client(
    _: Operator,
    By(by): By,
    State(clients): State<Clients>,
    Path(name): Path<String>,
    Json(patch): Json<ClientPatch>,
) -> Result<Json<Client>, Problem> {
    let command = Command {
        username: named(&name)?,
        action: Action::Rename(patch.name),
        version: patch.version,
    };
    Ok(Json(clients.apply(&by, command).await?))
}

/// Remove a client. Orders about them stay: whoever is blocked stays out.
#[utoipa::path(
    delete, path = "/api/v1/clients/{username}", tag = "clients", params(("username" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
pub(super) async fn delete_client(
    _: Operator,
    By(by): By,
    State(clients): State<Clients>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let command = Command {
        username: named(&name)?,
        action: Action::Remove,
        version: None,
    };
    clients.apply(&by, command).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Look at what happened to a client, the newest first.
#[utoipa::path(
    get, path = "/api/v1/clients/{username}/events", tag = "clients",
    params(("username" = String, Path), PageQuery),
    responses(
        (status = 200, body = ClientEventPage), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn list_client_events(
    _: Viewer,
    State(clients): State<Clients>,
    Path(name): Path<String>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ClientEventPage>, Problem> {
    let limit = page.limit()?;
    let before = page.cursor.as_deref().map(str::parse).transpose();
    let before = before.map_err(|_| refuse("cursor", "write `next_cursor` of the page before"))?;
    let username = named(&name)?;
    let known = clients.get(&username);
    let history = clients
        .history(&username, before, u64::from(limit) + 1)
        .await?;
    if history.is_empty() {
        // Of whom nothing is known nothing happened either.
        known?;
    }
    let Page { items, next_cursor } =
        Page::cut(history, limit, |event: &ClientEvent| event.id.to_string());
    Ok(Json(ClientEventPage { items, next_cursor }))
}

/// Look at the lists, as they stand in Redis under `Clients_status`.
#[utoipa::path(
    get, path = "/api/v1/clients/status", tag = "clients",
    responses((status = 200, body = ClientsStatus)),
)]
pub(super) async fn get_clients_status(
    _: Viewer,
    State(clients): State<Clients>,
) -> Json<ClientsStatus> {
    let snapshot = clients.snapshot();
    let list = |kind| snapshot.of(kind).clone();
    Json(ClientsStatus {
        active_clients: list(Kind::Active),
        paused_clients: list(Kind::Paused),
        blocked_clients: list(Kind::Blocked),
        deactivate_clients: list(Kind::Deactivated),
        connecting_internet_error: list(Kind::Lost),
        clients_to_close: list(Kind::ToClose),
    })
}

impl Totals {
    fn of(snapshot: &Snapshot) -> Self {
        Self {
            all: snapshot.len(),
            blocked: snapshot.count(ClientState::Blocked),
            paused: snapshot.count(ClientState::Paused),
            active: snapshot.count(ClientState::Active),
            connection_error: snapshot.count(ClientState::ConnectionError),
            deactivated: snapshot.count(ClientState::Deactivated),
        }
    }
}

/// What is looked for, ready to be compared.
struct Sought<'a> {
    search: &'a Search,
    /// For each word its spellings.
    words: Vec<Vec<String>>,
}

impl<'a> Sought<'a> {
    fn of(search: &'a Search) -> Result<Self, Problem> {
        let q = search.q.as_deref().unwrap_or_default();
        if q.chars().nth(MAX_SEARCH).is_some() {
            return Err(refuse("q", "write at most 200 letters"));
        }
        let words = q.split_whitespace().map(names::needles);
        let words = words.filter(|spellings| !spellings.is_empty()).collect();
        Ok(Self { search, words })
    }

    fn is(&self, snapshot: &Snapshot, username: &Username, facts: &Facts) -> bool {
        let known = facts.profile.as_ref();
        let is_in = |room: &String| {
            let sits = known.and_then(|known| known.room.as_ref()) == Some(room);
            sits || facts.places.iter().any(|place| *place.place == **room)
        };
        let source = known.map(|known| known.source);
        self.search.state.is_none_or(|state| facts.state() == state)
            && (self.search.source.is_none() || self.search.source == source)
            && self.search.room.as_ref().is_none_or(is_in)
            && self.is_called_so(snapshot, username)
    }

    fn is_called_so(&self, snapshot: &Snapshot, username: &Username) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let text = snapshot.search_text(username);
        let mut words = self.words.iter();
        words.all(|spellings| spellings.iter().any(|word| text.contains(word.as_str())))
    }
}
