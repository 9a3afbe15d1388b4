//! How a client stands: facts, the state that follows from them, and which orders are obeyed.
//!
//! | order | refused when | leads to |
//! |---|---|---|
//! | connect | blocked | connected |
//! | lose | not connected | lost: no heartbeat came |
//! | disconnect | not connected | away |
//! | pause | blocked | paused, connected or not |
//! | resume | not paused | as connected as before |
//! | block | – | blocked, whatever else |
//! | unblock | not blocked | paused if a pause still stands, else as connected as before |

use dabir_core::Timestamp;
use serde::{Deserialize, Serialize};

/// What everybody sees of a client. The first of these that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientState {
    /// Kept out.
    Blocked,
    /// May listen only.
    Paused,
    /// Connected.
    Active,
    /// Was connected, and no heartbeat came; not for long enough to be gone.
    ConnectionError,
    /// Not connected.
    Deactivated,
}

/// How a client is connected, all places taken together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    #[default]
    Away,
    Connected,
    Lost,
}

/// A pause or a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub reason: String,
    /// When it ends by itself; never when `None`.
    pub until: Option<Timestamp>,
    pub by: String,
    pub at: Timestamp,
}

/// What is known of a client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether the house knows them. Orders stand for names that it does not know, too.
    pub is_available: bool,
    pub presence: Presence,
    pub pause: Option<Order>,
    pub block: Option<Order>,
}

/// Something that happens to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Connect,
    Lose,
    Disconnect,
    Pause(Order),
    Resume,
    Block(Order),
    Unblock,
}

/// Why a command is not obeyed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("they are blocked: {reason}")]
    Blocked { reason: String },
    #[error("they are not blocked")]
    NotBlocked,
    #[error("they are not paused")]
    NotPaused,
    #[error("they are not connected")]
    NotConnected,
}

impl Facts {
    /// The state that follows.
    #[must_use]
    pub fn state(&self) -> ClientState {
        match self.presence {
            _ if self.block.is_some() => ClientState::Blocked,
            _ if self.pause.is_some() => ClientState::Paused,
            Presence::Connected => ClientState::Active,
            Presence::Lost => ClientState::ConnectionError,
            Presence::Away => ClientState::Deactivated,
        }
    }

    /// Does what is told, and says whether anything is other than before.
    ///
    /// # Errors
    /// When the state forbids it; nothing is changed then.
    pub fn obey(&mut self, command: Command) -> Result<bool, Refusal> {
        match command {
            Command::Connect => {
                self.refuse_blocked()?;
                Ok(self.be(Presence::Connected))
            }
            Command::Lose => {
                self.refuse_away()?;
                Ok(self.be(Presence::Lost))
            }
            Command::Disconnect => {
                self.refuse_away()?;
                Ok(self.be(Presence::Away))
            }
            Command::Pause(order) => {
                self.refuse_blocked()?;
                Ok(replace(&mut self.pause, order))
            }
            Command::Resume => {
                let pause = self.pause.take();
                pause.map(|_| true).ok_or(Refusal::NotPaused)
            }
            Command::Block(order) => Ok(replace(&mut self.block, order)),
            Command::Unblock => {
                let block = self.block.take();
                block.map(|_| true).ok_or(Refusal::NotBlocked)
            }
        }
    }

    /// What has ended by itself at `now`, the pause first. A block whose end is in doubt holds: only
    /// a clock that has reached it lifts it.
    #[must_use]
    pub fn ended(&self, now: Timestamp) -> Vec<Command> {
        let is_over = |order: &Option<Order>| {
            let until = order.as_ref().and_then(|order| order.until);
            until.is_some_and(|until| until <= now)
        };
        let pause = is_over(&self.pause).then_some(Command::Resume);
        let block = is_over(&self.block).then_some(Command::Unblock);
        pause.into_iter().chain(block).collect()
    }

    fn be(&mut self, presence: Presence) -> bool {
        std::mem::replace(&mut self.presence, presence) != presence
    }

    fn refuse_blocked(&self) -> Result<(), Refusal> {
        match &self.block {
            Some(block) => Err(Refusal::Blocked {
                reason: block.reason.clone(),
            }),
            None => Ok(()),
        }
    }

    fn refuse_away(&self) -> Result<(), Refusal> {
        match self.presence {
            Presence::Away => Err(Refusal::NotConnected),
            _ => Ok(()),
        }
    }
}

/// Puts an order in place of another one; one that says the same leaves that one as it is.
fn replace(place: &mut Option<Order>, order: Order) -> bool {
    let is_same = place
        .as_ref()
        .is_some_and(|old| old.reason == order.reason && old.until == order.until);
    if !is_same {
        *place = Some(order);
    }
    !is_same
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(reason: &str, until: Option<i64>) -> Order {
        Order {
            reason: reason.to_owned(),
            until: until.map(|second| Timestamp::from_second(second).unwrap()),
            by: "an admin".to_owned(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    /// The state after these commands, each of which has to be obeyed.
    fn after(commands: &[Command]) -> Facts {
        let mut facts = Facts::default();
        for command in commands {
            facts.obey(command.clone()).unwrap();
        }
        facts
    }

    #[test]
    fn states_follow_from_what_happened() {
        use Command as C;
        let (pause, block) = (C::Pause(order("a", None)), C::Block(order("b", None)));
        for (commands, state) in [
            (vec![], ClientState::Deactivated),
            (vec![C::Connect], ClientState::Active),
            (vec![C::Connect, C::Lose], ClientState::ConnectionError),
            (vec![C::Connect, C::Lose, C::Connect], ClientState::Active),
            (vec![C::Connect, C::Disconnect], ClientState::Deactivated),
            (vec![pause.clone()], ClientState::Paused),
            (vec![pause.clone(), C::Connect], ClientState::Paused),
            (
                vec![C::Connect, pause.clone(), C::Resume],
                ClientState::Active,
            ),
            (vec![C::Connect, block.clone()], ClientState::Blocked),
            (vec![pause.clone(), block.clone()], ClientState::Blocked),
            (vec![pause, block.clone(), C::Unblock], ClientState::Paused),
            (vec![C::Connect, block, C::Unblock], ClientState::Active),
        ] {
            assert_eq!(after(&commands).state(), state, "{commands:?}");
        }
    }

    #[test]
    fn what_the_state_forbids_is_refused_and_changes_nothing() {
        use Command as C;
        let block = C::Block(order("spam", None));
        let blocked = Refusal::Blocked {
            reason: "spam".to_owned(),
        };
        for (before, command, why) in [
            (vec![block.clone()], C::Connect, blocked.clone()),
            (vec![block], C::Pause(order("a", None)), blocked),
            (vec![], C::Resume, Refusal::NotPaused),
            (vec![], C::Unblock, Refusal::NotBlocked),
            (vec![], C::Disconnect, Refusal::NotConnected),
            (vec![], C::Lose, Refusal::NotConnected),
        ] {
            let mut facts = after(&before);
            let unchanged = facts.clone();
            assert_eq!(facts.obey(command), Err(why));
            assert_eq!(facts, unchanged);
        }
    }

    #[test]
    fn the_same_order_again_is_no_change_and_keeps_who_gave_it() {
        let mut facts = after(&[Command::Pause(order("late", None))]);
        let mut again = order("late", None);
        again.by = "somebody else".to_owned();
        assert_eq!(facts.obey(Command::Pause(again)), Ok(false));
        assert_eq!(facts.pause.as_ref().unwrap().by, "an admin");
        assert_eq!(facts.obey(Command::Pause(order("late", Some(9)))), Ok(true));
    }

    #[test]
    fn orders_end_when_their_time_has_come_and_not_before() {
        let facts = after(&[
            Command::Pause(order("a", Some(10))),
            Command::Block(order("b", Some(20))),
        ]);
        let at = |second| facts.ended(Timestamp::from_second(second).unwrap());
        assert_eq!(at(9), []);
        assert_eq!(at(10), [Command::Resume]);
        assert_eq!(at(20), [Command::Resume, Command::Unblock]);
        let for_ever = after(&[Command::Block(order("b", None))]);
        assert_eq!(for_ever.ended(Timestamp::MAX), []);
    }
}
