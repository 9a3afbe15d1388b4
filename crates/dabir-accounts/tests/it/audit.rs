//! The audit has every change, and shows when it was touched.

use dabir_db::audit::{self, Filter, Verdict};
use dabir_http::Role;

use crate::bench::{Bench, PASSWORD, by};

dabir_testing::on_both!(every_change_is_in_the_audit_and_a_shortened_one_is_found_out,);

async fn every_change_is_in_the_audit_and_a_shortened_one_is_found_out(bench: Bench) {
    let accounts = &bench.accounts;
    bench.user("root@x", Role::Admin).await;
    let id = bench.user("a@x", Role::Writer).await;
    bench.sign_in("a@x").await;
    accounts.block_user(&by(), &id, "=why\nnot").await.unwrap();
    accounts.delete_user(&by(), &id).await.unwrap();
    let told = [
        "user.delete",
        "user.block",
        "session.begin",
        "user.create",
        "user.create",
    ];
    assert_eq!(bench.actions().await, told);
    let entries = audit::list(bench.db.read(), &Filter::default(), None, 100)
        .await
        .unwrap();
    let text = format!("{entries:?}");
    assert!(
        !text.contains(PASSWORD) && !text.contains("argon2"),
        "no secrets"
    );
    accounts.note_audit_head().await.unwrap();
    accounts.note_audit_head().await.unwrap();
    assert!(
        matches!(accounts.verify_audit().await.unwrap(), Verdict::Whole(head) if head.seq == 5)
    );
    let heads = bench.folder.path().join("audit.heads");
    let noted = std::fs::read_to_string(&heads).unwrap();
    assert_eq!(noted.lines().count(), 1, "one head is noted once");
    // Somebody cuts the newest entry off, and the chain that is left is whole in itself.
    let noted = noted.replacen('5', "6", 1);
    std::fs::write(&heads, noted).unwrap();
    assert!(matches!(
        accounts.verify_audit().await.unwrap(),
        Verdict::Broken { seq: 6, .. }
    ));
    let token = std::fs::read_to_string(bench.folder.path().join("secrets/admin.token")).unwrap();
    let bearer = format!("Bearer {}", token.trim());
    let headers = [("authorization", bearer.as_str())];
    let (_, _, page) = bench
        .ask("GET", "/api/v1/audit?limit=2", &headers, None)
        .await;
    assert_eq!(page["items"][0]["at_jalali"], "1405/10/25 08:00 jome");
    let next = format!(
        "/api/v1/audit?limit=2&cursor={}",
        page["next_cursor"].as_str().unwrap()
    );
    let (_, _, page) = bench.ask("GET", &next, &headers, None).await;
    assert_eq!(page["items"][0]["action"], "session.begin");
    let (_, _, found) = bench
        .ask("GET", "/api/v1/audit/verify", &headers, None)
        .await;
    assert_eq!(found["whole"], false);
}
