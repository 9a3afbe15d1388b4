//! What a room printed: read from its end, followed, and kept from growing without end.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::Stream;
use serde::Serialize;
use utoipa::ToSchema;

/// The end of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogTail {
    /// The oldest first.
    pub lines: Vec<String>,
    /// There is more before them.
    pub truncated: bool,
}

/// How much of a log is read for its last lines, in bytes.
const TAIL_BYTES: u64 = 1 << 20;
/// How often a followed log is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// The last `lines` lines of a log; none when it does not exist.
///
/// # Errors
/// When it cannot be read.
pub fn read_log(path: &Path, lines: usize) -> io::Result<LogTail> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(LogTail {
                lines: Vec::new(),
                truncated: false,
            });
        }
        Err(error) => return Err(error),
    };
    let size = file.metadata()?.len();
    let from = size.saturating_sub(TAIL_BYTES);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    // What was cut in the middle is no line.
    let all: Vec<&str> = text.lines().skip(usize::from(from > 0)).collect();
    let skipped = all.len().saturating_sub(lines);
    let lines = all[skipped..]
        .iter()
        .map(|line| dabir_core::text::one_line(line))
        .collect();
    Ok(LogTail {
        lines,
        truncated: from > 0 || skipped > 0,
    })
}

/// Each line that is written from now on.
pub fn follow_log(path: PathBuf) -> impl Stream<Item = String> {
    let start = fs::metadata(&path).map_or(0, |meta| meta.len());
    let state = Follow {
        path,
        position: start,
        partial: Vec::new(),
        lines: Vec::new().into_iter(),
    };
    futures_util::stream::unfold(state, |mut state| async move {
        loop {
            if let Some(line) = state.lines.next() {
                return Some((line, state));
            }
            tokio::time::sleep(LOOK).await;
            state.read();
        }
    })
}

struct Follow {
    path: PathBuf,
    position: u64,
    /// The beginning of a line whose end is not written yet.
    partial: Vec<u8>,
    lines: std::vec::IntoIter<String>,
}

impl Follow {
    fn read(&mut self) {
        let Ok(mut file) = File::open(&self.path) else {
            return;
        };
        let size = file.metadata().map_or(0, |meta| meta.len());
        if size < self.position {
            // The log was cut; what is there now is new.
            self.position = 0;
            self.partial.clear();
        }
        let mut bytes = Vec::new();
        let read = file
            .seek(SeekFrom::Start(self.position))
            .and_then(|_| file.take(TAIL_BYTES).read_to_end(&mut bytes));
        self.position += read.unwrap_or(0) as u64;
        self.partial.extend(bytes);
        let Some(end) = self.partial.iter().rposition(|byte| *byte == b'\n') else {
            return;
        };
        let whole: Vec<u8> = self.partial.drain(..=end).collect();
        let text = String::from_utf8_lossy(&whole).into_owned();
        let lines: Vec<String> = text.lines().map(dabir_core::text::one_line).collect();
        self.lines = lines.into_iter();
    }
}

/// Cuts a log that grew beyond `max` bytes: its newest `max` bytes become `room.log.1`, in place of
/// the one before, and the log begins anew.
///
/// The room goes on writing to the same open file, so the file cannot be renamed away from it. The
/// older part is copied, then collapsed out of the file by the file system, so that a line written
/// meanwhile is not lost. Where the file system cannot do that, or the log is smaller than a block,
/// all of it is copied and the file is emptied.
///
/// # Errors
/// When the disk is full or the folder cannot be written.
pub(super) fn rotate(path: &Path, max: u64) -> io::Result<()> {
    let Ok(meta) = fs::metadata(path) else {
        return Ok(());
    };
    if meta.len() <= max {
        return Ok(());
    }
    let mut log = File::options().read(true).write(true).open(path)?;
    // The file system collapses whole blocks only, and never all of a file.
    let old = (meta.len() - 1) / BLOCK * BLOCK;
    keep(&mut log, old, max, path)?;
    let collapse = rustix::fs::FallocateFlags::COLLAPSE_RANGE;
    if old == 0 || rustix::fs::fallocate(&log, collapse, 0, old).is_err() {
        keep(&mut log, meta.len(), max, path)?;
        log.set_len(0)?;
    }
    Ok(())
}

/// Copies what stands before `end`, at most `max` bytes of it, beside the log.
fn keep(log: &mut File, end: u64, max: u64, path: &Path) -> io::Result<()> {
    let start = end.saturating_sub(max);
    log.seek(SeekFrom::Start(start))?;
    let mut kept = File::create(path.with_extension("log.1"))?;
    io::copy(&mut log.take(end - start), &mut kept).map(drop)
}

/// The largest block of the common file systems.
const BLOCK: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use std::io::Write;

    use futures_util::StreamExt;

    use super::*;

    #[test]
    fn the_end_of_a_log_is_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("room.log");
        assert_eq!(read_log(&path, 10).unwrap().lines.len(), 0);
        fs::write(&path, "a\nb\n\u{1b}[2Jc\n").unwrap();
        let tail = read_log(&path, 2).unwrap();
        assert_eq!(tail.lines, ["b", r"\u{1b}[2Jc"]);
        assert!(tail.truncated);
    }

    #[test]
    fn a_large_log_is_cut_and_its_writer_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("room.log");
        let mut writer = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .unwrap();
        for n in 0..30_000 {
            writeln!(writer, "line {n}").unwrap();
        }
        rotate(&path, 300_000).unwrap();
        writeln!(writer, "after").unwrap();
        let old = fs::read_to_string(folder.path().join("room.log.1")).unwrap();
        let new = fs::read_to_string(&path).unwrap();
        let lines: Vec<String> = (old + &new).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 30_001, "no line is lost");
        assert_eq!(lines.last().map(String::as_str), Some("after"));
        assert!(new.len() < 100_000);
    }

    #[test]
    fn a_log_smaller_than_a_block_is_kept_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("room.log");
        fs::write(&path, "a line\n".repeat(1_000)).unwrap();
        rotate(&path, 100).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
        let kept = fs::read_to_string(folder.path().join("room.log.1")).unwrap();
        assert!(
            kept.ends_with("a line\n") && kept.len() == 100,
            "the newest stay"
        );
    }

    #[tokio::test]
    async fn a_followed_log_tells_whole_lines_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("room.log");
        fs::write(&path, "old\n").unwrap();
        let mut lines = Box::pin(follow_log(path.clone()));
        let mut writer = File::options().append(true).open(&path).unwrap();
        writer.write_all("new\nhal".as_bytes()).unwrap();
        assert_eq!(lines.next().await.as_deref(), Some("new"));
        writer.write_all("f\n".as_bytes()).unwrap();
        assert_eq!(lines.next().await.as_deref(), Some("half"));
    }
}
