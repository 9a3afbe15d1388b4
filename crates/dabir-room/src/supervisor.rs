//! The control channel: supervisors come and go, the room tells each the same and hears them all.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Interest};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::control::{FromRoom, MAX_LINE, ToRoom};
use crate::hub::Hub;
use crate::listen;
use crate::orders::Orders;

/// A supervisor that leaves more lines than these unread is let go; it can come back and ask.
const MAX_UNREAD: usize = 4_096;

/// The supervisors that are connected.
#[derive(Debug, Default)]
pub struct Supervisors {
    connected: RefCell<BTreeMap<u64, Sender<Vec<u8>>>>,
    last: Cell<u64>,
    open: Cell<usize>,
}

impl Supervisors {
    fn add(&self) -> (u64, Receiver<Vec<u8>>) {
        let (sender, receiver) = channel(MAX_UNREAD);
        self.last.update(|last| last + 1);
        self.open.update(|open| open + 1);
        self.connected.borrow_mut().insert(self.last.get(), sender);
        (self.last.get(), receiver)
    }

    fn remove(&self, id: u64) {
        self.connected.borrow_mut().remove(&id);
        self.open.update(|open| open - 1);
    }

    /// Tells one of them.
    pub fn tell(&self, id: u64, word: &FromRoom) {
        let mut connected = self.connected.borrow_mut();
        if let Some(sender) = connected.get(&id)
            && sender.try_send(line(word)).is_err()
        {
            connected.remove(&id);
        }
    }

    /// Tells all of them.
    pub fn tell_all(&self, word: &FromRoom) {
        let mut connected = self.connected.borrow_mut();
        if !connected.is_empty() {
            let line = line(word);
            connected.retain(|_, sender| sender.try_send(line.clone()).is_ok());
        }
    }

    /// Lets one of them go once it has read what was said.
    fn let_go(&self, id: u64) {
        self.connected.borrow_mut().remove(&id);
    }

    /// Lets them all go once they have read what was said.
    pub fn close(&self) {
        self.connected.borrow_mut().clear();
    }

    /// How many have not gone yet.
    pub fn open(&self) -> usize {
        self.open.get()
    }
}

fn line(word: &FromRoom) -> Vec<u8> {
    // These types always serialise.
    let mut line = serde_json::to_vec(word).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Serves every supervisor that connects; each may have the room's `socket`.
pub async fn run(hub: Rc<Hub>, listener: UnixListener, socket: Rc<TcpListener>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let task = serve(Rc::clone(&hub), stream, Rc::clone(&socket));
                tokio::task::spawn_local(task);
            }
            Err(_) => listen::back_off().await,
        }
    }
}

async fn serve(hub: Rc<Hub>, stream: UnixStream, socket: Rc<TcpListener>) {
    let (id, unread) = hub.supervisors.add();
    if send_hello(&stream, &line(&hub.hello()), socket.as_fd())
        .await
        .is_ok()
    {
        let (reader, writer) = stream.into_split();
        tokio::select! {
            _ = speak(writer, unread) => {}
            _ = hear(&hub, id, reader) => {}
        }
    }
    hub.supervisors.remove(id);
    hub.socket_closed.notify_one();
}

/// Writes the first line, with the room's socket attached.
async fn send_hello(stream: &UnixStream, line: &[u8], socket: BorrowedFd<'_>) -> io::Result<()> {
    let send = || {
        let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut attached = SendAncillaryBuffer::new(&mut space);
        let sockets = [socket];
        attached.push(SendAncillaryMessage::ScmRights(&sockets));
        let sent = sendmsg(
            stream,
            &[IoSlice::new(line)],
            &mut attached,
            SendFlags::NOSIGNAL,
        )?;
        Ok(sent)
    };
    let sent = stream.async_io(Interest::WRITABLE, send).await?;
    // An empty socket buffer takes a line of this length whole.
    if sent == line.len() {
        Ok(())
    } else {
        Err(io::ErrorKind::WriteZero.into())
    }
}

async fn speak(mut writer: OwnedWriteHalf, mut unread: Receiver<Vec<u8>>) -> io::Result<()> {
    while let Some(line) = unread.recv().await {
        writer.write_all(&line).await?;
    }
    writer.shutdown().await
}

async fn hear(hub: &Hub, id: u64, reader: OwnedReadHalf) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(1_024, reader);
    let mut line = Vec::new();
    let mut gathered = Orders::new();
    loop {
        line.clear();
        let limit = MAX_LINE as u64 + 1;
        (&mut reader)
            .take(limit)
            .read_until(b'\n', &mut line)
            .await?;
        if line.is_empty() {
            return Ok(());
        }
        if line.len() > MAX_LINE {
            return refuse(hub, id, "line.too_long", "a line has up to 64 KiB").await;
        }
        match serde_json::from_slice(&line) {
            Ok(word) => {
                if let Some(word) = gather(&mut gathered, word) {
                    hub.hear_supervisor(id, word);
                }
            }
            Err(error) => tell_error(hub, id, "line.invalid", &error.to_string()),
        }
    }
}

/// Keeps orders back until the last of their lines is there.
fn gather(gathered: &mut Orders, word: ToRoom) -> Option<ToRoom> {
    let ToRoom::Orders { about, whole, more } = word else {
        return Some(word);
    };
    gathered.extend(about);
    (!more).then(|| ToRoom::Orders {
        about: std::mem::take(gathered),
        whole,
        more,
    })
}

fn tell_error(hub: &Hub, id: u64, code: &str, detail: &str) {
    let error = FromRoom::Error {
        code: code.to_owned(),
        detail: detail.to_owned(),
    };
    hub.supervisors.tell(id, &error);
}

/// Says why, and waits for the other end to go: where the next line begins is not known.
async fn refuse(hub: &Hub, id: u64, code: &str, detail: &str) -> io::Result<()> {
    tell_error(hub, id, code, detail);
    hub.supervisors.let_go(id);
    std::future::pending().await
}
