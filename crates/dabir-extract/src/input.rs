//! The file on standard input: a seekable one, which is read where a reader needs it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;

use crate::model::{Code, Refusal};

/// The file that is read, and its length.
#[derive(Debug)]
pub(crate) struct Input {
    file: File,
    pub(crate) length: u64,
}

/// A reader of some bytes of the file, from a place on.
#[derive(Debug)]
pub(crate) struct Slice<'a> {
    file: &'a File,
    at: u64,
    end: u64,
}

impl Input {
    /// Standard input; it has to be a file.
    pub(crate) fn stdin() -> Result<Self, Refusal> {
        let file = io::stdin().as_fd().try_clone_to_owned().map(File::from);
        Self::of(file.map_err(|error| not_read(&error))?)
    }

    pub(crate) fn of(mut file: File) -> Result<Self, Refusal> {
        let length = file.seek(SeekFrom::End(0));
        let length = length.map_err(|error| not_read(&error))?;
        file.rewind().map_err(|error| not_read(&error))?;
        Ok(Self { file, length })
    }

    /// At most `length` bytes from `at` on.
    pub(crate) fn slice(&self, at: u64, length: u64) -> Slice<'_> {
        Slice {
            file: &self.file,
            at,
            end: at.saturating_add(length).min(self.length),
        }
    }

    /// Exactly these bytes.
    pub(crate) fn bytes(&self, at: u64, length: usize) -> Result<Vec<u8>, Refusal> {
        let mut bytes = vec![0; length];
        let read = self.file.read_exact_at(&mut bytes, at);
        read.map_err(|error| not_read(&error))?;
        Ok(bytes)
    }

    /// The first bytes, at most `most`, and whether these are all.
    pub(crate) fn beginning(&self, most: u64) -> Result<(Vec<u8>, bool), Refusal> {
        let mut bytes = Vec::new();
        let read = self.slice(0, most).read_to_end(&mut bytes);
        read.map_err(|error| not_read(&error))?;
        Ok((bytes, self.length <= most))
    }
}

impl Read for Slice<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let most = buffer.len().min(left);
        let read = self.file.read_at(&mut buffer[..most], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

fn not_read(error: &io::Error) -> Refusal {
    Refusal::new(Code::Damaged, format!("the file breaks off: {error}"))
}
