//! A connection that can be cut without a word: nothing arrives any more, and nobody is told.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A port of 127.0.0.1 that leads to another one. It is gone when dropped.
#[derive(Debug)]
pub struct Wire {
    address: SocketAddr,
    state: watch::Sender<State>,
    task: JoinHandle<()>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    target: SocketAddr,
    is_cut: bool,
    /// Connections of an earlier age are dead for ever.
    age: u64,
}

impl Wire {
    /// Leads to `target` from a port of its own.
    ///
    /// # Panics
    /// When the machine has no port left.
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let state = watch::Sender::new(State {
            target,
            is_cut: false,
            age: 0,
        });
        let task = tokio::spawn(serve(listener, state.subscribe()));
        Self {
            address,
            state,
            task,
        }
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// New connections lead to another port; those of before stay as they are.
    pub fn lead_to(&self, target: SocketAddr) {
        self.state.send_modify(|state| state.target = target);
    }

    /// From now on nothing arrives, in either direction; whoever connects is let in and hears nothing.
    pub fn cut(&self) {
        self.state.send_modify(|state| state.is_cut = true);
    }

    /// What was on its way arrives, and all goes on.
    pub fn mend(&self) {
        self.state.send_modify(|state| state.is_cut = false);
    }

    /// New connections work. Those of before stay silent for ever, as when a firewall has forgotten
    /// them.
    pub fn mend_for_new(&self) {
        self.state.send_modify(|state| {
            state.is_cut = false;
            state.age += 1;
        });
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, state: watch::Receiver<State>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        connections.spawn(connect(near, state.clone()));
    }
}

async fn connect(near: TcpStream, state: watch::Receiver<State>) {
    let State { target, age, .. } = *state.borrow();
    let mut gate = Gate { state, age };
    gate.open().await;
    let Ok(far) = TcpStream::connect(target).await else {
        return;
    };
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    // An end of either side is passed on; an error means that both are gone.
    let _ = tokio::join!(
        pass(near_read, far_write, gate.clone()),
        pass(far_read, near_write, gate),
    );
}

/// Where the bytes of one connection wait while the wire is cut.
#[derive(Clone)]
struct Gate {
    state: watch::Receiver<State>,
    age: u64,
}

impl Gate {
    async fn open(&mut self) {
        let age = self.age;
        let is_open = |state: &State| !state.is_cut && state.age == age;
        if self.state.wait_for(is_open).await.is_err() {
            // Nobody can mend it any more.
            std::future::pending::<()>().await;
        }
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut gate: Gate) -> io::Result<()> {
    let mut bytes = vec![0; 64 << 10];
    loop {
        let count = from.read(&mut bytes).await?;
        gate.open().await;
        match count {
            0 => return to.shutdown().await,
            count => to.write_all(&bytes[..count]).await?,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Whoever is answered at once, and whoever is not, within a moment.
    async fn answers(stream: &mut TcpStream) -> bool {
        stream.write_all(b"?").await.expect("the near end is open");
        let mut answer = [0; 1];
        let read = stream.read_exact(&mut answer);
        let within = tokio::time::timeout(Duration::from_millis(200), read);
        within.await.is_ok_and(|read| read.is_ok())
    }

    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    tokio::io::copy(&mut read, &mut write).await
                });
            }
        });
        address
    }

    #[tokio::test]
    async fn what_is_cut_is_silent_until_it_is_mended() {
        let wire = Wire::to(echo().await).await;
        let mut old = TcpStream::connect(wire.address()).await.expect("it opens");
        assert!(answers(&mut old).await);
        wire.cut();
        assert!(!answers(&mut old).await);
        let mut new = TcpStream::connect(wire.address()).await.expect("it opens");
        assert!(!answers(&mut new).await);
        wire.mend();
        assert!(answers(&mut old).await);
        assert!(answers(&mut new).await);
        wire.cut();
        wire.mend_for_new();
        assert!(!answers(&mut old).await);
        let mut new = TcpStream::connect(wire.address()).await.expect("it opens");
        assert!(answers(&mut new).await);
    }
}
