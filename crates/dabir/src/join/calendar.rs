//! `/j/<slug>.ics`: the meeting for people's calendars, as RFC 5545 has it.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use dabir_meetings::invitation::{Invitation, Standing};
use jiff::Timestamp;

use super::{NO_STORE, ROBOTS};
use crate::pages::Reader;

/// A line's longest length in bytes, without its end.
const LINE: usize = 75;

pub(super) fn answer(invitation: &Invitation, reader: Reader) -> Response {
    let headers = [
        NO_STORE,
        ROBOTS,
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/calendar; charset=utf-8"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"meeting.ics\""),
        ),
    ];
    (headers, render(invitation, reader)).into_response()
}

/// The meeting as a calendar with one event. The same state gives the same bytes.
pub(super) fn render(invitation: &Invitation, reader: Reader) -> String {
    let url = &invitation.url;
    let name = escape(&invitation.name);
    let how = reader.pick(
        "برای پیوستن، این پیوند را باز کنید:",
        "Open this link to join:",
    );
    // A calendar that has the event already takes the higher number for the newer one.
    let revision = invitation
        .revised_at
        .duration_since(invitation.created_at)
        .as_secs()
        .max(0);
    let status = match invitation.standing {
        Standing::CalledOff | Standing::Missed => "CANCELLED",
        _ => "CONFIRMED",
    };
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Dabir//Meetings//EN".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@dabir", invitation.slug),
        format!("DTSTAMP:{}", utc(invitation.revised_at)),
        format!("CREATED:{}", utc(invitation.created_at)),
        format!("LAST-MODIFIED:{}", utc(invitation.revised_at)),
        format!("SEQUENCE:{revision}"),
        format!("DTSTART:{}", utc(invitation.starts_at)),
        format!("DTEND:{}", utc(invitation.ends_at)),
        format!("SUMMARY:{name}"),
        format!("DESCRIPTION:{}", escape(&format!("{how}\n{url}"))),
        format!("LOCATION:{}", escape(url)),
        format!("URL:{url}"),
        format!("STATUS:{status}"),
        "BEGIN:VALARM".to_owned(),
        "ACTION:DISPLAY".to_owned(),
        format!("DESCRIPTION:{name}"),
        "TRIGGER:-PT10M".to_owned(),
        "END:VALARM".to_owned(),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    lines.iter().map(|line| fold(line)).collect()
}

/// `20261121T103000Z`
fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,")
        .replace('\n', "\\n")
}

/// A line in pieces of at most 75 bytes, no character cut in two, each further one behind a space.
fn fold(line: &str) -> String {
    let mut folded = String::with_capacity(line.len() + 8);
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > LINE {
            folded.push_str("\r\n ");
            length = 1;
        }
        folded.push(c);
        length += c.len_utf8();
    }
    folded.push_str("\r\n");
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters() {
        let line = format!("SUMMARY:{}", "جلسهٔ هفتگی ".repeat(20));
        let folded = fold(&line);
        assert!(folded.ends_with("\r\n"));
        let pieces: Vec<&str> = folded.trim_end_matches("\r\n").split("\r\n").collect();
        assert!(pieces.iter().all(|piece| piece.len() <= LINE), "{pieces:?}");
        assert!(pieces.len() > 4 && pieces[1..].iter().all(|piece| piece.starts_with(' ')));
        assert_eq!(folded.trim_end_matches("\r\n").replace("\r\n ", ""), line);
    }

    #[test]
    fn what_separates_is_escaped() {
        assert_eq!(escape("a\\b;c,d\ne"), "a\\\\b\\;c\\,d\\ne");
    }
}
