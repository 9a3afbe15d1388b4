//! Moving cards on the board.

use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value};

use super::write::{Deed, Step};
use super::{Tasks, check_version, living, word};
use crate::error::WritingError;
use crate::fields::Fields;
use crate::people::Doer;
use crate::tasks::edit::set_status;
use crate::tasks::model::{Status, Task};
use crate::tasks::rank;
use crate::tasks::store::ranks;

/// Where a card is to be put.
struct Place {
    /// The column; the same when not given.
    status: Option<Status>,
    before: Option<String>,
    after: Option<String>,
    version: Option<i64>,
}

impl Place {
    fn read(body: Map<String, Value>) -> Result<Self, WritingError> {
        let mut fields = Fields::of(body);
        let place = Self {
            status: fields.take("status"),
            before: fields.take::<Option<String>>("before").flatten(),
            after: fields.take::<Option<String>>("after").flatten(),
            version: fields.take::<Option<i64>>("version").flatten(),
        };
        for (field, name) in [("before", &place.before), ("after", &place.after)] {
            if name.as_deref().is_some_and(|name| word(name).is_err()) {
                fields.refuse(field, "write the id or the number of a task");
            }
        }
        fields.end()?;
        Ok(place)
    }
}

impl Tasks {
    /// Moves a card: into a column, before or after another one, to its end when neither is named.
    ///
    /// # Errors
    /// When there is no such card, or a neighbour is not in that column any more.
    pub async fn move_to(
        &self,
        by: &Doer,
        name: &str,
        looked_at: Option<i64>,
        body: Map<String, Value>,
    ) -> Result<Task, WritingError> {
        let word = word(name)?;
        let place = Place::read(body)?;
        let mut turn = self.turn().await?;
        let before = living(turn.tx(), &word).await?;
        check_version(&before, looked_at)?;
        check_version(&before, place.version)?;
        let mut after = before.clone();
        let status = place.status.unwrap_or(before.status);
        set_status(&mut after, status, turn.now);
        after.rank = room(turn.tx(), &after, &place).await?;
        if after.rank.len() > rank::LONG {
            turn.begin();
            ranks::spread(turn.tx(), status).await?;
            after.rank = room(turn.tx(), &after, &place).await?;
        }
        let Some(step) = Step::of(Deed::Move, before.clone(), after, turn.now, by) else {
            turn.commit().await?;
            return Ok(before);
        };
        let mut moved = self.write(turn, by, vec![step]).await?;
        moved.pop().ok_or(WritingError::NotFound("task"))
    }
}

/// A place for the card between its neighbours as they are now.
async fn room(
    tx: &DatabaseTransaction,
    card: &Task,
    place: &Place,
) -> Result<String, WritingError> {
    let (status, id) = (card.status, card.id.as_str());
    if let Some(name) = &place.after {
        let low = neighbour(tx, card, name).await?;
        let high = ranks::next(tx, status, &low, id).await?;
        return Ok(match high {
            Some(high) => rank::between(&low, Some(&high)),
            None => rank::after(Some(&low)),
        });
    }
    if let Some(name) = &place.before {
        let high = neighbour(tx, card, name).await?;
        let low = ranks::previous(tx, status, &high, id).await?;
        return Ok(match low {
            Some(low) => rank::between(&low, Some(&high)),
            None => rank::before(&high),
        });
    }
    let last = ranks::last_but(tx, status, id).await?;
    Ok(rank::after(last.as_deref()))
}

/// The place of a card in the same column.
async fn neighbour(
    tx: &DatabaseTransaction,
    card: &Task,
    name: &str,
) -> Result<String, WritingError> {
    let other = living(tx, &word(name)?).await?;
    if other.id == card.id || other.status != card.status {
        return Err(WritingError::Moved(other.number));
    }
    Ok(other.rank)
}
