//! All documents that are open in this process.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dabir_db::hints;
use dabir_prose::Node;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::line::{Line, line};
use super::room::{self, Bell, Opening, Order};
use crate::documents::Who;
use crate::documents::error::DocumentError;
use crate::documents::service::{CHANNEL, DocumentsSetup};
use crate::people::Doer;

/// How many documents are open at once.
const MAX_OPEN: usize = 2_000;
/// How many orders wait for a room; pages with more to say wait themselves.
const WAITING: usize = 256;
/// How often a room that is just ending is asked anew.
const TRIES: usize = 5;

/// The open documents. Clones share them.
#[derive(Clone)]
pub(crate) struct Rooms {
    shared: Arc<Shared>,
}

struct Shared {
    setup: Arc<DocumentsSetup>,
    /// A `std` mutex: it is never held across an await.
    open: Mutex<HashMap<String, Handle>>,
    numbers: AtomicU64,
    stop: CancellationToken,
    tasks: TaskTracker,
}

#[derive(Clone, Debug)]
struct Handle {
    number: u64,
    orders: mpsc::Sender<Order>,
    leaving: mpsc::UnboundedSender<u64>,
    bell: Arc<Bell>,
}

impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms").finish_non_exhaustive()
    }
}

impl Rooms {
    pub(crate) fn new(setup: Arc<DocumentsSetup>) -> Self {
        let shared = Shared {
            setup,
            open: Mutex::default(),
            numbers: AtomicU64::new(1),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Lets somebody into a document.
    pub(crate) async fn enter(&self, who: &Who, id: &str) -> Result<Line, DocumentError> {
        for _ in 0..TRIES {
            let handle = self.handle(id)?;
            let number = self.number();
            let (line, outlet) = line(number, handle.orders.clone(), handle.leaving.clone());
            let (entered, answer) = oneshot::channel();
            let order = Order::Enter {
                line: number,
                who: who.clone(),
                outlet,
                entered,
            };
            if handle.orders.send(order).await.is_ok()
                && let Ok(answer) = answer.await
            {
                return answer.map(|()| line);
            }
        }
        Err(DocumentError::Away)
    }

    /// Makes a document say something else, and answers the number of that change once it is kept.
    pub(crate) async fn replace(
        &self,
        id: &str,
        node: &Node,
        by: &Doer,
    ) -> Result<i64, DocumentError> {
        for _ in 0..TRIES {
            let handle = self.handle(id)?;
            let (done, answer) = oneshot::channel();
            let order = Order::Replace {
                node: Box::new(node.clone()),
                by: by.clone(),
                done,
            };
            if handle.orders.send(order).await.is_ok()
                && let Ok(answer) = answer.await
            {
                return answer;
            }
        }
        Err(DocumentError::Away)
    }

    /// Has an open document look at its title and at who may do what; all of them when `None`.
    pub(crate) fn look(&self, id: Option<&str>) {
        let open = self.open();
        let those = open
            .iter()
            .filter(|(open, _)| id.is_none_or(|id| id == *open));
        those.for_each(|(_, handle)| handle.bell.rules.notify_one());
    }

    /// How many documents are open.
    pub(crate) fn count(&self) -> usize {
        self.open().len()
    }

    /// Hears what other processes tell, until it is dropped.
    pub(crate) async fn hear(&self) {
        let db = self.shared.setup.db.clone();
        hints::hear(&db, CHANNEL, |word| self.obey(word)).await;
    }

    fn obey(&self, word: &str) {
        match word.split_once(' ') {
            Some((id, seq)) => {
                let seq: i64 = seq.parse().unwrap_or(i64::MAX);
                if let Some(handle) = self.open().get(id)
                    && handle.bell.seq.load(Ordering::Relaxed) < seq
                {
                    handle.bell.news.notify_one();
                }
            }
            // Something may have been missed, or it is about all of them.
            None if word.is_empty() => {
                self.look(None);
                let open = self.open();
                open.values()
                    .for_each(|handle| handle.bell.news.notify_one());
            }
            None if word == "*" => self.look(None),
            None => self.look(Some(word)),
        }
    }

    /// Closes all documents: everybody is told to come back, and what is to be kept is.
    pub(crate) async fn close(&self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Handle>> {
        let open = self.shared.open.lock();
        open.unwrap_or_else(PoisonError::into_inner)
    }

    fn number(&self) -> u64 {
        self.shared.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// The room of a document; it is opened when there is none.
    fn handle(&self, id: &str) -> Result<Handle, DocumentError> {
        let mut open = self.open();
        if let Some(handle) = open.get(id)
            && !handle.orders.is_closed()
        {
            return Ok(handle.clone());
        }
        if open.len() >= MAX_OPEN || self.shared.stop.is_cancelled() {
            return Err(DocumentError::Busy);
        }
        let (orders, received) = mpsc::channel(WAITING);
        let (leaving, left) = mpsc::unbounded_channel();
        let handle = Handle {
            number: self.number(),
            orders,
            leaving,
            bell: Arc::default(),
        };
        let opening = Opening {
            id: id.to_owned(),
            orders: received,
            leaving: left,
            bell: Arc::clone(&handle.bell),
            stop: self.shared.stop.child_token(),
        };
        open.insert(id.to_owned(), handle.clone());
        let (rooms, number, id) = (self.clone(), handle.number, id.to_owned());
        self.shared.tasks.spawn(async move {
            let setup = Arc::clone(&rooms.shared.setup);
            room::run(opening, setup).await;
            rooms.forget(&id, number);
        });
        Ok(handle)
    }

    /// A room ended; another of the same document may have been opened since.
    fn forget(&self, id: &str, number: u64) {
        let mut open = self.open();
        if open.get(id).is_some_and(|handle| handle.number == number) {
            open.remove(id);
        }
    }
}
