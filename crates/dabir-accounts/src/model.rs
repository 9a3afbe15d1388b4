//! People, their sessions, tokens and links; what a name and an address may be.

use std::collections::BTreeSet;

use dabir_core::text::moves_the_reader;
use dabir_core::{Secret, Span, Timestamp};
use dabir_http::{FieldError, Role, Scope};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::AccountError;

/// A language of the product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    Fa,
    En,
}

/// How somebody likes the pages. What is left out follows their language and their machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<Calendar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digits: Option<Digits>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub density: Option<Density>,
    /// Of what about clients they are told on every page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub news: Option<BTreeSet<News>>,
}

/// Something about clients that people may want to be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ClientNews)]
pub enum News {
    Blocked,
    Unblocked,
    Paused,
    Disconnected,
    /// One or a few are not heard of.
    Lost,
    /// Many are not heard of at once.
    ManyLost,
}

/// A calendar, as browsers call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Calendar {
    Persian,
    Gregory,
}

/// The shapes of digits, as browsers call them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Digits {
    /// ۰۱۲۳
    Arabext,
    /// 0123
    Latn,
}

/// Light or dark; `auto` is as the machine has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    Auto,
    Light,
    Dark,
}

/// How closely lists are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Density {
    Comfortable,
    Compact,
}

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    pub id: String,
    /// As it was written; compared without regard to case.
    pub email: String,
    pub name: String,
    pub role: Role,
    pub language: Language,
    pub preferences: Preferences,
    /// The password's hash in PHC form; `None` until an invitation is accepted.
    pub password: Option<String>,
    pub blocked: Option<Blocked>,
    pub signed_in_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Since when and why somebody may not come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Blocked {
    pub at: Timestamp,
    pub reason: String,
}

/// Somebody with an account, as the API shows them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UserView {
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub language: Language,
    pub preferences: Preferences,
    /// `null` while they may come in.
    pub blocked: Option<Blocked>,
    /// Invited, and has not set a password yet.
    pub invited: bool,
    pub signed_in_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Somebody to be invited.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    #[schema(example = "sara@example.org")]
    pub email: String,
    /// 1 to 100 characters.
    pub name: String,
    pub role: Role,
    #[serde(default)]
    pub language: Language,
    /// Left out, the answer has a link with which they choose one.
    #[schema(value_type = Option<String>)]
    pub password: Option<Secret>,
}

/// What is to be changed of somebody; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserPatch {
    pub email: Option<String>,
    pub name: Option<String>,
    /// Ends their sessions.
    pub role: Option<Role>,
    pub language: Option<Language>,
}

/// What somebody changes of themselves; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MePatch {
    pub name: Option<String>,
    pub language: Option<Language>,
    /// Takes the place of all that was chosen before.
    pub preferences: Option<Preferences>,
}

/// Whom a list shows.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UserFilter {
    /// A part of the name or of the e-mail address.
    pub query: Option<String>,
    pub role: Option<Role>,
    #[param(inline)]
    pub state: Option<UserState>,
}

/// Whether somebody may come in. Who is blocked is that alone, invited or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UserState {
    Active,
    /// Has not set a password yet.
    Invited,
    Blocked,
}

/// Somebody's session in one browser.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub id: String,
    pub user_id: String,
    /// Began by a link of the installation's owner: the password may be set without the old one.
    pub by_link: bool,
    pub address: Option<String>,
    pub agent: Option<String>,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub ends_at: Timestamp,
}

/// A session as the API shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionView {
    pub id: String,
    pub user_id: String,
    /// The one that asks.
    pub current: bool,
    /// Where it began.
    pub address: Option<String>,
    /// What the browser called itself.
    pub agent: Option<String>,
    pub created_at: Timestamp,
    /// To within five minutes.
    pub seen_at: Timestamp,
    pub ends_at: Timestamp,
}

/// A token for programs, as the API shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TokenView {
    pub id: String,
    pub user_id: String,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// To within a minute.
    pub used_at: Option<Timestamp>,
}

/// A token to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for, 1 to 100 characters.
    pub name: String,
    /// All that the owner's role allows when left out.
    pub scopes: Option<Vec<Scope>>,
    /// When it ends by itself: `90d`. Never when left out.
    #[schema(value_type = Option<String>, example = "90d")]
    pub expires: Option<Span>,
    /// Whose it is, by id or e-mail address: admins may name somebody else.
    pub user: Option<String>,
}

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// Makes the first admin.
    FirstRun,
    /// Signs the first admin in.
    Start,
    /// Lets somebody who was invited choose a password.
    Invite,
    /// Lets somebody choose a new password.
    Reset,
}

/// A link as its page shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LinkView {
    pub kind: LinkKind,
    /// Whose it is, for an invitation or a new password.
    pub email: Option<String>,
    pub name: Option<String>,
    pub expires_at: Timestamp,
}

/// What somebody fills in who accepts an invitation, or is the first.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    pub key: String,
    pub name: String,
    /// For the first admin; an invitation has one already.
    pub email: Option<String>,
    #[schema(value_type = String)]
    pub password: Secret,
    #[serde(default)]
    pub language: Language,
}

impl Language {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fa => "fa",
            Self::En => "en",
        }
    }

    pub(crate) fn parse(word: &str) -> Self {
        if word == "en" { Self::En } else { Self::Fa }
    }
}

impl UserPatch {
    /// Makes these changes.
    ///
    /// # Errors
    /// When the name or the address is not allowed.
    pub(crate) fn apply(&self, user: &mut User) -> Result<(), AccountError> {
        if let Some(email) = &self.email {
            email.trim().clone_into(&mut user.email);
        }
        if let Some(name) = &self.name {
            name.trim().clone_into(&mut user.name);
        }
        user.role = self.role.unwrap_or(user.role);
        user.language = self.language.unwrap_or(user.language);
        user.check()
    }
}

impl User {
    /// What the audit keeps of somebody.
    #[must_use]
    pub fn audited(&self) -> serde_json::Value {
        serde_json::json!({
            "email": self.email,
            "name": self.name,
            "role": self.role,
            "language": self.language,
            "blocked": self.blocked.as_ref().map(|blocked| &blocked.reason),
        })
    }

    /// Refuses a name or an address that nobody may have.
    pub(crate) fn check(&self) -> Result<(), AccountError> {
        let errors: Vec<FieldError> = [
            ("name", name_problem(&self.name)),
            ("email", email_problem(&self.email)),
        ]
        .into_iter()
        .filter_map(|(field, problem)| {
            Some(FieldError {
                field: field.to_owned(),
                detail: problem?.to_owned(),
            })
        })
        .collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(AccountError::Invalid(errors))
        }
    }
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            name: user.name,
            role: user.role,
            language: user.language,
            preferences: user.preferences,
            blocked: user.blocked,
            invited: user.password.is_none(),
            signed_in_at: user.signed_in_at,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

/// An address as accounts are found by it.
pub(crate) fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

pub(crate) fn name_problem(name: &str) -> Option<&'static str> {
    if !(1..=100).contains(&name.chars().count()) {
        return Some("a name has 1 to 100 characters");
    }
    let odd = name.chars().any(moves_the_reader);
    odd.then_some("a name has no control characters")
}

fn email_problem(email: &str) -> Option<&'static str> {
    let odd = |c: char| c.is_whitespace() || moves_the_reader(c);
    let fine = email.len() <= 254
        && !email.contains(odd)
        && email
            .split_once('@')
            .is_some_and(|(who, host)| !who.is_empty() && !host.is_empty() && !host.contains('@'));
    (!fine).then_some("this is no e-mail address; write one such as `sara@example.org`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_words() {
        for good in ["a@b", "Sara.K+x@example.org", "سارا@نمونه.ایران"] {
            assert_eq!(email_problem(good), None, "{good}");
        }
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b\n",
            "a@\u{202e}b",
        ] {
            assert!(email_problem(bad).is_some(), "{bad:?}");
        }
        assert_eq!(email_key(" Sara@Example.ORG "), "sara@example.org");
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(name_problem("سارا می‌آید"), None);
        assert!(name_problem("").is_some() && name_problem("a\nb").is_some());
        assert!(name_problem(&"x".repeat(101)).is_some());
    }
}
