//! A pattern's groups as .NET counts them: first those without a name, in the order in which they are written, then
//! those with one. A name that is given twice is one group, and so is a number. The regex crates number all groups by
//! their place, and are given none of the names.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// The groups of a pattern, in the order of their numbers; the first is the whole match.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    all: Vec<Group>,
    /// Where in `all` the group of a name stands.
    by_name: HashMap<String, usize>,
    /// Where in `all` the group of a place stands, of groups that have several.
    repeated: HashMap<usize, usize>,
}

#[derive(Clone, Debug)]
struct Group {
    number: usize,
    name: Option<String>,
    /// Where it is written, as the regex crates count; never empty.
    places: Vec<usize>,
}

/// Where a pattern matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    groups: Vec<Option<Range<usize>>>,
}

impl Found {
    pub fn whole(&self) -> Range<usize> {
        self.group(0).unwrap_or(0..0)
    }

    /// What a group holds, by where it stands among the [`Groups`].
    pub fn group(&self, at: usize) -> Option<Range<usize>> {
        self.groups.get(at).cloned().flatten()
    }
}

impl Groups {
    /// Of the names of all groups, in the order in which they are written.
    pub(super) fn of(written: &[Option<String>]) -> Self {
        let mut numbered: BTreeMap<usize, Group> = BTreeMap::new();
        let mut named: Vec<Group> = Vec::new();
        let mut named_at: HashMap<&str, usize> = HashMap::new();
        let mut note = |number: usize, name: Option<&String>, place: usize| {
            let group = numbered.entry(number).or_insert_with(|| Group {
                number,
                name: None,
                places: Vec::new(),
            });
            group.places.push(place);
            group.name = group.name.take().or_else(|| name.cloned());
        };
        note(0, None, 0);
        let mut next = 1;
        for (at, name) in written.iter().enumerate() {
            let place = at + 1;
            match name {
                None => {
                    note(next, None, place);
                    next += 1;
                }
                Some(name) => match number(name) {
                    Some(number) => note(number, Some(name), place),
                    None => {
                        let at = *named_at.entry(name.as_str()).or_insert_with(|| {
                            named.push(Group {
                                number: 0,
                                name: Some(name.clone()),
                                places: Vec::new(),
                            });
                            named.len() - 1
                        });
                        named[at].places.push(place);
                    }
                },
            }
        }
        for group in named {
            while numbered.contains_key(&next) {
                next += 1;
            }
            numbered.insert(
                next,
                Group {
                    number: next,
                    ..group
                },
            );
        }
        let all: Vec<Group> = numbered.into_values().collect();
        let by_name = all.iter().enumerate();
        Self {
            by_name: by_name
                .filter_map(|(at, group)| Some((group.name.clone()?, at)))
                .collect(),
            repeated: (all.iter().enumerate())
                .filter(|(_, group)| group.places.len() > 1)
                .flat_map(|(at, group)| group.places.iter().map(move |place| (*place, at)))
                .collect(),
            all,
        }
    }

    /// How many there are, the whole match among them.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// How often a group is written, the whole match among them.
    pub(super) fn places(&self) -> usize {
        self.all.iter().map(|it| it.places.len()).sum()
    }

    /// The names of those that have one.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().filter_map(|it| it.name.as_deref())
    }

    /// Where the group of this name stands.
    pub fn named(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// Where the group of this number stands.
    pub fn numbered(&self, number: usize) -> Option<usize> {
        self.all.binary_search_by_key(&number, |it| it.number).ok()
    }

    /// Where the last one stands.
    pub fn last(&self) -> usize {
        self.all.len().saturating_sub(1)
    }

    /// Where the regex crates have the group that a pattern calls by its name or its number.
    pub(super) fn called(&self, name: &str) -> Option<&[usize]> {
        let at = self.named(name).or_else(|| self.numbered(number(name)?))?;
        Some(&self.all.get(at)?.places)
    }

    /// Where the group that is written at a place stands, if it is written at others, too.
    pub(super) fn repeated(&self, place: usize) -> Option<usize> {
        self.repeated.get(&place).copied()
    }

    /// The name or else the number of the group that stands there.
    pub(super) fn label(&self, at: usize) -> Option<String> {
        let group = self.all.get(at)?;
        Some(match &group.name {
            Some(name) => name.clone(),
            None => group.number.to_string(),
        })
    }

    /// A match, of what each place holds. Where a group is written several times, that counts which was found last: the one
    /// furthest right, for a group that looks around or stands inside of itself is written once.
    pub(super) fn found(&self, held: impl Fn(usize) -> Option<Range<usize>>) -> Found {
        let last = |group: &Group| {
            let all = group.places.iter().filter_map(|place| held(*place));
            all.max_by_key(|it| (it.start, it.end))
        };
        Found {
            groups: self.all.iter().map(last).collect(),
        }
    }
}

/// The number that a name is; 0 is nobody's but the whole match's.
pub(super) fn number(name: &str) -> Option<usize> {
    let is_number = !name.is_empty() && name.bytes().all(|it| it.is_ascii_digit());
    is_number
        .then(|| name.parse().ok())
        .flatten()
        .filter(|it| *it > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each group's number, its name, and where it is written.
    fn check(written: &[&str], expected: &[(usize, &str, &[usize])]) {
        let names: Vec<Option<String>> = written
            .iter()
            .map(|it| (!it.is_empty()).then(|| (*it).to_owned()))
            .collect();
        let groups = Groups::of(&names);
        let found: Vec<(usize, &str, &[usize])> = groups.all[1..]
            .iter()
            .map(|it| {
                (
                    it.number,
                    it.name.as_deref().unwrap_or(""),
                    it.places.as_slice(),
                )
            })
            .collect();
        assert_eq!(found, expected, "{written:?}");
        assert_eq!(groups.places(), written.len() + 1);
    }

    #[test]
    fn those_with_a_name_come_last_and_once() {
        check(&["", ""], &[(1, "", &[1]), (2, "", &[2])]);
        check(&["n", ""], &[(1, "", &[2]), (2, "n", &[1])]);
        check(
            &["n", "", "m", "n"],
            &[(1, "", &[2]), (2, "n", &[1, 4]), (3, "m", &[3])],
        );
    }

    #[test]
    fn a_number_may_be_given() {
        check(
            &["2", "", "n"],
            &[(1, "", &[2]), (2, "2", &[1]), (3, "n", &[3])],
        );
        check(&["1", ""], &[(1, "1", &[1, 2])]);
    }
}
