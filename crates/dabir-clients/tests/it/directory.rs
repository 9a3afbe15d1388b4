//! People of the directory are clients, come with it and go with it.

use dabir_clients::{Action, Client, ClientState, DirectoryPerson, Source};
use dabir_core::Events;

use crate::bench::{Bench, add, terms, username};

dabir_testing::on_both!(
    people_come_change_go_and_come_back,
    whoever_was_there_before_stays_as_they_are,
    two_people_may_be_one_client,
    a_walk_goes_on_where_it_was_and_begins_anew_by_other_rules,
);

fn person(key: &str, name: &str) -> DirectoryPerson {
    DirectoryPerson {
        key: key.to_owned(),
        username: Some(username(&format!("u{key}"))),
        name: Some(name.to_owned()),
    }
}

fn gone(key: &str) -> DirectoryPerson {
    DirectoryPerson {
        key: key.to_owned(),
        username: None,
        name: None,
    }
}

async fn follow(bench: &Bench, source: &str, people: Vec<DirectoryPerson>) {
    let mut place = bench.clients.directory_place(source, "").await.unwrap();
    let followed = bench.clients.follow_directory(&mut place, people, None);
    followed.await.unwrap();
}

fn of(bench: &Bench, name: &str) -> (String, bool) {
    let Client {
        name, available, ..
    } = bench.get(name).unwrap();
    (name, available)
}

fn told(name: &str, available: bool) -> (String, bool) {
    (name.to_owned(), available)
}

async fn people_come_change_go_and_come_back(bench: Bench) {
    follow(
        &bench,
        "students",
        vec![person("1", "علی"), person("2", "مینا")],
    )
    .await;
    assert_eq!(of(&bench, "u1"), told("علی", true));
    assert_eq!(bench.get("u1").unwrap().source, Some(Source::Directory));
    bench
        .order("u1", Action::Block(terms("spam", None)))
        .await
        .unwrap();
    follow(
        &bench,
        "students",
        vec![person("1", " علی\n رضایی "), gone("2")],
    )
    .await;
    assert!(of(&bench, "u1").1);
    assert_eq!(bench.get("u1").unwrap().state, ClientState::Blocked);
    assert_eq!(of(&bench, "u2"), told("مینا", false));
    follow(&bench, "students", vec![person("2", "مینا")]).await;
    assert_eq!(of(&bench, "u2"), told("مینا", true));
    let other = DirectoryPerson {
        username: Some(username("other")),
        ..person("2", "مینا")
    };
    follow(&bench, "students", vec![other.clone()]).await;
    assert_eq!((of(&bench, "u2").1, of(&bench, "other").1), (false, true));
    let offset = bench.clients.snapshot().offset;
    follow(&bench, "students", vec![other]).await;
    assert_eq!(bench.clients.snapshot().offset, offset, "nothing happened");
}

async fn whoever_was_there_before_stays_as_they_are(bench: Bench) {
    bench.order("u1", add()).await.unwrap();
    // And one that another process makes meanwhile.
    let other = bench.process(&Events::default()).await;
    crate::bench::order(&other, "u2", add()).await.unwrap();
    let all = || vec![person("1", "one"), person("2", "two"), person("3", "three")];
    follow(&bench, "faculty", all()).await;
    for name in ["u1", "u2"] {
        assert_eq!(of(&bench, name), told(name, true));
        assert_eq!(bench.get(name).unwrap().source, Some(Source::Hand));
    }
    follow(&bench, "faculty", vec![gone("1"), gone("2"), gone("3")]).await;
    assert_eq!(of(&bench, "u1"), told("u1", true));
    assert_eq!(of(&bench, "u3"), told("three", false));
}

async fn two_people_may_be_one_client(bench: Bench) {
    for source in ["faculty", "students"] {
        follow(&bench, source, vec![person("1", "Ali")]).await;
    }
    follow(&bench, "students", vec![gone("1")]).await;
    assert_eq!(of(&bench, "u1"), told("Ali", true));
    follow(&bench, "faculty", vec![gone("1")]).await;
    assert_eq!(of(&bench, "u1"), told("Ali", false));
}

async fn a_walk_goes_on_where_it_was_and_begins_anew_by_other_rules(bench: Bench) {
    let place = async |rules: &str| {
        let place = bench.clients.directory_place("students", rules).await;
        place.unwrap()
    };
    let mut first = place("a").await;
    assert_eq!((first.since(), first.after()), (None, None));
    let half =
        bench
            .clients
            .follow_directory(&mut first, vec![person("1", "one")], Some("1".to_owned()));
    half.await.unwrap();
    let mut again = place("a").await;
    assert_eq!((again.since(), again.after()), (None, Some("1")));
    let rest = bench
        .clients
        .follow_directory(&mut again, vec![person("2", "two")], None);
    rest.await.unwrap();
    let next = place("a").await;
    assert_eq!((next.since().is_some(), next.after()), (true, None));
    assert_eq!(place("b").await.since(), None);
    assert_eq!(bench.number("SELECT COUNT(*) FROM client_person").await, 2);
}
