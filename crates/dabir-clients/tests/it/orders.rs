//! Orders: obeyed once, durable, refused with a reason, and over when their time is.

use std::time::Duration;

use dabir_clients::{
    Action, ClientState, Command, Kind, MAX_COMMANDS, NewProfile, OrderKind, REDIS, Refused, Sign,
};
use dabir_core::{Event, Events, Timestamp};

use crate::bench::{Bench, SOON, Working, add, all_of, command, operator, order, terms, username};

dabir_testing::on_both!(
    what_was_ordered_is_there_after_a_restart,
    of_two_at_once_one_wins_and_the_other_is_told,
    a_name_that_nobody_knows_is_kept_out_too,
    a_block_keeps_out_every_spelling_of_a_name,
    a_name_that_is_refused_by_now_stops_nobody,
    a_version_that_was_shown_is_the_version_that_is_asked_for,
    orders_about_many_stand_each_for_itself,
    an_order_ends_when_its_time_has_come,
    an_order_whose_end_is_in_doubt_holds,
    every_order_is_in_the_audit_and_in_the_history,
    whoever_is_removed_stays_blocked,
    what_happened_long_ago_is_forgotten,
);

async fn what_was_ordered_is_there_after_a_restart(bench: Bench) {
    for name in ["ali", "mina", "علی رضایی"] {
        bench.order(name, add()).await.unwrap();
    }
    let until = 1_000_000;
    let blocked = bench
        .order("ali", Action::Block(terms("spam", Some(until))))
        .await
        .unwrap();
    assert_eq!(blocked.state, ClientState::Blocked);
    assert_eq!(blocked.reason.as_deref(), Some("spam"));
    assert_eq!(blocked.until, Timestamp::from_second(until).ok());
    bench
        .order("mina", Action::Pause(terms("", None)))
        .await
        .unwrap();
    bench
        .clients
        .presence("board", Sign::Joined, &username("mina"))
        .await
        .unwrap();
    bench.clients.may_enter(&username("ali")).unwrap_err();
    let again = bench.process(&Events::default()).await;
    assert_eq!(all_of(&again.snapshot()), all_of(&bench.clients.snapshot()));
    for kind in Kind::ALL {
        assert_eq!(again.snapshot().of(kind), bench.clients.snapshot().of(kind));
    }
    assert_eq!(
        again.may_enter(&username("ali")).unwrap_err().reason,
        "spam"
    );
    again.may_enter(&username("mina")).unwrap();
}

async fn of_two_at_once_one_wins_and_the_other_is_told(bench: Bench) {
    let seen = bench.order("ali", add()).await.unwrap().version;
    let other = bench.process(&Events::default()).await;
    let say = |clients: &dabir_clients::Clients, reason: &str| {
        let (clients, reason) = (clients.clone(), reason.to_owned());
        async move {
            let command = Command {
                version: Some(seen),
                ..command("ali", Action::Pause(terms(&reason, None)))
            };
            clients.apply(&operator(), command).await
        }
    };
    let (one, two) = tokio::join!(say(&bench.clients, "one"), say(&other, "two"));
    let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
    let lost = lost.unwrap_err().to_string();
    assert!(lost.contains("somebody else"), "{lost}");
    bench.clients.catch_up().await.unwrap();
    let now = bench.get("ali").unwrap();
    assert_eq!(now, won.unwrap());
    assert!(now.version > seen);
}

async fn a_name_that_nobody_knows_is_kept_out_too(bench: Bench) {
    let stranger = username("stranger");
    let client = bench
        .order("stranger", Action::Block(terms("spam", None)))
        .await
        .unwrap();
    assert_eq!((client.source, client.available), (None, false));
    bench.clients.may_enter(&stranger).unwrap_err();
    assert!(
        bench
            .clients
            .orders()
            .borrow()
            .blocked
            .contains_key(&stranger)
    );
    bench.order("stranger", Action::Unblock).await.unwrap();
    bench.clients.may_enter(&stranger).unwrap();
    assert!(bench.get("stranger").is_none(), "nothing is known of them");
}

async fn a_block_keeps_out_every_spelling_of_a_name(bench: Bench) {
    let block = || Action::Block(terms("spam", None));
    let sara = bench.order("Sara@Example.org", block()).await.unwrap();
    assert_eq!(sara.username.as_str(), "sara@example.org");
    bench.order("علي", block()).await.unwrap();
    bench.order("Ali", block()).await.unwrap();
    bench.order("ali", block()).await.unwrap();
    let may_enter = |name: &str| bench.clients.may_enter(name).is_ok();
    for name in [
        "sara@example.org",
        "SARA@example.org",
        "علی",
        "aLI",
        "al\u{200e}i",
    ] {
        assert!(!may_enter(name), "{name:?}");
    }
    bench.order("Ali", Action::Unblock).await.unwrap();
    assert!(!may_enter("Ali"), "the other spelling is blocked still");
    bench.order("ali", Action::Unblock).await.unwrap();
    assert!(may_enter("Ali"));
}

async fn a_name_that_is_refused_by_now_stops_nobody(bench: Bench) {
    bench
        .order("odd", Action::Block(terms("spam", None)))
        .await
        .unwrap();
    bench
        .execute("UPDATE client_order SET username = 'o/d'")
        .await;
    let again = bench.process(&Events::default()).await;
    again.may_enter("o/d").unwrap_err();
}

async fn a_version_that_was_shown_is_the_version_that_is_asked_for(bench: Bench) {
    bench.order("ali", add()).await.unwrap();
    for action in [
        Action::Block(terms("spam", None)),
        Action::Pause(terms("", None)),
    ] {
        let _ = bench.order("ali", action).await;
    }
    bench.order("ali", Action::Remove).await.unwrap();
    let again = bench.process(&Events::default()).await;
    assert_eq!(all_of(&again.snapshot()), all_of(&bench.clients.snapshot()));
    let unblock = Command {
        version: Some(bench.get("ali").unwrap().version),
        ..command("ali", Action::Unblock)
    };
    bench.clients.apply(&operator(), unblock).await.unwrap();
    bench
        .clients
        .presence(REDIS, Sign::Joined, &username("mina"))
        .await
        .unwrap();
    let block = Action::Block(terms("", None));
    bench.order("mina", block).await.unwrap();
    let unblocked = bench.order("mina", Action::Unblock).await.unwrap();
    let again = bench.process(&Events::default()).await;
    let read = again.get(&username("mina")).unwrap();
    assert_eq!((read.version, unblocked.version), (0, 0));
}

async fn orders_about_many_stand_each_for_itself(bench: Bench) {
    let names: Vec<String> = (0..1_200).map(|n| format!("client {n}")).collect();
    let all = |action: Action| {
        let commands = names.iter().map(|name| command(name, action.clone()));
        commands.collect::<Vec<_>>()
    };
    let by = operator();
    let apply = |commands| bench.clients.apply_all(&by, commands);
    let added = apply(all(add())).await.unwrap();
    assert!(added.iter().all(Result::is_ok));
    bench
        .order("client 7", Action::Block(terms("spam", None)))
        .await
        .unwrap();
    let mut heard = bench.clients.orders();
    heard.mark_unchanged();
    let paused = apply(all(Action::Pause(terms("a break", None))))
        .await
        .unwrap();
    let refused: Vec<_> = paused.iter().filter_map(|one| one.as_ref().err()).collect();
    assert!(
        matches!(refused[..], [Refused::Blocked { .. }]),
        "{refused:?}"
    );
    assert!(heard.has_changed().unwrap());
    assert_eq!(heard.borrow_and_update().of(OrderKind::Pause).len(), 1_199);
    let snapshot = bench.clients.snapshot();
    assert_eq!(snapshot.count(ClientState::Paused), 1_199);
    assert_eq!(snapshot.of(Kind::Deactivated).len(), 1_200);
    // Undone by the inverse, and only where nobody else was there since.
    let undo = paused.iter().flatten().map(|client| Command {
        version: Some(client.version),
        ..command(client.username.as_str(), Action::Resume)
    });
    let undo = undo.collect();
    bench
        .order("client 9", Action::Pause(terms("another one", None)))
        .await
        .unwrap();
    let undone = apply(undo).await.unwrap();
    let kept: Vec<_> = undone.iter().filter_map(|one| one.as_ref().err()).collect();
    assert_eq!(kept, [&Refused::Version(username("client 9"))]);
    assert_eq!(bench.number("SELECT COUNT(*) FROM client_order").await, 2);
    let many = vec![command("ali", add()); MAX_COMMANDS + 1];
    apply(many).await.unwrap_err();
}

async fn an_order_ends_when_its_time_has_come(bench: Bench) {
    let working = Working::begin(&bench.clients);
    let block = Action::Block(terms("an hour", Some(4_600)));
    bench.order("ali", block).await.unwrap();
    bench
        .order("ali", Action::Pause(terms("", None)))
        .await
        .unwrap_err();
    assert_eq!(bench.clients.expire().await.unwrap(), 0);
    let mut sets = bench.clients.sets();
    bench.clock.advance(Duration::from_secs(3_599));
    assert_eq!(bench.clients.expire().await.unwrap(), 0);
    bench.clock.advance(Duration::from_secs(1));
    // The loop sees it by itself as soon as anything wakes it.
    bench
        .order("mina", Action::Block(terms("", Some(4_601))))
        .await
        .unwrap();
    let free = |snapshot: &std::sync::Arc<dabir_clients::Snapshot>| {
        !snapshot.of(Kind::Blocked).contains(&username("ali"))
    };
    tokio::time::timeout(SOON, sets.wait_for(free))
        .await
        .unwrap()
        .unwrap();
    bench.clients.may_enter(&username("ali")).unwrap();
    working.end().await;
}

async fn an_order_whose_end_is_in_doubt_holds(bench: Bench) {
    for name in ["ali", "mina"] {
        let block = Action::Block(terms("spam", Some(2_000)));
        bench.order(name, block).await.unwrap();
    }
    bench
        .execute(&format!(
            "UPDATE client_order SET until = {} WHERE username = 'ali'",
            i64::MAX
        ))
        .await;
    // The clock goes back to before the orders, and their end seems to be over.
    bench
        .execute("UPDATE client_order SET until = 500 WHERE username = 'mina'")
        .await;
    bench.clock.set(Timestamp::from_second(900).unwrap());
    let again = bench.process(&Events::default()).await;
    assert_eq!(again.expire().await.unwrap(), 0);
    again.may_enter(&username("mina")).unwrap_err();
    bench
        .clock
        .set(Timestamp::from_second(1_000_000_000).unwrap());
    assert_eq!(again.expire().await.unwrap(), 1);
    again.may_enter(&username("mina")).unwrap();
    again.may_enter(&username("ali")).unwrap_err();
}

async fn every_order_is_in_the_audit_and_in_the_history(bench: Bench) {
    let mut heard = bench.events.subscribe(None).receiver;
    bench.order("ali", add()).await.unwrap();
    bench
        .order("ali", Action::Block(terms("spam", None)))
        .await
        .unwrap();
    let told = tokio::time::timeout(SOON, heard.recv()).await.unwrap();
    let Event::ClientsOrdered {
        order,
        username: name,
        by,
        ..
    } = told.unwrap().event
    else {
        panic!("something else was told");
    };
    assert_eq!((&*order, &*name, &*by), ("blocked", "ali", "an operator"));
    bench.order("ali", Action::Unblock).await.unwrap();
    bench.order("ali", Action::Unblock).await.unwrap_err();
    let audited = bench
        .number("SELECT COUNT(*) FROM audit WHERE target_id = 'ali'")
        .await;
    assert_eq!(audited, 3);
    let history = bench
        .clients
        .history(&username("ali"), None, 2)
        .await
        .unwrap();
    let kinds: Vec<&str> = history.iter().map(|event| &*event.kind).collect();
    assert_eq!(kinds, ["unblocked", "blocked"]);
    let tx = bench.db.write().await.unwrap();
    let said = dabir_db::outbox::take(&tx, 10).await.unwrap();
    let events: Vec<&str> = said.iter().map(|said| &*said.event).collect();
    assert_eq!(events, ["client.blocked", "client.unblocked"]);
    assert_eq!(said[0].data["reason"], "spam");
    assert_eq!(said[0].by_name, "an operator");
    tx.commit().await.unwrap();
    assert_eq!(history[1].detail, "spam");
    let before = Some(history[1].id);
    let earlier = bench
        .clients
        .history(&username("ali"), before, 9)
        .await
        .unwrap();
    assert_eq!(earlier[0].kind, "added");
}

async fn whoever_is_removed_stays_blocked(bench: Bench) {
    bench.order("ali", add()).await.unwrap();
    bench
        .order("ali", Action::Block(terms("spam", None)))
        .await
        .unwrap();
    bench.order("ali", Action::Remove).await.unwrap();
    bench.clients.may_enter(&username("ali")).unwrap_err();
    bench.order("ali", Action::Remove).await.unwrap_err();
    let named = NewProfile {
        name: Some("Ali".to_owned()),
        ..NewProfile::default()
    };
    let again = bench.order("ali", Action::Put(named)).await.unwrap();
    assert!(again.blocked && again.name == "Ali");
}

async fn what_happened_long_ago_is_forgotten(bench: Bench) {
    bench.order("ali", add()).await.unwrap();
    let other = bench.process(&Events::default()).await;
    bench.clock.advance(Duration::from_secs(91 * 86_400));
    order(&bench.clients, "ali", Action::Pause(terms("", None)))
        .await
        .unwrap();
    order(&bench.clients, "mina", add()).await.unwrap();
    assert_eq!(bench.clients.forget().await.unwrap(), 1);
    let left = bench
        .clients
        .history(&username("ali"), None, 9)
        .await
        .unwrap();
    assert_eq!(left.len(), 1);
    // Whoever has not heard of it yet reads everything anew.
    bench.execute("DELETE FROM client_event WHERE id = 2").await;
    assert!(other.catch_up().await.unwrap());
    assert_eq!(all_of(&other.snapshot()), all_of(&bench.clients.snapshot()));
    order(&bench.clients, "reza", add()).await.unwrap();
    bench.execute("DELETE FROM client_event").await;
    assert!(other.catch_up().await.unwrap());
    assert_eq!(all_of(&other.snapshot()), all_of(&bench.clients.snapshot()));
}
