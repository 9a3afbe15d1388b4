//! The names by which files, Redis, rooms and people know a client.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use dabir_core::text::moves_the_reader;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A name that no two clients share. It may be the name of a folder or of an image, so that it is
/// never one that leads elsewhere. Clones share the text; names are ordered as Python's `sorted`
/// orders them, by code point.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Username(Arc<str>);

/// Why a text is no username.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("a name has at least one letter")]
    Empty,
    #[error("a name has at most {MAX} letters")]
    TooLong,
    #[error("a name does not begin or end with a space")]
    Space,
    #[error("a name does not have the character U+{:04X} in it", u32::from(*.0))]
    Character(char),
    #[error("`.` and `..` lead to folders and are no names")]
    Dots,
}

/// The longest name, in characters.
const MAX: usize = 128;

impl Username {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name that was taken once, whatever is refused by now: what is ordered about it holds.
    pub(crate) fn kept(text: &str) -> Self {
        Self(text.into())
    }
}

impl AsRef<str> for Username {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for Username {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.chars().count() > MAX {
            return Err(NameError::TooLong);
        }
        if text.trim() != text {
            return Err(NameError::Space);
        }
        if let Some(odd) = text.chars().find(|c| is_odd(*c)) {
            return Err(NameError::Character(odd));
        }
        if matches!(text, "." | "..") {
            return Err(NameError::Dots);
        }
        // The names of accounts are addresses, in small letters.
        Ok(match text.contains('@') {
            true => Self(text.to_lowercase().into()),
            false => Self(text.into()),
        })
    }
}

/// Characters that end a line or a path, turn the direction, or are not seen: with them a name would
/// look like another one, or lead somewhere. Persian names need the ZWNJ.
fn is_odd(c: char) -> bool {
    moves_the_reader(c)
        || matches!(
            c,
            '/' | '\\' | '\u{ad}' | '\u{200b}' | '\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{feff}'
        )
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Username {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Username {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_a_folder_may_be_called() {
        for good in ["ali", "علی رضایی", "user_1.a-b@c", "می‌نا", &"x".repeat(MAX)] {
            assert_eq!(good.parse::<Username>().unwrap().as_str(), good);
        }
        for (bad, why) in [
            ("", NameError::Empty),
            (" ali", NameError::Space),
            ("..", NameError::Dots),
            ("a/b", NameError::Character('/')),
            ("a\\b", NameError::Character('\\')),
            ("a\nb", NameError::Character('\n')),
            ("a\u{202e}b", NameError::Character('\u{202e}')),
            ("a\u{200e}b", NameError::Character('\u{200e}')),
            ("a\u{200b}b", NameError::Character('\u{200b}')),
            ("a\u{ad}b", NameError::Character('\u{ad}')),
            (&"x".repeat(MAX + 1), NameError::TooLong),
        ] {
            assert_eq!(bad.parse::<Username>(), Err(why), "{bad:?}");
        }
    }

    #[test]
    fn addresses_are_in_small_letters_as_accounts_have_them() {
        let name = |text: &str| text.parse::<Username>().unwrap().to_string();
        assert_eq!(name("Sara@Example.org"), "sara@example.org");
        assert_eq!(name("Sara"), "Sara");
    }
}
