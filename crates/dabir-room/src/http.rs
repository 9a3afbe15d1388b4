//! The room's port: its page, what it says of itself, and the way into the WebSocket.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tungstenite::handshake::derive_accept_key;

use crate::admission::{Entrance, Turned};
use crate::assets;
use crate::hub::{Hub, Pass};
use crate::metrics;
use crate::origin;
use crate::page::{self, Lang, PageView};

/// How long a client may take for the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may take in all before it is a WebSocket.
const PLAIN_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_HEAD: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;

const GZIP: HeaderValue = HeaderValue::from_static("gzip");

type Answer = Response<Full<Bytes>>;

/// What a `GET /ws` asks for.
struct WsQuery {
    entrance: Option<Entrance>,
    after: Option<u64>,
    /// Which count of offsets `after` belongs to; a program that does not say means the present one.
    epoch: Option<String>,
}

/// Serves HTTP on `stream` until it is closed or has become a WebSocket.
pub async fn serve(hub: Rc<Hub>, stream: TcpStream, peer: SocketAddr) {
    // Who does not read what they asked for gives up their descriptor to others.
    let _ = tokio::time::timeout(PLAIN_TIMEOUT, converse(hub, stream, peer)).await;
}

async fn converse(hub: Rc<Hub>, stream: TcpStream, peer: SocketAddr) {
    let service = service_fn(|request| {
        let answer = answer(&hub, request, peer);
        async { Ok::<_, Infallible>(answer) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    // What goes wrong here is the client's doing, and it has been answered or is gone.
    let _ = connection.await;
}

fn answer(hub: &Rc<Hub>, request: Request<Incoming>, peer: SocketAddr) -> Answer {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut answer = problem(
            StatusCode::METHOD_NOT_ALLOWED,
            "method.refused",
            "the room answers GET alone",
        );
        let allowed = HeaderValue::from_static("GET, HEAD");
        answer.headers_mut().insert(header::ALLOW, allowed);
        return answer;
    }
    match request.uri().path() {
        "/" => page(hub, &request),
        "/health" => json(StatusCode::OK, &json!({"status": "ok"})),
        "/info" => info(hub),
        "/metrics" => metrics(hub),
        "/ws" => websocket(hub, request, peer),
        path => asset(path),
    }
}

fn page(hub: &Hub, request: &Request<Incoming>) -> Answer {
    let asked = parameter(request.uri().query(), "lang");
    let accepted = text_header(request.headers(), &header::ACCEPT_LANGUAGE);
    let lang = Lang::choose(asked.as_deref(), accepted);
    let is_zipped = takes_gzip(request.headers());
    let body = if is_zipped {
        hub.pages.page(lang, Instant::now(), || render(hub, lang))
    } else {
        render(hub, lang).into()
    };
    let mut answer = respond(StatusCode::OK, "text/html; charset=utf-8", body);
    let headers = answer.headers_mut();
    if is_zipped {
        headers.insert(header::CONTENT_ENCODING, GZIP);
    }
    // The policy has no character that a header may not have.
    if let Ok(policy) = HeaderValue::from_str(&page::CSP) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers.insert(
        header::VARY,
        HeaderValue::from_static("accept-language, accept-encoding"),
    );
    answer
}

fn render(hub: &Hub, lang: Lang) -> String {
    page::render(&PageView {
        id: &hub.spec.id,
        name: &hub.spec.name,
        now: hub.clock.now(),
        starts_at: hub.spec.starts_at,
        ends_at: hub.ends_at(),
        timezone: &hub.spec.timezone,
        participants: hub.clients(),
        guests: hub.spec.guests,
        locked: hub.is_locked(),
        full: hub.is_full(),
        lang,
    })
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = text_header(headers, &header::ACCEPT_ENCODING).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let (coding, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").map(str::parse::<f32>);
        coding.trim().eq_ignore_ascii_case("gzip") && weight != Some(Ok(0.0))
    })
}

fn info(hub: &Hub) -> Answer {
    let info = json!({
        "id": hub.spec.id,
        "name": hub.spec.name,
        "starts_at": hub.spec.starts_at,
        "ends_at": hub.ends_at(),
        "participants": hub.clients(),
        "locked": hub.is_locked(),
        "guests": hub.spec.guests,
    });
    json(StatusCode::OK, &info)
}

fn metrics(hub: &Hub) -> Answer {
    let text = hub.metrics.text(hub.clients(), hub.open_sockets());
    respond(StatusCode::OK, metrics::CONTENT_TYPE, text.into())
}

fn asset(path: &str) -> Answer {
    let Some(asset) = path.strip_prefix("/assets/").and_then(assets::find) else {
        return problem(
            StatusCode::NOT_FOUND,
            "path.unknown",
            "the room has no such page",
        );
    };
    let mut answer = respond(
        StatusCode::OK,
        asset.content_type,
        Bytes::from_static(asset.body),
    );
    let headers = answer.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(assets::CACHE_CONTROL),
    );
    if asset.gzip {
        headers.insert(header::CONTENT_ENCODING, GZIP);
    }
    answer
}

fn websocket(hub: &Rc<Hub>, mut request: Request<Incoming>, peer: SocketAddr) -> Answer {
    if !origin::is_allowed(request.headers(), peer, &hub.spec.origins) {
        return turned(Turned::Origin);
    }
    let WsQuery {
        entrance,
        after,
        epoch,
    } = ws_query(request.uri().query());
    let after = after.filter(|_| epoch.is_none_or(|epoch| hub.is_epoch(&epoch)));
    let Some(entrance) = entrance else {
        return turned(Turned::Name);
    };
    let Some(accept) = accept_key(&request) else {
        return match hub.check(&entrance) {
            Ok(_) => upgrade_required(),
            Err(reason) => turned(reason),
        };
    };
    match hub.admit(&entrance, after) {
        Ok(pass) => {
            let upgrade = hyper::upgrade::on(&mut request);
            tokio::task::spawn_local(enter(Rc::clone(hub), pass, upgrade));
            switch(accept)
        }
        Err(reason) => turned(reason),
    }
}

async fn enter(hub: Rc<Hub>, pass: Pass, upgrade: OnUpgrade) {
    let Some((stream, early)) = upgrade.await.ok().and_then(take_back) else {
        return;
    };
    hub.serve(pass, stream, early).await;
}

/// The socket itself, without hyper around it, and what was read beyond the request: a copy, because
/// hyper's buffer is large and would live as long as the connection.
fn take_back(upgraded: Upgraded) -> Option<(TcpStream, Vec<u8>)> {
    let parts = upgraded.downcast::<TokioIo<TcpStream>>().ok()?;
    Some((parts.io.into_inner(), parts.read_buf.to_vec()))
}

fn ws_query(query: Option<&str>) -> WsQuery {
    let mut found = WsQuery {
        entrance: None,
        after: None,
        epoch: None,
    };
    for (key, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let value = value.into_owned();
        match key.as_ref() {
            "name" => found.entrance = found.entrance.or(Some(Entrance::Name(value))),
            "token" => found.entrance = Some(Entrance::Token(value)),
            "seat" => found.entrance = Some(Entrance::Seat(value)),
            "after" => found.after = value.parse().ok(),
            "epoch" => found.epoch = Some(value),
            _ => {}
        }
    }
    found
}

fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    form_urlencoded::parse(query?.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// The answer to the client's key, when this is a request for a WebSocket.
fn accept_key(request: &Request<Incoming>) -> Option<HeaderValue> {
    let headers = request.headers();
    let says = |name, word: &str| {
        text_header(headers, &name).is_some_and(|value: &str| {
            value
                .split(',')
                .any(|part| part.trim().eq_ignore_ascii_case(word))
        })
    };
    let asks = request.method() == Method::GET
        && says(header::CONNECTION, "upgrade")
        && says(header::UPGRADE, "websocket")
        && says(header::SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY)?;
    // 16 bytes in base64.
    let key_is_good = key.len() == 24;
    (asks && key_is_good)
        .then(|| HeaderValue::try_from(derive_accept_key(key.as_bytes())).ok())
        .flatten()
}

fn text_header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn switch(accept: HeaderValue) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = answer.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    answer
}

fn turned(reason: Turned) -> Answer {
    let status = StatusCode::from_u16(reason.status()).unwrap_or(StatusCode::FORBIDDEN);
    let mut answer = problem(status, reason.code(), &reason.to_string());
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let seconds = HeaderValue::from_static("2");
        answer.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    answer
}

fn upgrade_required() -> Answer {
    let mut answer = problem(
        StatusCode::UPGRADE_REQUIRED,
        "upgrade.required",
        "come in through a WebSocket",
    );
    let headers = answer.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(
        header::SEC_WEBSOCKET_VERSION,
        HeaderValue::from_static("13"),
    );
    answer
}

fn problem(status: StatusCode, code: &str, detail: &str) -> Answer {
    json(status, &json!({"code": code, "detail": detail}))
}

fn json(status: StatusCode, value: &Value) -> Answer {
    respond(status, "application/json", value.to_string().into())
}

fn respond(status: StatusCode, content_type: &'static str, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    answer
}
