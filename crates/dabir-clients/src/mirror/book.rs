//! One of the files: what we last saw in it, and what is to be in it.

use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, Instant};

use imbl::OrdSet;
use serde::{Deserialize, Serialize};

use super::agreed::{Agreed, Edits};
use super::folder::{Folder, Mark};
use crate::file;
use crate::model::OrderKind;
use crate::name::Username;
use crate::registry::Snapshot;
use crate::sets::Kind;

/// A file, and the list that it shows.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) name: &'static str,
    kind: Kind,
    /// The offset of the list that the file shows.
    shown: Option<i64>,
    seen: Option<Seen>,
    /// For those that others write as well.
    shared: Option<Shared>,
}

/// A list that others write as well.
#[derive(Debug)]
struct Shared {
    order: OrderKind,
    /// Read when the file is looked at first.
    agreed: Option<Agreed>,
    /// The file whose content was looked at.
    looked: Option<Option<Mark>>,
    /// What was found, and is not obeyed yet.
    taking: Option<OrdSet<Username>>,
    odd: Option<Odd>,
}

/// What the file was when we last knew what is in it.
#[derive(Clone, Copy, Debug)]
struct Seen {
    mark: Option<Mark>,
    at: Instant,
    /// It was looked at once more when its clock had gone on: a change in the same instant would not
    /// show in the mark.
    is_firm: bool,
}

/// A file that says nothing.
#[derive(Debug)]
struct Odd {
    mark: Option<Mark>,
    since: Instant,
    /// The offset of the list at that time.
    offset: i64,
    /// Set when it stayed so.
    why: Option<String>,
}

/// Lists that others may have read, as a process leaves them to the next.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    lists: Vec<BTreeSet<Username>>,
}

/// How long a file has to be as it is to be taken for whole.
pub(super) const SETTLE: Duration = Duration::from_millis(50);

impl Book {
    /// A file that is ours alone.
    pub(super) fn ours(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            shown: None,
            seen: None,
            shared: None,
        }
    }

    /// A file that others write as well.
    pub(super) fn shared(name: &'static str, kind: Kind, order: OrderKind) -> Self {
        let shared = Shared {
            order,
            agreed: None,
            looked: None,
            taking: None,
            odd: None,
        };
        Self {
            shared: Some(shared),
            ..Self::ours(name, kind)
        }
    }

    /// What names in it are ordered, for a file that others write as well.
    pub(super) fn order(&self) -> Option<OrderKind> {
        self.shared.as_ref().map(|shared| shared.order)
    }

    /// What others did in the file. An error says why it says nothing.
    pub(super) fn read(
        &mut self,
        folder: &Folder,
        snapshot: &Snapshot,
        now: Instant,
    ) -> io::Result<Option<Edits>> {
        if self.shared.is_none() {
            return Ok(None);
        }
        let mark = folder.mark(self.name)?;
        let is_known = self.is_known(mark, now);
        let Some(shared) = &mut self.shared else {
            return Ok(None);
        };
        if shared.agreed.is_none() {
            shared.agreed = Some(Agreed::of(kept(folder, self.name)?, now));
        }
        shared.looked = Some(mark);
        if is_known {
            return Ok(None);
        }
        if let Some(why) = shared.still_odd(mark) {
            return Err(io::Error::other(why));
        }
        let found = match folder.read(self.name) {
            // Whoever deletes the file unblocks nobody: it is written again.
            Ok(None) => return Ok(None),
            Ok(Some(bytes)) => file::read(&bytes).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let found = match found {
            Ok(found) => found,
            Err(why) => {
                let offset = snapshot.changed_at(self.kind);
                return shared.doubt(mark, offset, now, why).map(|()| None);
            }
        };
        shared.odd = None;
        let agreed = shared.agreed.get_or_insert_default();
        if self.shown.is_some() {
            agreed.settle(now);
        }
        let edits = agreed.edits(&found);
        if edits.is_empty() {
            return Ok(None);
        }
        shared.taking = Some(found.into_iter().collect());
        Ok(Some(edits))
    }

    /// What others did is done.
    pub(super) fn accept(&mut self, now: Instant) {
        if let Some(shared) = &mut self.shared
            && let Some(found) = shared.taking.take()
        {
            shared.agreed.get_or_insert_default().accept(found, now);
        }
    }

    /// Brings the file to what the registry says.
    pub(super) fn write(
        &mut self,
        folder: &Folder,
        snapshot: &Snapshot,
        now: Instant,
        may_write: &dyn Fn() -> bool,
    ) -> io::Result<()> {
        let (list, offset) = (snapshot.of(self.kind), snapshot.changed_at(self.kind));
        let mark = folder.mark(self.name)?;
        if self.shown == Some(offset) && self.is_known(mark, now) {
            return self.settle(folder, now, may_write);
        }
        if !may_write() || !self.may_replace(folder, mark, offset)? {
            return Ok(());
        }
        let mark = folder.mark(self.name)?;
        let text = file::text(list);
        // What cannot be read is not ours to leave there.
        if folder
            .read(self.name)
            .is_ok_and(|old| old.as_ref() == Some(&text))
        {
            let is_firm = self.seen.is_some_and(|seen| seen.mark == mark);
            self.saw(mark, now, is_firm, offset);
            return Ok(());
        }
        self.announce(folder, list, now, may_write)?;
        if let Some(written) = folder.write(self.name, &text, mark, may_write)? {
            self.saw(Some(written), now, false, offset);
        }
        Ok(())
    }

    fn saw(&mut self, mark: Option<Mark>, at: Instant, is_firm: bool, offset: i64) {
        self.seen = Some(Seen { mark, at, is_firm });
        self.shown = Some(offset);
    }

    /// Whether it has to be looked at again soon, whatever happens. What fails waits for its turn.
    pub(super) fn is_unsettled(&self) -> bool {
        let odd = self.shared.as_ref().and_then(|shared| shared.odd.as_ref());
        let is_new = |seen: Seen| !seen.is_firm && seen.at.elapsed() < SETTLE * 4;
        self.seen.is_some_and(is_new) || odd.is_some_and(Odd::is_fresh)
    }

    /// The list at an offset is not in the file.
    pub(super) fn is_behind(&self, snapshot: &Snapshot) -> bool {
        self.shown != Some(snapshot.changed_at(self.kind))
    }

    fn is_known(&self, mark: Option<Mark>, now: Instant) -> bool {
        let known = self.seen.filter(|seen| seen.mark == mark);
        known.is_some_and(|seen| seen.is_firm || now.saturating_duration_since(seen.at) < SETTLE)
    }

    /// A file that says nothing stays as it is until there is something to say in its place; then it
    /// is kept under another name.
    fn may_replace(
        &mut self,
        folder: &Folder,
        mark: Option<Mark>,
        offset: i64,
    ) -> io::Result<bool> {
        let Some(shared) = &mut self.shared else {
            return Ok(true);
        };
        // Somebody may have written since it was looked at.
        if shared.taking.is_some() || shared.looked != Some(mark) {
            return Ok(false);
        }
        let Some(odd) = &shared.odd else {
            return Ok(true);
        };
        if mark.is_some() && (odd.mark != mark || odd.is_fresh() || odd.offset == offset) {
            return Ok(false);
        }
        if mark.is_some() {
            let aside = folder.set_aside(self.name)?;
            tracing::warn!("what stood in {} is in {} now", self.name, aside.display());
        }
        shared.odd = None;
        Ok(true)
    }

    /// Notes which list others are about to see, so that nobody takes it for an edit of theirs.
    fn announce(
        &mut self,
        folder: &Folder,
        list: &OrdSet<Username>,
        now: Instant,
        may_write: &dyn Fn() -> bool,
    ) -> io::Result<()> {
        // Until it is written nobody can tell which list the file shows.
        self.shown = None;
        if let Some(shared) = &mut self.shared {
            let agreed = shared.agreed.get_or_insert_default();
            agreed.put(list.clone(), now);
            keep(folder, self.name, agreed, may_write)?;
        }
        Ok(())
    }

    /// Leaves the file to the next process.
    pub(super) fn close(
        &mut self,
        folder: &Folder,
        may_write: &dyn Fn() -> bool,
    ) -> io::Result<()> {
        let shared = self.shared.as_mut();
        if let Some(agreed) = shared.and_then(|shared| shared.agreed.as_mut())
            && self.shown.is_some()
        {
            agreed.close();
            keep(folder, self.name, agreed, may_write)?;
        }
        Ok(())
    }

    fn settle(
        &mut self,
        folder: &Folder,
        now: Instant,
        may_write: &dyn Fn() -> bool,
    ) -> io::Result<()> {
        let shared = self.shared.as_mut();
        if let Some(agreed) = shared.and_then(|shared| shared.agreed.as_mut())
            && agreed.settle(now)
        {
            keep(folder, self.name, agreed, may_write)?;
        }
        Ok(())
    }
}

impl Shared {
    /// Why the file says nothing, when it is the one that said nothing before.
    fn still_odd(&self, mark: Option<Mark>) -> Option<String> {
        let odd = self.odd.as_ref().filter(|odd| odd.mark == mark);
        odd.and_then(|odd| odd.why.clone())
    }

    /// A file that says nothing may be one that is being written: it is told only when it stays so.
    fn doubt(
        &mut self,
        mark: Option<Mark>,
        offset: i64,
        now: Instant,
        why: String,
    ) -> io::Result<()> {
        let same = self.odd.as_mut().filter(|odd| odd.mark == mark);
        match same {
            Some(odd) if !odd.is_fresh() => {
                odd.why = Some(why.clone());
                Err(io::Error::other(why))
            }
            Some(_) => Ok(()),
            None => {
                self.odd = Some(Odd {
                    mark,
                    since: now,
                    offset,
                    why: None,
                });
                Ok(())
            }
        }
    }
}

impl Odd {
    fn is_fresh(&self) -> bool {
        self.since.elapsed() < SETTLE
    }
}

fn beside(name: &str) -> String {
    format!(".{name}.agreed")
}

/// What the last process left; nothing when it left nothing, or nothing that can be read: then names
/// are added, and none is taken out.
fn kept(folder: &Folder, name: &str) -> io::Result<Vec<OrdSet<Username>>> {
    let bytes = folder.read(&beside(name))?.unwrap_or_default();
    let kept: Kept = serde_json::from_slice(&bytes).unwrap_or_default();
    Ok(kept.lists.into_iter().map(OrdSet::from).collect())
}

fn keep(
    folder: &Folder,
    name: &str,
    agreed: &Agreed,
    may_write: &dyn Fn() -> bool,
) -> io::Result<()> {
    let lists = agreed.last().into_iter();
    let lists = lists.map(|list| list.into_iter().collect()).collect();
    let bytes = serde_json::to_vec(&Kept { lists })?;
    let name = beside(name);
    let old = folder.mark(&name)?;
    folder.write(&name, &bytes, old, may_write)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use dabir_core::Timestamp;

    use super::*;
    use crate::model::{Action, Facts, Terms};

    const NAME: &str = "blocked_clients.json";

    fn book() -> Book {
        Book::shared(NAME, Kind::Blocked, OrderKind::Block)
    }

    fn block(snapshot: &mut Snapshot, offset: i64, name: &str) {
        let name = name.parse().unwrap();
        let (mut facts, now) = (Facts::default(), Timestamp::UNIX_EPOCH);
        let block = Action::Block(Terms::default());
        facts.obey(&name, &block, "", now).unwrap();
        snapshot.put(offset, &name, facts);
    }

    /// Says yes so often, and then no.
    fn times(count: u32) -> impl Fn() -> bool {
        let left = Cell::new(count);
        move || {
            let may = left.get() > 0;
            left.set(left.get().saturating_sub(1));
            may
        }
    }

    #[test]
    fn a_list_that_never_came_into_the_file_unblocks_nobody() {
        for is_closed in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let folder = Folder::at(dir.path().to_owned());
            let mut snapshot = Snapshot::at(0);
            block(&mut snapshot, 1, "ali");
            let mut first = book();
            assert_eq!(
                first.read(&folder, &snapshot, Instant::now()).unwrap(),
                None
            );
            let written = first.write(&folder, &snapshot, Instant::now(), &|| true);
            written.unwrap();
            for (offset, name) in [(2, "mina"), (3, "reza")] {
                block(&mut snapshot, offset, name);
                for _ in 0..3 {
                    let read = first.read(&folder, &snapshot, Instant::now());
                    assert_eq!(read.unwrap(), None);
                    // The note comes into its place, and the list does not.
                    let now = Instant::now();
                    first.write(&folder, &snapshot, now, &times(2)).unwrap();
                    assert!(first.is_behind(&snapshot));
                }
            }
            let shown = folder.read(NAME).unwrap().unwrap();
            assert_eq!(file::read(&shown).unwrap().len(), 1);
            if is_closed {
                first.close(&folder, &|| true).unwrap();
            }
            let mut next = book();
            let read = next.read(&folder, &snapshot, Instant::now()).unwrap();
            assert_eq!(read, None, "nobody took anybody out");
        }
    }
}
