//! What happened, in the words of the reader.

use crate::choices::Item;
use crate::service::Language;

/// What is said of each event, in Persian and English. `{by}` is who did it, `{it}` what it is about.
const SENTENCES: [(&str, &str, &str); 22] = [
    (
        "task.created",
        "{by} کار «{it}» را ساخت",
        "{by} made the task “{it}”",
    ),
    (
        "task.changed",
        "{by} کار «{it}» را تغییر داد",
        "{by} changed the task “{it}”",
    ),
    (
        "task.assigned",
        "{by} کار «{it}» را به شما سپرد",
        "{by} gave you the task “{it}”",
    ),
    (
        "task.completed",
        "{by} کار «{it}» را انجام داد",
        "{by} completed the task “{it}”",
    ),
    (
        "task.reopened",
        "{by} کار «{it}» را دوباره باز کرد",
        "{by} opened the task “{it}” again",
    ),
    (
        "task.due",
        "زمان کار «{it}» رسیده است",
        "The task “{it}” is due",
    ),
    (
        "task.commented",
        "{by} دربارهٔ کار «{it}» نوشت",
        "{by} wrote about the task “{it}”",
    ),
    (
        "task.mentioned",
        "{by} در کار «{it}» از شما نام برد",
        "{by} named you at the task “{it}”",
    ),
    (
        "task.deleted",
        "{by} کار «{it}» را حذف کرد",
        "{by} removed the task “{it}”",
    ),
    (
        "document.changed",
        "{by} سند «{it}» را تغییر داد",
        "{by} changed the document “{it}”",
    ),
    (
        "document.deleted",
        "{by} سند «{it}» را حذف کرد",
        "{by} removed the document “{it}”",
    ),
    (
        "document.shared",
        "{by} سند «{it}» را با شما هم‌رسانی کرد",
        "{by} shared the document “{it}” with you",
    ),
    (
        "document.commented",
        "{by} دربارهٔ سند «{it}» نوشت",
        "{by} wrote about the document “{it}”",
    ),
    (
        "document.mentioned",
        "{by} در سند «{it}» از شما نام برد",
        "{by} named you in the document “{it}”",
    ),
    (
        "file.analysed",
        "بررسی پروندهٔ «{it}» تمام شد",
        "The file “{it}” has been analysed",
    ),
    (
        "file.failed",
        "پروندهٔ «{it}» خوانده نشد",
        "The file “{it}” could not be read",
    ),
    (
        "sync.failed",
        "همگام‌سازی «{it}» ناموفق بود",
        "The source “{it}” could not be synced",
    ),
    (
        "sync.recovered",
        "همگام‌سازی «{it}» دوباره کار می‌کند",
        "The source “{it}” works again",
    ),
    (
        "sync.late",
        "«{it}» مدتی است همگام نشده است",
        "The source “{it}” has not been synced for long",
    ),
    (
        "backup.failed",
        "پشتیبان‌گیری ناموفق بود",
        "A backup could not be made",
    ),
    (
        "webhook.paused",
        "ارسال به وب‌هوک «{it}» پس از چند روز ناموفق متوقف شد",
        "Nothing more is sent to the webhook “{it}”, which failed for days",
    ),
    (
        "webhook.gone",
        "وب‌هوک «{it}» دیگر پاسخ نمی‌دهد و خاموش شد",
        "The webhook “{it}” is gone and was turned off",
    ),
];

/// A piece of a sentence: ours, or somebody's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Ours(&'a str),
    Theirs(&'a str),
}

/// What is said of something, piece by piece.
pub(crate) fn sentence<'a>(item: &'a Item, language: Language) -> Vec<Piece<'a>> {
    let known = SENTENCES.iter().find(|(event, ..)| *event == item.event);
    let pattern = match (known, language) {
        (Some((_, fa, _)), Language::Fa) => fa,
        (Some((.., en)), Language::En) => en,
        (None, Language::Fa) => "«{it}» تغییر کرد",
        (None, Language::En) => "“{it}” changed",
    };
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some((ours, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        pieces.push(Piece::Ours(ours));
        pieces.push(Piece::Theirs(match name {
            "by" => &item.by_name,
            _ => &item.subject_name,
        }));
        rest = after;
    }
    pieces.push(Piece::Ours(rest));
    pieces.retain(|piece| *piece != Piece::Ours(""));
    pieces
}

/// What is said of something, as one line of plain text.
pub(crate) fn line(item: &Item, language: Language) -> String {
    let pieces = sentence(item, language);
    let plain = |piece: &Piece<'_>| match piece {
        Piece::Ours(text) => (*text).to_owned(),
        Piece::Theirs(text) => plain(text),
    };
    pieces.iter().map(plain).collect()
}

/// Somebody's words without what moves the reader: line breaks, changes of direction.
pub(crate) fn plain(text: &str) -> String {
    let kept = text
        .chars()
        .filter(|c| !dabir_core::text::moves_the_reader(*c));
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::CATALOGUE;

    fn item(event: &str) -> Item {
        Item {
            event: event.to_owned(),
            subject_kind: "task".to_owned(),
            subject_id: "t1".to_owned(),
            subject_name: "صورت‌جلسه\r\nBcc: x\u{202e}".to_owned(),
            by_name: "Sara {it}".to_owned(),
            at: "2026-11-22T09:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn names_cannot_break_out_of_a_sentence() {
        assert_eq!(
            line(&item("task.assigned"), Language::En),
            "Sara {it} gave you the task “صورت‌جلسهBcc: x”"
        );
        let pieces = item("task.assigned");
        let pieces = sentence(&pieces, Language::Fa);
        assert_eq!(pieces[0], Piece::Theirs("Sara {it}"));
        assert_eq!(pieces[1], Piece::Ours(" کار «"));
        assert!(line(&item("a.new"), Language::En).ends_with("” changed"));
    }

    #[test]
    fn whatever_concerns_people_is_said_in_both_languages() {
        for event in CATALOGUE.iter().filter(|event| event.concerns) {
            let said = SENTENCES.iter().any(|(name, ..)| *name == event.name);
            assert!(said, "{}", event.name);
        }
    }
}
