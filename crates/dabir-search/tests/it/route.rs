//! Searching over HTTP.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use dabir_core::Findable;
use dabir_http::{Identity, Role};
use dabir_search::routes;
use tower::ServiceExt;

use crate::bench::{Bench, entry};
use crate::follow::House;

/// The status and the body of an answer.
async fn get(bench: &Bench, path: &str, who: Option<Identity>) -> (StatusCode, String) {
    let (router, _) = routes().split_for_parts();
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    if let Some(who) = who {
        request.extensions_mut().insert(who);
    }
    let answer = router
        .with_state(bench.search.clone())
        .oneshot(request)
        .await
        .unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_caller_finds_what_they_may_read() {
    let bench = Bench::with(None, House::open().sources()).await;
    let shared = Findable {
        readers: vec!["user:parisa".into()],
        kind: "task".into(),
        ..entry("2", 1, "Budget for Parisa", "")
    };
    bench
        .put(&[entry("1", 0, "Budget", "of the year"), shared])
        .await;
    let path = "/api/v1/search?q=budgets";
    let writer = || Some(Identity::of("ali", Role::Writer));
    let guest = || Some(Identity::of("parisa", Role::Participant));
    let (status, all) = get(&bench, path, writer()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        all,
        r#"{"items":[{"kind":"document","id":"1","title":"Budget","snippet":[{"text":"of the year","is_found":false}],"updated_at":"2023-11-14T22:13:20Z"}],"next_cursor":null}"#
    );
    let (_, own) = get(&bench, path, guest()).await;
    assert!(
        own.contains(r#""id":"2""#) && !own.contains(r#""id":"1""#),
        "{own}"
    );
    let (_, none) = get(&bench, "/api/v1/search?q=budgets&kinds=task,file", writer()).await;
    assert_eq!(none, r#"{"items":[],"next_cursor":null}"#);
    let (_, nothing) = get(&bench, "/api/v1/search", writer()).await;
    assert_eq!(nothing, r#"{"items":[],"next_cursor":null}"#);
    assert_eq!(get(&bench, path, None).await.0, StatusCode::UNAUTHORIZED);
    let kinds = format!("kinds={}", "a,".repeat(17));
    for wrong in ["limit=0", "limit=51", "cursor=x", &kinds] {
        let (status, body) = get(&bench, &format!("{path}&{wrong}"), writer()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let field = wrong.split('=').next().unwrap();
        assert!(body.contains(&format!("\"field\":\"{field}\"")), "{body}");
    }
}
