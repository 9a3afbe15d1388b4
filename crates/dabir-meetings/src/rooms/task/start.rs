//! Starting a room's process: lock, port, record of the intent, process, record of the process.

use std::net::{IpAddr, TcpListener};
use std::sync::Arc;

use dabir_core::new_id;
use dabir_ports::{PickRequest, PortError};
use dabir_room::spec::RoomSpec;

use super::living::{Living, exit_status, kill_all};
use super::{Outcome, RoomTask, refused};
use crate::config::PortConflict;
use crate::reason::Reason;
use crate::rooms::folder::{Record, RoomFolder};
use crate::rooms::launch::launch;
use crate::rooms::process::Process;

/// The port of the room, kept across its restarts.
pub(super) struct HeldPort {
    pub(super) number: u16,
    /// Where its socket listens.
    pub(super) host: IpAddr,
    /// Kept open, so that people who come between a crash and the next start wait instead of being
    /// refused. `None` for a foreign command, which binds by itself.
    pub(super) listener: Option<TcpListener>,
}

impl RoomTask {
    /// Starts the process: lock, port, record of the intent, process, record of the process.
    pub(super) async fn start(&mut self) -> Result<Living, Outcome> {
        let folder = self
            .folder()
            .map_err(|e| refused("its folder cannot be made", &e))?;
        let lock = self.take_lock(&folder).await?;
        let port = self.take_port().await?;
        let host = self.host();
        let own = self.shared.settings.command.is_own();
        let mut record = Record {
            meeting_id: self.wanted.meeting_id.clone(),
            nonce: new_id(),
            process: None,
            port,
            host: Some(host),
            own,
            started_at: self.shared.clock.now(),
            ends_at: self.wanted.ends_at,
            restarts: self.restarts,
        };
        let listener = self
            .socket_for_process()
            .map_err(|e| refused("its socket cannot be shared", &e))?;
        let spec = self.spec();
        let issue = Arc::clone(&self.issues.borrow());
        let shared = Arc::clone(&self.shared);
        let started = tokio::task::spawn_blocking(move || {
            spec.write(folder.path())?;
            // It keeps people out before it hears of us.
            dabir_room::orders::write(folder.path(), &issue.list())?;
            folder.write_record(&record)?;
            let settings = &shared.settings;
            let mut child = launch(
                &settings.command,
                &folder,
                &record,
                host,
                listener.as_ref(),
                lock,
            )?;
            let recorded = Process::of_pid(child.id()).and_then(|process| {
                record.process = process.as_ref().map(|process| process.id().clone());
                folder.write_record(&record)?;
                Ok(process)
            });
            match recorded {
                Ok(process) => Ok((child, process, record.nonce)),
                Err(error) => {
                    // A process without a record would be nobody's.
                    child.kill().and_then(|()| child.wait())?;
                    Err(error)
                }
            }
        });
        let (child, process, nonce) = started
            .await
            .unwrap_or_else(|e| Err(e.into()))
            .map_err(|e| refused("it could not be started", &e))?;
        let Some(process) = process else {
            let how = exit_status(Some(child));
            let reason = self.ended("room.not_started", &how, "at once");
            return Err(Outcome::Crashed(reason));
        };
        self.tie_port(port, process.id().pid).await;
        let pid = process.id().pid;
        tracing::info!(
            meeting.id = %self.wanted.meeting_id, pid, port,
            "started the room of {} on port {port} (process {pid})", self.wanted.meeting_id,
        );
        Ok(Living::new(process, Some(child), own, nonce))
    }

    /// The meeting's lock. When something still holds it, it is what an earlier room left behind.
    async fn take_lock(&self, folder: &RoomFolder) -> Result<std::fs::File, Outcome> {
        let locked = |e: std::io::Error| refused("its lock cannot be taken", &e);
        if let Some(lock) = folder.lock().map_err(locked)? {
            return Ok(lock);
        }
        if let Some(record) = folder.record() {
            let named = record.process.as_ref().map_or(Ok(None), Process::open);
            let named = named.map_err(|e| refused("its earlier process cannot be examined", &e))?;
            if let Some(process) = named {
                let pid = process.id().pid;
                let text = format!("its earlier process {pid} still lives");
                let reason = Reason::new("room.earlier_lives", text).with("pid", pid);
                return Err(Outcome::Crashed(reason));
            }
            kill_all(&record.nonce).await;
        }
        match folder.lock().map_err(locked)? {
            Some(lock) => Ok(lock),
            None => Err(Outcome::Crashed(Reason::new(
                "room.locked",
                "a process that an earlier room left behind still holds the meeting's lock",
            ))),
        }
    }

    /// The port of the room: the one it had, the one it asks for, or a free one. Its socket is
    /// bound here, so nobody can take the port in between.
    async fn take_port(&mut self) -> Result<u16, Outcome> {
        if let Some(HeldPort {
            number,
            listener: Some(_),
            ..
        }) = self.port
        {
            return Ok(number);
        }
        let had = self.port.take().map(|held| held.number);
        if let Some(port) = had {
            // Our own lease of before would stand in the way; another owner's is left alone.
            let _ = self.shared.ports.release_of(port, self.owner()).await;
        }
        let reassign = self.shared.settings.meetings.get().port_conflict == PortConflict::Reassign;
        let held = match self.lease(had.or(self.wanted.port)).await {
            Err(PortError::Taken { .. }) if reassign => self.lease(None).await,
            other => other,
        };
        let held = held.map_err(|error| Outcome::NoPort(no_port(&error)))?;
        Ok(self.port.insert(held).number)
    }

    async fn lease(&self, port: Option<u16>) -> Result<HeldPort, PortError> {
        let request = PickRequest::for_this_process(self.owner());
        let host = self.shared.settings.host();
        let (lease, listener) = match port {
            Some(port) => self.shared.ports.bind_exact(port, request, host).await?,
            None => self.shared.ports.pick_bound(request, host).await?,
        };
        Ok(HeldPort {
            number: lease.port,
            host,
            listener: Some(listener),
        })
    }

    /// Where the room listens.
    pub(super) fn host(&self) -> IpAddr {
        let held = self.port.as_ref().map(|held| held.host);
        held.unwrap_or(self.shared.settings.host())
    }

    /// From now on the port belongs to the room: it comes back when the room is gone, and not when
    /// this supervisor is.
    async fn tie_port(&self, port: u16, pid: u32) {
        if let Err(error) = self.shared.ports.transfer(port, pid, self.owner()).await {
            tracing::warn!(port, pid, %error, "the lease of port {port} stays with the supervisor: {error}");
        }
    }

    /// What the process gets of the socket: our own room inherits it and we keep a copy, so that
    /// people wait instead of being refused while it restarts; a foreign one binds by itself.
    fn socket_for_process(&mut self) -> std::io::Result<Option<TcpListener>> {
        let Some(port) = &mut self.port else {
            return Ok(None);
        };
        if self.shared.settings.command.is_own() {
            return port
                .listener
                .as_ref()
                .map(TcpListener::try_clone)
                .transpose();
        }
        port.listener = None;
        Ok(None)
    }

    pub(super) fn spec(&self) -> RoomSpec {
        let settings = &self.shared.settings;
        let rooms = settings.config.get();
        RoomSpec {
            id: self.wanted.meeting_id.clone(),
            name: self.wanted.name.clone(),
            starts_at: Some(self.wanted.starts_at),
            ends_at: Some(self.wanted.ends_at),
            timezone: settings.meetings.get().timezone,
            guests: rooms.guests,
            max_clients: rooms.max_clients as usize,
            public_key: settings.public_key.clone(),
            origins: settings.origins.clone(),
        }
    }
}

/// Why a room has no port.
fn no_port(error: &PortError) -> Reason {
    let text = error.to_string();
    match error {
        PortError::Taken { port, holder } => Reason::new("port.taken", text)
            .with("port", *port)
            .with("holder", holder.as_str()),
        PortError::OutOfRange { port, first, last } => Reason::new("port.out_of_range", text)
            .with("port", *port)
            .with("low", *first)
            .with("high", *last),
        PortError::Exhausted { first, last, .. } => Reason::new("port.exhausted", text)
            .with("low", *first)
            .with("high", *last),
        _ => Reason::new("port.failed", text),
    }
}
