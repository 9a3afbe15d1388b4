//! How talking commands reach the API: the server that `DABIR_URL` names, the one that runs on the
//! data folder, or, when none runs, the same handlers inside this process.

use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use axum::response::Response;
use dabir_accounts::Secrets;
use dabir_core::Secret;
use dabir_db::{DataFolder, FolderError};
use dabir_http::Problem;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::{Context, Failure};
use crate::app::App;
use crate::config::Loaded;
use crate::serve::{ADDRESS_FILE, refuse_half_a_house};

/// A server that says nothing for this long is given up.
const SILENCE: Duration = Duration::from_secs(60);

/// A way to the API, with the right to use it.
pub(crate) struct Api {
    reach: Reach,
    token: Secret,
}

enum Reach {
    Server {
        url: String,
        client: reqwest::Client,
    },
    Here(Here),
}

/// The data folder itself, while no server runs on it.
struct Here {
    router: Router,
    /// How many rooms live on by themselves.
    living_rooms: usize,
    /// Held for as long as the command works on it.
    _folder: DataFolder,
}

impl Here {
    async fn on(folder: DataFolder, loaded: &Loaded) -> anyhow::Result<Self> {
        let (app, _) = App::build(loaded, loaded.config.server.listen).await?;
        Ok(Self {
            living_rooms: app.meetings.look_at_rooms().await?,
            router: app.router(),
            _folder: folder,
        })
    }
}

impl Api {
    /// The server that is named or runs, else the data folder itself.
    pub(crate) async fn of(context: &Context) -> Result<Self, Failure> {
        if let Some(api) = Self::named()? {
            return Ok(api);
        }
        let config = &context.loaded.config;
        match DataFolder::hold(&config.data_dir) {
            Ok(folder) => {
                refuse_half_a_house(folder.path()).map_err(Failure::from_chain)?;
                let here = Here::on(folder, &context.loaded)
                    .await
                    .map_err(Failure::from_chain)?;
                Ok(Self {
                    token: admin_token(&config.data_dir)?,
                    reach: Reach::Here(here),
                })
            }
            Err(FolderError::InUse { .. }) => Self::running(&config.data_dir),
            Err(error) => Err(Failure::from_chain(error)),
        }
    }

    /// The server that is named or runs; a failure when there is none.
    pub(crate) fn of_running(context: &Context) -> Result<Self, Failure> {
        match Self::named()? {
            Some(api) => Ok(api),
            None => Self::running(&context.loaded.config.data_dir),
        }
    }

    /// Whether a server answers, whose workers do what is asked for.
    pub(crate) fn is_served(&self) -> bool {
        matches!(self.reach, Reach::Server { .. })
    }

    /// How many rooms live on by themselves, when no server keeps them.
    pub(crate) fn unattended_rooms(&self) -> Option<usize> {
        match &self.reach {
            Reach::Server { .. } => None,
            Reach::Here(here) => Some(here.living_rooms),
        }
    }

    /// The server that DABIR_URL names, if any.
    pub(crate) fn named() -> Result<Option<Self>, Failure> {
        match (std::env::var("DABIR_URL"), std::env::var("DABIR_TOKEN")) {
            (Ok(url), Ok(token)) => Self::server(&url, Secret::new(token)).map(Some),
            (Ok(_), Err(_)) => Err(Failure::usage(
                "DABIR_URL is set and DABIR_TOKEN is not",
                "set both, or neither",
            )),
            (Err(_), _) => Ok(None),
        }
    }

    fn running(data_dir: &Path) -> Result<Self, Failure> {
        let url = std::fs::read_to_string(data_dir.join(ADDRESS_FILE)).map_err(|_| {
            let cause = format!("no server runs on `{}`", data_dir.display());
            Failure::failed(
                cause,
                "start it with `dabir serve`, or set DABIR_URL and DABIR_TOKEN",
            )
        })?;
        Self::server(url.trim(), admin_token(data_dir)?)
    }

    fn server(url: &str, token: Secret) -> Result<Self, Failure> {
        let url = url.trim_end_matches('/').to_owned();
        let client = client(&url)?;
        Ok(Self {
            reach: Reach::Server { url, client },
            token,
        })
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.send(
            Method::POST,
            path,
            Some(body).filter(|body| !body.is_null()),
        )
        .await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Value, Failure> {
        self.send(Method::DELETE, path, None).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// Hands an answer to `take` as it comes, whatever it is and however long, while that is wanted.
    pub(crate) async fn copy(
        &self,
        path: &str,
        take: impl Fn(&[u8]) -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        let mut body = self.ask(Method::GET, path, None).await?;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(broken_off)?;
            if let Some(data) = frame.data_ref()
                && !take(data)?
            {
                break;
            }
        }
        Ok(())
    }

    /// Every row of a list; `path` has a `?` already.
    pub(crate) async fn get_all(&self, path: &str) -> Result<Vec<Value>, Failure> {
        let mut rows = Vec::new();
        let mut next = path.to_owned();
        loop {
            let mut page = self.get(&next).await?;
            if let Value::Array(items) = page["items"].take() {
                rows.extend(items);
            }
            match page["next_cursor"].as_str() {
                Some(cursor) => next = format!("{path}&cursor={}", escape(cursor)),
                None => return Ok(rows),
            }
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let body = self.ask(method, path, body).await?;
        let bytes = body.collect().await.map_err(broken_off)?.to_bytes();
        Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// What is answered, when it is no problem.
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Body, Failure> {
        let response = match &self.reach {
            Reach::Server { url, client } => {
                self.ask_server(client, url, method, path, body).await?
            }
            Reach::Here(here) => self.ask_here(&here.router, method, path, body).await?,
        };
        let (head, body) = response.into_parts();
        if head.status.is_success() {
            return Ok(body);
        }
        let bytes = body.collect().await.map_err(broken_off)?.to_bytes();
        match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) => Err(Failure::from_problem(&problem)),
            Err(_) => Err(Failure::failed(
                format!("the server answered {}", head.status),
                "is DABIR_URL right?",
            )),
        }
    }

    async fn ask_server(
        &self,
        client: &reqwest::Client,
        url: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response, Failure> {
        let mut request = client
            .request(method, format!("{url}{path}"))
            .bearer_auth(self.token.expose());
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| {
            Failure::failed(
                format!("{url} does not answer: {error}"),
                "is the server running?",
            )
        })?;
        Ok(axum::http::Response::from(response).map(Body::new))
    }

    async fn ask_here(
        &self,
        router: &Router,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response, Failure> {
        let mut request = Request::builder().method(method).uri(path).header(
            header::AUTHORIZATION,
            format!("Bearer {}", self.token.expose()),
        );
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = request.body(body).map_err(Failure::from_error)?;
        let Ok(response) = router.clone().oneshot(request).await;
        Ok(response)
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "`map_err` hands the error over"
)]
fn broken_off(error: axum::Error) -> Failure {
    Failure::failed(
        format!("the answer broke off: {error}"),
        "the log of the server has the cause",
    )
}

/// A client that gives the token to the named server and to nobody else: through no proxy to this
/// machine, and after no redirect.
fn client(url: &str) -> Result<reqwest::Client, Failure> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(SILENCE)
        .read_timeout(SILENCE);
    let local = url.contains("://127.") || url.contains("://localhost") || url.contains("://[::1]");
    let builder = if local { builder.no_proxy() } else { builder };
    builder.build().map_err(Failure::from_error)
}

/// A word as part of an address.
pub(crate) fn escape(word: &str) -> String {
    form_urlencoded::byte_serialize(word.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

fn admin_token(data_dir: &Path) -> Result<Secret, Failure> {
    Secrets::of(data_dir)
        .load("admin.token")
        .map_err(Failure::from_error)
}
