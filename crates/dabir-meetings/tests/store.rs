//! The table of meetings, the same questions to both databases.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

use dabir_core::Timestamp;
use dabir_db::Db;
use dabir_meetings::model::{Meeting, MeetingState, Override, Source};
use dabir_meetings::store::{self, After};
use dabir_testing::Postgres;

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
        last_error: Some("پورت ۸۰۸۱".to_owned()),
        restarts: 3,
        created_at: at("2026-11-21T09:00:00Z"),
        revised_at: at("2026-11-21T09:30:00Z"),
        ended_at: Some(at("2026-11-21T09:45:00Z")),
    }
}

async fn save(db: &Db, meetings: &[Meeting]) {
    let tx = db.write().await.unwrap();
    store::save(&tx, meetings, at("2026-11-21T10:00:00Z"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
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

    let mut seen = Vec::new();
    let mut after: Option<After> = None;
    loop {
        let mut rows = store::list(db.read(), None, after.as_ref(), 100)
            .await
            .unwrap();
        rows.truncate(100);
        let Some(last) = rows.last() else { break };
        after = Some(After {
            end_time: last.end_time(),
            id: last.id.clone(),
        });
        seen.extend(rows.into_iter().map(|meeting| meeting.id));
    }
    let expected: Vec<String> = (0..1_200).rev().map(|n| format!("m{n:04}")).collect();
    assert_eq!(
        seen, expected,
        "pages join without gap or overlap, the latest end first"
    );

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
    store::delete(&tx, "m0001").await.unwrap();
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
}

#[tokio::test]
async fn postgres_answers_the_same() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    answers(&Db::open(&postgres.database(), folder.path()).await.unwrap()).await;
}
