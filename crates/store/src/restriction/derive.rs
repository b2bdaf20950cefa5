//! From a predicate to the ways in which the store finds whoever satisfies it.

use syncline_model::predicate::{Operand, Operator};
use syncline_model::{Attr, EntityKind, Predicate, Value};

use super::Found;
use super::leaf::Leaf;
use crate::ObjectState;

pub(super) struct Derivation {
    kind: EntityKind,
    state: ObjectState,
}

impl Derivation {
    pub(super) fn new(kind: EntityKind, state: ObjectState) -> Self {
        Self { kind, state }
    }

    pub(super) fn of(&self, predicate: &Predicate) -> Found {
        self.where_is(predicate, true, None)
    }

    /// Whoever makes the predicate `wanted`. Inside `any` and `all`, `element` is the attribute
    /// whose element is asked.
    fn where_is(&self, predicate: &Predicate, wanted: bool, element: Option<Attr>) -> Found {
        let each = |all: &[Predicate]| -> Vec<Found> {
            all.iter()
                .map(|it| self.where_is(it, wanted, element))
                .collect()
        };
        match predicate {
            Predicate::And(all) if wanted => {
                let mut found = each(all);
                found.extend(self.anchor(all));
                narrowest(found)
            }
            Predicate::Or(any) if !wanted => narrowest(each(any)),
            Predicate::And(all) => union(each(all)),
            Predicate::Or(any) => union(each(any)),
            Predicate::Not(inner) => self.where_is(inner, !wanted, element),
            Predicate::Compare {
                operand,
                operator,
                value,
                ..
            } => self.compare(operand, *operator, value, wanted, element),
            Predicate::In {
                operand, values, ..
            } if wanted => union(
                values
                    .iter()
                    .map(|value| self.compare(operand, Operator::Equal, value, true, element))
                    .collect(),
            ),
            Predicate::Any { path, inner } if wanted && element.is_none() => {
                match (path.attr, path.members.is_empty()) {
                    (Some(attr), true) => self.where_is(inner, true, Some(attr)),
                    _ => Found::Everybody,
                }
            }
            // Not all: some element fails.
            Predicate::All { path, inner } if !wanted && element.is_none() => {
                match (path.attr, path.members.is_empty()) {
                    (Some(attr), true) => self.where_is(inner, false, Some(attr)),
                    _ => Found::Everybody,
                }
            }
            // All elements of nothing satisfy anything, and for the rest there is no index.
            Predicate::In { .. }
            | Predicate::Any { .. }
            | Predicate::All { .. }
            | Predicate::Matches { .. }
            | Predicate::Count { .. } => Found::Everybody,
        }
    }

    fn compare(
        &self,
        operand: &Operand,
        operator: Operator,
        value: &Value,
        wanted: bool,
        element: Option<Attr>,
    ) -> Found {
        let Some(attr) = attr(operand, element) else {
            return Found::Everybody;
        };
        if attr == Attr::DELETED_DATE_TIME
            && operand.path.attr.is_some()
            && self.state == ObjectState::Live
        {
            // Never there: the answer is the same for all.
            let holds = match (operator, value) {
                (Operator::Equal, value) => *value == Value::Null,
                (Operator::NotEqual, value) => *value != Value::Null,
                _ => false,
            };
            return if holds == wanted {
                Found::Everybody
            } else {
                Found::Union(Vec::new())
            };
        }
        let equality = match operator {
            Operator::Equal => wanted,
            // A missing value is different, so that whoever is not different has one.
            Operator::NotEqual => !wanted,
            _ => false,
        };
        if !equality || *value == Value::Null {
            return Found::Everybody;
        }
        match Leaf::of_equality(attr, value, self.kind, self.state) {
            Some(leaf) => Found::Union(leaf.into_iter().collect()),
            None => Found::Everybody,
        }
    }

    /// `homeTenantId eq … and alternativeSecurityIds eq …` has one key together.
    fn anchor(&self, all: &[Predicate]) -> Option<Found> {
        if self.state == ObjectState::Purged {
            return None;
        }
        let home = all
            .iter()
            .find_map(|it| equal_to(it, Attr::HOME_TENANT_ID))?;
        let anchor = all
            .iter()
            .find_map(|it| equal_to(it, Attr::ALTERNATIVE_SECURITY_IDS))?;
        Some(Found::Union(vec![Leaf::of_anchor(home, anchor)?]))
    }
}

/// The attribute that is compared, if it is compared as it stands.
fn attr(operand: &Operand, element: Option<Attr>) -> Option<Attr> {
    let plain = operand.function.is_none() && operand.path.members.is_empty();
    plain.then_some(operand.path.attr.or(element))?
}

/// What a value of `wanted` must equal.
fn equal_to(predicate: &Predicate, wanted: Attr) -> Option<&Value> {
    let (predicate, element) = match predicate {
        Predicate::Any { path, inner } if path.members.is_empty() => (&**inner, path.attr),
        other => (other, None),
    };
    match predicate {
        Predicate::Compare {
            operand,
            operator: Operator::Equal,
            value,
            ..
        } if attr(operand, element) == Some(wanted) && *value != Value::Null => Some(value),
        _ => None,
    }
}

fn union(found: Vec<Found>) -> Found {
    let mut leaves = Vec::new();
    for found in found {
        match found {
            Found::Everybody => return Found::Everybody,
            Found::Union(more) => {
                for leaf in more {
                    if !leaves.contains(&leaf) {
                        leaves.push(leaf);
                    }
                }
            }
        }
    }
    Found::Union(leaves)
}

/// Of several supersets the smallest.
fn narrowest(found: Vec<Found>) -> Found {
    let cost = |found: &Found| match found {
        Found::Everybody => usize::MAX,
        Found::Union(leaves) => leaves.iter().map(Leaf::cost).sum(),
    };
    found
        .into_iter()
        .min_by_key(cost)
        .unwrap_or(Found::Everybody)
}

#[cfg(test)]
mod tests {
    use syncline_model::predicate::Path;

    use super::*;
    use crate::{Key, KeyName};

    fn found(predicate: &Predicate) -> Found {
        Derivation::new(EntityKind::User, ObjectState::Live).of(predicate)
    }

    fn key(value: &str) -> Found {
        let name = KeyName::UserPrincipalName;
        Found::Union(vec![Leaf::Key(Key::new(name, value))])
    }

    fn named(name: &str) -> Predicate {
        Predicate::equals(Attr::USER_PRINCIPAL_NAME, name)
    }

    fn city() -> Predicate {
        Predicate::equals(Attr::CITY, "Bern")
    }

    fn not(predicate: Predicate) -> Predicate {
        Predicate::Not(Box::new(predicate))
    }

    #[test]
    fn a_conjunction_is_as_narrow_as_its_narrowest_part() {
        assert_eq!(
            found(&Predicate::And(vec![city(), named("A@x")])),
            key("a@x")
        );
        assert_eq!(
            found(&Predicate::And(vec![named("a@x"), Predicate::Or(vec![])])),
            Found::Union(Vec::new())
        );
        assert_eq!(found(&Predicate::And(vec![])), Found::Everybody);
    }

    #[test]
    fn a_disjunction_is_as_wide_as_its_widest_part() {
        let both = Predicate::Or(vec![named("a@x"), named("b@x"), named("a@x")]);
        assert!(matches!(found(&both), Found::Union(leaves) if leaves.len() == 2));
        assert_eq!(
            found(&Predicate::Or(vec![named("a@x"), city()])),
            Found::Everybody
        );
    }

    #[test]
    fn negations_are_carried_inwards() {
        assert_eq!(found(&not(named("a@x"))), Found::Everybody);
        assert_eq!(found(&not(not(named("a@x")))), key("a@x"));
        let neither = not(Predicate::Or(vec![city(), not(named("a@x"))]));
        assert_eq!(found(&neither), key("a@x"));
    }

    #[test]
    fn a_match_of_cross_tenant_synchronization_is_one_key() {
        let home = uuid::Uuid::from_u128(7);
        let predicate = Predicate::And(vec![
            Predicate::equals(Attr::HOME_TENANT_ID, Value::Guid(home)),
            Predicate::any_equals(Attr::ALTERNATIVE_SECURITY_IDS, "1;;ABC"),
        ]);
        for state in [ObjectState::Live, ObjectState::Deleted] {
            let restriction = super::super::Restriction::of(&predicate, EntityKind::User, state);
            let keys = restriction.keys().unwrap_or_default();
            assert_eq!(keys.len(), 1, "{state:?}");
            assert_eq!(*keys[0].value, format!("{home}|1;;abc"));
        }
    }

    #[test]
    fn all_of_nothing_is_everybody() {
        let all = Predicate::All {
            path: Path::attr(Attr::PROXY_ADDRESSES),
            inner: Box::new(Predicate::Or(Vec::new())),
        };
        assert_eq!(found(&all), Found::Everybody);
    }

    #[test]
    fn names_in_the_recycle_bin_have_no_keys() {
        let derivation = Derivation::new(EntityKind::User, ObjectState::Deleted);
        assert_eq!(derivation.of(&named("a@x")), Found::Everybody);
    }
}
