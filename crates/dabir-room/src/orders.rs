//! What the house orders about people, by the names that its registry of clients has for them: known
//! for as long as the room lives. In its folder stands what it begins with.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use dabir_core::{Timestamp, names};
use serde::{Deserialize, Serialize};

/// The file's name inside the room's folder. The supervisor writes it before each life of the room.
pub const FILE_NAME: &str = "orders.json";

/// All that is ordered, by name. A name that is not in it is free.
pub type Orders = BTreeMap<String, Ordered>;

/// All that is ordered about one name; of a name that is free, nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ordered {
    /// They are put out and not let in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bar: Option<Bar>,
    /// They may listen only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause: Option<Pause>,
}

/// Why somebody is kept out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    #[serde(default)]
    pub reason: String,
    /// When it is over by itself. Without this only the house lifts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Why somebody may only listen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pause {
    pub by: String,
    pub reason: String,
}

impl Ordered {
    #[must_use]
    pub fn is_free(&self) -> bool {
        *self == Self::default()
    }

    /// What keeps them out now.
    #[must_use]
    pub fn bar_at(&self, now: Timestamp) -> Option<&Bar> {
        let holds = |bar: &&Bar| bar.until.is_none_or(|until| now < until);
        self.bar.as_ref().filter(holds)
    }
}

/// All that is ordered, as it is looked up: by the key of a name, whose spellings each have their
/// own orders.
#[derive(Debug, Default)]
pub(crate) struct Book(BTreeMap<String, Orders>);

impl Book {
    /// Lets `about` be ordered from now on; of a `whole` list, nothing else.
    pub(crate) fn take_in(&mut self, about: Orders, whole: bool) {
        if whole {
            self.0.clear();
        }
        for (name, ordered) in about {
            let key = names::key(&name);
            if ordered.is_free() {
                self.free(&key, &name);
            } else {
                self.0.entry(key).or_default().insert(name, ordered);
            }
        }
    }

    fn free(&mut self, key: &str, name: &str) {
        let Some(spelt) = self.0.get_mut(key) else {
            return;
        };
        spelt.remove(name);
        if spelt.is_empty() {
            self.0.remove(key);
        }
    }

    /// What keeps somebody out at `now`, in whatever spelling.
    pub(crate) fn bar_of(&self, name: &str, now: Timestamp) -> Option<&Bar> {
        self.about(name).find_map(|ordered| ordered.bar_at(now))
    }

    /// Why somebody may only listen, in whatever spelling.
    pub(crate) fn pause_of(&self, name: &str) -> Option<&Pause> {
        self.about(name).find_map(|ordered| ordered.pause.as_ref())
    }

    fn about(&self, name: &str) -> impl Iterator<Item = &Ordered> {
        let spelt = self.0.get(&names::key(name));
        spelt.into_iter().flat_map(Orders::values)
    }
}

/// What stands in the folder `dir`: nothing without a file.
///
/// # Errors
/// When the file cannot be read, or makes no sense.
pub fn read(dir: &Path) -> io::Result<Orders> {
    match fs::read(dir.join(FILE_NAME)) {
        Ok(text) => Ok(serde_json::from_slice(&text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Orders::new()),
        Err(error) => Err(error),
    }
}

/// Writes them so that a reader finds the old or the new ones whole. They are not forced to the
/// disk: no room outlives a power cut, and before the next one starts, its supervisor writes them.
///
/// # Errors
/// When the folder cannot be written; the old file is then still there.
pub fn write(dir: &Path, orders: &Orders) -> io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".orders-")
        .tempfile_in(dir)?;
    file.write_all(&serde_json::to_vec(orders)?)?;
    file.persist(dir.join(FILE_NAME))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn barred(reason: &str, until: Option<i64>) -> Ordered {
        let bar = Bar {
            reason: reason.to_owned(),
            until: until.and_then(|second| Timestamp::from_second(second).ok()),
        };
        Ordered {
            bar: Some(bar),
            pause: None,
        }
    }

    fn orders(names: &[&str]) -> Orders {
        let ordered = |name: &&str| ((*name).to_owned(), barred(name, None));
        names.iter().map(ordered).collect()
    }

    #[test]
    fn a_bar_holds_until_its_end_and_for_ever_without_one() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert!(barred("", Some(60)).bar_at(at(59)).is_some());
        assert!(barred("", Some(60)).bar_at(at(60)).is_none());
        assert!(barred("", None).bar_at(Timestamp::MAX).is_some());
    }

    #[test]
    fn a_part_changes_what_it_names_and_a_whole_list_all() {
        let mut book = Book::default();
        book.take_in(orders(&["a", "b"]), true);
        let reason = |book: &Book, name: &str| {
            let bar = book.bar_of(name, Timestamp::UNIX_EPOCH);
            bar.map(|bar| bar.reason.clone())
        };
        let part = Orders::from([
            ("a".to_owned(), Ordered::default()),
            ("b".to_owned(), barred("another reason", None)),
            ("c".to_owned(), barred("c", None)),
        ]);
        book.take_in(part, false);
        let reasons = ["a", "b", "c"].map(|name| reason(&book, name));
        let wanted = [None, Some("another reason"), Some("c")];
        assert_eq!(reasons, wanted.map(|reason| reason.map(str::to_owned)));
        book.take_in(orders(&["d"]), true);
        assert_eq!(book.0.keys().collect::<Vec<_>>(), ["d"]);
    }

    #[test]
    fn every_spelling_of_a_name_is_meant_until_the_last_is_free() {
        let mut book = Book::default();
        book.take_in(orders(&["Sara@Example.org", "sara@example.org"]), true);
        let is_barred = |book: &Book| {
            let bar = book.bar_of("SARA@example.org", Timestamp::UNIX_EPOCH);
            bar.is_some()
        };
        for (name, holds) in [("Sara@Example.org", true), ("sara@example.org", false)] {
            let free = Orders::from([(name.to_owned(), Ordered::default())]);
            book.take_in(free, false);
            assert_eq!(is_barred(&book), holds, "{name}");
        }
        assert!(book.0.is_empty());
    }

    #[test]
    fn what_is_written_is_read_back_and_no_file_says_nothing() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()).unwrap(), Orders::new());
        let written = orders(&["سارا", "ali@x"]);
        write(dir.path(), &written).unwrap();
        assert_eq!(read(dir.path()).unwrap(), written);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        fs::write(dir.path().join(FILE_NAME), "{").unwrap();
        assert!(read(dir.path()).is_err());
    }
}
