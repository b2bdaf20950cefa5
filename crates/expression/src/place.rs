//! Where something stands in an expression, as everybody else counts: people count characters, and what reads JSON
//! indexes its texts by UTF-16 code units, as JavaScript, C# and Java do.

use serde::Serialize;

use crate::ast::Span;
use crate::diagnostic::Diagnostic;

/// In JSON `{"start": …, "end": …}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The number of its first character; that of the text is 1.
    #[serde(skip)]
    pub character: usize,
    /// In UTF-16 code units: `start..end`.
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// Where that is in the text that it is a piece of.
    pub fn place(self, text: &str) -> Place {
        Ruler::new(text).place(self)
    }

    /// The same in a text of which nothing is known but that its letters take a byte each.
    pub(crate) fn place_in_ascii(self) -> Place {
        Place {
            character: self.start + 1,
            start: self.start,
            end: self.end,
        }
    }
}

/// Tells each of them where in `text` it is. Those that stand in the order of the text, as most do, take one walk through it.
pub(crate) fn locate(text: &str, all: &mut [Diagnostic]) {
    let mut ruler = Ruler::new(text);
    for it in all {
        it.place = ruler.place(it.span);
        if let Some(suggestion) = &mut it.suggestion {
            suggestion.place = match suggestion.span == it.span {
                true => it.place,
                false => ruler.place(suggestion.span),
            };
        }
    }
}

/// How far the text was counted.
struct Ruler<'t> {
    text: &'t str,
    bytes: usize,
    characters: usize,
    units: usize,
}

impl<'t> Ruler<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            bytes: 0,
            characters: 0,
            units: 0,
        }
    }

    fn place(&mut self, span: Span) -> Place {
        if span.start < self.bytes {
            *self = Self::new(self.text);
        }
        let before = self.text.get(self.bytes..span.start).unwrap_or_default();
        self.bytes += before.len();
        self.characters += before.chars().count();
        self.units += units(before);
        let inside = self.text.get(span.start..span.end).unwrap_or_default();
        Place {
            character: self.characters + 1,
            start: self.units,
            end: self.units + units(inside),
        }
    }
}

fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}
