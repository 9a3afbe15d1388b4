//! Tokens for programs.

use std::time::Duration;

use axum::http::StatusCode;
use dabir_accounts::AccountError;
use dabir_accounts::model::NewToken;
use dabir_http::{Identity, Role, Scope};
use serde_json::json;

use crate::bench::{Bench, by};

dabir_testing::on_both!(tokens_are_bounded_by_their_owner_s_role,);

async fn tokens_are_bounded_by_their_owner_s_role(bench: Bench) {
    let id = bench.user("o@x", Role::Operator).await;
    let caller = Identity {
        user_id: Some(id.clone()),
        ..Identity::of(&id, Role::Operator)
    };
    let token = |scopes: Option<Vec<Scope>>, expires: Option<&str>| NewToken {
        name: "script".to_owned(),
        scopes,
        expires: expires.map(|text| text.parse().unwrap()),
        user: None,
    };
    let make = async |new| bench.accounts.create_token(&by(), &caller, new).await;
    let more = make(token(Some(vec![Scope::Admin]), None)).await;
    assert!(matches!(more, Err(AccountError::Scope(_))));
    let made = make(token(None, Some("1d"))).await.unwrap();
    assert_eq!(
        made.token.scopes,
        [Scope::Read, Scope::Write, Scope::Operate]
    );
    assert!(made.secret.starts_with("dabir_") && made.secret.len() == 58);
    let bearer = format!("Bearer {}", made.secret);
    let me = async || bench.me(&made.secret).await;
    let (status, _, body) = me().await;
    assert_eq!(
        (status, &body["kind"], &body["role"]),
        (StatusCode::OK, &json!("token"), &json!("operator"))
    );
    let listed = bench.accounts.list_tokens(&caller, None).await.unwrap();
    assert_eq!(listed[0].used_at, Some(bench.clock.now()));
    for (method, path) in [
        ("POST", "/api/v1/tokens"),
        ("DELETE", "/api/v1/sessions"),
        ("GET", "/api/v1/users"),
    ] {
        let body = (method == "POST").then(|| json!({ "name": "child" }));
        let (status, _, _) = bench
            .ask(method, path, &[("authorization", &bearer)], body)
            .await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path}");
    }
    bench.clock.advance(Duration::from_secs(86_400));
    assert_eq!(me().await.0, StatusCode::UNAUTHORIZED, "it is over");
    let made = make(token(None, None)).await.unwrap();
    bench
        .accounts
        .delete_token(&by(), &made.token.id, Some(&id))
        .await
        .unwrap();
    let (status, _, problem) = bench.me(&made.secret).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::UNAUTHORIZED, &json!("auth.token"))
    );
}
