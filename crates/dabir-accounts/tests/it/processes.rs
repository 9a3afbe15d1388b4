//! Several processes on one database.

use std::time::Duration;

use axum::http::StatusCode;
use dabir_accounts::AccountError;
use dabir_accounts::model::UserPatch;
use dabir_core::event::Numbered;
use dabir_core::{Event, Secret};
use dabir_http::Role;
use tokio::sync::broadcast::Receiver;

use crate::bench::{Bench, PASSWORD, ask, by, cookies, key};

dabir_testing::on_both!(
    what_another_process_changes_is_so_here_too,
    a_session_is_kept_alive_by_any_process,
    two_processes_leave_an_admin,
    a_change_is_told_wherever_it_was_made,
);

/// What a stream of events tells of ended sessions: whose, why, and whether it was the last.
fn ended(heard: &mut Receiver<Numbered>) -> Vec<(String, String, bool)> {
    let mut told = Vec::new();
    while let Ok(heard) = heard.try_recv() {
        if let Event::SessionEnded {
            user_id,
            reason,
            last,
        } = heard.event
        {
            told.push((user_id, reason, last));
        }
    }
    told
}

async fn what_another_process_changes_is_so_here_too(bench: Bench) {
    let (other, router, events) = bench.elsewhere().await;
    let lets_in = async |name: &str, value: &str| {
        let asked = [(name, value)];
        let asked = ask(&router, "GET", "/api/v1/auth/me", &asked, None);
        asked.await.0 == StatusCode::OK
    };
    let accounts = &bench.accounts;
    let id = bench.user("a@x", Role::Operator).await;
    let mut here = bench.events.subscribe(None).receiver;
    let mut there = events.subscribe(None).receiver;
    for what in ["sign-out", "role", "block", "password", "delete"] {
        let session = cookies(&bench.sign_in("a@x").await);
        assert!(
            lets_in("cookie", &session).await,
            "whoever signed in a moment ago is let in at once"
        );
        let token = bench.token(&id, Role::Operator).await;
        let bearer = format!("Bearer {}", token.secret);
        other.catch_up().await.unwrap();
        assert!(lets_in("authorization", &bearer).await);
        assert!(ended(&mut there).is_empty(), "{what}");
        let reason = match what {
            "sign-out" => {
                accounts.sign_out_user(&by(), &id).await.unwrap();
                "signed out by an admin"
            }
            "role" => {
                let role = Some(Role::Writer);
                let patch = UserPatch {
                    role,
                    ..UserPatch::default()
                };
                accounts.change_user(&by(), &id, patch).await.unwrap();
                "the role is another one now"
            }
            "block" => {
                accounts.block_user(&by(), &id, "for now").await.unwrap();
                other.catch_up().await.unwrap();
                assert!(!lets_in("authorization", &bearer).await);
                accounts.unblock_user(&by(), &id).await.unwrap();
                "the account is blocked"
            }
            "password" => {
                let link = accounts.make_reset_link(&by(), &id).await.unwrap();
                let new = Secret::new(PASSWORD);
                accounts
                    .reset_password(&by(), &key(&link), &new)
                    .await
                    .unwrap();
                "the password is another one now"
            }
            _ => {
                accounts.delete_user(&by(), &id).await.unwrap();
                "the account was removed"
            }
        };
        other.catch_up().await.unwrap();
        assert!(!lets_in("cookie", &session).await, "{what}");
        assert_eq!(lets_in("authorization", &bearer).await, what != "delete");
        let told = [(id.clone(), reason.to_owned(), true)];
        assert_eq!(ended(&mut there), told, "{what}");
        if what != "delete" {
            accounts
                .delete_token(&by(), &token.token.id, None)
                .await
                .unwrap();
            other.catch_up().await.unwrap();
            assert!(!lets_in("authorization", &bearer).await, "{what}");
        }
        // Nobody is to be refused here for signing in too often.
        bench.clock.advance(Duration::from_secs(10));
    }
    let told = ended(&mut here);
    accounts.catch_up().await.unwrap();
    assert_eq!(told.len(), 5, "{told:?}");
    assert!(ended(&mut here).is_empty(), "one's own changes are no news");
}

async fn a_session_is_kept_alive_by_any_process(bench: Bench) {
    bench.user("a@x", Role::Operator).await;
    let mut session = cookies(&bench.sign_in("a@x").await);
    let (other, router, _) = bench.elsewhere().await;
    // An operator's session ends when it is not used for twelve hours.
    for _ in 0..3 {
        bench.clock.advance(Duration::from_secs(8 * 3_600));
        session = bench.refresh(&session).await.1;
        other.forget_ended_sessions().await.unwrap();
    }
    let asked = [("cookie", &*session)];
    let asked = ask(&router, "GET", "/api/v1/auth/me", &asked, None);
    assert_eq!(asked.await.0, StatusCode::OK);
}

async fn a_change_is_told_wherever_it_was_made(bench: Bench) {
    let (other, _, events) = bench.elsewhere().await;
    let mut heard = [
        bench.events.subscribe(None).receiver,
        events.subscribe(None).receiver,
    ];
    let ids = [
        bench.user("a@x", Role::Writer).await,
        bench.user("b@x", Role::Writer).await,
    ];
    bench
        .accounts
        .block_user(&by(), &ids[0], "rude")
        .await
        .unwrap();
    bench.accounts.catch_up().await.unwrap();
    other.catch_up().await.unwrap();
    for heard in &mut heard {
        // Of two that were made only the later one is told.
        let expected = [("user.block", &ids[0]), ("user.create", &ids[1])];
        let expected =
            expected.map(|(action, id)| (action.to_owned(), "user".to_owned(), id.clone()));
        assert_eq!(audited(heard), expected);
    }
    other.catch_up().await.unwrap();
    assert_eq!(audited(&mut heard[1]), [], "each is told once");
}

/// What a stream of events tells of the audit, by action.
fn audited(heard: &mut Receiver<Numbered>) -> Vec<(String, String, String)> {
    let mut told = Vec::new();
    while let Ok(heard) = heard.try_recv() {
        if let Event::Audited {
            action,
            target_kind,
            target_id,
        } = heard.event
        {
            told.push((action, target_kind, target_id));
        }
    }
    told
}

async fn two_processes_leave_an_admin(bench: Bench) {
    let (other, ..) = bench.elsewhere().await;
    let patch = |role| UserPatch {
        role: Some(role),
        ..UserPatch::default()
    };
    let (one, two) = (
        bench.user("one@x", Role::Admin).await,
        bench.user("two@x", Role::Admin).await,
    );
    let by = by();
    for _ in 0..5 {
        let demoted = tokio::join!(
            bench.accounts.change_user(&by, &one, patch(Role::Operator)),
            other.change_user(&by, &two, patch(Role::Operator)),
        );
        let refused = [demoted.0.err(), demoted.1.err()];
        assert!(
            matches!(
                refused,
                [None, Some(AccountError::LastAdmin)] | [Some(AccountError::LastAdmin), None]
            ),
            "{refused:?}"
        );
        for id in [&one, &two] {
            let restored = bench.accounts.change_user(&by, id, patch(Role::Admin));
            restored.await.unwrap();
        }
    }
}
