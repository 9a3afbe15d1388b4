//! The five JSON files: written when their lists change, and two of them read when somebody else
//! writes them.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dabir_db::Held;
use tokio_util::sync::CancellationToken;

use super::agreed::Edits;
use super::book::{Book, SETTLE};
use super::folder::{Folder, Mark};
use super::lag::Lag;
use super::watch::Watch;
use super::{DEBOUNCE, Mirrors, orders};
use crate::model::OrderKind;
use crate::registry::Snapshot;
use crate::sets::Kind;

const MIRROR: &str = "files";
const PAUSED: &str = "pause_clients.json";
const BLOCKED: &str = "blocked_clients.json";
const ACTIVE: &str = "active_clients.json";
const DEACTIVATED: &str = "deactivate_clients.json";
const LOST: &str = "Network_Action.json";

/// All five.
pub(super) const NAMES: [&str; 5] = [PAUSED, BLOCKED, ACTIVE, DEACTIVATED, LOST];

/// The folder as a subject of problems.
const FOLDER: &str = "folder";
/// Being told of changes, as a subject of problems.
const WATCHING: &str = "watching";

/// The five files under one lease.
#[derive(Debug)]
struct Shelf {
    folder: Folder,
    /// Which folder that was when it was looked into last.
    entered: Option<Mark>,
    /// What others have begun there is gone.
    is_swept: bool,
    held: Held,
    books: [Book; 5],
}

/// What came of looking at all of them once.
#[derive(Debug, Default)]
struct Turn {
    /// Which folder that was.
    folder: Option<Mark>,
    edits: Vec<(OrderKind, Edits)>,
    /// What is wrong with each subject, if anything.
    told: Vec<(&'static str, Option<String>)>,
    is_unsettled: bool,
    is_behind: bool,
}

/// Runs until `cancel`.
pub(super) async fn run(mirrors: Mirrors, cancel: CancellationToken) {
    let mut sets = mirrors.clients.sets();
    let mut lease = mirrors.lease.changes();
    let mut config = mirrors.clients.current_config();
    let mut watch = Watch::default();
    let mut lag = Lag::new(MIRROR, &mirrors.metrics);
    let mut shelf = None;
    loop {
        let began = tokio::time::Instant::now();
        let snapshot = sets.borrow_and_update().clone();
        lag.notice(snapshot.offset);
        let wait = match mirrors.lease.held() {
            Some(held) => {
                shelf = Shelf::under(shelf, &config.get().dir, held);
                bring_up_to_date(&mirrors, &mut shelf, &mut watch, &mut lag).await
            }
            None => {
                (shelf, watch) = (None, Watch::default());
                mirrors.problems.clear(MIRROR);
                lag.rest();
                Duration::MAX
            }
        };
        mirrors.count_problems(MIRROR);
        let wait = wait.min(config.get().interval.get());
        tokio::select! {
            () = cancel.cancelled() => break,
            _ = sets.changed() => {}
            _ = lease.changed() => {}
            () = watch.changed() => {}
            () = config.changed() => {}
            () = tokio::time::sleep(wait) => {}
        }
        tokio::time::sleep_until(began + DEBOUNCE).await;
    }
    if let Some(shelf) = shelf {
        let closed = tokio::task::spawn_blocking(move || shelf.close()).await;
        if let Ok(Err(error)) = closed {
            tracing::warn!(%error, "the files of clients are not left in order: {error}");
        }
    }
}

/// Takes in what others wrote, writes what is not there yet, and tells how long there is nothing to do.
async fn bring_up_to_date(
    mirrors: &Mirrors,
    shelf: &mut Option<Shelf>,
    watch: &mut Watch,
    lag: &mut Lag,
) -> Duration {
    let mut turn = Turn::default();
    // What is taken in changes the lists, so that the files are looked at once more.
    for _ in 0..3 {
        let Some(mine) = shelf.take() else {
            return Duration::ZERO;
        };
        let snapshot = mirrors.clients.snapshot();
        let looked = tokio::task::spawn_blocking(move || mine.turn(&snapshot)).await;
        let Ok((mine, found)) = looked else {
            return SETTLE;
        };
        turn = found;
        let mine = shelf.insert(mine);
        if !take_in(mirrors, mine, &mut turn).await {
            break;
        }
    }
    if let (Some(folder), Some(mine)) = (turn.folder, shelf.as_ref()) {
        let watched = watch.follow(mine.folder.path(), folder).err();
        let late = |why: String| format!("changes are seen after `clients.interval` only: {why}");
        turn.told.push((WATCHING, watched.map(late)));
    }
    for (subject, detail) in &turn.told {
        mirrors.problems.tell(MIRROR, subject, detail.as_deref());
    }
    if !turn.is_behind {
        lag.done();
    }
    match turn.is_unsettled {
        true => SETTLE,
        false => Duration::MAX,
    }
}

/// Does what others wrote into the files. Tells whether there was anything, and it is done.
async fn take_in(mirrors: &Mirrors, shelf: &mut Shelf, turn: &mut Turn) -> bool {
    let mut is_news = false;
    for (order, edits) in std::mem::take(&mut turn.edits) {
        let Some(book) = shelf.book(order) else {
            continue;
        };
        match orders::obey_file(&mirrors.clients, order, &edits).await {
            Ok(count) => {
                mirrors.metrics.edits(MIRROR, count);
                book.accept(Instant::now());
                is_news = true;
            }
            Err(error) => turn.told.push((book.name, Some(error.to_string()))),
        }
    }
    is_news
}

impl Shelf {
    /// The files under a lease: those that are open, when they are under the same one.
    fn under(open: Option<Self>, dir: &std::path::Path, held: Held) -> Option<Self> {
        let is_same = |open: &Self| open.held.epoch == held.epoch && open.folder.path() == dir;
        match open.filter(is_same) {
            Some(open) => Some(Self { held, ..open }),
            None => Some(Self::closed(dir.to_owned(), held)),
        }
    }

    fn closed(dir: PathBuf, held: Held) -> Self {
        Self {
            folder: Folder::at(dir),
            entered: None,
            is_swept: false,
            held,
            books: books(),
        }
    }

    /// Makes the folder when it is missing. In another one than before nothing is known of what stands
    /// there, but for the notes in it.
    fn enter(&mut self) -> io::Result<Mark> {
        let mark = self.folder.make()?;
        if !self.entered.is_some_and(|known| known.is_same_file(mark)) {
            (self.books, self.entered, self.is_swept) = (books(), Some(mark), false);
        }
        Ok(mark)
    }

    /// Nothing is written before this was done; what others write is read all the same.
    fn sweep(&mut self) -> io::Result<()> {
        if !self.is_swept {
            self.folder.sweep()?;
            self.is_swept = true;
        }
        Ok(())
    }

    fn book(&mut self, order: OrderKind) -> Option<&mut Book> {
        let is_it = |book: &&mut Book| book.order() == Some(order);
        self.books.iter_mut().find(is_it)
    }

    /// Leaves the files to the next process.
    fn close(mut self) -> io::Result<()> {
        let (folder, held, is_swept) = (&self.folder, self.held, self.is_swept);
        let mut books = self.books.iter_mut();
        books.try_for_each(|book| book.close(folder, &|| is_swept && held.is_sure()))
    }

    /// Looks at all files once, and writes those that nobody else changed.
    fn turn(mut self, snapshot: &Arc<Snapshot>) -> (Self, Turn) {
        let mut turn = Turn::default();
        let entered = self.enter();
        turn.folder = entered.as_ref().ok().copied();
        let ready = entered.and_then(|_| self.sweep());
        let why = ready.err().map(|error| error.to_string());
        turn.told.push((FOLDER, why));
        let (held, is_swept) = (self.held, self.is_swept);
        let may_write = || is_swept && held.is_sure();
        if turn.folder.is_some() {
            for book in &mut self.books {
                let outcome = look(book, &self.folder, snapshot, &may_write, &mut turn.edits);
                let why = outcome.err().map(|error| error.to_string());
                turn.told.push((book.name, why));
                turn.is_unsettled |= book.is_unsettled();
            }
        }
        turn.is_behind = self.books.iter().any(|book| book.is_behind(snapshot));
        (self, turn)
    }
}

fn books() -> [Book; 5] {
    [
        Book::shared(PAUSED, Kind::Paused, OrderKind::Pause),
        Book::shared(BLOCKED, Kind::Blocked, OrderKind::Block),
        Book::ours(ACTIVE, Kind::Active),
        Book::ours(DEACTIVATED, Kind::Deactivated),
        Book::ours(LOST, Kind::Lost),
    ]
}

fn look(
    book: &mut Book,
    folder: &Folder,
    snapshot: &Snapshot,
    may_write: &dyn Fn() -> bool,
    edits: &mut Vec<(OrderKind, Edits)>,
) -> io::Result<()> {
    let now = Instant::now();
    let read = book.read(folder, snapshot, now).map(|found| {
        edits.extend(book.order().zip(found));
    });
    let written = book.write(folder, snapshot, now, may_write);
    read.and(written)
}
