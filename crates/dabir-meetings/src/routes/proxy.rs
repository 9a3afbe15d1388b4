//! `/rooms/{id}/` on the main port: HTTP and WebSocket are passed on to the room, so that one
//! public port is enough. The console's cookies and tokens stay on this side.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::any;
use dabir_http::server::Place;
use dabir_http::{Client, Path, Problem};
use dabir_room::admission::Turned;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Meetings;
use crate::entry::RoomDoor;

/// Headers that belong to one connection, and those that must not cross to a room.
const KEPT_BACK: [&str; 14] = [
    "authorization",
    "connection",
    "cookie",
    "forwarded",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
];

/// A foreign room's page may be anything. This keeps it from acting as a page of ours.
const FOREIGN_POLICY: HeaderValue =
    HeaderValue::from_static("sandbox allow-scripts allow-forms allow-popups allow-downloads");

/// What a room counts is for whoever watches this machine, not for people.
const METRICS: &str = "/metrics";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long one side of a tunnel may stay after the other has gone.
const LINGER: Duration = Duration::from_secs(5);

pub(super) fn routes() -> Router<Meetings> {
    Router::new()
        .route("/rooms/{id}", any(add_slash))
        .route("/rooms/{id}/", any(pass_on))
        .route("/rooms/{id}/{*path}", any(pass_on))
}

/// The page's links are relative, so its address has to end with a slash.
async fn add_slash(uri: Uri) -> Redirect {
    let query = uri
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    Redirect::permanent(&format!("{}/{query}", uri.path()))
}

async fn pass_on(
    State(meetings): State<Meetings>,
    Path(parts): Path<Vec<(String, String)>>,
    mut request: Request,
) -> Result<Response, Problem> {
    let id = parts
        .into_iter()
        .find(|(name, _)| name == "id")
        .map(|(_, id)| id)
        .unwrap_or_default();
    let door = meetings.door(&id).await?;
    if request.uri().path().ends_with("/ws") && door.own {
        let query = request.uri().query().unwrap_or_default();
        if meetings.bar_of(&id, query).is_some() {
            return Err(blocked());
        }
    }
    let upgrade = wants_websocket(request.headers());
    let browser = upgrade.then(|| hyper::upgrade::on(&mut request));
    let place = request.extensions().get::<Place>().cloned();
    let request = to_room(request, &id, upgrade);
    if request.uri().path() == METRICS {
        return Err(Problem::not_found(
            "path.unknown",
            "the room has no such page",
        ));
    }
    let mut response = ask(door.address, request).await.map_err(|error| {
        tracing::debug!(meeting.id = %id, %error, "the room did not answer");
        Problem::unavailable(
            "rooms.silent",
            "the room does not answer at the moment; try again",
        )
    })?;
    if let (StatusCode::SWITCHING_PROTOCOLS, Some(browser)) = (response.status(), browser) {
        let room = hyper::upgrade::on(&mut response);
        tokio::spawn(join_streams(browser, room, place));
    }
    Ok(to_browser(response, &door, upgrade))
}

/// As the room itself says it.
fn blocked() -> Problem {
    let turned = Turned::Blocked;
    Problem::new(StatusCode::FORBIDDEN, turned.code(), turned.to_string())
}

fn wants_websocket(headers: &HeaderMap) -> bool {
    headers
        .get(header::UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// The request as the room gets it: its path below `/rooms/{id}`, its sender named, nothing secret.
fn to_room(request: Request, id: &str, upgrade: bool) -> Request {
    let (mut parts, body) = request.into_parts();
    let prefix = format!("/rooms/{id}");
    let whole = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let path = whole
        .strip_prefix(&prefix)
        .filter(|path| path.starts_with('/'))
        .unwrap_or("/");
    parts.uri = path.parse().unwrap_or_default();
    let peer = Client::of(&parts.extensions).map(|client| client.0);
    let host = parts.headers.get(header::HOST).cloned();
    for name in KEPT_BACK {
        parts.headers.remove(name);
    }
    if let Some(peer) = peer.and_then(|peer| HeaderValue::from_str(&peer.to_string()).ok()) {
        parts.headers.insert("x-forwarded-for", peer);
    }
    if let Some(host) = host {
        parts.headers.insert("x-forwarded-host", host);
    }
    if upgrade {
        set_upgrade(&mut parts.headers);
    }
    Request::from_parts(parts, body)
}

fn set_upgrade(headers: &mut HeaderMap) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
}

/// One request over a connection of its own: rooms are on this machine, so connecting is cheap, and
/// nothing has to be kept for thousands of rooms.
async fn ask(
    address: SocketAddr,
    request: Request,
) -> Result<Response, Box<dyn std::error::Error + Send + Sync>> {
    let stream = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await??;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake::<_, Body>(TokioIo::new(stream)).await?;
    tokio::spawn(connection.with_upgrades());
    Ok(sender.send_request(request).await?.map(Body::new))
}

fn to_browser(response: Response, door: &RoomDoor, upgrade: bool) -> Response {
    let switched = upgrade && response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let mut response = response.into_response();
    let headers = response.headers_mut();
    for name in [
        "connection",
        "keep-alive",
        "transfer-encoding",
        "upgrade",
        "set-cookie",
        "clear-site-data",
    ] {
        headers.remove(HeaderName::from_static(name));
    }
    if !door.own {
        headers.insert(header::CONTENT_SECURITY_POLICY, FOREIGN_POLICY);
    }
    if switched {
        set_upgrade(headers);
    }
    response
}

/// Passes bytes both ways until one side ends; the other then gets a moment to end too.
async fn join_streams(browser: OnUpgrade, room: OnUpgrade, place: Option<Place>) {
    let (Ok(browser), Ok(room)) = tokio::join!(browser, room) else {
        return;
    };
    let (mut from_browser, mut to_browser) = tokio::io::split(TokioIo::new(browser));
    let (mut from_room, mut to_room) = tokio::io::split(TokioIo::new(room));
    let mut up = std::pin::pin!(pass(&mut from_browser, &mut to_room));
    let mut down = std::pin::pin!(pass(&mut from_room, &mut to_browser));
    tokio::select! {
        () = &mut up => drop(tokio::time::timeout(LINGER, down).await),
        () = &mut down => drop(tokio::time::timeout(LINGER, up).await),
    }
    drop(place);
}

/// Passes bytes one way until there are no more, and says so to the other side. Either side may
/// hang up at any time; the page then comes back by itself.
async fn pass(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin)) {
    let _ = tokio::io::copy(from, to).await;
    let _ = to.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_crosses_and_the_path_loses_its_prefix() {
        let request = Request::builder()
            .uri("/rooms/abc/assets/room.js?v=1")
            .header("host", "meet.example")
            .header("cookie", "__Host-dabir=secret")
            .header("authorization", "Bearer secret")
            .header("x-forwarded-for", "1.2.3.4")
            .body(Body::empty())
            .unwrap();
        let passed = to_room(request, "abc", false);
        assert_eq!(passed.uri(), "/assets/room.js?v=1");
        let names: Vec<&str> = passed.headers().keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["host", "x-forwarded-host"]);
    }

    #[test]
    fn a_path_that_is_no_room_s_becomes_its_root() {
        let request = Request::builder()
            .uri("/rooms/abcdef/x")
            .body(Body::empty())
            .unwrap();
        assert_eq!(to_room(request, "abc", false).uri(), "/");
    }
}
