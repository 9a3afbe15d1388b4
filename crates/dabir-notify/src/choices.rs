//! How people want to hear of what: by which channels of each event, at once or in digests.

use std::collections::BTreeMap;

use dabir_core::Timestamp;
use dabir_core::words::{named, word_of};
use dabir_db::outbox::Said;
use dabir_http::FieldError;
use jiff::tz::TimeZone;
use jiff::{ToSpan, Unit, ZonedRound};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::{CATALOGUE, EventType};

/// By which channels somebody hears of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NotificationChannels)]
pub struct Channels {
    pub inbox: bool,
    pub mail: bool,
    pub sms: bool,
}

/// When mail goes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = MailDigest)]
pub enum Digest {
    /// Each at once.
    #[default]
    None,
    Hourly,
    Daily,
}

/// How somebody wants to be written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NotificationHabits)]
pub struct Habits {
    pub digest: Digest,
    /// The hour of a daily digest, in `timezone`.
    #[schema(minimum = 0, maximum = 23)]
    pub digest_hour: i32,
    #[schema(example = "Asia/Tehran")]
    pub timezone: String,
    /// Where text messages go, with the country's code.
    #[schema(example = "+989121234567")]
    pub phone: Option<String>,
}

/// What somebody chooses; it takes the place of all that they chose before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewNotificationChoices)]
pub struct NewChoices {
    /// By the names of events; what is left out is as it is by itself.
    #[serde(default)]
    pub events: BTreeMap<String, Channels>,
    #[serde(default)]
    pub digest: Digest,
    /// The hour of a daily digest, in `timezone`; 8 when it is left out.
    #[schema(minimum = 0, maximum = 23)]
    pub digest_hour: Option<i32>,
    /// Where somebody is; the house's when it is left out.
    #[schema(example = "Asia/Tehran")]
    pub timezone: Option<String>,
    /// Where text messages go, with the country's code.
    #[schema(example = "+989121234567")]
    pub phone: Option<String>,
}

/// What somebody chose, and what there is to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NotificationChoices)]
pub struct Choices {
    pub offered: Offered,
    /// Every event that concerns people, by its name.
    pub events: BTreeMap<String, Channels>,
    #[serde(flatten)]
    pub habits: Habits,
}

/// Which channels this house has. What is chosen of others has no effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OfferedChannels)]
pub struct Offered {
    pub mail: bool,
    pub sms: bool,
}

/// Something as it is told in mails and messages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) event: String,
    pub(crate) subject_kind: String,
    pub(crate) subject_id: String,
    pub(crate) subject_name: String,
    pub(crate) by_name: String,
    pub(crate) at: Timestamp,
}

const DIGESTS: [(Digest, &str); 3] = [
    (Digest::None, "none"),
    (Digest::Hourly, "hourly"),
    (Digest::Daily, "daily"),
];

impl Digest {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&DIGESTS, self)
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        named(&DIGESTS, word)
    }
}

/// The hour of a daily digest when nobody says another one.
const MORNING: i32 = 8;

impl Habits {
    /// Those of somebody who said nothing, in a house of this zone.
    pub(crate) fn of_house(timezone: &str) -> Self {
        Self {
            digest: Digest::None,
            digest_hour: MORNING,
            timezone: timezone.to_owned(),
            phone: None,
        }
    }

    /// When mail about something that happened now goes out; `None` is at once.
    pub(crate) fn next_digest(&self, now: Timestamp) -> Option<Timestamp> {
        if self.digest == Digest::None {
            return None;
        }
        let zone = TimeZone::get(&self.timezone).unwrap_or(TimeZone::UTC);
        let local = now.to_zoned(zone);
        let this_hour = local
            .round(
                ZonedRound::new()
                    .smallest(Unit::Hour)
                    .mode(jiff::RoundMode::Trunc),
            )
            .ok()?;
        let next = match self.digest {
            Digest::None => return None,
            Digest::Hourly => this_hour.checked_add(1.hour()).ok()?,
            Digest::Daily => {
                let hour = i8::try_from(self.digest_hour).unwrap_or(0);
                let today = local.date().at(hour, 0, 0, 0);
                let today = today.to_zoned(local.time_zone().clone()).ok()?;
                if today > local {
                    today
                } else {
                    let tomorrow = local.date().tomorrow().ok()?.at(hour, 0, 0, 0);
                    tomorrow.to_zoned(local.time_zone().clone()).ok()?
                }
            }
        };
        Some(next.timestamp())
    }
}

impl EventType {
    /// By which channels those hear of it who chose nothing.
    pub(crate) fn channels(&self) -> Channels {
        Channels {
            inbox: self.concerns,
            mail: self.mail,
            sms: false,
        }
    }
}

/// By which channels those hear of an event who chose nothing.
pub(crate) fn default_channels(event: &str) -> Channels {
    let unknown = Channels {
        inbox: true,
        mail: false,
        sms: false,
    };
    EventType::find(event).map_or(unknown, EventType::channels)
}

/// Every event that concerns people, with what somebody chose of it.
pub(crate) fn whole(chosen: &BTreeMap<String, Channels>) -> BTreeMap<String, Channels> {
    let told = CATALOGUE.iter().filter(|event| event.concerns);
    told.map(|event| {
        let channels = chosen.get(event.name).copied();
        let channels = channels.unwrap_or_else(|| event.channels());
        (event.name.to_owned(), channels)
    })
    .collect()
}

impl NewChoices {
    /// How they want to be written to, in a house of this zone.
    pub(crate) fn habits(&self, timezone: &str) -> Habits {
        Habits {
            digest: self.digest,
            digest_hour: self.digest_hour.unwrap_or(MORNING),
            timezone: self.timezone.clone().unwrap_or_else(|| timezone.to_owned()),
            phone: self.phone.as_deref().and_then(dialled),
        }
    }

    /// What is not allowed in them.
    pub(crate) fn problems(&self) -> Vec<FieldError> {
        let mut problems = Vec::new();
        let mut refuse = |field: String, detail: &str| {
            let detail = detail.to_owned();
            problems.push(FieldError { field, detail });
        };
        for event in self.events.keys() {
            if !EventType::find(event).is_some_and(|event| event.concerns) {
                let field = format!("events.{}", dabir_core::text::one_line(event));
                refuse(field, "there is no such event of which people are told");
            }
        }
        if self
            .digest_hour
            .is_some_and(|hour| !(0..24).contains(&hour))
        {
            refuse("digest_hour".to_owned(), "write an hour from 0 to 23");
        }
        if self
            .timezone
            .as_deref()
            .is_some_and(|name| TimeZone::get(name).is_err())
        {
            refuse("timezone".to_owned(), "write a name such as `Asia/Tehran`");
        }
        if self
            .phone
            .as_deref()
            .is_some_and(|phone| dialled(phone).is_none())
        {
            let detail = "write the number with its country's code, such as `+989121234567`";
            refuse("phone".to_owned(), detail);
        }
        problems
    }
}

/// A number as it is dialled, however it was typed; `None` without its country's code.
fn dialled(text: &str) -> Option<String> {
    let typed = dabir_core::text::ascii_digits(text);
    let mut number: String = typed
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '\u{200e}'))
        .collect();
    if let Some(rest) = number.strip_prefix("00") {
        number = format!("+{rest}");
    }
    let digits = number.strip_prefix('+')?;
    let is_number = (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some(number)
}

impl From<&Said> for Item {
    fn from(said: &Said) -> Self {
        Self {
            event: said.event.clone(),
            subject_kind: said.subject_kind.clone(),
            subject_id: said.subject_id.clone(),
            subject_name: said.subject_name.clone(),
            by_name: said.by_name.clone(),
            at: said.at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(digest: Digest, hour: i32, now: &str, next: Option<&str>) {
        let habits = Habits {
            digest,
            digest_hour: hour,
            ..Habits::of_house("Asia/Tehran")
        };
        let found = habits.next_digest(now.parse().unwrap());
        assert_eq!(found.map(|at| at.to_string()).as_deref(), next, "{now}");
    }

    #[test]
    fn digests_come_at_whole_hours_of_the_reader() {
        use Digest::{Daily, Hourly, None as AtOnce};
        // Tehran is three hours and a half ahead.
        check(AtOnce, 8, "2026-11-22T09:10:00Z", None);
        check(
            Hourly,
            8,
            "2026-11-22T09:10:00Z",
            Some("2026-11-22T09:30:00Z"),
        );
        check(
            Hourly,
            8,
            "2026-11-22T09:30:00Z",
            Some("2026-11-22T10:30:00Z"),
        );
        check(
            Daily,
            8,
            "2026-11-22T04:29:59Z",
            Some("2026-11-22T04:30:00Z"),
        );
        check(
            Daily,
            8,
            "2026-11-22T04:30:00Z",
            Some("2026-11-23T04:30:00Z"),
        );
        check(
            Daily,
            0,
            "2026-11-22T20:00:00Z",
            Some("2026-11-22T20:30:00Z"),
        );
    }

    #[test]
    fn what_is_chosen_is_checked_field_by_field() {
        let refused = |text: &str| {
            let choices: NewChoices = serde_json::from_str(text).unwrap();
            let problems = choices.problems();
            problems.first().map(|problem| problem.field.clone())
        };
        assert_eq!(refused("{}"), None);
        let fine = r#"{"events":{"task.assigned":{"inbox":true,"mail":false,"sms":true}},"phone":"+989121234567"}"#;
        assert_eq!(refused(fine), None);
        let unknown = r#"{"events":{"backup.made":{"inbox":true,"mail":false,"sms":false}}}"#;
        assert_eq!(refused(unknown).unwrap(), "events.backup.made");
        assert_eq!(refused(r#"{"digest_hour":24}"#).unwrap(), "digest_hour");
        assert_eq!(refused(r#"{"timezone":"Mars/Base"}"#).unwrap(), "timezone");
        for phone in [
            "09121234567",
            "+98 912",
            "+98912123456789012",
            "+98912x234567",
        ] {
            let text = serde_json::json!({ "phone": phone }).to_string();
            assert_eq!(refused(&text).unwrap(), "phone");
        }
        for phone in ["+989121234567", "0098 912 123 4567", "+۹۸ (۹۱۲) ۱۲۳-۴۵۶۷"] {
            assert_eq!(dialled(phone).unwrap(), "+989121234567");
        }
    }

    #[test]
    fn what_nobody_chose_is_as_the_event_has_it() {
        let all = whole(&BTreeMap::new());
        assert!(all["task.assigned"].mail && all["task.commented"].inbox);
        assert!(!all["task.commented"].mail && !all.contains_key("backup.made"));
        assert!(default_channels("something.new").inbox);
    }
}
