//! A source as data: where rows come from, how they are asked for, and into which table they go.
//! The same shape in the configuration file and in the API.

mod check;
mod partition;
mod predefined;
mod secret;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use dabir_core::Span;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub use partition::{Partition, Select};
pub use predefined::predefined;
pub(crate) use secret::{MARK, Redactor};

/// What a source is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// Pages of rows from an HTTP gateway.
    #[default]
    Http,
    /// A program that does it all by itself. Only the configuration file may name one.
    Command,
}

/// One source. Its name and its shape are those of the configuration file, `[[sync.sources]]`.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SyncSource)]
pub struct Source {
    /// Small letters, digits, `-` and `_`.
    pub name: String,
    #[serde(default)]
    pub kind: SourceKind,
    /// The table that is filled; of a command, the one whose rows are counted.
    #[serde(default)]
    pub table: String,
    /// The fields that tell one row from another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
    /// The request's JSON, with `{page}`, `{page_size}` and the partitions' names in braces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub body: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<Login>,
    /// Where in an answer the rows stand: `data`, `result.items`; empty when the answer is the list.
    #[serde(default)]
    pub records: String,
    /// Where it says how many rows there are on all pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    #[serde(default = "default::page_size")]
    pub page_size: u32,
    #[serde(default = "default::first_page")]
    pub first_page: u32,
    /// Every combination of these is asked for by itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub partitions: BTreeMap<String, Partition>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incremental: Option<Incremental>,
    /// How long a run may take.
    #[serde(default = "default::timeout")]
    #[schema(value_type = String, example = "2h")]
    pub timeout: Span,
    /// How long one request may take.
    #[serde(default = "default::request_timeout")]
    #[schema(value_type = String, example = "60s")]
    pub request_timeout: Span,
    /// How often a page is asked for again before its partition has failed.
    #[serde(default = "default::retries")]
    pub retries: u32,
    /// How many requests are under way at a time, at most.
    #[serde(default = "default::concurrency")]
    pub concurrency: u32,
    /// How often it is synced by itself.
    #[serde(default = "default::interval")]
    #[schema(value_type = String, example = "60m")]
    pub interval: Span,
    /// Whether it is synced by itself.
    #[serde(default = "default::enabled")]
    pub enabled: bool,
    /// The program and its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Where the program runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub dir: Option<PathBuf>,
    /// A regular expression whose first group is the number of rows in the program's output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<String>,
    /// An SQLite file in `dir` whose `table` is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub database: Option<PathBuf>,
}

/// How a page is asked for.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SourceRequest)]
pub struct Request {
    #[serde(default)]
    pub method: Method,
    pub url: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Parameters of the address, with placeholders as in the body.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = SourceMethod)]
pub enum Method {
    #[default]
    Get,
    Post,
}

/// How a token is got.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SourceLogin)]
pub struct Login {
    pub url: String,
    #[schema(value_type = Object)]
    pub body: Value,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Where in the answer the token stands.
    pub token: String,
    /// The header that carries it, and what stands before it.
    #[serde(default = "default::header")]
    pub header: String,
}

/// How the source is asked for what is new.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SourceIncremental)]
pub struct Incremental {
    /// The field of a row that grows with each change.
    pub field: String,
    /// Where in the request's body the value goes from which on rows are wanted, this value included;
    /// for a request without body, the parameter of its address.
    pub param: String,
    /// How far before the newest known value is asked, when it is a time.
    #[serde(default = "default::overlap")]
    #[schema(value_type = String, example = "10m")]
    pub overlap: Span,
}

mod default {
    use dabir_core::Span;

    pub(super) fn page_size() -> u32 {
        500
    }
    pub(super) fn first_page() -> u32 {
        1
    }
    pub(super) fn timeout() -> Span {
        Span::from_secs(2 * 3_600)
    }
    pub(super) fn request_timeout() -> Span {
        Span::from_secs(60)
    }
    pub(super) fn retries() -> u32 {
        5
    }
    pub(super) fn concurrency() -> u32 {
        4
    }
    pub(super) fn interval() -> Span {
        Span::from_secs(3_600)
    }
    pub(super) fn enabled() -> bool {
        true
    }
    pub(super) fn header() -> String {
        "Authorization: Bearer".to_owned()
    }
    pub(super) fn overlap() -> Span {
        Span::from_secs(600)
    }
}

/// A source carries passwords, so that only its name is printed.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUDENTS: &str = r#"
        name = "students"
        table = "students"
        key = ["studentnum"]
        request = { method = "POST", url = "https://gateway.example/API/Golestan/Students_2" }
        body = { codePardis = "{campus}", term = "{term}", paging = { pageNumber = "{page}", pageSize = "{page_size}" }, Filter = {} }
        login = { url = "https://gateway.example/Login", body = { userName = "u5er", password = "pa55" }, token = "data.token" }
        records = "data"
        total = "totalCount"
        page_size = 500
        partitions = { campus = ["1100", "1101"], term = { sql = "SELECT code FROM terms" } }
        incremental = { field = "updated_at", param = "Filter.since" }
        timeout = "2h"
        retries = 5
        concurrency = 4
        interval = "60m"
        enabled = true
    "#;

    #[test]
    fn the_documented_shape_is_read_and_right() {
        let source: Source = toml::from_str(STUDENTS).unwrap();
        assert_eq!(source.problems(), []);
        assert_eq!(source.interval, Span::from_secs(3_600));
        let command: Source = toml::from_str(
            "name = 'old'\nkind = 'command'\ncommand = ['python3', 'students_main.py']\n\
             dir = 'app/fetch_data'\ncount = 'Students count: (\\d+)'",
        )
        .unwrap();
        assert_eq!(command.problems(), []);
    }

    #[test]
    fn a_wrong_key_is_named_with_what_is_allowed() {
        let wrong = STUDENTS.replace("page_size = 500", "pagesize = 500");
        let error = toml::from_str::<Source>(&wrong).unwrap_err().to_string();
        assert!(
            error.contains("pagesize") && error.contains("page_size"),
            "{error}"
        );
        let wrong = STUDENTS.replace("[\"1100\", \"1101\"]", "7");
        let error = toml::from_str::<Source>(&wrong).unwrap_err().to_string();
        assert!(error.contains("a list of texts"), "{error}");
    }

    #[test]
    fn neither_printing_nor_showing_tells_a_secret() {
        let source: Source = toml::from_str(STUDENTS).unwrap();
        let shown = serde_json::to_string(&source.masked()).unwrap();
        for text in [format!("{source:?}"), shown] {
            assert!(!text.contains("pa55") && !text.contains("u5er"), "{text}");
        }
    }
}
