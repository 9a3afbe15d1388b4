//! The two ends of a line between a page and a room: frames in both directions, bounded.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::room::Order;
use super::wire;

/// How many bytes may wait for a page that is slow to take them, beside what it asked for.
const MAX_WAITING: usize = 4 * 1024 * 1024;

/// Why a line ends, as its page is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    SignedOut,
    NoRight,
    Deleted,
    TooLarge,
    Malformed,
    /// Come back: all that was acknowledged is there.
    Restart,
}

impl End {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::NoRight => "no_right",
            Self::Deleted => "deleted",
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::Restart => "restart",
        }
    }

    fn detail(self) -> &'static str {
        match self {
            Self::SignedOut => "sign in again; what is not saved stays on this device",
            Self::NoRight => "this document may not be changed, or not be seen any more",
            Self::Deleted => "this document was deleted",
            Self::TooLarge => "the change or the document is larger than one may be",
            Self::Malformed => "the server does not understand this page",
            Self::Restart => "connect again",
        }
    }

    pub(crate) fn frame(self) -> Bytes {
        let (code, detail) = (self.code(), self.detail());
        wire::control(&json!({ "type": "closed", "code": code, "detail": detail }))
    }
}

/// A page's end of the line.
#[derive(Debug)]
pub struct Line {
    id: u64,
    orders: mpsc::Sender<Order>,
    leaving: mpsc::UnboundedSender<u64>,
    frames: mpsc::UnboundedReceiver<Sent>,
    shared: Arc<Shared>,
}

/// The room's end of it.
#[derive(Debug)]
pub(crate) struct Outlet {
    frames: mpsc::UnboundedSender<Sent>,
    shared: Arc<Shared>,
}

/// A frame on its way.
#[derive(Debug)]
enum Sent {
    Told(Bytes),
    /// What the page asked for, which may be as long as the document.
    Answered(Bytes),
}

#[derive(Debug, Default)]
struct Shared {
    /// How many bytes wait to be taken that nobody asked for.
    waiting: AtomicUsize,
    /// How many frames of an answer wait to be taken.
    answers: AtomicUsize,
    end: OnceLock<End>,
    ended: CancellationToken,
}

/// Both ends of a new line into the room behind `orders`.
pub(crate) fn line(
    id: u64,
    orders: mpsc::Sender<Order>,
    leaving: mpsc::UnboundedSender<u64>,
) -> (Line, Outlet) {
    let (sender, frames) = mpsc::unbounded_channel();
    let shared = Arc::<Shared>::default();
    let outlet = Outlet {
        frames: sender,
        shared: Arc::clone(&shared),
    };
    let line = Line {
        id,
        orders,
        leaving,
        frames,
        shared,
    };
    (line, outlet)
}

impl Line {
    /// Says a frame; waits while the room has much to do. Nothing is said to a room that ended.
    pub async fn say(&self, frame: Bytes) {
        let order = Order::Heard {
            from: self.id,
            frame,
        };
        // Whoever waits for the next frame finds that the room ended.
        let _ = self.orders.send(order).await;
    }

    /// The next frame; `None` once the line ended: then [`Line::last_word`] says why.
    pub async fn next(&mut self) -> Option<Bytes> {
        let frame = tokio::select! {
            biased;
            () = self.shared.ended.cancelled() => None,
            frame = self.frames.recv() => frame,
        }?;
        match frame {
            Sent::Told(frame) => {
                self.shared
                    .waiting
                    .fetch_sub(frame.len(), Ordering::Relaxed);
                Some(frame)
            }
            Sent::Answered(frame) => {
                self.shared.answers.fetch_sub(1, Ordering::Relaxed);
                Some(frame)
            }
        }
    }

    /// Resolves when the line ended, whatever waits in it.
    pub fn ended(&self) -> CancellationToken {
        self.shared.ended.clone()
    }

    /// What is to be said before the socket is closed.
    #[must_use]
    pub fn last_word(&self) -> Bytes {
        self.shared.end.get().unwrap_or(&End::Restart).frame()
    }

    /// What is to be said to somebody whose session ended.
    #[must_use]
    pub fn signed_out() -> Bytes {
        End::SignedOut.frame()
    }

    /// What is to be said to a page whose frame is longer than any may be.
    #[must_use]
    pub fn too_large() -> Bytes {
        End::TooLarge.frame()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // A room that ended has nobody to let go.
        let _ = self.leaving.send(self.id);
    }
}

impl Outlet {
    /// Sends a frame, unless too much waits already: then the line ends, and the page asks anew for
    /// what it lacks.
    pub(crate) fn send(&self, frame: Bytes) {
        let waiting = self
            .shared
            .waiting
            .fetch_add(frame.len(), Ordering::Relaxed);
        if waiting > MAX_WAITING {
            return self.end(End::Restart);
        }
        // A page that left is let go soon.
        let _ = self.frames.send(Sent::Told(frame));
    }

    /// Sends what the page asked for, unless an answer still waits: then it asked while it was being told.
    pub(crate) fn answer(&self, frames: [Bytes; 2]) {
        if self.shared.answers.load(Ordering::Relaxed) > 0 {
            return;
        }
        self.shared
            .answers
            .fetch_add(frames.len(), Ordering::Relaxed);
        for frame in frames {
            let _ = self.frames.send(Sent::Answered(frame));
        }
    }

    pub(crate) fn end(&self, why: End) {
        let _ = self.shared.end.set(why);
        self.shared.ended.cancel();
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.shared.ended.is_cancelled()
    }
}

impl Drop for Outlet {
    /// A room that is gone without a word leaves nobody waiting.
    fn drop(&mut self) {
        self.end(End::Restart);
    }
}
