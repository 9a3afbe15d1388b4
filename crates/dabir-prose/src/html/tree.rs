//! HTML text into a tree of elements, as a browser would read it, within bounds.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use html5ever::interface::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tendril::TendrilSink as _;
use html5ever::{
    Attribute, ExpandedName, LocalName, Namespace, ParseOpts, QualName, parse_document,
};

use crate::ProseError;
use crate::schema::{MAX_NODES, MAX_TEXT_BYTES};

/// The most HTML that is read: pasted pages carry four times their text in tags.
const MAX_BYTES: usize = 4 * MAX_TEXT_BYTES;
/// The deepest nesting of elements. Repairing broken nesting costs the parser the depth at each tag.
const MAX_DEPTH: usize = 256;
/// The bounds are looked at after so many bytes.
const CHUNK_BYTES: usize = 1_024;

/// Elements and texts, the first of them the document.
#[derive(Debug)]
pub(crate) struct Tree {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    parent: Option<usize>,
    children: Vec<usize>,
    depth: usize,
    data: Data,
}

#[derive(Debug)]
enum Data {
    Text(String),
    Element(Rc<QualName>, Vec<Attribute>),
    Other,
}

/// The document in a [`Tree`].
pub(crate) const ROOT: usize = 0;

impl Tree {
    /// Reads `html`.
    pub(crate) fn parse(html: &str) -> Result<Self, ProseError> {
        if html.len() > MAX_BYTES {
            return Err(ProseError::TooLong { most: MAX_BYTES });
        }
        let mut parser = parse_document(Sink::default(), ParseOpts::default());
        let mut rest = html;
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(rest.ceil_char_boundary(CHUNK_BYTES));
            parser.process(StrTendril::from(chunk));
            parser.tokenizer.sink.sink.check()?;
            rest = after;
        }
        let sink = parser.finish();
        sink.check()?;
        let tree = Self {
            entries: sink.entries.into_inner(),
        };
        tree.check_depth()?;
        Ok(tree)
    }

    /// Whatever the parser moved while it repaired the nesting: readers go down as deep as it nests.
    fn check_depth(&self) -> Result<(), ProseError> {
        let mut open = vec![(ROOT, 0)];
        while let Some((id, depth)) = open.pop() {
            if depth > MAX_DEPTH {
                return Err(ProseError::TooDeep { most: MAX_DEPTH });
            }
            open.extend(self.children(id).iter().map(|child| (*child, depth + 1)));
        }
        Ok(())
    }

    pub(crate) fn children(&self, id: usize) -> &[usize] {
        &self.entries[id].children
    }

    pub(crate) fn text(&self, id: usize) -> Option<&str> {
        match &self.entries[id].data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The name of an element, in small letters.
    pub(crate) fn tag(&self, id: usize) -> Option<&str> {
        match &self.entries[id].data {
            Data::Element(name, _) => Some(&name.local),
            _ => None,
        }
    }

    pub(crate) fn attribute(&self, id: usize, name: &str) -> Option<&str> {
        match &self.entries[id].data {
            Data::Element(_, attributes) => attributes
                .iter()
                .find(|attribute| &*attribute.name.local == name)
                .map(|attribute| &*attribute.value),
            _ => None,
        }
    }

    /// All text in an element, lines kept.
    pub(crate) fn all_text(&self, id: usize) -> String {
        let mut out = String::new();
        self.push_text(id, &mut out);
        out
    }

    fn push_text(&self, id: usize, out: &mut String) {
        if let Some(text) = self.text(id) {
            out.push_str(text);
        }
        if self.tag(id) == Some("br") {
            out.push('\n');
        }
        for child in self.children(id) {
            self.push_text(*child, out);
        }
    }

    /// Whether `found` holds for an element somewhere in `id`.
    pub(crate) fn has(&self, id: usize, found: &impl Fn(usize) -> bool) -> bool {
        self.children(id)
            .iter()
            .any(|child| found(*child) || self.has(*child, found))
    }
}

/// Where the parser puts what it reads.
struct Sink {
    entries: RefCell<Vec<Entry>>,
    nameless: Rc<QualName>,
    deepest: Cell<usize>,
}

/// A place in the tree; it carries its name, which the parser asks for at every step.
#[derive(Clone)]
struct Handle {
    id: usize,
    name: Rc<QualName>,
}

impl Default for Sink {
    fn default() -> Self {
        let root = Entry {
            parent: None,
            children: Vec::new(),
            depth: 0,
            data: Data::Other,
        };
        Self {
            entries: RefCell::new(vec![root]),
            nameless: Rc::new(QualName::new(
                None,
                Namespace::default(),
                LocalName::default(),
            )),
            deepest: Cell::new(0),
        }
    }
}

impl Sink {
    fn check(&self) -> Result<(), ProseError> {
        if self.entries.borrow().len() > MAX_NODES {
            return Err(ProseError::TooManyNodes { most: MAX_NODES });
        }
        if self.deepest.get() > MAX_DEPTH {
            return Err(ProseError::TooDeep { most: MAX_DEPTH });
        }
        Ok(())
    }

    fn add(&self, data: Data, name: Rc<QualName>) -> Handle {
        let mut entries = self.entries.borrow_mut();
        entries.push(Entry {
            parent: None,
            children: Vec::new(),
            depth: 0,
            data,
        });
        Handle {
            id: entries.len() - 1,
            name,
        }
    }

    fn other(&self) -> Handle {
        self.add(Data::Other, Rc::clone(&self.nameless))
    }

    /// Puts `child` into `parent` at `index`, text beside text becoming one.
    fn insert(&self, parent: usize, index: usize, child: NodeOrText<Handle>) {
        let id = match child {
            NodeOrText::AppendNode(handle) => {
                self.detach(handle.id);
                handle.id
            }
            NodeOrText::AppendText(text) => {
                if self.join_text(parent, index, &text) {
                    return;
                }
                let text = Data::Text(text.to_string());
                self.add(text, Rc::clone(&self.nameless)).id
            }
        };
        let mut entries = self.entries.borrow_mut();
        entries[id].parent = Some(parent);
        let index = index.min(entries[parent].children.len());
        entries[parent].children.insert(index, id);
        let depth = entries[parent].depth + 1;
        self.settle(&mut entries, id, depth);
    }

    /// Tells a node and what stands in it already how deep they are.
    fn settle(&self, entries: &mut [Entry], id: usize, depth: usize) {
        let mut open = vec![(id, depth)];
        while let Some((id, depth)) = open.pop() {
            self.deepest.set(self.deepest.get().max(depth));
            let entry = &mut entries[id];
            entry.depth = depth;
            open.extend(entry.children.iter().map(|child| (*child, depth + 1)));
        }
    }

    fn join_text(&self, parent: usize, index: usize, text: &str) -> bool {
        let mut entries = self.entries.borrow_mut();
        let siblings = &entries[parent].children;
        let before = index
            .min(siblings.len())
            .checked_sub(1)
            .map(|n| siblings[n]);
        match before.map(|id| &mut entries[id].data) {
            Some(Data::Text(there)) => {
                there.push_str(text);
                true
            }
            _ => false,
        }
    }

    fn detach(&self, id: usize) {
        let mut entries = self.entries.borrow_mut();
        if let Some(parent) = entries[id].parent.take() {
            // What the parser moves is almost always the last child.
            let children = &mut entries[parent].children;
            if let Some(index) = children.iter().rposition(|child| *child == id) {
                children.remove(index);
            }
        }
    }

    fn place_of(&self, id: usize) -> Option<(usize, usize)> {
        let entries = self.entries.borrow();
        let parent = entries[id].parent?;
        let index = entries[parent].children.iter().rposition(|c| *c == id)?;
        Some((parent, index))
    }
}

impl TreeSink for Sink {
    type Handle = Handle;
    type Output = Self;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Handle {
            id: ROOT,
            name: Rc::clone(&self.nameless),
        }
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, _: ElementFlags) -> Handle {
        let name = Rc::new(name);
        self.add(Data::Element(Rc::clone(&name), attrs), name)
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        self.other()
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        self.other()
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.insert(parent.id, usize::MAX, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        previous: &Handle,
        child: NodeOrText<Handle>,
    ) {
        if self.place_of(element.id).is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Handle) -> Handle {
        target.clone()
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        x.id == y.id
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(node) = &child {
            self.detach(node.id);
        }
        if let Some((parent, index)) = self.place_of(sibling.id) {
            self.insert(parent, index, child);
        }
    }

    fn add_attrs_if_missing(&self, target: &Handle, attrs: Vec<Attribute>) {
        let mut entries = self.entries.borrow_mut();
        if let Data::Element(_, there) = &mut entries[target.id].data {
            for attribute in attrs {
                if !there.iter().any(|known| known.name == attribute.name) {
                    there.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.detach(target.id);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        let children = std::mem::take(&mut self.entries.borrow_mut()[node.id].children);
        let mut entries = self.entries.borrow_mut();
        for child in &children {
            entries[*child].parent = Some(new_parent.id);
        }
        entries[new_parent.id].children.extend(children);
        let depth = entries[new_parent.id].depth;
        self.settle(&mut entries, new_parent.id, depth);
    }
}
