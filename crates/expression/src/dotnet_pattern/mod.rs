//! .NET's regular expressions, with a bound on work.
//!
//! A pattern is rewritten where .NET and the regex crates read the same signs differently, and then
//! runs on one of two engines: that of `regex`, whose time is linear in the text, and for look-around,
//! back-references and atomic groups `fancy-regex`, which goes back over the text and counts how
//! often. A pattern that goes back too often is an error, never a hang.
//!
//! Not here: balancing groups (`(?<a-b>…)`), references to a group inside of it or to a name that is given several times, and
//! such names inside of themselves or inside look-around, look-behind of varying length, the option `n`, blocks of
//! Unicode (`\p{IsBasicLatin}`), right-to-left matching, and .NET's `$`, which also matches before a line
//! break at the very end.

mod burden;
mod class;
mod folding;
mod groups;
mod guard;
mod reason;
mod room;
mod translate;

use std::sync::OnceLock;

use regex_automata::Input;
use regex_automata::meta;
use regex_syntax::hir::Hir;
use syncline_model::Meter;

use crate::EvaluationError;
use crate::diagnostic::Code;
use crate::stop::Stop;
use burden::{Backtracking, Linear, PLACE_BYTES};
pub use groups::{Found, Groups};
pub use room::PatternRoom;
use translate::Translated;

/// Bytes a compiled pattern may take; a pattern of a person's making needs far less.
const PATTERN_BYTES: usize = 1024 * 1024;

/// Bytes of a text that a linear pattern is tried on.
const LINEAR_BYTES: usize = 16 * 1024;

/// Bytes of a text that a pattern which goes back is tried on.
const BACKTRACKING_BYTES: usize = 2 * 1024;

/// Units of work to begin a search.
const SEARCH: usize = 16;

/// Bytes with which the linear engine remembers what it has tried, and clears for each search, at
/// most; and how many of them are cleared in a unit of work.
const MEMORY_BYTES: usize = 256 * 1024;
const CLEARED_BYTES: usize = 256;

/// The engine tells whether a search went back more often than a limit, not how often it did. Each
/// search begins with the lowest limit and is charged for all up to the one that sufficed.
const STEP_LIMITS: [usize; 5] = [16, 64, 256, 1024, 8192];

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    engine: Engine,
    groups: Groups,
}

#[derive(Clone, Debug)]
enum Engine {
    Linear {
        regex: meta::Regex,
        burden: Linear,
        /// Bytes of the longest match; none when there is no end.
        longest: Option<usize>,
    },
    Backtracking {
        text: String,
        burden: Backtracking,
        /// One for each limit, compiled when it is needed.
        levels: Box<[OnceLock<Option<fancy_regex::Regex>>; STEP_LIMITS.len()]>,
    },
}

/// Why the engine that goes back does not take a pattern.
enum Refusal {
    /// In words.
    Own(String),
    Engine(fancy_regex::Error),
}

impl Pattern {
    /// Reads a pattern; the error says in words what is wrong with it. What it takes is taken from
    /// `room`.
    pub fn compile(text: &str, room: &mut PatternRoom) -> Result<Self, String> {
        let translated = translate::translate(text, room.is_accepted())?;
        room.take(folding::folding_bytes(text))?;
        let parsed = regex_syntax::ParserBuilder::new()
            .nest_limit(64)
            .build()
            .parse(&translated.text);
        let hir = match parsed {
            Ok(hir) => hir,
            // Whether the linear engine only lacks a feature, the other one knows.
            Err(error) => {
                let compiled = guard::guarded(|| Self::backtracking(translated, room));
                return compiled
                    .ok_or_else(engine_fails)?
                    .map_err(|refusal| match refusal {
                        Refusal::Own(words) => words,
                        Refusal::Engine(other) => reason::of_both(&error, &other),
                    });
            }
        };
        let burden = Linear::of(&hir);
        if burden.bytes > PATTERN_BYTES {
            return Err(too_large());
        }
        room.take(burden.bytes)?;
        let regex = linear(&hir, PATTERN_BYTES)?;
        counted(regex.captures_len(), &translated.groups)?;
        Ok(Self {
            groups: translated.groups,
            engine: Engine::Linear {
                regex,
                burden,
                longest: hir.properties().maximum_len(),
            },
        })
    }

    fn backtracking(
        Translated { text, groups }: Translated,
        room: &mut PatternRoom,
    ) -> Result<Self, Refusal> {
        let tree = fancy_regex::Expr::parse_tree(&text).map_err(Refusal::Engine)?;
        let burden = Backtracking::of(&tree.expr);
        if burden.bytes > PATTERN_BYTES {
            return Err(Refusal::Own(too_large()));
        }
        room.take(burden.bytes).map_err(Refusal::Own)?;
        let lowest = level(&text, STEP_LIMITS[0]).map_err(|error| match &error {
            fancy_regex::Error::CompileError(inner) if matches!(&**inner, fancy_regex::CompileError::InnerError(it) if it.size_limit().is_some()) => {
                Refusal::Own(too_large())
            }
            _ => Refusal::Engine(error),
        })?;
        counted(lowest.captures_len(), &groups).map_err(Refusal::Own)?;
        let levels: Box<[OnceLock<_>; STEP_LIMITS.len()]> = Box::default();
        // It was empty.
        let _ = levels[0].set(Some(lowest));
        Ok(Self {
            groups,
            engine: Engine::Backtracking {
                text,
                burden,
                levels,
            },
        })
    }

    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// The first match.
    pub fn first(&self, text: &str, meter: &Meter) -> Result<Option<Found>, Stop> {
        self.matches(text, meter)?.next().transpose()
    }

    /// Whether it matches anywhere; the error says in words what took too much work.
    pub fn is_match(&self, text: &str, meter: &Meter) -> Result<bool, String> {
        if text.len() > self.longest_text() {
            return Err(format!(
                "it is tried on texts of at most {} bytes",
                self.longest_text()
            ));
        }
        let found = match &self.engine {
            Engine::Linear { regex, burden, .. } => meter
                .charge(linear_work(*burden, 1, text.len(), text.len()))
                .map(|()| regex.is_match(text))
                .map_err(|_| too_much_reading()),
            Engine::Backtracking { .. } => self.search(text, 0, meter).map(|it| it.is_some()),
        };
        match found {
            Ok(found) => Ok(found),
            Err(Stop::Error(error)) => Err(error.message),
            Err(Stop::Ignore) => Err("it cannot be carried out".to_owned()),
        }
    }

    fn longest_text(&self) -> usize {
        match self.engine {
            Engine::Linear { .. } => LINEAR_BYTES,
            Engine::Backtracking { .. } => BACKTRACKING_BYTES,
        }
    }

    /// All matches from left to right. As in .NET, an empty match may follow another one directly.
    pub fn matches<'p>(&'p self, text: &'p str, meter: &'p Meter) -> Result<Matches<'p>, Stop> {
        let longest = self.longest_text();
        if text.len() > longest {
            return Err(too_much(format!(
                "this pattern is tried on at most {longest} bytes; shorten the text with `Left`"
            )));
        }
        Ok(Matches {
            pattern: self,
            text,
            at: Some(0),
            meter,
        })
    }

    fn search(&self, text: &str, from: usize, meter: &Meter) -> Result<Option<Found>, Stop> {
        match &self.engine {
            Engine::Linear {
                regex,
                burden,
                longest,
            } => {
                let rest = text.len() - from;
                let work = |read: usize| linear_work(*burden, self.groups.places(), rest, read);
                let search = || {
                    let mut captures = regex.create_captures();
                    regex.search_captures(&Input::new(text).range(from..), &mut captures);
                    let range = |place| Some(captures.get_group(place)?.range());
                    captures.is_match().then(|| self.groups.found(range))
                };
                let Some(longest) = longest else {
                    // It may look at all the rest, whatever it finds.
                    meter.charge(work(rest)).map_err(|_| too_much_reading())?;
                    return Ok(search());
                };
                // It looks no further than the longest match that begins where one was found.
                if !meter.affords(work(rest)) {
                    return Err(too_much_reading());
                }
                let found = search();
                let read = found
                    .as_ref()
                    .map_or(rest, |it| rest.min(it.whole().start - from + longest));
                meter.charge(work(read)).map_err(|_| too_much_reading())?;
                Ok(found)
            }
            Engine::Backtracking {
                text: pattern,
                burden,
                levels,
            } => {
                for (limit, compiled) in STEP_LIMITS.into_iter().zip(levels.iter()) {
                    let charged = meter.charge(burden.work(&text[from..], limit));
                    let regex = compiled.get_or_init(|| level(pattern, limit).ok()).as_ref();
                    let (Ok(()), Some(regex)) = (charged, regex) else {
                        break;
                    };
                    let range =
                        |found: &fancy_regex::Captures<'_>, place| Some(found.get(place)?.range());
                    let found = guard::guarded(|| {
                        let found = regex.captures_from_pos(text, from)?;
                        Ok::<_, fancy_regex::Error>(
                            found.map(|it| self.groups.found(|place| range(&it, place))),
                        )
                    });
                    match found {
                        // A pattern that was accepted once may say itself where its match begins: before that of the match
                        // before it, too.
                        Some(Ok(Some(found))) if found.whole().start < from => {
                            return Err(too_much(engine_fails()));
                        }
                        Some(Ok(found)) => return Ok(found),
                        // Any error is one of going back too often.
                        Some(Err(_)) => {}
                        None => return Err(too_much(engine_fails())),
                    }
                }
                Err(too_much(
                    "the pattern goes back over the text too often; make its repetitions more exact, or leave out look-around and back-references".to_owned(),
                ))
            }
        }
    }
}

/// The linear engine without its automata. The one that works out its states as it goes takes a thousand times as long for
/// that, on a hostile text, as a step of the engines that remain. The one that has them worked out beforehand, for small
/// patterns alone, would save some tenths of a microsecond; but the crate panics where it has this one without the other.
fn linear(hir: &Hir, bytes: usize) -> Result<meta::Regex, String> {
    meta::Builder::new()
        .configure(
            meta::Config::new()
                .nfa_size_limit(Some(bytes))
                .hybrid(false)
                .dfa(false),
        )
        .build_from_hir(hir)
        .map_err(|error| match error.size_limit() {
            Some(_) => too_large(),
            None => reason::of(&error),
        })
}

/// What a search costs that reads this many bytes, `rest` of the text lying before it. Each place
/// that is tried carries the groups found so far.
fn linear_work(burden: Linear, groups: usize, rest: usize, read: usize) -> usize {
    let states = burden.bytes / PLACE_BYTES;
    let cleared = (states.saturating_mul(rest) / 8).min(MEMORY_BYTES) / CLEARED_BYTES;
    let each_byte = burden.places.saturating_mul(3 + groups) / 4;
    (read + 1)
        .saturating_mul(each_byte.max(1))
        .saturating_add(cleared + SEARCH)
}

/// The pattern with a limit of steps.
fn level(text: &str, steps: usize) -> Result<fancy_regex::Regex, fancy_regex::Error> {
    fancy_regex::RegexBuilder::new(text)
        .backtrack_limit(steps)
        .delegate_size_limit(PATTERN_BYTES)
        .build()
}

/// Matches from left to right.
#[derive(Debug)]
pub struct Matches<'p> {
    pattern: &'p Pattern,
    text: &'p str,
    at: Option<usize>,
    meter: &'p Meter,
}

impl Iterator for Matches<'_> {
    type Item = Result<Found, Stop>;

    fn next(&mut self) -> Option<Self::Item> {
        let from = self.at?;
        match self.pattern.search(self.text, from, self.meter) {
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

/// Whether an engine counts as many groups, the whole match among them: what it finds is told by their places.
fn counted(groups: usize, known: &Groups) -> Result<(), String> {
    match groups == known.places() {
        true => Ok(()),
        false => {
            Err("its groups cannot be counted; write `(?` without anything between".to_owned())
        }
    }
}

fn too_much(message: String) -> Stop {
    Stop::Error(EvaluationError::new(Code::TooMuchWork, message))
}

fn engine_fails() -> String {
    "the engine for look-around and back-references fails at this pattern; write it in another way"
        .to_owned()
}

fn too_much_reading() -> Stop {
    too_much(
        "the pattern takes too much work in a text this long; shorten the text with `Left`, or make the pattern simpler"
            .to_owned(),
    )
}

fn too_large() -> String {
    format!(
        "it is too large; compiled, a pattern may take {} MiB, and classes such as `\\w` that are repeated hundreds of times take much: shorten it, or repeat with `*` or `+`",
        PATTERN_BYTES / (1024 * 1024)
    )
}
