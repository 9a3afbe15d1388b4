//! The page of a document that anybody with its address can read.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::bench::Bench;

async fn look(bench: &Bench, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let (status, bytes) = bench.send(request).await;
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

async fn publish(bench: &Bench, id: &str, body: Value) -> String {
    let link = bench.done("POST", &format!("/{id}/link"), body).await;
    link["url"].as_str().unwrap().to_owned()
}

async fn a_link_works_until_it_is_taken_back(bench: Bench) {
    let id = bench.make("<b>سند", "سلام <script>x</script>").await;
    bench.said().await;
    let first = publish(&bench, &id, json!({})).await;
    let said = bench.said().await;
    assert_eq!(said[0].event, "document.published");
    let address = json!(said[0].data).to_string();
    assert!(
        !address.contains(first.trim_start_matches("/p/")),
        "a secret"
    );
    let (status, page) = look(&bench, &first).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        page.contains("lang=\"fa\" dir=\"rtl\"") && page.contains("سلام"),
        "{page}"
    );
    assert!(
        page.contains("&lt;b&gt;سند") && !page.contains("<script"),
        "{page}"
    );
    let second = publish(&bench, &id, json!({})).await;
    assert_eq!(
        look(&bench, &first).await.0,
        StatusCode::NOT_FOUND,
        "the one before ends"
    );
    bench
        .done("DELETE", &format!("/{id}/link"), Value::Null)
        .await;
    let (status, gone) = look(&bench, &second).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(
        gone.contains("This link leads nowhere") && gone.contains("این پیوند"),
        "{gone}"
    );
    assert_eq!(
        bench.get(&format!("/{id}/access")).await["link"],
        Value::Null
    );
    let third = publish(&bench, &id, json!({})).await;
    bench.done("DELETE", &format!("/{id}"), Value::Null).await;
    assert_eq!(
        look(&bench, &third).await.0,
        StatusCode::NOT_FOUND,
        "deleted"
    );
}

async fn a_link_ends_when_it_was_to(bench: Bench) {
    let id = bench.make("t", "hello").await;
    let link = publish(&bench, &id, json!({ "ends_at": "2026-11-18T07:30:00Z" })).await;
    let (status, page) = look(&bench, &link).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("lang=\"en\" dir=\"ltr\""), "{page}");
    bench.clock.advance(Duration::from_secs(3_600));
    assert_eq!(look(&bench, &link).await.0, StatusCode::NOT_FOUND);
    for wrong in ["/p/x", "/p/%00", "/p/..", "/p/' OR 1"] {
        let path = wrong.replace(' ', "%20");
        assert_eq!(
            look(&bench, &path).await.0,
            StatusCode::NOT_FOUND,
            "{wrong}"
        );
    }
}

async fn nothing_runs_and_nothing_remembers(bench: Bench) {
    let id = bench.make("t", "x").await;
    let link = publish(&bench, &id, json!({})).await;
    let request = Request::get(&link).body(Body::empty()).unwrap();
    let response = bench.response(request).await;
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    let policy = header(header::CONTENT_SECURITY_POLICY.as_str());
    assert!(
        policy.contains("default-src 'none'") && policy.contains("sandbox"),
        "{policy}"
    );
    assert!(!policy.contains("script"), "{policy}");
    assert!(header("x-robots-tag").contains("noindex"));
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("cache-control"), "no-store");
}

async fn nobody_s_account_is_told(bench: Bench) {
    let mention = |id, label| json!({ "type": "mention", "attrs": { "id": id, "label": label } });
    let mentions = [mention("nima", "Nima"), mention("sara", "")];
    let paragraph = json!({ "type": "paragraph", "content": mentions });
    let content = json!({ "type": "doc", "content": [paragraph] });
    let body = json!({ "title": "t", "content": content });
    let made = bench.done("POST", "", body).await;
    let link = publish(&bench, made["id"].as_str().unwrap(), json!({})).await;
    let (status, page) = look(&bench, &link).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("@Nima"), "{page}");
    assert!(!page.contains("nima") && !page.contains("sara"), "{page}");
}

dabir_testing::on_both!(
    nobody_s_account_is_told,
    a_link_works_until_it_is_taken_back,
    a_link_ends_when_it_was_to,
    nothing_runs_and_nothing_remembers,
);
