//! A Rust file told apart into code, comments and literals, which is as much Rust as tidy needs.

use std::ops::Range;

/// One Rust file.
#[derive(Debug)]
pub struct Source {
    text: String,
    /// The file with comments and the insides of literals blanked; byte for byte as long.
    pub code: String,
    pub comments: Vec<Piece>,
    /// Strings of all kinds, without their quotes, escapes as written.
    pub literals: Vec<Piece>,
}

/// A piece of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub line: usize,
    pub text: String,
    at: Range<usize>,
}

/// A function with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
}

impl Source {
    pub fn new(text: &str) -> Self {
        let mut reader = Reader {
            text,
            at: 0,
            code: text.as_bytes().to_vec(),
            comments: vec![],
            literals: vec![],
        };
        while reader.step() {}
        // Only whole characters are blanked, each byte by a space.
        let code = String::from_utf8_lossy(&reader.code).into_owned();
        Self {
            text: text.to_owned(),
            code,
            comments: reader.comments,
            literals: reader.literals,
        }
    }

    /// The line, counted from 1, of a byte.
    pub fn line_of(&self, at: usize) -> usize {
        line_of(&self.text, at)
    }

    /// The code with everything under `#[cfg(test)]` blanked too.
    pub fn production_code(&self) -> String {
        let mut code = self.code.clone().into_bytes();
        for range in self.test_ranges() {
            blank(&mut code, range);
        }
        String::from_utf8_lossy(&code).into_owned()
    }

    /// The literals outside `#[cfg(test)]`.
    pub fn production_literals(&self) -> impl Iterator<Item = &Piece> {
        let tests = self.test_ranges();
        self.literals
            .iter()
            .filter(move |literal| !tests.iter().any(|range| range.contains(&literal.at.start)))
    }

    /// Names of the modules declared as `#[cfg(test)] mod name;`.
    pub fn test_modules(&self) -> Vec<String> {
        let declared = self.test_ranges().into_iter().filter_map(|range| {
            let item = self.code[range].trim_end().strip_suffix(';')?;
            let (before, name) = item.rsplit_once(char::is_whitespace)?;
            before.trim_end().ends_with("mod").then(|| name.to_owned())
        });
        declared.collect()
    }

    /// The lines of the file without the insides of literals, for measuring them.
    pub fn lines_without_literals(&self) -> Vec<String> {
        let mut text = self.text.clone();
        for literal in self.literals.iter().rev() {
            let breaks: String = literal.text.chars().filter(|it| *it == '\n').collect();
            text.replace_range(literal.at.clone(), &breaks);
        }
        text.lines().map(str::to_owned).collect()
    }

    /// Every path that the file names in a `use` or in its code: `std::{env, fs as files}` is
    /// `std::env` and `std::fs`.
    pub fn imported_paths(code: &str) -> Vec<(usize, String)> {
        let mut paths = Vec::new();
        for at in words(code, "use") {
            let Some(length) = code[at..].find(';') else {
                continue;
            };
            let tree = &code[at + "use".len()..at + length];
            flatten("", tree, &mut |path| paths.push((at, path)));
        }
        paths
    }

    /// All functions with a body, nested ones too.
    pub fn functions(&self) -> Vec<Function> {
        let mut functions = Vec::new();
        for at in words(&self.code, "fn") {
            let rest = &self.code[at + 2..];
            let name: String = rest
                .trim_start()
                .chars()
                .take_while(|it| is_word(*it))
                .collect();
            // `fn(u8)` is a type, and a function that ends with `;` has no body.
            let Some(end) = body_end(rest) else { continue };
            if name.is_empty() {
                continue;
            }
            let (first, last) = (self.line_of(at), self.line_of(at + 2 + end));
            functions.push(Function {
                name,
                line: first,
                lines: last - first + 1,
            });
        }
        functions
    }

    fn test_ranges(&self) -> Vec<Range<usize>> {
        const MARK: &str = "#[cfg(test)]";
        let found = self.code.match_indices(MARK).map(|(at, _)| {
            let rest = &self.code[at + MARK.len()..];
            at..at + MARK.len() + item_end(rest)
        });
        found.collect()
    }
}

/// Where a word stands in code, not as a part of a longer one.
pub fn words<'c>(code: &'c str, word: &'c str) -> impl Iterator<Item = usize> + 'c {
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |at| {
            let before = code[..*at].chars().next_back();
            let after = code[at + word.len()..].chars().next();
            let starts = word.chars().next().is_some_and(|first| !is_word(first))
                || !before.is_some_and(is_word);
            let ends = word.chars().next_back().is_some_and(|last| !is_word(last))
                || !after.is_some_and(is_word);
            starts && ends
        })
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

fn blank(code: &mut [u8], range: Range<usize>) {
    for byte in &mut code[range] {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

/// How far the item that starts here goes: to its `;`, or to the end of its `{…}`.
fn item_end(code: &str) -> usize {
    body_end(code).unwrap_or_else(|| code.find(';').map_or(code.len(), |at| at + 1))
}

/// Where the first `{…}` before any `;` ends. Brackets and parentheses are stepped over: `[u8; 4]`
/// ends nothing.
fn body_end(code: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut braces = 0_usize;
    for (at, character) in code.char_indices() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '{' => braces += 1,
            '}' if braces == 0 => return None,
            '}' => {
                braces -= 1;
                if braces == 0 && depth == 0 {
                    return Some(at + 1);
                }
            }
            ';' if depth == 0 && braces == 0 => return None,
            _ => {}
        }
    }
    None
}

/// Calls `found` for every path of a `use` tree.
fn flatten(prefix: &str, tree: &str, found: &mut dyn FnMut(String)) {
    let tree = tree.trim();
    match tree.split_once('{') {
        None => {
            let name = tree.split(" as ").next().unwrap_or(tree);
            let path: String = name.chars().filter(|it| !it.is_whitespace()).collect();
            let path = format!("{prefix}{path}");
            found(
                path.strip_suffix("::self")
                    .map_or(path.clone(), str::to_owned),
            );
        }
        Some((head, group)) => {
            let head: String = head.chars().filter(|it| !it.is_whitespace()).collect();
            let group = group.trim_end().strip_suffix('}').unwrap_or(group);
            for branch in split_at_top(group) {
                flatten(&format!("{prefix}{head}"), branch, found);
            }
        }
    }
}

/// Splits at the commas that are outside braces.
fn split_at_top(group: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// Walks through a file and blanks what is not code.
struct Reader<'t> {
    text: &'t str,
    at: usize,
    code: Vec<u8>,
    comments: Vec<Piece>,
    literals: Vec<Piece>,
}

impl Reader<'_> {
    /// Takes one token or character; false at the end.
    fn step(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else {
            return false;
        };
        if rest.starts_with("//") {
            let length = rest.find('\n').unwrap_or(rest.len());
            self.comment(length);
        } else if rest.starts_with("/*") {
            let length = block_comment(rest);
            self.comment(length);
        } else if first == '"' {
            self.literal(1, 1, quoted(rest));
        } else if first == '\'' {
            self.character(rest);
        } else if is_word(first) {
            let word: String = rest.chars().take_while(|it| is_word(*it)).collect();
            self.word(&word, &rest[word.len()..]);
        } else {
            self.at += first.len_utf8();
        }
        true
    }

    fn comment(&mut self, length: usize) {
        let range = self.at..self.at + length;
        self.comments.push(self.piece(range.clone()));
        blank(&mut self.code, range.clone());
        self.at = range.end;
    }

    /// A literal of `length` bytes with that many bytes of quotes around it.
    fn literal(&mut self, opening: usize, closing: usize, length: usize) {
        let inside = self.at + opening
            ..(self.at + length)
                .saturating_sub(closing)
                .max(self.at + opening);
        self.literals.push(self.piece(inside.clone()));
        blank(&mut self.code, inside);
        self.at += length;
    }

    /// A character such as `'"'`, or the quote of a lifetime.
    fn character(&mut self, rest: &str) {
        let inside = &rest[1..];
        let length = if inside.starts_with('\\') {
            // At least one character is escaped, and that may be a quote.
            inside
                .char_indices()
                .skip(2)
                .find(|(_, it)| *it == '\'')
                .map(|(at, _)| at)
        } else {
            inside
                .char_indices()
                .nth(1)
                .filter(|(_, it)| *it == '\'')
                .map(|(at, _)| at)
        };
        match length {
            Some(length) => {
                blank(&mut self.code, self.at + 1..self.at + 1 + length);
                self.at += length + 2;
            }
            None => self.at += 1,
        }
    }

    /// A word; `b"`, `c"`, `r#"` and their like begin a literal.
    fn word(&mut self, word: &str, after: &str) {
        self.at += word.len();
        let raw = matches!(word, "r" | "br" | "cr");
        let hashes = after.chars().take_while(|it| *it == '#').count();
        if raw && after[hashes..].starts_with('"') {
            let closing = format!("\"{}", "#".repeat(hashes));
            let body = &after[hashes + 1..];
            let length = body
                .find(&closing)
                .map_or(after.len(), |end| hashes + 1 + end + closing.len());
            self.literal(hashes + 1, closing.len(), length);
        } else if matches!(word, "b" | "c") && after.starts_with('"') {
            self.literal(1, 1, quoted(after));
        }
    }

    fn piece(&self, at: Range<usize>) -> Piece {
        Piece {
            line: line_of(self.text, at.start),
            text: self.text[at.clone()].to_owned(),
            at,
        }
    }
}

/// Length of the string that starts here, quotes included.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Length of the block comment that starts here; they nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Source::new(text).code
    }

    #[test]
    fn comments_and_literals_are_blanked() {
        assert_eq!(
            code("a /* b /* c */ d */ e // f\ng"),
            "a                   e     \ng"
        );
        assert_eq!(code(r#"f("x \" y", b"z")"#), r#"f("      ", b" ")"#);
        assert_eq!(code(r###"r#"a "b" c"# d"###), r###"r#"       "# d"###);
    }

    #[test]
    fn lifetimes_are_not_characters() {
        assert_eq!(
            code("fn f<'a>(x: &'a str) -> char { '\"' }"),
            "fn f<'a>(x: &'a str) -> char { ' ' }"
        );
        assert_eq!(
            code(r"let quote = '\''; g('é')"),
            r"let quote = '  '; g('  ')"
        );
    }

    #[test]
    fn literals_keep_their_line() {
        let source = Source::new("let a = 1;\nlet b = \"two\";");
        assert_eq!(
            (source.literals[0].line, source.literals[0].text.as_str()),
            (2, "two")
        );
    }

    #[test]
    fn test_modules_are_not_production() {
        let source = Source::new(
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { \"}\"; }\n}\nfn c() { \"x\"; }",
        );
        let production = source.production_code();
        assert!(
            production.contains("fn a")
                && production.contains("fn c")
                && !production.contains("fn b")
        );
        assert_eq!(source.production_literals().count(), 1);
    }

    #[test]
    fn a_test_only_field_ends_at_its_semicolon() {
        let source =
            Source::new("#[cfg(test)]\nuse a::b;\nfn c() {}\n#[cfg(test)]\npub mod cases;");
        assert!(source.production_code().contains("fn c"));
        assert_eq!(source.test_modules(), ["cases"]);
    }

    #[test]
    fn use_trees_are_flattened() {
        let paths =
            Source::imported_paths("use std::{env, fs as files, io::{self, Read}};\nuse a::b;");
        let paths: Vec<&str> = paths.iter().map(|(_, path)| path.as_str()).collect();
        assert_eq!(
            paths,
            ["std::env", "std::fs", "std::io", "std::io::Read", "a::b"]
        );
    }

    #[test]
    fn functions_are_measured_from_name_to_brace() {
        let source = Source::new(
            "trait T { fn open(&self); }\nfn body(x: [u8; 2])\n{\n    call(|| { });\n}\ntype F = fn(u8);",
        );
        let functions = source.functions();
        assert_eq!(
            functions,
            [Function {
                name: "body".into(),
                line: 2,
                lines: 4
            }]
        );
    }
}
