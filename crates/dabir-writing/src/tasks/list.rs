//! Which tasks are asked for, in what order, and where a page of them ends.

use dabir_core::Timestamp;
use dabir_core::names::{key, needles};
use dabir_http::FieldError;
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::IntoParams;

use super::due;
use super::model::{PRIORITIES, Priority, STATUSES, Status, Task};
use crate::error::WritingError;
use crate::fields::is_id;

/// The longest question, in characters.
const MAX_QUESTION: usize = 200;
/// How many words may stand in one filter.
const MAX_WORDS: usize = 50;

/// What of the tasks is asked for; what is not given does not matter. Several words have commas
/// between them, and one of them is enough.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TaskQuery {
    /// `todo`, `doing`, `review`, `done`.
    status: Option<String>,
    /// Ids of people; `me` is the caller, `none` whatever is nobody's.
    assignee: Option<String>,
    /// However it is spelt.
    label: Option<String>,
    /// `none`, `low`, `medium`, `high`, `urgent`.
    priority: Option<String>,
    /// Due at or after this day or moment.
    due_after: Option<String>,
    /// Due before this day or moment.
    due_before: Option<String>,
    /// Not done, and due before now.
    overdue: Option<bool>,
    /// Words of the title, or the number.
    q: Option<String>,
    /// The id of a document.
    document: Option<String>,
    /// The id of a meeting.
    meeting: Option<String>,
    /// Those that were deleted, in place of those that were not.
    deleted: Option<bool>,
    /// `number`, `due`, `priority`, `updated` or `rank`; with a `-` before it the other way round.
    /// The newest come first when nothing is given.
    #[param(default = "-number")]
    sort: Option<String>,
    /// How many rows at most: 1 to 1,000, 100 when not given.
    #[param(minimum = 1, maximum = 1_000)]
    pub(super) limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
}

/// The same, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) statuses: Vec<Status>,
    /// Ids; `None` is nobody.
    pub(crate) assignees: Vec<Option<String>>,
    /// Folded.
    pub(crate) labels: Vec<String>,
    pub(crate) priorities: Vec<Priority>,
    /// In milliseconds, this one included.
    pub(crate) due_from: Option<i64>,
    /// In milliseconds, this one not included.
    pub(crate) due_before: Option<i64>,
    pub(crate) is_overdue: Option<bool>,
    /// Each word, in its spellings.
    pub(crate) words: Vec<Vec<String>>,
    /// The number that the words may be as well.
    pub(crate) number: Option<i64>,
    pub(crate) document: Option<String>,
    pub(crate) meeting: Option<String>,
    pub(crate) is_deleted: bool,
    pub(crate) sort: Sort,
    pub(crate) now: i64,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) by: SortBy,
    pub(crate) descending: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SortBy {
    Number,
    Due,
    Priority,
    Updated,
    Rank,
}

const SORTS: [(SortBy, &str); 5] = [
    (SortBy::Number, "number"),
    (SortBy::Due, "due"),
    (SortBy::Priority, "priority"),
    (SortBy::Updated, "updated"),
    (SortBy::Rank, "rank"),
];

/// What a list is sorted by, of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Number(i64),
    Text(String),
}

/// The row after which a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct After {
    pub(crate) key: Key,
    pub(crate) number: i64,
}

impl Default for Sort {
    fn default() -> Self {
        Self {
            by: SortBy::Number,
            descending: true,
        }
    }
}

impl Sort {
    fn parse(word: &str) -> Option<Self> {
        let (descending, word) = match word.strip_prefix('-') {
            Some(word) => (true, word),
            None => (false, word),
        };
        let (by, _) = SORTS.iter().find(|(_, known)| *known == word)?;
        Some(Self {
            by: *by,
            descending,
        })
    }

    fn word(self) -> String {
        let known = SORTS.iter().find(|(by, _)| *by == self.by);
        let sign = if self.descending { "-" } else { "" };
        format!("{sign}{}", known.map_or("", |(_, word)| word))
    }

    fn key(self, task: &Task, zone: &TimeZone) -> Key {
        match self.by {
            SortBy::Number => Key::Number(task.number),
            SortBy::Due => Key::Number(due::last_millis(task.due, zone)),
            SortBy::Priority => Key::Number(task.priority as i64),
            SortBy::Updated => Key::Number(task.updated_at.as_millisecond()),
            SortBy::Rank => Key::Text(task.rank.clone()),
        }
    }

    /// Where a page ends that ends with this task.
    pub(crate) fn cursor(self, task: &Task, zone: &TimeZone) -> String {
        let key = match self.key(task, zone) {
            Key::Number(number) => number.to_string(),
            Key::Text(text) => text,
        };
        format!("{}.{key}.{}", self.word(), task.number)
    }

    /// # Errors
    /// When it is none of ours, or one of a list that was sorted otherwise.
    pub(crate) fn after(self, cursor: &str) -> Result<After, WritingError> {
        self.read(cursor).ok_or_else(|| {
            let allowed =
                "pass `next_cursor` of the page before, unchanged and with the same `sort`";
            WritingError::invalid("cursor", allowed)
        })
    }

    fn read(self, cursor: &str) -> Option<After> {
        let rest = cursor.strip_prefix(&self.word())?.strip_prefix('.')?;
        let (key, number) = rest.split_once('.')?;
        let key = match self.by {
            SortBy::Rank => Key::Text(key.to_owned()).filter_plain()?,
            _ => Key::Number(key.parse().ok()?),
        };
        Some(After {
            key,
            number: number.parse().ok()?,
        })
    }
}

impl Key {
    fn filter_plain(self) -> Option<Self> {
        match &self {
            Self::Text(text) if !text.bytes().all(|b| b.is_ascii_alphanumeric()) => None,
            _ => Some(self),
        }
    }
}

/// Reads a query; every field that is wrong is named.
struct Reader<'a> {
    errors: Vec<FieldError>,
    now: Timestamp,
    zone: &'a TimeZone,
}

impl TaskQuery {
    /// What it asks for when `me` asks now.
    ///
    /// # Errors
    /// When fields have words that mean nothing.
    pub(crate) fn read(
        &self,
        me: Option<&str>,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Filter, WritingError> {
        let mut reader = Reader {
            errors: Vec::new(),
            now,
            zone,
        };
        let q = self.q.as_deref().unwrap_or_default().trim();
        reader.check_question(q);
        let statuses = reader.words("status", self.status.as_deref(), |word| {
            Status::parse(word).ok_or_else(|| one_of(STATUSES.map(|(_, word)| word)))
        });
        let priorities = reader.words("priority", self.priority.as_deref(), |word| {
            Priority::parse(word).ok_or_else(|| one_of(PRIORITIES.map(|(_, word)| word)))
        });
        let assignees = reader.words("assignee", self.assignee.as_deref(), |word| match word {
            "none" => Ok(None),
            // Whoever is no person has no tasks: no id is empty.
            "me" => Ok(Some(me.unwrap_or_default().to_owned())),
            id if is_id(id) => Ok(Some(id.to_owned())),
            _ => Err("write an id, `me` or `none`".to_owned()),
        });
        let labels = reader.words("label", self.label.as_deref(), |word| {
            Some(key(word))
                .filter(|key| !key.is_empty())
                .ok_or_else(|| "write a label".to_owned())
        });
        let filter = Filter {
            statuses,
            assignees,
            labels,
            priorities,
            due_from: reader.moment("due_after", self.due_after.as_deref()),
            due_before: reader.moment("due_before", self.due_before.as_deref()),
            is_overdue: self.overdue,
            words: q.split_whitespace().map(needles).collect(),
            number: number(q),
            document: reader.id("document", self.document.as_deref()),
            meeting: reader.id("meeting", self.meeting.as_deref()),
            is_deleted: self.deleted.unwrap_or_default(),
            sort: reader.sort(self.sort.as_deref()),
            now: now.as_millisecond(),
        };
        if reader.errors.is_empty() {
            return Ok(filter);
        }
        Err(WritingError::Invalid(reader.errors))
    }
}

fn one_of<const N: usize>(words: [&str; N]) -> String {
    format!("write some of {}", words.join(", "))
}

/// `42` or `#۴۲`.
fn number(question: &str) -> Option<i64> {
    let digits = dabir_core::text::ascii_digits(question);
    digits.strip_prefix('#').unwrap_or(&digits).parse().ok()
}

impl Reader<'_> {
    fn refuse(&mut self, field: &str, detail: impl Into<String>) {
        self.errors.push(FieldError {
            field: field.to_owned(),
            detail: detail.into(),
        });
    }

    fn words<T>(
        &mut self,
        field: &str,
        text: Option<&str>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let words = text.unwrap_or_default().split([',', '،']).map(str::trim);
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        if words.len() > MAX_WORDS {
            self.refuse(field, format!("write at most {MAX_WORDS}"));
            return Vec::new();
        }
        let read: Result<Vec<T>, String> = words.into_iter().map(read).collect();
        read.unwrap_or_else(|refused| {
            self.refuse(field, refused);
            Vec::new()
        })
    }

    fn moment(&mut self, field: &str, text: Option<&str>) -> Option<i64> {
        match due::read(text?, self.now, self.zone) {
            Ok(due) => Some(due::begin_millis(due, self.zone)),
            Err(refused) => {
                self.refuse(field, refused);
                None
            }
        }
    }

    fn id(&mut self, field: &str, text: Option<&str>) -> Option<String> {
        let text = text?;
        if !is_id(text) {
            self.refuse(field, "write an id");
        }
        Some(text.to_owned())
    }

    fn sort(&mut self, text: Option<&str>) -> Sort {
        let Some(text) = text else {
            return Sort::default();
        };
        Sort::parse(text).unwrap_or_else(|| {
            let known = SORTS.map(|(_, word)| word).join(", ");
            self.refuse("sort", format!("write one of {known}, or one with a `-`"));
            Sort::default()
        })
    }

    fn check_question(&mut self, q: &str) {
        if q.chars().nth(MAX_QUESTION).is_some() {
            self.refuse("q", format!("write at most {MAX_QUESTION} characters"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_own_order_only() {
        for by in ["number", "-due", "priority", "-updated"] {
            let sort = Sort::parse(by).unwrap();
            let after = sort.after(&format!("{by}.-5.7")).unwrap();
            assert_eq!((after.key, after.number), (Key::Number(-5), 7));
            assert!(Sort::parse("rank").unwrap().after("-due.5.7").is_err());
        }
        let rank = Sort::parse("-rank").unwrap();
        assert_eq!(
            rank.after("-rank.0i.7").unwrap().key,
            Key::Text("0i".to_owned())
        );
        for cursor in ["", "rank.0i.7", "-rank.0i", "-rank.\0.7", "-rank.0i.x"] {
            assert!(rank.after(cursor).is_err(), "{cursor:?}");
        }
    }
}
