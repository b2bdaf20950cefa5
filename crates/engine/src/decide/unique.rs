//! Chooses the values of `SelectUniqueValue`: one look-up for each value tried.

use syncline_expression::shown_up_to;
use syncline_model::{Attr, Value};

use super::explain::Explained;
use super::{Case, flow};
use crate::{Failure, LookupQuery};

/// What is known of a value asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Free,
    /// Somebody has it in the target.
    Taken,
    /// Somebody is promised it who is still to be created, and may fail.
    Promised,
    /// Nobody of this source could have it, whoever does.
    Withheld,
}

/// What some values of the mapping in hand were besides taken.
#[derive(Clone, Copy, Debug, Default)]
struct Besides {
    promised: bool,
    withheld: bool,
}

/// How far choosing has come for an object that is to be created.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// What was found before, for the evidence.
    pub(super) explained: Explained,
    /// The values found to be free.
    pub(super) chosen: Vec<(Attr, Value)>,
    /// Which of the rule's unique mappings is in hand.
    mapping: usize,
    /// Its values still to be tried, the preferred one last; none before it is in hand.
    left: Option<Vec<Value>>,
    /// The value asked about.
    asked: Option<(Attr, Value)>,
    besides: Besides,
}

impl Choice {
    pub(super) fn new(explained: Explained) -> Self {
        Self {
            explained,
            chosen: Vec::new(),
            mapping: 0,
            left: None,
            asked: None,
            besides: Besides::default(),
        }
    }

    pub(super) fn answer(&mut self, answer: Answer) {
        let asked = self.asked.take();
        match answer {
            Answer::Free => {
                self.chosen.extend(asked);
                self.go_on();
            }
            Answer::Taken => {}
            Answer::Promised => self.besides.promised = true,
            Answer::Withheld => self.besides.withheld = true,
        }
    }

    fn go_on(&mut self) {
        self.mapping += 1;
        self.left = None;
        self.besides = Besides::default();
    }

    /// The next question; none when every mapping has its value, or none to try.
    pub(super) fn next(&mut self, case: &Case<'_>) -> Result<Option<LookupQuery>, Failure> {
        while let Some(mapping) = flow::unique_mappings(case).nth(self.mapping) {
            let first = self.left.is_none();
            let left = match &mut self.left {
                Some(left) => left,
                none => {
                    let mut values = flow::candidates(case, mapping)?;
                    values.reverse();
                    none.insert(values)
                }
            };
            if let Some(value) = left.pop() {
                if let Some(why) = &case.rule.unfindable {
                    return Err(Failure::unfindable(why));
                }
                self.asked = Some((mapping.target, value.clone()));
                return Ok(Some(LookupQuery::Taken {
                    kind: case.rule.target,
                    attr: mapping.target,
                    value,
                }));
            }
            if !first {
                return Err(all_taken(case, mapping, self.besides));
            }
            // Nothing to try: as with any mapping without value.
            self.go_on();
        }
        Ok(None)
    }
}

/// Taken values that a failure tells, and letters of each: some say what is wrong with all.
const MOST_SHOWN: usize = 5;
const MOST_LETTERS: usize = 100;

fn all_taken(case: &Case<'_>, mapping: &crate::rule::Mapping, besides: Besides) -> Failure {
    let values = flow::candidates(case, mapping).unwrap_or_default();
    let mut shown: Vec<String> = values
        .iter()
        .take(MOST_SHOWN)
        .map(|it| shown_up_to(&it.shown_text(), MOST_LETTERS).into_owned())
        .collect();
    if values.len() > MOST_SHOWN {
        shown.push("…".to_owned());
    }
    let shown = shown.join(", ");
    let hidden = mapping.is_redacted();
    Failure::no_unique_value(
        mapping.name(),
        values.len(),
        (!hidden).then_some(shown.as_str()),
        besides.promised,
        besides.withheld,
    )
}
