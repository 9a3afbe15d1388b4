//! A house to back up: a data folder with something of every kind, and a database with people,
//! sessions and an audit.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use dabir_backup::{BackupError, Course, House, Made, Name, Order, Restored, Shelf};
use dabir_core::{Actor, ActorKind, Clock};
use dabir_db::{DataFolder, Db, audit, sql};
use dabir_testing::Postgres;
use tempfile::TempDir;

pub(crate) struct Rig {
    /// The data folder is one level below, so that it has neighbours of its own.
    pub(crate) home: TempDir,
    pub(crate) url: String,
    pub(crate) clock: Clock,
    /// Where backups stand, when not in `backups` of the data folder.
    pub(crate) shelf_dir: Option<PathBuf>,
    /// `None` while nothing is to be connected.
    db: Option<Db>,
}

/// Runs a test on SQLite and on PostgreSQL.
pub(crate) async fn on_both<F: Future<Output = ()>>(test: impl Fn(Rig) -> F) {
    test(Rig::new(String::new()).await).await;
    let postgres = Postgres::start();
    test(Rig::new(postgres.database()).await).await;
}

impl Rig {
    pub(crate) async fn new(url: String) -> Self {
        let mut rig = Self {
            url,
            ..Self::bare()
        };
        rig.open().await;
        rig.furnish().await;
        rig
    }

    /// An empty folder on a new machine.
    pub(crate) fn bare() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("data")).unwrap();
        Self {
            home,
            url: String::new(),
            clock: Clock::fixed("2026-11-21T18:25:02Z".parse().unwrap()),
            shelf_dir: None,
            db: None,
        }
    }

    pub(crate) async fn sqlite() -> Self {
        Self::new(String::new()).await
    }

    pub(crate) async fn open(&mut self) {
        self.db = Some(Db::open(&self.url, &self.data_dir()).await.unwrap());
    }

    /// Lets go of the database, as a server does that ends.
    pub(crate) async fn close(&mut self) {
        if let Some(db) = self.db.take() {
            db.close().await;
        }
    }

    pub(crate) fn db(&self) -> &Db {
        self.db.as_ref().unwrap()
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.home.path().join("data")
    }

    pub(crate) fn shelf(&self) -> Shelf {
        let dir = self.shelf_dir.clone();
        Shelf::new(dir.unwrap_or_else(|| self.data_dir().join("backups")))
    }

    pub(crate) fn house(&self) -> House {
        House {
            data_dir: self.data_dir(),
            db: self.db().clone(),
            clock: self.clock.clone(),
            elsewhere: Vec::new(),
        }
    }

    pub(crate) async fn back_up(&self) -> Made {
        let (house, shelf) = (self.house(), self.shelf());
        let made = house.back_up(&shelf, &Course::unwatched()).await;
        made.unwrap()
    }

    pub(crate) async fn restore(&self, name: &str) -> Result<Restored, BackupError> {
        let name: Name = name.parse().unwrap();
        self.restore_file(&self.shelf().path(&name)).await
    }

    pub(crate) async fn restore_file(&self, file: &Path) -> Result<Restored, BackupError> {
        self.restore_watched(file, &Course::unwatched()).await
    }

    pub(crate) async fn restore_watched(
        &self,
        file: &Path,
        course: &Course,
    ) -> Result<Restored, BackupError> {
        let folder = DataFolder::hold(&self.data_dir()).unwrap();
        let order = Order {
            file: file.to_owned(),
            name: file.file_name().unwrap().to_string_lossy().into_owned(),
            url: self.url.clone(),
            clock: self.clock.clone(),
            begin_room_anew: |_| Ok(()),
        };
        dabir_backup::restore(folder, &self.shelf(), order, course).await
    }

    /// Goes back as a restore says, while nothing is connected.
    pub(crate) async fn go_back(&mut self, restored: Restored) {
        if let Some(way_back) = &restored.way_back {
            let statements = fs::read_to_string(way_back).unwrap();
            self.open().await;
            let tx = self.db().write().await.unwrap();
            let lines: Vec<&str> = statements.lines().collect();
            // Without those that begin and commit.
            for statement in &lines[1..lines.len() - 1] {
                sql::execute(&tx, *statement, []).await.unwrap();
            }
            tx.commit().await.unwrap();
            self.close().await;
        }
        let tried = self.home.path().join("data.tried");
        let _ = fs::remove_dir_all(&tried);
        fs::rename(self.data_dir(), &tried).unwrap();
        fs::rename(restored.before.unwrap(), self.data_dir()).unwrap();
    }

    pub(crate) fn put(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.data_dir().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.data_dir().join(path).exists()
    }

    pub(crate) async fn execute(&self, statement: &str) {
        let tx = self.db().write().await.unwrap();
        sql::execute(&tx, statement, []).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        let rows = sql::query(self.db().read(), sql, []).await.unwrap();
        rows[0].try_get_by_index(0).unwrap()
    }

    /// Writes an entry to the audit.
    pub(crate) async fn change(&self, name: &str) {
        let change = audit::Change {
            action: "test.change",
            target_kind: "test",
            target_name: name.to_owned(),
            ..audit::Change::default()
        };
        let tx = self.db().write().await.unwrap();
        let by = Actor::here(ActorKind::System, "test");
        let written = audit::append(&tx, self.clock.now(), &by, vec![change]).await;
        written.unwrap();
        tx.commit().await.unwrap();
    }

    async fn furnish(&self) {
        self.put("secrets/sealing.key", "c2VhbGVk\n");
        self.put("audit.heads", "1 abc 2026-11-21T18:25:02Z\n");
        self.put("ports/dynamic_ports.json", "{\"current_port\": 3000}");
        self.put(
            "Server_Data/blocked_clients.json",
            "{\"clients\": [\"علی\"]}",
        );
        self.put(
            "rooms/k3v9/journal.jsonl",
            "{\"offset\":1}\n".repeat(200_000),
        );
        self.put("rooms/k3v9/room.log", "said\n");
        self.put("rooms/k3v9/process.json", "{}");
        self.put("files/ab/thesis.log", vec![7; 3 << 20]);
        self.put(
            &format!("files/{}/{}", "d".repeat(120), "f".repeat(120)),
            "deep",
        );
        self.put("files/نوشته.txt", "");
        for who in ["ali", "sara"] {
            self.execute(&format!(
                "INSERT INTO account (id, email, email_key, name, role, language, created_at, updated_at) \
                 VALUES ('{who}', '{who}@example.com', '{who}@example.com', '{who}\ttab\\ back\nline', 'writer', 'fa', 0, 0)"
            ))
            .await;
        }
        self.execute(
            "INSERT INTO session (id, account_id, by_link, created_at, seen_at, ends_at) \
             VALUES ('s', 'ali', FALSE, 0, 0, 9999999999999)",
        )
        .await;
        for token in ["kept", "revoked"] {
            self.execute(&format!(
                "INSERT INTO api_token (id, hash, account_id, name, scopes, created_at) \
                 VALUES ('{token}', '{token}', 'ali', '{token}', 'read', 0)"
            ))
            .await;
        }
        self.change("first").await;
    }
}

/// Every file below a folder with its content and mode, but what `leave` says.
pub(crate) fn tree(root: &Path, leave: impl Fn(&str) -> bool) -> BTreeMap<String, (u32, Vec<u8>)> {
    use std::os::unix::fs::MetadataExt;
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let inside = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !leave(&inside) {
                let mode = fs::metadata(&path).unwrap().mode() & 0o777;
                files.insert(inside, (mode, fs::read(&path).unwrap()));
            }
        }
    }
    files
}
