//! Expressions in the languages of the two databases.
//!
//! Terms are letters and digits alone, so that nothing has to be escaped in either language.

use dabir_text::search::Expression;

/// What is asked of an index: one expression holds, and none of the others.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) is: Expression,
    /// What was asked before this.
    pub(crate) before: Option<Expression>,
    pub(crate) is_not: Option<Expression>,
}

/// The words of a language.
struct Words {
    and: &'static str,
    or: &'static str,
    but_not: &'static str,
    quote: char,
    begins: &'static str,
}

const FTS5: Words = Words {
    and: " AND ",
    or: " OR ",
    but_not: " NOT ",
    quote: '"',
    begins: "*",
};

const TSQUERY: Words = Words {
    and: " & ",
    or: " | ",
    but_not: " & !",
    quote: '\'',
    begins: ":*",
};

impl Question {
    /// For SQLite's `MATCH`.
    pub(crate) fn fts5(&self) -> String {
        self.write(&FTS5)
    }

    /// For PostgreSQL's `@@`.
    pub(crate) fn tsquery(&self) -> String {
        self.write(&TSQUERY)
    }

    fn write(&self, words: &Words) -> String {
        let mut text = String::new();
        words.write(&self.is, &mut text);
        for is_not in self.before.iter().chain(&self.is_not) {
            text += words.but_not;
            words.write(is_not, &mut text);
        }
        text
    }
}

impl Words {
    fn write(&self, expression: &Expression, text: &mut String) {
        match expression {
            Expression::Term(term) => self.write_term(term, "", text),
            Expression::Begins(term) => self.write_term(term, self.begins, text),
            Expression::All(parts) => self.write_all(parts, self.and, text),
            Expression::Any(parts) => self.write_all(parts, self.or, text),
        }
    }

    fn write_term(&self, term: &str, end: &str, text: &mut String) {
        text.push(self.quote);
        text.extend(term.chars().filter(|c| c.is_alphanumeric()));
        text.push(self.quote);
        text.push_str(end);
    }

    fn write_all(&self, parts: &[Expression], between: &str, text: &mut String) {
        text.push('(');
        for (n, part) in parts.iter().enumerate() {
            if n > 0 {
                text.push_str(between);
            }
            self.write(part, text);
        }
        text.push(')');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_question_is_asked_in_two_languages() {
        let term = |text: &str| Expression::Term(text.to_owned());
        let question = Question {
            is: Expression::All(vec![
                Expression::Any(vec![term("wکتاب"), Expression::Begins("wدان".into())]),
                term("r1"),
            ]),
            before: Some(term("b")),
            is_not: Some(term("w\"') OR *x")),
        };
        assert_eq!(
            question.fts5(),
            r#"(("wکتاب" OR "wدان"*) AND "r1") NOT "b" NOT "wORx""#
        );
        assert_eq!(
            question.tsquery(),
            "(('wکتاب' | 'wدان':*) & 'r1') & !'b' & !'wORx'"
        );
    }
}
