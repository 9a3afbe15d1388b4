//! What the kernel says about ports: which are bound, by whom, and whether one can be had now.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::{fmt, path::Path};

use rustix::io::Errno;
use rustix::net::{self, AddressFamily, SocketFlags, SocketType, sockopt};
use serde::Serialize;
use utoipa::ToSchema;

use crate::PortSet;

/// How many connections may wait to be accepted on a socket that is handed out.
const BACKLOG: i32 = 1024;

/// Binds `port` on all addresses of both families for a moment.
///
/// With reuse the kernel also gives a port that somebody has bound with reuse and does not listen
/// on yet; without, it refuses one on which closed connections linger. So reuse is for these only.
pub(crate) fn probe(port: u16) -> io::Result<()> {
    match bind_all(port, false) {
        Err(Errno::ADDRINUSE) => {
            bind_all(port, true)?;
            if only_remains(entries().filter(|entry| entry.port == port)) {
                Ok(())
            } else {
                Err(Errno::ADDRINUSE.into())
            }
        }
        result => Ok(result?),
    }
}

/// Whether connections that no process has any more are all that the kernel shows of a port. A
/// socket that is bound and does not listen is not shown at all, so nothing shown proves nothing.
fn only_remains(entries: impl Iterator<Item = Entry>) -> bool {
    let mut owners = entries.map(|entry| entry.inode).peekable();
    owners.peek().is_some() && owners.all(|inode| inode == 0)
}

/// One socket that serves both families conflicts with whatever either of them has, on any address.
fn bind_all(port: u16, reuse: bool) -> Result<(), Errno> {
    match bind_both(port, reuse) {
        // A kernel without IPv6.
        Err(Errno::AFNOSUPPORT | Errno::ADDRNOTAVAIL) => {
            bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)), reuse).map(drop)
        }
        result => result,
    }
}

fn bind_both(port: u16, reuse: bool) -> Result<(), Errno> {
    let socket = open(AddressFamily::INET6, reuse)?;
    sockopt::set_ipv6_v6only(&socket, false)?;
    net::bind(&socket, &SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)))
}

/// A socket that listens on `host`:`port`.
pub(crate) fn listen(host: IpAddr, port: u16) -> io::Result<TcpListener> {
    let socket = bind(SocketAddr::from((host, port)), true)?;
    net::listen(&socket, BACKLOG)?;
    Ok(socket.into())
}

fn bind(address: SocketAddr, reuse: bool) -> Result<OwnedFd, Errno> {
    let family = if address.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let socket = open(family, reuse)?;
    net::bind(&socket, &address)?;
    Ok(socket)
}

/// A socket that with `reuse`, as servers have it, does not wait for the remains of connections.
fn open(family: AddressFamily, reuse: bool) -> Result<OwnedFd, Errno> {
    let socket = net::socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    sockopt::set_socket_reuseaddr(&socket, reuse)?;
    Ok(socket)
}

/// One line of `/proc/net/tcp` or `tcp6`.
struct Entry {
    port: u16,
    state: u8,
    uid: u32,
    inode: u64,
}

/// A connection that is over; its port can be bound again.
const TIME_WAIT: u8 = 6;
const LISTEN: u8 = 10;

fn entries() -> impl Iterator<Item = Entry> {
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .flat_map(|path| fs::read_to_string(path).ok())
        .flat_map(|table| table.lines().filter_map(entry).collect::<Vec<_>>())
}

fn entry(line: &str) -> Option<Entry> {
    let mut words = line.split_whitespace().skip(1);
    let (_, port) = words.next()?.rsplit_once(':')?;
    let state = words.nth(1)?;
    Some(Entry {
        port: u16::from_str_radix(port, 16).ok()?,
        state: u8::from_str_radix(state, 16).ok()?,
        uid: words.nth(3)?.parse().ok()?,
        inode: words.nth(1)?.parse().ok()?,
    })
}

/// Every TCP port that somebody has now, on any address.
pub(crate) fn bound_ports() -> PortSet {
    entries()
        .filter(|entry| entry.state != TIME_WAIT)
        .map(|entry| entry.port)
        .collect()
}

/// Who holds a port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Holder {
    /// The owner's name when the port is leased.
    pub owner: Option<String>,
    /// Since when it is leased.
    pub since: Option<String>,
    pub pid: Option<u32>,
    /// The program that listens.
    pub exe: Option<String>,
    /// The user whose socket it is.
    pub user: Option<String>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.owner, &self.exe) {
            (Some(owner), _) => write!(f, "`{owner}`")?,
            (None, Some(exe)) => write!(f, "{exe}")?,
            (None, None) => write!(f, "another program")?,
        }
        if let Some(pid) = self.pid {
            write!(f, ", process {pid}")?;
        }
        if let Some(user) = &self.user {
            write!(f, ", user {user}")?;
        }
        if let Some(since) = &self.since {
            write!(f, ", since {since}")?;
        }
        Ok(())
    }
}

/// The program whose socket has `port` in the kernel; listeners before connections.
pub(crate) fn holder(port: u16) -> Option<Holder> {
    let mut found: Vec<Entry> = entries()
        .filter(|e| e.port == port && e.state != TIME_WAIT)
        .collect();
    found.sort_by_key(|e| e.state != LISTEN);
    let socket = found.first()?;
    let pid = process_with_socket(socket.inode);
    Some(Holder {
        pid,
        exe: pid.and_then(executable),
        user: user_name(socket.uid),
        ..Holder::default()
    })
}

/// The process that has the socket `inode` open, as far as we may look into others.
fn process_with_socket(inode: u64) -> Option<u32> {
    let target = format!("socket:[{inode}]");
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .find(|pid| has_open(*pid, Path::new(&target)))
}

fn has_open(pid: u32, target: &Path) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    files
        .flatten()
        .any(|file| fs::read_link(file.path()).is_ok_and(|link| link == target))
}

fn executable(pid: u32) -> Option<String> {
    let exe = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    Some(dabir_core::text::one_line(&exe.to_string_lossy()))
}

/// The user's name, or the number when nobody named it.
fn user_name(uid: u32) -> Option<String> {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    Some(name.unwrap_or_else(|| uid.to_string()))
}

/// The part of the range from which the kernel also takes ports for outgoing connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Overlap {
    pub first: u16,
    pub last: u16,
    /// How many ports of that part are not reserved.
    pub count: usize,
}

impl fmt::Display for Overlap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last, count } = self;
        write!(
            f,
            "the kernel may use {count} ports between {first} and {last} for outgoing connections; \
             add {first}-{last} to `net.ipv4.ip_local_reserved_ports` with `sysctl`"
        )
    }
}

/// Where `first..=last` and the kernel's own range meet, less what is reserved.
pub(crate) fn ephemeral_overlap(first: u16, last: u16) -> Option<Overlap> {
    let read = |name: &str| fs::read_to_string(format!("/proc/sys/net/ipv4/{name}"));
    let kernels = read("ip_local_port_range").ok()?;
    overlap(
        first,
        last,
        &kernels,
        &read("ip_local_reserved_ports").unwrap_or_default(),
    )
}

fn overlap(first: u16, last: u16, kernels: &str, reserved: &str) -> Option<Overlap> {
    let mut bounds = kernels
        .split_whitespace()
        .filter_map(|n| n.parse::<u16>().ok());
    let (low, high) = (bounds.next()?.max(first), bounds.next()?.min(last));
    let mut ports: PortSet = (low..=high).collect();
    for part in reserved.trim().split(',').filter(|part| !part.is_empty()) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to): (u16, u16) = (from.parse().ok()?, to.parse().ok()?);
        (from..=to).for_each(|port| {
            ports.remove(port);
        });
    }
    Some(Overlap {
        first: ports.at_least(0)?,
        last: ports.iter().last()?,
        count: ports.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    #[test]
    fn a_listener_on_any_address_of_any_family_is_noticed() {
        for host in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"] {
            let Ok(listener) = TcpListener::bind(host) else {
                continue;
            };
            let port = listener.local_addr().unwrap().port();
            let refused = probe(port).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::AddrInUse, "{host}");
            assert!(bound_ports().contains(port), "{host}");
            let holder = holder(port).unwrap();
            assert_eq!(holder.pid, Some(std::process::id()));
            assert!(holder.to_string().contains("dabir_ports"), "{holder}");
        }
    }

    #[test]
    fn a_port_that_is_bound_and_not_yet_listened_on_is_noticed() {
        for host in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0"] {
            let Ok(socket) = bind(host.parse().unwrap(), true) else {
                continue;
            };
            let address = SocketAddr::try_from(net::getsockname(&socket).unwrap()).unwrap();
            let refused = probe(address.port()).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::AddrInUse, "{host}");
            drop(socket);
            probe(address.port()).unwrap();
        }
    }

    #[test]
    fn connections_that_were_closed_here_do_not_hold_a_port() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let client = TcpStream::connect(address).unwrap();
        let accepted = listener.accept().unwrap().0;
        drop(listener);
        let refused = probe(address.port()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AddrInUse);
        drop(accepted);
        // The other side has not closed it, as when a browser sleeps.
        assert_eq!(
            bind_all(address.port(), false).unwrap_err(),
            Errno::ADDRINUSE
        );
        probe(address.port()).unwrap();
        drop(client);
        probe(address.port()).unwrap();
    }

    #[test]
    fn a_line_of_the_kernels_table_is_read() {
        let line = "   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 3361 1 0";
        let entry = entry(line).unwrap();
        let read = (entry.port, entry.state, entry.uid, entry.inode);
        assert_eq!(read, (8080, LISTEN, 1000, 3361));
        assert!(super::entry("  sl  local_address rem_address   st tx_queue").is_none());
    }

    #[test]
    fn the_overlap_with_outgoing_connections_leaves_out_reserved_ports() {
        let check = |reserved| overlap(3000, 33_000, "32768\t60999\n", reserved);
        let all = check("\n").unwrap();
        assert_eq!((all.first, all.last, all.count), (32_768, 33_000, 233));
        let some = check("32768-32900,33000,8080").unwrap();
        assert_eq!((some.first, some.last, some.count), (32_901, 32_999, 99));
        assert_eq!(check("32768-33000"), None);
        assert_eq!(overlap(3000, 9000, "32768 60999", ""), None);
    }
}
