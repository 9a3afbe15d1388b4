//! Files that are there.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::bench::{Bench, request};

on_both!(
    what_is_attached_is_for_those_who_see_what_it_is_attached_to,
    lists_are_filtered_and_paged,
    a_name_is_found_by_its_words_however_they_are_spelt,
    what_is_deleted_can_be_had_back_for_a_while,
    scripts_upload_many_at_once,
);

async fn what_is_attached_is_for_those_who_see_what_it_is_attached_to(bench: Bench) {
    let file = bench.upload("a.txt", b"hello").await;
    let path = format!("/api/v1/files/{}", file.id);
    for path in [
        path.clone(),
        format!("{path}/content"),
        format!("{path}/attachments"),
    ] {
        assert_eq!(bench.get("sara", &path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(bench.get("root", &path).await.status, StatusCode::OK);
    }
    let to = json!({ "subject_kind": "task", "subject_id": "t1" });
    let attachments = format!("{path}/attachments");
    let attached = bench.json("ali", Method::POST, &attachments, &to).await;
    assert_eq!(attached.status, StatusCode::NO_CONTENT, "{attached:?}");
    let other = json!({ "subject_kind": "task", "subject_id": "t2" });
    let refused = bench.json("ali", Method::POST, &attachments, &other).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        bench.get("sara", &format!("{path}/content")).await.body,
        b"hello"
    );
    let listed = bench
        .get("sara", "/api/v1/files?attached=task:t1")
        .await
        .json();
    assert_eq!(listed["items"][0]["id"], file.id.as_str());
    let listed = bench
        .get("omid", "/api/v1/files?attached=task:t1")
        .await
        .json();
    assert_eq!(listed["items"], json!([]));
    let name = json!({ "name": "b.txt" });
    assert_eq!(
        bench.json("sara", Method::PATCH, &path, &name).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        bench
            .json("sara", Method::DELETE, &path, &json!({}))
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    let more = bench.upload("b.txt", b"more").await;
    let more = format!("/api/v1/files/{}/attachments", more.id);
    let refused = bench.json("ali", Method::POST, &more, &to).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let again = bench.json("ali", Method::POST, &attachments, &to).await;
    assert_eq!(again.status, StatusCode::NO_CONTENT);
    let detach = format!("{attachments}/task/t1");
    assert_eq!(
        bench
            .json("ali", Method::DELETE, &detach, &json!({}))
            .await
            .status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(bench.get("sara", &path).await.status, StatusCode::NOT_FOUND);
}

async fn lists_are_filtered_and_paged(bench: Bench) {
    for number in 0..5 {
        bench.upload(&format!("گزارش {number}.txt"), b"hello").await;
        bench.clock.advance(Duration::from_secs(1));
    }
    bench.upload_as("sara", "report.csv", b"a,b\n1,2\n").await;
    let first = bench
        .get("ali", "/api/v1/files?limit=3&kind=text")
        .await
        .json();
    assert_eq!(first["items"][0]["name"], "گزارش 4.txt");
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = bench
        .get("ali", &format!("/api/v1/files?limit=3&cursor={cursor}"))
        .await
        .json();
    assert_eq!(second["items"].as_array().unwrap().len(), 2);
    assert_eq!(second["next_cursor"], json!(null));
    let count = async |who: &str, query: &str| {
        let list = bench
            .get(who, &format!("/api/v1/files?{query}"))
            .await
            .json();
        list["items"].as_array().unwrap().len()
    };
    // Another keyboard's letters, as people type them: گزارش ۲.
    assert_eq!(count("ali", "q=%DA%AF%D8%B2%D8%A7%D8%B1%D8%B4+2").await, 1);
    assert_eq!(count("ali", "q=100%25").await, 0);
    assert_eq!(count("root", "").await, 6);
    assert_eq!(count("root", "mine=true").await, 0);
    assert_eq!(count("root", "kind=table&state=waiting").await, 1);
    let wrong = bench.get("ali", "/api/v1/files?cursor=x").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn a_name_is_found_by_its_words_however_they_are_spelt(bench: Bench) {
    bench.upload("سفر می‌روم 2.txt", b"hello").await;
    // The name's words in another order, without and with a half-space, and one that is not there.
    for (query, found) in [
        ("2+%D9%85%DB%8C%D8%B1%D9%88%D9%85", 1),
        (
            "%D9%85%DB%8C%E2%80%8C%D8%B1%D9%88%D9%85+%D8%B3%D9%81%D8%B1",
            1,
        ),
        ("%D8%B3%D9%81%D8%B1+3", 0),
    ] {
        let list = bench.get("ali", &format!("/api/v1/files?q={query}")).await;
        let items = list.json()["items"].as_array().unwrap().len();
        assert_eq!(items, found, "{query}");
    }
    for path in [
        "/%00",
        "/%00/content",
        "?kind=%00",
        "?attached=task:%00",
        "?q=%00",
    ] {
        let answer = bench.get("ali", &format!("/api/v1/files{path}")).await;
        assert!(
            !answer.status.is_server_error(),
            "{path}: {}",
            answer.status
        );
    }
    let many = vec!["a"; 33].join("+");
    let refused = bench.get("ali", &format!("/api/v1/files?q={many}")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn what_is_deleted_can_be_had_back_for_a_while(bench: Bench) {
    let file = bench.upload("a.txt", b"hello").await;
    let path = format!("/api/v1/files/{}", file.id);
    let renamed = bench
        .json(
            "ali",
            Method::PATCH,
            &path,
            &json!({ "name": "b.pdf", "version": 1 }),
        )
        .await;
    assert_eq!(
        (renamed.status, &renamed.json()["mismatch"]),
        (StatusCode::OK, &json!(true))
    );
    let stale = bench
        .json(
            "ali",
            Method::PATCH,
            &path,
            &json!({ "name": "c", "version": 1 }),
        )
        .await;
    assert_eq!(stale.code(), "files.changed");
    let bulk = json!({ "ids": [file.id, "nothing"], "action": "delete" });
    let done = bench
        .json("ali", Method::POST, "/api/v1/files/bulk", &bulk)
        .await
        .json();
    assert_eq!(done["done"], 1);
    assert_eq!(done["refused"][0]["code"], "files.not_found");
    assert_eq!(
        bench.get("ali", "/api/v1/files").await.json()["items"],
        json!([])
    );
    let gone = bench.get("ali", "/api/v1/files?deleted=true").await.json();
    assert_eq!(gone["items"][0]["id"], file.id.as_str());
    let restore = format!("{path}/restore");
    let back = bench.json("ali", Method::POST, &restore, &json!({})).await;
    assert_eq!(back.json()["deleted_at"], json!(null));
    bench.json("ali", Method::DELETE, &path, &json!({})).await;
    bench.clock.advance(Duration::from_secs(31 * 24 * 3_600));
    assert_eq!(bench.files.throw_away().await.unwrap(), (0, 1));
    assert_eq!(bench.get("ali", &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bench.stored().len(), 0);
    let actions = bench.column("SELECT action FROM audit ORDER BY seq").await;
    assert_eq!(
        actions,
        [
            "file.upload",
            "file.rename",
            "file.delete",
            "file.restore",
            "file.delete"
        ]
    );
    let said = bench.column("SELECT event FROM outbox ORDER BY seq").await;
    assert_eq!(said, ["file.uploaded", "file.deleted", "file.deleted"]);
}

async fn scripts_upload_many_at_once(bench: Bench) {
    let form = "--x\r\ncontent-disposition: form-data; name=\"note\"\r\n\r\nno file\r\n\
        --x\r\ncontent-disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\n\r\nhello\r\n\
        --x\r\ncontent-disposition: form-data; name=\"files\"; filename=\"b.md\"\r\n\r\n# b\r\n--x--\r\n";
    let asked = || {
        let asked = request("ali", Method::POST, "/api/v1/files");
        asked.header("content-type", "multipart/form-data; boundary=x")
    };
    let sent = asked()
        .header("content-length", form.len())
        .body(Body::from(form))
        .unwrap();
    let answer = bench.ask(sent).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let items = answer.json()["items"].clone();
    assert_eq!(
        (&items[0]["size"], &items[1]["kind"]),
        (&json!(5), &json!("markdown"))
    );
    let unknown = asked().body(Body::from_stream(futures_util::stream::iter([Ok::<
        _,
        std::io::Error,
    >(form)])));
    assert_eq!(
        bench.ask(unknown.unwrap()).await.status,
        StatusCode::LENGTH_REQUIRED
    );
    let half = &form[..form.len() - 40];
    let broken = asked()
        .header("content-length", half.len())
        .body(Body::from(half))
        .unwrap();
    assert_eq!(bench.ask(broken).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(bench.column("SELECT id FROM file_upload").await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_upload_is_a_download_and_never_a_page() {
    let bench = Bench::small().await;
    let page = bench
        .upload("صفحه.html", b"<!doctype html><script>alert(1)</script>")
        .await;
    let path = format!("/api/v1/files/{}/content?inline=1", page.id);
    let answer = bench.get("ali", &path).await;
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"____.html\"; filename*=UTF-8''%D8%B5%D9%81%D8%AD%D9%87.html"
    );
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(
        answer.header("content-security-policy"),
        "sandbox; default-src 'none'"
    );
    let picture = bench
        .upload("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR")
        .await;
    let path = format!("/api/v1/files/{}/content", picture.id);
    assert!(
        bench
            .get("ali", &path)
            .await
            .header("content-disposition")
            .starts_with("attachment")
    );
    let shown = bench.get("ali", &format!("{path}?inline=1")).await;
    assert!(shown.header("content-disposition").starts_with("inline"));
    assert_eq!(shown.header("content-type"), "image/png");
    let range = request("ali", Method::GET, &path).header("range", "bytes=900-");
    let beyond = bench.ask(range.body(Body::empty()).unwrap()).await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.header("content-range"), "bytes */16");
}
