//! Links that work once: for the first admin, for who was invited, for who lost a password.

use std::time::Duration;

use axum::http::StatusCode;
use dabir_accounts::AccountError;
use dabir_accounts::model::{Acceptance, Language, NewUser};
use dabir_accounts::service::Device;
use dabir_core::Secret;
use dabir_http::Role;
use serde_json::json;

use crate::bench::{Bench, PASSWORD, by, cookies, kept, key};

dabir_testing::on_both!(
    the_first_admin_is_made_once,
    invitations_and_resets_work_once,
);

fn acceptance(key: String) -> Acceptance {
    Acceptance {
        key,
        name: "سارا".to_owned(),
        email: Some("Sara@Example.org".to_owned()),
        password: Secret::new(PASSWORD),
        language: Language::Fa,
    }
}

async fn the_first_admin_is_made_once(bench: Bench) {
    let accounts = &bench.accounts;
    let device = Device::default;
    let links = [
        accounts.make_start_link(&by()).await.unwrap(),
        accounts.make_start_link(&by()).await.unwrap(),
    ];
    let [first, second] = links.map(|url| key(&url));
    for _ in 0..2 {
        let looked = accounts.look_at_link(&first).await.unwrap();
        assert_eq!(json!(looked.kind), "first_run");
    }
    let weak = Acceptance {
        password: Secret::new("short"),
        ..acceptance(first.clone())
    };
    assert!(accounts.accept(&by(), &weak, device()).await.is_err());
    let made = accounts
        .accept(&by(), &acceptance(first.clone()), device())
        .await
        .unwrap();
    assert_eq!(
        (made.user.role, made.user.email.as_str()),
        (Role::Admin, "Sara@Example.org")
    );
    assert!(bench.lets_in(&cookies(&made)).await);
    for spent in [&first, "nothing"] {
        let again = accounts
            .accept(&by(), &acceptance(spent.to_owned()), device())
            .await;
        assert!(matches!(again, Err(AccountError::Link)), "{spent}");
    }
    let accept = accounts
        .accept(&by(), &acceptance(second.clone()), device())
        .await;
    assert!(
        matches!(accept, Err(AccountError::Link)),
        "there is an admin now"
    );
    assert_eq!(
        json!(accounts.look_at_link(&second).await.unwrap().kind),
        "start"
    );
    let again = accounts
        .sign_in_by_link(&by(), &second, device())
        .await
        .unwrap();
    assert_eq!(again.user.id, made.user.id);
    let headers = [
        ("cookie", &*cookies(&again)),
        ("sec-fetch-site", "same-origin"),
    ];
    let new = json!({ "new": "another four plain words" });
    let (status, set, _) = bench
        .ask("POST", "/api/v1/auth/password", &headers, Some(new.clone()))
        .await;
    assert_eq!(
        status,
        StatusCode::OK,
        "right after the link no old password is needed"
    );
    assert!(!bench.lets_in(&cookies(&again)).await && bench.lets_in(&kept(&set)).await);
    let headers = [("cookie", &*kept(&set)), ("sec-fetch-site", "same-origin")];
    let (status, _, problem) = bench
        .ask("POST", "/api/v1/auth/password", &headers, Some(new))
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::FORBIDDEN, &json!("auth.password"))
    );
    let late = key(&accounts.make_start_link(&by()).await.unwrap());
    bench.clock.advance(Duration::from_secs(15 * 60));
    assert!(matches!(
        accounts.look_at_link(&late).await,
        Err(AccountError::Link)
    ));
}

async fn invitations_and_resets_work_once(bench: Bench) {
    let accounts = &bench.accounts;
    bench.user("root@x", Role::Admin).await;
    let new = NewUser {
        email: "New@x".to_owned(),
        name: "New".to_owned(),
        role: Role::Auditor,
        language: Language::En,
        password: None,
    };
    let invited = accounts.create_user(&by(), new.clone()).await.unwrap();
    let link = key(&invited.invitation.unwrap());
    let taken = accounts
        .create_user(
            &by(),
            NewUser {
                email: "new@X".to_owned(),
                ..new
            },
        )
        .await;
    assert!(matches!(taken, Err(AccountError::EmailTaken(_))));
    assert!(
        bench.try_sign_in("new@x", PASSWORD, None).await.is_err(),
        "no password yet"
    );
    let as_root = acceptance(link.clone());
    let came = accounts
        .accept(&by(), &as_root, Device::default())
        .await
        .unwrap();
    assert_eq!(
        (came.user.email.as_str(), came.user.role),
        ("New@x", Role::Auditor),
        "as invited"
    );
    assert!(
        accounts
            .accept(&by(), &acceptance(link), Device::default())
            .await
            .is_err()
    );

    let reset = key(&accounts.make_reset_link(&by(), "new@x").await.unwrap());
    let weak = accounts
        .reset_password(&by(), &reset, &Secret::new("short"))
        .await;
    assert!(matches!(weak, Err(AccountError::Invalid(_))));
    let other = Secret::new("a wholly different one");
    accounts
        .reset_password(&by(), &reset, &other)
        .await
        .unwrap();
    assert!(
        accounts
            .reset_password(&by(), &reset, &other)
            .await
            .is_err()
    );
    assert!(bench.try_sign_in("new@x", PASSWORD, None).await.is_err());
    assert!(
        bench
            .try_sign_in("new@x", other.expose(), None)
            .await
            .is_ok()
    );
}
