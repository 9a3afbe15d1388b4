//! The supervisor's end of a room's control channel.

use std::collections::VecDeque;
use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::time::Duration;

use dabir_room::control::{FromRoom, MAX_LINE_FROM_ROOM, ToRoom};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, recvmsg};
use tokio::io::Interest;
use tokio::net::UnixStream;

use super::folder::RoomFolder;

/// How long a room may leave an order unread.
const PATIENCE: Duration = Duration::from_secs(1);

/// A connection to one room.
#[derive(Debug)]
pub(super) struct Control {
    stream: UnixStream,
    buffer: Vec<u8>,
    /// Lines that were read and not yet asked for.
    lines: VecDeque<FromRoom>,
    /// The room's listening socket, attached to its first line.
    listener: Option<TcpListener>,
}

impl Control {
    /// Connects; the room says hello once it is there.
    ///
    /// # Errors
    /// When nobody listens.
    pub(super) async fn connect(folder: &RoomFolder) -> io::Result<Self> {
        let stream = folder.connect_control().await?;
        Ok(Self {
            stream,
            buffer: Vec::new(),
            lines: VecDeque::new(),
            listener: None,
        })
    }

    /// The room's next word; an error when it hung up or speaks another language.
    ///
    /// Can be given up and called again without loss.
    ///
    /// # Errors
    /// `UnexpectedEof` when the room hung up, `InvalidData` for what is no line of the protocol.
    pub(super) async fn next(&mut self) -> io::Result<FromRoom> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Ok(line);
            }
            self.stream.readable().await?;
            match self.receive() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => other?,
            }
        }
    }

    /// The listening socket that came with the hello.
    pub(super) fn take_listener(&mut self) -> Option<TcpListener> {
        self.listener.take()
    }

    /// Tells the room something.
    ///
    /// # Errors
    /// When the room hung up, or does not listen for a second.
    pub(super) async fn tell(&mut self, word: &ToRoom) -> io::Result<()> {
        tokio::time::timeout(PATIENCE, self.write(word)).await?
    }

    async fn write(&mut self, word: &ToRoom) -> io::Result<()> {
        let mut line = serde_json::to_vec(word)?;
        line.push(b'\n');
        let mut rest = line.as_slice();
        while !rest.is_empty() {
            self.stream.writable().await?;
            match self.stream.try_write(rest) {
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn receive(&mut self) -> io::Result<()> {
        let mut chunk = [0; 16 * 1024];
        let (read, listener) = self.stream.try_io(Interest::READABLE, || {
            receive_with_socket(&self.stream, &mut chunk)
        })?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.listener = listener.or(self.listener.take());
        self.buffer.extend_from_slice(&chunk[..read]);
        self.split_lines()
    }

    fn split_lines(&mut self) -> io::Result<()> {
        while let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.buffer.drain(..=end).collect();
            self.lines.push_back(serde_json::from_slice(&line)?);
        }
        if self.buffer.len() > MAX_LINE_FROM_ROOM {
            Err(io::ErrorKind::InvalidData.into())
        } else {
            Ok(())
        }
    }
}

/// Reads what is there, and the socket that may be attached to it.
fn receive_with_socket(
    stream: &UnixStream,
    chunk: &mut [u8],
) -> io::Result<(usize, Option<TcpListener>)> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let message = recvmsg(
        stream,
        &mut [IoSliceMut::new(chunk)],
        &mut ancillary,
        RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT,
    )?;
    if message.flags.contains(ReturnFlags::CTRUNC) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "more sockets than one",
        ));
    }
    let mut sockets = ancillary.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(sockets) => Some(sockets),
        _ => None,
    });
    let socket: Option<OwnedFd> = sockets.next().and_then(|mut sockets| sockets.next());
    Ok((message.bytes, socket.map(TcpListener::from)))
}
