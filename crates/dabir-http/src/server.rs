//! Listening: one connection a task, bounded in number and patience, so that idle strangers can
//! keep neither descriptors nor memory from everybody else.

use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
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
use rustix::net::sockopt;
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
/// Silence after which the system asks the client's system whether it is there, how often it asks
/// again, and how often in vain. Streams and tunnels would not notice by themselves.
const KEEP_IDLE: Duration = Duration::from_secs(15);
const KEEP_INTERVAL: Duration = Duration::from_secs(5);
const KEEP_PROBES: u32 = 3;
/// How long what was sent may go unconfirmed, and how long the client's system may take nothing
/// more, in milliseconds.
const UNCONFIRMED_MAX: u32 = 20_000;
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
    if let Err(error) = set_options(listener.as_fd()) {
        tracing::warn!(%error, "clients that vanish will be noticed late: {error}");
    }
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

/// Has the system find out whose machine is gone. Accepted connections inherit the options.
fn set_options(listener: BorrowedFd<'_>) -> rustix::io::Result<()> {
    sockopt::set_socket_keepalive(listener, true)?;
    sockopt::set_tcp_keepidle(listener, KEEP_IDLE)?;
    sockopt::set_tcp_keepintvl(listener, KEEP_INTERVAL)?;
    sockopt::set_tcp_keepcnt(listener, KEEP_PROBES)?;
    sockopt::set_tcp_user_timeout(listener, UNCONFIRMED_MAX)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_system_watches_over_accepted_connections() -> std::io::Result<()> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let same = TcpListener::from_std(listener.try_clone()?)?;
        let cancel = CancellationToken::new();
        cancel.cancel();
        serve(TcpListener::from_std(listener)?, Router::new(), 1, cancel).await;
        let client = TcpStream::connect(same.local_addr()?);
        let (accepted, _client) = tokio::join!(same.accept(), client);
        let (stream, _) = accepted?;
        assert_eq!(sockopt::tcp_user_timeout(&stream), Ok(20_000));
        assert_eq!(sockopt::socket_keepalive(&stream), Ok(true));
        assert_eq!(sockopt::tcp_keepidle(&stream), Ok(KEEP_IDLE));
        assert_eq!(sockopt::tcp_keepintvl(&stream), Ok(KEEP_INTERVAL));
        assert_eq!(sockopt::tcp_keepcnt(&stream), Ok(KEEP_PROBES));
        Ok(())
    }
}
