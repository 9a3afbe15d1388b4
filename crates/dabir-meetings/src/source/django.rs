//! Asking the Django API for its list: conditional, bounded in time and size, without redirects.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use jiff::tz::TimeZone;
use reqwest::header::{ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, RETRY_AFTER};
use reqwest::{StatusCode, Url};
use serde_json::Value;

use super::list::{Listed, MAX_ROWS, parse_page};
use crate::config::DjangoConfig;
use crate::reason::Reason;

/// The client of one Django API. It remembers the last answer, so that an unchanged list costs
/// neither a transfer nor a parse.
#[derive(Debug)]
pub struct Django {
    client: reqwest::Client,
    url: Url,
    auth: Option<(HeaderName, HeaderValue)>,
    tz: TimeZone,
    last: Option<Answer>,
}

/// A first page as it came, and the mark to ask with whether it changed.
#[derive(Debug)]
struct Answer {
    etag: Option<HeaderValue>,
    body: Bytes,
    /// Only a list of one page is told unchanged by its first page.
    single: bool,
}

/// What a poll found.
#[derive(Debug)]
pub enum Fetched {
    /// The same list as the last time.
    Unchanged,
    Changed(Listed),
}

/// Why a poll found nothing; the meetings go on as they are.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("the source does not answer: {0}")]
    Unreachable(String),
    #[error("the source does not answer: it took longer than `[meetings.django] timeout`")]
    TimedOut,
    #[error("the source answered {status}{hint}")]
    Status {
        status: StatusCode,
        hint: &'static str,
        retry_after: Option<Duration>,
    },
    #[error("{0}")]
    NoList(String),
    #[error("the answer is larger than {} MiB", MAX_BODY >> 20)]
    TooLarge,
    #[error("the list has more than {MAX_PAGES} pages, or its pages lead in a circle")]
    TooManyPages,
    #[error("the next page `{0}` is on another server")]
    ForeignPage(String),
}

impl FetchError {
    /// The same as a code and its facts.
    #[must_use]
    pub fn reason(&self) -> Reason {
        let reason = |code| Reason::new(code, self.to_string());
        match self {
            Self::Unreachable(error) => reason("source.unreachable").with("error", error.as_str()),
            Self::TimedOut => reason("source.timeout"),
            Self::Status { status, .. } => reason("source.status").with("status", status.as_u16()),
            Self::NoList(detail) => reason("source.no_list").with("detail", detail.as_str()),
            Self::TooLarge => reason("source.too_large").with("max_bytes", MAX_BODY),
            Self::TooManyPages => reason("source.too_many_pages").with("max", MAX_PAGES),
            Self::ForeignPage(page) => reason("source.foreign_page").with("page", page.as_str()),
        }
    }
}

/// The largest list, all pages together.
const MAX_BODY: usize = 10 << 20;
const MAX_PAGES: usize = 1_000;

impl Django {
    /// A client for `config.url`.
    ///
    /// # Errors
    /// In words, when the address or the header has a wrong form.
    pub fn new(config: &DjangoConfig, tz: TimeZone) -> Result<Self, String> {
        let url: Url = config
            .url
            .parse()
            .map_err(|e| format!("`{}` is no address: {e}", config.url))?;
        let client = reqwest::Client::builder()
            // From the first byte out to the last byte in.
            .timeout(config.timeout.get())
            // A redirect would carry the token to whom nobody named.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("dabir/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| format!("no HTTP client could be made: {e}"))?;
        Ok(Self {
            client,
            url,
            auth: auth_header(config)?,
            tz,
            last: None,
        })
    }

    /// Asks for the list.
    ///
    /// # Errors
    /// Whatever is not a whole list, in words; what was known stays known.
    pub async fn fetch(&mut self) -> Result<Fetched, FetchError> {
        let etag = self.last.as_ref().and_then(|last| last.etag.clone());
        let (status, new_etag, body) = self.get(self.url.clone(), etag, 0).await?;
        if status == StatusCode::NOT_MODIFIED {
            return Ok(Fetched::Unchanged);
        }
        if self
            .last
            .as_ref()
            .is_some_and(|last| last.single && last.body == body)
        {
            return Ok(Fetched::Unchanged);
        }
        let page = parse_page(&body).map_err(FetchError::NoList)?;
        let single = page.next.is_none();
        let values = self
            .following_pages(page.values, page.next, body.len())
            .await?;
        if values.len() > MAX_ROWS {
            return Err(FetchError::NoList(format!(
                "the list has more than {MAX_ROWS} rows"
            )));
        }
        // Remembered only now: a list that broke off on page two has to be read again.
        // An ETag of page one says nothing about the pages after it.
        let etag = new_etag.filter(|_| single);
        self.last = Some(Answer { etag, body, single });
        let listed = Listed {
            paged: !single,
            ..Listed::from_values(&values, &self.tz)
        };
        Ok(Fetched::Changed(listed))
    }

    /// Forgets the last answer, so that the next one counts as changed.
    pub fn forget(&mut self) {
        self.last = None;
    }

    async fn following_pages(
        &self,
        mut values: Vec<Value>,
        mut next: Option<String>,
        mut size: usize,
    ) -> Result<Vec<Value>, FetchError> {
        let mut pages = 1;
        while let Some(link) = next {
            pages += 1;
            if pages > MAX_PAGES {
                return Err(FetchError::TooManyPages);
            }
            let (_, _, body) = self.get(self.same_server(&link)?, None, size).await?;
            size += body.len();
            let page = parse_page(&body).map_err(FetchError::NoList)?;
            if page.values.is_empty() && page.next.is_some() {
                return Err(FetchError::TooManyPages);
            }
            values.extend(page.values);
            next = page.next;
        }
        Ok(values)
    }

    /// The address of the next page, when it lies where the first one did.
    fn same_server(&self, link: &str) -> Result<Url, FetchError> {
        let foreign = || FetchError::ForeignPage(dabir_core::text::one_line(link));
        let url = self.url.join(link).map_err(|_| foreign())?;
        if url.origin() == self.url.origin() {
            Ok(url)
        } else {
            Err(foreign())
        }
    }

    /// One GET; `read` bytes were read before it.
    async fn get(
        &self,
        url: Url,
        etag: Option<HeaderValue>,
        read: usize,
    ) -> Result<(StatusCode, Option<HeaderValue>, Bytes), FetchError> {
        let mut request = self.client.get(url).header("accept", "application/json");
        if let Some((name, value)) = &self.auth {
            request = request.header(name, value);
        }
        let conditional = etag.is_some();
        if let Some(etag) = etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let response = request.send().await.map_err(|e| unreachable_source(&e))?;
        let status = response.status();
        if status != StatusCode::OK && !(conditional && status == StatusCode::NOT_MODIFIED) {
            return Err(refused(&response));
        }
        let etag = response.headers().get(ETAG).cloned();
        let mut body = BytesMut::new();
        let mut stream = response.bytes_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|e| unreachable_source(&e))?;
            if read + body.len() + chunk.len() > MAX_BODY {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, etag, body.freeze()))
    }
}

/// `Authorization: Token` and `abc` become `Authorization: Token abc`.
fn auth_header(config: &DjangoConfig) -> Result<Option<(HeaderName, HeaderValue)>, String> {
    if config.token.is_empty() {
        return Ok(None);
    }
    let (name, prefix) = config
        .header
        .split_once(':')
        .unwrap_or((config.header.as_str(), ""));
    let name = HeaderName::from_bytes(name.trim().as_bytes())
        .map_err(|_| format!("`{}` is no header name", name.trim()))?;
    let text = format!("{} {}", prefix.trim(), config.token.expose());
    let mut value = HeaderValue::from_str(text.trim())
        .map_err(|_| "the token has characters that a header cannot carry".to_owned())?;
    value.set_sensitive(true);
    Ok(Some((name, value)))
}

fn unreachable_source(error: &reqwest::Error) -> FetchError {
    if error.is_timeout() {
        return FetchError::TimedOut;
    }
    // The innermost cause says it best, and none of them carries the token.
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    FetchError::Unreachable(dabir_core::text::one_line(&cause.to_string()))
}

fn refused(response: &reqwest::Response) -> FetchError {
    let status = response.status();
    let hint = match status.as_u16() {
        401 | 403 => "; check `[meetings.django] token` and `header`",
        404 => "; check `[meetings.django] url`",
        300..=399 => ", a redirect; write its target into `[meetings.django] url`",
        _ => "",
    };
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(|secs: u64| Duration::from_secs(secs.min(3_600)));
    FetchError::Status {
        status,
        hint,
        retry_after,
    }
}
