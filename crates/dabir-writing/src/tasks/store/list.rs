//! Pages of tasks: one statement, whatever is asked for.

use sea_orm::{ConnectionTrait, DbErr, Value};

use super::{places, query, task};
use crate::tasks::list::{After, Filter, Key, SortBy};
use crate::tasks::model::{Status, Task};

/// A statement that is being written, and its values.
struct Question {
    sql: String,
    values: Vec<Value>,
}

/// The first rows after `after`, at most so many.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    after: Option<&After>,
    limit: u32,
) -> Result<Vec<Task>, DbErr> {
    let mut question = Question {
        sql: format!("{} WHERE deleted_at IS NULL", task::select()),
        values: Vec::new(),
    };
    if filter.is_deleted {
        question.sql = format!("{} WHERE deleted_at IS NOT NULL", task::select());
    }
    question.narrow(filter);
    if let Some(after) = after {
        question.begin_after(filter, after);
    }
    let order = if filter.sort.descending {
        "DESC"
    } else {
        "ASC"
    };
    let column = column(filter.sort.by);
    let end = match filter.sort.by {
        SortBy::Number => format!(" ORDER BY number {order} LIMIT {limit}"),
        _ => format!(" ORDER BY {column} {order}, number {order} LIMIT {limit}"),
    };
    let rows = query(db, question.sql + &end, question.values).await?;
    rows.iter().map(task::read).collect()
}

fn column(by: SortBy) -> &'static str {
    match by {
        SortBy::Number => "number",
        SortBy::Due => "due_at",
        SortBy::Priority => "priority",
        SortBy::Updated => "updated_at",
        SortBy::Rank => "rank",
    }
}

impl Question {
    /// The place of a value.
    fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn and(&mut self, condition: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
    }

    fn is_in(&mut self, column: &str, values: impl Iterator<Item = Value>) {
        let first = self.values.len() + 1;
        self.values.extend(values);
        let places = places(first, self.values.len() + 1 - first);
        if !places.is_empty() {
            self.and(&format!("{column} IN ({places})"));
        }
    }

    fn narrow(&mut self, filter: &Filter) {
        // Named so that no index is used for it where the list is in another order: SQLite keeps no
        // statistics, and would sort every task of a status instead of walking the one in order.
        let status = match filter.sort.by {
            SortBy::Rank => "status",
            _ => "COALESCE(status, '')",
        };
        let words = filter.statuses.iter().map(|status| status.as_str().into());
        self.is_in(status, words);
        let numbers = filter.priorities.iter().map(|one| (*one as i32).into());
        self.is_in("COALESCE(priority, 0)", numbers);
        self.assigned(filter);
        self.tagged("label", &filter.labels);
        self.tagged("document", filter.document.as_slice());
        self.tagged("meeting", filter.meeting.as_slice());
        self.due(filter);
        self.titled(filter);
    }

    fn tagged(&mut self, kind: &str, tags: &[String]) {
        if !tags.is_empty() {
            let condition = self.has_tag(kind, tags);
            self.and(&condition);
        }
    }

    fn has_tag(&mut self, kind: &str, tags: &[String]) -> String {
        let first = self.values.len() + 1;
        self.values
            .extend(tags.iter().map(|tag| tag.as_str().into()));
        let places = places(first, tags.len());
        format!(
            "id IN (SELECT task_id FROM task_tag WHERE kind = '{kind}' AND value IN ({places}))"
        )
    }

    fn assigned(&mut self, filter: &Filter) {
        if filter.assignees.is_empty() {
            return;
        }
        let ids: Vec<String> = filter.assignees.iter().flatten().cloned().collect();
        let mut ways = Vec::new();
        if !ids.is_empty() {
            ways.push(self.has_tag("assignee", &ids));
        }
        if ids.len() < filter.assignees.len() {
            ways.push("assignees = '[]'".to_owned());
        }
        self.and(&format!("({})", ways.join(" OR ")));
    }

    fn due(&mut self, filter: &Filter) {
        if let Some(from) = filter.due_from {
            let from = self.value(from);
            let never = self.value(crate::tasks::due::NEVER);
            self.and(&format!("due_at >= {from} AND due_at < {never}"));
        }
        if let Some(before) = filter.due_before {
            let before = self.value(before);
            self.and(&format!("due_at < {before}"));
        }
        if let Some(is_overdue) = filter.is_overdue {
            let now = self.value(filter.now);
            let done = self.value(Status::Done.as_str());
            let not = if is_overdue { "" } else { "NOT " };
            self.and(&format!(
                "{not}(due_at < {now} AND COALESCE(status, '') <> {done})"
            ));
        }
    }

    /// Every word has to be in the title, in one of its spellings; or it is the number.
    fn titled(&mut self, filter: &Filter) {
        let mut words = Vec::new();
        for spellings in &filter.words {
            let ways = spellings.iter().map(|spelling| {
                let pattern = self.value(pattern(spelling));
                format!("search LIKE {pattern} ESCAPE '\\'")
            });
            let ways: Vec<String> = ways.collect();
            if !ways.is_empty() {
                words.push(format!("({})", ways.join(" OR ")));
            }
        }
        let title = words.join(" AND ");
        match filter.number {
            Some(number) => {
                let number = self.value(number);
                self.and(&format!("({title} OR number = {number})"));
            }
            None if !words.is_empty() => self.and(&title),
            None => {}
        }
    }

    fn begin_after(&mut self, filter: &Filter, after: &After) {
        let than = if filter.sort.descending { "<" } else { ">" };
        let number = self.value(after.number);
        if filter.sort.by == SortBy::Number {
            return self.and(&format!("number {than} {number}"));
        }
        let key = match &after.key {
            Key::Number(key) => self.value(*key),
            Key::Text(key) => self.value(key.as_str()),
        };
        let column = column(filter.sort.by);
        self.and(&format!("({column}, number) {than} ({key}, {number})"));
    }
}

/// What has this text in it, in which `%` and `_` stand for themselves.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
