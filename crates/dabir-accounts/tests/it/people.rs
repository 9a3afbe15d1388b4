//! Who people are: found by their parts, known by their password, and never without an admin.

use axum::http::StatusCode;
use dabir_accounts::model::{Language, NewUser, UserFilter, UserPatch, UserState};
use dabir_accounts::service::{Device, Login};
use dabir_accounts::{AccountError, Contacts, Cost};
use dabir_core::Secret;
use dabir_db::outbox;
use dabir_http::Role;
use serde_json::{Value, json};

use crate::bench::{Bench, PASSWORD, ask, by, cookies};

dabir_testing::on_both!(
    an_unknown_person_and_a_wrong_password_look_and_last_alike,
    a_password_kept_at_another_cost_is_kept_anew,
    the_last_admin_stays,
    a_name_and_an_address_are_found_by_their_parts,
    people_are_found_by_whether_they_may_come_in,
    preferences_follow_their_person,
    who_comes_and_who_is_kept_out_is_said,
    whoever_is_blocked_is_not_written_to,
);

async fn who_comes_and_who_is_kept_out_is_said(bench: Bench) {
    let id = bench.user("a@x", Role::Writer).await;
    bench.sign_in("a@x").await;
    let reason = "for a test";
    bench.accounts.block_user(&by(), &id, reason).await.unwrap();
    bench.accounts.unblock_user(&by(), &id).await.unwrap();
    let tx = bench.db.write().await.unwrap();
    let said = outbox::take(&tx, 10).await.unwrap();
    tx.commit().await.unwrap();
    let events: Vec<&str> = said.iter().map(|said| said.event.as_str()).collect();
    assert_eq!(events, ["user.created", "user.signed_in", "user.blocked"]);
    let data = json!({ "id": id, "name": "The a@x one", "role": "writer" });
    assert_eq!((&said[0].data, &said[2].data), (&data, &data));
    assert_eq!(said[1].by_id, id);
}

async fn whoever_is_blocked_is_not_written_to(bench: Bench) {
    let free = bench.user("a@x", Role::Admin).await;
    let blocked = bench.blocked("b@x", Role::Admin).await;
    let contacts = Contacts::new(bench.db.clone());
    let ids = [free.clone(), blocked, "nobody".to_owned()];
    let found = contacts.find(&ids).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].id.as_str(), found[0].email.as_str()),
        (free.as_str(), "a@x")
    );
    assert_eq!(contacts.admins().await.unwrap(), [free]);
}

async fn an_unknown_person_and_a_wrong_password_look_and_last_alike(bench: Bench) {
    bench.user("a@x", Role::Writer).await;
    bench.blocked("blocked@x", Role::Writer).await;
    invite(&bench, "invited@x", Role::Writer).await;
    let mut answers = Vec::new();
    for email in ["nobody@x", "A@X", "blocked@x", "invited@x", "a\0@x"] {
        let before = bench.accounts.hashes();
        let body = json!({ "email": email, "password": "whatever it is" });
        let (status, _, mut problem) = bench
            .ask("POST", "/api/v1/auth/login", &[], Some(body))
            .await;
        problem["request_id"].take();
        answers.push((status, problem, bench.accounts.hashes() - before));
    }
    for answer in &answers {
        assert_eq!(*answer, answers[0]);
    }
    assert_eq!((answers[0].0, answers[0].2), (StatusCode::UNAUTHORIZED, 1));
    assert!(bench.try_sign_in("A@X", PASSWORD, None).await.is_ok());
}

async fn a_password_kept_at_another_cost_is_kept_anew(bench: Bench) {
    bench.user("a@x", Role::Writer).await;
    let dearer = Cost {
        memory_kib: 16,
        passes: 1,
    };
    let accounts = bench.reopened(dearer).await;
    let login = Login {
        email: "a@x".to_owned(),
        password: Secret::new(PASSWORD),
        code: None,
    };
    for hashes in [2, 1] {
        let before = accounts.hashes();
        accounts
            .sign_in(&by(), &login, Device::default())
            .await
            .unwrap();
        assert_eq!(accounts.hashes() - before, hashes);
    }
}

async fn the_last_admin_stays(bench: Bench) {
    let accounts = &bench.accounts;
    let root = bench.user("root@x", Role::Admin).await;
    let demoted = || UserPatch {
        role: Some(Role::Operator),
        ..UserPatch::default()
    };
    let is_last = |refused: Option<AccountError>| matches!(refused, Some(AccountError::LastAdmin));
    assert!(is_last(accounts.delete_user(&by(), &root).await.err()));
    assert!(is_last(accounts.block_user(&by(), &root, "x").await.err()));
    assert!(is_last(
        accounts.change_user(&by(), &root, demoted()).await.err()
    ));
    // Who was invited and never came administers nothing.
    invite(&bench, "invited@x", Role::Admin).await;
    assert!(is_last(accounts.delete_user(&by(), &root).await.err()));
    let other = bench.user("other@x", Role::Admin).await;
    accounts.change_user(&by(), &root, demoted()).await.unwrap();
    assert!(is_last(accounts.block_user(&by(), &other, "x").await.err()));
}

async fn a_name_and_an_address_are_found_by_their_parts(bench: Bench) {
    for (email, role) in [
        ("sara@x", Role::Writer),
        ("100%@x", Role::Writer),
        ("ali@y", Role::Operator),
    ] {
        bench.user(email, role).await;
    }
    let list = async |query: Option<&str>, role, cursor: Option<&str>, limit| {
        let filter = UserFilter {
            query: query.map(str::to_owned),
            role,
            ..UserFilter::default()
        };
        bench
            .accounts
            .list_users(&filter, cursor, limit)
            .await
            .unwrap()
    };
    let emails = |page: &dabir_core::Page<dabir_accounts::model::UserView>| {
        let emails = page.items.iter().map(|user| user.email.clone());
        emails.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(emails(&list(Some("SARA"), None, None, 10).await), "sara@x");
    assert_eq!(emails(&list(Some("%"), None, None, 10).await), "100%@x");
    assert_eq!(
        emails(&list(None, Some(Role::Operator), None, 10).await),
        "ali@y"
    );
    let first = list(None, None, None, 2).await;
    let rest = list(None, None, first.next_cursor.as_deref(), 2).await;
    assert_eq!(
        format!("{} {}", emails(&first), emails(&rest)),
        "100%@x ali@y sara@x"
    );
}

async fn people_are_found_by_whether_they_may_come_in(bench: Bench) {
    bench.user("active@x", Role::Writer).await;
    let blocked = bench.user("blocked@x", Role::Writer).await;
    invite(&bench, "invited@x", Role::Writer).await;
    let both = invite(&bench, "invited-blocked@x", Role::Writer).await;
    for id in [blocked, both] {
        bench.accounts.block_user(&by(), &id, "rude").await.unwrap();
    }
    for (state, expected) in [
        (UserState::Active, "active@x"),
        (UserState::Invited, "invited@x"),
        (UserState::Blocked, "blocked@x invited-blocked@x"),
    ] {
        let filter = UserFilter {
            state: Some(state),
            ..UserFilter::default()
        };
        let page = bench.accounts.list_users(&filter, None, 10).await.unwrap();
        let emails: Vec<_> = page.items.iter().map(|user| &*user.email).collect();
        assert_eq!(emails.join(" "), expected, "{state:?}");
    }
}

/// Somebody without a password; answers their id.
async fn invite(bench: &Bench, email: &str, role: Role) -> String {
    let invited = NewUser {
        email: email.to_owned(),
        name: "Invited".to_owned(),
        role,
        language: Language::En,
        password: None,
    };
    bench
        .accounts
        .create_user(&by(), invited)
        .await
        .unwrap()
        .user
        .id
}

async fn preferences_follow_their_person(bench: Bench) {
    const ME: &str = "/api/v1/auth/me";
    bench.user("a@x", Role::Writer).await;
    let here = cookies(&bench.sign_in("a@x").await);
    let change = async |patch: Value| {
        let headers = [("cookie", &*here), ("sec-fetch-site", "same-origin")];
        let (status, _, answer) = bench.ask("PATCH", ME, &headers, Some(patch)).await;
        (status, answer)
    };
    // Another browser, at another process.
    let there = cookies(&bench.sign_in("a@x").await);
    let (_, router, _) = bench.elsewhere().await;
    let elsewhere = async || {
        let (_, _, me) = ask(&router, "GET", ME, &[("cookie", &*there)], None).await;
        me["user"]["preferences"].clone()
    };
    assert_eq!(elsewhere().await, json!({}), "all follows the language");
    let chosen = json!({ "calendar": "gregory", "digits": "latn", "theme": "dark", "density": "compact", "news": ["blocked", "many_lost"] });
    let (status, answer) = change(json!({ "preferences": chosen })).await;
    assert_eq!((status, &answer["preferences"]), (StatusCode::OK, &chosen));
    change(json!({ "name": "Another" })).await;
    assert_eq!(elsewhere().await, chosen);
    for (refused, allowed) in [
        (json!({ "theme": "blue" }), "`auto`, `light`, `dark`"),
        (
            json!({ "font": "x" }),
            "`calendar`, `digits`, `theme`, `density`, `news`",
        ),
        (json!({ "news": ["rumours"] }), "`lost`, `many_lost`"),
    ] {
        let (status, problem) = change(json!({ "preferences": refused })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(allowed), "{detail}");
    }
    assert_eq!(elsewhere().await, chosen);
    change(json!({ "preferences": { "theme": "light" } })).await;
    assert_eq!(elsewhere().await, json!({ "theme": "light" }));
    let mut changes = bench.actions().await;
    changes.retain(|action| action == "user.change");
    assert_eq!(changes.len(), 1, "the audit keeps the other name alone");
}
