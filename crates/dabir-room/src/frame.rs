//! WebSocket frames as a server writes them: unmasked, whole, and encoded once for all readers.

use bytes::{BufMut, Bytes, BytesMut};

const FIN_TEXT: u8 = 0x81;
const FIN_CLOSE: u8 = 0x88;
const FIN_PING: u8 = 0x89;

/// Why the room closes a connection, as RFC 6455 numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCode {
    Normal = 1000,
    GoingAway = 1001,
    Protocol = 1002,
    Text = 1007,
    Policy = 1008,
    TooBig = 1009,
}

/// A text frame of `lines`, one a line.
#[must_use]
pub fn text<'a>(lines: impl IntoIterator<Item = &'a Bytes> + Clone) -> Bytes {
    let lengths = lines.clone().into_iter().map(|line| line.len() + 1);
    let length = lengths.sum::<usize>().saturating_sub(1);
    let mut frame = BytesMut::with_capacity(length + 10);
    put_header(&mut frame, FIN_TEXT, length);
    for (index, line) in lines.into_iter().enumerate() {
        if index > 0 {
            frame.put_u8(b'\n');
        }
        frame.put_slice(line);
    }
    frame.freeze()
}

/// An empty ping.
#[must_use]
pub fn ping() -> Bytes {
    Bytes::from_static(&[FIN_PING, 0])
}

/// A close frame without a reason: the line before it has said it.
#[must_use]
pub fn close(code: CloseCode) -> Bytes {
    let [high, low] = (code as u16).to_be_bytes();
    Bytes::copy_from_slice(&[FIN_CLOSE, 2, high, low])
}

fn put_header(frame: &mut BytesMut, first: u8, length: usize) {
    frame.put_u8(first);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..=125), _) => frame.put_u8(short),
        (_, Ok(medium)) => {
            frame.put_u8(126);
            frame.put_u16(medium);
        }
        _ => {
            frame.put_u8(127);
            frame.put_u64(length as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use tungstenite::Message;
    use tungstenite::protocol::{Role, WebSocket};

    fn read(frames: &[u8]) -> Message {
        let mut stream = Cursor::new(frames.to_vec());
        WebSocket::from_raw_socket(&mut stream, Role::Client, None)
            .read()
            .unwrap()
    }

    #[test]
    fn frames_of_every_length_are_read_by_others() {
        for length in [0, 1, 125, 126, 65_535, 65_536, 300_000] {
            let line = Bytes::from(vec![b'a'; length]);
            assert_eq!(read(&text([&line])).into_data(), line);
        }
        let (a, b) = (Bytes::from_static(b"{}"), Bytes::from_static(b"[]"));
        assert_eq!(read(&text([&a, &b])).into_text().unwrap(), "{}\n[]");
        assert_eq!(read(&ping()), Message::Ping(Bytes::new()));
        let Message::Close(Some(closed)) = read(&close(CloseCode::TooBig)) else {
            panic!("not a close frame");
        };
        assert_eq!(u16::from(closed.code), 1009);
    }
}
