//! A room's life: from its folder and sockets to its last word.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use dabir_core::{Clock, Timestamp, new_id};
use ed25519_dalek::SigningKey;
use jiff::SignedDuration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::{LocalSet, spawn_local};

use crate::admission::Door;
use crate::batch::{self, Over};
use crate::control::FromRoom;
use crate::hub::Hub;
use crate::journal::{self, Journal, Opened, Repair};
use crate::model::Role;
use crate::spec::{RoomSpec, SpecError};
use crate::token::{self, Claims};
use crate::{listen, log, orders, supervisor, timekeeper};

/// How long the last words may take, within the second that an ending room has.
const FAREWELL: Duration = Duration::from_millis(800);

/// How long the moderator's link of a room started by hand is good for.
const LINK_HOURS: u64 = 12;

/// What the room was started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    pub port: u16,
    /// The room's folder; without it the room is made by hand from what follows.
    pub dir: Option<PathBuf>,
    pub host: String,
    pub name: String,
    pub ends_at: Option<Timestamp>,
    /// Standard input is the control channel's socket.
    pub control_stdin: bool,
}

/// Why a room cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error("cannot use the room's folder")]
    Dir(#[source] io::Error),
    #[error("cannot read the room's journal")]
    Journal(#[source] io::Error),
    /// Without them it could let in whom the house keeps out.
    #[error("cannot read what the house ordered before")]
    Orders(#[source] io::Error),
    #[error("cannot listen on port {port}")]
    Listen { port: u16, source: io::Error },
    #[error("standard input is no listening Unix socket")]
    Control(#[source] io::Error),
    #[error("cannot watch for signals")]
    Signals(#[source] io::Error),
    #[error("cannot start the runtime")]
    Runtime(#[source] io::Error),
}

/// Where a room lives and what it is.
struct Home {
    dir: PathBuf,
    spec: RoomSpec,
    door: Door,
    /// Of a room started by hand.
    made: Option<Made>,
}

struct Made {
    key: SigningKey,
    /// Removed with the room.
    _dir: TempDir,
}

/// Runs a room until it ends.
///
/// # Errors
/// When it cannot start.
pub fn run(options: &Options) -> Result<ExitCode, StartError> {
    listen::raise_descriptor_limit();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .map_err(StartError::Runtime)?;
    runtime.block_on(LocalSet::new().run_until(live(options)))
}

async fn live(options: &Options) -> Result<ExitCode, StartError> {
    let clock = Clock::system();
    let home = home(options)?;
    let socket = listen::tcp(&options.host, options.port).map_err(|source| StartError::Listen {
        port: options.port,
        source,
    })?;
    let socket = Rc::new(socket);
    let Opened {
        journal,
        history,
        room,
        repair,
    } = journal::open(&home.dir).map_err(StartError::Journal)?;
    if let Some(repair) = repair {
        log::line(&clock, repair_line(&repair));
    }
    let hub = Hub::new(home.spec, home.door, clock, room, history);
    let ordered = orders::read(&home.dir).map_err(StartError::Orders)?;
    hub.orders.borrow_mut().take_in(ordered, true);
    if options.control_stdin {
        let listener = listen::control().map_err(StartError::Control)?;
        spawn_local(supervisor::run(
            Rc::clone(&hub),
            listener,
            Rc::clone(&socket),
        ));
    }
    spawn_local(end_on_signal(Rc::clone(&hub)).map_err(StartError::Signals)?);
    introduce(&hub, &socket, home.made.as_ref());
    Ok(serve(&hub, socket, journal).await)
}

/// Serves people until the room is over, and sees them out.
async fn serve(hub: &Rc<Hub>, socket: Rc<TcpListener>, journal: Journal) -> ExitCode {
    let (sweep, clock) = (Rc::clone(hub), Rc::clone(hub));
    spawn_local(listen::run(Rc::clone(hub), socket));
    spawn_local(async move { sweep.sweep().await });
    spawn_local(async move { timekeeper::run(&clock).await });
    let (reason, exit_code) = match batch::run(hub, journal).await {
        Over::Ended(reason) => (reason, ExitCode::SUCCESS),
        Over::Failed(error) => {
            log::line(
                &hub.clock,
                format_args!("error: cannot write the journal: {error}; the room ends"),
            );
            ("failed".to_owned(), ExitCode::FAILURE)
        }
    };
    log::line(&hub.clock, format_args!("the room is over: {reason}"));
    see_out(hub, reason).await;
    exit_code
}

async fn see_out(hub: &Hub, reason: String) {
    hub.close_all(&reason);
    hub.supervisors.tell_all(&FromRoom::Ended { reason });
    hub.supervisors.close();
    let all_gone = async {
        while hub.open_sockets() > 0 || hub.supervisors.open() > 0 {
            hub.socket_closed.notified().await;
        }
    };
    // Who takes longer finds the connection closed.
    let _ = tokio::time::timeout(FAREWELL, all_gone).await;
}

fn home(options: &Options) -> Result<Home, StartError> {
    match &options.dir {
        Some(dir) => {
            let spec = RoomSpec::read(dir)?;
            let door = Door::new(&spec, spec.verifying_key()?);
            Ok(Home {
                dir: dir.clone(),
                spec,
                door,
                made: None,
            })
        }
        None => home_by_hand(options),
    }
}

fn home_by_hand(options: &Options) -> Result<Home, StartError> {
    let dir = TempDir::with_prefix("dabir-room-").map_err(StartError::Dir)?;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| StartError::Dir(io::Error::other(error)))?;
    let key = SigningKey::from_bytes(&secret);
    let spec = RoomSpec {
        id: new_id(),
        name: options.name.clone(),
        starts_at: None,
        ends_at: options.ends_at,
        timezone: "UTC".to_owned(),
        guests: true,
        max_clients: 1_000,
        public_key: RoomSpec::encode_key(&key.verifying_key()),
        origins: vec![],
    };
    let door = Door {
        max_ahead: Duration::from_secs(LINK_HOURS * 3_600),
        // There is nobody to ask for another link.
        once: false,
        ..Door::new(&spec, key.verifying_key())
    };
    Ok(Home {
        dir: dir.path().to_owned(),
        spec,
        door,
        made: Some(Made { key, _dir: dir }),
    })
}

/// Says where the room is, and to whoever started it by hand how to be its moderator.
fn introduce(hub: &Hub, socket: &TcpListener, made: Option<&Made>) {
    let Ok(address) = socket.local_addr() else {
        return;
    };
    let url = if address.ip().is_unspecified() {
        format!("http://localhost:{}/", address.port())
    } else {
        format!("http://{address}/")
    };
    match made {
        None => log::line(
            &hub.clock,
            format_args!("room {} is open at {url}", hub.spec.id),
        ),
        Some(Made { key, .. }) => {
            let token = moderator_token(hub, key);
            log::say(format_args!("Room:      {url}"));
            log::say(format_args!("Moderator: {url}#token={token}"));
        }
    }
}

fn moderator_token(hub: &Hub, key: &SigningKey) -> String {
    let hours = SignedDuration::from_hours(LINK_HOURS as i64);
    let claims = Claims {
        aud: token::audience(&hub.spec.id),
        sub: "moderator".to_owned(),
        client: None,
        name: "Moderator".to_owned(),
        role: Role::Moderator,
        exp: (hub.clock.now() + hours).as_second(),
        jti: new_id(),
    };
    token::sign(key, &claims)
}

/// SIGTERM and Ctrl-C end the room politely; a terminal that goes away does not. A limit on the
/// size of files is no reason to die either: it shows itself as a write that fails.
fn end_on_signal(hub: Rc<Hub>) -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let mut file_size = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
    Ok(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hangup.recv() => {}
                _ = file_size.recv() => {}
            }
        }
        hub.end("stopped");
    })
}

fn repair_line(repair: &Repair) -> String {
    match repair {
        Repair::CutOff { bytes } => format!(
            "warning: the journal ended within a record; its {bytes} bytes were cut off, nobody had seen it"
        ),
        Repair::SetAside { path, line } => format!(
            "error: line {line} of the journal is broken; the file is kept as {}, what came before goes on",
            path.display()
        ),
    }
}
