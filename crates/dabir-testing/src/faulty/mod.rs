//! A list server that misbehaves on purpose: every way in which an upstream was seen, or can be
//! imagined, to hurt whoever polls it. [`FaultyUpstream::all`] is the table to test against.

mod fault;
mod reply;
mod transport;
mod answers;
mod pages;
mod rows;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

pub use fault::Fault;
use fault::{Asked, Behaviour};
use reply::Reply;

/// A server with one fault; it is gone when dropped.
#[derive(Debug)]
pub struct FaultyUpstream {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    served: Served,
}

/// What keeps the port taken.
#[derive(Debug)]
enum Served {
    By(JoinHandle<()>),
    /// Bound but not listening: the port refuses, and nobody else can take it.
    Refused {
        _socket: TcpSocket,
    },
}

/// A request as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub target: String,
    pub host: String,
    /// Whether it carried an `Authorization` header.
    pub authorized: bool,
}

impl FaultyUpstream {
    /// Every known fault.
    #[must_use]
    pub fn all() -> Vec<Fault> {
        [
            transport::faults(),
            answers::faults(),
            pages::faults(),
            rows::faults(),
        ]
        .concat()
    }

    /// Starts a server that has `fault`, inside the current tokio runtime.
    ///
    /// # Panics
    /// Outside a runtime, or when no port is left.
    #[must_use]
    pub fn start(fault: &Fault) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket
            .bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .expect("a free port");
        let address = socket.local_addr().expect("a bound socket has an address");
        let requests = Arc::default();
        let served = match fault.behaviour.clone() {
            Behaviour::Refuse => Served::Refused { _socket: socket },
            behaviour => {
                let listener = socket.listen(64).expect("a bound socket listens");
                Served::By(tokio::spawn(serve(
                    listener,
                    behaviour,
                    Arc::clone(&requests),
                )))
            }
        };
        Self {
            address,
            requests,
            served,
        }
    }

    /// The address of the list, for `[meetings.django] url`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/api/meetings/", self.address)
    }

    /// All requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        locked(&self.requests).clone()
    }

    /// The requests that were sent on to another host, which nobody should do with a token.
    #[must_use]
    pub fn foreign_requests(&self) -> Vec<Request> {
        let own = self.address.to_string();
        let mut requests = self.requests();
        requests.retain(|request| request.host != own);
        requests
    }
}

impl Drop for FaultyUpstream {
    fn drop(&mut self) {
        if let Served::By(task) = &self.served {
            task.abort();
        }
    }
}

async fn serve(listener: TcpListener, behaviour: Behaviour, requests: Arc<Mutex<Vec<Request>>>) {
    // Dropped with this task, and the connections with it.
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.expect("a connection comes in");
        let (behaviour, requests) = (behaviour.clone(), Arc::clone(&requests));
        // A client that leaves early is one of the outcomes.
        connections.spawn(async move { converse(stream, &behaviour, &requests).await.ok() });
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(
    mut stream: TcpStream,
    behaviour: &Behaviour,
    requests: &Mutex<Vec<Request>>,
) -> io::Result<()> {
    let Behaviour::Answer(answer) = behaviour else {
        return Ok(());
    };
    let request = read_request(&mut stream).await?;
    let nth = {
        let mut requests = locked(requests);
        requests.push(request.clone());
        requests.len()
    };
    let asked = Asked {
        target: &request.target,
        nth,
        port: stream.local_addr()?.port(),
    };
    send(&mut stream, answer(&asked)).await?;
    stream.shutdown().await?;
    // Closing with unread bytes would reset the connection under the answer.
    stream.read(&mut [0; 1_024]).await.map(drop)
}

async fn read_request(stream: &mut TcpStream) -> io::Result<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let header = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
    };
    Ok(Request {
        target: head.split(' ').nth(1).unwrap_or_default().to_owned(),
        host: header("host").unwrap_or_default(),
        authorized: header("authorization").is_some(),
    })
}

async fn send(stream: &mut TcpStream, reply: Reply) -> io::Result<()> {
    match reply {
        Reply::Bytes(bytes) => stream.write_all(&bytes).await,
        Reply::BytesThenSilence(bytes) => {
            stream.write_all(&bytes).await?;
            match std::future::pending::<Infallible>().await {}
        }
        Reply::Drip { bytes, drop, pause } => drip(stream, bytes.chunks(drop), pause).await,
        Reply::Stream(chunks) => {
            for chunk in chunks {
                stream.write_all(&chunk).await?;
            }
            Ok(())
        }
    }
}

async fn drip(
    stream: &mut TcpStream,
    drops: std::slice::Chunks<'_, u8>,
    pause: Duration,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    for drop in drops {
        stream.write_all(drop).await?;
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
