//! How the book comes from the disk and gets back there, and what happens when it cannot.

use crate::codec;
use crate::desk::{Before, Desk};
use crate::model::Book;
use crate::sockets;
use crate::store::Found;
use crate::{PortError, PortSet};

impl Desk {
    /// Brings the book up to what other programs wrote since the last turn. Answers whether a
    /// spoiled file had to be set aside.
    pub(crate) fn load(&mut self) -> Result<bool, PortError> {
        self.before = Before {
            book: self.book.clone(),
            text: self.text.clone(),
            own: self.own.clone(),
            seen_bound: self.seen_bound.clone(),
        };
        let reason = match self.store.read()? {
            Found::Text(text) if !text.is_empty() && text == self.text => return Ok(false),
            Found::Text(text) => match codec::read(&text, self.limits, &self.range) {
                Ok(book) => {
                    self.adopt(book);
                    self.text = text;
                    return Ok(false);
                }
                Err(reason) => Some(reason),
            },
            Found::Unusable(reason) => Some(reason),
            Found::Nothing => None,
        };
        self.recover(reason.as_deref())?;
        Ok(reason.is_some())
    }

    /// Takes over a book that another program wrote.
    fn adopt(&mut self, mut book: Book) {
        let taken_back = book.recoveries > self.book.recoveries;
        book.recoveries = book.recoveries.max(self.book.recoveries);
        self.own.retain(|port, own| match book.leases.get(port) {
            Some(lease) => lease.process() == own.process() && lease.owner == own.owner,
            None => taken_back || book.used.contains(*port),
        });
        for (port, lease) in &self.own {
            if !book.leases.contains_key(port) {
                book.record(lease.clone());
                self.changed = true;
            }
        }
        self.book = book;
    }

    /// Goes on without a usable file: from the newest good backup, from memory when that knows
    /// more, or anew. A spoiled file is kept aside with its `reason`.
    ///
    /// The file may also be missing because a recovery was cut short after it set the file aside;
    /// so a missing file with backups beside it is no first start either.
    fn recover(&mut self, reason: Option<&str>) -> Result<(), PortError> {
        self.store.check_writable()?;
        let what = match reason {
            None => "the state file was missing".to_owned(),
            Some(reason) => {
                let second = self.moment.digits(&self.options);
                let kept = self.store.set_aside(reason, &second)?;
                format!(
                    "the state file was spoiled ({reason}) and is kept as `{}`",
                    kept.display()
                )
            }
        };
        let (book, source) = self.newest_good()?;
        if let Some(source) = &source {
            self.go_back_to(book);
            self.note_recovery(&format!("{what}; went on from {source}"));
        } else {
            self.book = book;
            if reason.is_some() {
                self.note_recovery(&format!(
                    "{what}; there was no good backup, so it was begun anew"
                ));
            }
        }
        self.text.clear();
        self.changed = true;
        Ok(())
    }

    /// The newest state that is known, and where it was found; else a first state.
    fn newest_good(&self) -> Result<(Book, Option<String>), PortError> {
        let backup = self.newest_backup()?;
        let count = backup.as_ref().map_or(0, |(book, _)| book.change_count);
        if !self.text.is_empty() && self.book.change_count >= count {
            return Ok((self.book.clone(), Some("memory".to_owned())));
        }
        if let Some((book, name)) = backup {
            return Ok((book, Some(format!("backup `{name}`"))));
        }
        let mut book = Book::default();
        book.reconcile_free(&sockets::bound_ports(), self.limits);
        Ok((book, None))
    }

    /// The good backup with the most changes. Names and times come from clocks, which may have been
    /// wrong or of another zone; of states with equally many changes the last one written counts.
    fn newest_backup(&self) -> Result<Option<(Book, String)>, PortError> {
        // Oldest name first: of equals, `max_by_key` takes the last one.
        let names = self.store.backups()?.into_iter().rev();
        let good = names.filter_map(|name| Some((self.good_backup(&name)?, name)));
        Ok(good.max_by_key(|(book, name)| (book.change_count, self.store.written_at(name))))
    }

    fn good_backup(&self, name: &str) -> Option<Book> {
        let text = self.store.read_backup(name).map_err(|e| e.to_string());
        let book = text.and_then(|text| codec::read(&text, self.limits, &self.range));
        book.inspect_err(|reason| {
            tracing::warn!(backup = %name, reason, "skipped backup `{name}`: {reason}");
        })
        .ok()
    }

    fn note_recovery(&mut self, told: &str) {
        let told = dabir_core::text::one_line(told);
        tracing::warn!("{told}");
        self.book.note_error(&told, &self.moment.stamp);
    }

    /// Puts an older book in place. Ports that are leased now stay leased: their owners do not
    /// know of the change.
    fn go_back_to(&mut self, mut book: Book) {
        let now = std::mem::take(&mut self.book);
        book.recoveries = book.recoveries.max(now.recoveries) + 1;
        book.change_count = book.change_count.max(now.change_count);
        for lease in now.leases.into_values().chain(self.own.values().cloned()) {
            if !self.is_over(&lease) {
                if book.leases.get(&lease.port) != Some(&lease) {
                    // What was active then was another lease of this port.
                    book.deactivate(lease.port, &self.moment.stamp, self.limits);
                }
                book.record(lease);
            }
        }
        self.book = book;
        self.seen_bound = PortSet::default();
        self.changed = true;
    }

    /// Puts backup `name` in place of the state; leases that hold now go on.
    pub(crate) fn restore_backup(&mut self, name: &str) -> Result<(), PortError> {
        let text = self.store.read_backup(name)?;
        let book = codec::read(&text, self.limits, &self.range).map_err(|reason| {
            PortError::SpoiledBackup {
                name: name.to_owned(),
                reason,
            }
        })?;
        self.go_back_to(book);
        self.book.change_count += 1;
        self.refresh(&sockets::bound_ports());
        tracing::info!(backup = name, "restored the port state from `{name}`");
        Ok(())
    }

    /// Writes the book down. When that fails it is again what it was before the turn.
    pub(crate) fn save(&mut self) -> Result<(), PortError> {
        let text = codec::write(&self.book, &self.settings, &self.range);
        let second = self.moment.digits(&self.options);
        let saved = self.store.save(&text, &second);
        match &saved {
            Ok(()) => self.text = text,
            Err(error) => self.roll_back(error),
        }
        saved
    }

    fn roll_back(&mut self, error: &PortError) {
        self.news.clear();
        // With the text of that time, so the next turn reads again what this one has read.
        let before = std::mem::take(&mut self.before);
        self.book = before.book;
        self.text = before.text;
        self.own = before.own;
        self.seen_bound = before.seen_bound;
        self.book.note_error(&error.to_string(), &self.moment.stamp);
    }
}
