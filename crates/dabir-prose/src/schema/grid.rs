//! Tables made square: every row covers the same columns, as the editor would insist.

use super::{MAX_NODES, MAX_SPAN};
use crate::ProseError;
use crate::node::{Cell, Kind, Node};

/// The most columns of a table.
const MAX_COLUMNS: usize = 200;
/// The widest a column can be dragged, in pixels.
const MAX_COLUMN_PIXELS: u32 = 10_000;

/// Rows of `cells`, short ones filled up, spans cut where the table ends or another cell lies.
pub(super) fn square(cells: Vec<Vec<Node>>) -> Result<Vec<Node>, ProseError> {
    let count = cells.len();
    let mut rows = Vec::with_capacity(count);
    // For each column, how many more rows a cell from above still covers it.
    let mut covered: Vec<u32> = Vec::new();
    for (n, row) in cells.into_iter().enumerate() {
        let left = u32::try_from(count - n).unwrap_or(MAX_SPAN);
        rows.push(lay(row, left, &mut covered));
    }
    let width = covered.len();
    if count.saturating_mul(width) > MAX_NODES {
        return Err(ProseError::TooManyNodes { most: MAX_NODES });
    }
    fill(&mut rows, width);
    Ok(rows)
}

/// Lays one row's cells into the columns that are free.
fn lay(cells: Vec<Node>, rows_left: u32, covered: &mut Vec<u32>) -> Node {
    let mut taken = covered.clone();
    let mut column = 0;
    let mut content: Vec<Node> = Vec::with_capacity(cells.len());
    for mut node in cells {
        while taken.get(column).is_some_and(|rows| *rows > 0) {
            column += 1;
        }
        // A table wider than any screen loses its columns there, not its text.
        if column >= MAX_COLUMNS
            && let Some(Node { content: last, .. }) = content.last_mut()
        {
            last.extend(node.content);
            continue;
        }
        if let Kind::TableCell(cell) | Kind::TableHeader(cell) = &mut node.kind {
            let room = free_columns(&taken, column);
            cut(cell, room, rows_left);
            let end = column + cell.colspan as usize;
            taken.resize(taken.len().max(end), 0);
            taken[column..end].fill(cell.rowspan);
            column = end;
        }
        content.push(node);
    }
    *covered = taken;
    covered
        .iter_mut()
        .for_each(|rows| *rows = rows.saturating_sub(1));
    Node::new(Kind::TableRow, content)
}

/// How many columns from `column` on are free.
fn free_columns(taken: &[u32], column: usize) -> usize {
    let next = taken.iter().skip(column).position(|rows| *rows > 0);
    next.unwrap_or(MAX_COLUMNS.saturating_sub(column).max(1))
}

fn cut(cell: &mut Cell, columns: usize, rows: u32) {
    let columns = u32::try_from(columns).unwrap_or(MAX_SPAN);
    cell.colspan = cell.colspan.clamp(1, columns.clamp(1, MAX_SPAN));
    cell.rowspan = cell.rowspan.clamp(1, rows.clamp(1, MAX_SPAN));
    let fits = cell.colwidth.len() == cell.colspan as usize;
    let sane = cell.colwidth.iter().all(|w| *w <= MAX_COLUMN_PIXELS);
    if !fits || !sane {
        cell.colwidth.clear();
    }
}

/// Fills every row up to `width` columns.
fn fill(rows: &mut [Node], width: usize) {
    let mut covered = vec![0_u32; width];
    for row in rows {
        let own: usize = row.content.iter().map(|cell| span(cell).0).sum();
        let above = covered.iter().filter(|rows| **rows > 0).count();
        let missing = width.saturating_sub(own + above);
        for _ in 0..missing {
            row.content.push(empty_cell());
        }
        cover(&row.content, &mut covered);
    }
}

fn cover(cells: &[Node], covered: &mut [u32]) {
    let mut column = 0;
    let mut next: Vec<u32> = covered.iter().map(|rows| rows.saturating_sub(1)).collect();
    for cell in cells {
        while covered.get(column).is_some_and(|rows| *rows > 0) {
            column += 1;
        }
        let (columns, rows) = span(cell);
        let end = (column + columns).min(next.len());
        next[column.min(end)..end].fill(rows - 1);
        column = end;
    }
    covered.copy_from_slice(&next);
}

fn span(cell: &Node) -> (usize, u32) {
    cell.kind
        .cell()
        .map_or((1, 1), |cell| (cell.colspan as usize, cell.rowspan))
}

fn empty_cell() -> Node {
    Node::new(
        Kind::TableCell(Cell::default()),
        vec![Node::paragraph(Vec::new())],
    )
}
