//! A room in a process of its own, and people with WebSockets.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use command_fds::{CommandFdExt, FdMapping};
use dabir_core::Timestamp;
use dabir_room::model::Role;
use dabir_room::spec::RoomSpec;
use dabir_room::token::{self, Claims, SigningKey};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Far more than anything takes; a test that waits this long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A room's process, its folder and its sockets, which outlive it.
pub(crate) struct TestRoom {
    pub(crate) dir: TempDir,
    pub(crate) address: SocketAddr,
    listener: TcpListener,
    child: Child,
    /// Where supervisors connect.
    pub(crate) control: PathBuf,
}

pub(crate) fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

pub(crate) fn spec() -> RoomSpec {
    RoomSpec {
        id: "r1".into(),
        name: "جلسهٔ هفتگی".into(),
        starts_at: None,
        ends_at: Some("2099-01-01T00:00:00Z".parse().unwrap()),
        timezone: "Asia/Tehran".into(),
        guests: true,
        max_clients: 1_000,
        public_key: RoomSpec::encode_key(&signing_key().verifying_key()),
        origins: vec![],
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the process under test has the real time too"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// A token that lets `sub` in once.
pub(crate) fn join_token(sub: &str, role: Role) -> String {
    token::sign(&signing_key(), &claims(sub, role))
}

pub(crate) fn claims(sub: &str, role: Role) -> Claims {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    Claims {
        aud: token::audience("r1"),
        sub: sub.into(),
        client: None,
        name: sub.into(),
        role,
        exp: now().as_second() + 30,
        jti: format!("j{}", NEXT.fetch_add(1, Ordering::Relaxed)),
    }
}

impl TestRoom {
    pub(crate) fn start() -> Self {
        Self::start_with(|_| {})
    }

    pub(crate) fn start_with(change: impl FnOnce(&mut RoomSpec)) -> Self {
        let mut spec = spec();
        change(&mut spec);
        let dir = tempfile::tempdir().unwrap();
        spec.write(dir.path()).unwrap();
        Self::start_in(dir)
    }

    /// Starts a room in a folder that is there already.
    pub(crate) fn start_in(dir: TempDir) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let control = dir.path().join("control.sock");
        Self {
            address: listener.local_addr().unwrap(),
            child: spawn(dir.path(), &listener, &control),
            dir,
            listener,
            control,
        }
    }

    /// Kills the process as a crash would, and starts another on the same folder and socket.
    pub(crate) fn crash_and_restart(&mut self) {
        self.crash();
        self.restart();
    }

    pub(crate) fn crash(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn restart(&mut self) {
        std::fs::remove_file(&self.control).unwrap();
        self.child = spawn(self.dir.path(), &self.listener, &self.control);
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The room's own listening socket.
    pub(crate) fn socket(&self) -> &TcpListener {
        &self.listener
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.dir.path().join("journal.jsonl")
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap()
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits until the process is over.
    pub(crate) async fn exited(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "the room does not end");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) fn url(&self, query: &str) -> String {
        format!("ws://{}/ws?{query}", self.address)
    }

    pub(crate) async fn guest(&self, name: &str) -> Client {
        Client::open(&self.url(&format!("name={name}"))).await
    }

    /// Somebody whose page tries again for as long as the room hangs up.
    pub(crate) async fn patient_guest(&self, name: &str) -> Client {
        let url = self.url(&format!("name={name}"));
        let start = Instant::now();
        loop {
            match tokio_tungstenite::connect_async(&url).await {
                Ok((socket, _)) => return Client::welcomed(socket).await,
                Err(error) => assert!(start.elapsed() < PATIENCE, "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn moderator(&self) -> Client {
        let token = join_token("chair", Role::Moderator);
        Client::open(&self.url(&format!("token={token}"))).await
    }

    /// Somebody who comes back, told of everything after `offset`.
    pub(crate) async fn back(&self, seat: &str, offset: u64) -> Client {
        Client::open(&self.url(&format!("seat={seat}&after={offset}"))).await
    }

    /// Somebody who comes back and says which count of offsets theirs belongs to.
    pub(crate) async fn back_to(&self, client: &Client, offset: u64, epoch: &str) -> Client {
        let seat = client.seat();
        Client::open(&self.url(&format!("seat={seat}&after={offset}&epoch={epoch}"))).await
    }

    /// The reason that is the only word to somebody who was put out.
    pub(crate) async fn kicked(&self, query: &str) -> String {
        let (socket, _) = tokio_tungstenite::connect_async(self.url(query))
            .await
            .unwrap();
        let mut client = Client::unwelcomed(socket);
        let kicked = client.next().await;
        assert_eq!(kicked["type"], "kicked");
        assert_eq!(client.try_next().await, None);
        kicked["reason"].as_str().unwrap().to_owned()
    }

    /// What the room answers to a `GET`: the status and the body.
    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    /// One of the room's numbers.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let (_, text) = self.get("/metrics").await;
        let prefix = format!("dabir_room_{name} ");
        let value = text.lines().find_map(|line| line.strip_prefix(&*prefix));
        value.unwrap().parse().unwrap()
    }

    /// Why somebody is not let in: the status and the code.
    pub(crate) async fn refusal(&self, query: &str) -> (u16, String) {
        refusal(&self.url(query), &[]).await
    }
}

impl Drop for TestRoom {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(dir: &Path, listener: &TcpListener, control: &Path) -> Child {
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(dir.join("log"))
        .unwrap();
    let control = UnixListener::bind(control).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_dabir-room"));
    command
        .arg(listener.local_addr().unwrap().port().to_string())
        .args(["--control-stdin", "--dir"])
        .arg(dir)
        .env("LISTEN_FDS", "1")
        .env_remove("LISTEN_PID")
        .stdin(Stdio::from(OwnedFd::from(control)))
        .stderr(log.try_clone().unwrap())
        .stdout(log);
    let inherited = FdMapping {
        parent_fd: listener.try_clone().unwrap().into(),
        child_fd: 3,
    };
    command.fd_mappings(vec![inherited]).unwrap();
    command.spawn().unwrap()
}

pub(crate) async fn refusal(url: &str, headers: &[(&'static str, &str)]) -> (u16, String) {
    let mut request = url.into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    let Err(Error::Http(answer)) = tokio_tungstenite::connect_async(request).await else {
        panic!("it was let in");
    };
    let body: Value = serde_json::from_slice(answer.body().as_ref().unwrap()).unwrap();
    (
        answer.status().as_u16(),
        body["code"].as_str().unwrap().to_owned(),
    )
}

/// Somebody's WebSocket.
pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) welcome: Value,
    unread: std::collections::VecDeque<Value>,
}

impl Client {
    pub(crate) async fn open(url: &str) -> Self {
        let (socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        Self::welcomed(socket).await
    }

    pub(crate) async fn welcomed(socket: WebSocketStream<MaybeTlsStream<TcpStream>>) -> Self {
        let mut client = Self::unwelcomed(socket);
        client.welcome = client.next().await;
        assert_eq!(client.welcome["type"], "welcome");
        client
    }

    pub(crate) fn unwelcomed(socket: WebSocketStream<MaybeTlsStream<TcpStream>>) -> Self {
        Self {
            socket,
            welcome: Value::Null,
            unread: Default::default(),
        }
    }

    pub(crate) fn id(&self) -> String {
        self.welcome["you"]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn seat(&self) -> String {
        self.welcome["you"]["seat"].as_str().unwrap().to_owned()
    }

    pub(crate) fn offset(&self) -> u64 {
        self.welcome["offset"].as_u64().unwrap()
    }

    pub(crate) fn epoch(&self) -> &str {
        self.welcome["epoch"].as_str().unwrap()
    }

    /// The next object, whatever it is; `None` when the room has closed the connection.
    pub(crate) async fn try_next(&mut self) -> Option<Value> {
        while self.unread.is_empty() {
            let message = tokio::time::timeout(PATIENCE, self.socket.next())
                .await
                .expect("the room says nothing");
            match message {
                Some(Ok(Message::Text(text))) => self
                    .unread
                    .extend(text.lines().map(|line| serde_json::from_str(line).unwrap())),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
        self.unread.pop_front()
    }

    pub(crate) async fn next(&mut self) -> Value {
        self.try_next().await.expect("the room hung up")
    }

    /// The next object of this type; others are passed over.
    pub(crate) async fn expect(&mut self, kind: &str) -> Value {
        loop {
            let value = self.next().await;
            if value["type"] == kind {
                return value;
            }
        }
    }

    /// The code that the room closed the connection with.
    pub(crate) async fn close_code(&mut self) -> Option<u16> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next())
                .await
                .expect("the room says nothing");
            match message? {
                Ok(Message::Close(frame)) => return frame.map(|frame| frame.code.into()),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }

    pub(crate) async fn send(&mut self, value: Value) {
        self.send_text(&value.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn chat(&mut self, text: &str) {
        self.send(serde_json::json!({"type": "chat", "text": text}))
            .await;
    }

    /// What the room answers to a request that it refuses.
    pub(crate) async fn refused(&mut self, request: Value) -> String {
        self.send(request).await;
        let error = self.expect("error").await;
        error["code"].as_str().unwrap().to_owned()
    }

    /// Says it and waits until everybody was told.
    pub(crate) async fn say(&mut self, text: &str) -> u64 {
        self.chat(text).await;
        loop {
            let chat = self.expect("chat").await;
            if chat["text"] == text {
                return chat["offset"].as_u64().unwrap();
            }
        }
    }

    pub(crate) async fn close(mut self) {
        let _ = self.socket.close(None).await;
        while self.try_next().await.is_some() {}
    }
}
