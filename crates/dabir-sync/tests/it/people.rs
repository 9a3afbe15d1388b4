//! The directory: people are found however they are spelt, and have a history.

use dabir_sync::{Mode, People, SyncError};

use crate::bench::{Bench, succeeded};

dabir_testing::on_both!(people_are_found_and_have_a_history);

async fn people_are_found_and_have_a_history(bench: Bench) {
    let syncs = bench.syncs(vec![bench.students()]);
    assert!(
        syncs
            .people("students", &People::default(), 10)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    bench.gateway.set(|gateway| {
        gateway.changed = [(42, 1)].into();
        gateway.left = [43].into();
    });
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    working.end().await;
    let find = async |search: &str| {
        let which = People {
            search: Some(search.to_owned()),
            ..People::default()
        };
        syncs.people("students", &which, 10).await.unwrap()
    };
    // Arabic letters and Persian digits.
    let found = find("علي ۴۲").await;
    assert_eq!(found.items.len(), 4);
    assert!(find("50% _").await.items.is_empty(), "no pattern");
    for long in ["a ".repeat(9), "a".repeat(201), "a\0".to_owned()] {
        let which = People {
            search: Some(long),
            ..People::default()
        };
        assert!(syncs.people("students", &which, 10).await.is_err());
    }
    let first = find("علی").await;
    assert_eq!(first.items.len(), 10);
    let which = People {
        after: first.next_cursor.clone(),
        ..People::default()
    };
    let second = syncs.people("students", &which, 10).await.unwrap();
    assert!(second.items[0].key > first.items[9].key);
    let (person, history) = syncs.person("students", "1100400100000042").await.unwrap();
    assert_eq!(
        (person.fields["age"].as_i64(), person.partition.as_deref()),
        (Some(30), Some("1100/4001"))
    );
    assert_eq!(history[0].kind, "changed");
    let (gone, history) = syncs.person("students", "1100400100000043").await.unwrap();
    assert!(gone.gone_at.is_some());
    assert_eq!(history[0].kind, "vanished");
    for nobody in ["nobody", "\0"] {
        let error = syncs.person("students", nobody).await.unwrap_err();
        assert!(matches!(error, SyncError::NotFound(_)), "{error}");
        let error = syncs.list_runs(nobody, None, 10).await.unwrap_err();
        assert!(matches!(error, SyncError::NotFound(_)), "{error}");
    }
}
