//! `[auth]` and `[limits]`: who may come, for how long, and how often.

use dabir_core::Span;
use dabir_core::setting::{Kind, Setting, out_of_bounds};
use dabir_http::{Rate, Role};
use serde::{Deserialize, Serialize};

/// `[auth]`: registration, and how long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    pub registration: Registration,
    /// A session that is not used for this long ends.
    pub idle: Span,
    /// No session lasts longer than this.
    pub life: Span,
    /// The same for operators, auditors and admins, who can do or see more.
    pub privileged_idle: Span,
    pub privileged_life: Span,
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Those whom an admin invites.
    Closed,
    /// Everybody, as a participant.
    Open,
}

/// `[limits]`: how often somebody may ask. A rate can be raised or lowered, and not be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// The API, for an address that is not signed in.
    pub stranger: Rate,
    /// What guesses secrets, for one address, and for one account from wherever.
    pub auth: Rate,
    /// The API, for one person or token.
    pub person: Rate,
    /// Pages and their files for one address, behind which a whole school may be.
    pub pages: Rate,
    /// Ways into rooms for one address. What is said in a room is the room's to limit.
    pub joins: Rate,
}

impl Default for AuthConfig {
    fn default() -> Self {
        const DAY: u64 = 86_400;
        Self {
            registration: Registration::Closed,
            idle: Span::from_secs(14 * DAY),
            life: Span::from_secs(30 * DAY),
            privileged_idle: Span::from_secs(DAY / 2),
            privileged_life: Span::from_secs(7 * DAY),
        }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        let rate = |per_second, burst| Rate { per_second, burst };
        Self {
            stranger: rate(10, 20),
            auth: rate(5, 10),
            person: rate(50, 200),
            // A thousand people behind one address load a page of ten files, or come back after a
            // cut, within a few seconds.
            pages: rate(500, 10_000),
            joins: rate(50, 2_000),
        }
    }
}

/// How long a session may be let last.
const LIVES: Kind = Kind::Duration(Span::from_secs(600), Span::from_secs(3_650 * 86_400));
const TIMES: Kind = Kind::Integer(1, 1_000_000);

impl AuthConfig {
    /// Every key of `[auth]`.
    pub const SETTINGS: &'static [Setting] = &[
        Setting::live("registration", Kind::Choice(&["closed", "open"])),
        Setting::live("idle", LIVES),
        Setting::live("life", LIVES),
        Setting::live("privileged_idle", LIVES),
        Setting::live("privileged_life", LIVES),
    ];

    /// How long a session of this role lasts: unused, and at all.
    #[must_use]
    pub fn session_life(&self, role: Role) -> (Span, Span) {
        match role {
            Role::Participant | Role::Writer => (self.idle, self.life),
            Role::Auditor | Role::Operator | Role::Admin => {
                (self.privileged_idle, self.privileged_life)
            }
        }
    }

    /// Values that have the right type and make no sense: the key, and what is allowed.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        out_of_bounds(Self::SETTINGS, self)
    }
}

impl LimitsConfig {
    /// Every key of `[limits]`.
    pub const SETTINGS: &'static [Setting] = &[
        Setting::live("stranger.per_second", TIMES),
        Setting::live("stranger.burst", TIMES),
        Setting::live("auth.per_second", TIMES),
        Setting::live("auth.burst", TIMES),
        Setting::live("person.per_second", TIMES),
        Setting::live("person.burst", TIMES),
        Setting::live("pages.per_second", TIMES),
        Setting::live("pages.burst", TIMES),
        Setting::live("joins.per_second", TIMES),
        Setting::live("joins.burst", TIMES),
    ];

    /// As [`AuthConfig::problems`].
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        out_of_bounds(Self::SETTINGS, self)
    }
}
