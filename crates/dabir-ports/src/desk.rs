//! The rules: who gets which port, and when it comes back.
//!
//! A [`Desk`] is used by one thread, under the lock of the state file, for one turn at a time. A
//! port is handed out when nobody leases or uses it and the kernel gives it on every address.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use dabir_core::{Timestamp, jalali};

use crate::codec::{self, RangeText};
use crate::model::{Book, Lease, Limits, PickRequest, Settings, validate_owner};
use crate::news::News;
use crate::process::{Machine, Process};
use crate::sockets::{self, Holder};
use crate::store::{self, Store};
use crate::{Options, PortError, PortSet, PortsConfig, PortsState};

/// The book of ports and what is needed to keep it.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) limits: Limits,
    pub(crate) settings: Settings,
    pub(crate) range: RangeText,
    pub(crate) options: Options,
    pub(crate) store: Store,
    pub(crate) machine: Machine,
    pub(crate) book: Book,
    /// The file's text that `book` came from or went into; empty when there is none.
    pub(crate) text: Vec<u8>,
    /// Leases that this manager gave: other programs may drop them from the file.
    pub(crate) own: BTreeMap<u16, Lease>,
    /// Ports in use without a lease that were once bound: they end when they no longer are.
    pub(crate) seen_bound: PortSet,
    /// What a turn that cannot be saved goes back to.
    pub(crate) before: Before,
    pub(crate) moment: Moment,
    /// Whether this turn changed the book.
    pub(crate) changed: bool,
    /// What this turn has already done to find more free ports.
    searches: u8,
    /// What this turn will have to tell once it is saved.
    pub(crate) news: Vec<News>,
}

/// What a turn may change, as it was before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Before {
    pub(crate) book: Book,
    pub(crate) text: Vec<u8>,
    pub(crate) own: BTreeMap<u16, Lease>,
    pub(crate) seen_bound: PortSet,
}

/// The time of a turn in the forms that are needed.
#[derive(Debug)]
pub(crate) struct Moment {
    pub(crate) now: Timestamp,
    /// `1403/05/01 12:00 doshanbe`
    pub(crate) stamp: String,
}

impl Moment {
    fn of(options: &Options) -> Self {
        let now = options.clock.now();
        Self {
            now,
            stamp: jalali::stamp(now, &options.time_zone),
        }
    }

    /// `20240721_155445` in zone `tz`.
    pub(crate) fn digits(&self, options: &Options) -> String {
        let local = self.now.to_zoned(options.time_zone.clone());
        local.strftime(store::DIGITS).to_string()
    }
}

impl Desk {
    pub(crate) fn new(config: &PortsConfig, options: Options) -> Result<Self, PortError> {
        let [first, last] = config.range;
        let limits = Limits {
            first,
            last,
            history_max: config.history_max,
        };
        Ok(Self {
            limits,
            settings: Settings {
                port_range: config.range,
                json_path: config.state.to_string_lossy().into_owned(),
                history_max: config.history_max,
            },
            range: RangeText::new(limits),
            store: Store::open(&config.state, config.backup_keep, options.durability)?,
            machine: Machine::new(),
            book: Book::default(),
            text: Vec::new(),
            own: BTreeMap::new(),
            seen_bound: PortSet::default(),
            before: Before::default(),
            moment: Moment::of(&options),
            options,
            changed: false,
            searches: 0,
            news: Vec::new(),
        })
    }

    /// Takes over how much is kept; answers whether that is another number than before.
    pub(crate) fn adjust(&mut self, config: &PortsConfig) -> bool {
        self.store.keep_backups(config.backup_keep);
        self.limits.history_max = config.history_max;
        let before = std::mem::replace(&mut self.settings.history_max, config.history_max);
        before != config.history_max
    }

    /// Forgets what is more than is kept.
    pub(crate) fn trim(&mut self) {
        self.book.trim(self.limits);
        self.changed = true;
    }

    /// Begins a turn.
    pub(crate) fn begin(&mut self) {
        self.moment = Moment::of(&self.options);
        self.changed = false;
        self.searches = 0;
    }

    pub(crate) fn state(&self) -> PortsState {
        codec::state(&self.book, self.settings.clone())
    }

    /// Leases a port that nobody has at this moment.
    pub(crate) fn pick(&mut self, request: &PickRequest) -> Result<Lease, PortError> {
        let everywhere = IpAddr::from([0, 0, 0, 0]);
        let (lease, ()) = self.pick_with(request, everywhere, sockets::probe)?;
        let active = Some(lease.port);
        self.book.activate(active, &self.moment.stamp, self.limits);
        Ok(lease)
    }

    /// Leases a port and listens on it, so that nobody can come between. It does not become the
    /// active one: a release that names no port must not take it from a process that listens.
    pub(crate) fn pick_bound(
        &mut self,
        request: &PickRequest,
        host: IpAddr,
    ) -> Result<(Lease, TcpListener), PortError> {
        self.pick_with(request, host, |port| claim(host, port))
    }

    /// Leases exactly `port` and listens on it.
    pub(crate) fn bind_exact(
        &mut self,
        port: u16,
        request: &PickRequest,
        host: IpAddr,
    ) -> Result<(Lease, TcpListener), PortError> {
        request.validate()?;
        let process = self.process(request.pid)?;
        self.reclaim(port);
        if port == 0 {
            return Err(self.out_of_range(port));
        }
        if self.book.used.contains(port) {
            return Err(self.taken(port));
        }
        match claim(host, port) {
            Ok(listener) => Ok((self.take(port, request, process), listener)),
            Err(e) if e.kind() == io::ErrorKind::AddrInUse => Err(self.taken(port)),
            Err(e) => Err(self.cannot_bind(host, port, e)),
        }
    }

    /// The common part: `claim` says of one port of `host` after the other whether it can be had.
    fn pick_with<T>(
        &mut self,
        request: &PickRequest,
        host: IpAddr,
        claim: impl Fn(u16) -> io::Result<T>,
    ) -> Result<(Lease, T), PortError> {
        request.validate()?;
        let process = self.process(request.pid)?;
        let found = match request.preferred {
            Some(port) => self.try_preferred(port, &claim)?,
            None => None,
        };
        let (port, claimed) = match found {
            Some(found) => found,
            None => self.lowest(host, &claim)?,
        };
        Ok((self.take(port, request, process), claimed))
    }

    fn try_preferred<T>(
        &mut self,
        port: u16,
        claim: &impl Fn(u16) -> io::Result<T>,
    ) -> Result<Option<(u16, T)>, PortError> {
        if !self.limits.contains(port) {
            return Err(self.out_of_range(port));
        }
        self.reclaim(port);
        if self.book.used.contains(port) {
            return Ok(None);
        }
        Ok(claim(port).ok().map(|claimed| (port, claimed)))
    }

    /// The lowest free port; when none is left, those are looked for that should have come back.
    fn lowest<T>(
        &mut self,
        host: IpAddr,
        claim: &impl Fn(u16) -> io::Result<T>,
    ) -> Result<(u16, T), PortError> {
        loop {
            let mut next = self.book.free.at_least(0);
            while let Some(port) = next {
                match claim(port) {
                    Ok(claimed) => return Ok((port, claimed)),
                    Err(e) => self.skip(host, port, e)?,
                }
                next = port.checked_add(1).and_then(|p| self.book.free.at_least(p));
            }
            if !self.find_more() {
                return Err(self.exhausted());
            }
        }
    }

    /// Looks for dead owners, then in the kernel's table, which is slow; `false` when both have
    /// been done in this turn.
    fn find_more(&mut self) -> bool {
        self.searches = self.searches.saturating_add(1);
        match self.searches {
            1 => self.end_leases(),
            2 => self.refresh(&sockets::bound_ports()),
            _ => return false,
        }
        true
    }

    /// Goes on without a port that cannot be had; fails when no port could be.
    fn skip(&mut self, host: IpAddr, port: u16, error: io::Error) -> Result<(), PortError> {
        match error.kind() {
            // A stranger's: it is free again when a refresh no longer sees it bound.
            io::ErrorKind::AddrInUse => {
                self.changed |= self.book.free.remove(port);
                Ok(())
            }
            // Below 1024 without the right to.
            io::ErrorKind::PermissionDenied => Ok(()),
            _ => Err(self.cannot_bind(host, port, error)),
        }
    }

    fn exhausted(&mut self) -> PortError {
        self.noted(PortError::Exhausted {
            first: self.limits.first,
            last: self.limits.last,
            used: self.book.used.len(),
        })
    }

    fn cannot_bind(&mut self, host: IpAddr, port: u16, cause: io::Error) -> PortError {
        self.noted(PortError::Bind {
            address: SocketAddr::from((host, port)),
            cause: Arc::new(cause),
        })
    }

    /// Writes `error` down for everybody who reads the file, when it is not the one that stands
    /// there already.
    fn noted(&mut self, error: PortError) -> PortError {
        let text = error.to_string();
        if self.book.last_error.as_ref() != Some(&text) {
            self.book.note_error(&text, &self.moment.stamp);
            self.news.push(News::Failed { error: text });
            self.changed = true;
        }
        error
    }

    fn out_of_range(&self, port: u16) -> PortError {
        let Limits { first, last, .. } = self.limits;
        PortError::OutOfRange { port, first, last }
    }

    fn take(&mut self, port: u16, request: &PickRequest, process: Option<Process>) -> Lease {
        let lease = self.lease(port, &request.owner, process, request.ttl);
        self.book.deactivate(port, &self.moment.stamp, self.limits);
        self.book.take(lease.clone());
        self.own.insert(port, lease.clone());
        self.seen_bound.remove(port);
        self.news.push(News::Picked {
            port,
            owner: lease.owner.clone(),
        });
        self.changed = true;
        lease
    }

    fn lease(
        &self,
        port: u16,
        owner: &str,
        process: Option<Process>,
        ttl: Option<Duration>,
    ) -> Lease {
        let expires_at = ttl.map(|ttl| {
            let end = self.moment.now.saturating_add(ttl);
            end.unwrap_or(Timestamp::MAX)
        });
        let mut lease = Lease {
            port,
            pid: None,
            start_time: None,
            boot: None,
            owner: owner.to_owned(),
            since: self.moment.stamp.clone(),
            expires: expires_at.map(|end| jalali::stamp(end, &self.options.time_zone)),
            expires_at,
        };
        lease.set_process(process);
        lease
    }

    fn process(&self, pid: Option<u32>) -> Result<Option<Process>, PortError> {
        let Some(pid) = pid else { return Ok(None) };
        match self.machine.process(pid) {
            Ok(Some(process)) => Ok(Some(process)),
            _ => Err(PortError::NoSuchProcess { pid }),
        }
    }

    /// Puts a lease into the hands of another process, or writes one down for a process that is
    /// known to hold the port.
    pub(crate) fn transfer(
        &mut self,
        port: u16,
        pid: u32,
        owner: &str,
    ) -> Result<Lease, PortError> {
        validate_owner(owner)?;
        if port == 0 {
            return Err(self.out_of_range(port));
        }
        let process = self.process(Some(pid))?;
        let mut lease = match self.book.leases.get(&port) {
            Some(lease) => lease.clone(),
            None => self.lease(port, owner, None, None),
        };
        owner.clone_into(&mut lease.owner);
        lease.set_process(process);
        self.book.deactivate(port, &self.moment.stamp, self.limits);
        self.book.record(lease.clone());
        self.own.insert(port, lease.clone());
        self.changed = true;
        Ok(lease)
    }

    /// Gives `port` back, or the active port when none is named.
    pub(crate) fn release(&mut self, port: Option<u16>) -> Result<u16, PortError> {
        let port = port.or(self.book.current).ok_or(PortError::NoneActive)?;
        if self.give_back(port) {
            Ok(port)
        } else {
            Err(PortError::NotUsed { port })
        }
    }

    pub(crate) fn release_of(&mut self, port: u16, owner: &str) -> bool {
        let is_theirs = self
            .book
            .leases
            .get(&port)
            .is_some_and(|lease| lease.owner == owner);
        is_theirs && self.give_back(port)
    }

    fn give_back(&mut self, port: u16) -> bool {
        let given = self.book.give_back(port, &self.moment.stamp, self.limits);
        if given {
            // Another program takes the lowest free port of the file without a look at the kernel.
            if sockets::probe(port).is_err_and(|e| e.kind() == io::ErrorKind::AddrInUse) {
                self.book.free.remove(port);
            }
            self.own.remove(&port);
            self.seen_bound.remove(port);
            self.news.push(News::Released { port });
            self.changed = true;
        }
        given
    }

    /// Gives `port` back when its lease is over.
    fn reclaim(&mut self, port: u16) {
        if self.book.leases.get(&port).is_some_and(|l| self.is_over(l)) {
            self.give_back(port);
        }
    }

    /// Whether the time of a lease is up or its process is gone.
    pub(crate) fn is_over(&self, lease: &Lease) -> bool {
        let expired = self.end_of(lease).is_some_and(|end| end <= self.moment.now);
        expired || lease.process().is_some_and(|p| !self.machine.is_alive(&p))
    }

    fn end_of(&self, lease: &Lease) -> Option<Timestamp> {
        lease.expires_at.or_else(|| {
            // Other programs write minutes only, so the lease holds to the end of that minute.
            let minute = lease.expires.as_deref()?;
            let start = jalali::parse_stamp(minute, &self.options.time_zone).ok()?;
            start.saturating_add(Duration::from_secs(60)).ok()
        })
    }

    /// Takes back what dead owners and expired leases hold, and looks again at other people's
    /// ports: `bound` are those that the kernel shows.
    pub(crate) fn refresh(&mut self, bound: &PortSet) {
        self.end_leases();
        self.refresh_unleased(bound);
        let (freed, taken) = self.book.reconcile_free(bound, self.limits);
        if freed + taken > 0 {
            self.news.push(News::Refreshed { freed, taken });
            self.changed = true;
        }
        self.book.last_checked = Some(self.moment.stamp.clone());
    }

    fn end_leases(&mut self) {
        let leases = self.book.leases.values();
        let over: Vec<u16> = leases.filter(|l| self.is_over(l)).map(|l| l.port).collect();
        for port in over {
            tracing::debug!(port, "the lease of port {port} is over");
            self.give_back(port);
        }
    }

    /// Ports that another program wrote down end when they were bound once and no longer are.
    fn refresh_unleased(&mut self, bound: &PortSet) {
        let used = self.book.used.iter();
        let unleased: Vec<u16> = used.filter(|p| !self.book.leases.contains_key(p)).collect();
        let mut seen = PortSet::default();
        for port in unleased {
            if bound.contains(port) {
                seen.insert(port);
            } else if self.seen_bound.contains(port) {
                tracing::debug!(port, "the program that used port {port} left it");
                self.give_back(port);
            }
        }
        self.seen_bound = seen;
    }

    fn taken(&self, port: u16) -> PortError {
        let holder = self.holder(port).unwrap_or_default().to_string();
        PortError::Taken { port, holder }
    }

    /// Who holds `port`; `None` when nobody does.
    pub(crate) fn holder(&self, port: u16) -> Option<Holder> {
        let socket = sockets::holder(port);
        if !self.book.used.contains(port) {
            return socket;
        }
        let mut holder = socket.unwrap_or_default();
        if let Some(lease) = self.book.leases.get(&port) {
            holder.owner = Some(lease.owner.clone());
            holder.since = Some(lease.since.clone());
            holder.pid = holder.pid.or(lease.pid);
        }
        Some(holder)
    }
}

/// A socket that listens on `port` of `host`, when no other address has that port either.
fn claim(host: IpAddr, port: u16) -> io::Result<TcpListener> {
    sockets::probe(port)?;
    sockets::listen(host, port)
}
