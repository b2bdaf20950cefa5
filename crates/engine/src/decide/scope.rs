//! Evaluates scoping filters, clause by clause, so that the log can show each.

use syncline_model::predicate::{Attributes, TooMuchWork};
use syncline_model::{Meter, Text};

use crate::rule::{Scope, ScopeClause, ScopeGroup};
use crate::schema::MAX_CLAUSES;

/// So many clauses of one object may take too much work before the others are left unasked.
const PATIENCE: usize = 3;

/// Units of work of a clause, whatever it compares. A schema that comes in has few enough; one that was
/// stored before may have any number.
const CLAUSE: usize = 64;

/// Clauses of one object that are told, each in some words: a page of objects holds them all.
const MOST_TOLD: usize = MAX_CLAUSES;

/// What the filters say of one object.
pub(super) struct Scoping {
    /// The object is this mapping's business, and worth a look: otherwise it is left alone.
    pub(super) concerned: bool,
    pub(super) passed: bool,
    /// Why nobody can tell whether it passes, in words.
    pub(super) stuck: Option<String>,
    /// `<group>.<attribute> <OPERATOR> '<value>'` and its result, of every clause that was answered, up
    /// to [`MOST_TOLD`].
    pub(super) clauses: Vec<(Text, bool)>,
}

/// What a set of groups says. A group with a false clause is false, whatever nobody can tell of its
/// others, and one true group is enough.
enum Answer {
    Yes,
    No,
    Stuck(Stuck),
}

/// Why nobody can tell what a clause says.
enum Stuck {
    /// In words.
    Because(String),
    /// Others took too much work before it.
    Unasked,
}

pub(super) fn evaluate(scope: &Scope, object: &dyn Attributes) -> Scoping {
    let mut asking = Asking {
        object,
        clauses: Vec::new(),
        given_up: 0,
        meter: Meter::default(),
    };
    let [category, input, groups] = scope.sets().map(|set| asking.any(set));
    let concerned = category.and(input);
    let (concerned, passed, stuck) = match (concerned, groups) {
        (Answer::No, _) => (false, false, None),
        (Answer::Stuck(why), _) => (false, false, Some(why.words())),
        (Answer::Yes, Answer::Stuck(why)) => (true, false, Some(why.words())),
        (Answer::Yes, Answer::Yes) => (true, true, None),
        (Answer::Yes, Answer::No) => (true, false, None),
    };
    Scoping {
        concerned,
        passed,
        stuck,
        clauses: asking.clauses,
    }
}

impl Stuck {
    fn words(self) -> String {
        match self {
            Self::Because(why) => why,
            Self::Unasked => "other clauses took too much work before it was asked".to_owned(),
        }
    }
}

impl Answer {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Stuck(why), _) | (_, Self::Stuck(why)) => Self::Stuck(why),
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }
}

struct Asking<'o> {
    object: &'o dyn Attributes,
    clauses: Vec<(Text, bool)>,
    given_up: usize,
    /// All clauses of one object share it.
    meter: Meter,
}

impl Asking<'_> {
    /// Whether any of the groups holds, or there is none. Every clause is asked, for the log.
    fn any(&mut self, groups: &[ScopeGroup]) -> Answer {
        let mut answer = if groups.is_empty() {
            Answer::Yes
        } else {
            Answer::No
        };
        for group in groups {
            answer = match (answer, self.all(group)) {
                (Answer::Yes, _) | (_, Answer::Yes) => Answer::Yes,
                (Answer::Stuck(why), _) | (_, Answer::Stuck(why)) => Answer::Stuck(why),
                (Answer::No, Answer::No) => Answer::No,
            };
        }
        answer
    }

    fn all(&mut self, group: &ScopeGroup) -> Answer {
        let mut answer = Answer::Yes;
        for clause in &group.clauses {
            if self.given_up >= PATIENCE {
                // Nor is any behind it.
                return answer.and(Answer::Stuck(Stuck::Unasked));
            }
            let this = match self.holds(clause) {
                Ok(holds) => {
                    if self.clauses.len() < MOST_TOLD {
                        self.clauses.push((clause.told.clone(), holds));
                    }
                    if holds { Answer::Yes } else { Answer::No }
                }
                Err(stuck) => {
                    self.given_up += 1;
                    // Its words hide what must not be shown; what the pattern says of itself does not.
                    Answer::Stuck(Stuck::Because(format!(
                        "`{}` takes too much work here: {}",
                        clause.words, stuck.advice
                    )))
                }
            };
            answer = answer.and(this);
        }
        answer
    }

    fn holds(&self, clause: &ScopeClause) -> Result<bool, TooMuchWork> {
        self.meter.charge(CLAUSE)?;
        clause
            .predicate
            .try_evaluate_within(self.object, &self.meter)
    }
}
