//! The names by which files, Redis, rooms and people know a client.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

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
        Ok(Self(text.into()))
    }
}

/// Characters that end a line, a path or a direction: with them a name would look like another one,
/// or lead somewhere.
fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(c, '/' | '\\' | '\u{2028}' | '\u{2029}' | '\u{feff}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
            (&"x".repeat(MAX + 1), NameError::TooLong),
        ] {
            assert_eq!(bad.parse::<Username>(), Err(why), "{bad:?}");
        }
    }
}
