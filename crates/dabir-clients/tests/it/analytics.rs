//! What is told of the time that has passed.

use std::time::Duration;

use dabir_clients::{Action, Analytics, Asked, By, Sign};
use dabir_core::{Events, Timestamp};

use crate::bench::{Bench, terms, username};

dabir_testing::on_both!(
    peaks_and_means_are_told_by_hour_and_room,
    two_processes_count_nothing_twice,
    quarters_become_hours_and_days_and_say_the_same,
    what_cannot_be_told_is_refused,
);

const HOUR: Duration = Duration::from_secs(3_600);

/// A midnight in Tehran.
const BEGIN: &str = "2026-03-21";

fn begin(bench: &Bench) {
    let midnight: Timestamp = "2026-03-20T20:30:00Z".parse().unwrap();
    let passed = midnight.duration_since(bench.clock.now());
    bench.clock.advance(passed.try_into().unwrap());
}

async fn report(bench: &Bench, place: &str, sign: Sign, name: &str) {
    let reported = bench.clients.presence(place, sign, &username(name)).await;
    reported.unwrap();
}

fn asked(by: By, room: Option<&str>) -> Asked {
    Asked {
        from: Some(BEGIN.to_owned()),
        by,
        room: room.map(str::to_owned),
        ..Asked::default()
    }
}

async fn told(bench: &Bench, by: By, room: Option<&str>) -> Analytics {
    bench.clients.analytics(&asked(by, room)).await.unwrap()
}

async fn peaks_and_means_are_told_by_hour_and_room(bench: Bench) {
    begin(&bench);
    report(&bench, "board", Sign::Joined, "ali").await;
    bench.clock.advance(HOUR / 2);
    report(&bench, "board", Sign::Joined, "mina").await;
    report(&bench, "hall", Sign::Joined, "mina").await;
    let block = Action::Block(terms("spam", None));
    bench.order("ali", block).await.unwrap();
    report(&bench, "board", Sign::Left, "mina").await;
    bench.clock.advance(HOUR);
    report(&bench, "hall", Sign::Lost, "mina").await;
    bench.clock.advance(HOUR / 2);
    let house = told(&bench, By::Hour, None).await;
    assert_eq!(
        (house.items.len(), house.timezone.as_str()),
        (2, "Asia/Tehran")
    );
    assert_eq!(house.items[0].day, "1405/01/01");
    let hours: Vec<_> = house
        .items
        .iter()
        .map(|hour| hour.hour.as_deref())
        .collect();
    assert_eq!(hours, [Some("00:00"), Some("01:00")]);
    let figures = |n: usize| {
        let figures = &house.items[n].figures;
        (figures.connected_max, figures.connected_mean, figures.joins)
    };
    assert_eq!((figures(0), figures(1)), ((2, 1.5, 3), (2, 1.5, 0)));
    assert_eq!((house.total.blocks, house.total.lost), (1, 1));
    let rooms: Vec<_> = house
        .rooms
        .iter()
        .map(|room| (&*room.room, room.figures.blocks))
        .collect();
    assert_eq!(rooms, [("board", 1), ("hall", 0)]);
    let hall = told(&bench, By::Day, Some("hall")).await;
    assert_eq!((hall.items.len(), hall.items[0].hour.as_deref()), (1, None));
    assert_eq!(hall.total.connected_mean, 0.5);
    let table = bench
        .clients
        .analytics_table(&asked(By::Hour, None))
        .await
        .unwrap();
    let rooms: Vec<&str> = table.iter().map(|line| &*line.room).collect();
    assert_eq!(rooms, ["", "board", "hall", "", "board", "hall"]);
    let again = bench.process(&Events::default()).await;
    assert_eq!(
        again.analytics(&asked(By::Hour, None)).await.unwrap(),
        house
    );
}

async fn two_processes_count_nothing_twice(bench: Bench) {
    begin(&bench);
    let other = bench.process(&Events::default()).await;
    let (ali, mina) = (username("ali"), username("mina"));
    let (one, two) = tokio::join!(
        bench.clients.presence("board", Sign::Joined, &ali),
        other.presence("board", Sign::Joined, &mina),
    );
    one.and(two).unwrap();
    // The same is said of both to both.
    other.presence("board", Sign::Joined, &ali).await.unwrap();
    bench.clock.advance(HOUR);
    let (one, two) = tokio::join!(bench.clients.settle(), other.settle());
    one.and(two).unwrap();
    let total = told(&bench, By::Hour, Some("board")).await.total;
    assert_eq!(
        (total.joins, total.connected_max, total.connected_mean),
        (2, 2, 2.0)
    );
}

async fn quarters_become_hours_and_days_and_say_the_same(bench: Bench) {
    begin(&bench);
    for name in ["ali", "mina", "reza"] {
        report(&bench, "board", Sign::Joined, name).await;
        bench.clock.advance(HOUR);
    }
    for name in ["ali", "mina", "reza"] {
        report(&bench, "board", Sign::Left, name).await;
    }
    bench.clock.advance(HOUR * 21);
    let spans = async |span: i32| {
        let sql = format!("SELECT COUNT(*) FROM client_tally WHERE span = {span}");
        bench.number(&sql).await
    };
    let first = told(&bench, By::Hour, None).await;
    assert_eq!(
        (first.total.connected_max, first.total.connected_mean),
        (3, 0.25)
    );
    bench.clock.advance(HOUR * 72);
    bench.clients.settle().await.unwrap();
    assert_eq!(
        (spans(900).await, spans(3_600).await),
        (0, 8),
        "of the house and of the room"
    );
    let day = Asked {
        to: Some("2026-03-22".to_owned()),
        ..asked(By::Hour, None)
    };
    assert_eq!(bench.clients.analytics(&day).await.unwrap(), first);
    bench.clock.advance(HOUR * 24 * 100);
    let day = Asked { by: By::Day, ..day };
    let before = bench.clients.analytics(&day).await.unwrap();
    bench.clients.settle().await.unwrap();
    assert_eq!((spans(3_600).await, spans(86_400).await), (0, 2));
    assert_eq!(bench.clients.analytics(&day).await.unwrap(), before);
    assert_eq!(before.total, first.total);
    bench.clock.advance(HOUR * 24 * 1_100);
    bench.clients.settle().await.unwrap();
    assert_eq!(spans(86_400).await, 0);
}

async fn what_cannot_be_told_is_refused(bench: Bench) {
    begin(&bench);
    let refused = async |from: &str, to: Option<&str>, by: By| {
        let asked = Asked {
            from: Some(from.to_owned()),
            to: to.map(str::to_owned),
            by,
            room: None,
        };
        bench
            .clients
            .analytics(&asked)
            .await
            .unwrap_err()
            .to_string()
    };
    for (from, to, by, why) in [
        ("yesterday", None, By::Day, "write a day"),
        ("2026-04-01", None, By::Day, "not before"),
        ("2025-01-01", None, By::Hour, "93 days"),
        ("2026-03-01", Some("2027-03-01"), By::Hour, "800"),
        ("0001-01-01", None, By::Day, "800"),
    ] {
        let error = refused(from, to, by).await;
        assert!(error.contains(why), "{from}: {error}");
    }
    let room = Some("a\0b".to_owned());
    let asked = Asked {
        room,
        ..Asked::default()
    };
    bench.clients.analytics(&asked).await.unwrap_err();
}
