//! Evaluates scoping filters, clause by clause, so that the log can show each.

use syncline_model::predicate::Attributes;
use syncline_model::{Meter, Text};

use crate::rule::{Scope, ScopeGroup};

/// So many clauses of one object may take too much work before the others are left unasked.
const PATIENCE: usize = 3;

/// What the filters say of one object.
pub(super) struct Scoping {
    /// The object is this mapping's business, and worth a look: otherwise it is left alone.
    pub(super) concerned: bool,
    pub(super) passed: bool,
    /// Why nobody can tell whether it passes, in words.
    pub(super) stuck: Option<String>,
    /// `<group>.<attribute> <OPERATOR> '<value>'` and its result, of every clause that was answered.
    pub(super) clauses: Vec<(Text, bool)>,
}

/// What a set of groups says. A group with a false clause is false, whatever nobody can tell of its
/// others, and one true group is enough.
enum Answer {
    Yes,
    No,
    Stuck(String),
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
        (Answer::Stuck(why), _) => (false, false, Some(why)),
        (Answer::Yes, Answer::Stuck(why)) => (true, false, Some(why)),
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
    /// All patterns of one object share it.
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
            // Its words hide what must not be shown; what the pattern says of itself does not.
            let why =
                |advice: &str| format!("`{}` takes too much work here: {advice}", clause.words);
            let asked = if self.given_up < PATIENCE {
                clause
                    .predicate
                    .try_evaluate_within(self.object, &self.meter)
                    .map_err(|stuck| why(&stuck.advice))
            } else {
                Err(why("others did before it"))
            };
            let this = match asked {
                Ok(holds) => {
                    self.clauses
                        .push((format!("{}.{}", group.name, clause.words).into(), holds));
                    if holds { Answer::Yes } else { Answer::No }
                }
                Err(why) => {
                    self.given_up += 1;
                    Answer::Stuck(why)
                }
            };
            answer = answer.and(this);
        }
        answer
    }
}
