//! What the document of a meeting's minutes says, in the language that the meeting was held in.

use dabir_meetings::Transcript;
use dabir_prose::templates::{Known, Language, Template};
use dabir_prose::{Mark, Node, ProseError};
use dabir_room::model::Poll;
use dabir_room::page::Lang;
use jiff::tz::TimeZone;

use crate::join::when;

/// The title and the text.
pub(super) fn write(of: &Transcript, zone: &TimeZone) -> Result<(String, Node), ProseError> {
    let lang = language(of);
    let minutes = of.minutes.trim();
    let known = Known {
        title: Some(of.name.clone()),
        date: Some(when(lang, zone, of.began_at, of.ended_at)),
        people: of.people.clone(),
        agenda: of.agenda.clone(),
        discussion: (!minutes.is_empty()).then(|| minutes.to_owned()),
        decisions: of.polls.iter().map(|poll| result(lang, poll)).collect(),
        ..Known::default()
    };
    let language = match lang {
        Lang::Fa => Language::Fa,
        Lang::En => Language::En,
    };
    let mut text = Template::Minutes.document(language, &known)?;
    text.content.push(link(lang, &of.meeting_id));
    let title = lang
        .pick("صورت‌جلسهٔ {name}", "Minutes of {name}")
        .replace("{name}", &of.name);
    Ok((title, text))
}

/// Persian, when anything of the meeting is in its letters.
fn language(of: &Transcript) -> Lang {
    let texts = [&of.name, &of.minutes].into_iter().chain(&of.agenda);
    let is_persian = |letter: char| ('\u{600}'..='\u{6ff}').contains(&letter);
    match texts.flat_map(|text| text.chars()).any(is_persian) {
        true => Lang::Fa,
        false => Lang::En,
    }
}

/// «ادامه بدهیم؟ بله: ۵، نه: ۲»
fn result(lang: Lang, poll: &Poll) -> String {
    let votes = poll.options.iter().map(|option| {
        let votes = lang.digits(&option.votes.to_string());
        format!("{}: {votes}", option.text)
    });
    let votes: Vec<String> = votes.collect();
    format!("{} {}", poll.question, votes.join(lang.pick("، ", ", ")))
}

fn link(lang: Lang, meeting: &str) -> Node {
    let href = format!("/meetings/{meeting}");
    let text = lang.pick("صفحهٔ جلسه", "The meeting's page");
    Node::paragraph(vec![Node::marked(text, vec![Mark::Link { href }])])
}

#[cfg(test)]
mod tests {
    use dabir_prose::{markdown, text};
    use dabir_room::model::PollOption;

    use super::*;

    fn transcript(name: &str, minutes: &str) -> Transcript {
        let option = |text: &str, votes| PollOption {
            text: text.to_owned(),
            votes,
            by: Vec::new(),
        };
        Transcript {
            meeting_id: "m1".to_owned(),
            name: name.to_owned(),
            began_at: "2026-11-21T10:00:00Z".parse().unwrap(),
            ended_at: "2026-11-21T11:30:00Z".parse().unwrap(),
            people: vec!["علی".to_owned(), "مریم".to_owned()],
            agenda: vec!["بودجه".to_owned(), "{people}".to_owned()],
            minutes: minutes.to_owned(),
            rev: 3,
            polls: vec![Poll {
                id: "p1".to_owned(),
                question: "ادامه بدهیم؟".to_owned(),
                options: vec![option("بله", 5), option("نه", 2)],
                multiple: false,
                secret: false,
                open: false,
                voters: 7,
            }],
        }
    }

    #[test]
    fn what_was_kept_of_a_meeting_stands_in_its_minutes() {
        let of = transcript("شورای پژوهش", "یک بند\n\n- **نه این**");
        let (title, doc) = write(&of, &TimeZone::UTC).unwrap();
        assert_eq!(title, "صورت‌جلسهٔ شورای پژوهش");
        let text = text::plain(&doc);
        for words in [
            "شنبه ۳۰ آبان ۱۴۰۵، ساعت ۱۰:۰۰ تا ۱۱:۳۰",
            "حاضران: علی، مریم",
            "بودجه\n{people}",
            "یک بند\nنه این",
            "ادامه بدهیم؟ بله: ۵، نه: ۲",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        let markdown = markdown::write(&doc);
        assert!(markdown.contains("- **نه این**"), "{markdown}");
        assert!(markdown.contains("](/meetings/m1)"), "{markdown}");
    }

    #[test]
    fn a_meeting_of_nothing_leaves_dots() {
        let of = Transcript {
            agenda: Vec::new(),
            polls: Vec::new(),
            ..transcript("Council", "")
        };
        let (title, doc) = write(&of, &TimeZone::UTC).unwrap();
        assert_eq!(title, "Minutes of Council");
        let text = text::plain(&doc);
        assert!(
            text.contains("Saturday 21 November 2026, 10:00–11:30"),
            "{text}"
        );
        assert!(text.contains("Discussion\n…\nDecisions\n…"), "{text}");
    }
}
