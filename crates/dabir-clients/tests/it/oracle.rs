//! The loop that kept the lists before, beside ours: after each of many things that other programs do,
//! all five files are the same, byte for byte.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use dabir_clients::{Action, RedisEncoding, Username};
use dabir_testing::{Redis, eventually, python};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use redis::aio::MultiplexedConnection;

use crate::bench::{SOON, add, order};
use crate::mirrors::Shop;

const FILES: [&str; 5] = [
    "pause_clients.json",
    "blocked_clients.json",
    "active_clients.json",
    "deactivate_clients.json",
    "Network_Action.json",
];
const LOOP: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../bench/peers/seed_clients.py"
);
const NAMES: [&str; 8] = [
    "ali",
    "Ali",
    "mina",
    "رضا",
    "علی رضایی",
    "a\"b",
    "émile",
    "z_9",
];
const STEPS: usize = 60;

/// What may happen to somebody, as other programs do it.
#[derive(Clone, Copy, Debug)]
enum Step {
    Add,
    Withdraw,
    Pause,
    Resume,
    Block,
    Unblock,
    Connect,
    Lose,
    Leave,
}

/// What the other programs know.
#[derive(Debug, Default)]
struct World {
    available: BTreeSet<Username>,
    paused: BTreeSet<Username>,
    blocked: BTreeSet<Username>,
    active: BTreeSet<Username>,
    lost: BTreeSet<Username>,
}

/// The old loop, in a folder and with a Redis of its own.
struct Old {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    redis: MultiplexedConnection,
    folder: tempfile::TempDir,
    _server: Redis,
}

fn steps() -> impl Strategy<Value = Vec<(Step, usize)>> {
    let step = prop::sample::select(vec![
        Step::Add,
        Step::Withdraw,
        Step::Pause,
        Step::Resume,
        Step::Block,
        Step::Unblock,
        Step::Connect,
        Step::Lose,
        Step::Leave,
    ]);
    prop::collection::vec((step, 0..NAMES.len()), STEPS)
}

impl World {
    /// Whoever is connected is not lost, and nobody pauses whom they blocked.
    fn go_on(&mut self, step: Step, name: &Username) {
        let name = name.clone();
        match step {
            Step::Add => self.available.insert(name),
            Step::Withdraw => self.available.remove(&name),
            Step::Pause if self.blocked.contains(&name) => false,
            Step::Pause => self.paused.insert(name),
            Step::Resume => self.paused.remove(&name),
            Step::Block => self.blocked.insert(name),
            Step::Unblock => self.blocked.remove(&name),
            Step::Connect => self.lost.remove(&name) | self.active.insert(name),
            Step::Lose => self.active.remove(&name) && self.lost.insert(name),
            Step::Leave => self.active.remove(&name) | self.lost.remove(&name),
        };
    }

    async fn write(&self, folder: &Path, redis: &mut MultiplexedConnection) {
        for (file, names) in [(FILES[0], &self.paused), (FILES[1], &self.blocked)] {
            fs::write(folder.join(file), dabir_clients::text(names)).unwrap();
        }
        let json = |names| serde_json::to_string(names).unwrap();
        redis::cmd("HSET")
            .arg("Clients_status")
            .arg(&[("active_clients", json(&self.active))])
            .arg(&[("connecting_internet_error", json(&self.lost))])
            .exec_async(redis)
            .await
            .unwrap();
    }
}

impl Old {
    async fn start() -> Self {
        let server = Redis::start();
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(python())
            .arg(LOOP)
            .arg(server.url())
            .args([folder.path(), &folder.path().join("available")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
            redis: connect(&server).await,
            folder,
            _server: server,
        }
    }

    async fn turn(&mut self, world: &World) -> Vec<Vec<u8>> {
        let available = serde_json::to_vec(&world.available).unwrap();
        fs::write(self.folder.path().join("available"), available).unwrap();
        world.write(self.folder.path(), &mut self.redis).await;
        writeln!(self.input, "turn").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert_eq!(line, "done\n");
        let read = |file: &&str| fs::read(self.folder.path().join(file)).unwrap();
        FILES.iter().map(read).collect()
    }
}

impl Drop for Old {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn connect(server: &Redis) -> MultiplexedConnection {
    let client = redis::Client::open(server.url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_loop_writes_the_same_files() {
    let mut runner = TestRunner::new(Config::default());
    let history = steps().new_tree(&mut runner).unwrap().current();
    let server = Redis::start();
    let hour = Duration::from_secs(3_600);
    let shop = Shop::with(&server.url(), RedisEncoding::Hash, hour).await;
    let mut redis = connect(&server).await;
    let mut old = Old::start().await;
    let mut world = World::default();
    for (at, (step, name)) in history.iter().enumerate() {
        let name: Username = NAMES[*name].parse().unwrap();
        let was_available = world.available.contains(&name);
        world.go_on(*step, &name);
        match (was_available, world.available.contains(&name)) {
            (false, true) => drop(order(&shop.clients, name.as_str(), add()).await),
            (true, false) => drop(order(&shop.clients, name.as_str(), Action::Remove).await),
            _ => {}
        }
        world.write(shop.dir(), &mut redis).await;
        let wanted = old.turn(&world).await;
        let what = format!("step {at} of {history:?} leads to the same files");
        eventually(&what, SOON, async || {
            let same = |(file, text): (&&str, &Vec<u8>)| {
                fs::read(shop.path(file)).is_ok_and(|ours| ours == *text)
            };
            FILES.iter().zip(&wanted).all(same).then_some(())
        })
        .await;
    }
    shop.has_no_problem().await;
}
