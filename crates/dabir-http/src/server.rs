//! Listening: one connection a task, bounded in number and patience, so that idle strangers can
//! keep neither descriptors nor memory from everybody else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// How long the head of a request may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long requests in progress may go on after the end was asked for; streams never end.
const FAREWELL: Duration = Duration::from_secs(2);
/// How often a silent HTTP/2 client is asked whether it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// How long to wait when the machine has no descriptor left.
const BREATH: Duration = Duration::from_millis(50);

/// A connection's place among those that are served at once. A request carries it as an extension;
/// whoever keeps a stream beyond the answer, as a tunnel does, keeps its place as well.
#[derive(Clone, Debug)]
pub struct Place(#[expect(dead_code, reason = "held, never looked at")] Arc<OwnedSemaphorePermit>);

/// Serves `router` until `cancel`, with at most `connections` at once; more wait to be accepted.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    connections: usize,
    cancel: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(connections));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        if let Some((stream, peer, place)) = accepted {
            tokio::spawn(talk(
                stream,
                peer,
                place,
                router.clone(),
                graceful.watcher(),
            ));
        }
    }
    drop(listener);
    // What is still in progress then is cut.
    let _ = tokio::time::timeout(FAREWELL, graceful.shutdown()).await;
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, Place)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, Place(Arc::new(place)))),
        Err(error) => {
            tracing::warn!(%error, "no connection can be accepted: {error}");
            tokio::time::sleep(BREATH).await;
            None
        }
    }
}

async fn talk(stream: TcpStream, peer: SocketAddr, place: Place, router: Router, watcher: Watcher) {
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(place.clone());
        router.clone().oneshot(request.map(Body::new))
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(KEEP_ALIVE));
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    // A connection that broke off is its client's matter.
    let _ = watcher.watch(connection).await;
}
