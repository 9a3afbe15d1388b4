//! How wide blocks want to be, before they are set.

use super::blocks::{PADDING, Place, QUOTED, Setter, manner};
use super::image::shown_size;
use super::said;
use super::sheet::{Column, INDENT, NARROW, Voice};
use crate::dir;
use crate::node::{Dir, Kind, Node};

impl Setter<'_> {
    /// The narrowest and the widest that blocks can be set.
    pub(super) fn widths(&mut self, nodes: &[Node], around: Dir, voice: Voice) -> (f32, f32) {
        let mut widest = (0.0_f32, 0.0_f32);
        for node in nodes {
            let (min, max) = self.block_widths(node, around, voice);
            widest = (widest.0.max(min), widest.1.max(max));
        }
        widest
    }

    fn block_widths(&mut self, node: &Node, around: Dir, voice: Voice) -> (f32, f32) {
        let dir = dir::shown(node, around);
        let (voice, around_it) = match &node.kind {
            Kind::Image(image) => {
                let shown = self.picture(&image.src);
                let width = shown.map_or(0.0, |shown| shown_size(image, shown.size, f32::MAX).0);
                return (width.min(NARROW), width);
            }
            Kind::Heading { level } => (voice.heading(*level), 0.0),
            Kind::CodeBlock { .. } => (voice.code(), 2.0 * PADDING),
            Kind::Blockquote => (voice, QUOTED),
            kind if kind.is_list() => (voice, INDENT),
            _ => (voice, 0.0),
        };
        let (min, max) = if node.kind.is_textblock() {
            let said = match node.kind {
                Kind::CodeBlock { .. } => said::code(&node.content),
                _ => said::pieces(&node.content, &mut |_| None),
            };
            let place = Place {
                column: Column::SHEET,
                voice,
                align: None,
                tag: None,
                depth: 0,
            };
            // What goes on in a second piece is wide enough.
            let first = said.first();
            first.map_or((0.0, 0.0), |first| {
                self.known.lines.widths(first, &manner(dir, place))
            })
        } else {
            self.widths(&node.content, dir, voice)
        };
        (min + around_it, max + around_it)
    }
}
