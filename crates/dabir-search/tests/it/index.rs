//! What is put into the index, found, changed and taken out.

use dabir_core::Findable;
use dabir_search::{MAX_BODY, Query, SearchError, put};
use dabir_text::Piece;

use crate::bench::{Bench, entry, made};

dabir_testing::on_both!(
    what_is_put_is_found_until_it_is_removed,
    what_is_put_again_replaces_what_was_there,
    nothing_is_written_when_nothing_changed,
    what_is_not_committed_is_not_found,
    readers_find_what_they_may_read,
    kinds_are_told_apart,
    the_better_and_newer_comes_first_on_every_page,
    many_of_one_millisecond_have_their_places,
    a_hit_shows_what_was_found_as_it_is_spelt,
    a_long_body_is_found_up_to_its_bound,
    a_cursor_of_another_make_is_refused,
);

async fn what_is_put_is_found_until_it_is_removed(bench: Bench) {
    bench
        .put(&[
            entry("1", 0, "گزارش بودجه", "متن"),
            entry("2", 0, "", "budget"),
        ])
        .await;
    assert_eq!(bench.ids("بودجه").await, ["1"]);
    assert_eq!(bench.ids("budgets").await, ["2"]);
    bench.remove("document", "1").await;
    bench.remove("document", "1").await;
    bench.remove("task", "2").await;
    assert_eq!(bench.ids("بودجه").await, [""; 0]);
    assert_eq!(bench.ids("budgets").await, ["2"]);
    bench.put(&[entry("1", 0, "گزارش بودجه", "متن")]).await;
    assert_eq!(bench.ids("بودجه").await, ["1"]);
}

async fn what_is_put_again_replaces_what_was_there(bench: Bench) {
    bench.put(&[entry("1", 0, "old", "alpha")]).await;
    // At the same time, at another one, and back.
    for (seconds, title, body) in [
        (0, "new", "beta"),
        (9, "newer", "gamma"),
        (0, "old", "alpha"),
    ] {
        bench.put(&[entry("1", seconds, title, body)]).await;
        let is_found = async |word: &str| !bench.ids(&format!("{word} ")).await.is_empty();
        for word in ["old", "new", "newer", "alpha", "beta", "gamma"] {
            assert_eq!(
                is_found(word).await,
                [title, body].contains(&word),
                "{word}"
            );
        }
        let hits = bench.hits(title, &["everyone"]).await;
        assert_eq!(hits[0].updated_at, entry("", seconds, "", "").updated_at);
    }
}

/// Told by the row, which a rewriting would give a new one of.
async fn nothing_is_written_when_nothing_changed(bench: Bench) {
    let same = entry("1", 0, "title", "body");
    bench.put(std::slice::from_ref(&same)).await;
    let tx = bench.db.write().await.unwrap();
    let stale = "UPDATE search_entry SET title = 'untouched'";
    dabir_db::sql::execute(&tx, stale, []).await.unwrap();
    put(&tx, made(&same).await).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        bench.hits("title", &["everyone"]).await[0].title,
        "untouched"
    );
    let more_readers = Findable {
        readers: vec!["everyone".into(), "user:7".into()],
        ..same
    };
    bench.put(&[more_readers]).await;
    assert_eq!(bench.hits("title", &["user:7"]).await[0].title, "title");
}

async fn what_is_not_committed_is_not_found(bench: Bench) {
    let tx = bench.db.write().await.unwrap();
    put(&tx, made(&entry("1", 0, "title", "")).await)
        .await
        .unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(bench.ids("title").await, [""; 0]);
}

async fn readers_find_what_they_may_read(bench: Bench) {
    let shared = |id: &str, readers: &[&str]| Findable {
        readers: readers.iter().map(|word| (*word).to_owned()).collect(),
        ..entry(id, 0, "plan", "")
    };
    bench
        .put(&[
            shared("all", &["everyone"]),
            shared("mine", &["user:7"]),
            shared("ours", &["user:7", "user:8"]),
            shared("admins", &["role:admin"]),
            shared("nobody", &[]),
        ])
        .await;
    for (readers, expected) in [
        (&["everyone"][..], &["all"][..]),
        (&["user:8"], &["ours"]),
        (
            &["everyone", "user:7", "role:admin"],
            &["admins", "all", "mine", "ours"],
        ),
        (&["user:70"], &[]),
        (&["user:"], &[]),
        (&["USER:7", "everyone "], &[]),
        (&[], &[]),
    ] {
        let mut found = bench.ids_of("plan", readers).await;
        found.sort();
        assert_eq!(found, expected, "{readers:?}");
    }
    assert_eq!(bench.ids_of("plan OR everyone", &["user:8"]).await, [""; 0]);
    bench.put(&[shared("ours", &["user:7"])]).await;
    assert_eq!(bench.ids_of("plan", &["user:8"]).await, [""; 0]);
}

async fn kinds_are_told_apart(bench: Bench) {
    let of = |kind: &str| Findable {
        kind: kind.to_owned(),
        ..entry("1", 0, "plan", "task")
    };
    bench.put(&[of("document"), of("task"), of("file")]).await;
    let find = async |kinds: &[&str]| {
        let query = Query {
            text: "plan".into(),
            kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            limit: 9,
            cursor: None,
        };
        let page = bench
            .search
            .find(&query, &["everyone".into()])
            .await
            .unwrap();
        let mut kinds: Vec<String> = page.items.into_iter().map(|hit| hit.kind).collect();
        kinds.sort();
        kinds.join(" ")
    };
    assert_eq!(find(&[]).await, "document file task");
    assert_eq!(find(&["task"]).await, "task");
    assert_eq!(find(&["task", "file", "person"]).await, "file task");
    assert_eq!(find(&["Task"]).await, "");
}

async fn the_better_and_newer_comes_first_on_every_page(bench: Bench) {
    let mut entries = Vec::new();
    for seconds in 0..4 {
        for (rank, title, body) in [
            ("a", "آب شهر", ""),
            ("b", "اب شهرها", ""),
            ("c", "", "این اب شهری است"),
            ("d", "", "شهر بی آب"),
            ("e", "", "شهرها و اب"),
            ("f", "آب", ""),
        ] {
            entries.push(entry(&format!("{rank}{seconds}"), seconds, title, body));
        }
    }
    bench.put(&entries).await;
    let expected =
        ["a", "b", "c", "d", "e"].map(|rank| (0..4).rev().map(move |n| format!("{rank}{n}")));
    let expected: Vec<String> = expected.into_iter().flatten().collect();
    assert_eq!(bench.ids("آب شهر").await, expected);
}

async fn many_of_one_millisecond_have_their_places(bench: Bench) {
    let entries = (0..3_000).map(|n| entry(&n.to_string(), 0, "", "import"));
    let entries: Vec<Findable> = entries.collect();
    bench.put(&entries).await;
    bench
        .put(&[
            entry("later", 5, "", "import"),
            entry("before", -5, "", "import"),
        ])
        .await;
    let query = |cursor| Query {
        text: "import".into(),
        limit: 50,
        cursor,
        ..Query::default()
    };
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = bench
            .search
            .find(&query(cursor), &["everyone".into()])
            .await
            .unwrap();
        found.extend(page.items.into_iter().map(|hit| hit.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found.first().unwrap(), "later");
    assert_eq!(found.last().unwrap(), "before");
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 3_002, "each of them once");
}

async fn a_hit_shows_what_was_found_as_it_is_spelt(bench: Bench) {
    let body = "مقدمه\n".repeat(100) + "كتاب‌هاي درسي گروه.";
    bench.put(&[entry("1", 0, "فهرست", &body)]).await;
    let hits = bench.hits("کتاب درسی", &["everyone"]).await;
    let [hit] = &hits[..] else {
        panic!("{hits:?}");
    };
    let found = hit.snippet.iter().filter(|piece| piece.is_found);
    let found: Vec<&str> = found.map(|piece| piece.text.as_str()).collect();
    assert_eq!(found, ["كتاب‌هاي", "درسي"]);
    assert_eq!(
        (hit.kind.as_str(), hit.title.as_str()),
        ("document", "فهرست")
    );
    let hits = bench.hits("فهرست", &["everyone"]).await;
    let Some(Piece {
        text,
        is_found: false,
    }) = hits[0].snippet.first()
    else {
        panic!("{hits:?}");
    };
    assert!(text.starts_with("مقدمه مقدمه"), "{text}");
}

async fn a_long_body_is_found_up_to_its_bound(bench: Bench) {
    let words =
        (0..MAX_BODY as u32 / 8).map(|n| format!("{:07x} ", n.wrapping_mul(2_654_435_761) >> 4));
    let mut body: String = words.collect();
    body.truncate(MAX_BODY - 100);
    // PostgreSQL takes no text with a NUL and no terms of more than a mebibyte.
    let body = format!("beginning \0{body} {} beyond", "x".repeat(100));
    let many = (0..9_000).map(|n| format!("user:{n}")).collect();
    let long = Findable {
        readers: many,
        ..entry("1", 0, &"title ".repeat(10_000), &body)
    };
    bench.put(&[long]).await;
    assert_eq!(bench.ids_of("beginning title", &["user:7"]).await, ["1"]);
    assert_eq!(bench.ids_of("beyond", &["user:7"]).await, [""; 0]);
    assert_eq!(bench.ids_of("beginning", &["everyone"]).await, [""; 0]);
    let prose = "یک متن بلند دربارهٔ هیچ چیز. ".repeat(MAX_BODY / 60);
    bench
        .put(&[entry("2", 0, "", &format!("{prose} پایان"))])
        .await;
    assert_eq!(bench.ids("پایان متن").await, ["2"]);
}

async fn a_cursor_of_another_make_is_refused(bench: Bench) {
    for cursor in ["", "x", "1", "1.x", "0.1; DROP TABLE search_entry"] {
        let query = Query {
            text: "a".into(),
            limit: 5,
            cursor: Some(cursor.into()),
            ..Query::default()
        };
        let refused = bench.search.find(&query, &["everyone".into()]).await;
        assert!(matches!(refused, Err(SearchError::Cursor(_))), "{cursor}");
    }
    let beyond = Query {
        text: "a".into(),
        limit: 5,
        cursor: Some("99.0".into()),
        ..Query::default()
    };
    let page = bench
        .search
        .find(&beyond, &["everyone".into()])
        .await
        .unwrap();
    assert!(page.items.is_empty());
}
