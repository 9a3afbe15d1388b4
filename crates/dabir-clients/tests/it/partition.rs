//! Two processes on one PostgreSQL and one Redis, of which one is halted, killed or cut off while orders
//! go on: at no time do both write, and nothing that was answered is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use dabir_clients::{Action, Clients, Kind, LEASE, Mirrors, MirrorsSetup, Username};
use dabir_core::Secret;
use dabir_db::{Db, Lease};
use dabir_testing::process::tied_to_us;
use dabir_testing::{Postgres, Redis, Running, Wire, eventually};
use prometheus_client::registry::Registry;
use rustix::process::Signal;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::bench::{SOON, order, process, terms};

const DATABASE: &str = "DABIR_TEST_PARTITION_DATABASE";
const REDIS: &str = "DABIR_TEST_PARTITION_REDIS";
const DIR: &str = "DABIR_TEST_PARTITION_DIR";
/// How often each fault happens; more by hand.
const ROUNDS: &str = "DABIR_TEST_ROUNDS";
const FILE: &str = "blocked_clients.json";
/// Shorter than in a house, where it is six seconds.
const SPAN: Duration = Duration::from_secs(1);

/// The process that the other tests start; by itself it does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn serve() {
    let variable = |name| std::env::var(name);
    let (Ok(url), Ok(redis), Ok(dir)) = (variable(DATABASE), variable(REDIS), variable(DIR)) else {
        return;
    };
    let db = Db::open(&url, Path::new(&dir)).await.unwrap();
    let clients = process(&db, Path::new(&dir)).await;
    let lease = Lease::with_span(db, LEASE, SPAN);
    let (mut leases, mut sets) = (lease.changes(), clients.sets());
    let setup = MirrorsSetup {
        clients: clients.clone(),
        lease,
        redis: Secret::new(&redis),
    };
    let mirrors = Mirrors::new(setup, &mut Registry::default());
    let say = async {
        loop {
            let epoch = leases.borrow_and_update().map_or(0, |held| held.epoch);
            println!("epoch {epoch}");
            leases.changed().await.unwrap();
        }
    };
    let count = async {
        loop {
            println!("knows {}", sets.borrow_and_update().of(Kind::Blocked).len());
            sets.changed().await.unwrap();
        }
    };
    let cancel = CancellationToken::new();
    tokio::join!(
        mirrors.run(cancel.clone()),
        dabir_clients::worker::run(clients, cancel),
        say,
        count,
    );
}

/// What `word` was followed by in each line so far.
fn said(process: &Running, word: &str) -> Vec<i64> {
    let lines = process.lines();
    let said = |line: &String| {
        let (_, rest) = line.split_once(word)?;
        rest.trim().parse().ok()
    };
    lines.iter().filter_map(said).collect()
}

/// Servers, a process of ours that gives orders, and whoever watches the mirrors.
struct Stage {
    postgres: Postgres,
    redis: Redis,
    url: String,
    wire: Wire,
    folder: tempfile::TempDir,
    clients: Clients,
    monitor: Running,
}

/// Orders without an end, and looks at what the file shows meanwhile.
struct Busy {
    cancel: CancellationToken,
    ordering: JoinHandle<BTreeSet<String>>,
    looking: JoinHandle<()>,
}

impl Stage {
    async fn open() -> Self {
        let (postgres, redis) = (Postgres::start_to_crash(), Redis::start());
        let url = postgres.database();
        let wire = Wire::to(postgres.address()).await;
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&url, folder.path()).await.unwrap();
        let clients = process(&db, folder.path()).await;
        let mut watching = tied_to_us("redis-cli");
        let port = redis.address().port().to_string();
        watching.args(["-p", &port, "monitor"]);
        let monitor = Running::spawn(watching);
        monitor.wait_for_line(SOON, |line| line == "OK");
        Self {
            postgres,
            redis,
            url,
            wire,
            folder,
            clients,
            monitor,
        }
    }

    fn start(&self, url: &str) -> Running {
        let exe = std::env::current_exe().unwrap();
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "--"])
            .arg(exe)
            .args(["partition::serve", "--exact", "--nocapture"])
            .env(DATABASE, url)
            .env(REDIS, self.redis.url())
            .env(DIR, self.folder.path());
        Running::spawn(command)
    }

    /// One that reaches the database by the wire.
    fn start_far(&self) -> Running {
        let (near, far) = (self.postgres.address(), self.wire.address());
        self.start(&self.url.replace(&near.to_string(), &far.to_string()))
    }

    /// Waits until the process has a lease that is later than `epoch`, and tells which.
    async fn leads(&self, process: &Running, epoch: i64) -> i64 {
        eventually("it has the lease", SOON, async || {
            let last = said(process, "epoch ").last().copied()?;
            (last > epoch).then_some(last)
        })
        .await
    }

    async fn knows(&self, process: &Running, count: usize) {
        let count = i64::try_from(count).unwrap();
        eventually(&format!("it knows {count}"), SOON * 2, async || {
            (said(process, "knows ").last() == Some(&count)).then_some(())
        })
        .await;
    }

    fn begin(&self, first: usize) -> Busy {
        let cancel = CancellationToken::new();
        let (clients, until) = (self.clients.clone(), cancel.clone());
        let ordering = tokio::spawn(async move {
            let mut acknowledged = BTreeSet::new();
            for turn in first.. {
                if until.is_cancelled() {
                    break;
                }
                let name = format!("client {turn:06}");
                let block = Action::Block(terms("spam", None));
                order(&clients, &name, block).await.unwrap();
                acknowledged.insert(name);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            acknowledged
        });
        let (path, until) = (self.folder.path().join(FILE), cancel.clone());
        let looking = tokio::spawn(async move {
            let mut before = 0;
            while !until.is_cancelled() {
                let bytes = std::fs::read(&path).unwrap_or_default();
                let shown = dabir_clients::read(&bytes).map_or(before, |names| names.len());
                assert!(
                    shown >= before,
                    "somebody wrote an older list: {before}, {shown}"
                );
                before = shown;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        Busy {
            cancel,
            ordering,
            looking,
        }
    }

    fn file(&self) -> BTreeSet<String> {
        let bytes = std::fs::read(self.folder.path().join(FILE)).unwrap_or_default();
        let names = dabir_clients::read(&bytes).unwrap_or_default();
        names.iter().map(Username::to_string).collect()
    }

    async fn field(&self) -> BTreeSet<String> {
        let client = redis::Client::open(self.redis.url()).unwrap();
        let mut link = client.get_multiplexed_async_connection().await.unwrap();
        let mut get = redis::cmd("HGET");
        get.arg("Clients_status").arg("blocked_clients");
        let text: String = get.query_async(&mut link).await.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Everything that was answered is known, and both mirrors show it.
    async fn agree(&self, wanted: &BTreeSet<String>) {
        eventually("the mirrors show everything", SOON, async || {
            (self.file() == *wanted && self.field().await == *wanted).then_some(())
        })
        .await;
        self.clients.catch_up().await.unwrap();
        let known = self.clients.snapshot();
        let known = known.of(Kind::Blocked).iter().map(Username::to_string);
        assert_eq!(known.collect::<BTreeSet<_>>(), *wanted);
    }

    /// What came to Redis: epochs never go back, and each belongs to one connection after the other of
    /// one process.
    fn wrote_in_turn(&self, processes: usize) {
        let mut last = 0;
        let mut writers: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
        for line in self.monitor.lines() {
            let Some((_, rest)) = line.split_once(r#""HSET" "Clients_status:dabir" "epoch" ""#)
            else {
                continue;
            };
            let epoch: i64 = rest.split('"').next().unwrap().parse().unwrap();
            let from = line.split(['[', ']']).nth(1).unwrap().to_owned();
            assert!(epoch >= last, "an earlier one wrote after {last}: {line}");
            last = epoch;
            writers.entry(epoch).or_default().insert(from);
        }
        assert!(writers.len() >= processes, "{writers:?}");
        let all: Vec<&String> = writers.values().flatten().collect();
        let different: BTreeSet<&String> = all.iter().copied().collect();
        assert_eq!(
            all.len(),
            different.len(),
            "two epochs by one connection: {writers:?}"
        );
    }
}

impl Busy {
    async fn end(self) -> BTreeSet<String> {
        self.cancel.cancel();
        self.looking.await.unwrap();
        self.ordering.await.unwrap()
    }
}

fn rounds(usual: usize) -> usize {
    let wanted = std::env::var(ROUNDS).ok();
    wanted.map_or(usual, |wanted| wanted.parse().unwrap())
}

/// A different instant each time.
async fn some_moment(round: usize) {
    let millis = 20 + u64::try_from(round * 137 % 400).unwrap();
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_halted_in_the_middle_writes_nothing_when_they_wake() {
    let stage = Stage::open().await;
    let mut writer = stage.start(&stage.url);
    let mut epoch = stage.leads(&writer, 0).await;
    let mut other = stage.start(&stage.url);
    stage.knows(&other, 0).await;
    let busy = stage.begin(0);
    let mut longest = Duration::ZERO;
    for round in 0..rounds(4) {
        some_moment(round).await;
        writer.signal(Signal::STOP);
        let began = Instant::now();
        epoch = stage.leads(&other, epoch).await;
        longest = longest.max(began.elapsed());
        some_moment(round + 1).await;
        writer.signal(Signal::CONT);
        eventually("it knows that it is not the one", SOON, async || {
            (said(&writer, "epoch ").last() == Some(&0)).then_some(())
        })
        .await;
        std::mem::swap(&mut writer, &mut other);
    }
    println!("taken over within {longest:?} with a lease of {SPAN:?}");
    let all = busy.end().await;
    stage.agree(&all).await;
    stage.knows(&writer, all.len()).await;
    stage.knows(&other, all.len()).await;
    stage.wrote_in_turn(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_in_the_middle_is_followed_and_nothing_is_lost() {
    let stage = Stage::open().await;
    let mut writer = stage.start(&stage.url);
    let mut epoch = stage.leads(&writer, 0).await;
    let busy = stage.begin(0);
    for round in 0..rounds(4) {
        let next = stage.start(&stage.url);
        stage.knows_anything(&next).await;
        some_moment(round).await;
        writer.kill9();
        epoch = stage.leads(&next, epoch).await;
        writer = next;
    }
    let all = busy.end().await;
    stage.agree(&all).await;
    stage.wrote_in_turn(rounds(4));
    let half = std::fs::read_dir(stage.folder.path()).unwrap().flatten();
    let half = half.filter(|entry| entry.file_name().to_string_lossy().contains(".json-"));
    assert!(
        half.count() <= 1,
        "what was half written goes with the next one"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_cut_off_writes_nothing_and_comes_to_agree_again() {
    let stage = Stage::open().await;
    let far = stage.start_far();
    let first = stage.leads(&far, 0).await;
    let near = stage.start(&stage.url);
    stage.knows(&near, 0).await;
    let busy = stage.begin(0);
    tokio::time::sleep(Duration::from_millis(300)).await;
    stage.wire.cut();
    let began = Instant::now();
    let second = stage.leads(&near, first).await;
    println!(
        "taken over within {:?} with a lease of {SPAN:?}",
        began.elapsed()
    );
    tokio::time::sleep(Duration::from_millis(500)).await;
    // Its connections of before are dead, and nobody says so.
    stage.wire.mend_for_new();
    let healed = Instant::now();
    let some = busy.end().await;
    stage.knows(&far, some.len()).await;
    println!("it knows everything {:?} after", healed.elapsed());
    stage.agree(&some).await;
    near.kill9();
    let busy = stage.begin(some.len());
    let third = stage.leads(&far, first).await;
    assert!(third > second);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut all = busy.end().await;
    all.extend(some);
    stage.agree(&all).await;
    stage.wrote_in_turn(3);
}

impl Stage {
    async fn knows_anything(&self, process: &Running) {
        eventually("it has begun", SOON, async || {
            said(process, "knows ").last().copied()
        })
        .await;
    }
}
