//! Pages of tasks: one statement, whatever is asked for.

use dabir_db::Question;
use sea_orm::{ConnectionTrait, DbErr, Value};

use super::task;
use crate::tasks::list::{After, Filter, Key, SortBy};
use crate::tasks::model::{Status, Task};

/// The first rows after `after`, at most so many.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    after: Option<&After>,
    limit: u32,
) -> Result<Vec<Task>, DbErr> {
    let which = if filter.is_deleted {
        "IS NOT NULL"
    } else {
        "IS NULL"
    };
    let mut question = Question::new(format!("FROM task WHERE deleted_at {which}"));
    narrow(&mut question, filter);
    if let Some(after) = after {
        begin_after(&mut question, filter, after);
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
    question.sql.push_str(&end);
    task::ask(db, question).await
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

fn is_in(question: &mut Question, column: &str, values: impl Iterator<Item = Value>) {
    let places = question.values(values);
    if !places.is_empty() {
        question.and(&format!("{column} IN ({places})"));
    }
}

fn narrow(question: &mut Question, filter: &Filter) {
    // Named so that no index is used for it where the list is in another order: SQLite keeps no
    // statistics, and would sort every task of a status instead of walking the one in order.
    let status = match filter.sort.by {
        SortBy::Rank => "status",
        _ => "COALESCE(status, '')",
    };
    let words = filter.statuses.iter().map(|status| status.as_str().into());
    is_in(question, status, words);
    let numbers = filter.priorities.iter().map(|one| (*one as i32).into());
    is_in(question, "COALESCE(priority, 0)", numbers);
    assigned(question, filter);
    tagged(question, "label", &filter.labels);
    tagged(question, "document", filter.document.as_slice());
    tagged(question, "meeting", filter.meeting.as_slice());
    due(question, filter);
    titled(question, filter);
}

fn tagged(question: &mut Question, kind: &str, tags: &[String]) {
    if !tags.is_empty() {
        let condition = has_tag(question, kind, tags);
        question.and(&condition);
    }
}

fn has_tag(question: &mut Question, kind: &str, tags: &[String]) -> String {
    let places = question.values(tags.iter().map(|tag| tag.as_str().into()));
    format!("id IN (SELECT task_id FROM task_tag WHERE kind = '{kind}' AND value IN ({places}))")
}

fn assigned(question: &mut Question, filter: &Filter) {
    if filter.assignees.is_empty() {
        return;
    }
    let ids: Vec<String> = filter.assignees.iter().flatten().cloned().collect();
    let mut ways = Vec::new();
    if !ids.is_empty() {
        ways.push(has_tag(question, "assignee", &ids));
    }
    if ids.len() < filter.assignees.len() {
        ways.push("assignees = '[]'".to_owned());
    }
    question.and(&format!("({})", ways.join(" OR ")));
}

fn due(question: &mut Question, filter: &Filter) {
    if let Some(from) = filter.due_from {
        let from = question.value(from);
        let never = question.value(crate::tasks::due::NEVER);
        question.and(&format!("due_at >= {from} AND due_at < {never}"));
    }
    if let Some(before) = filter.due_before {
        let before = question.value(before);
        question.and(&format!("due_at < {before}"));
    }
    if let Some(is_overdue) = filter.is_overdue {
        let now = question.value(filter.now);
        let done = question.value(Status::Done.as_str());
        let not = if is_overdue { "" } else { "NOT " };
        question.and(&format!(
            "{not}(due_at < {now} AND COALESCE(status, '') <> {done})"
        ));
    }
}

/// Every word has to be in the title, in one of its spellings; or it is the number.
fn titled(question: &mut Question, filter: &Filter) {
    let title = question.words("search", &filter.words);
    let number = filter.number.map(|number| question.value(number));
    let number = number.map(|number| format!("number = {number}"));
    let ways: Vec<String> = title.into_iter().chain(number).collect();
    if !ways.is_empty() {
        question.and(&format!("({})", ways.join(" OR ")));
    }
}

fn begin_after(question: &mut Question, filter: &Filter, after: &After) {
    let than = if filter.sort.descending { "<" } else { ">" };
    let number = question.value(after.number);
    if filter.sort.by == SortBy::Number {
        return question.and(&format!("number {than} {number}"));
    }
    let key = match &after.key {
        Key::Number(key) => question.value(*key),
        Key::Text(key) => question.value(key.as_str()),
    };
    let column = column(filter.sort.by);
    question.and(&format!("({column}, number) {than} ({key}, {number})"));
}
