//! A set of ports as a bitmap: the lowest one, and runs of neighbours, are found without walking.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

const WORDS: usize = 1024;
/// One more than the highest port.
const END: u32 = 65_536;

/// A set of TCP ports.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PortSet {
    words: Box<[u64; WORDS]>,
    len: usize,
}

impl Default for PortSet {
    fn default() -> Self {
        Self {
            words: Box::new([0; WORDS]),
            len: 0,
        }
    }
}

/// Word and bit of a port.
fn place(port: u16) -> (usize, u64) {
    (usize::from(port) / 64, 1 << (port % 64))
}

impl PortSet {
    /// Adds `port`; `false` when it was there.
    pub(crate) fn insert(&mut self, port: u16) -> bool {
        let (word, bit) = place(port);
        let new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        self.len += usize::from(new);
        new
    }

    /// Removes `port`; `false` when it was not there.
    pub(crate) fn remove(&mut self, port: u16) -> bool {
        let (word, bit) = place(port);
        let there = self.words[word] & bit != 0;
        self.words[word] &= !bit;
        self.len -= usize::from(there);
        there
    }

    pub(crate) fn contains(&self, port: u16) -> bool {
        let (word, bit) = place(port);
        self.words[word] & bit != 0
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The lowest port of the set that is at least `from`.
    pub(crate) fn at_least(&self, from: u16) -> Option<u16> {
        self.next(u32::from(from), true)
            .and_then(|port| u16::try_from(port).ok())
    }

    /// Every port, lowest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u16> {
        self.runs().flat_map(|(first, last)| first..=last)
    }

    /// First and last port of every unbroken run, lowest first.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (u16, u16)> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let first = self.next(from, true)?;
            let end = self.next(first, false).unwrap_or(END);
            from = end;
            Some((u16::try_from(first).ok()?, u16::try_from(end - 1).ok()?))
        })
    }

    /// The first port from `from` on whose membership is `wanted`.
    fn next(&self, from: u32, wanted: bool) -> Option<u32> {
        let mut word = usize::try_from(from / 64).ok()?;
        let mut mask = u64::MAX << (from % 64);
        while word < WORDS {
            let bits = if wanted {
                self.words[word]
            } else {
                !self.words[word]
            };
            let bit = (bits & mask).trailing_zeros();
            if bit < 64 {
                return Some(u32::try_from(word).ok()? * 64 + bit);
            }
            word += 1;
            mask = u64::MAX;
        }
        None
    }
}

impl Extend<u16> for PortSet {
    fn extend<I: IntoIterator<Item = u16>>(&mut self, ports: I) {
        for port in ports {
            self.insert(port);
        }
    }
}

impl FromIterator<u16> for PortSet {
    fn from_iter<I: IntoIterator<Item = u16>>(ports: I) -> Self {
        let mut set = Self::default();
        set.extend(ports);
        set
    }
}

impl fmt::Debug for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.runs()).finish()
    }
}

impl<'de> Deserialize<'de> for PortSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Ports)
    }
}

/// Reads a list of ports that names each at most once.
struct Ports;

impl<'de> Visitor<'de> for Ports {
    type Value = PortSet;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of ports, 1 to 65535")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<PortSet, A::Error> {
        let mut ports = PortSet::default();
        while let Some(port) = list.next_element::<u16>()? {
            if port == 0 {
                return Err(A::Error::custom("0 is no port"));
            }
            if !ports.insert(port) {
                return Err(A::Error::custom(format!("port {port} is listed twice")));
            }
        }
        Ok(ports)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn runs_reach_both_ends_of_the_number_line() {
        let set: PortSet = [0, 1, 63, 64, 65, 65_535].into_iter().collect();
        let runs: Vec<_> = set.runs().collect();
        assert_eq!(runs, [(0, 1), (63, 65), (65_535, 65_535)]);
        assert_eq!(set.at_least(66), Some(65_535));
        assert_eq!(set.len(), 6);
    }

    proptest! {
        #[test]
        fn it_behaves_as_an_ordered_set(changes: Vec<(bool, u16)>, from: u16) {
            let (mut set, mut model) = (PortSet::default(), BTreeSet::new());
            for (insert, port) in changes {
                let port = port % 300;
                if insert {
                    prop_assert_eq!(set.insert(port), model.insert(port));
                } else {
                    prop_assert_eq!(set.remove(port), model.remove(&port));
                }
            }
            prop_assert_eq!(set.len(), model.len());
            prop_assert!(set.iter().eq(model.iter().copied()));
            prop_assert_eq!(set.at_least(from % 300), model.range(from % 300..).next().copied());
        }
    }
}
