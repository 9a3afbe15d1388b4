//! `dabir user …`: accounts for people.

use std::io::Read;

use clap::{Args, Subcommand};
use dabir_http::Role;
use serde_json::{Value, json};

use super::api::{Api, escape};
use super::output::table;
use super::{Context, Failure};

#[derive(Debug, Args)]
pub(crate) struct UserArgs {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Make an account, and print the invitation with which its person chooses a password.
    Create {
        #[arg(long)]
        email: String,
        /// participant, writer, auditor, operator or admin.
        #[arg(long, value_parser = parse_role)]
        role: Role,
        /// What others see; the first part of the address when not given.
        #[arg(long)]
        name: Option<String>,
        /// Read the password from standard input instead of inviting.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List accounts, by e-mail address.
    List {
        /// A part of the name or of the address.
        #[arg(long)]
        query: Option<String>,
        #[arg(long, value_parser = parse_role)]
        role: Option<Role>,
    },
    /// Keep somebody out: their sessions and rooms end within a second.
    Disable {
        /// An id or e-mail address.
        user: String,
        /// They are told it when they try to sign in.
        #[arg(long, default_value = "disabled by the operator")]
        reason: String,
    },
    /// Let somebody in again.
    Enable {
        /// An id or e-mail address.
        user: String,
    },
}

fn parse_role(word: &str) -> Result<Role, String> {
    let hint = "write participant, writer, auditor, operator or admin";
    Role::parse(word).ok_or_else(|| format!("`{word}` is no role; {hint}"))
}

pub(crate) async fn run(args: UserArgs, context: &Context) -> Result<(), Failure> {
    match args.command {
        UserCommand::Create {
            email,
            role,
            name,
            password_stdin,
        } => {
            let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or_default().into());
            let mut new = json!({ "email": email, "name": name, "role": role });
            if password_stdin {
                new["password"] = read_password()?.into();
            }
            create(&new, context).await
        }
        UserCommand::List { query, role } => list(query.as_deref(), role, context).await,
        UserCommand::Disable { user, reason } => {
            let body = json!({ "reason": reason });
            turn(&user, "block", &body, context).await
        }
        UserCommand::Enable { user } => turn(&user, "unblock", &Value::Null, context).await,
    }
}

/// The first line of standard input.
fn read_password() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(Failure::from_error)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

async fn create(new: &Value, context: &Context) -> Result<(), Failure> {
    let made = Api::of(context).await?.post("/api/v1/users", new).await?;
    context.output.show(&made, |made| {
        let word = |key: &str| made[key].as_str().unwrap_or_default().to_owned();
        match made["invitation"].as_str() {
            Some(link) => link.to_owned(),
            None => format!("{} {}", word("id"), word("email")),
        }
    })
}

async fn list(query: Option<&str>, role: Option<Role>, context: &Context) -> Result<(), Failure> {
    let api = Api::of(context).await?;
    let mut path = "/api/v1/users?limit=1000".to_owned();
    if let Some(query) = query {
        path += &format!("&query={}", escape(query));
    }
    if let Some(role) = role {
        path += &format!("&role={}", role.as_str());
    }
    let users = api.get_all(&path).await?;
    let shown = json!({ "items": users });
    context.output.show(&shown, |_| {
        let mut rows = table(&["id", "e-mail", "name", "role", "state", "signed in"]);
        for user in &users {
            let word = |key: &str| user[key].as_str().unwrap_or("–").to_owned();
            let state = match (user["blocked"].is_object(), &user["invited"]) {
                (true, _) => "blocked",
                (false, Value::Bool(true)) => "invited",
                _ => "active",
            };
            rows.add_row([
                word("id"),
                word("email"),
                word("name"),
                word("role"),
                state.to_owned(),
                word("signed_in_at"),
            ]);
        }
        rows.to_string()
    })
}

async fn turn(user: &str, what: &str, body: &Value, context: &Context) -> Result<(), Failure> {
    let path = format!("/api/v1/users/{}/{what}", escape(user));
    let user = Api::of(context).await?.post(&path, body).await?;
    context.output.show(&user, |user| {
        let state = if user["blocked"].is_object() {
            "blocked"
        } else {
            "active"
        };
        format!("{} {state}", user["email"].as_str().unwrap_or_default())
    })
}
