//! Who is to sit where, and who waits for it.

use dabir_clients::{Action, NewProfile, Refused, Seat, Username};

use crate::bench::{Bench, add, operator, username};

dabir_testing::on_both!(
    a_full_room_refuses_and_freed_places_are_filled_in_order,
    who_waits_may_stop_and_who_is_removed_gives_back,
    whoever_is_not_counted_on_has_no_seat,
    whoever_moves_lets_the_next_one_in,
);

fn sit(target: &str, waits: bool) -> Action {
    Action::Assign {
        seat: Seat::Room,
        target: target.to_owned(),
        waits,
    }
}

async fn furnished(bench: &Bench) {
    for name in ["a", "b", "c", "d"] {
        bench.order(name, add()).await.unwrap();
    }
    capacity(bench, Some(1)).await;
}

async fn capacity(bench: &Bench, capacity: Option<u64>) {
    let by = operator();
    let clients = &bench.clients;
    let set = clients.set_capacity(&by, Seat::Room, "board", capacity);
    set.await.unwrap();
}

/// Who sits in the room, and who waits for it.
async fn seated(bench: &Bench) -> (String, String) {
    let now = bench.clients.assignments().await.unwrap();
    let sits: Vec<&str> = now.clients2room.keys().map(Username::as_str).collect();
    let waits: Vec<&str> = now
        .waiting
        .iter()
        .map(|one| one.username.as_str())
        .collect();
    assert_eq!(
        now.assigned_clients.len() + now.unassigned_clients.len(),
        bench.clients.snapshot().len()
    );
    (sits.join(" "), waits.join(" "))
}

fn told(sits: &str, waits: &str) -> (String, String) {
    (sits.to_owned(), waits.to_owned())
}

async fn a_full_room_refuses_and_freed_places_are_filled_in_order(bench: Bench) {
    furnished(&bench).await;
    bench.order("a", sit("board", false)).await.unwrap();
    let full = bench.order("b", sit("board", false)).await.unwrap_err();
    assert_eq!(full.to_string(), "`board` is full: 1 of 1 places are taken");
    for name in ["c", "b", "d", "c"] {
        bench.order(name, sit("board", true)).await.unwrap();
    }
    assert_eq!(seated(&bench).await, told("a", "c b d"));
    bench
        .order("a", Action::Unassign(Seat::Room))
        .await
        .unwrap();
    assert_eq!(seated(&bench).await, told("c", "b d"));
    capacity(&bench, Some(2)).await;
    assert_eq!(seated(&bench).await, told("b c", "d"));
    // Another room has room for all, and takes from here.
    bench.order("c", sit("hall", false)).await.unwrap();
    assert_eq!(seated(&bench).await, told("b c d", ""));
    capacity(&bench, Some(1)).await;
    assert_eq!(
        seated(&bench).await,
        told("b c d", ""),
        "whoever sits stays"
    );
    let refused = bench.order("a", sit("board", false)).await.unwrap_err();
    assert!(matches!(
        refused,
        Refused::Full {
            taken: 2,
            capacity: 1,
            ..
        }
    ));
    let history = bench
        .clients
        .history(&username("b"), None, 9)
        .await
        .unwrap();
    let kinds: Vec<&str> = history.iter().map(|event| &*event.kind).collect();
    assert_eq!(kinds, ["assigned", "waiting", "added"]);
}

async fn who_waits_may_stop_and_who_is_removed_gives_back(bench: Bench) {
    furnished(&bench).await;
    for name in ["a", "b", "c"] {
        bench.order(name, sit("board", true)).await.unwrap();
    }
    bench
        .order("b", Action::Unassign(Seat::Room))
        .await
        .unwrap();
    assert_eq!(seated(&bench).await, told("a", "c"));
    let refused = bench.order("b", Action::Unassign(Seat::Room)).await;
    assert_eq!(refused.unwrap_err(), Refused::NotAssigned(username("b")));
    bench.order("a", Action::Remove).await.unwrap();
    assert_eq!(seated(&bench).await, told("c", ""));
    bench.order("a", sit("board", true)).await.unwrap_err();
    bench.order("d", sit("board", true)).await.unwrap();
    capacity(&bench, None).await;
    assert_eq!(seated(&bench).await, told("c d", ""));
    assert_eq!(bench.number("SELECT COUNT(*) FROM client_wait").await, 0);
}

async fn whoever_is_not_counted_on_has_no_seat(bench: Bench) {
    furnished(&bench).await;
    for name in ["a", "b", "c"] {
        bench.order(name, sit("board", true)).await.unwrap();
    }
    for name in ["b", "a"] {
        bench.order(name, Action::Withdraw).await.unwrap();
        let refused = bench.order(name, sit("hall", false)).await.unwrap_err();
        assert!(matches!(refused, Refused::Invalid { .. }), "{refused}");
        let back = Action::Put(NewProfile::default());
        bench.order(name, back).await.unwrap();
    }
    assert_eq!(seated(&bench).await, told("c", ""));
}

async fn whoever_moves_lets_the_next_one_in(bench: Bench) {
    furnished(&bench).await;
    let clients = &bench.clients;
    let by = operator();
    for name in ["hall", "attic"] {
        let capacity = clients.set_capacity(&by, Seat::Room, name, Some(1));
        capacity.await.unwrap();
    }
    for (name, target) in [
        ("a", "board"),
        ("b", "hall"),
        ("c", "attic"),
        // All of them wait, for the place of the next one; the last one for that of the first.
        ("d", "attic"),
        ("c", "hall"),
        ("b", "board"),
    ] {
        bench.order(name, sit(target, true)).await.unwrap();
    }
    capacity(&bench, Some(2)).await;
    let now = clients.assignments().await.unwrap();
    let seats: Vec<String> = now
        .clients2room
        .iter()
        .map(|(name, room)| format!("{name} {room}"))
        .collect();
    assert_eq!(seats, ["a board", "b board", "c hall", "d attic"]);
    assert!(now.waiting.is_empty());
}
