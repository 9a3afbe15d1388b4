//! Who guesses from many addresses, behind a proxy that says where they come from.

use dabir_testing::eventually;
use futures_util::future::join_all;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, SOON};

/// More than any burst here, and few enough that the buckets hardly refill meanwhile.
const MANY: u8 = 40;

/// A house behind proxies, whose doors are narrow.
fn proxied() -> House {
    let mut house = House::furnished("");
    house.set(
        "DABIR_SERVER__TRUSTED_PROXIES",
        "[\"127.0.0.1\", \"10.0.0.0/8\"]",
    );
    house.set("DABIR_LIMITS__AUTH", "{ per_second = 1, burst = 10 }");
    house.set(
        "DABIR_LIMITS__STRANGER",
        "{ per_second = 1000, burst = 1000 }",
    );
    house.start(&[]);
    house
}

/// A request that the proxy hands on, with what it says of where it comes from.
fn from(forwarded: &str, request: RequestBuilder) -> RequestBuilder {
    request.header("x-forwarded-for", forwarded)
}

/// A guess at the key of a link.
async fn guess(house: &House, forwarded: &str) -> StatusCode {
    let request = house.request(Method::GET, "/api/v1/auth/links/guess");
    let asked = from(forwarded, request).send();
    asked.await.unwrap().status()
}

#[tokio::test]
async fn only_the_last_address_that_is_no_proxy_s_counts() {
    let house = proxied();
    // How the same guesser looks from hop to hop: pretended addresses before, proxies behind.
    let looks: [fn(u8) -> String; 3] = [
        |n| format!("203.0.113.{n}, 198.51.100.1"),
        |n| format!("198.51.100.2, 10.0.0.{n}"),
        |n| format!("nonsense {n}, 10.1.1.1, 198.51.100.3, 10.2.2.2"),
    ];
    for look in looks {
        let mut refused = 0;
        for n in 0..MANY {
            let status = guess(&house, &look(n)).await;
            refused += usize::from(status == StatusCode::TOO_MANY_REQUESTS);
        }
        assert!(refused > 0, "{}: no guess was refused", look(0));
    }
    for n in 0..MANY {
        let status = guess(&house, &format!("198.51.100.1, 192.0.2.{n}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "another address each time");
    }
}

async fn sign_in(house: &House, n: u8, email: &str) -> (StatusCode, Value) {
    let login = json!({ "email": email, "password": "not the right one" });
    let request = house.request(Method::POST, "/api/v1/auth/login");
    let request = request.json(&login);
    let answer = from(&format!("198.51.100.{n}"), request).send().await;
    let answer = answer.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn an_account_is_guarded_from_many_addresses_and_others_are_not_touched() {
    let house = proxied();
    house.person("admin", "admin").await;
    let tries = (0..MANY).map(|n| sign_in(&house, n, "admin@example.org"));
    let answers = join_all(tries).await;
    let refused = answers
        .iter()
        .filter(|(status, _)| *status == StatusCode::TOO_MANY_REQUESTS);
    for (_, problem) in refused.clone() {
        assert_eq!(problem["code"], "rate.limited");
    }
    assert!(refused.count() >= usize::from(MANY) / 2, "{answers:?}");
    assert!(answers.iter().all(|(status, _)| !status.is_success()));
    // While passwords are compared, others are asked to wait a moment.
    let other = eventually("another account's turn", SOON, async || {
        let (status, _) = sign_in(&house, 200, "other@example.org").await;
        (status != StatusCode::SERVICE_UNAVAILABLE).then_some(status)
    });
    assert_eq!(other.await, StatusCode::UNAUTHORIZED);
    let metrics = house.request(Method::GET, "/metrics").send();
    let metrics = metrics.await.unwrap().text().await.unwrap();
    for counted in [
        "dabir_rate_limited_total{limit=\"account\"}",
        "dabir_sign_ins_failed_total{reason=\"password\"}",
    ] {
        assert!(metrics.contains(counted), "{counted}: {metrics}");
    }
}
