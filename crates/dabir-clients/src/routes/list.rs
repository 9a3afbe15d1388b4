//! Lists of clients: all, or whoever is looked for, by name or by when they were there last.

use std::cmp::Reverse;

use axum::extract::State;
use dabir_core::{Page, Timestamp, names};
use dabir_http::{Json, PageQuery, Problem, Query, Viewer};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::refuse;
use crate::client::Client;
use crate::model::{ClientState, Source};
use crate::name::Username;
use crate::registry::{Known, Snapshot};
use crate::service::Clients;
use crate::sets::Kind;

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

/// One page of clients.
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
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    state: Option<ClientState>,
    /// Parts of usernames and names, each of which has to be there, however they are spelt.
    q: Option<String>,
    source: Option<Source>,
    /// The room where they are to sit, or are.
    room: Option<String>,
    /// By username, or `-last_seen`: whoever was connected last first, and whoever never was last.
    #[serde(default)]
    #[param(inline, required = false)]
    sort: Sort,
}

/// The order of a list.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[schema(as = ClientSort)]
enum Sort {
    #[default]
    #[serde(rename = "username")]
    Username,
    #[serde(rename = "-last_seen")]
    LastSeen,
}

/// Where somebody stands in a list: when they were connected last, where that matters, and their name.
type Stand<'a> = (Reverse<Option<i64>>, &'a Username);

/// What is looked for, ready to be compared.
struct Sought {
    search: Search,
    /// For each word its spellings.
    words: Vec<Vec<String>>,
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
    let after = page.cursor.as_deref();
    let after = after.map(|cursor| search.sort.read(cursor)).transpose()?;
    let sought = Sought::of(search)?;
    let snapshot = clients.snapshot();
    // All names may have to be looked through, and nobody else is to wait for that.
    let look = tokio::task::spawn_blocking(move || {
        let after = after.as_ref().map(|(seen, name)| (*seen, name));
        let found = sought.find(&snapshot, after, limit as usize + 1);
        let sort = sought.search.sort;
        let Page { items, next_cursor } = Page::cut(found, limit, |client| sort.cursor(client));
        ClientPage {
            items,
            next_cursor,
            totals: Totals::of(&snapshot),
            offset: snapshot.offset,
        }
    });
    let page = look.await.map_err(|error| Problem::internal(&error))?;
    Ok(Json(page))
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

impl Sort {
    fn key(self, last_seen: Option<Timestamp>) -> Reverse<Option<i64>> {
        match self {
            Self::Username => Reverse(None),
            Self::LastSeen => Reverse(last_seen.map(Timestamp::as_millisecond)),
        }
    }

    /// Where a page ends.
    fn cursor(self, client: &Client) -> String {
        let Reverse(seen) = self.key(client.last_seen);
        let seen = seen.map(|seen| seen.to_string()).unwrap_or_default();
        match self {
            Self::Username => client.username.to_string(),
            Self::LastSeen => format!("{seen} {}", client.username),
        }
    }

    fn read(self, cursor: &str) -> Result<(Reverse<Option<i64>>, Username), Problem> {
        let read = || {
            let (seen, name) = match self {
                Self::Username => ("", cursor),
                Self::LastSeen => cursor.split_once(' ')?,
            };
            let seen = match seen {
                "" => None,
                seen => Some(seen.parse().ok()?),
            };
            Some((Reverse(seen), name.parse().ok()?))
        };
        read().ok_or_else(|| refuse("cursor", "write `next_cursor` of the page before"))
    }
}

impl Sought {
    fn of(search: Search) -> Result<Self, Problem> {
        let q = search.q.as_deref().unwrap_or_default();
        if q.chars().nth(MAX_SEARCH).is_some() {
            return Err(refuse("q", "write at most 200 letters"));
        }
        let words = q.split_whitespace().map(names::needles);
        let words = words.filter(|spellings| !spellings.is_empty()).collect();
        Ok(Self { search, words })
    }

    /// The first so many of them after one, in the order that is asked for.
    fn find(&self, snapshot: &Snapshot, after: Option<Stand<'_>>, count: usize) -> Vec<Client> {
        let all = |after| snapshot.list(self.list(), after);
        let sort = self.search.sort;
        if let Sort::Username = sort {
            let found =
                all(after.map(|(_, name)| name)).filter(|(name, known)| self.is(name, known));
            let first = found.take(count);
            return first
                .map(|(name, known)| Client::of(name, known.facts()))
                .collect();
        }
        // They come in the order of their names: their places in it are compared, which is faster.
        let mut found: Vec<(Reverse<Option<i64>>, usize, &Username)> = all(None)
            .enumerate()
            .map(|(at, (name, known))| ((sort.key(known.facts().last_seen), at, name), known))
            .filter(|((seen, _, name), _)| after.is_none_or(|after| (*seen, *name) > after))
            .filter(|((_, _, name), known)| self.is(name, known))
            .map(|(stand, _)| stand)
            .collect();
        if found.len() > count {
            found.select_nth_unstable(count);
            found.truncate(count);
        }
        found.sort_unstable();
        let found = found.into_iter();
        found
            .filter_map(|(_, _, name)| Some(Client::of(name, snapshot.get(name)?)))
            .collect()
    }

    /// A list in which all of them are, when there is one that is shorter than that of all.
    fn list(&self) -> Option<Kind> {
        match self.search.state? {
            ClientState::Blocked => Some(Kind::Blocked),
            ClientState::Paused => Some(Kind::Paused),
            ClientState::Active => Some(Kind::Active),
            ClientState::ConnectionError => Some(Kind::Lost),
            ClientState::Deactivated => None,
        }
    }

    fn is(&self, username: &Username, known: &Known) -> bool {
        let facts = known.facts();
        let profile = facts.profile.as_ref();
        let is_in = |room: &String| {
            let sits = profile.and_then(|profile| profile.room.as_ref()) == Some(room);
            sits || facts.places.iter().any(|place| *place.place == **room)
        };
        let source = profile.map(|profile| profile.source);
        self.search.state.is_none_or(|state| facts.state() == state)
            && (self.search.source.is_none() || self.search.source == source)
            && self.search.room.as_ref().is_none_or(is_in)
            && self.is_called_so(username, known)
    }

    fn is_called_so(&self, username: &Username, known: &Known) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let text = known.search_text(username);
        let mut words = self.words.iter();
        words.all(|spellings| spellings.iter().any(|word| text.contains(word.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, Facts, NewProfile, Sign, Terms};

    fn house() -> Snapshot {
        let mut snapshot = Snapshot::at(0);
        for (name, seen) in [("a", 3), ("b", 0), ("c", 7), ("d", 3), ("e", 0)] {
            let name: Username = name.parse().unwrap();
            let at = |second| Timestamp::from_second(second).unwrap();
            let mut facts = Facts::default();
            let add = Action::Add(NewProfile::default());
            facts.obey(&name, &add, "", at(1)).unwrap();
            if seen > 0 {
                drop(facts.hear(&"board".into(), Sign::Joined, at(seen)));
            }
            if name.as_str() == "d" {
                let block = Action::Block(Terms::default());
                facts.obey(&name, &block, "", at(1)).unwrap();
            }
            snapshot.put(1, &name, facts);
        }
        snapshot
    }

    /// All pages of two.
    #[track_caller]
    fn check(search: Search, wanted: &[&str]) {
        let (snapshot, sort) = (house(), search.sort);
        let sought = Sought::of(search).unwrap();
        let (mut pages, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let after = cursor.map(|cursor| sort.read(&cursor).unwrap());
            let after = after.as_ref().map(|(seen, name)| (*seen, name));
            let found = sought.find(&snapshot, after, 3);
            let page = Page::cut(found, 2, |client| sort.cursor(client));
            let names = page.items.iter().map(|client| client.username.to_string());
            pages.push(names.collect::<Vec<_>>().join(" "));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(pages, wanted);
    }

    #[test]
    fn lists_go_by_name_or_by_when_somebody_was_there() {
        let search = |state, sort| Search {
            state,
            sort,
            ..Search::default()
        };
        let (blocked, active) = (Some(ClientState::Blocked), Some(ClientState::Active));
        check(search(None, Sort::Username), &["a b", "c d", "e"]);
        check(search(None, Sort::LastSeen), &["c a", "d b", "e"]);
        check(search(active, Sort::Username), &["a c"]);
        check(search(active, Sort::LastSeen), &["c a"]);
        check(search(blocked, Sort::LastSeen), &["d"]);
        check(
            search(Some(ClientState::Deactivated), Sort::LastSeen),
            &["b e"],
        );
        for cursor in ["", "x ali", "7", "7 a/b"] {
            assert!(Sort::LastSeen.read(cursor).is_err(), "{cursor}");
        }
    }
}
