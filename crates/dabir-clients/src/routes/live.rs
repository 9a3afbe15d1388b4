//! `GET /api/v1/clients/stream` and `/ws`: how all clients stand, and then who stands otherwise.
//!
//! The `id` of a message is an offset: whoever comes back with it, as `Last-Event-ID` or `offset`, gets
//! what it missed. When that is no longer all known, it gets everything anew.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{self, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive};
use axum::response::{Response, Sse};
use dabir_http::live::StreamedEvent;
use dabir_http::{Problem, Query, Viewer};
use futures_util::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use utoipa::IntoParams;

use crate::client::Client;
use crate::name::Username;
use crate::registry::Snapshot;
use crate::service::Clients;

/// From where on.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct StreamQuery {
    /// The newest change that was seen; everything first when not given.
    offset: Option<i64>,
}

/// A stretch of all clients.
#[derive(Serialize)]
struct Stretch<'a> {
    offset: i64,
    items: &'a [Client],
    /// The last one: changes follow.
    last: bool,
}

/// Who stands otherwise, and who is not known any more.
#[derive(Serialize)]
struct Changes {
    offset: i64,
    items: Vec<Client>,
    gone: Vec<Username>,
}

/// One message of a stream.
#[derive(Debug, Serialize)]
struct Message {
    event: &'static str,
    /// The offset to come back with.
    id: Option<i64>,
    data: Box<RawValue>,
}

/// What a listener has to be sent yet.
struct Follower {
    changes: watch::Receiver<Arc<Snapshot>>,
    place: Place,
}

enum Place {
    /// In the middle of everything, which stands still meanwhile.
    Snapshot(Arc<Snapshot>, Option<Username>),
    /// Behind this offset.
    Behind(i64),
}

/// How many clients an event tells of.
const AT_ONCE: usize = 500;
/// Changes are told together when they come faster than this.
const PACE: Duration = Duration::from_millis(20);
/// How often somebody who is sent nothing is asked for a sign of life.
const PULSE: Duration = Duration::from_secs(15);
/// How long a listener may give none, or take for a message.
const SILENCE: Duration = Duration::from_secs(45);
/// The longest message that is read; nothing is expected.
const MAX_HEARD: usize = 4_096;

/// Follow clients, live: `snapshot` events until one is the `last`, then `changes`.
#[utoipa::path(
    get, path = "/api/v1/clients/stream", tag = "clients",
    params(StreamQuery, ("Last-Event-ID" = Option<String>, Header, description = "The newest change that was seen")),
    responses(
        (status = 200, description = "An endless stream of changes", content_type = "text/event-stream", body = StreamedEvent),
        (status = 400, body = Problem),
    ),
)]
pub(super) async fn stream_clients(
    Viewer(caller): Viewer,
    State(clients): State<Clients>,
    Query(query): Query<StreamQuery>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let seen = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok()?.parse().ok());
    let follower = Follower::new(clients.sets(), seen.or(query.offset));
    let stream = stream::unfold(follower, Follower::next)
        .map(|message| Ok(message.event()))
        .take_until(caller.alive.clone().cancelled_owned());
    Sse::new(stream).keep_alive(KeepAlive::new().interval(PULSE))
}

/// Follow clients, live, over a WebSocket: the messages of the stream, as `{"event", "id", "data"}`.
#[utoipa::path(
    get, path = "/api/v1/clients/ws", tag = "clients", params(StreamQuery),
    responses(
        (status = 101, description = "A WebSocket"),
        (status = 400, body = Problem), (status = 426, body = Problem),
    ),
)]
pub(super) async fn follow_clients(
    Viewer(caller): Viewer,
    State(clients): State<Clients>,
    Query(query): Query<StreamQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|error| {
        let status = StatusCode::UPGRADE_REQUIRED;
        Problem::new(status, "request.upgrade", error.body_text())
    })?;
    let follower = Follower::new(clients.sets(), query.offset);
    let alive = caller.alive.clone();
    Ok(upgrade
        .max_message_size(MAX_HEARD)
        .max_frame_size(MAX_HEARD)
        .on_upgrade(move |socket| tell(socket, follower, alive)))
}

/// Sends one message after the other: the next one is made when the one before is on its way, so a
/// slow listener misses what lies between and is told how it stands.
async fn tell(mut socket: WebSocket, follower: Follower, alive: CancellationToken) {
    let mut messages = std::pin::pin!(stream::unfold(follower, Follower::next));
    let mut pulse = tokio::time::interval(PULSE);
    let mut heard = Instant::now();
    loop {
        let message = tokio::select! {
            () = alive.cancelled() => break,
            received = socket.recv() => match received {
                Some(Ok(ws::Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {
                    heard = Instant::now();
                    continue;
                }
            },
            message = messages.next() => match message {
                Some(message) => ws::Message::Text(message.text()),
                None => break,
            },
            _ = pulse.tick() => match heard.elapsed() > SILENCE {
                true => return,
                false => ws::Message::Ping(Default::default()),
            },
        };
        if !matches!(timeout(SILENCE, socket.send(message)).await, Ok(Ok(()))) {
            return;
        }
    }
    // Whoever does not take it finds the connection closed.
    let _ = timeout(PULSE, socket.send(ws::Message::Close(None))).await;
}

impl Follower {
    fn new(mut changes: watch::Receiver<Arc<Snapshot>>, seen: Option<i64>) -> Self {
        let now = changes.borrow_and_update().clone();
        let is_known = |offset: &i64| now.since(*offset).is_some();
        let place = match seen.filter(is_known) {
            Some(offset) => Place::Behind(offset),
            None => Place::Snapshot(now, None),
        };
        Self { changes, place }
    }

    /// The next message; `None` when the house closes.
    async fn next(mut self) -> Option<(Message, Self)> {
        let offset = match self.place {
            Place::Snapshot(snapshot, after) => {
                let (message, place) = stretch(&snapshot, after.as_ref());
                self.place = place;
                return Some((message, self));
            }
            Place::Behind(offset) => offset,
        };
        let now = self.wait(offset).await?;
        let Some(names) = now.since(offset) else {
            // They were slower than what is remembered: everything anew.
            let (message, place) = stretch(&now, None);
            self.place = place;
            return Some((message, self));
        };
        self.place = Place::Behind(now.offset);
        Some((changes(&now, names), self))
    }

    /// How all clients stand, once there is more than at `offset`.
    async fn wait(&mut self, offset: i64) -> Option<Arc<Snapshot>> {
        let is_newer = |snapshot: &Arc<Snapshot>| snapshot.offset != offset;
        drop(self.changes.wait_for(is_newer).await.ok()?);
        tokio::time::sleep(PACE).await;
        Some(self.changes.borrow_and_update().clone())
    }
}

impl Message {
    fn new(event: &'static str, id: Option<i64>, data: &impl Serialize) -> Self {
        // Names and texts: there is nothing that JSON could not say.
        let data = serde_json::value::to_raw_value(data).unwrap_or_default();
        Self { event, id, data }
    }

    fn event(&self) -> Event {
        let event = Event::default().event(self.event).data(self.data.get());
        match self.id {
            Some(id) => event.id(id.to_string()),
            None => event,
        }
    }

    fn text(&self) -> Utf8Bytes {
        serde_json::to_string(self).unwrap_or_default().into()
    }
}

fn stretch(snapshot: &Arc<Snapshot>, after: Option<&Username>) -> (Message, Place) {
    let rest = snapshot.after(after).take(AT_ONCE);
    let items: Vec<Client> = rest.map(|(name, facts)| Client::of(name, facts)).collect();
    let last = items.len() < AT_ONCE;
    let message = Message::new(
        "snapshot",
        // Whoever breaks off in the middle has not seen it all.
        last.then_some(snapshot.offset),
        &Stretch {
            offset: snapshot.offset,
            items: &items,
            last,
        },
    );
    let place = match items.last() {
        Some(client) if !last => Place::Snapshot(snapshot.clone(), Some(client.username.clone())),
        _ => Place::Behind(snapshot.offset),
    };
    (message, place)
}

fn changes(now: &Snapshot, names: impl IntoIterator<Item = Username>) -> Message {
    let (mut items, mut gone) = (Vec::new(), Vec::new());
    for name in names {
        match now.get(&name) {
            Some(facts) => items.push(Client::of(&name, facts)),
            None => gone.push(name),
        }
    }
    let offset = now.offset;
    let changes = Changes {
        offset,
        items,
        gone,
    };
    Message::new("changes", Some(offset), &changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, Facts, NewProfile};

    fn put(snapshot: &mut Snapshot, offset: i64, name: &str, is_known: bool) {
        let name: Username = name.parse().unwrap();
        let mut facts = Facts::default();
        let add = Action::Add(NewProfile::default());
        if is_known {
            facts
                .obey(&name, &add, "", dabir_core::Timestamp::UNIX_EPOCH)
                .unwrap();
        }
        snapshot.put(offset, &name, facts);
        snapshot.note(offset, &name);
    }

    async fn told(follower: Follower) -> (String, Follower) {
        let (message, follower) = follower.next().await.unwrap();
        (message.text().to_string(), follower)
    }

    #[tokio::test]
    async fn everything_comes_first_and_then_what_changes() {
        let mut snapshot = Snapshot::at(0);
        for n in 0..=i64::try_from(AT_ONCE).unwrap() {
            put(&mut snapshot, n + 1, &format!("client {n}"), true);
        }
        let sender = watch::Sender::new(Arc::new(snapshot.clone()));
        let follower = Follower::new(sender.subscribe(), Some(-1));
        let (first, follower) = told(follower).await;
        assert!(
            first.contains("snapshot") && first.contains(r#""last":false"#),
            "{first}"
        );
        let (second, follower) = told(follower).await;
        assert!(second.contains(r#""last":true"#), "{second}");
        put(&mut snapshot, 502, "client 7", false);
        put(&mut snapshot, 503, "ali", true);
        sender.send_replace(Arc::new(snapshot.clone()));
        let (third, _) = told(follower).await;
        assert!(
            third.contains(r#""gone":["client 7"]"#) && third.contains("ali"),
            "{third}"
        );
        let back = Follower::new(sender.subscribe(), Some(502));
        let (missed, _) = told(back).await;
        assert!(
            missed.contains("ali") && !missed.contains("client"),
            "{missed}"
        );
    }
}
