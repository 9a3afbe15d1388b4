//! The room's sockets: inherited or bound, and accepted from without ever spinning.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixListener as StdUnixListener;
use std::rc::Rc;
use std::time::Duration;

use listenfd::ListenFd;
use rustix::net::sockopt;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream, UnixListener};

use crate::http;
use crate::hub::Hub;

/// How many may wait to be accepted, as far as the system allows.
const BACKLOG: i32 = 4_096;

/// Descriptors that ran out are not there again a moment later.
const BACK_OFF: Duration = Duration::from_millis(100);

/// Connections that are no WebSockets yet, over those that people may have.
const HALF_OPEN: usize = 256;

/// Silence after which the system asks the other side's system whether it is there, how often it
/// asks again, and how often in vain.
const KEEP_IDLE: Duration = Duration::from_secs(15);
const KEEP_INTERVAL: Duration = Duration::from_secs(5);
const KEEP_PROBES: u32 = 3;

/// How long what was sent may go unconfirmed, and how long the other side's system may take nothing
/// more, in milliseconds.
const UNCONFIRMED_MAX: u32 = 20_000;

/// The socket that the supervisor passed down, or a new one on `host` and `port`.
///
/// # Errors
/// When there is none and the address cannot be had.
pub fn tcp(host: &str, port: u16) -> io::Result<TcpListener> {
    let listener = match ListenFd::from_env().take_tcp_listener(0)? {
        Some(inherited) => inherited,
        None => StdListener::bind((host, port))?,
    };
    set_options(listener.as_fd())?;
    rustix::net::listen(&listener, BACKLOG)?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

/// Says how connections are to be, which those that are accepted inherit: small frames leave at
/// once, and the system finds out by itself whose machine is gone.
fn set_options(listener: BorrowedFd<'_>) -> rustix::io::Result<()> {
    sockopt::set_tcp_nodelay(listener, true)?;
    sockopt::set_socket_keepalive(listener, true)?;
    sockopt::set_tcp_keepidle(listener, KEEP_IDLE)?;
    sockopt::set_tcp_keepintvl(listener, KEEP_INTERVAL)?;
    sockopt::set_tcp_keepcnt(listener, KEEP_PROBES)?;
    sockopt::set_tcp_user_timeout(listener, UNCONFIRMED_MAX)
}

/// The control channel's socket, which is standard input.
///
/// # Errors
/// When standard input is no listening Unix socket.
pub fn control() -> io::Result<UnixListener> {
    let socket = io::stdin().as_fd().try_clone_to_owned()?;
    let listener = StdUnixListener::from(socket);
    listener.local_addr()?;
    listener.set_nonblocking(true)?;
    UnixListener::from_std(listener)
}

/// Raises the limit of open descriptors to what the system allows.
pub fn raise_descriptor_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Without it the room works for as many people as the old limit has room for.
    let _ = setrlimit(Resource::Nofile, limit);
}

/// Waits before the next try of an accept that failed.
pub async fn back_off() {
    tokio::time::sleep(BACK_OFF).await;
}

/// Accepts connections for as long as the room lives.
pub async fn run(hub: Rc<Hub>, listener: Rc<TcpListener>) {
    let half_open = Rc::new(());
    loop {
        match listener.accept().await {
            // Whoever is one too many is hung up on; their page tries again.
            Ok(_) if Rc::strong_count(&half_open) > hub.spec.max_clients + HALF_OPEN => {
                hub.hung_up.line(
                    &hub.clock,
                    "warning: too many connections that ask for nothing; newcomers are hung up on",
                );
            }
            Ok((stream, peer)) => {
                let serving = serve(Rc::clone(&hub), stream, peer, Rc::clone(&half_open));
                tokio::task::spawn_local(serving);
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                hub.out_of_descriptors.line(
                    &hub.clock,
                    format_args!("error: cannot accept a connection: {error}"),
                );
                back_off().await;
            }
        }
    }
}

async fn serve(hub: Rc<Hub>, stream: TcpStream, peer: SocketAddr, _half_open: Rc<()>) {
    http::serve(hub, stream, peer).await;
}

/// The connection was gone before it was accepted; the next one need not wait for that.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_system_watches_over_accepted_connections() {
        let listener = tcp("127.0.0.1", 0).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let (accepted, _client) = tokio::join!(listener.accept(), client);
        let (stream, _) = accepted.unwrap();
        assert_eq!(sockopt::tcp_user_timeout(&stream), Ok(20_000));
        assert_eq!(sockopt::socket_keepalive(&stream), Ok(true));
        assert_eq!(sockopt::tcp_keepidle(&stream), Ok(KEEP_IDLE));
        assert_eq!(sockopt::tcp_keepintvl(&stream), Ok(KEEP_INTERVAL));
        assert_eq!(sockopt::tcp_keepcnt(&stream), Ok(KEEP_PROBES));
        assert_eq!(sockopt::tcp_nodelay(&stream), Ok(true));
    }
}
