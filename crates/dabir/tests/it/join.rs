//! The page that participants open first: each state as they meet it, the way into the room, the
//! calendar file, and what it must not give away.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use dabir_core::Clock;
use dabir_testing::python;
use futures_util::{StreamExt, stream};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::house::{House, SOON, Session};

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
const FORM: &str = "application/x-www-form-urlencoded";

/// Somebody with the address of a meeting's page.
pub(crate) struct Guest<'a> {
    house: &'a House,
    client: Client,
    /// `/j/<slug>`
    path: String,
}

impl<'a> Guest<'a> {
    pub(crate) fn of(house: &'a House, meeting: &Value) -> Self {
        let client = Client::builder().redirect(redirect::Policy::none());
        let url = meeting["join_url"].as_str().unwrap();
        Self {
            house,
            client: client.build().unwrap(),
            path: url.strip_prefix(house.url()).unwrap().to_owned(),
        }
    }

    fn slug(&self) -> &str {
        self.path.strip_prefix("/j/").unwrap()
    }

    fn request(&self, method: Method, more: &str) -> RequestBuilder {
        let url = format!("{}{}{more}", self.house.url(), self.path);
        self.client.request(method, url).header("accept", BROWSER)
    }

    pub(crate) async fn get(&self, more: &str) -> Response {
        self.request(Method::GET, more).send().await.unwrap()
    }

    pub(crate) async fn page(&self, lang: &str) -> String {
        let answer = self.get(&format!("?lang={lang}")).await;
        assert_eq!(answer.status(), StatusCode::OK);
        answer.text().await.unwrap()
    }

    /// Waits until the page is in this state.
    async fn sees(&self, standing: &str) -> String {
        let mark = format!("data-standing=\"{standing}\"");
        dabir_testing::eventually(&format!("the page is {standing}"), SOON, async || {
            Some(self.page("en").await).filter(|page| page.contains(&mark))
        })
        .await
    }

    /// Presses the button.
    pub(crate) fn press(&self, name: &str) -> RequestBuilder {
        let name = name.replace('%', "%25").replace('&', "%26");
        self.request(Method::POST, "?lang=fa")
            .header("content-type", FORM)
            .header("sec-fetch-site", "same-origin")
            .body(format!("name={name}"))
    }

    /// Comes in, and says who the room takes them for.
    pub(crate) async fn comes_in(&self, press: RequestBuilder) -> (Socket, Value) {
        let answer = press.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let location = answer.headers()["location"].to_str().unwrap();
        let (room, brought) = location.split_once("?lang=fa#token=").unwrap();
        let (token, from) = brought.split_once("&from=").unwrap();
        assert_eq!(from, self.slug());
        let socket = self.house.url().replace("http", "ws") + room + "ws?token=" + token;
        let (mut socket, _) = tokio_tungstenite::connect_async(socket).await.unwrap();
        let welcome = socket.next().await.unwrap().unwrap();
        let Message::Text(text) = welcome else {
            panic!("{welcome:?}");
        };
        let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        (socket, first["you"].clone())
    }
}

pub(crate) type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

fn ahead(seconds: u64) -> String {
    let at = Clock::system().now() + Duration::from_secs(seconds);
    at.to_string()
}

#[tokio::test]
async fn before_the_start_the_page_says_what_and_when_and_looking_changes_nothing() {
    let house = House::open("[meetings]\ntimezone = \"Asia/Tehran\"\n").await;
    let new = json!({
        "name": "شورا </title><script>1</script>\" & {{slug}}", "date_time": "2199-01-01T10:30:00Z", "duration": "1h",
    });
    let meeting = house.post("/api/v1/meetings", new).await;
    let guest = Guest::of(&house, &meeting);
    assert!(guest.slug().len() >= 10 && guest.slug() != meeting["id"]);
    for method in [Method::HEAD, Method::GET, Method::GET] {
        let answer = guest.request(method, "").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("x-robots-tag"), "noindex, nofollow");
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
        assert!(!answer.headers().contains_key("set-cookie"));
    }
    let (fa, en) = (guest.page("fa").await, guest.page("en").await);
    assert!(fa.contains("<html lang=\"fa\" dir=\"rtl\">") && en.contains("<html lang=\"en\""));
    assert!(
        fa.contains("سه‌شنبه ۱۲ دی ۱۵۷۷، ساعت ۱۴:۰۰ تا ۱۵:۰۰"),
        "{fa}"
    );
    assert!(en.contains("Tuesday 1 January 2199, 14:00–15:00"), "{en}");
    let name = "شورا &lt;/title&gt;&lt;script&gt;1&lt;/script&gt;&quot; &amp; {{slug}}";
    for page in [&fa, &en] {
        assert!(!page.contains("<script>") && page.contains(&format!("<bdi>{name}</bdi>")));
        let title = format!("<meta property=\"og:title\" content=\"{name}\">");
        assert!(page.contains(&title), "{page}");
        assert!(page.contains("<noscript><meta http-equiv=\"refresh\" content=\"30\"></noscript>"));
        assert!(page.contains(".ics?lang=") && !page.contains("<button"));
    }
    // Whoever presses too early is told the same, and keeps the name.
    let early = guest.press("سارا").send().await.unwrap();
    assert_eq!(early.status(), StatusCode::CONFLICT);
    assert!(early.text().await.unwrap().contains("value=\"سارا\""));
    let id = meeting["id"].as_str().unwrap();
    assert_eq!(house.meeting(id).await["state"], "scheduled");
}

#[tokio::test]
async fn whatever_the_page_links_to_is_there() {
    let house = House::open("").await;
    let meeting = house
        .post(
            "/api/v1/meetings",
            json!({ "name": "x", "date_time": ahead(3_600) }),
        )
        .await;
    let guest = Guest::of(&house, &meeting);
    let page = guest.page("en").await;
    let files: BTreeSet<&str> = page
        .split(['"', '(', ')'])
        .filter(|text| text.starts_with("/pages/") || text.starts_with("/j/"))
        .collect();
    assert_eq!(
        files.len(),
        5,
        "icon, script, two fonts, calendar: {files:?}"
    );
    for file in files {
        let file = file.replace("&amp;", "&");
        let answer = guest
            .client
            .get(format!("{}{file}", house.url()))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{file}");
        if file.ends_with(".js") {
            let kept = answer.headers()["cache-control"].to_str().unwrap();
            assert!(kept.contains("immutable"), "{kept}");
        }
    }
}

#[tokio::test]
async fn guests_come_in_under_the_name_they_typed_and_share_it_with_others() {
    let house = House::open("").await;
    let meeting = house.running_meeting("door").await;
    let guest = Guest::of(&house, &meeting);
    assert!(guest.page("fa").await.contains("هنوز کسی نیامده"));
    let (_first, sara) = guest
        .comes_in(guest.press("  سارا‌خانم \u{202e} ۱۲  & co "))
        .await;
    assert_eq!(
        (&sara["name"], &sara["role"]),
        (&json!("سارا‌خانم ۱۲ & co"), &json!("participant"))
    );
    let (_second, namesake) = guest.comes_in(guest.press("سارا‌خانم ۱۲ & co")).await;
    assert_ne!(sara["id"], namesake["id"], "they are two people");
    let id = meeting["id"].as_str().unwrap();
    house
        .until("both are there", id, |meeting| meeting["clients"] == 2)
        .await;
    assert!(guest.page("fa").await.contains("در جریان · ۲ نفر حاضرند"));
    for bad in ["", "   ", "\u{200c}", &"x".repeat(65)] {
        let refused = guest.press(bad).send().await.unwrap();
        assert_eq!(
            refused.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{bad:?}"
        );
        assert!(
            refused
                .text()
                .await
                .unwrap()
                .contains("aria-invalid=\"true\"")
        );
    }
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ] {
        let forged = guest.request(Method::POST, "").header("content-type", FORM);
        let answer = forged
            .header(name, value)
            .body("name=x")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{value}");
    }
}

#[tokio::test]
async fn members_come_in_under_their_own_name_with_one_button() {
    let house = House::open("[rooms]\nguests = false\n").await;
    let meeting = house.running_meeting("members").await;
    let guest = Guest::of(&house, &meeting);
    let page = guest.page("en").await;
    let next = format!("/sign-in?next=%2Fj%2F{}&amp;lang=en", guest.slug());
    assert!(
        page.contains(&next) && !page.contains("name=\"name\""),
        "{page}"
    );
    let refused = guest.press("Eve").send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);

    let member = house.person("member", "participant").await;
    let page = member
        .on(guest.request(Method::GET, "?lang=en"))
        .send()
        .await
        .unwrap();
    let page = page.text().await.unwrap();
    assert!(
        page.contains("<bdi>The participant</bdi>") && !page.contains("name=\"name\""),
        "{page}"
    );
    let (_socket, you) = guest.comes_in(member.on(guest.press(""))).await;
    assert_eq!(
        (&you["name"], &you["role"]),
        (&json!("The participant"), &json!("participant"))
    );
    let operator = house.person("operator", "operator").await;
    let (_other, you) = guest
        .comes_in(operator.on(guest.press("Somebody else")))
        .await;
    assert_eq!(
        (&you["name"], &you["role"]),
        (&json!("The operator"), &json!("moderator"))
    );
    // A program is nobody who could sit in a room.
    let token = Session::of_token(&house.token());
    let program = token.on(guest.press("Bot")).send().await.unwrap();
    assert_eq!(program.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_full_room_says_so_until_somebody_leaves() {
    let house = House::open("[rooms]\nmax_clients = 1\n").await;
    let meeting = house.running_meeting("small").await;
    let guest = Guest::of(&house, &meeting);
    let (mut socket, _) = guest.comes_in(guest.press("Ali")).await;
    let page = guest.sees("full").await;
    assert!(
        page.contains("as soon as somebody leaves") && !page.contains("<button"),
        "{page}"
    );
    assert_eq!(
        guest.press("Eve").send().await.unwrap().status(),
        StatusCode::CONFLICT
    );
    socket.close(None).await.unwrap();
    guest.sees("open").await;
}

#[tokio::test]
async fn whoever_waits_learns_of_the_start_and_of_every_other_turn() {
    let house = House::open("").await;
    let new = json!({ "name": "x", "date_time": ahead(3_600) });
    let meeting = house.post("/api/v1/meetings", new).await;
    let (guest, id) = (Guest::of(&house, &meeting), meeting["id"].as_str().unwrap());
    let page = guest.page("en").await;
    let (_, tag) = page.split_once("data-tag=\"").unwrap();
    let tag = tag.split_once("\" ").unwrap().0.replace("&quot;", "\"");
    let ask = async || {
        let asked = guest
            .request(Method::GET, "/state")
            .header("if-none-match", &tag);
        asked.send().await.unwrap()
    };
    let waiting = ask().await;
    assert_eq!(waiting.status(), StatusCode::NOT_MODIFIED);
    assert!(waiting.headers().contains_key("date"), "it tells the time");
    assert_eq!(waiting.text().await.unwrap(), "");
    let path = format!("/api/v1/meetings/{id}");
    let later = Some(json!({ "date_time": ahead(7_200) }));
    house.send(Method::PATCH, &path, later).await;
    let moved = ask().await;
    assert_eq!(moved.status(), StatusCode::OK);
    assert_eq!(
        moved.json::<Value>().await.unwrap(),
        json!({ "state": "soon" })
    );
    house.post(&format!("{path}/start"), Value::Null).await;
    house.state_of(id, "running").await;
    assert_eq!(ask().await.json::<Value>().await.unwrap()["state"], "open");
    house.stop(id).await;
    assert_eq!(ask().await.json::<Value>().await.unwrap()["state"], "over");
}

#[tokio::test]
async fn a_thousand_phones_of_one_school_wait_and_come_in_together() {
    let house = House::open("").await;
    let new = json!({ "name": "x", "date_time": ahead(3_600) });
    let meeting = house.post("/api/v1/meetings", new).await;
    let (guest, id) = (Guest::of(&house, &meeting), meeting["id"].as_str().unwrap());
    let tag = guest.get("/state").await.headers()["etag"].clone();
    let ask = async |_| {
        let asked = guest
            .request(Method::GET, "/state")
            .header("if-none-match", &tag);
        asked.send().await.unwrap().status()
    };
    let answers = a_thousand(ask).await;
    assert!(
        answers
            .iter()
            .all(|status| *status == StatusCode::NOT_MODIFIED)
    );
    house
        .post(&format!("/api/v1/meetings/{id}/start"), Value::Null)
        .await;
    house.state_of(id, "running").await;
    let press = async |n| {
        guest
            .press(&format!("Pupil {n}"))
            .send()
            .await
            .unwrap()
            .status()
    };
    let answers = a_thousand(press).await;
    assert!(
        answers
            .iter()
            .all(|status| *status == StatusCode::SEE_OTHER)
    );
}

/// What a thousand requests are answered, fifty of them at a time.
async fn a_thousand<F: Future<Output = StatusCode>>(ask: impl FnMut(u32) -> F) -> Vec<StatusCode> {
    let asked = stream::iter(0..1_000).map(ask).buffer_unordered(50);
    asked.collect().await
}

#[tokio::test]
async fn an_end_a_cancellation_and_a_failure_have_words_for_participants() {
    let house = House::open("").await;
    let over = house.running_meeting("over").await;
    let guest = Guest::of(&house, &over);
    house.stop(over["id"].as_str().unwrap()).await;
    let page = guest.sees("over").await;
    assert!(
        page.contains("This meeting ended on ") && !page.contains("<form"),
        "{page}"
    );

    let off = house
        .post(
            "/api/v1/meetings",
            json!({ "name": "off", "date_time": ahead(3_600) }),
        )
        .await;
    house.stop(off["id"].as_str().unwrap()).await;
    let guest = Guest::of(&house, &off);
    assert!(
        guest
            .sees("off")
            .await
            .contains("called off before it began")
    );

    let late = house
        .post(
            "/api/v1/meetings",
            json!({ "name": "late", "is_running": false }),
        )
        .await;
    let guest = Guest::of(&house, &late);
    assert!(
        guest
            .sees("late")
            .await
            .contains("the organiser has not opened it yet")
    );

    let port = house.port(7);
    let _thief = std::net::TcpListener::bind(("0.0.0.0", u16::try_from(port).unwrap())).unwrap();
    let failed = house
        .post(
            "/api/v1/meetings",
            json!({ "name": "failed", "port": port }),
        )
        .await;
    let page = Guest::of(&house, &failed).sees("failed").await;
    assert!(
        page.contains("nothing that you or your device did"),
        "{page}"
    );
    assert!(
        !page.contains(&port.to_string()),
        "the reason is the operators': {page}"
    );
    // Its port is free in a moment, and it is not to start then.
    house.stop(failed["id"].as_str().unwrap()).await;
}

#[tokio::test]
async fn a_wrong_address_is_answered_alike_whatever_is_wrong_with_it() {
    let house = House::open("").await;
    let meeting = house.running_meeting("secret").await;
    let guest = Guest::of(&house, &meeting);
    let id = meeting["id"].as_str().unwrap();
    let upper = guest.slug().to_uppercase();
    let mut said = BTreeSet::new();
    for slug in [
        "000000000000",
        id,
        &upper,
        "x",
        "%00",
        "%20",
        "a'b",
        "secret",
        "..%2Fx",
        &"0".repeat(3_000),
    ] {
        for path in [
            format!("/j/{slug}"),
            format!("/j/{slug}.ics"),
            format!("/j/{slug}/state"),
        ] {
            let answer = guest
                .client
                .get(format!("{}{path}", house.url()))
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
            let mut problem: Value = answer.json().await.unwrap();
            problem["instance"].take();
            problem["request_id"].take();
            said.insert(problem.to_string());
        }
    }
    assert_eq!(said.len(), 1, "{said:?}");
    let url = format!("{}/j/000000000000?lang=fa", house.url());
    let page = guest
        .client
        .get(url)
        .header("accept", BROWSER)
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    assert!(page.text().await.unwrap().contains("چنین جلسه‌ای نیست"));
}

#[tokio::test]
async fn ways_in_are_limited_as_joins_are() {
    let house = House::open("[limits.joins]\nper_second = 1\nburst = 2\n").await;
    let meeting = house.running_meeting("x").await;
    let guest = Guest::of(&house, &meeting);
    let press = async || guest.press("Ali").send().await.unwrap();
    let statuses = [
        press().await.status(),
        press().await.status(),
        press().await.status(),
    ];
    let (seen, limited) = (StatusCode::SEE_OTHER, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(statuses, [seen, seen, limited]);
    assert!(press().await.headers().contains_key("retry-after"));
    assert_eq!(guest.get("").await.status(), StatusCode::OK);
}

/// Reads a calendar as a calendar program does, and prints its event.
const READ: &str = r"
import icalendar, json, sys
calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
[event] = calendar.walk('VEVENT')
[alarm] = event.walk('VALARM')
assert not event.errors and not alarm.errors, (event.errors, alarm.errors)
at = lambda name: event.decoded(name).isoformat()
print(json.dumps({
    'version': calendar['VERSION'], 'uid': event['UID'], 'summary': event['SUMMARY'],
    'description': event['DESCRIPTION'], 'url': event['URL'], 'location': event['LOCATION'],
    'start': at('DTSTART'), 'end': at('DTEND'), 'stamp': at('DTSTAMP'), 'modified': at('LAST-MODIFIED'),
    'sequence': int(event['SEQUENCE']), 'status': event['STATUS'],
    'alarm': alarm.decoded('TRIGGER').total_seconds(), 'action': alarm['ACTION'],
}))
";

fn read_calendar(text: &str) -> Value {
    let mut reader = Command::new(python())
        .args(["-c", READ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    reader
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = reader.wait_with_output().unwrap();
    assert!(output.status.success(), "{text}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn calendars_read_the_meeting_and_notice_when_it_is_moved() {
    let house = House::open("").await;
    let name =
        "نشست شورا؛ دستور: بودجه, کارکنان; \\ و «برنامه‌ریزی» سال آینده با حضور همهٔ بخش‌ها 2026";
    let new = json!({ "name": name, "date_time": "2199-01-01T10:30:00Z", "duration": "90m" });
    let meeting = house.post("/api/v1/meetings", new).await;
    let guest = Guest::of(&house, &meeting);
    let fetch = async || {
        let answer = guest.get(".ics?lang=fa").await;
        assert_eq!(
            answer.headers()["content-type"],
            "text/calendar; charset=utf-8"
        );
        answer.text().await.unwrap()
    };
    let text = fetch().await;
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    let first = read_calendar(&text);
    assert_eq!(first["summary"], name);
    assert_eq!(first["url"], meeting["join_url"]);
    let description = first["description"].as_str().unwrap();
    assert!(description.ends_with(&format!("\n{}", meeting["join_url"].as_str().unwrap())));
    assert_eq!(first["start"], "2199-01-01T10:30:00+00:00");
    assert_eq!(first["end"], "2199-01-01T12:00:00+00:00");
    assert_eq!(
        (&first["alarm"], &first["action"]),
        (&json!(-600.0), &json!("DISPLAY"))
    );
    assert_eq!(
        (&first["sequence"], &first["status"]),
        (&json!(0), &json!("CONFIRMED"))
    );
    assert_eq!(fetch().await, text, "the same meeting is the same file");

    // Its number counts seconds, and it is made and moved within one here.
    let made = Clock::system().now();
    let path = format!("/api/v1/meetings/{}", meeting["id"].as_str().unwrap());
    dabir_testing::eventually("a second passes", SOON, async || {
        (Clock::system().now().duration_since(made).as_secs() >= 1).then_some(())
    })
    .await;
    let later = Some(json!({ "date_time": "2199-01-02T10:30:00Z" }));
    house.send(Method::PATCH, &path, later).await;
    let moved = read_calendar(&fetch().await);
    assert_eq!(moved["uid"], first["uid"]);
    assert_eq!(moved["start"], "2199-01-02T10:30:00+00:00");
    assert!(
        moved["sequence"].as_i64() > first["sequence"].as_i64(),
        "{moved}"
    );
    assert!(
        moved["modified"].as_str() > first["modified"].as_str(),
        "{moved}"
    );
    house.post(&format!("{path}/stop"), Value::Null).await;
    guest.sees("off").await;
    assert_eq!(read_calendar(&fetch().await)["status"], "CANCELLED");
}
