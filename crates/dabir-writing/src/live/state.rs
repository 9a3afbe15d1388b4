//! The text of one document as Yjs holds it. What comes from outside is taken for hostile: it may be
//! refused, it may even break the library, and neither may break more than this one state.

use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use dabir_prose::{Kind, Mark, Node, ProseError, yjs};
use yrs::updates::decoder::Decode as _;
use yrs::updates::encoder::Encode as _;
use yrs::{
    Doc, OffsetKind, Options, ReadTxn as _, StateVector, Transact as _, TransactionMut, Update,
    UpdateEvent,
};

use crate::documents::store::content::Kept;

/// The longest text, in bytes of its changes.
pub(crate) const MAX_STATE: usize = 20 * 1024 * 1024;

const LISTENER: &str = "replace";

/// A text.
#[derive(Debug)]
pub(crate) struct State {
    doc: Doc,
    /// About how many bytes all of it is.
    size: usize,
}

/// Why a change was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Nothing of it was taken.
    Malformed,
    /// The text would be longer than one may be. Nothing of it was taken.
    TooLarge,
    /// The library broke on it: this state is of no use any more.
    Broken,
}

impl State {
    /// An empty text.
    pub(crate) fn new() -> Self {
        let options = Options {
            offset_kind: OffsetKind::Utf16,
            // The server writes nothing of its own into what others wrote.
            cleanup_formatting: false,
            ..Options::default()
        };
        Self {
            doc: Doc::with_options(options),
            size: 0,
        }
    }

    /// The text that was kept. What cannot be read of it is left out and told in the log: the rest of
    /// a document is better than none.
    pub(crate) fn load(document: &str, kept: &Kept) -> Self {
        let mut bad = Vec::new();
        loop {
            let mut state = Self::new();
            match state.take_all(kept, &bad) {
                Ok(()) => return state,
                Err(seq) => {
                    tracing::error!(document, seq, "change {seq} of a document cannot be read");
                    bad.push(seq);
                }
            }
        }
    }

    /// Takes all but the changes in `bad`; names the one that cannot be taken.
    fn take_all(&mut self, kept: &Kept, bad: &[i64]) -> Result<(), i64> {
        let snapshot = kept.snapshot.iter();
        let snapshot = snapshot.map(|bytes| (kept.snapshot_seq, bytes));
        let changes = kept
            .changes
            .iter()
            .map(|change| (change.seq, &change.bytes));
        for (seq, bytes) in snapshot.chain(changes) {
            if !bad.contains(&seq) {
                self.take(bytes).map_err(|_| seq)?;
            }
        }
        Ok(())
    }

    /// Takes a change, if the text has room for it.
    pub(crate) fn apply(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        if self.size + bytes.len() > MAX_STATE {
            // Much of what came is deleted again: only now it is worth to look.
            self.size = self.whole().len();
            if self.size + bytes.len() > MAX_STATE {
                return Err(Refused::TooLarge);
            }
        }
        self.take(bytes)
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        let read = catch_unwind(|| Update::decode_v1(bytes));
        let Ok(Ok(update)) = read else {
            return Err(Refused::Malformed);
        };
        // A transaction that broke must not be dropped: it would commit, and break once more.
        let mut txn = ManuallyDrop::new(self.doc.transact_mut());
        let taken = catch_unwind(AssertUnwindSafe(|| {
            let taken = txn.apply_update(update);
            txn.commit();
            taken
        }));
        let Ok(taken) = taken else {
            return Err(Refused::Broken);
        };
        drop(ManuallyDrop::into_inner(txn));
        self.size += bytes.len();
        taken.map_err(|_| Refused::Broken)
    }

    /// What this side has.
    pub(crate) fn vector(&self) -> Vec<u8> {
        self.doc.transact().state_vector().encode_v1()
    }

    /// What a page lacks that has what `vector` says; `None` when it says nothing.
    pub(crate) fn missing(&self, vector: &[u8]) -> Option<Vec<u8>> {
        let read = catch_unwind(|| StateVector::decode_v1(vector));
        let vector = read.ok()?.ok()?;
        let write = || self.doc.transact().encode_state_as_update_v1(&vector);
        catch_unwind(AssertUnwindSafe(write)).ok()
    }

    /// All of it, in one change.
    pub(crate) fn whole(&self) -> Vec<u8> {
        let nothing = StateVector::default();
        self.doc.transact().encode_state_as_update_v1(&nothing)
    }

    /// About how many bytes all of it is.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The document that it says, clean.
    pub(crate) fn read(&self) -> Result<Node, ProseError> {
        let read = catch_unwind(AssertUnwindSafe(|| yjs::read(&self.doc)));
        let broken = ProseError::NotADocument {
            why: "it cannot be read",
        };
        read.unwrap_or(Err(broken))
    }

    /// Makes it say what `node` says, and answers the change; `None` when it says so already.
    pub(crate) fn replace(&mut self, node: &Node) -> Option<Vec<u8>> {
        let written = Arc::new(Mutex::new(None));
        let note = Arc::clone(&written);
        let write_down = move |_: &TransactionMut<'_>, event: &UpdateEvent| {
            let mut note = note.lock().unwrap_or_else(PoisonError::into_inner);
            *note = Some(event.update.clone());
        };
        // Nothing else reads or writes this text: it can always be listened to.
        let _ = self.doc.observe_update_v1(LISTENER, write_down);
        yjs::replace(&self.doc, node);
        let _ = self.doc.unobserve_update_v1(LISTENER);
        let change = written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.size += change.as_ref().map_or(0, Vec::len);
        change
    }

    /// Whether a change leaves all as it is but where comments stand.
    pub(crate) fn only_comments(&self, bytes: &[u8]) -> bool {
        let mut copy = Self::new();
        if copy.take(&self.whole()).is_err() {
            return false;
        }
        let before = copy.read().map(without_comments);
        if copy.take(bytes).is_err() || copy.doc.transact().has_missing_updates() {
            return false;
        }
        let after = copy.read().map(without_comments);
        before.is_ok() && before == after
    }
}

/// The same document without its comments: pieces of a line that differ in nothing else are one.
fn without_comments(mut node: Node) -> Node {
    let mut content: Vec<Node> = Vec::with_capacity(node.content.len());
    for mut child in node.content.into_iter().map(without_comments) {
        if let Kind::Text { marks, .. } = &mut child.kind {
            marks.retain(|mark| !matches!(mark, Mark::Comment { .. }));
        }
        match (content.last_mut().map(|last| &mut last.kind), &child.kind) {
            (
                Some(Kind::Text { text, marks }),
                Kind::Text {
                    text: more,
                    marks: same,
                },
            ) if marks == same => text.push_str(more),
            _ => content.push(child),
        }
    }
    node.content = content;
    node
}

#[cfg(test)]
mod tests {
    use super::*;
    use dabir_prose::markdown;

    fn state(text: &str) -> State {
        let mut state = State::new();
        state.replace(&markdown::parse(text).unwrap());
        state
    }

    fn copy(of: &State) -> State {
        let mut copy = State::new();
        copy.apply(&of.whole()).unwrap();
        copy
    }

    #[test]
    fn what_is_replaced_is_a_change_that_others_can_take() {
        let mut ours = state("# سلام\n\nدنیا");
        let mut theirs = copy(&ours);
        let new = markdown::parse("# سلام\n\nدنیا و دیگران").unwrap();
        let change = ours.replace(&new).unwrap();
        theirs.apply(&change).unwrap();
        assert_eq!(theirs.read().unwrap(), new);
        assert_eq!(ours.replace(&new), None);
    }

    #[test]
    fn garbage_is_refused_and_leaves_the_text_as_it_is() {
        let mut ours = state("text");
        let good = state("other").whole();
        let before = ours.whole();
        let mut refused = 0;
        for cut in 1..good.len() {
            refused += usize::from(ours.apply(&good[..cut]) == Err(Refused::Malformed));
        }
        assert!(refused > 10, "{refused}");
        assert_eq!(ours.apply(&[0xff; 40]), Err(Refused::Malformed));
        assert_eq!(ours.whole(), before);
        assert_eq!(ours.missing(&[0xff; 3]), None);
    }

    #[test]
    fn comments_are_told_from_changes_of_the_text() {
        let ours = state("one two");
        let mut commented = ours.read().unwrap();
        let line = &mut commented.content[0].content;
        let mark = Mark::Comment {
            id: "c1".to_owned(),
        };
        *line = vec![Node::text("one "), Node::marked("two", vec![mark])];
        let only = copy(&ours).replace(&commented).unwrap();
        assert!(ours.only_comments(&only));
        let more = markdown::parse("one two three").unwrap();
        let more = copy(&ours).replace(&more).unwrap();
        assert!(!ours.only_comments(&more));
    }
}
