//! What the tests of searching stand on: an index in a database, and texts to put into it.

use dabir_core::{Findable, Timestamp};
use dabir_db::Db;
use dabir_search::{Entry, Hit, Query, Search, Sources, put, remove};
use dabir_testing::Postgres;

pub(crate) struct Bench {
    pub(crate) db: Db,
    pub(crate) search: Search,
    _folder: tempfile::TempDir,
    _postgres: Option<Postgres>,
}

/// An entry that everyone reads, written so many seconds after the first.
pub(crate) fn entry(id: &str, seconds: i64, title: &str, body: &str) -> Findable {
    Findable {
        kind: "document".to_owned(),
        id: id.to_owned(),
        title: title.to_owned(),
        body: body.to_owned(),
        updated_at: Timestamp::from_second(1_700_000_000 + seconds).unwrap(),
        readers: vec!["everyone".to_owned()],
    }
}

pub(crate) async fn made(thing: &Findable) -> Entry {
    Entry::of(thing.clone()).await.unwrap()
}

impl Bench {
    pub(crate) async fn open(postgres: Option<Postgres>) -> Self {
        Self::with(postgres, Sources::default()).await
    }

    pub(crate) async fn with(postgres: Option<Postgres>, sources: Sources) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = postgres.as_ref().map_or(String::new(), Postgres::database);
        let db = Db::open(&url, folder.path()).await.unwrap();
        Self {
            search: Search::new(db.clone(), sources),
            db,
            _folder: folder,
            _postgres: postgres,
        }
    }

    pub(crate) async fn put(&self, entries: &[Findable]) {
        let mut ready = Vec::new();
        for entry in entries {
            ready.push(made(entry).await);
        }
        let tx = self.db.write().await.unwrap();
        for entry in ready {
            put(&tx, entry).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    pub(crate) async fn remove(&self, kind: &str, id: &str) {
        let tx = self.db.write().await.unwrap();
        remove(&tx, kind, id).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The ids of what everyone finds.
    pub(crate) async fn ids(&self, text: &str) -> Vec<String> {
        self.ids_of(text, &["everyone"]).await
    }

    pub(crate) async fn ids_of(&self, text: &str, readers: &[&str]) -> Vec<String> {
        let hits = self.hits(text, readers).await;
        hits.into_iter().map(|hit| hit.id).collect()
    }

    /// All pages of five.
    pub(crate) async fn hits(&self, text: &str, readers: &[&str]) -> Vec<Hit> {
        let readers: Vec<String> = readers.iter().map(|word| (*word).to_owned()).collect();
        let mut query = Query {
            text: text.to_owned(),
            limit: 5,
            ..Query::default()
        };
        let mut hits = Vec::new();
        loop {
            let page = self.search.find(&query, &readers).await.unwrap();
            assert!(page.items.len() <= 5);
            hits.extend(page.items);
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                return hits;
            }
        }
    }
}
