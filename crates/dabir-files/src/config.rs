//! The sections `[files]` and `[storage]` of the configuration.

use dabir_core::Secret;
use dabir_core::setting::{Kind, Setting, out_of_bounds};
use serde::{Deserialize, Serialize};

/// `[files]`: how much may be uploaded. Sizes are in MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FilesConfig {
    /// The largest file.
    pub max_size_mib: u32,
    /// All files of one person together.
    pub quota_person_mib: u32,
    /// All files of the house together.
    pub quota_house_mib: u32,
}

/// `[storage]`: where files are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StorageConfig {
    /// Empty: `files` in the data folder; or `s3://bucket?endpoint=…&region=…`.
    pub url: String,
    pub access_key_id: String,
    #[serde(skip_serializing)]
    pub secret_access_key: Secret,
}

/// The most that can be said, in MiB: a pebibyte.
const MOST: i64 = 1 << 30;

impl Default for FilesConfig {
    fn default() -> Self {
        Self {
            max_size_mib: 1_024,
            quota_person_mib: 10 << 10,
            quota_house_mib: 200 << 10,
        }
    }
}

impl FilesConfig {
    /// Every key of `[files]`.
    pub const SETTINGS: &'static [Setting] = &[
        Setting::at_start("max_size_mib", Kind::Integer(1, 50 << 10)),
        Setting::at_start("quota_person_mib", Kind::Integer(1, MOST)),
        Setting::at_start("quota_house_mib", Kind::Integer(1, MOST)),
    ];

    /// Every value that is not allowed, as (key, what is allowed).
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        out_of_bounds(Self::SETTINGS, self)
    }

    pub(crate) fn max_size(&self) -> u64 {
        u64::from(self.max_size_mib) << 20
    }

    pub(crate) fn quota_person(&self) -> u64 {
        u64::from(self.quota_person_mib) << 20
    }

    pub(crate) fn quota_house(&self) -> u64 {
        u64::from(self.quota_house_mib) << 20
    }
}

const WHY: &str =
    "behind a wrong storage no file could be had, so only the file and the environment may name it";

impl StorageConfig {
    /// Every key of `[storage]`.
    pub const SETTINGS: &'static [Setting] = &[
        Setting::only_file(
            "url",
            Kind::Text(
                "`s3://bucket?endpoint=https://s3.example&region=eu-1`, or nothing for a folder",
            ),
            WHY,
        ),
        Setting::only_file(
            "access_key_id",
            Kind::Text("the id of a key of S3, or nothing"),
            WHY,
        ),
        Setting::only_file(
            "secret_access_key",
            Kind::Secret("the key that belongs to it"),
            WHY,
        ),
    ];

    /// Every value that is not allowed, as (key, what is allowed).
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = out_of_bounds(Self::SETTINGS, self);
        if let Err(why) = crate::objects::parse(&self.url) {
            problems.push(("url", why));
        }
        problems
    }

    /// Whether files are elsewhere than in the data folder, where no backup takes them.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        !self.url.is_empty()
    }
}
