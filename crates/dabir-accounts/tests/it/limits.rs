//! What comes too often: each limit counts its own, says when to come back, and is counted.

use std::time::Duration;

use axum::http::{StatusCode, header};
use dabir_accounts::service::{Device, Login};
use dabir_accounts::{AccountError, LimitsConfig};
use dabir_core::{Actor, Secret};
use dabir_http::{Rate, Role};

use crate::bench::{Bench, PASSWORD, by, code, cookies};

dabir_testing::on_both!(guessing_is_slowed_and_the_right_password_elsewhere_is_not,);

async fn guessing_is_slowed_and_the_right_password_elsewhere_is_not(bench: Bench) {
    bench.user("a@x", Role::Writer).await;
    let mut tried = 0;
    for second in 0..120 {
        if !matches!(
            bench.try_sign_in("a@x", "wrong", None).await,
            Err(AccountError::TooSoon(_))
        ) {
            tried += 1;
        }
        if second % 2 == 0 {
            bench.clock.advance(Duration::from_secs(1));
        }
    }
    assert_eq!(tried, 12, "ten, and two in the minute");
    assert!(
        bench.try_sign_in("a@x", PASSWORD, None).await.is_err(),
        "here it is too late"
    );
    let elsewhere = Actor {
        address: Some("198.51.100.7".parse().unwrap()),
        ..by()
    };
    let login = Login {
        email: "a@x".to_owned(),
        password: Secret::new(PASSWORD),
        code: None,
    };
    let owner = bench
        .accounts
        .sign_in(&elsewhere, &login, Device::default())
        .await;
    assert!(owner.is_ok(), "nobody can lock the owner out");
}

/// Something that is asked for again and again.
struct Knock<'a> {
    /// By which limit it is counted.
    limit: &'static str,
    method: &'static str,
    path: &'static str,
    headers: &'a [(&'a str, &'a str)],
    /// How often in a row it passes.
    burst: usize,
}

#[tokio::test]
async fn each_limit_counts_its_own_and_says_truly_when_to_come_back() {
    let rate = |per_second, burst| Rate { per_second, burst };
    let limits = LimitsConfig {
        stranger: rate(3, 6),
        auth: rate(1, 2),
        person: rate(2, 5),
        pages: rate(4, 7),
        joins: rate(1, 3),
    };
    let bench = Bench::with(None, limits).await;
    let id = bench.user("a@x", Role::Admin).await;
    let session = cookies(&bench.sign_in("a@x").await);
    let bearer = format!("Bearer {}", bench.token(&id, Role::Admin).await.secret);
    let signed = [("cookie", &*session), ("sec-fetch-site", "same-origin")];
    let (by_token, wrong) = (
        [("authorization", &*bearer)],
        [("authorization", "Bearer dabir_guess")],
    );
    let upgrade = [("upgrade", "websocket"), ("cookie", &*session)];
    let knock = |limit, method, path, headers, burst| Knock {
        limit,
        method,
        path,
        headers,
        burst,
    };
    for knock in [
        knock("person", "GET", "/api/v1/users", &signed, 5),
        knock("person", "GET", "/api/v1/users", &by_token, 5),
        knock("stranger", "GET", "/api/v1/users", &[], 6),
        knock("stranger", "GET", "/api/v1/users", &wrong, 6),
        knock("auth", "POST", "/api/v1/auth/login", &[], 2),
        knock("auth", "POST", "/api/v1/auth/login", &signed, 2),
        knock("auth", "POST", "/api/v1/auth/totp/confirm", &signed, 2),
        knock("auth", "GET", "/api/v1/auth/links/guess", &[], 2),
        knock("auth", "POST", "/api/v1/auth/reset", &[], 2),
        knock("auth", "GET", "/start/guess", &[], 2),
        knock("pages", "GET", "/", &signed, 7),
        knock("pages", "GET", "/rooms/none/", &[], 7),
        knock("joins", "GET", "/rooms/none/ws", &upgrade, 3),
    ] {
        check(&bench, &knock).await;
    }
}

async fn check(bench: &Bench, knock: &Knock<'_>) {
    let what = format!("{} {} {:?}", knock.method, knock.path, knock.headers);
    // Every bucket is full again.
    bench.clock.advance(Duration::from_secs(60));
    let ask = async || {
        let asked = bench.ask(knock.method, knock.path, knock.headers, None);
        let (status, headers, problem) = asked.await;
        (status == StatusCode::TOO_MANY_REQUESTS).then_some((headers, problem))
    };
    let before = refused(bench, knock.limit);
    for n in 0..knock.burst {
        assert!(ask().await.is_none(), "{what}, {n}");
    }
    let (headers, problem) = ask().await.expect(&what);
    assert_eq!(problem["code"], "rate.limited", "{what}");
    assert_eq!(refused(bench, knock.limit), before + 1, "{what}");
    let wait = headers[header::RETRY_AFTER].to_str().unwrap();
    let told = format!("try again in {wait} s");
    assert!(problem["detail"].as_str().unwrap().ends_with(&told));
    bench
        .clock
        .advance(Duration::from_secs(wait.parse().unwrap()));
    assert!(ask().await.is_none(), "{what}: it said when to come back");
}

fn metrics(bench: &Bench) -> String {
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &bench.registry).unwrap();
    text
}

/// What is counted under this name, 0 when it never was.
fn counted(bench: &Bench, name: &str) -> u64 {
    let metrics = metrics(bench);
    let line = metrics.lines().find_map(|line| line.strip_prefix(name));
    line.map_or(0, |count| count.trim().parse().unwrap())
}

fn refused(bench: &Bench, limit: &str) -> u64 {
    counted(
        bench,
        &format!("dabir_rate_limited_total{{limit=\"{limit}\"}}"),
    )
}

#[tokio::test]
async fn failed_sign_ins_are_counted_without_telling_who_exists() {
    let bench = Bench::open(None).await;
    let id = bench.user("a@x", Role::Writer).await;
    bench.blocked("blocked@x", Role::Writer).await;
    let begun = bench.accounts.begin_factor(&by(), &id).await.unwrap();
    let code = code(&begun.secret, bench.clock.now(), 0);
    bench
        .accounts
        .confirm_factor(&by(), &id, &code)
        .await
        .unwrap();
    let failed = |why: &str| {
        counted(
            &bench,
            &format!("dabir_sign_ins_failed_total{{reason=\"{why}\"}}"),
        )
    };
    for (email, password, code) in [
        ("nobody@x", PASSWORD, None),
        ("a@x", "wrong", None),
        ("blocked@x", "wrong", None),
        ("blocked@x", PASSWORD, None),
        ("a@x", PASSWORD, None),
        ("a@x", PASSWORD, Some("no code")),
    ] {
        let signed = bench.try_sign_in(email, password, code).await;
        assert!(signed.is_err());
    }
    let headers = [("authorization", "Bearer dabir_guess")];
    bench.ask("GET", "/api/v1/auth/me", &headers, None).await;
    let counts = ["password", "blocked", "code", "token"].map(failed);
    assert_eq!(counts, [3, 1, 1, 1], "{}", metrics(&bench));
    while !matches!(
        bench.try_sign_in("a@x", "wrong", None).await,
        Err(AccountError::TooSoon(_))
    ) {}
    assert_eq!(refused(&bench, "guesses"), 1);
}
