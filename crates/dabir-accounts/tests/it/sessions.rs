//! Sessions begin, go on and end, each at its time, and are nobody else's.

use std::time::Duration;

use axum::http::{StatusCode, header};
use dabir_accounts::AccountError;
use dabir_accounts::model::{NewToken, UserPatch};
use dabir_core::{Event, Secret};
use dabir_http::{Identity, Role};
use serde_json::json;

use crate::bench::{Bench, PASSWORD, by, cookies, kept, key};

dabir_testing::on_both!(
    a_thousand_refreshes_leave_one_child,
    a_key_that_comes_again_late_ends_the_family,
    sessions_end_by_themselves,
    whatever_takes_rights_away_ends_every_session_at_once,
    what_was_let_in_is_let_in_after_a_restart,
    another_s_session_cannot_be_fixed_or_tossed_in,
);

async fn a_thousand_refreshes_leave_one_child(bench: Bench) {
    bench.user("a@x", Role::Writer).await;
    let signed = cookies(&bench.sign_in("a@x").await);
    let token = signed.split("_rt=").nth(1).unwrap().to_owned();
    let refreshes = (0..1_000).map(|_| {
        let (accounts, token) = (bench.accounts.clone(), token.clone());
        tokio::spawn(async move { accounts.refresh(&by(), &token).await })
    });
    let mut children = std::collections::BTreeSet::new();
    for refresh in refreshes.collect::<Vec<_>>() {
        let child = cookies(&refresh.await.unwrap().unwrap());
        children.insert(child.split("_rt=").nth(1).unwrap().to_owned());
    }
    assert_eq!(children.len(), 1);
    let child = children.pop_first().unwrap();
    bench.clock.advance(Duration::from_secs(11));
    let next = bench.accounts.refresh(&by(), &child).await;
    assert!(next.is_ok(), "and it lives");
}

async fn a_key_that_comes_again_late_ends_the_family(bench: Bench) {
    bench.user("a@x", Role::Writer).await;
    let stolen = cookies(&bench.sign_in("a@x").await);
    let (_, second) = bench.refresh(&stolen).await;
    bench.clock.advance(Duration::from_secs(9));
    let (status, same) = bench.refresh(&stolen).await;
    assert_eq!(status, StatusCode::OK, "the answer may have been lost");
    assert_eq!(same.split("_rt=").nth(1), second.split("_rt=").nth(1));
    assert!(bench.lets_in(&second).await);
    let mut heard = bench.events.subscribe(None).receiver;
    bench.clock.advance(Duration::from_secs(2));
    assert_eq!(bench.refresh(&stolen).await.0, StatusCode::UNAUTHORIZED);
    assert!(!bench.lets_in(&second).await, "it ends for both");
    assert_eq!(bench.refresh(&second).await.0, StatusCode::UNAUTHORIZED);
    assert!(matches!(
        heard.try_recv().unwrap().event,
        Event::SessionEnded { last: true, .. }
    ));
    assert_eq!(bench.actions().await[0], "session.reuse");
}

async fn sessions_end_by_themselves(bench: Bench) {
    bench.user("w@x", Role::Writer).await;
    bench.user("o@x", Role::Operator).await;
    const DAY: u64 = 86_400;
    for (email, idle, life) in [("w@x", 14 * DAY, 30 * DAY), ("o@x", DAY / 2, 7 * DAY)] {
        let unused = cookies(&bench.sign_in(email).await);
        assert!(bench.lets_in(&unused).await);
        bench.clock.advance(Duration::from_secs(301));
        assert!(
            !bench.lets_in(&unused).await,
            "an access token lasts five minutes"
        );
        bench.clock.advance(Duration::from_secs(idle));
        assert_eq!(
            bench.refresh(&unused).await.0,
            StatusCode::UNAUTHORIZED,
            "{email}"
        );
        let mut used = cookies(&bench.sign_in(email).await);
        for _ in 0..(life / (idle - 1)) {
            bench.clock.advance(Duration::from_secs(idle - 1));
            let (status, next) = bench.refresh(&used).await;
            assert_eq!(status, StatusCode::OK, "{email}");
            used = next;
        }
        bench.clock.advance(Duration::from_secs(idle - 1));
        assert_eq!(
            bench.refresh(&used).await.0,
            StatusCode::UNAUTHORIZED,
            "{email}"
        );
    }
}

async fn whatever_takes_rights_away_ends_every_session_at_once(bench: Bench) {
    bench.user("root@x", Role::Admin).await;
    let accounts = &bench.accounts;
    let id = bench.user("a@x", Role::Operator).await;
    let token = NewToken {
        name: "script".to_owned(),
        scopes: None,
        expires: None,
        user: None,
    };
    let caller = Identity::of(&id, Role::Operator);
    let secret = accounts
        .create_token(&by(), &caller, token)
        .await
        .unwrap()
        .secret;
    let by_token = async || bench.me(&secret).await.0;
    for what in ["sign-out", "role", "block", "password", "reset", "delete"] {
        // Nobody is to be refused here for asking too often.
        bench.clock.advance(Duration::from_secs(10));
        let sessions = [
            cookies(&bench.sign_in("a@x").await),
            cookies(&bench.sign_in("a@x").await),
        ];
        let mut heard = bench.events.subscribe(None).receiver;
        match what {
            "sign-out" => accounts.sign_out_user(&by(), &id).await.unwrap(),
            "role" => {
                let role = Some(Role::Writer);
                let patch = UserPatch {
                    role,
                    ..UserPatch::default()
                };
                drop(accounts.change_user(&by(), "A@X", patch).await.unwrap());
            }
            "block" => {
                drop(accounts.block_user(&by(), &id, "for now").await.unwrap());
                let refused = bench.try_sign_in("a@x", PASSWORD, None).await;
                assert!(matches!(refused, Err(AccountError::Blocked(why)) if why == "for now"));
                assert_eq!(by_token().await, StatusCode::UNAUTHORIZED);
                drop(accounts.unblock_user(&by(), &id).await.unwrap());
                assert_eq!(by_token().await, StatusCode::OK);
            }
            "password" => {
                let headers = [("cookie", &*sessions[0]), ("sec-fetch-site", "same-origin")];
                let body = json!({ "current": PASSWORD, "new": PASSWORD });
                let changed = bench.ask("POST", "/api/v1/auth/password", &headers, Some(body));
                assert_eq!(changed.await.0, StatusCode::OK);
            }
            "reset" => {
                let link = accounts.make_reset_link(&by(), &id).await.unwrap();
                accounts
                    .reset_password(&by(), &key(&link), &Secret::new(PASSWORD))
                    .await
                    .unwrap();
            }
            _ => accounts.delete_user(&by(), &id).await.unwrap(),
        }
        for session in &sessions {
            assert!(!bench.lets_in(session).await, "{what}");
            assert_eq!(
                bench.refresh(session).await.0,
                StatusCode::UNAUTHORIZED,
                "{what}"
            );
        }
        let told = heard.try_recv().unwrap().event;
        assert!(
            matches!(told, Event::SessionEnded { user_id, last: true, .. } if user_id == id),
            "{what}"
        );
    }
    assert_eq!(
        by_token().await,
        StatusCode::UNAUTHORIZED,
        "tokens go with their owner"
    );
}

async fn what_was_let_in_is_let_in_after_a_restart(bench: Bench) {
    let id = bench.user("a@x", Role::Writer).await;
    let signed = cookies(&bench.sign_in("a@x").await);
    let link = bench.accounts.make_start_link(&by()).await.unwrap();
    let new = NewToken {
        name: "script".to_owned(),
        scopes: None,
        expires: None,
        user: None,
    };
    let caller = Identity::of(&id, Role::Writer);
    let made = bench
        .accounts
        .create_token(&by(), &caller, new)
        .await
        .unwrap();
    let again = bench.restarted().await;
    assert!(again.lets_in(&signed).await);
    assert!(again.accounts.look_at_link(&key(&link)).await.is_ok());
    let (status, _, _) = again.me(&made.secret).await;
    assert_eq!(status, StatusCode::OK);
}

async fn another_s_session_cannot_be_fixed_or_tossed_in(bench: Bench) {
    bench.user("a@x", Role::Writer).await;
    bench.user("evil@x", Role::Writer).await;
    let evil = cookies(&bench.sign_in("evil@x").await);
    let login = json!({ "email": "a@x", "password": PASSWORD });
    let headers = [("cookie", &*evil), ("sec-fetch-site", "same-origin")];
    let (_, set, _) = bench
        .ask("POST", "/api/v1/auth/login", &headers, Some(login.clone()))
        .await;
    let own = kept(&set);
    assert_ne!(own, evil, "who signs in gets a session of their own");
    assert!(
        !bench.lets_in(&format!("{evil}; {own}")).await,
        "one of two is not chosen"
    );
    for site in ["same-site", "cross-site", "none"] {
        let headers = [("sec-fetch-site", site)];
        let (status, set, _) = bench
            .ask("POST", "/api/v1/auth/login", &headers, Some(login.clone()))
            .await;
        assert_eq!(
            status,
            StatusCode::FORBIDDEN,
            "nobody is signed in by a foreign page"
        );
        assert!(!set.contains_key(header::SET_COOKIE));
    }
    let patch = json!({ "name": "Other" });
    for (header, value, status) in [
        ("origin", "https://meet.example", StatusCode::OK),
        ("origin", "https://evil.example", StatusCode::FORBIDDEN),
        ("accept", "*/*", StatusCode::FORBIDDEN),
    ] {
        let headers = [("cookie", &*own), (header, value)];
        let asked = bench.ask("PATCH", "/api/v1/auth/me", &headers, Some(patch.clone()));
        assert_eq!(asked.await.0, status, "{header}: {value}");
    }
    let headers = [
        ("cookie", &*own),
        ("sec-fetch-site", "same-origin"),
        ("content-type", "text/plain"),
    ];
    let (status, _, _) = bench.ask("POST", "/api/v1/auth/totp", &headers, None).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}
