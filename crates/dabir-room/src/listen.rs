//! The room's sockets: inherited or bound, and accepted from without ever spinning.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::os::fd::AsFd;
use std::os::unix::net::UnixListener as StdUnixListener;
use std::rc::Rc;
use std::time::Duration;

use listenfd::ListenFd;
use rustix::net::sockopt::set_socket_send_buffer_size;
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

/// How much the system holds of what somebody has not taken yet (it counts each byte twice). With
/// its own megabytes a ping would be heard by a slow reader long after it had been given up.
const SEND_BUFFER: usize = 128 * 1024;

/// The socket that the supervisor passed down, or a new one on `host` and `port`.
///
/// # Errors
/// When there is none and the address cannot be had.
pub fn tcp(host: &str, port: u16) -> io::Result<TcpListener> {
    let listener = match ListenFd::from_env().take_tcp_listener(0)? {
        Some(inherited) => inherited,
        None => StdListener::bind((host, port))?,
    };
    rustix::net::listen(&listener, BACKLOG)?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
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
    // Small frames are to leave at once; a socket that refuses an option still works.
    let _ = stream.set_nodelay(true);
    let _ = set_socket_send_buffer_size(&stream, SEND_BUFFER);
    http::serve(hub, stream, peer).await;
}

/// The connection was gone before it was accepted; the next one need not wait for that.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}
