//! The audit: who changed what; for auditors and admins.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use dabir_core::text::csv_cell;
use dabir_core::{ActorKind, Page, Timestamp, jalali};
use dabir_db::audit::{Entry, Filter, Verdict};
use dabir_http::{Auditor, Json, PageQuery, Problem, Query};
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::AccountError;
use crate::service::Accounts;

/// Which entries are asked for; what is left out does not matter.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditFilter {
    /// The id of a person or token.
    actor: Option<String>,
    /// The whole action or its first part: `meeting` finds `meeting.stop`.
    action: Option<String>,
    target_kind: Option<String>,
    target_id: Option<String>,
    from: Option<Timestamp>,
    /// Entries before this instant.
    until: Option<Timestamp>,
}

/// A change that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditEntry {
    /// 1, 2, 3 …, without a gap.
    seq: i64,
    at: Timestamp,
    /// The same as `1405/08/30 14:00 shanbe`, in the house's zone.
    at_jalali: String,
    #[schema(value_type = String, example = "user")]
    actor_kind: ActorKind,
    actor_id: String,
    actor_name: String,
    address: Option<String>,
    /// Finds the request in the log.
    request_id: Option<String>,
    action: String,
    target_kind: String,
    target_id: String,
    target_name: String,
    /// The thing before; `null` when it was made.
    #[schema(value_type = Option<Object>)]
    before: Option<serde_json::Value>,
    /// The thing after; `null` when it is gone.
    #[schema(value_type = Option<Object>)]
    after: Option<serde_json::Value>,
    /// Over this entry and the one before it.
    hash: String,
}

/// One page of the audit.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditPage {
    items: Vec<AuditEntry>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// In which form the audit is taken away.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    #[default]
    Csv,
    Jsonl,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Export {
    /// `csv`, for spreadsheets, or `jsonl`, one JSON object a line.
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

/// What a look at the whole chain found.
#[derive(Serialize, ToSchema)]
pub(super) struct Verification {
    whole: bool,
    /// The newest entry; or the first broken one.
    seq: i64,
    /// The newest entry's hash. Whoever keeps it elsewhere can prove later that nothing was touched.
    hash: Option<String>,
    /// What is wrong with the broken one.
    reason: Option<String>,
}

const COLUMNS: [&str; 15] = [
    "seq",
    "at",
    "at_jalali",
    "actor_kind",
    "actor_id",
    "actor_name",
    "address",
    "request_id",
    "action",
    "target_kind",
    "target_id",
    "target_name",
    "before",
    "after",
    "hash",
];
/// Entries that an export reads at once.
const STRETCH: u64 = 500;

/// List changes, the newest first.
#[utoipa::path(
    get, path = "/api/v1/audit", tag = "audit", params(PageQuery, AuditFilter),
    responses((status = 200, body = AuditPage), (status = 401, body = Problem), (status = 403, body = Problem)),
)]
pub(super) async fn list_audit(
    _: Auditor,
    State(accounts): State<Accounts>,
    Query(page): Query<PageQuery>,
    Query(filter): Query<AuditFilter>,
) -> Result<Json<AuditPage>, Problem> {
    let limit = page.limit()?;
    let before = page.cursor.as_deref().map(parse_cursor).transpose()?;
    let filter = filter.into_filter()?;
    let rows = accounts.list_audit(&filter, before, u64::from(limit) + 1);
    let Page { items, next_cursor } =
        Page::cut(rows.await?, limit, |entry: &Entry| entry.seq.to_string());
    let view = |entry| AuditEntry::of(entry, &accounts);
    Ok(Json(AuditPage {
        items: items.into_iter().map(view).collect(),
        next_cursor,
    }))
}

/// Take the audit away as a file, the newest change first.
#[utoipa::path(
    get, path = "/api/v1/audit/export", tag = "audit", params(Export, AuditFilter),
    responses(
        (status = 200, content((String = "text/csv"), (String = "application/jsonl"))),
        (status = 401, body = Problem), (status = 403, body = Problem),
    ),
)]
pub(super) async fn export_audit(
    _: Auditor,
    State(accounts): State<Accounts>,
    Query(Export { format }): Query<Export>,
    Query(filter): Query<AuditFilter>,
) -> Result<Response, Problem> {
    let (kind, name) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "audit.csv"),
        Format::Jsonl => ("application/jsonl; charset=utf-8", "audit.jsonl"),
    };
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let body = Body::from_stream(lines(accounts, filter.into_filter()?, format));
    Ok((headers, body).into_response())
}

/// Walk the whole chain, and compare it with the heads that were noted outside of the database.
#[utoipa::path(
    get, path = "/api/v1/audit/verify", tag = "audit",
    responses((status = 200, body = Verification), (status = 401, body = Problem), (status = 403, body = Problem)),
)]
pub(super) async fn verify_audit(
    _: Auditor,
    State(accounts): State<Accounts>,
) -> Result<Json<Verification>, Problem> {
    Ok(Json(match accounts.verify_audit().await? {
        Verdict::Whole(head) => Verification {
            whole: true,
            seq: head.seq,
            hash: Some(head.hash),
            reason: None,
        },
        Verdict::Broken { seq, reason } => Verification {
            whole: false,
            seq,
            hash: None,
            reason: Some(reason.to_owned()),
        },
    }))
}

/// The export, a stretch of entries at a time.
fn lines(
    accounts: Accounts,
    filter: Filter,
    format: Format,
) -> impl Stream<Item = Result<Bytes, AccountError>> {
    let first = stream::iter(match format {
        Format::Csv => Some(Ok(Bytes::from(csv_head()))),
        Format::Jsonl => None,
    });
    let rest = stream::try_unfold(
        (accounts, filter, None),
        move |(accounts, filter, before)| stretch(accounts, filter, before, format),
    );
    futures_util::StreamExt::chain(first, rest)
}

type Rest = (Accounts, Filter, Option<i64>);

async fn stretch(
    accounts: Accounts,
    filter: Filter,
    before: Option<i64>,
    format: Format,
) -> Result<Option<(Bytes, Rest)>, AccountError> {
    let entries = accounts.list_audit(&filter, before, STRETCH).await?;
    let Some(oldest) = entries.last().map(|entry| entry.seq) else {
        return Ok(None);
    };
    let line = |entry| AuditEntry::of(entry, &accounts).line(format);
    let text: String = entries.into_iter().map(line).collect();
    Ok(Some((text.into(), (accounts, filter, Some(oldest)))))
}

impl AuditFilter {
    fn into_filter(self) -> Result<Filter, Problem> {
        let words = [
            &self.actor,
            &self.action,
            &self.target_kind,
            &self.target_id,
        ];
        if words.into_iter().flatten().any(|word| word.contains('\0')) {
            return Err(Problem::bad_request(
                "request.query",
                "no id has a NUL in it",
            ));
        }
        Ok(Filter {
            actor_id: self.actor,
            action: self.action,
            target_kind: self.target_kind,
            target_id: self.target_id,
            from: self.from,
            until: self.until,
        })
    }
}

impl AuditEntry {
    fn of(entry: Entry, accounts: &Accounts) -> Self {
        Self {
            seq: entry.seq,
            at: entry.at,
            at_jalali: jalali::stamp(entry.at, accounts.timezone()),
            actor_kind: entry.actor_kind,
            actor_id: entry.actor_id,
            actor_name: entry.actor_name,
            address: entry.address,
            request_id: entry.request_id,
            action: entry.action,
            target_kind: entry.target_kind,
            target_id: entry.target_id,
            target_name: entry.target_name,
            before: entry.before,
            after: entry.after,
            hash: entry.hash,
        }
    }

    fn line(&self, format: Format) -> String {
        match format {
            Format::Csv => self.csv(),
            // Nothing in it can fail to be written.
            Format::Jsonl => serde_json::to_string(self).unwrap_or_default() + "\n",
        }
    }

    fn csv(&self) -> String {
        let json = |value: &Option<serde_json::Value>| {
            value.as_ref().map_or_else(String::new, ToString::to_string)
        };
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let cells = [
            self.seq.to_string(),
            self.at.to_string(),
            self.at_jalali.clone(),
            self.actor_kind.to_string(),
            self.actor_id.clone(),
            self.actor_name.clone(),
            text(&self.address),
            text(&self.request_id),
            self.action.clone(),
            self.target_kind.clone(),
            self.target_id.clone(),
            self.target_name.clone(),
            json(&self.before),
            json(&self.after),
            self.hash.clone(),
        ];
        cells.map(|text| csv_cell(&text)).join(",") + "\r\n"
    }
}

/// The mark by which spreadsheets know UTF-8, and the names of the columns.
fn csv_head() -> String {
    format!("\u{feff}{}\r\n", COLUMNS.join(","))
}

fn parse_cursor(cursor: &str) -> Result<i64, Problem> {
    let wrong = |_| Problem::bad_request("request.query", "pass `next_cursor` unchanged");
    cursor.parse().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(csv_cell("سارا"), "\"سارا\"");
        assert_eq!(csv_cell("a\"b,c"), "\"a\"\"b,c\"");
        for formula in ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", "\rx"] {
            assert!(csv_cell(formula).starts_with("\"'"), "{formula}");
        }
        assert_eq!(csv_head().split(',').count(), COLUMNS.len());
    }
}
