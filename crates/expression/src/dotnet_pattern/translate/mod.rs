//! Rewrites what .NET reads differently from the regex crates: classes `[…]`, braces that are no
//! repetition, groups and what calls them, comments and a few escapes.

mod escape;
mod options;
mod repetition;

use std::collections::HashSet;
use std::iter::Peekable;
use std::str::Chars;

use self::options::{Options, is_option};
use self::repetition::repetition;
use super::class::class;
use super::groups::{Groups, number};

pub(super) use self::escape::{by_number, escape};

pub(super) type Letters<'a> = Peekable<Chars<'a>>;

/// A pattern as the regex crates read it.
#[derive(Debug)]
pub(super) struct Translated {
    pub text: String,
    pub groups: Groups,
}

/// The error says what is not supported. A pattern that was `accepted` once may refer to a group inside of it.
pub(super) fn translate(pattern: &str, accepted: bool) -> Result<Translated, String> {
    // What calls a group may stand before it, and before those that move its number.
    let written = Translator::new(pattern, None, accepted).run()?.written;
    let groups = Groups::of(&written);
    let text = Translator::new(pattern, Some(&groups), accepted).run()?.out;
    Ok(Translated { text, groups })
}

struct Translator<'p> {
    letters: Letters<'p>,
    out: String,
    /// The groups that are open, around them the pattern itself.
    open: Vec<Open>,
    /// The names of the groups so far.
    written: Vec<Option<String>>,
    /// All groups; none while they are looked for.
    groups: Option<&'p Groups>,
    /// Those of them that are open and written several times, by where they stand.
    repeated: HashSet<usize>,
    /// Whether the pattern was accepted once.
    accepted: bool,
}

#[derive(Clone, Copy)]
struct Open {
    /// What holds now.
    options: Options,
    /// What held when it was opened.
    before: Options,
    /// What closes it.
    close: &'static str,
    /// Whether it looks around, or stands in a group that does.
    looks: bool,
    /// Where it stands among the groups, if it is written several times.
    repeated: Option<usize>,
    /// Where it is written among the groups, if it is one that holds what it matched.
    place: Option<usize>,
}

impl<'p> Translator<'p> {
    fn new(pattern: &'p str, groups: Option<&'p Groups>, accepted: bool) -> Self {
        Self {
            letters: pattern.chars().peekable(),
            out: String::with_capacity(pattern.len() + 8),
            open: vec![Open {
                options: Options::default(),
                before: Options::default(),
                close: ")",
                looks: false,
                repeated: None,
                place: None,
            }],
            written: Vec::new(),
            groups,
            repeated: HashSet::new(),
            accepted,
        }
    }

    fn options(&self) -> Options {
        self.open.last().map(|it| it.options).unwrap_or_default()
    }

    fn run(mut self) -> Result<Self, String> {
        // Whether a repetition stands before, but for blanks and comments.
        let mut is_repeated = false;
        while let Some(letter) = self.letters.next() {
            let is_spaced = self.options().is_spaced();
            if let Some(sign) = repetition(letter, &mut self.letters, is_spaced) {
                if is_repeated && !self.accepted {
                    return Err(format!(
                        "`{sign}` repeats what is a repetition already; put that into a group, as in `(?:a+)+`, or write `(?>a+)` for what gives nothing back"
                    ));
                }
                self.out.push_str(&sign);
                is_repeated = true;
                continue;
            }
            let is_passed_over = match letter {
                '#' => is_spaced,
                '(' => self.letters.clone().take(2).eq("?#".chars()),
                other => is_spaced && other.is_ascii_whitespace(),
            };
            is_repeated &= is_passed_over;
            match letter {
                '\\' => self.escape()?,
                '[' => class(&mut self.letters, &mut self.out, self.accepted)?,
                '(' => self.group(true)?,
                ')' => {
                    let closed = (self.open.len() > 1).then(|| self.open.pop()).flatten();
                    if let Some(closed) = closed {
                        // One of the engines lets them go on behind the group.
                        self.out.push_str(&closed.options.back_to(closed.before));
                        if let Some(repeated) = closed.repeated {
                            self.repeated.remove(&repeated);
                        }
                    }
                    self.out.push_str(closed.map_or(")", |it| it.close));
                }
                // Its signs are none of the pattern.
                '#' if is_spaced => self.comment(),
                // Only the blanks of ASCII are passed over in .NET.
                other if is_spaced && other.is_whitespace() && !other.is_ascii() => {
                    by_number(other, &mut self.out);
                }
                // Without a number in it a brace is a brace.
                '{' => self.out.push_str("\\{"),
                other => self.out.push(other),
            }
        }
        Ok(self)
    }

    /// Behind `#`: the rest of the line.
    fn comment(&mut self) {
        while self.letters.next().is_some_and(|it| it != '\n') {}
    }

    /// Behind a backslash.
    fn escape(&mut self) -> Result<(), String> {
        match self.letters.peek() {
            Some('k') => {
                self.letters.next();
                let close = match self.letters.next() {
                    Some('<') => '>',
                    Some('\'') => '\'',
                    _ => {
                        return Err("`\\k` needs the name of a group, as in `\\k<name>`".to_owned());
                    }
                };
                let name = self.name(close)?;
                self.call(&name)
            }
            Some('1'..='9') => {
                let mut digits = String::new();
                while let Some(digit) = self.letters.next_if(char::is_ascii_digit) {
                    digits.push(digit);
                }
                self.call(&digits)
            }
            _ => escape(&mut self.letters, &mut self.out, false, self.accepted),
        }
    }

    /// A name, and what closes it.
    fn name(&mut self, close: char) -> Result<String, String> {
        let mut name = String::new();
        for letter in self.letters.by_ref() {
            if letter == close {
                return Ok(name);
            }
            name.push(letter);
        }
        Err(format!("the name of a group is not closed with `{close}`"))
    }

    /// What the group of this name or number holds, once more.
    fn call(&mut self, name: &str) -> Result<(), String> {
        let Some(groups) = self.groups else {
            return Ok(());
        };
        // No way of .NET's: so many groups back from here, as one of the engines counts them.
        if name.starts_with(['-', '+']) {
            if !self.accepted {
                return Err(format!(
                    "`\\k<{name}>` counts groups from where it stands; refer to a group by its name or number"
                ));
            }
            self.out.push_str(&format!("\\k<{name}>"));
            return Ok(());
        }
        let place = called(groups, name)?;
        self.outside(place, name)?;
        self.out.push_str(&format!("(?:\\{place})"));
        Ok(())
    }

    /// Refuses what asks a group from inside of it. In .NET the group holds what it matched the time before, until it is
    /// closed again; the engine has its new beginning with its old end.
    fn outside(&self, place: usize, name: &str) -> Result<(), String> {
        let is_inside = self.open.iter().any(|it| it.place == Some(place));
        match is_inside && !self.accepted {
            false => Ok(()),
            true => Err(format!(
                "it refers to the group `{name}` inside of that group, which is not supported"
            )),
        }
    }

    fn open(&mut self, text: &str, options: Options) {
        self.out.push_str(text);
        self.open.push(Open {
            options,
            before: options,
            close: ")",
            looks: self.open.last().is_some_and(|it| it.looks),
            repeated: None,
            place: None,
        });
    }

    /// A group that holds what it matched. Of one that is written several times, what was found furthest right counts: that is
    /// what was found last, but not around the place that is read, or of one inside of the other.
    fn capture(&mut self, name: Option<String>, options: Options) -> Result<(), String> {
        self.written.push(name);
        self.open("(", options);
        let place = self.written.len();
        if let Some(open) = self.open.last_mut() {
            open.place = Some(place);
        }
        let repeated = self.groups.and_then(|it| {
            let at = it.repeated(place)?;
            Some((at, it.label(at)?))
        });
        let (Some((repeated, label)), Some(open)) = (repeated, self.open.last_mut()) else {
            return Ok(());
        };
        if open.looks {
            return Err(format!(
                "the group `{label}` is written several times, and so cannot stand inside look-around"
            ));
        }
        open.repeated = Some(repeated);
        if !self.repeated.insert(repeated) {
            return Err(format!("the group `{label}` stands inside of itself"));
        }
        Ok(())
    }

    /// Behind `(`. Whether it is a group of its own where nothing else is said, the caller knows.
    fn group(&mut self, captures: bool) -> Result<(), String> {
        let outside = self.options();
        while outside.is_spaced() {
            match self
                .letters
                .next_if(|it| *it == '#' || it.is_ascii_whitespace())
            {
                Some('#') => self.comment(),
                Some(_) => {}
                None => break,
            }
        }
        let mut ahead = self.letters.clone();
        if ahead.next() != Some('?') {
            if captures {
                return self.capture(None, outside);
            }
            self.open("(?:", outside);
            return Ok(());
        }
        let options: String = ahead.clone().take_while(|it| is_option(*it)).collect();
        let inside = outside.with(&options);
        if !options.is_empty() && ahead.clone().nth(options.len()) == Some(')') {
            // `(?x)` is for the rest of the group that it stands in.
            if let Some(around) = self.open.last_mut() {
                around.options = inside;
            }
            self.letters.nth(options.len() + 1);
            self.out.push_str(&format!("(?{options})"));
            return Ok(());
        }
        match (ahead.next(), ahead.peek()) {
            (Some('#'), _) => {
                if !self.letters.any(|it| it == ')') {
                    return Err("a comment `(?#…)` is not closed".to_owned());
                }
            }
            // One inside of another's condition would have no end.
            (Some('('), _) if !captures => {
                return Err("the condition of `(?(…)…)` cannot be a condition".to_owned());
            }
            (Some('('), _) => {
                self.letters.nth(1);
                self.condition(outside)?;
            }
            // Python's spellings, which .NET does not have.
            (Some('P'), Some('=')) => {
                self.letters.nth(2);
                let name = self.name(')')?;
                self.call(&name)?;
            }
            (Some('P'), Some('<')) => {
                self.letters.nth(2);
                self.named('>', outside)?;
            }
            (Some(open @ ('<' | '\'')), next) if !matches!(next, Some('=' | '!')) => {
                self.letters.nth(1);
                self.named(if open == '<' { '>' } else { '\'' }, outside)?;
            }
            (sign, next) => {
                let looks = match sign {
                    Some('<') => matches!(next, Some('=' | '!')),
                    sign => matches!(sign, Some('=' | '!')),
                };
                self.open("(", inside);
                self.looks(looks);
            }
        }
        Ok(())
    }

    /// Behind `(?<`.
    fn named(&mut self, close: char, options: Options) -> Result<(), String> {
        let name = self.name(close)?;
        if name.contains('-') {
            return Err("balancing groups `(?<a-b>…)` are not supported".to_owned());
        }
        if name.is_empty() || !name.chars().all(is_of_name) {
            return Err(format!("`{name}` is no name of a group"));
        }
        if name.starts_with(|it: char| it.is_ascii_digit()) && number(&name).is_none() {
            return Err(format!(
                "`{name}` is no name of a group; one that begins with a digit is a number, from 1"
            ));
        }
        self.capture(Some(name), options)
    }

    /// The group that was opened last looks around.
    fn looks(&mut self, looks: bool) {
        if let Some(open) = self.open.last_mut() {
            open.looks |= looks;
        }
    }

    /// Behind `(?(`: whether a group holds something, or else a look ahead.
    fn condition(&mut self, options: Options) -> Result<(), String> {
        let mut ahead = self.letters.clone();
        let name: String = std::iter::from_fn(|| ahead.next_if(|it| is_of_name(*it))).collect();
        let is_closed = ahead.next() == Some(')');
        let is_number = name.starts_with(|it: char| it.is_ascii_digit());
        let known = self.groups.is_some_and(|it| it.called(&name).is_some());
        if let Some(groups) = self.groups.filter(|_| is_closed && (known || is_number)) {
            let place = called(groups, &name)?;
            self.outside(place, &name)?;
            self.letters = ahead;
            self.open(&format!("(?({place})"), options);
            return Ok(());
        }
        self.open("(?((?=", options);
        let inside = self.open.len();
        self.group(false)?;
        match self.open.get_mut(inside) {
            Some(inside) => {
                inside.close = ")))";
                inside.looks = true;
            }
            None => return Err("the condition of `(?(…)…)` cannot be read".to_owned()),
        }
        Ok(())
    }
}

/// Where the regex crates have the group that is called. Of several places, which one was found last is not known until all
/// of the pattern has matched.
fn called(groups: &Groups, name: &str) -> Result<usize, String> {
    match groups.called(name) {
        None | Some([]) => Err(no_group(name)),
        Some([place]) => Ok(*place),
        Some(_) => Err(format!(
            "the group `{name}` is written several times, and so the pattern cannot refer to it"
        )),
    }
}

fn no_group(name: &str) -> String {
    format!("it refers to a group `{name}` and has none")
}

/// .NET's names are of letters, digits and `_`; one of the engines takes these, too.
fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '.' | '[' | ']')
}

#[cfg(test)]
mod tests;
