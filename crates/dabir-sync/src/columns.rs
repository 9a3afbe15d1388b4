//! The columns of a synced table: which field stands in which, what it may hold, and how it widens
//! when the source sends something else than before.

use std::collections::HashMap;

use crate::page::{Rows, Shape};

/// What a column holds. Each holds all that those before it hold: whole numbers that a real one does
/// not hold are texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Type {
    Integer,
    Real,
    Text,
}

impl Type {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Real => "real",
            Self::Text => "text",
        }
    }

    pub(crate) fn parse(word: &str) -> Self {
        match word {
            "integer" => Self::Integer,
            "real" => Self::Real,
            _ => Self::Text,
        }
    }

    /// Its name in PostgreSQL.
    pub(crate) fn postgres(self) -> &'static str {
        match self {
            Self::Integer => "BIGINT",
            Self::Real => "DOUBLE PRECISION",
            Self::Text => "TEXT",
        }
    }

    /// The narrowest that holds such a value; `None` when every one does.
    fn of(shape: Shape) -> Option<Self> {
        match shape {
            Shape::Null => None,
            Shape::Bool | Shape::Int => Some(Self::Integer),
            Shape::Real => Some(Self::Real),
            Shape::Big | Shape::Plain | Shape::Escaped | Shape::Nested => Some(Self::Text),
        }
    }
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name at the source.
    pub(crate) field: String,
    pub(crate) name: String,
    pub(crate) kind: Type,
}

/// Where the values of a field go, and as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    pub(crate) place: usize,
    pub(crate) kind: Type,
}

/// The columns of one table, in the order in which they came. Their places never change: the hashes
/// of rows are made of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    pub(crate) all: Vec<Column>,
    by_field: HashMap<String, usize>,
}

/// What a page needs of its table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Growth {
    pub(crate) added: Vec<usize>,
    pub(crate) widened: Vec<(usize, Type)>,
    /// A field for which there is no room.
    pub(crate) left_out: Option<String>,
}

/// The most columns of a table: both databases take them, and people can still read them.
pub(crate) const MAX_COLUMNS: usize = 300;
/// PostgreSQL cuts longer names.
const MAX_NAME: usize = 63;
/// PostgreSQL has columns of these names in every table.
const SYSTEM: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

impl Columns {
    pub(crate) fn new(all: Vec<Column>) -> Self {
        let by_field = all
            .iter()
            .enumerate()
            .map(|(n, column)| (column.field.clone(), n))
            .collect();
        Self { all, by_field }
    }

    pub(crate) fn of_field(&self, field: &str) -> Option<At> {
        self.by_field.get(field).map(|place| self.at(*place))
    }

    pub(crate) fn at(&self, place: usize) -> At {
        At {
            place,
            kind: self.all[place].kind,
        }
    }

    /// Makes room for what the page holds. A field that is null in all rows needs no column yet, and
    /// one beyond the limit gets none.
    pub(crate) fn grow(&mut self, rows: &Rows) -> Growth {
        let mut growth = Growth::default();
        for (field, kind) in needs(rows) {
            let known = self.of_field(&rows.fields[field]);
            match known {
                Some(At { place, kind: old }) if kind > old => {
                    growth.widened.push((place, old));
                    self.all[place].kind = kind;
                }
                Some(_) => {}
                None if self.all.len() < MAX_COLUMNS => {
                    growth.added.push(self.add(&rows.fields[field], kind));
                }
                None => growth.left_out = Some(rows.fields[field].clone()),
            }
        }
        growth
    }

    fn add(&mut self, field: &str, kind: Type) -> usize {
        let name = self.free_name(field);
        let place = self.all.len();
        self.by_field.insert(field.to_owned(), place);
        self.all.push(Column {
            field: field.to_owned(),
            name,
            kind,
        });
        place
    }

    /// A name that no other column has, whatever the case: SQLite takes `Name` and `name` for one.
    fn free_name(&self, field: &str) -> String {
        let wanted = column_name(field);
        let is_taken = |name: &str| {
            let lower = name.to_lowercase();
            self.all
                .iter()
                .any(|column| column.name.to_lowercase() == lower)
        };
        if !is_taken(&wanted) {
            return wanted;
        }
        let numbered = |n: usize| {
            let end = format!("_{n}");
            format!("{}{end}", cut(&wanted, MAX_NAME - end.len()))
        };
        (2..)
            .map(numbered)
            .find(|name| !is_taken(name))
            .unwrap_or(wanted)
    }
}

/// The narrowest types that hold the page's values, by field.
fn needs(rows: &Rows) -> Vec<(usize, Type)> {
    let mut kinds: Vec<Option<Type>> = vec![None; rows.fields.len()];
    for n in 0..rows.len() {
        for slot in rows.row(n) {
            let kind = &mut kinds[usize::from(slot.field)];
            *kind = (*kind).max(Type::of(slot.shape));
        }
    }
    let needed = kinds.into_iter().enumerate();
    needed
        .filter_map(|(field, kind)| Some((field, kind?)))
        .collect()
}

/// A field's name as a column may have it: letters of any script, digits and `_`; names that begin
/// with `_` are ours.
fn column_name(field: &str) -> String {
    let safe: String = field
        .trim()
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '_' || c == '\u{200c}' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let named = match safe.chars().next() {
        None => "field".to_owned(),
        Some('_') => format!("field{safe}"),
        Some(c) if c.is_numeric() => format!("field_{safe}"),
        Some(_) if SYSTEM.contains(&safe.as_str()) => format!("field_{safe}"),
        Some(_) => safe,
    };
    cut(&named, MAX_NAME).to_owned()
}

fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// A name as both databases take it, whatever is in it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\"").replace('\0', ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Page;

    fn rows(body: &str) -> Rows {
        Page::read(body.as_bytes().to_vec(), "", None).unwrap().rows
    }

    #[test]
    fn columns_come_and_widen_and_never_narrow() {
        let mut columns = Columns::default();
        let growth = columns.grow(&rows(
            r#"[{"id": 1, "a": null, "b": 1}, {"id": 2, "b": 1.5}]"#,
        ));
        assert_eq!(growth.added, [0, 1]);
        assert_eq!(columns.all[1].kind, Type::Real);
        let growth = columns.grow(&rows(r#"[{"id": "x", "a": true, "b": 2}]"#));
        assert_eq!(growth.added, [2]);
        assert_eq!(growth.widened, [(0, Type::Integer)]);
        let growth = columns.grow(&rows(r#"[{"id": 7, "a": 0, "b": 3.5}]"#));
        assert_eq!(growth, Growth::default());
    }

    #[test]
    fn whole_numbers_that_a_real_one_does_not_hold_are_texts() {
        let mut columns = Columns::default();
        columns.grow(&rows(
            r#"[{"id": 9007199254740993, "n": 9007199254740992}]"#,
        ));
        let kinds: Vec<Type> = columns.all.iter().map(|column| column.kind).collect();
        assert_eq!(kinds, [Type::Text, Type::Integer]);
    }

    #[test]
    fn names_are_safe_and_differ() {
        for (field, name) in [
            ("نام خانوادگی", "نام_خانوادگی"),
            ("a\"; DROP TABLE x; --", "a___DROP_TABLE_x____"),
            ("_hash", "field_hash"),
            ("1st", "field_1st"),
            ("", "field"),
            ("a\0b", "a_b"),
            ("xmin", "field_xmin"),
        ] {
            assert_eq!(column_name(field), name);
        }
        assert!(column_name(&"ی".repeat(100)).len() <= MAX_NAME);
        let mut columns = Columns::default();
        columns.grow(&rows(
            r#"[{"Name": 1, "name": 1, "NAME": 1, "na me": 1, "na-me": 1}]"#,
        ));
        let names: Vec<_> = columns.all.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["Name", "name_2", "NAME_3", "na_me", "na_me_2"]);
    }

    #[test]
    fn a_table_has_an_end() {
        let fields: Vec<String> = (0..500).map(|n| format!("\"f{n}\": 1")).collect();
        let mut columns = Columns::default();
        let growth = columns.grow(&rows(&format!("[{{{}}}]", fields.join(","))));
        assert_eq!(columns.all.len(), MAX_COLUMNS);
        assert_eq!(growth.left_out.as_deref(), Some("f499"));
    }
}
