//! Keeps the mirrors of many clients, for measurements: what that costs at rest, and how soon a change
//! is in a file, in Redis and in memory.
#![expect(clippy::print_stdout, reason = "it reports to whoever runs it")]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use dabir_clients::{
    Action, Clients, ClientsConfig, ClientsSetup, Command, Kind, LEASE, Mirrors, MirrorsSetup,
    NewProfile, Sign, Username,
};
use dabir_core::{Actor, ActorKind, Clock, Current, Events, Secret};
use dabir_db::{Db, Lease};
use prometheus_client::registry::Registry;
use redis::aio::MultiplexedConnection;
use rustix::time::{ClockId, clock_gettime};
use tokio_util::sync::CancellationToken;

const USAGE: &str = "clients_bench DIR REDIS CLIENTS SECONDS CHANGES";
const ROOM: &str = "room";
/// How many are in the room before anything is measured.
const ACTIVE: usize = 1_000;
const PATIENCE: Duration = Duration::from_secs(60);

/// How long each change took, in milliseconds.
#[derive(Default)]
struct Times {
    file: Vec<f64>,
    redis: Vec<f64>,
    memory: Vec<f64>,
}

/// What is looked at.
struct Watched {
    file: PathBuf,
    redis: MultiplexedConnection,
}

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [dir, url, count, seconds, changes] = &words[..] else {
        panic!("{USAGE}");
    };
    let dir = PathBuf::from(dir);
    let count: usize = count.parse().expect(USAGE);
    let clients = load(&dir).await;
    fill(&clients, count).await;
    let cancel = CancellationToken::new();
    let setup = MirrorsSetup {
        clients: clients.clone(),
        lease: Lease::new(Db::open("", &dir).await.expect("a database"), LEASE),
        redis: Secret::new(url.as_str()),
    };
    let mirrors = Mirrors::new(setup, &mut Registry::default());
    let working = tokio::spawn(mirrors.run(cancel.clone()));
    let following = tokio::spawn(dabir_clients::worker::run(clients.clone(), cancel.clone()));
    let redis = redis::Client::open(url.as_str()).expect("an address");
    let mut watched = Watched {
        file: dir.join("Server_Data/active_clients.json"),
        redis: redis
            .get_multiplexed_async_connection()
            .await
            .expect("Redis"),
    };
    let rest = Duration::from_secs(seconds.parse().expect(USAGE));
    settle(&mut watched, &clients).await;
    println!("rest {:.4}", at_rest(rest).await);
    let mut times = Times::default();
    for turn in 0..changes.parse().expect(USAGE) {
        change(&clients, &mut watched, turn, &mut times).await;
    }
    for (name, times) in [
        ("file", &mut times.file),
        ("redis", &mut times.redis),
        ("memory", &mut times.memory),
    ] {
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times.get((times.len() * share) / 100).copied();
        println!("{name}_p50 {:.3}", at(50).unwrap_or_default());
        println!("{name}_p99 {:.3}", at(99).unwrap_or_default());
    }
    cancel.cancel();
    let _ = tokio::join!(working, following);
}

async fn load(dir: &std::path::Path) -> Clients {
    let config = ClientsConfig {
        dir: dir.join("Server_Data"),
        ..ClientsConfig::default()
    };
    let setup = ClientsSetup {
        db: Db::open("", dir).await.expect("a database"),
        clock: Clock::system(),
        events: Events::default(),
        config: Current::from(config),
        timezone: jiff::tz::TimeZone::UTC,
    };
    Clients::load(setup).await.expect("clients")
}

fn name(number: usize) -> Username {
    format!("client{number:06}").parse().expect("a name")
}

async fn fill(clients: &Clients, count: usize) {
    let by = Actor::here(ActorKind::System, "bench");
    let all: Vec<usize> = (0..count).collect();
    for some in all.chunks(dabir_clients::MAX_COMMANDS) {
        let add = some.iter().map(|number| Command {
            username: name(*number),
            action: Action::Add(NewProfile::default()),
            version: None,
        });
        let added = clients.apply_all(&by, add.collect()).await;
        assert!(added.expect("a database").iter().all(Result::is_ok));
    }
    let active = (0..ACTIVE.min(count)).map(name).collect();
    let nobody = Default::default();
    let there = clients.take_stock(ROOM, &active, &nobody).await;
    there.expect("a database");
}

/// Waits until everything is where it belongs.
async fn settle(watched: &mut Watched, clients: &Clients) {
    let wanted = dabir_clients::text(clients.snapshot().of(Kind::Active));
    let begun = Instant::now();
    while fs::read(&watched.file).ok().as_ref() != Some(&wanted) || watched.length().await == 0 {
        assert!(begun.elapsed() < PATIENCE, "the mirrors are not filled");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
}

/// The CPU of this process while nothing happens, in percent of a core.
async fn at_rest(time: Duration) -> f64 {
    let (cpu, begun) = (cpu_seconds(), Instant::now());
    tokio::time::sleep(time).await;
    (cpu_seconds() - cpu) / begun.elapsed().as_secs_f64() * 100.0
}

fn cpu_seconds() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "seconds of one process")]
    let seconds = now.tv_sec as f64 + now.tv_nsec as f64 / 1e9;
    seconds
}

/// Somebody comes into the room or leaves it.
async fn change(clients: &Clients, watched: &mut Watched, turn: usize, times: &mut Times) {
    let who = name(ACTIVE + turn / 2);
    let sign = if turn.is_multiple_of(2) {
        Sign::Joined
    } else {
        Sign::Left
    };
    let (inode, length) = (watched.inode(), watched.length().await);
    let begun = Instant::now();
    let done = clients.presence(ROOM, sign, &who).await;
    done.expect("a database");
    times.memory.push(millis(begun));
    let (mut in_file, mut in_redis) = (None, None);
    while in_file.is_none() || in_redis.is_none() {
        if in_file.is_none() && watched.inode() != inode {
            in_file = Some(millis(begun));
        }
        if in_redis.is_none() && watched.length().await != length {
            in_redis = Some(millis(begun));
        }
        assert!(begun.elapsed() < PATIENCE, "the change is not seen");
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    times.file.extend(in_file);
    times.redis.extend(in_redis);
    tokio::time::sleep(Duration::from_millis(100)).await;
}

fn millis(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1_000.0
}

impl Watched {
    fn inode(&self) -> u64 {
        fs::metadata(&self.file).map_or(0, |metadata| metadata.ino())
    }

    async fn length(&mut self) -> u64 {
        let mut asked = redis::cmd("HSTRLEN");
        asked.arg(&["Clients_status", "active_clients"]);
        asked.query_async(&mut self.redis).await.unwrap_or(0)
    }
}
