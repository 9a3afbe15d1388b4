//! `dabir task …`: what is to be done, by whom, until when.

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::api::{Api, escape};
use super::output::{cell, table};
use super::{Context, Failure, Output};

#[derive(Debug, Args)]
pub(crate) struct TaskArgs {
    #[command(subcommand)]
    command: TaskCommand,
}

#[derive(Debug, Subcommand)]
enum TaskCommand {
    /// List tasks, those that are due first.
    List {
        /// Only those that are `todo`, `doing`, `review` or `done`; several with commas between them.
        #[arg(long, value_name = "STATUS,…")]
        status: Option<String>,
        /// Only those with these words in their title.
        #[arg(long, value_name = "WORDS")]
        search: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
        limit: u32,
    },
    /// Show one task with what was said about it.
    Show {
        /// The number or the id.
        task: String,
    },
    /// Make a task.
    Add {
        title: String,
        #[command(flatten)]
        fields: Fields,
    },
    /// Change a task.
    Set {
        /// The number or the id.
        task: String,
        #[arg(long)]
        title: Option<String>,
        #[command(flatten)]
        fields: Fields,
    },
    /// Say that a task is done.
    Done {
        /// The number or the id.
        task: String,
    },
    /// Say something about a task.
    Comment {
        /// The number or the id.
        task: String,
        text: String,
    },
    /// Delete a task; it can be restored for 30 days.
    Remove {
        /// The number or the id.
        task: String,
    },
    /// Bring a deleted task back.
    Restore {
        /// The id.
        task: String,
    },
}

/// What a task may have.
#[derive(Debug, Args)]
struct Fields {
    /// `todo`, `doing`, `review` or `done`.
    #[arg(long)]
    status: Option<String>,
    /// `none`, `low`, `medium`, `high` or `urgent`.
    #[arg(long)]
    priority: Option<String>,
    /// A day or a time, such as `2026-12-01`, `next Sat` or `فردا ۱۰`; empty for none.
    #[arg(long, value_name = "WHEN")]
    due: Option<String>,
    /// Who is to do it: the ids of people; several with commas between them, empty for nobody.
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    assign: Option<Vec<String>>,
    /// Several with commas between them; empty for none.
    #[arg(long, value_name = "LABEL,…", value_delimiter = ',')]
    label: Option<Vec<String>>,
    /// More about it, in Markdown.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

const TASKS: &str = "/api/v1/tasks";
/// How many comments are shown.
const COMMENTS: usize = 20;
/// Keys of a task that a person looks for, in this order; of them, those that it has.
const KEYS: [&str; 10] = [
    "number",
    "id",
    "title",
    "status",
    "priority",
    "due",
    "labels",
    "description",
    "created_at",
    "updated_at",
];

pub(crate) async fn run(args: TaskArgs, context: &Context) -> Result<(), Failure> {
    let api = Api::of(context).await?;
    execute(args.command, &api, context.output).await
}

async fn execute(command: TaskCommand, api: &Api, output: Output) -> Result<(), Failure> {
    let at = |task: &str| format!("{TASKS}/{}", escape(task));
    match command {
        TaskCommand::List {
            status,
            search,
            limit,
        } => {
            let given = [("status", status), ("q", search)].into_iter();
            let given = given.filter_map(|(key, value)| Some((key, value?)));
            let query: String = given
                .map(|(key, value)| format!("&{key}={}", escape(&value)))
                .collect();
            let page = api
                .get(&format!("{TASKS}?sort=due&limit={limit}{query}"))
                .await?;
            output.show(&page, list)
        }
        TaskCommand::Show { task } => {
            let mut found = api.get(&at(&task)).await?;
            let comments = format!("{}/comments?limit=1000", at(&task));
            found["said"] = api.get_all(&comments).await?.into();
            output.show(&found, detail)
        }
        TaskCommand::Add { title, fields } => {
            let body = fields.body(Some(title));
            output.show(&api.post(TASKS, &body).await?, detail)
        }
        TaskCommand::Set {
            task,
            title,
            fields,
        } => {
            let body = fields.body(title);
            output.show(&api.patch(&at(&task), &body).await?, detail)
        }
        TaskCommand::Done { task } => {
            let body = json!({ "status": "done" });
            output.show(&api.patch(&at(&task), &body).await?, detail)
        }
        TaskCommand::Comment { task, text } => {
            let path = format!("{}/comments", at(&task));
            let said = api.post(&path, &json!({ "text": text })).await?;
            output.show(&said, |_| format!("said about task {task}"))
        }
        TaskCommand::Remove { task } => {
            let gone = api.delete(&at(&task)).await?;
            output.show(&gone, |_| {
                format!("task {task} is deleted; it can be restored for 30 days")
            })
        }
        TaskCommand::Restore { task } => {
            let path = format!("{}/restore", at(&task));
            output.show(&api.post(&path, &Value::Null).await?, detail)
        }
    }
}

impl Fields {
    fn body(self, title: Option<String>) -> Value {
        let word = |text: Option<String>| text.map(Value::from);
        // One empty word empties the list.
        let list = |words: Option<Vec<String>>| {
            let words = words?.into_iter().filter(|word| !word.is_empty());
            Some(Value::from(words.collect::<Vec<_>>()))
        };
        // An empty day takes the day away.
        let due = self.due.map(|due| match due.is_empty() {
            true => Value::Null,
            false => Value::from(due),
        });
        let given = [
            ("title", word(title)),
            ("status", word(self.status)),
            ("priority", word(self.priority)),
            ("due", due),
            ("assignees", list(self.assign)),
            ("labels", list(self.label)),
            ("description", word(self.description)),
        ];
        let given = given.into_iter();
        let given = given.filter_map(|(key, value)| Some((key.to_owned(), value?)));
        Value::Object(Map::from_iter(given))
    }
}

fn list(page: &Value) -> String {
    let tasks = page["items"].as_array().cloned().unwrap_or_default();
    if tasks.is_empty() {
        return "no such tasks".to_owned();
    }
    let mut table = table(&["number", "title", "status", "priority", "due", "for"]);
    for task in &tasks {
        table.add_row([
            cell(&task["number"]),
            cell(&task["title"]),
            cell(&task["status"]),
            cell(&task["priority"]),
            cell(&task["due"]),
            names(&task["assignees"], &page["people"]),
        ]);
    }
    let more = match page["next_cursor"].is_null() {
        true => "",
        false => "\n… and more; raise --limit or narrow it",
    };
    format!("{}{more}", table.trim_fmt())
}

/// What those are called who have these ids.
fn names(ids: &Value, people: &Value) -> String {
    let people = people.as_array().cloned().unwrap_or_default();
    let name = |id: &Value| {
        let known = people.iter().find(|person| person["id"] == *id);
        cell(known.map_or(id, |person| &person["name"]))
    };
    let names: Vec<String> = ids.as_array().into_iter().flatten().map(name).collect();
    match names.is_empty() {
        true => "–".to_owned(),
        false => names.join(", "),
    }
}

fn detail(task: &Value) -> String {
    let is_there = |key: &&str| {
        let value = &task[*key];
        !value.is_null() && value != "" && value != &json!([])
    };
    let mut text: String = KEYS
        .into_iter()
        .filter(is_there)
        .map(|key| format!("{key:<12} {}\n", shown(&task[key])))
        .collect();
    if task["assignees"]
        .as_array()
        .is_some_and(|ids| !ids.is_empty())
    {
        let names = names(&task["assignees"], &task["people"]);
        text.push_str(&format!("{:<12} {names}\n", "for"));
    }
    for check in task["checklist"].as_array().into_iter().flatten() {
        let mark = if check["done"] == true { "x" } else { " " };
        text.push_str(&format!("[{mark}] {}\n", cell(&check["text"])));
    }
    let said = task["said"].as_array().cloned().unwrap_or_default();
    for comment in &said[said.len().saturating_sub(COMMENTS)..] {
        text.push_str(&format!(
            "{} {}: {}\n",
            cell(&comment["created_at"]),
            cell(&comment["by"]["name"]),
            cell(&comment["text"]),
        ));
    }
    text
}

fn shown(value: &Value) -> String {
    match value.as_array() {
        Some(list) => list.iter().map(cell).collect::<Vec<_>>().join(", "),
        None => cell(value),
    }
}
