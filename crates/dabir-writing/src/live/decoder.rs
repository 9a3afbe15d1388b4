//! Reads an update as `yrs` does, within bounds that it does not set itself: values in values are read by
//! recursion there, and a stack that overflows ends the process.

use std::sync::Arc;

use yrs::block::ClientID;
use yrs::encoding::read::{Error, Read};
use yrs::updates::decoder::{Decode as _, Decoder};
use yrs::{Any, ID, Update};

/// How deep lists and maps stand in each other; the editor's attributes have one level.
const MAX_DEPTH: usize = 32;

/// An update, and how many nodes it brings.
///
/// # Errors
/// When it is none, or its values stand too deep in each other.
pub(super) fn update(bytes: &[u8]) -> Result<(Update, usize), Error> {
    let mut decoder = Bounded {
        bytes,
        at: 0,
        nodes: 0,
    };
    let update = Update::decode(&mut decoder)?;
    Ok((update, decoder.nodes))
}

/// The first version of the encoding.
#[derive(Clone, Copy)]
struct Bounded<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: usize,
}

impl Bounded<'_> {
    fn read_id(&mut self) -> Result<ID, Error> {
        let client = self.read_client()?;
        Ok(ID::new(client, self.read_var()?))
    }

    /// Whether the value that comes next is flat enough. It is read without recursion.
    fn look(mut self) -> Result<(), Error> {
        let mut open: Vec<(usize, bool)> = vec![(1, false)];
        while let Some((left, is_map)) = open.last_mut() {
            let is_map = *is_map;
            if *left == 0 {
                open.pop();
                continue;
            }
            *left -= 1;
            if is_map {
                self.read_string()?;
            }
            match self.read_u8()? {
                116 | 119 => drop(self.read_buf()?),
                117 => open.push((self.read_var()?, false)),
                118 => open.push((self.read_var()?, true)),
                120 | 121 | 126 | 127 => {}
                122 | 123 => drop(self.read_exact(8)?),
                124 => drop(self.read_exact(4)?),
                125 => drop(self.read_var::<i64>()?),
                _ => return Err(Error::UnexpectedValue),
            }
            if open.len() > MAX_DEPTH {
                return Err(Error::UnexpectedValue);
            }
        }
        Ok(())
    }
}

impl Read for Bounded<'_> {
    fn read_exact(&mut self, len: usize) -> Result<&[u8], Error> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let read = rest.get(..len).ok_or(Error::EndOfBuffer(len))?;
        self.at += len;
        Ok(read)
    }
}

impl Decoder for Bounded<'_> {
    fn reset_ds_cur_val(&mut self) {}

    fn read_ds_clock(&mut self) -> Result<u32, Error> {
        self.read_var()
    }

    fn read_ds_len(&mut self) -> Result<u32, Error> {
        self.read_var()
    }

    fn read_left_id(&mut self) -> Result<ID, Error> {
        self.read_id()
    }

    fn read_right_id(&mut self) -> Result<ID, Error> {
        self.read_id()
    }

    fn read_client(&mut self) -> Result<ClientID, Error> {
        self.read_var().map(ClientID::new)
    }

    fn read_info(&mut self) -> Result<u8, Error> {
        self.read_u8()
    }

    fn read_parent_info(&mut self) -> Result<bool, Error> {
        Ok(self.read_var::<u32>()? == 1)
    }

    fn read_type_ref(&mut self) -> Result<u8, Error> {
        self.nodes += 1;
        self.read_u8()
    }

    fn read_len(&mut self) -> Result<u32, Error> {
        self.read_var()
    }

    fn read_any(&mut self) -> Result<Any, Error> {
        self.look()?;
        Any::decode(self)
    }

    fn read_json(&mut self) -> Result<Any, Error> {
        Any::from_json(self.read_string()?)
    }

    fn read_key(&mut self) -> Result<Arc<str>, Error> {
        self.read_string().map(Arc::from)
    }

    fn read_to_end(&mut self) -> Result<&[u8], Error> {
        Ok(self.bytes.get(self.at..).unwrap_or_default())
    }
}
