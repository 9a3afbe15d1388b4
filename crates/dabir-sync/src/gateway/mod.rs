//! Asking a gateway for pages: signed in, politely, and as often as it takes.

mod politeness;
mod session;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dabir_core::text::{cut, one_line};
use dabir_http::Egress;
use dabir_http::egress::{BodyError, Given, read_body};
use dabir_jobs::JobContext;
use reqwest::header::{HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::Value;

use crate::page::{Page, PageError};
use crate::run::cell::Cell;
use crate::source::{Method, Redactor, Source};
use crate::template;
use politeness::Politeness;
use session::{Pass, Session};

/// One gateway for the time of one run.
pub(crate) struct Gateway {
    pub(crate) source: Source,
    client: Client,
    egress: Egress,
    given: Given,
    pace: Pace,
    politeness: Politeness,
    session: Session,
    redactor: Mutex<Redactor>,
    requests: AtomicU64,
    repeats: AtomicU64,
    /// Where trouble is told as it happens.
    log: Option<JobContext>,
}

/// How long is waited between two tries.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub first: Duration,
    pub most: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            most: Duration::from_secs(30),
        }
    }
}

/// Why a page did not come.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The gateway lets us in no more: no other page will come either.
    Auth(String),
    /// This page will not come.
    Lost(String),
    /// It may come later, perhaps after the pause that was asked for.
    Busy(String, Option<Duration>),
    /// The token is not taken, which was good for other pages or was not.
    Unknown(u16, bool),
}

/// The largest page.
const MAX_BODY: usize = 64 << 20;
/// The largest answer to a login.
const MAX_LOGIN: usize = 1 << 20;
/// The longest pause that a gateway may ask for.
const MAX_PAUSE: Duration = Duration::from_secs(600);
/// How often one page may be sent back to the login.
const MAX_LOGINS: u32 = 3;
/// How many characters of what a gateway says are kept.
const MAX_WORDS: usize = 300;
/// Being told to come later is no failure; this many times is.
const BUSY_FACTOR: u32 = 10;

impl Gateway {
    /// # Errors
    /// In words, when an address may not be reached.
    pub(crate) fn new(
        source: Source,
        egress: &Egress,
        given: Given,
        pace: Pace,
        log: Option<JobContext>,
    ) -> Result<Self, String> {
        let client = egress
            .client(given, source.request_timeout.get())
            .map_err(|error| error.to_string())?;
        Ok(Self {
            client,
            egress: egress.clone(),
            given,
            pace,
            politeness: Politeness::new(source.concurrency),
            session: Session::default(),
            redactor: Mutex::new(Redactor::of(&source)),
            requests: AtomicU64::new(0),
            repeats: AtomicU64::new(0),
            log,
            source,
        })
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(crate) fn repeats(&self) -> u64 {
        self.repeats.load(Ordering::Relaxed)
    }

    /// Whether the source says in its requests which page it asks for. Another one's first page is all.
    pub(crate) fn has_pages(&self) -> bool {
        let spec = self.source.request.as_ref();
        let body = self.source.body.as_ref().map(Value::to_string);
        let texts = spec.into_iter().flat_map(|spec| {
            let query = spec.query.values();
            query.chain([&spec.url]).map(String::as_str)
        });
        texts
            .chain(body.as_deref())
            .any(|text| template::names(text).contains(&"page"))
    }

    /// A text without the secrets of this source.
    pub(crate) fn clean(&self, text: &str) -> String {
        let redactor = self.redactor.lock().unwrap_or_else(PoisonError::into_inner);
        redactor.clean(text)
    }

    /// A page of a cell, counted from 0.
    pub(crate) async fn fetch(&self, cell: &Cell, page: u64) -> Result<Page, Trouble> {
        let (mut tries, mut busy, mut logins) = (0, 0, 0);
        loop {
            let trouble = match self.try_once(cell, page).await {
                Ok(page) => {
                    self.politeness.went_well();
                    return Ok(page);
                }
                Err(trouble) => trouble,
            };
            match trouble {
                Trouble::Unknown(status, is_good) => {
                    // A new token that is refused at once says that the page is meant.
                    logins += if is_good { 1 } else { 2 };
                    if logins >= MAX_LOGINS {
                        let what = format!(
                            "the gateway refuses this page with {status}, however often we sign in"
                        );
                        return Err(Trouble::Lost(what));
                    }
                }
                Trouble::Busy(why, pause) => {
                    if pause.is_some() {
                        busy += 1;
                    } else {
                        tries += 1;
                    }
                    let retries = self.source.retries;
                    if tries > retries || busy > retries.saturating_mul(BUSY_FACTOR) {
                        let why = self.clean(&why);
                        return Err(Trouble::Lost(format!(
                            "{why} (tried {} times)",
                            tries + busy
                        )));
                    }
                    self.say(cell, page, &why);
                    self.wait(tries, pause).await;
                }
                ended => return Err(ended),
            }
            self.repeats.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn wait(&self, tries: u32, pause: Option<Duration>) {
        self.politeness.in_trouble(pause);
        // A pause holds up all requests, by their permits.
        if pause.is_none() {
            tokio::time::sleep(self.backoff(tries)).await;
        }
    }

    /// Twice as long each time, and somewhere in the upper half of that, so that those who failed
    /// together do not come together.
    fn backoff(&self, tries: u32) -> Duration {
        let longest = self.pace.first * 2_u32.saturating_pow(tries.saturating_sub(1).min(16));
        let longest = longest.min(self.pace.most);
        let [byte] = dabir_core::id::random_bytes::<1>();
        longest.mul_f64(0.5 + f64::from(byte) / 512.0)
    }

    fn say(&self, cell: &Cell, page: u64, why: &str) {
        let why = self.clean(why);
        if let Some(log) = &self.log {
            log.warn(format!("{} page {}: {why}", cell.label, page + 1));
        }
    }

    async fn try_once(&self, cell: &Cell, page: u64) -> Result<Page, Trouble> {
        let pass = self.session.pass(self).await?;
        let permit = self.politeness.permit().await;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let answer = self.ask(cell, page, &pass).await;
        drop(permit);
        if let Err(Trouble::Unknown(status, _)) = answer {
            if self.source.login.is_none() {
                let what = format!("the gateway answered {status}, and this source has no `login`");
                return Err(Trouble::Lost(what));
            }
            let is_good = self.session.refuse(&pass, status).await?;
            return Err(Trouble::Unknown(status, is_good));
        }
        let body = answer?;
        let (records, total) = (&self.source.records, self.source.total.as_deref());
        let page = Page::read(body, records, total).map_err(|error| self.no_page(&error))?;
        self.session.worked(&pass);
        Ok(page)
    }

    fn no_page(&self, error: &PageError) -> Trouble {
        // Only what was cleaned may be cut: half a secret is not known for one.
        let why = cut(&self.clean(&error.to_string()), MAX_WORDS);
        match error {
            PageError::TooManyFields | PageError::TooManyRows => Trouble::Lost(why),
            _ => Trouble::Busy(why, None),
        }
    }

    async fn ask(&self, cell: &Cell, page: u64, pass: &Pass) -> Result<Vec<u8>, Trouble> {
        let mut request = self.request(cell, page)?;
        if let (Some(login), Some(token)) = (&self.source.login, &pass.token) {
            let (name, value) = token_header(&login.header, token).ok_or_else(|| {
                Trouble::Auth("the token has characters that no header carries".to_owned())
            })?;
            request = request.header(name, value);
        }
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        if response.status() != StatusCode::OK {
            return Err(self.refused(response).await);
        }
        let body = read_body(response, MAX_BODY).await.map_err(broken)?;
        Ok(Vec::from(body))
    }

    fn request(&self, cell: &Cell, page: u64) -> Result<RequestBuilder, Trouble> {
        let Some(spec) = &self.source.request else {
            return Err(Trouble::Auth("the source has no `request`".to_owned()));
        };
        let vars = cell.vars(page, self.source.first_page, self.source.page_size);
        let mut url = self.checked(&vars.fill_url(&spec.url))?;
        for (name, value) in &spec.query {
            let value = vars.fill_text(value, str::to_owned);
            url.query_pairs_mut().append_pair(name, &value);
        }
        let since = self.since(cell);
        if let (Some((place, since)), None) = (since, &self.source.body) {
            url.query_pairs_mut().append_pair(place, since);
        }
        let method = match spec.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let mut request = self
            .client
            .request(method, url)
            .header("accept", "application/json");
        for (name, value) in &spec.headers {
            request = request.header(name, value);
        }
        let mut body = self.source.body.as_ref().map(|body| vars.fill(body));
        if let (Some((place, since)), Some(body)) = (since, &mut body) {
            template::put(body, place, since.into());
        }
        Ok(match body {
            Some(body) => request.json(&body),
            None => request,
        })
    }

    /// Where the value goes from which on rows are wanted, and the value.
    fn since<'a>(&'a self, cell: &'a Cell) -> Option<(&'a str, &'a str)> {
        let incremental = self.source.incremental.as_ref()?;
        Some((&incremental.param, cell.since.as_deref()?))
    }

    fn checked(&self, url: &str) -> Result<reqwest::Url, Trouble> {
        self.egress
            .check(self.given, url)
            .map_err(|error| Trouble::Auth(error.to_string()))
    }

    /// Gets a token. What is wrong with the password is told at once: more tries would lock it.
    async fn sign_in(&self) -> Result<String, Trouble> {
        let mut tries = 0;
        loop {
            let why = match self.try_to_sign_in().await {
                Ok(token) => return Ok(token),
                Err(Trouble::Busy(why, pause)) => {
                    tries += 1;
                    if tries > self.source.retries {
                        let what = format!("no login: {} (tried {tries} times)", self.clean(&why));
                        return Err(Trouble::Auth(what));
                    }
                    tokio::time::sleep(pause.unwrap_or_else(|| self.backoff(tries))).await;
                    why
                }
                Err(Trouble::Unknown(status, _)) => {
                    let what = format!(
                        "the gateway refuses the login with {status}; check its name and password"
                    );
                    return Err(Trouble::Auth(what));
                }
                Err(Trouble::Lost(why)) => return Err(Trouble::Auth(format!("no login: {why}"))),
                Err(ended) => return Err(ended),
            };
            if let Some(log) = &self.log {
                log.warn(format!("login: {}", self.clean(&why)));
            }
        }
    }

    async fn try_to_sign_in(&self) -> Result<String, Trouble> {
        let Some(login) = &self.source.login else {
            return Err(Trouble::Auth("the source has no `login`".to_owned()));
        };
        let mut request = self.client.post(self.checked(&login.url)?);
        for (name, value) in &login.headers {
            request = request.header(name, value);
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        let request = request.header("accept", "application/json");
        let response = request.json(&login.body).send().await;
        let response = response.map_err(|error| unreachable(&error))?;
        if !response.status().is_success() {
            return Err(self.refused(response).await);
        }
        let body = read_body(response, MAX_LOGIN).await.map_err(broken)?;
        let answer: Value = serde_json::from_slice(&body)
            .map_err(|_| Trouble::Busy("the answer to the login is no JSON".to_owned(), None))?;
        let token = template::find(&answer, &login.token).and_then(Value::as_str);
        let token = token.filter(|token| !token.is_empty()).ok_or_else(|| {
            Trouble::Auth(format!(
                "the answer to the login has no token at `{}`; check the login's name, password and `token`",
                login.token
            ))
        })?;
        let mut redactor = self.redactor.lock().unwrap_or_else(PoisonError::into_inner);
        redactor.add(token);
        Ok(token.to_owned())
    }

    async fn refused(&self, response: Response) -> Trouble {
        let status = response.status();
        let pause = pause(&response);
        let code = status.as_u16();
        if matches!(code, 401 | 403) {
            return Trouble::Unknown(code, false);
        }
        let words = self.excerpt(response).await;
        let what = format!("the gateway answered {code}{words}");
        match code {
            429 | 503 => Trouble::Busy(
                what,
                pause.or((code == 429).then_some(Duration::from_secs(1))),
            ),
            408 | 425 | 500..=599 => Trouble::Busy(what, None),
            300..=399 => Trouble::Lost(format!(
                "{what}, a redirect; write its target into the source"
            )),
            _ => Trouble::Lost(what),
        }
    }

    /// What it says, in a few words and without secrets.
    async fn excerpt(&self, response: Response) -> String {
        let body = read_body(response, MAX_LOGIN).await.unwrap_or_default();
        let text = self.clean(&String::from_utf8_lossy(&body));
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            String::new()
        } else {
            format!(": {}", one_line(&cut(&text, MAX_WORDS)))
        }
    }
}

/// `Authorization: Bearer` and `abc` become `Authorization: Bearer abc`.
fn token_header(header: &str, token: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, prefix) = header.split_once(':').unwrap_or((header, ""));
    let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
    let text = format!("{} {token}", prefix.trim());
    let mut value = HeaderValue::from_str(text.trim()).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

fn unreachable(error: &reqwest::Error) -> Trouble {
    if error.is_timeout() {
        return Trouble::Busy("the gateway did not answer in time".to_owned(), None);
    }
    // The innermost cause says it best.
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let cause = one_line(&cause.to_string());
    if cause.contains("[egress]") {
        return Trouble::Auth(cause);
    }
    Trouble::Busy(format!("the gateway is not reached: {cause}"), None)
}

fn broken(error: BodyError) -> Trouble {
    match error {
        BodyError::TooLarge(_) => Trouble::Lost(error.to_string()),
        BodyError::Broken(error) if error.is_timeout() => unreachable(&error),
        BodyError::Broken(_) => Trouble::Busy("the answer broke off".to_owned(), None),
    }
}

/// `Retry-After` in seconds or as a date.
fn pause(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    let pause = match value.trim().parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
            // The gateway's own clock: ours may be elsewhere.
            let date = response.headers().get("date")?.to_str().ok()?;
            let now = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
            Duration::try_from(at.duration_since(now)).ok()?
        }
    };
    Some(pause.min(MAX_PAUSE))
}
