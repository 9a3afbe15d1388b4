//! How the index follows what changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use dabir_core::{Findable, Timestamp};
use dabir_db::{Db, stale};
use dabir_http::{Identity, Role};
use dabir_search::{Query, Search, Source, Sources};
use sea_orm::DbErr;

use crate::bench::{Bench, entry};

dabir_testing::on_both!(
    what_is_marked_is_found_as_it_is_now,
    what_changes_while_it_is_read_stays_marked,
    one_that_cannot_be_read_holds_nobody_up,
    what_is_hidden_at_its_source_is_never_found,
    nothing_tells_of_what_is_hidden,
    a_change_that_is_not_over_is_not_waited_for,
);

/// A house with documents, as search asks it. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct House(Arc<Mutex<Rooms>>);

#[derive(Default)]
struct Rooms {
    things: BTreeMap<String, Findable>,
    /// Cannot be read just now.
    broken: Option<String>,
    /// Hides all that it has.
    is_closed: bool,
    /// Hides what has these words in its id, if any.
    hidden: &'static str,
    /// What is to be changed as soon as something is read.
    ambush: Option<(Db, Findable)>,
}

impl House {
    pub(crate) fn open() -> Self {
        Self::default()
    }

    pub(crate) fn sources(&self) -> Sources {
        Sources::default()
            .with("document", self.clone())
            .with("task", self.clone())
    }

    fn has(&self, thing: Findable) {
        let mut rooms = self.0.lock().unwrap();
        rooms.things.insert(thing.id.clone(), thing);
    }
}

#[async_trait]
impl Source for House {
    async fn findable(&self, ids: &[&str]) -> Result<Vec<Findable>, DbErr> {
        let (found, ambush) = {
            let mut rooms = self.0.lock().unwrap();
            if let Some(broken) = rooms.broken.as_deref()
                && ids.contains(&broken)
            {
                return Err(DbErr::Custom(format!("{broken} is broken")));
            }
            let found = ids.iter().filter_map(|id| rooms.things.get(*id));
            (found.cloned().collect(), rooms.ambush.take())
        };
        if let Some((db, thing)) = ambush {
            let id = thing.id.clone();
            self.has(thing);
            mark(&db, &[&id]).await;
        }
        Ok(found)
    }

    async fn seen(&self, _: &Identity, ids: &[&str]) -> Result<Vec<String>, DbErr> {
        let rooms = self.0.lock().unwrap();
        let is_hidden = |id: &str| !rooms.hidden.is_empty() && id.contains(rooms.hidden);
        let seen = ids.iter().filter(|id| !rooms.is_closed && !is_hidden(id));
        Ok(seen.map(|id| (*id).to_owned()).collect())
    }
}

async fn mark(db: &Db, ids: &[&str]) {
    let tx = db.write().await.unwrap();
    let now = Timestamp::from_second(1_700_000_000).unwrap();
    stale::mark(&tx, now, "document", ids).await.unwrap();
    tx.commit().await.unwrap();
}

/// A bench that finds what a new house has.
fn open(mut bench: Bench) -> (Bench, House) {
    let house = House::open();
    bench.search = Search::new(bench.db.clone(), house.sources());
    (bench, house)
}

async fn catch_up(bench: &Bench) {
    while bench.search.catch_up().await.unwrap() {}
}

async fn what_is_marked_is_found_as_it_is_now(bench: Bench) {
    let (bench, house) = open(bench);
    for n in 0..40 {
        house.has(entry(&format!("d{n}"), n, "گزارش", "old"));
    }
    let ids: Vec<String> = (0..40).map(|n| format!("d{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    mark(&bench.db, &ids).await;
    assert_eq!(bench.ids("گزارش").await, [""; 0]);
    catch_up(&bench).await;
    assert_eq!(bench.ids("گزارش").await.len(), 40);
    house.has(entry("d7", 100, "نامه", "new"));
    house.0.lock().unwrap().things.remove("d8");
    mark(&bench.db, &["d7", "d8", "never"]).await;
    catch_up(&bench).await;
    assert_eq!(bench.ids("نامه").await, ["d7"]);
    assert_eq!(bench.ids("گزارش").await.len(), 38);
}

async fn what_changes_while_it_is_read_stays_marked(bench: Bench) {
    let (bench, house) = open(bench);
    house.has(entry("1", 0, "before", ""));
    mark(&bench.db, &["1"]).await;
    let after = entry("1", 1, "after", "");
    house.0.lock().unwrap().ambush = Some((bench.db.clone(), after));
    let is_taken = bench.search.catch_up().await.unwrap();
    assert!(!is_taken);
    assert_eq!(
        bench.ids("before after").await,
        [""; 0],
        "it was read too early"
    );
    catch_up(&bench).await;
    assert_eq!(bench.ids("after").await, ["1"]);
    assert_eq!(bench.ids("before ").await, [""; 0]);
}

async fn one_that_cannot_be_read_holds_nobody_up(bench: Bench) {
    let (bench, house) = open(bench);
    for id in ["1", "2", "3"] {
        house.has(entry(id, 0, "plan", ""));
    }
    mark(&bench.db, &["1", "2", "3"]).await;
    house.0.lock().unwrap().broken = Some("2".to_owned());
    let failed = bench.search.catch_up().await.unwrap_err().to_string();
    assert!(failed.contains("2 is broken"), "{failed}");
    let mut found = bench.ids("plan").await;
    found.sort();
    assert_eq!(found, ["1", "3"]);
    // It waits behind what is new.
    house.has(entry("4", 0, "plan", ""));
    mark(&bench.db, &["4"]).await;
    let many: Vec<String> = (10..40).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    mark(&bench.db, &many).await;
    let next = stale::next(bench.db.read(), 16).await.unwrap();
    assert!(next.len() == 16 && next.iter().all(|one| one.id != "2"));
    house.0.lock().unwrap().broken = None;
    catch_up(&bench).await;
    assert_eq!(bench.ids("plan").await.len(), 4);
}

async fn what_is_hidden_at_its_source_is_never_found(bench: Bench) {
    let (bench, house) = open(bench);
    bench.put(&[entry("1", 0, "plan", "")]).await;
    let of_no_source = Findable {
        kind: "secret".to_owned(),
        ..entry("2", 0, "plan", "")
    };
    bench.put(&[of_no_source]).await;
    let query = Query {
        text: "plan".to_owned(),
        limit: 20,
        ..Query::default()
    };
    let who = Identity::of("ali", Role::Admin);
    let found = async || {
        let page = bench.search.find_for(&who, &query).await.unwrap();
        page.items.into_iter().map(|hit| hit.id).collect::<Vec<_>>()
    };
    assert_eq!(found().await, ["1"]);
    house.0.lock().unwrap().is_closed = true;
    assert_eq!(found().await, [""; 0]);
}

/// Not even how many there are, or when they changed.
async fn nothing_tells_of_what_is_hidden(bench: Bench) {
    let (bench, house) = open(bench);
    let hidden: Vec<Findable> = (0..90)
        .map(|n| entry(&format!("hidden{n}"), 90 - n, "plan", ""))
        .collect();
    bench.put(&hidden).await;
    bench
        .put(&[entry("a", 45, "plan", ""), entry("b", 0, "plan", "")])
        .await;
    house.0.lock().unwrap().hidden = "hidden";
    let who = Identity::of("ali", Role::Admin);
    let mut query = Query {
        text: "plan".to_owned(),
        limit: 1,
        ..Query::default()
    };
    let first = bench.search.find_for(&who, &query).await.unwrap();
    assert_eq!(first.items[0].id, "a");
    query.cursor = first.next_cursor;
    let last = bench.search.find_for(&who, &query).await.unwrap();
    assert_eq!(last.items[0].id, "b");
    assert_eq!(last.next_cursor, None);
    house.0.lock().unwrap().is_closed = true;
    query.cursor = None;
    let none = bench.search.find_for(&who, &query).await.unwrap();
    assert!(none.items.is_empty() && none.next_cursor.is_none());
}

/// Where others can write at the same time at all.
async fn a_change_that_is_not_over_is_not_waited_for(bench: Bench) {
    let (bench, house) = open(bench);
    house.has(entry("1", 0, "plan", ""));
    house.has(entry("2", 0, "plan", ""));
    mark(&bench.db, &["1", "2"]).await;
    if bench.db.kind() == "sqlite" {
        return;
    }
    let tx = bench.db.write().await.unwrap();
    let now = Timestamp::from_second(1_700_000_001).unwrap();
    stale::mark(&tx, now, "document", &["1"]).await.unwrap();
    assert!(bench.search.catch_up().await.unwrap());
    assert_eq!(bench.ids("plan").await, ["2"]);
    tx.commit().await.unwrap();
    catch_up(&bench).await;
    assert_eq!(bench.ids("plan").await.len(), 2);
}
