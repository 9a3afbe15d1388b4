//! A backup's name, what its manifest says, and how lists show it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use dabir_core::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::BackupError;

/// The one form of manifest that this version writes and reads.
pub(crate) const FORMAT: u32 = 1;

const PREFIX: &str = "dabir_";
const SUFFIX: &str = ".tar.zst";
const DIGITS: &str = "%Y%m%d_%H%M%S";
/// How long `20261121_182502` is.
const DIGITS_LEN: usize = 15;

/// `dabir_20261121_182502.tar.zst`: when it was made, in UTC; `_2` and so on before the ending tells
/// those of one second apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// Its time, then its number among those of one second: the order of names is that of time.
    order: (String, u16),
}

impl Name {
    /// The `number`th of the second of `at`, counted from 1.
    #[must_use]
    pub fn of(at: Timestamp, number: u16) -> Self {
        let digits = at.strftime(DIGITS).to_string();
        Self {
            order: (digits, number),
        }
    }

    /// The second that its name tells.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        let at = DateTime::strptime(DIGITS, &self.order.0).ok()?;
        Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (digits, number) = &self.order;
        match number {
            1 => write!(f, "{PREFIX}{digits}{SUFFIX}"),
            _ => write!(f, "{PREFIX}{digits}_{number}{SUFFIX}"),
        }
    }
}

impl FromStr for Name {
    type Err = BackupError;

    fn from_str(text: &str) -> Result<Self, BackupError> {
        read_name(text).ok_or_else(|| BackupError::NotFound(text.to_owned()))
    }
}

fn read_name(text: &str) -> Option<Name> {
    let stem = text.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    let (digits, rest) = stem.split_at_checked(DIGITS_LEN)?;
    let number = match rest.strip_prefix('_') {
        Some(number) => number.parse().ok().filter(|number| *number > 1)?,
        None if rest.is_empty() => 1,
        None => return None,
    };
    let name = Name {
        order: (digits.to_owned(), number),
    };
    // One spelling a name: `_02` and times that no clock shows are none.
    (name.to_string() == text && name.at().is_some()).then_some(name)
}

/// What is in a backup. It stands behind the archive that it tells of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// The version of Dabir that made it.
    pub version: String,
    pub made_at: Timestamp,
    /// The compressed archive, without the manifest.
    pub archive: Digest,
    pub database: DatabaseFacts,
    /// Every file, in the order of the archive.
    pub files: Vec<FileFacts>,
    /// Every folder of the data folder; an empty one means something too.
    #[serde(default)]
    pub folders: Vec<FolderFacts>,
    /// What lies in the data folder, looks as if it mattered, and could not be taken.
    pub left_out: Vec<LeftOut>,
}

/// So many bytes, with this SHA-256 in hex.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    pub size: u64,
    pub sha256: String,
}

/// One file of the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// `data/…` for a file of the data folder, `database/…` for a part of the database.
    pub path: String,
    /// Who may read it, as in `chmod`.
    pub mode: u32,
    #[serde(flatten)]
    pub digest: Digest,
}

/// One folder that files of the archive may stand in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderFacts {
    /// `data/…`
    pub path: String,
    /// Who may look into it, as in `chmod`.
    pub mode: u32,
}

/// What could not be taken, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    pub path: String,
    pub why: String,
}

/// The database as it stands in the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseFacts {
    /// `sqlite` or `postgres`.
    pub kind: String,
    /// The migrations that it has behind it; the last one is its version.
    pub steps: Vec<String>,
    pub tables: BTreeMap<String, TableFacts>,
}

/// One table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFacts {
    pub rows: u64,
    /// The columns of PostgreSQL's parts, in their order; empty for SQLite.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// How many parts there are: `database/<table>/0001.copy` and on.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub parts: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Manifest {
    /// Rows of all tables.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.database.tables.values().map(|table| table.rows).sum()
    }

    /// The bytes of all files, unpacked.
    #[must_use]
    pub fn unpacked(&self) -> u64 {
        let sizes = self.files.iter().map(|file| file.digest.size);
        sizes.fold(0, u64::saturating_add)
    }
}

/// How much a backup can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BackupState {
    /// It was opened and counted, and everything in it was as its manifest says.
    Verified,
    /// Nobody has looked at it yet: somebody put it here.
    Unverified,
    /// It was looked at and something was wrong. It is kept aside, in `failed/`.
    Failed,
}

/// A backup as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Backup {
    #[schema(example = "dabir_20261121_182502.tar.zst")]
    pub name: String,
    pub state: BackupState,
    pub made_at: Option<Timestamp>,
    /// When it was last opened and counted.
    pub verified_at: Option<Timestamp>,
    pub size_bytes: u64,
    /// The version of Dabir that made it.
    pub version: Option<String>,
    /// `sqlite` or `postgres`.
    pub database: Option<String>,
    /// How many rows its tables have.
    pub rows: Option<u64>,
    /// How many files it has.
    pub files: Option<u64>,
    /// What is wrong with it.
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written_and_nothing_else_is_one() {
        let at: Timestamp = "2026-11-21T18:25:02Z".parse().unwrap();
        for (number, text) in [
            (1, "dabir_20261121_182502.tar.zst"),
            (2, "dabir_20261121_182502_2.tar.zst"),
            (12, "dabir_20261121_182502_12.tar.zst"),
        ] {
            let name = Name::of(at, number);
            assert_eq!(name.to_string(), text);
            assert_eq!(text.parse::<Name>().unwrap(), name);
            assert_eq!(name.at(), Some(at));
        }
        assert!(Name::of(at, 2) < Name::of(at, 10), "by number, not by text");
        for text in [
            "",
            "dabir_.tar.zst",
            "dabir_20261121_182502_1.tar.zst",
            "dabir_20261121_182502_02.tar.zst",
            "dabir_20261321_182502.tar.zst",
            "dabir_20261121_182502.tar.zst.verified",
            "../dabir_20261121_182502.tar.zst",
            "dabir_20261121_182502/.tar.zst",
            "dabir_۲۰۲۶۱۱۲۱.tar.zst",
        ] {
            assert!(text.parse::<Name>().is_err(), "{text}");
        }
    }
}
