//! Pages that edit a document together, and why their lines end.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use bytes::Bytes;
use dabir_prose::yjs;
use dabir_testing::eventually;
use dabir_writing::documents::DocumentError;
use serde_json::{Value, json};
use yrs::{ReadTxn as _, Text as _, Transact as _};

use crate::bench::{Bench, who};
use crate::page::{Page, first_text, frame, insert, push_number};

const PATIENCE: Duration = Duration::from_secs(30);

async fn what_one_types_the_other_reads(bench: Bench) {
    let id = bench.make("t", "سلام").await;
    bench.share(&format!("/{id}"), "user:sara", "edit").await;
    let mut ali = Page::open("ali", &bench.documents, &id).await;
    let mut sara = Page::open("sara", &bench.documents, &id).await;
    assert_eq!((ali.text().as_str(), ali.right.as_str()), ("سلام", "edit"));
    ali.type_text(" دنیا").await;
    sara.until("دنیا").await;
    sara.change(|doc| insert(doc, 0, "ای ")).await;
    ali.until("ای").await;
    ali.settle().await;
    sara.settle().await;
    assert_eq!(ali.text(), "ای سلام دنیا");
    assert_eq!(sara.text(), ali.text());
    // Acknowledged is kept: another life reads it.
    assert_eq!(bench.text(&id).await, "ای سلام دنیا");
    // A program changes the text while they write.
    bench
        .done(
            "PUT",
            &format!("/{id}/content"),
            json!({ "text": "ای سلام دنیا!" }),
        )
        .await;
    ali.until("!").await;
    assert_eq!(ali.text(), "ای سلام دنیا!");
}

async fn what_was_written_away_from_the_server_comes_with_the_next_line(bench: Bench) {
    let id = bench.make("t", "a").await;
    let mut page = Page::open("ali", &bench.documents, &id).await;
    page.cut();
    page.type_text("b").await;
    page.type_text("c").await;
    bench
        .done(
            "PUT",
            &format!("/{id}/content"),
            json!({ "text": "a\n\nz" }),
        )
        .await;
    page.connect(&bench.documents, &id).await;
    page.sync().await;
    page.settle().await;
    assert_eq!(bench.text(&id).await, "abc\nz");
}

async fn a_line_ends_with_what_it_was_opened_for(bench: Bench) {
    let id = bench.make("t", "x").await;
    let path = format!("/{id}");
    let others = |right: &str| json!({ "grants": [{ "grantee": "user:sara", "right": right }] });
    bench.share(&path, "user:sara", "edit").await;
    let mut sara = Page::open("sara", &bench.documents, &id).await;
    bench
        .done("PUT", &format!("{path}/access"), others("view"))
        .await;
    while sara.right != "view" {
        sara.hear().await;
    }
    bench.done("PATCH", &path, json!({ "title": "new" })).await;
    while sara.title != "new" {
        sara.hear().await;
    }
    let taken_away = Instant::now();
    bench
        .done("PUT", &format!("{path}/access"), json!({ "grants": [] }))
        .await;
    while sara.closed.is_none() {
        sara.hear().await;
    }
    assert_eq!(sara.closed.as_deref(), Some("no_right"));
    assert!(
        taken_away.elapsed() < Duration::from_secs(5),
        "it is told, not found"
    );
    let entered = bench.documents.enter(&who("sara"), &id).await;
    assert!(matches!(entered, Err(DocumentError::NotFound(_))));
    let mut ali = Page::open("ali", &bench.documents, &id).await;
    bench.done("DELETE", &path, Value::Null).await;
    while ali.closed.is_none() {
        ali.hear().await;
    }
    assert_eq!(ali.closed.as_deref(), Some("deleted"));
}

async fn what_is_not_allowed_ends_the_line_and_is_not_kept(bench: Bench) {
    let id = bench.make("t", "x").await;
    bench.share(&format!("/{id}"), "user:sara", "view").await;
    let numbered = |n: u64, bytes: &[u8]| {
        let mut out = vec![5];
        push_number(&mut out, n);
        push_number(&mut out, bytes.len() as u64);
        out.extend_from_slice(bytes);
        Bytes::from(out)
    };
    let good = Page::of("x").note(|doc| insert(doc, 0, "bad"));
    let long = vec![0; 1024 * 1024 + 1];
    for (user, said, code) in [
        ("sara", numbered(1, &good), "no_right"),
        ("ali", numbered(2, &good), "malformed"),
        ("ali", numbered(1, &[0xff; 50]), "malformed"),
        ("ali", numbered(1, &good[..good.len() / 2]), "malformed"),
        ("ali", numbered(1, &long), "too_large"),
        ("ali", Bytes::from_static(&[9]), "malformed"),
        ("ali", Bytes::new(), "malformed"),
        ("ali", frame(&[0, 0], &[0xff; 9]), "malformed"),
        ("ali", frame(&[1], &vec![0; 20_000]), "too_large"),
    ] {
        let mut page = Page::open(user, &bench.documents, &id).await;
        page.say(said.clone()).await;
        while page.closed.is_none() {
            page.hear().await;
        }
        let shown = &said[..said.len().min(20)];
        assert_eq!(page.closed.as_deref(), Some(code), "{user} {shown:?}");
    }
    assert_eq!(bench.text(&id).await, "x");
}

async fn who_may_comment_sets_comments_and_nothing_else(bench: Bench) {
    let id = bench.make("t", "one two").await;
    bench.share(&format!("/{id}"), "user:sara", "comment").await;
    let mut sara = Page::open("sara", &bench.documents, &id).await;
    let mark = |doc: &yrs::Doc| {
        let mut node = yjs::read(doc).unwrap();
        let mark = dabir_prose::Mark::Comment {
            id: "c1".to_owned(),
        };
        node.content[0].content = vec![
            dabir_prose::Node::text("one "),
            dabir_prose::Node::marked("two", vec![mark]),
        ];
        yjs::replace(doc, &node);
    };
    sara.change(mark).await;
    sara.settle().await;
    assert_eq!(sara.closed, None);
    let json = bench.get(&format!("/{id}/content")).await;
    assert!(json.to_string().contains("\"c1\""), "{json}");
    sara.type_text("!").await;
    sara.settle().await;
    assert_eq!(sara.closed.as_deref(), Some("no_right"));
    assert_eq!(bench.text(&id).await, "one two");
}

async fn who_is_there_is_told_by_the_server(bench: Bench) {
    let id = bench.make("t", "x").await;
    bench.share(&format!("/{id}"), "user:sara", "view").await;
    let mut ali = Page::open("ali", &bench.documents, &id).await;
    let sara = Page::open("sara", &bench.documents, &id).await;
    let state = |user: &str| {
        let state = json!({ "user": { "id": user, "name": "Somebody else" } }).to_string();
        let mut out = vec![1, 77, 1];
        push_number(&mut out, state.len() as u64);
        out.extend_from_slice(state.as_bytes());
        frame(&[1], &out)
    };
    sara.say(state("ali")).await;
    sara.say(state("sara")).await;
    while ali.awareness.is_empty() {
        ali.hear().await;
    }
    let told = String::from_utf8_lossy(&ali.awareness[0]).into_owned();
    assert!(
        told.contains("\"sara\"") && !told.contains("Somebody"),
        "{told}"
    );
    drop(sara);
    while ali.awareness.len() < 2 {
        ali.hear().await;
    }
    assert!(ali.awareness[1].ends_with(b"null"));
}

async fn a_page_that_takes_nothing_is_let_go_and_the_others_go_on(bench: Bench) {
    let id = bench.make("t", "x").await;
    let mut slow = Page::open("ali", &bench.documents, &id).await;
    let mut quick = Page::open("ali", &bench.documents, &id).await;
    let much = "word ".repeat(100_000);
    for _ in 0..12 {
        quick.change(|doc| insert(doc, 0, &much)).await;
        quick.settle().await;
    }
    while slow.closed.is_none() {
        slow.hear().await;
    }
    assert_eq!(slow.closed.as_deref(), Some("restart"));
    slow.connect(&bench.documents, &id).await;
    slow.sync().await;
    assert_eq!(slow.text().len(), quick.text().len());
}

async fn a_document_has_an_end(bench: Bench) {
    let id = bench.make("t", "x").await;
    let mut page = Page::open("ali", &bench.documents, &id).await;
    let much = "0123456789".repeat(100_000);
    for _ in 0..30 {
        page.change(|doc| insert(doc, 0, &much)).await;
        page.settle().await;
        if page.closed.is_some() {
            break;
        }
    }
    assert_eq!(page.closed.as_deref(), Some("too_large"));
    // What was acknowledged is there, and no more of it can be made.
    let kept = Page::open("ali", &bench.documents, &id).await;
    let length = kept.text().len();
    assert!((18_000_000..21_000_000).contains(&length), "{length}");
}

async fn what_is_said_of_a_text_follows_it(bench: Bench) {
    let id = bench.make("t", "x").await;
    let mut page = Page::open("ali", &bench.documents, &id).await;
    page.type_text(" two three").await;
    page.settle().await;
    let words = async || {
        let shown = bench.get(&format!("/{id}")).await;
        (shown["words"] == 3).then_some(())
    };
    eventually("the words are counted", PATIENCE, words).await;
    let versions = async || bench.get(&format!("/{id}/versions")).await["items"].clone();
    assert_eq!(versions().await, json!([]));
    drop(page);
    eventually(
        "a version is kept when the last one left",
        PATIENCE,
        async || (versions().await[0]["kind"] == "auto").then_some(()),
    )
    .await;
    eventually("the room ends", PATIENCE, async || {
        (bench.documents.open() == 0).then_some(())
    })
    .await;
}

async fn two_servers_are_one(bench: Bench) {
    let id = bench.make("t", "x").await;
    let there = bench.another().await;
    let hearing = tokio::spawn({
        let there = there.clone();
        async move { there.hear().await }
    });
    let mut ali = Page::open("ali", &bench.documents, &id).await;
    let mut far = Page::open("ali", &there, &id).await;
    ali.type_text(" near").await;
    ali.settle().await;
    far.until("near").await;
    far.type_text(" far").await;
    far.settle().await;
    ali.until("far").await;
    // Both at once, again and again: nothing is overtaken.
    for n in 0..20 {
        ali.type_text(&format!(" a{n}")).await;
        far.type_text(&format!(" b{n}")).await;
    }
    ali.settle().await;
    far.settle().await;
    ali.until("b19").await;
    far.until("a19").await;
    assert_eq!(ali.text(), far.text());
    // One is gone without a word; its pages come back to the other.
    far.type_text(" last words").await;
    drop(there);
    hearing.abort();
    far.cut();
    far.connect(&bench.documents, &id).await;
    far.sync().await;
    far.settle().await;
    ali.until("last words").await;
    assert_eq!(bench.text(&id).await, ali.text());
}

async fn rights_are_taken_away_on_every_server(bench: Bench) {
    let id = bench.make("t", "x").await;
    bench.share(&format!("/{id}"), "user:sara", "edit").await;
    let there = bench.another().await;
    let hearing = tokio::spawn({
        let there = there.clone();
        async move { there.hear().await }
    });
    let mut sara = Page::open("sara", &there, &id).await;
    bench
        .done("PUT", &format!("/{id}/access"), json!({ "grants": [] }))
        .await;
    while sara.closed.is_none() {
        // On SQLite no other process is told: it looks by itself, every half a minute.
        if bench.url().is_empty() {
            break;
        }
        sara.hear().await;
    }
    if !bench.url().is_empty() {
        assert_eq!(sara.closed.as_deref(), Some("no_right"));
    }
    hearing.abort();
}

async fn a_server_that_ends_tells_everybody_to_come_back(bench: Bench) {
    let id = bench.make("t", "x").await;
    let mut page = Page::open("ali", &bench.documents, &id).await;
    page.type_text("y").await;
    page.settle().await;
    bench.documents.close().await;
    while page.closed.is_none() {
        page.hear().await;
    }
    assert_eq!(page.closed.as_deref(), Some("restart"));
    assert!(matches!(
        bench.documents.enter(&who("ali"), &id).await,
        Err(DocumentError::Busy)
    ));
    let again = bench.another().await;
    page.connect(&again, &id).await;
    page.sync().await;
    assert_eq!(page.text(), "xy");
    let (status, shown) = bench
        .ask("ali", "GET", &format!("/{id}"), Value::Null)
        .await;
    assert_eq!((status, &shown["words"]), (StatusCode::OK, &json!(1)));
}

async fn positions_are_counted_as_browsers_do(bench: Bench) {
    let id = bench.make("t", "👩‍🚀سلام").await;
    let mut page = Page::open("ali", &bench.documents, &id).await;
    let length = first_text(&page.doc).unwrap().len(&page.doc.transact());
    assert_eq!(length, 9);
    page.change(|doc| insert(doc, 7, "x")).await;
    page.settle().await;
    // Behind the joined signs of the picture (five units) and two letters.
    assert_eq!(bench.text(&id).await, "👩‍🚀سلxام");
    assert!(!page.doc.transact().has_missing_updates());
}

dabir_testing::on_both!(
    what_one_types_the_other_reads,
    what_was_written_away_from_the_server_comes_with_the_next_line,
    a_line_ends_with_what_it_was_opened_for,
    what_is_not_allowed_ends_the_line_and_is_not_kept,
    who_may_comment_sets_comments_and_nothing_else,
    who_is_there_is_told_by_the_server,
    a_page_that_takes_nothing_is_let_go_and_the_others_go_on,
    a_document_has_an_end,
    what_is_said_of_a_text_follows_it,
    two_servers_are_one,
    rights_are_taken_away_on_every_server,
    a_server_that_ends_tells_everybody_to_come_back,
    positions_are_counted_as_browsers_do,
);
