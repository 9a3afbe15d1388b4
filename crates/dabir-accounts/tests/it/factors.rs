//! Second factors.

use std::time::Duration;

use dabir_accounts::AccountError;
use dabir_accounts::service::{Device, Login};
use dabir_core::{Actor, Secret};
use dabir_http::{Role, TooSoon};

use crate::bench::{Bench, PASSWORD, by, code};

dabir_testing::on_both!(
    a_second_factor_is_asked_for_and_each_code_works_once,
    wrong_codes_are_limited_wherever_they_come_from,
);

async fn a_second_factor_is_asked_for_and_each_code_works_once(bench: Bench) {
    let id = bench.user("a@x", Role::Writer).await;
    let accounts = &bench.accounts;
    let begun = accounts.begin_factor(&by(), &id).await.unwrap();
    assert!(begun.uri.contains(&begun.secret));
    assert!(
        bench.try_sign_in("a@x", PASSWORD, None).await.is_ok(),
        "it is not on yet"
    );
    let code = |offset: i64| code(&begun.secret, bench.clock.now(), offset);
    assert!(
        accounts
            .confirm_factor(&by(), &id, "000000x")
            .await
            .is_err()
    );
    let codes = accounts
        .confirm_factor(&by(), &id, &code(0))
        .await
        .unwrap()
        .recovery_codes;
    assert_eq!(codes.len(), 10);
    let sign_in = async |code: Option<&str>| bench.try_sign_in("a@x", PASSWORD, code).await;
    assert!(matches!(sign_in(None).await, Err(AccountError::CodeNeeded)));
    assert!(
        matches!(sign_in(Some(&code(0))).await, Err(AccountError::WrongCode)),
        "used"
    );
    bench.clock.advance(Duration::from_secs(30));
    assert!(sign_in(Some(&code(0))).await.is_ok());
    assert!(
        matches!(sign_in(Some(&code(0))).await, Err(AccountError::WrongCode)),
        "used"
    );
    assert!(sign_in(Some(&codes[3])).await.is_ok());
    assert!(
        matches!(sign_in(Some(&codes[3])).await, Err(AccountError::WrongCode)),
        "used"
    );
    let wrong = accounts
        .remove_factor(&by(), &id, &Secret::new("wrong"))
        .await;
    assert!(matches!(wrong, Err(AccountError::WrongPassword)));
    accounts
        .remove_factor(&by(), &id, &Secret::new(PASSWORD))
        .await
        .unwrap();
    assert!(sign_in(None).await.is_ok());
}

async fn wrong_codes_are_limited_wherever_they_come_from(bench: Bench) {
    let id = bench.user("a@x", Role::Writer).await;
    let begun = bench.accounts.begin_factor(&by(), &id).await.unwrap();
    let right = |offset| code(&begun.secret, bench.clock.now(), offset);
    bench
        .accounts
        .confirm_factor(&by(), &id, &right(0))
        .await
        .unwrap();
    bench.clock.advance(Duration::from_secs(300));
    let sign_in = async |from: u8, code: &str| {
        let from = Actor {
            address: Some([198, 51, 100, from].into()),
            ..by()
        };
        let login = Login {
            email: "a@x".to_owned(),
            password: Secret::new(PASSWORD),
            code: Some(code.to_owned()),
        };
        bench
            .accounts
            .sign_in(&from, &login, Device::default())
            .await
            .map(drop)
    };
    for from in 0..10 {
        let wrong = sign_in(from, "no code").await;
        assert!(matches!(wrong, Err(AccountError::WrongCode)), "{wrong:?}");
    }
    let code = right(0);
    let Err(AccountError::TooSoon(TooSoon(wait))) = sign_in(100, &code).await else {
        panic!("ten tries are enough");
    };
    bench.clock.advance(wait - Duration::from_millis(1));
    assert!(
        sign_in(101, &code).await.is_err(),
        "it is as long as it said"
    );
    bench.clock.advance(Duration::from_millis(1));
    sign_in(102, &code).await.unwrap();
}
