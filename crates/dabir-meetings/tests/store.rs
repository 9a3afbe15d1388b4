//! The table of meetings, the same questions to both databases.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]
#![expect(clippy::print_stdout, reason = "a measurement is to be read")]

use std::time::{Duration, Instant};

use dabir_core::Timestamp;
use dabir_db::Db;
use dabir_meetings::Reason;
use dabir_meetings::model::{
    Meeting, MeetingFilter, MeetingSort, MeetingState, Override, Source, Totals,
};
use dabir_meetings::store::{self, After, Key};
use dabir_testing::Postgres;
use rustix::time::{ClockId, clock_gettime};
use sea_orm::ConnectionTrait;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn meeting(number: usize) -> Meeting {
    Meeting {
        id: format!("m{number:04}"),
        slug: format!("s{number:04}"),
        name: format!("جلسهٔ {number}"),
        date_time: at("2026-11-21T10:00:00Z"),
        duration_secs: 3_600 + i64::try_from(number / 2).unwrap(),
        extended_secs: 0,
        port: Some(-1),
        is_running: true,
        source: Source::Django,
        external_id: Some(number.to_string()),
        operator: Some(Override::Stop),
        gone: false,
        state: MeetingState::Running,
        last_error: Some(Reason::new("port.taken", "پورت ۸۰۸۱").with("port", 8081)),
        restarts: 3,
        created_at: at("2026-11-21T09:00:00Z"),
        revised_at: at("2026-11-21T09:30:00Z"),
        ended_at: Some(at("2026-11-21T09:45:00Z")),
        keeper: Some("here".to_owned()),
        room_at: Some("10.0.0.5:3001 a machine".parse().unwrap()),
    }
}

async fn save(db: &Db, meetings: &[Meeting]) {
    let tx = db.write().await.unwrap();
    store::save(&tx, meetings, at("2026-11-21T10:00:00Z"), 1)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

fn sorted(word: &str) -> MeetingFilter {
    MeetingFilter {
        sort: MeetingSort::try_from(word.to_owned()).unwrap(),
        ..MeetingFilter::default()
    }
}

/// The ids of a list, read in pages of `limit`.
async fn all_pages(db: &Db, filter: &MeetingFilter, limit: u32) -> Vec<String> {
    let mut seen = Vec::new();
    let mut after: Option<After> = None;
    loop {
        let mut rows = store::list(db.read(), filter, after.as_ref(), limit)
            .await
            .unwrap();
        rows.truncate(limit as usize);
        let Some(last) = rows.last() else {
            return seen;
        };
        after = Some(After {
            key: Key::of(last, filter.sort.by),
            id: last.id.clone(),
        });
        seen.extend(rows.into_iter().map(|meeting| meeting.id));
    }
}

/// What is listed and counted by a filter; each database has to answer alike.
async fn filters(db: &Db) {
    use MeetingState::{Ended, Held, Running, Scheduled};
    let one = |id: &str, name: &str, state: MeetingState, begin: &str| Meeting {
        id: id.to_owned(),
        slug: id.to_owned(),
        external_id: Some(id.to_owned()),
        name: name.to_owned(),
        state,
        date_time: at(begin),
        duration_secs: 3_600,
        ..meeting(0)
    };
    let meetings = [
        one("a", "شوراي آموزشی ۱۰", Ended, "2026-11-20T10:00:00Z"),
        one("b", "شورای آموزشی ۹", Running, "2026-11-21T10:00:00Z"),
        one("c", "پیش‌نشست Sprint", Held, "2026-11-21T11:00:00Z"),
        one("d", "100% _real_", Scheduled, "2026-11-22T10:00:00Z"),
        one("e", "آب", Scheduled, "2026-11-23T10:00:00Z"),
    ];
    save(db, &meetings).await;
    let any = MeetingFilter::default;
    let search = |text: &str| MeetingFilter {
        search: Some(text.to_owned()),
        ..any()
    };
    let (from, to) = (at("2026-11-21T11:00:00Z"), at("2026-11-22T10:00:00Z"));
    #[rustfmt::skip]
    let cases = [
        (any(), "e d c b a"),
        (sorted("name"), "d e c b a"),
        (MeetingFilter { state: vec![Held, Running], ..any() }, "c b"),
        (search("شورای اموزشی"), "b a"),
        (search("پیشنشست"), "c"),
        (search("پیش نشست sprint"), "c"),
        (search("۱۰"), "d a"),
        // These are letters, and no pattern.
        (search("0% _"), "d"),
        (search("%"), "d"),
        (search("'"), ""),
        (search("\0"), "e d c b a"),
        // What has ended by then, and what has not begun, is not there.
        (MeetingFilter { from: Some(from), ..any() }, "e d c"),
        (MeetingFilter { to: Some(to), ..any() }, "c b a"),
        (MeetingFilter { from: Some(from), to: Some(to), state: vec![Scheduled], ..any() }, ""),
        (MeetingFilter { search: Some("ش".to_owned()), to: Some(from), ..sorted("date_time") }, "a b"),
    ];
    for (filter, expected) in cases {
        assert_eq!(
            all_pages(db, &filter, 2).await.join(" "),
            expected,
            "{filter:?}"
        );
    }

    let totals = async |filter| store::totals(db.read(), &filter).await.unwrap();
    let all = Totals {
        scheduled: 2,
        running: 1,
        held: 1,
        ended: 1,
        ..Totals::default()
    };
    assert_eq!(totals(any()).await, all);
    let states = MeetingFilter {
        state: vec![Held],
        ..any()
    };
    assert_eq!(totals(states).await, all, "a state does not narrow them");
    let council = Totals {
        running: 1,
        ended: 1,
        ..Totals::default()
    };
    assert_eq!(totals(search("شورا")).await, council);
}

/// The questions; each database has to answer them alike.
async fn answers(db: &Db) {
    let meetings: Vec<Meeting> = (0..1_200).map(meeting).collect();
    save(db, &meetings).await;
    assert_eq!(
        store::find(db.read(), "m0007").await.unwrap().as_ref(),
        Some(&meetings[7])
    );
    assert_eq!(store::find(db.read(), "nobody").await.unwrap(), None);
    let by_slug = async |slug| store::find_by_slug(db.read(), slug).await.unwrap();
    assert_eq!(by_slug("s0007").await.as_ref(), Some(&meetings[7]));
    assert_eq!(by_slug("m0007").await, None);
    assert_eq!(
        store::find_by_word(db.read(), "جلسهٔ 9").await.unwrap(),
        [meetings[9].clone()]
    );
    assert_eq!(
        store::find_by_word(db.read(), "1199").await.unwrap().len(),
        1
    );

    let ids: Vec<String> = (0..1_200).map(|n| n.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(
        store::find_external(db.read(), &ids).await.unwrap().len(),
        1_200
    );

    let expected: Vec<String> = (0..1_200).map(|n| format!("m{n:04}")).collect();
    for (sort, reversed) in [
        ("-end_time", true),
        ("end_time", false),
        // All begin at once, so their ids decide.
        ("date_time", false),
        ("-date_time", true),
        ("name", false),
        ("-name", true),
    ] {
        let mut seen = all_pages(db, &sorted(sort), 100).await;
        if reversed {
            seen.reverse();
        }
        assert_eq!(seen, expected, "pages join without gap or overlap: {sort}");
    }

    let ended = Meeting {
        state: MeetingState::Ended,
        operator: None,
        ..meetings[0].clone()
    };
    save(db, std::slice::from_ref(&ended)).await;
    assert_eq!(store::find(db.read(), "m0000").await.unwrap(), Some(ended));
    let late = at("2026-11-22T00:00:00Z");
    assert_eq!(
        store::unfinished(db.read(), late).await.unwrap().len(),
        1_199,
        "what still lives"
    );
    let early = at("2026-11-21T10:30:00Z");
    assert_eq!(
        store::unfinished(db.read(), early).await.unwrap().len(),
        1_200,
        "and what is not over"
    );

    let tx = db.write().await.unwrap();
    store::delete(&tx, &["m0001"], 2).await.unwrap();
    drop(tx);
    assert!(
        store::find(db.read(), "m0001").await.unwrap().is_some(),
        "what is not committed did not happen"
    );
}

#[tokio::test]
async fn sqlite_answers() {
    let folder = tempfile::tempdir().unwrap();
    answers(&Db::open("", folder.path()).await.unwrap()).await;
    let folder = tempfile::tempdir().unwrap();
    filters(&Db::open("", folder.path()).await.unwrap()).await;
}

#[tokio::test]
async fn postgres_answers_the_same() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    answers(&Db::open(&postgres.database(), folder.path()).await.unwrap()).await;
    filters(&Db::open(&postgres.database(), folder.path()).await.unwrap()).await;
}

/// Of each of five hundred meetings there are so many: a hundred thousand together in an optimised
/// build, which is the one that is measured.
const COPIES: u32 = if cfg!(debug_assertions) { 20 } else { 200 };

/// Meetings of five hundred names, most of them over.
async fn fill(db: &Db) {
    let meetings: Vec<Meeting> = (0..500)
        .map(|n| Meeting {
            name: format!("جلسهٔ هفتگی گروه ریاضی، نوبت {n}"),
            state: MeetingState::ALL[n % 7],
            ..meeting(n)
        })
        .collect();
    save(db, &meetings).await;
    let tx = db.write().await.unwrap();
    let columns = "name, search, sort_key, duration_secs, extended_secs, port, is_running, source, operator, \
        gone, last_error, last_error_code, last_error_facts, restarts, created_at, updated_at, revised_at, ended_at";
    let copy = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {COPIES} - 1) \
         INSERT INTO meeting (id, slug, external_id, state, date_time, end_time, {columns}) \
         SELECT id || '-' || i, slug || '-' || i, external_id || '-' || i, \
                CASE WHEN i % 20 > 0 THEN 'ended' ELSE state END, \
                date_time - i * 60000, end_time - i * 60000, {columns} FROM meeting, n"
    );
    tx.execute_unprepared(&copy).await.unwrap();
    tx.commit().await.unwrap();
    if db.kind() == "postgres" {
        // As it does by itself a minute later.
        let vacuum = "VACUUM ANALYZE meeting";
        db.read().execute_unprepared(vacuum).await.unwrap();
    }
}

/// How long the first page and the totals of each list take, asked for together.
async fn measure(db: &Db) {
    fill(db).await;
    let search = |text: &str| MeetingFilter {
        search: Some(text.to_owned()),
        ..MeetingFilter::default()
    };
    let states = |state: &[MeetingState]| MeetingFilter {
        state: state.to_vec(),
        ..MeetingFilter::default()
    };
    let day = MeetingFilter {
        from: Some(at("2026-11-21T09:00:00Z")),
        to: Some(at("2026-11-21T09:05:00Z")),
        ..MeetingFilter::default()
    };
    let lists = [
        ("everything", MeetingFilter::default()),
        ("by name", sorted("name")),
        ("by begin", sorted("date_time")),
        (
            "failed and held",
            states(&[MeetingState::Failed, MeetingState::Held]),
        ),
        (
            "ended and running",
            states(&[MeetingState::Ended, MeetingState::Running]),
        ),
        ("a common name", search("ریاضي")),
        ("a rare name", search("نوبت ۴۹۹")),
        ("no name", search("فیزیک")),
        (
            "no name, by name",
            MeetingFilter {
                search: Some("فیزیک".to_owned()),
                ..sorted("name")
            },
        ),
        ("some minutes", day),
    ];
    for (what, filter) in lists {
        let (mut wall, mut cpu) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            let begun = (Instant::now(), cpu_time());
            let list = store::list(db.read(), &filter, None, 200);
            let (rows, _) = tokio::try_join!(list, store::totals(db.read(), &filter)).unwrap();
            assert!(rows.len() <= 201);
            wall = wall.min(begun.0.elapsed());
            cpu = cpu.min(cpu_time() - begun.1);
        }
        println!("{:<8} {what:<18} {wall:>8.1?}, ours {cpu:>8.1?}", db.kind());
        assert!(cpu < LIMIT, "{what}: {cpu:?}");
    }
}

/// How long this process has kept processors busy. Whatever else the machine does, SQLite's work is
/// in it, and PostgreSQL's is not.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap()
}

/// The best round is the one that was disturbed least.
const ROUNDS: usize = 10;

/// What an optimised build has to keep. Others are slower; a list that sorts, or looks up row by
/// row, would be slower than this too.
const LIMIT: Duration = if cfg!(debug_assertions) {
    Duration::from_secs(1)
} else {
    Duration::from_millis(50)
};

#[tokio::test(flavor = "multi_thread")]
async fn very_many_meetings_are_listed_at_once() {
    let folder = tempfile::tempdir().unwrap();
    measure(&Db::open("", folder.path()).await.unwrap()).await;
    let postgres = Postgres::start();
    measure(&Db::open(&postgres.database(), folder.path()).await.unwrap()).await;
}
