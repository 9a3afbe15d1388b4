//! A program that receives webhooks, and behaves as the test says.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use standardwebhooks::Webhook as Verifier;
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How it answers.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    Ok,
    Status(u16),
    /// A status with `Retry-After`.
    Later(u16, &'static str),
    /// A redirect to here.
    Redirect(String),
    /// Never.
    Hang,
    /// With a status, once it is told to.
    Held(CancellationToken, u16),
    /// Megabytes.
    Flood,
    /// Fails so often before each success.
    Flap(usize),
}

/// A request that came in.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    pub(crate) status: u16,
}

#[derive(Debug)]
struct Inner {
    manner: Manner,
    received: Vec<Received>,
}

/// Listens on a port of its own, unless it is down.
pub(crate) struct Receiver {
    inner: Arc<Mutex<Inner>>,
    pub(crate) port: u16,
    /// Bound, so that the port is nobody else's, and not listening.
    down: Option<TcpSocket>,
    task: Option<JoinHandle<()>>,
}

impl Received {
    pub(crate) fn id(&self) -> String {
        self.header("webhook-id")
    }

    pub(crate) fn header(&self, name: &str) -> String {
        self.headers[name].to_str().unwrap().to_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether the specification's own library takes it for signed with `secret`.
    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let at = self.header("webhook-timestamp").parse().unwrap();
        let verifier = Verifier::new(secret).unwrap();
        let wanted = verifier.sign(&self.id(), at, self.body.as_bytes());
        let wanted = wanted.unwrap();
        let signature = self.header("webhook-signature");
        signature.split(' ').any(|one| one == wanted)
    }
}

impl Receiver {
    pub(crate) fn start(manner: Manner) -> Self {
        let mut receiver = Self::down(manner);
        receiver.come_up();
        receiver
    }

    /// One that refuses connections until it comes up.
    pub(crate) fn down(manner: Manner) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        Self {
            port: socket.local_addr().unwrap().port(),
            inner: Arc::new(Mutex::new(Inner {
                manner,
                received: Vec::new(),
            })),
            down: Some(socket),
            task: None,
        }
    }

    pub(crate) fn come_up(&mut self) {
        let listener = self.down.take().unwrap().listen(64).unwrap();
        let app = Router::new()
            .route("/hook", post(receive))
            .with_state(self.inner.clone());
        self.task = Some(tokio::spawn(async move {
            axum::serve(listener, app).await.unwrap();
        }));
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    pub(crate) fn behave(&self, manner: Manner) {
        self.inner().manner = manner;
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inner().received.clone()
    }

    /// The numbers of the happenings that it took, in the order in which they came.
    pub(crate) fn taken(&self) -> Vec<u64> {
        let received = self.received();
        let taken = received.iter().filter(|one| one.status == 200);
        taken
            .map(|one| one.json()["data"]["n"].as_u64().unwrap())
            .collect()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn receive(
    State(inner): State<Arc<Mutex<Inner>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let manner = inner.lock().unwrap().manner.clone();
    let note = |status: u16| {
        let mut inner = inner.lock().unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let headers = headers.clone();
        inner.received.push(Received {
            headers,
            body,
            status,
        });
        StatusCode::from_u16(status).unwrap()
    };
    match manner {
        Manner::Ok => note(200).into_response(),
        Manner::Status(status) => (note(status), "no\0t <b>now</b>").into_response(),
        Manner::Later(status, when) => (note(status), [("retry-after", when)]).into_response(),
        Manner::Redirect(to) => (note(307), [("location", to)]).into_response(),
        Manner::Flood => (note(200), "x".repeat(8 << 20)).into_response(),
        Manner::Hang => {
            note(599);
            tokio::time::sleep(Duration::from_secs(3_600)).await;
            ().into_response()
        }
        Manner::Held(told, status) => {
            let status = note(status);
            told.cancelled().await;
            status.into_response()
        }
        Manner::Flap(failures) => {
            let id = headers["webhook-id"].clone();
            let before = {
                let inner = inner.lock().unwrap();
                let same = inner.received.iter();
                same.filter(|one| one.headers["webhook-id"] == id).count()
            };
            note(if before < failures { 500 } else { 200 }).into_response()
        }
    }
}
