//! A tree put together from the events of a parser.
//!
//! The bounds hold while it grows: what nests too deep is unwrapped on the spot, and the first
//! bound that is exceeded stops the growth and is told at the end. [`fit`] then finds the places.

use crate::ProseError;
use crate::node::{Dir, Kind, Mark, Node};
use crate::schema::{MAX_DEPTH, check_size, fit, size};

/// The deepest chain of open nodes, so that what is added around them still fits.
const MAX_OPEN: usize = MAX_DEPTH - 6;

#[derive(Debug)]
pub(crate) struct Builder {
    /// The chain of nodes that are not closed yet; the first stands for the document.
    open: Vec<Node>,
    /// How many nodes were opened below the deepest one.
    unwrapped: usize,
    nodes: usize,
    text_bytes: usize,
    broken: Option<ProseError>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            open: vec![Node::leaf(Kind::Doc)],
            unwrapped: 0,
            nodes: 0,
            text_bytes: 0,
            broken: None,
        }
    }

    /// Begins a node; what comes until [`close`](Self::close) stands in it.
    pub(crate) fn open(&mut self, kind: Kind, dir: Option<Dir>) {
        if self.broken.is_some() || self.unwrapped > 0 || self.open.len() > MAX_OPEN {
            self.unwrapped += 1;
        } else {
            self.count(1, 0);
            self.open.push(Node::leaf(kind).with_dir(dir));
        }
    }

    /// Ends the node that was begun last.
    pub(crate) fn close(&mut self) {
        if self.unwrapped > 0 {
            self.unwrapped -= 1;
        } else if self.open.len() > 1
            && let Some(node) = self.open.pop()
            && let Some(parent) = self.open.last_mut()
        {
            parent.content.push(node);
        }
    }

    /// Adds a whole node.
    pub(crate) fn push(&mut self, node: Node) {
        let (nodes, text_bytes) = size(&node);
        self.count(nodes, text_bytes);
        if self.broken.is_none()
            && let Some(parent) = self.open.last_mut()
        {
            parent.content.push(node);
        }
    }

    fn count(&mut self, nodes: usize, text_bytes: usize) {
        self.nodes += nodes;
        self.text_bytes += text_bytes;
        if self.broken.is_none() {
            self.broken = check_size(self.nodes, self.text_bytes).err();
        }
    }

    /// Adds a node without content.
    pub(crate) fn leaf(&mut self, kind: Kind) {
        self.push(Node::leaf(kind));
    }

    /// Adds text; however many marks are open, it has each of them once.
    pub(crate) fn text(&mut self, text: &str, marks: &[Mark]) {
        if !text.is_empty() {
            self.push(Node::marked(text, Mark::arrange(marks.to_vec())));
        }
    }

    /// Takes back a break that ends the line, where it would show nothing.
    pub(crate) fn drop_last_break(&mut self) {
        if let Some(node) = self.current() {
            node.content.pop_if(|last| last.kind == Kind::HardBreak);
        }
    }

    /// The node that is being filled.
    pub(crate) fn current(&mut self) -> Option<&mut Node> {
        if self.unwrapped > 0 {
            return None;
        }
        self.open.last_mut()
    }

    /// How many nodes are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len() + self.unwrapped
    }

    /// Makes the item that is being filled a task, and its list one of tasks.
    pub(crate) fn make_task(&mut self, checked: bool) {
        if self.unwrapped > 0 {
            return;
        }
        let mut open = self.open.iter_mut().rev();
        if let Some(item) = open.find(|node| node.kind == Kind::ListItem) {
            item.kind = Kind::TaskItem { checked };
            if let Some(list) = open.next() {
                list.kind = Kind::TaskList;
            }
        }
    }

    /// Everything that was added, not yet in its places.
    pub(crate) fn finish_loose(mut self) -> Result<Vec<Node>, ProseError> {
        while self.open.len() > 1 {
            self.unwrapped = 0;
            self.close();
        }
        match self.broken {
            Some(error) => Err(error),
            None => Ok(self.open.pop().map(|doc| doc.content).unwrap_or_default()),
        }
    }

    /// The document.
    pub(crate) fn finish(self) -> Result<Node, ProseError> {
        fit(self.finish_loose()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::MAX_NODES;

    #[test]
    fn nothing_grows_once_a_bound_is_broken() {
        let mut builder = Builder::new();
        for _ in 0..2 * MAX_NODES {
            builder.open(Kind::Paragraph, None);
            builder.close();
        }
        assert_eq!(builder.open[0].content.len(), MAX_NODES + 1);
        let refused = Err(ProseError::TooManyNodes { most: MAX_NODES });
        assert_eq!(builder.finish_loose(), refused);
    }

    #[test]
    fn a_text_has_each_open_mark_once() {
        let long = "x".repeat(1 << 20);
        let marks = [
            Mark::Bold,
            Mark::link_to(&long),
            Mark::Italic,
            Mark::Bold,
            Mark::link_to("https://a.ir"),
        ];
        let mut builder = Builder::new();
        builder.text("a", &marks);
        let href = "https://a.ir".to_owned();
        let kept = vec![Mark::Link { href }, Mark::Bold, Mark::Italic];
        assert_eq!(builder.finish_loose(), Ok(vec![Node::marked("a", kept)]));
        let nothing = String::new();
        assert_eq!(marks[1], Mark::Link { href: nothing });
    }
}
