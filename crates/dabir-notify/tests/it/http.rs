//! The API as callers see it: who may what, and in which shape.

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use dabir_http::{Identity, Role};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::bench::{Bench, SARA};

async fn call(
    bench: &Bench,
    caller: Option<Identity>,
    method: Method,
    path: &str,
    body: &Value,
) -> (StatusCode, Value) {
    let (router, _) = dabir_notify::routes().split_for_parts();
    let mut request = Request::new(match body {
        Value::Null => Body::empty(),
        body => Body::from(body.to_string()),
    });
    *request.method_mut() = method;
    *request.uri_mut() = format!("/api/v1{path}").parse().unwrap();
    let json_type = "application/json".parse().unwrap();
    request
        .headers_mut()
        .insert(header::CONTENT_TYPE, json_type);
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
    let router = router.with_state(bench.notify.clone());
    let answer = router.oneshot(request).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

fn as_one(role: Role) -> Option<Identity> {
    Some(Identity::of(SARA, role))
}

#[tokio::test]
async fn webhooks_are_made_by_those_who_run_the_house() {
    let bench = Bench::open(None).await;
    let new = json!({ "url": "https://hooks.example/x", "events": ["task.*"] });
    let post = |caller| call(&bench, caller, Method::POST, "/webhooks", &new);
    assert_eq!(post(None).await.0, StatusCode::UNAUTHORIZED);
    for role in [Role::Participant, Role::Writer, Role::Auditor] {
        assert_eq!(
            post(as_one(role)).await.0,
            StatusCode::FORBIDDEN,
            "{role:?}"
        );
    }
    let (status, made) = post(as_one(Role::Operator)).await;
    assert_eq!(status, StatusCode::CREATED);
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(
        (&made["state"], &made["events"][0]),
        (&json!("on"), &json!("task.*"))
    );
    let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
    let get = async |path: &str| {
        call(
            &bench,
            as_one(Role::Auditor),
            Method::GET,
            path,
            &Value::Null,
        )
        .await
    };
    let (status, shown) = get(&path).await;
    assert_eq!((status, shown.get("secret")), (StatusCode::OK, None));
    let (_, events) = get("/webhooks/events").await;
    let known = events["items"].as_array().unwrap();
    assert!(
        known
            .iter()
            .any(|event| event["example"]["type"] == "task.completed")
    );
    let (status, problem) = get(&format!("{path}/deliveries?cursor=x")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["errors"][0]["field"], "cursor");
    let (status, page) = get(&format!("{path}/deliveries?state=dead&limit=2")).await;
    assert_eq!((status, &page["items"]), (StatusCode::OK, &json!([])));
    assert_eq!(
        get(&format!("{path}/deliveries/7")).await.0,
        StatusCode::NOT_FOUND
    );
    let delete = call(
        &bench,
        as_one(Role::Admin),
        Method::DELETE,
        &path,
        &Value::Null,
    );
    assert_eq!(delete.await.0, StatusCode::NO_CONTENT);
    assert_eq!(get(&path).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_inbox_is_anybody_s_who_has_a_name() {
    let bench = Bench::open(None).await;
    bench.say_that("task.assigned", 1, &[SARA]).await;
    bench.notify.look().await.unwrap();
    let get =
        async |caller, path: &str| call(&bench, caller, Method::GET, path, &Value::Null).await;
    let own = || as_one(Role::Participant);
    let (status, page) = get(own(), "/notifications?unread=true&limit=5").await;
    assert_eq!(
        (status, &page["items"][0]["times"]),
        (StatusCode::OK, &json!(1))
    );
    assert_eq!(get(own(), "/notifications/count").await.1["unread"], 1);
    let token = Identity {
        user_id: None,
        ..Identity::of("admin", Role::Admin)
    };
    assert_eq!(
        get(Some(token), "/notifications").await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        get(own(), "/notifications?cursor=x").await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let post = async |path: &str, body: Value| call(&bench, own(), Method::POST, path, &body).await;
    let id = page["items"][0]["id"].as_i64().unwrap();
    let until = json!({ "until": "2026-11-22T10:00:00Z" });
    let (status, asleep) = post(&format!("/notifications/{id}/snooze"), until).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(asleep["snoozed_until"], "2026-11-22T10:00:00Z");
    let (_, count) = post("/notifications/seen", json!({ "ids": [id] })).await;
    assert_eq!(count["unread"], 0);
    let (status, chosen) = get(own(), "/notifications/choices").await;
    assert_eq!(
        (status, &chosen["offered"]["mail"]),
        (StatusCode::OK, &json!(false))
    );
    let wrong = json!({ "digest_hour": 25 });
    let put = call(&bench, own(), Method::PUT, "/notifications/choices", &wrong);
    assert_eq!(put.await.1["errors"][0]["field"], "digest_hour");
    let (status, problem) = call(
        &bench,
        as_one(Role::Admin),
        Method::POST,
        "/mail/test",
        &json!({ "to": "sara@example.org" }),
    )
    .await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("mail.off"))
    );
}
