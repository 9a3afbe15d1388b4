//! A letter: what happened as real HTML and as plain text, in the reader's language and direction.

use dabir_core::encode::{html as html_of, percent};
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart, header};

use crate::choices::Item;
use crate::service::{Contact, Language};
use crate::words::{Piece, line, plain, sentence};

/// Whom a letter is for.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    pub(crate) mailbox: Mailbox,
    pub(crate) language: Language,
}

/// What is written in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    /// Where one chooses what one is written of.
    pub(crate) choices: String,
}

/// What frames the news.
struct Frame {
    lang: &'static str,
    dir: &'static str,
    many: &'static str,
    more: &'static str,
    open: &'static str,
    why: &'static str,
    choose: &'static str,
}

const PERSIAN: Frame = Frame {
    lang: "fa",
    dir: "rtl",
    many: "{n} خبر تازه در دبیر",
    more: "و {n} خبر دیگر",
    open: "دیدن",
    why: "این نامه را دریافت کردید چون در دبیر به شما مربوط است.",
    choose: "انتخاب خبرها یا لغو نامه‌ها",
};

const ENGLISH: Frame = Frame {
    lang: "en",
    dir: "ltr",
    many: "{n} new things in Dabir",
    more: "and {n} more",
    open: "Open",
    why: "You get this mail because it concerns you in Dabir.",
    choose: "Choose what you are told of, or no mail at all",
};

/// How many things one letter tells.
const MOST: usize = 50;

impl Reader {
    /// `None` when the address is none.
    pub(crate) fn new(contact: &Contact) -> Option<Self> {
        let address = contact.email.parse().ok()?;
        Some(Self {
            mailbox: Mailbox::new(
                Some(plain(&contact.name)).filter(|name| !name.is_empty()),
                address,
            ),
            language: contact.language,
        })
    }
}

impl Letter {
    /// What happened, for somebody who reads `language`. `house` is where the pages are.
    pub(crate) fn of(items: &[Item], language: Language, house: &str) -> Self {
        let frame = frame(language);
        let choices = format!("{house}/account#notifications");
        let subject = match items {
            [one] => line(one, language),
            many => frame.many.replace("{n}", &number(many.len(), language)),
        };
        let told = &items[..items.len().min(MOST)];
        let more = (items.len() > MOST).then(|| {
            frame
                .more
                .replace("{n}", &number(items.len() - MOST, language))
        });
        Self {
            text: text(told, more.as_deref(), language, house, &choices),
            html: html(&subject, told, more.as_deref(), language, house, &choices),
            subject,
            choices,
        }
    }

    /// A letter that says only that letters come.
    pub(crate) fn test(language: Language, house: &str) -> Self {
        let (subject, said) = match language {
            Language::Fa => ("نامهٔ آزمایشی دبیر", "نامه‌های دبیر می‌رسند."),
            Language::En => ("A test from Dabir", "Mail from Dabir gets through."),
        };
        let frame = frame(language);
        let body = format!("<p>{}</p>", html_of(said));
        Self {
            subject: subject.to_owned(),
            text: format!("{said}\n"),
            html: page(frame, subject, &body),
            choices: format!("{house}/account#notifications"),
        }
    }

    pub(super) fn message(
        &self,
        from: &Mailbox,
        reader: &Reader,
        id: &str,
    ) -> Result<Message, lettre::error::Error> {
        let id = format!("<{id}@{}>", from.email.domain());
        let raw = |name: &'static str, value: &str| {
            HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
        };
        let part = |kind, text: &str| SinglePart::builder().header(kind).body(text.to_owned());
        let both = MultiPart::alternative()
            .singlepart(part(header::ContentType::TEXT_PLAIN, &self.text))
            .singlepart(part(header::ContentType::TEXT_HTML, &self.html));
        Message::builder()
            .from(from.clone())
            .to(reader.mailbox.clone())
            .subject(self.subject.clone())
            .message_id(Some(id))
            .raw_header(raw("Auto-Submitted", "auto-generated"))
            .raw_header(raw("List-Unsubscribe", &format!("<{}>", self.choices)))
            .multipart(both)
    }
}

fn frame(language: Language) -> &'static Frame {
    match language {
        Language::Fa => &PERSIAN,
        Language::En => &ENGLISH,
    }
}

fn number(number: usize, language: Language) -> String {
    match language {
        Language::Fa => dabir_core::text::persian_digits(&number.to_string()),
        Language::En => number.to_string(),
    }
}

/// The page of what something is about.
fn address(item: &Item, house: &str) -> String {
    let id = percent(&item.subject_id);
    match item.subject_kind.as_str() {
        "task" => format!("{house}/tasks/{id}"),
        "document" => format!("{house}/documents/{id}"),
        "file" => format!("{house}/files/{id}"),
        "meeting" => format!("{house}/meetings/{id}"),
        "source" => format!("{house}/sync/{id}"),
        "webhook" => format!("{house}/webhooks/{id}"),
        _ => format!("{house}/"),
    }
}

fn text(
    items: &[Item],
    more: Option<&str>,
    language: Language,
    house: &str,
    choices: &str,
) -> String {
    let frame = frame(language);
    let mut out = String::new();
    for item in items {
        out += &format!("{}\n{}\n\n", line(item, language), address(item, house));
    }
    if let Some(more) = more {
        out += &format!("{more}\n\n");
    }
    out + &format!("--\n{}\n{}:\n{choices}\n", frame.why, frame.choose)
}

fn html(
    subject: &str,
    items: &[Item],
    more: Option<&str>,
    language: Language,
    house: &str,
    choices: &str,
) -> String {
    let frame = frame(language);
    let mut body = String::new();
    for item in items {
        let said: String = sentence(item, language).iter().map(marked).collect();
        let link = html_of(&address(item, house));
        let open = frame.open;
        body += &format!(
            "<p style=\"margin:0 0 16px\">{said}<br><a href=\"{link}\" style=\"color:#0b62c4\">{open}</a></p>\n"
        );
    }
    if let Some(more) = more {
        body += &format!("<p>{}</p>\n", html_of(more));
    }
    let (why, choose, choices) = (frame.why, frame.choose, html_of(choices));
    body += &format!(
        "<p style=\"margin:24px 0 0;font-size:13px;color:#555\">{why}<br>\
         <a href=\"{choices}\" style=\"color:#555\">{choose}</a></p>"
    );
    page(frame, subject, &body)
}

fn page(frame: &Frame, subject: &str, body: &str) -> String {
    let (lang, dir, title) = (frame.lang, frame.dir, html_of(subject));
    format!(
        "<!doctype html>\n<html lang=\"{lang}\" dir=\"{dir}\">\n<head><meta charset=\"utf-8\">\
         <title>{title}</title></head>\n<body style=\"margin:0;padding:24px;background:#fff\">\n\
         <div lang=\"{lang}\" dir=\"{dir}\" style=\"max-width:560px;margin:0 auto;\
         font:16px/1.7 Vazirmatn,Tahoma,Arial,sans-serif;color:#1a1a1a\">\n{body}\n</div>\n\
         </body>\n</html>\n"
    )
}

fn marked(piece: &Piece<'_>) -> String {
    match piece {
        Piece::Ours(text) => html_of(text),
        Piece::Theirs(text) => format!("<bdi>{}</bdi>", html_of(&plain(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str) -> Item {
        Item {
            event: "task.assigned".to_owned(),
            subject_kind: "task".to_owned(),
            subject_id: "t/1".to_owned(),
            subject_name: name.to_owned(),
            by_name: "Sara".to_owned(),
            at: "2026-11-22T09:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_letter_is_written_in_the_direction_of_its_reader() {
        let letter = Letter::of(&[item("گزارش")], Language::Fa, "https://dabir.example");
        assert_eq!(letter.subject, "Sara کار «گزارش» را به شما سپرد");
        assert!(letter.html.contains("<html lang=\"fa\" dir=\"rtl\">"));
        assert!(
            letter
                .html
                .contains("<bdi>Sara</bdi> کار «<bdi>گزارش</bdi>»")
        );
        assert!(letter.text.contains("https://dabir.example/tasks/t%2F1\n"));
        assert!(
            letter
                .text
                .contains("https://dabir.example/account#notifications")
        );
        let many = vec![item("a"); 73];
        let letter = Letter::of(&many, Language::Fa, "https://dabir.example");
        assert_eq!(letter.subject, "۷۳ خبر تازه در دبیر");
        assert!(letter.text.contains("و ۲۳ خبر دیگر"));
        let letter = Letter::of(&many, Language::En, "https://dabir.example");
        assert_eq!(letter.subject, "73 new things in Dabir");
    }

    #[test]
    fn names_stay_names_in_headers_and_pages() {
        let hostile = "x\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script>\"'&";
        let letter = Letter::of(&[item(hostile)], Language::En, "https://dabir.example");
        assert!(!letter.html.contains("<script>"));
        let contact = Contact {
            id: "sara".to_owned(),
            name: "Sara\r\nBcc: all@example.org".to_owned(),
            email: "sara@example.org".to_owned(),
            language: Language::En,
        };
        let reader = Reader::new(&contact).unwrap();
        let from = "Dabir <dabir@example.org>".parse().unwrap();
        let message = letter.message(&from, &reader, "1").unwrap().formatted();
        let message = String::from_utf8(message).unwrap();
        let (head, _) = message.split_once("\r\n\r\n").unwrap();
        assert!(
            head.lines()
                .all(|line| !line.to_lowercase().starts_with("bcc")),
            "{head}"
        );
        assert!(head.contains("Message-ID: <1@example.org>"), "{head}");
        assert!(head.contains("Auto-Submitted: auto-generated"));
        assert!(head.contains("List-Unsubscribe: <https://dabir.example/account#notifications>"));
        for wrong in ["", "sara", "a@b\r\nBcc: c@d"] {
            let email = wrong.to_owned();
            let contact = Contact {
                email,
                ..contact.clone()
            };
            assert!(Reader::new(&contact).is_none(), "{wrong}");
        }
    }
}
