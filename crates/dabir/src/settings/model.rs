//! A setting as the API and the command line show it.

use std::collections::BTreeMap;

use dabir_core::Timestamp;
use dabir_core::setting::Kind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Who says what a setting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SettingSource)]
pub(crate) enum Source {
    Default,
    File,
    Environment,
    /// Somebody changed it while the house ran.
    Here,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SettingKind {
    Duration,
    Integer,
    Number,
    Boolean,
    Text,
    Choice,
    Range,
    List,
    Secret,
}

impl From<Kind> for SettingKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Duration(..) => Self::Duration,
            Kind::Integer(..) => Self::Integer,
            Kind::Number(..) => Self::Number,
            Kind::Boolean => Self::Boolean,
            Kind::Text(_) => Self::Text,
            Kind::Choice(_) => Self::Choice,
            Kind::Range => Self::Range,
            Kind::List(_) => Self::List,
            Kind::Secret(_) => Self::Secret,
        }
    }
}

/// One key of the configuration, and what holds for it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SettingView {
    #[schema(example = "meetings.poll_interval")]
    pub(crate) key: String,
    /// The file's section; empty for what stands before the first one.
    #[schema(example = "meetings")]
    pub(crate) section: &'static str,
    pub(crate) kind: SettingKind,
    /// What holds; `null` for a secret.
    #[schema(value_type = Option<Value>, example = "5s")]
    pub(crate) value: Option<Value>,
    /// What is built in.
    #[schema(value_type = Option<Value>, example = "5s")]
    pub(crate) default: Option<Value>,
    pub(crate) source: Source,
    /// The line of the file, the variable, or who changed it here.
    #[schema(example = "dabir.toml:12")]
    pub(crate) origin: Option<String>,
    /// What would hold without the change made here; `null` when there is none.
    #[schema(value_type = Option<Value>)]
    pub(crate) beneath: Option<Value>,
    /// When it was changed here.
    pub(crate) changed_at: Option<Timestamp>,
    /// A change is taken without a restart.
    pub(crate) live: bool,
    /// The value waits for the next start; until then another one holds.
    pub(crate) pending: bool,
    /// It can be changed here.
    pub(crate) editable: bool,
    /// Why it cannot be changed here.
    pub(crate) reason: Option<&'static str>,
    /// What a value may be, in words.
    #[schema(example = "100ms to 1d")]
    pub(crate) allowed: String,
    /// What a `choice` may be.
    pub(crate) choices: Option<&'static [&'static str]>,
    /// Whether a secret is there; `null` for all others.
    pub(crate) is_set: Option<bool>,
    /// Why the value that is stored here does not hold.
    pub(crate) set_aside: Option<String>,
}

/// Settings, in the order of the file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingList {
    pub(crate) items: Vec<SettingView>,
}

/// What is to be another value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingChanges {
    /// Keys and their values; `null` goes back to what environment, file or default say.
    #[schema(value_type = BTreeMap<String, Option<Value>>, example = json!({ "meetings.poll_interval": "10s" }))]
    pub(crate) changes: BTreeMap<String, Value>,
}
