//! The structure of a document for those who listen to it: what is a heading, a list, a cell.

use krilla::tagging::{Identifier, Node, TagGroup, TagKind, TagTree};

/// The number of a structural element; `None` is for ornaments.
pub(super) type Tag = Option<usize>;

/// The elements, each after the one that it stands in. One that nothing is drawn for is left out, and
/// the others come in the order in which they are drawn.
#[derive(Default)]
pub(super) struct Tags {
    all: Vec<Element>,
    roots: Vec<usize>,
}

struct Element {
    kind: TagKind,
    parent: Tag,
    parts: Vec<Part>,
    /// Whether the parent knows of it.
    is_known: bool,
}

enum Part {
    Drawn(Identifier),
    Element(usize),
}

impl Tags {
    /// A new element in `parent`.
    pub(super) fn open(&mut self, parent: Tag, kind: impl Into<TagKind>) -> Tag {
        self.all.push(Element {
            kind: kind.into(),
            parent,
            parts: Vec::new(),
            is_known: false,
        });
        Some(self.all.len() - 1)
    }

    /// Tells what was drawn for an element.
    pub(super) fn drawn(&mut self, tag: usize, what: Identifier) {
        self.make_known(tag);
        if let Some(element) = self.all.get_mut(tag) {
            element.parts.push(Part::Drawn(what));
        }
    }

    fn make_known(&mut self, tag: usize) {
        let mut below = tag;
        while let Some(element) = self.all.get_mut(below)
            && !element.is_known
        {
            element.is_known = true;
            let Some(parent) = element.parent else {
                self.roots.push(below);
                return;
            };
            if let Some(parent) = self.all.get_mut(parent) {
                parent.parts.push(Part::Element(below));
            }
            below = parent;
        }
    }

    /// The whole tree, of a document in `language`.
    pub(super) fn tree(self, language: &str) -> TagTree {
        let mut groups: Vec<Option<TagGroup>> = Vec::new();
        groups.resize_with(self.all.len(), || None);
        // Elements come after those that they stand in, so from the end each is whole when it is taken.
        for (number, element) in self.all.into_iter().enumerate().rev() {
            let children = element.parts.into_iter().filter_map(|part| match part {
                Part::Drawn(what) => Some(Node::Leaf(what)),
                Part::Element(number) => groups.get_mut(number)?.take().map(Node::Group),
            });
            let group = TagGroup::with_children(element.kind, children.collect());
            if let Some(place) = groups.get_mut(number) {
                *place = Some(group);
            }
        }
        let mut tree = TagTree::new().with_lang(Some(language.to_owned()));
        for root in self.roots {
            if let Some(group) = groups.get_mut(root).and_then(Option::take) {
                tree.push(group);
            }
        }
        tree
    }
}
