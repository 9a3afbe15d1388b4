//! Trying a source out: sign in, ask for the first page, show what came. Nothing is written.

use std::time::{Duration, Instant};

use dabir_http::egress::Given;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Syncs;
use crate::columns::Columns;
use crate::error::SyncError;
use crate::gateway::{Gateway, Pace, Trouble};
use crate::run::{Prepared, partitions};
use crate::source::{Source, SourceKind};

/// What came of trying a source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = SourceTested)]
pub struct Tested {
    pub ok: bool,
    /// What went wrong, without secrets.
    pub error: Option<String>,
    pub took_ms: u64,
    /// The partition that was asked for.
    pub partition: Option<String>,
    /// How many partitions there are.
    pub partitions_count: u64,
    /// How many rows the gateway says there are in it.
    pub total: Option<u64>,
    /// How many rows its first page has, and how many of them could not be taken.
    pub rows_count: u64,
    pub failed: u64,
    pub columns: Vec<TestedColumn>,
    /// The first rows, as the gateway gives them.
    #[schema(value_type = Vec<Object>)]
    pub rows: Vec<Value>,
    /// Why rows could not be taken, each reason once.
    pub reasons: Vec<String>,
}

/// A column as it would be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SourceColumn)]
pub struct TestedColumn {
    pub field: String,
    pub name: String,
    /// `integer`, `real` or `text`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// How many rows are shown.
const ROWS: usize = 10;
/// A test that takes longer is of no help.
const LIMIT: Duration = Duration::from_secs(30);

impl Syncs {
    /// Tries a source out.
    ///
    /// # Errors
    /// When there is no such source, or it is a command, which is tried by running it.
    pub async fn test(&self, name: &str) -> Result<Tested, SyncError> {
        let found = self.source(name).await?;
        if found.source.kind == SourceKind::Command {
            return Err(SyncError::State(format!(
                "`{name}` is a command; sync it to try it"
            )));
        }
        let given = found.given();
        let mut source = found.source;
        source.retries = 0;
        let begun = Instant::now();
        let trial = self.trial(source, given);
        let tested = tokio::time::timeout(LIMIT, trial).await;
        let mut tested = match tested {
            Ok(tested) => tested?,
            Err(_) => failed(format!(
                "the gateway did not answer within {} s",
                LIMIT.as_secs()
            )),
        };
        tested.took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(tested)
    }

    async fn trial(&self, source: Source, given: Given) -> Result<Tested, SyncError> {
        let cells = match partitions::all(self.db().read(), &source).await? {
            Ok(cells) => cells,
            Err(why) => return Ok(failed(why)),
        };
        let Some(first) = cells.first() else {
            return Ok(failed("there is no partition".to_owned()));
        };
        let gateway =
            match Gateway::new(source.clone(), self.egress(), given, Pace::default(), None) {
                Ok(gateway) => gateway,
                Err(why) => return Ok(failed(why)),
            };
        let page = match gateway.fetch(first, 0).await {
            Ok(page) => Prepared::new(page, &source),
            Err(Trouble::Lost(why) | Trouble::Auth(why) | Trouble::Busy(why, _)) => {
                return Ok(failed(gateway.clean(&why)));
            }
            Err(Trouble::Unknown(status, _)) => {
                return Ok(failed(format!("the gateway answered {status}")));
            }
        };
        Ok(Tested {
            ok: true,
            partition: (!first.label.is_empty()).then(|| first.label.clone()),
            partitions_count: cells.len() as u64,
            ..shown(&page, &gateway)
        })
    }
}

fn failed(why: String) -> Tested {
    Tested {
        error: Some(why),
        ..Tested::default()
    }
}

fn shown(page: &Prepared, gateway: &Gateway) -> Tested {
    let mut columns = Columns::default();
    columns.grow(&page.rows);
    let columns = columns.all.into_iter().map(|column| TestedColumn {
        field: column.field,
        name: column.name,
        kind: column.kind.as_str().to_owned(),
    });
    let rows = (0..page.rows.len().min(ROWS)).map(|n| {
        // A gateway may send back what it was sent.
        let text = gateway.clean(&page.rows.json(n).to_string());
        serde_json::from_str(&text).unwrap_or_default()
    });
    let mut reasons: Vec<String> = page.bad.iter().map(|(why, _)| why.clone()).collect();
    reasons.sort();
    reasons.dedup();
    reasons.truncate(ROWS);
    Tested {
        total: page.total,
        rows_count: page.served(),
        failed: page.bad.len() as u64,
        columns: columns.collect(),
        rows: rows.collect(),
        reasons,
        ..Tested::default()
    }
}
