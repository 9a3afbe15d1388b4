//! A value that may change while the house runs, as whoever uses it sees it.

use tokio::sync::watch;

/// The value that holds now. Clones see the same one.
///
/// Ask with [`Current::get`] each time it is needed; only a loop that waits has to know of
/// [`Current::changed`].
#[derive(Clone, Debug)]
pub struct Current<T> {
    receiver: watch::Receiver<T>,
}

impl<T: Clone> Current<T> {
    /// What `sender` says, from now on.
    #[must_use]
    pub fn follow(sender: &watch::Sender<T>) -> Self {
        Self {
            receiver: sender.subscribe(),
        }
    }

    #[must_use]
    pub fn get(&self) -> T {
        self.receiver.borrow().clone()
    }

    /// Waits until the value is another one than at the last call; for ever when it cannot change
    /// any more.
    pub async fn changed(&mut self) {
        if self.receiver.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// A value that never changes.
impl<T> From<T> for Current<T> {
    fn from(value: T) -> Self {
        Self {
            receiver: watch::channel(value).1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_follows_sees_the_change_and_is_woken_by_it() {
        let sender = watch::Sender::new(1);
        let mut current = Current::follow(&sender);
        let other = current.clone();
        sender.send_replace(2);
        current.changed().await;
        assert_eq!((current.get(), other.get()), (2, 2));
    }
}
