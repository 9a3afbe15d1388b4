//! A page where a document is open: what a browser does, without one. It keeps each change until the
//! server has it, as the journal in a browser does.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use dabir_prose::yjs;
use dabir_writing::Documents;
use dabir_writing::live::Line;
use serde_json::Value;
use tokio::time::timeout;
use yrs::updates::decoder::Decode as _;
use yrs::updates::encoder::Encode as _;
use yrs::{
    Doc, GetString as _, ReadTxn as _, StateVector, Text as _, Transact as _, Update,
    XmlElementPrelim, XmlFragment as _, XmlOut, XmlTextPrelim, XmlTextRef,
};

use crate::bench::who;

const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Page {
    pub(crate) user: String,
    pub(crate) doc: Doc,
    pub(crate) line: Option<Line>,
    /// Changes that no server has acknowledged.
    pub(crate) journal: Vec<Vec<u8>>,
    /// For each number on this line, how much of the journal it stands for.
    sent: BTreeMap<u64, usize>,
    /// How much of the journal was acknowledged on this line.
    dropped: usize,
    n: u64,
    is_synced: bool,
    pub(crate) right: String,
    pub(crate) title: String,
    pub(crate) awareness: Vec<Bytes>,
    pub(crate) closed: Option<String>,
}

impl Page {
    /// Nothing is open yet.
    pub(crate) fn of(user: &str) -> Self {
        Self {
            user: user.to_owned(),
            doc: yjs::new_doc(),
            line: None,
            journal: Vec::new(),
            sent: BTreeMap::new(),
            dropped: 0,
            n: 0,
            is_synced: false,
            right: String::new(),
            title: String::new(),
            awareness: Vec::new(),
            closed: None,
        }
    }

    /// Opens a document and waits until both sides know what the other has.
    pub(crate) async fn open(user: &str, documents: &Documents, id: &str) -> Self {
        let mut page = Self::of(user);
        page.connect(documents, id).await;
        page.sync().await;
        page
    }

    pub(crate) async fn connect(&mut self, documents: &Documents, id: &str) {
        let line = documents.enter(&who(&self.user), id).await.unwrap();
        self.begin(line).await;
    }

    pub(crate) async fn begin(&mut self, line: Line) {
        self.line = Some(line);
        self.sent.clear();
        (self.dropped, self.n, self.is_synced) = (0, 0, false);
        self.closed = None;
        let vector = self.doc.transact().state_vector().encode_v1();
        self.say(frame(&[0, 0], &vector)).await;
    }

    /// The line is cut without a word.
    pub(crate) fn cut(&mut self) {
        self.line = None;
    }

    pub(crate) async fn say(&self, frame: Bytes) {
        if let Some(line) = &self.line {
            line.say(frame).await;
        }
    }

    /// Waits until the server told what this page lacked.
    pub(crate) async fn sync(&mut self) {
        while !self.is_synced && self.closed.is_none() {
            self.hear().await;
        }
    }

    /// Waits until the server has every change.
    pub(crate) async fn settle(&mut self) {
        while !self.journal.is_empty() && self.closed.is_none() {
            self.hear().await;
        }
    }

    /// Waits until the document says something.
    pub(crate) async fn until(&mut self, what: &str) {
        while !self.text().contains(what) {
            assert_eq!(self.closed, None, "waiting for {what:?}");
            self.hear().await;
        }
    }

    /// The next frame, which has to come.
    pub(crate) async fn hear(&mut self) {
        let Some(line) = &mut self.line else {
            panic!("{} has no line", self.user);
        };
        let heard = timeout(PATIENCE, line.next()).await;
        match heard.unwrap_or_else(|_| panic!("{} hears nothing", self.user)) {
            Some(frame) => self.take(&frame).await,
            None => {
                let last = line.last_word();
                self.line = None;
                self.take(&last).await;
            }
        }
    }

    /// Takes what is there already.
    pub(crate) async fn hear_all(&mut self) {
        while let Some(line) = &mut self.line {
            let heard = timeout(Duration::from_millis(1), line.next()).await;
            match heard {
                Ok(Some(frame)) => self.take(&frame).await,
                Ok(None) => {
                    let last = line.last_word();
                    self.line = None;
                    self.take(&last).await;
                }
                Err(_) => return,
            }
        }
    }

    async fn take(&mut self, frame: &[u8]) {
        let (kind, rest) = number(frame);
        match kind {
            0 => {
                let (step, rest) = number(rest);
                let bytes = bytes(rest);
                if step == 0 {
                    self.answer(bytes).await;
                    self.is_synced = true;
                } else {
                    self.apply(bytes);
                }
            }
            1 => self.awareness.push(Bytes::copy_from_slice(bytes(rest))),
            6 => self.saved(number(rest).0),
            7 => self.obey(&serde_json::from_slice(bytes(rest)).unwrap()),
            other => panic!("no server says {other}"),
        }
    }

    fn apply(&self, update: &[u8]) {
        let update = Update::decode_v1(update).unwrap();
        self.doc.transact_mut().apply_update(update).unwrap();
    }

    /// Says what the server lacks; all that is in the journal is in that.
    async fn answer(&mut self, vector: &[u8]) {
        let vector = StateVector::decode_v1(vector).unwrap();
        let lacking = self.doc.transact().encode_diff_v1(&vector);
        if !self.journal.is_empty() {
            self.send(&lacking, self.journal.len()).await;
        }
    }

    async fn send(&mut self, update: &[u8], stands_for: usize) {
        self.n += 1;
        self.sent.insert(self.n, self.dropped + stands_for);
        let mut change = vec![5];
        push_number(&mut change, self.n);
        push_number(&mut change, update.len() as u64);
        change.extend_from_slice(update);
        self.say(change.into()).await;
    }

    fn saved(&mut self, n: u64) {
        let done = *self.sent.get(&n).expect("a number that was said");
        self.journal.drain(..done - self.dropped);
        self.dropped = done;
    }

    fn obey(&mut self, control: &Value) {
        let text = |key: &str| control[key].as_str().unwrap().to_owned();
        match control["type"].as_str().unwrap() {
            "rights" => self.right = text("right"),
            "title" => self.title = text("title"),
            "closed" => {
                self.closed = Some(text("code"));
                self.line = None;
            }
            other => panic!("no server says {other}"),
        }
    }

    /// Makes a change here, keeps it, and says it.
    pub(crate) async fn change(&mut self, change: impl FnOnce(&Doc)) {
        let update = self.note(change);
        if self.is_synced && self.line.is_some() {
            self.send(&update, self.journal.len()).await;
        }
    }

    /// Makes a change and keeps it.
    pub(crate) fn note(&mut self, change: impl FnOnce(&Doc)) -> Vec<u8> {
        let before = self.doc.transact().state_vector();
        change(&self.doc);
        let update = self.doc.transact().encode_diff_v1(&before);
        self.journal.push(update.clone());
        update
    }

    /// Types at the end of the first paragraph.
    pub(crate) async fn type_text(&mut self, text: &str) {
        self.change(|doc| insert(doc, u32::MAX, text)).await;
    }

    /// What its paragraphs say, one after the other.
    pub(crate) fn text(&self) -> String {
        let txn = self.doc.transact();
        let Some(fragment) = txn.get_xml_fragment(yjs::FIELD) else {
            return String::new();
        };
        let parts = fragment.successors(&txn).filter_map(|part| match part {
            XmlOut::Text(text) => Some(text.get_string(&txn)),
            _ => None,
        });
        parts.collect()
    }
}

/// The text of the first paragraph.
pub(crate) fn first_text(doc: &Doc) -> Option<XmlTextRef> {
    let txn = doc.transact();
    let fragment = txn.get_xml_fragment(yjs::FIELD)?;
    let Some(XmlOut::Element(paragraph)) = fragment.get(&txn, 0) else {
        return None;
    };
    match paragraph.get(&txn, 0) {
        Some(XmlOut::Text(text)) => Some(text),
        _ => None,
    }
}

/// Puts text into the first paragraph, counted as browsers do.
pub(crate) fn insert(doc: &Doc, at: u32, what: &str) {
    let fragment = doc.get_or_insert_xml_fragment(yjs::FIELD);
    if let Some(text) = first_text(doc) {
        let mut txn = doc.transact_mut();
        let at = at.min(text.len(&txn));
        text.insert(&mut txn, at, what);
        return;
    }
    let mut txn = doc.transact_mut();
    let paragraph = match fragment.get(&txn, 0) {
        Some(XmlOut::Element(paragraph)) => paragraph,
        _ => fragment.insert(&mut txn, 0, XmlElementPrelim::empty("paragraph")),
    };
    paragraph.insert(&mut txn, 0, XmlTextPrelim::new(what));
}

pub(crate) fn frame(head: &[u8], bytes: &[u8]) -> Bytes {
    let mut out = head.to_vec();
    push_number(&mut out, bytes.len() as u64);
    out.extend_from_slice(bytes);
    out.into()
}

pub(crate) fn push_number(out: &mut Vec<u8>, mut number: u64) {
    while number > 127 {
        out.push(128 | (number & 127) as u8);
        number >>= 7;
    }
    out.push(number as u8);
}

fn number(bytes: &[u8]) -> (u64, &[u8]) {
    let end = bytes.iter().position(|byte| *byte < 128).unwrap();
    let number = bytes[..=end]
        .iter()
        .rev()
        .fold(0, |number, byte| (number << 7) | u64::from(byte & 127));
    (number, &bytes[end + 1..])
}

fn bytes(from: &[u8]) -> &[u8] {
    let (length, rest) = number(from);
    &rest[..usize::try_from(length).unwrap()]
}
