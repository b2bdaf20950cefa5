//! .NET's regular expressions, with a bound on work.
//!
//! A pattern is rewritten where .NET and the regex crates read the same signs differently, and then
//! runs on one of two engines: `regex`, whose time is linear in the text, and for look-around,
//! back-references and atomic groups `fancy-regex`, which goes back over the text and counts how
//! often. A pattern that goes back too often is an error, never a hang.
//!
//! Not here: balancing groups (`(?<a-b>…)`), right-to-left matching, and .NET's `$`, which also
//! matches before a line break at the very end.

mod translate;

use std::ops::Range;

use crate::EvaluationError;
use crate::diagnostic::Code;
use crate::evaluator::Stop;

/// Bytes a compiled pattern may take; a pattern of a person's making needs far less.
const PATTERN_BYTES: usize = 1024 * 1024;

/// Bytes of a text that a linear pattern is tried on.
const LINEAR_BYTES: usize = 16 * 1024;

/// Bytes that all searches of one evaluation may read. A linear pattern may look at all the rest of
/// the text for each of its matches, and is charged as if it did.
const READ_BYTES: usize = 16 * 1024 * 1024;

/// Bytes of a text that a pattern which goes back is tried on.
const BACKTRACKING_BYTES: usize = 2 * 1024;

/// How often one evaluation may go back, all its matches together.
const STEPS: usize = 50_000;

/// The engine tells whether a search needed more steps than a limit, not how many it needed. Each
/// search begins with the lowest limit and is charged the one that sufficed.
const STEP_LIMITS: [usize; 3] = [STEPS / 625, STEPS / 25, STEPS];

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    engine: Engine,
    /// Of each group, by its place; the first is the whole match.
    names: Vec<Option<String>>,
}

#[derive(Clone, Debug)]
enum Engine {
    Linear(regex::Regex),
    Backtracking(Box<[fancy_regex::Regex; STEP_LIMITS.len()]>),
}

/// Where a pattern matched; groups by their place, 0 is the whole match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    groups: Vec<Option<Range<usize>>>,
}

impl Found {
    pub fn whole(&self) -> Range<usize> {
        self.group(0).unwrap_or(0..0)
    }

    pub fn group(&self, place: usize) -> Option<Range<usize>> {
        self.groups.get(place).cloned().flatten()
    }
}

impl Pattern {
    /// Reads a pattern; the error says in words what is wrong with it.
    pub fn compile(text: &str) -> Result<Self, String> {
        let translated = translate::translate(text)?;
        let linear = regex::RegexBuilder::new(&translated)
            .size_limit(PATTERN_BYTES)
            .nest_limit(64)
            .build();
        let refused = match linear {
            Ok(regex) => {
                let names = regex.capture_names().map(owned).collect();
                return Ok(Self {
                    engine: Engine::Linear(regex),
                    names,
                });
            }
            Err(error) => reason(&error),
        };
        // `refused` is what the linear engine says; whether it only lacks a feature, the other one
        // knows.
        let [lowest, middle, highest] = STEP_LIMITS.map(|steps| {
            fancy_regex::RegexBuilder::new(&translated)
                .backtrack_limit(steps)
                .delegate_size_limit(PATTERN_BYTES)
                .build()
        });
        match (lowest, middle, highest) {
            (Ok(lowest), Ok(middle), Ok(highest)) => {
                let names = lowest.capture_names().map(owned).collect();
                Ok(Self {
                    engine: Engine::Backtracking(Box::new([lowest, middle, highest])),
                    names,
                })
            }
            (Err(fancy_regex::Error::CompileError(error)), ..) if matches!(&*error, fancy_regex::CompileError::InnerError(it) if it.size_limit().is_some()) => {
                Err(too_large())
            }
            _ => Err(refused),
        }
    }

    /// The names of the groups that have one.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().flatten().map(String::as_str)
    }

    /// Every group's name, by its place.
    pub fn groups(&self) -> &[Option<String>] {
        &self.names
    }

    /// The place of the group of this name.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.names
            .iter()
            .position(|known| known.as_deref() == Some(name))
    }

    /// The first match.
    pub fn first(&self, text: &str) -> Result<Option<Found>, Stop> {
        self.matches(text)?.next().transpose()
    }

    /// Whether it matches anywhere; the error says in words what took too much work.
    pub fn is_match(&self, text: &str) -> Result<bool, String> {
        if text.len() > self.longest() {
            return Err(format!(
                "it is tried on texts of at most {} bytes",
                self.longest()
            ));
        }
        match &self.engine {
            Engine::Linear(regex) => Ok(regex.is_match(text)),
            Engine::Backtracking(_) => match self.search(text, 0, &mut STEPS.clone()) {
                Ok(found) => Ok(found.is_some()),
                Err(Stop::Error(error)) => Err(error.message),
                Err(_) => Err("it can not be carried out".to_owned()),
            },
        }
    }

    fn longest(&self) -> usize {
        match self.engine {
            Engine::Linear(_) => LINEAR_BYTES,
            Engine::Backtracking(_) => BACKTRACKING_BYTES,
        }
    }

    /// All matches from left to right. As in .NET, an empty match may follow another one directly.
    pub fn matches<'p>(&'p self, text: &'p str) -> Result<Matches<'p>, Stop> {
        let left = match self.engine {
            Engine::Linear(_) => READ_BYTES,
            Engine::Backtracking(_) => STEPS,
        };
        let longest = self.longest();
        if text.len() > longest {
            return Err(too_much(format!(
                "this pattern is tried on at most {longest} bytes; shorten the text with `Left`"
            )));
        }
        Ok(Matches {
            pattern: self,
            text,
            at: Some(0),
            left,
        })
    }

    /// `left` is how many bytes may still be read, or how many steps gone.
    fn search(&self, text: &str, from: usize, left: &mut usize) -> Result<Option<Found>, Stop> {
        let levels = match &self.engine {
            Engine::Linear(regex) => {
                let rest = text.len() - from;
                if rest > *left {
                    return Err(too_much(
                        "the pattern matches too often in a text this long; shorten the text with `Left`"
                            .to_owned(),
                    ));
                }
                *left -= rest;
                return Ok(regex.captures_at(text, from).map(|captures| Found {
                    groups: captures.iter().map(|it| Some(it?.range())).collect(),
                }));
            }
            Engine::Backtracking(levels) => levels,
        };
        for (limit, regex) in STEP_LIMITS.into_iter().zip(levels.iter()) {
            if limit > *left {
                break;
            }
            *left -= limit;
            // Any error is one of going back too often.
            if let Ok(found) = regex.captures_from_pos(text, from) {
                return Ok(found.map(|captures| Found {
                    groups: captures.iter().map(|it| Some(it?.range())).collect(),
                }));
            }
        }
        Err(too_much(
            "the pattern goes back over the text too often; make its repetitions more exact, or leave out look-around and back-references".to_owned(),
        ))
    }
}

/// Matches from left to right.
#[derive(Debug)]
pub struct Matches<'p> {
    pattern: &'p Pattern,
    text: &'p str,
    at: Option<usize>,
    left: usize,
}

impl Iterator for Matches<'_> {
    type Item = Result<Found, Stop>;

    fn next(&mut self) -> Option<Self::Item> {
        let from = self.at?;
        match self.pattern.search(self.text, from, &mut self.left) {
            Ok(Some(found)) => {
                let whole = found.whole();
                self.at = if whole.is_empty() {
                    let next = self.text[whole.end..].chars().next();
                    next.map(|letter| whole.end + letter.len_utf8())
                } else {
                    Some(whole.end)
                };
                Some(Ok(found))
            }
            Ok(None) => {
                self.at = None;
                None
            }
            Err(stop) => {
                self.at = None;
                Some(Err(stop))
            }
        }
    }
}

fn owned(name: Option<&str>) -> Option<String> {
    name.map(str::to_owned)
}

fn too_much(message: String) -> Stop {
    Stop::Error(EvaluationError::new(Code::TooMuchWork, message))
}

fn too_large() -> String {
    format!(
        "it is too large; compiled, a pattern may take {} MiB, and classes such as `\\w` that are repeated hundreds of times take much: shorten it, or repeat with `*` or `+`",
        PATTERN_BYTES / (1024 * 1024)
    )
}

/// The last line of the regex crate's drawing says what is wrong.
fn reason(error: &regex::Error) -> String {
    if let regex::Error::CompiledTooBig(_) = error {
        return too_large();
    }
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim().trim_start_matches("error: ").to_owned()
}
