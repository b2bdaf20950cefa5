//! A company of made-up people, the same in every run: departments of different sizes, a tree of
//! managers, people who left (some of them managers), and names that a keyboard does not have.

use std::collections::HashMap;

use super::names::{DEPARTMENTS, Department, FIRST, LAST, Name, PLACES};

/// One made-up person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub user_principal_name: String,
    pub given_name: &'static str,
    pub surname: &'static str,
    /// Place among [`DEPARTMENTS`]; `None`: the one who leads all.
    pub department: Option<usize>,
    pub job_title: String,
    pub city: &'static str,
    pub country: &'static str,
    pub language: &'static str,
    pub telephone: String,
    pub hired: String,
    pub employee_id: String,
    /// False: has left.
    pub enabled: bool,
    /// Place among the people.
    pub manager: Option<usize>,
    pub rank: Rank,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    Chief,
    Head,
    Lead,
    Staff,
}

/// Staff per team lead.
const TEAM: usize = 12;
/// In a hundred: how many have left.
const LEFT_STAFF: u64 = 9;
const LEFT_LEADS: u64 = 12;

/// Makes `count` people for a domain.
pub fn people(count: usize, domain: &str) -> Vec<Person> {
    let mut maker = Maker {
        random: Random(0x5EED),
        taken: HashMap::new(),
        domain,
        people: Vec::with_capacity(count),
    };
    let chief = maker.add(None, Rank::Chief, "Managing Director".to_owned(), None);
    let mut left = count.saturating_sub(1);
    for (place, department) in DEPARTMENTS.iter().enumerate() {
        let size = if place + 1 == DEPARTMENTS.len() {
            left
        } else {
            share(count, department).min(left)
        };
        left -= size;
        maker.department(place, size, chief);
    }
    maker.people
}

fn share(count: usize, department: &Department) -> usize {
    // At least a head and somebody to lead.
    (count * department.share as usize / 1000).max(2)
}

struct Maker<'a> {
    random: Random,
    /// How often a sign-in name was given.
    taken: HashMap<String, u32>,
    domain: &'a str,
    people: Vec<Person>,
}

impl Maker<'_> {
    fn department(&mut self, place: usize, size: usize, chief: usize) {
        let department = &DEPARTMENTS[place];
        if size == 0 {
            return;
        }
        let head = self.add(
            Some(place),
            Rank::Head,
            format!("Head of {}", department.name),
            Some(chief),
        );
        let mut lead = head;
        for number in 1..size {
            if number % TEAM == 1 && size > TEAM {
                lead = self.add(
                    Some(place),
                    Rank::Lead,
                    format!("Team Lead {}", department.name),
                    Some(head),
                );
                continue;
            }
            let title = department.staff[self.random.below(department.staff.len())];
            self.add(Some(place), Rank::Staff, title.to_owned(), Some(lead));
        }
    }

    fn add(
        &mut self,
        department: Option<usize>,
        rank: Rank,
        job_title: String,
        manager: Option<usize>,
    ) -> usize {
        let at = self.people.len();
        let first = self.pick(FIRST);
        let last = self.pick(LAST);
        let (city, country, language, prefix) = PLACES[self.random.below(PLACES.len())];
        let enabled = match rank {
            Rank::Chief | Rank::Head => true,
            Rank::Lead => self.random.percent() >= LEFT_LEADS,
            Rank::Staff => self.random.percent() >= LEFT_STAFF,
        };
        let (year, month, day) = (
            2004 + self.random.below(20),
            1 + self.random.below(12),
            1 + self.random.below(28),
        );
        let user_principal_name = self.sign_in_name(first.1, last.1);
        self.people.push(Person {
            user_principal_name,
            given_name: first.0,
            surname: last.0,
            department,
            job_title,
            city,
            country,
            language,
            telephone: format!("{prefix} {:04}", at % 10_000),
            hired: format!("{year:04}-{month:02}-{day:02}"),
            employee_id: format!("C{:06}", 1000 + at),
            enabled,
            manager,
            rank,
        });
        at
    }

    /// `first.last@domain`, with a number for all but the first of that name.
    fn sign_in_name(&mut self, first: &str, last: &str) -> String {
        let name = format!("{first}.{last}");
        let times = self.taken.entry(name.clone()).or_default();
        *times += 1;
        if *times == 1 {
            format!("{name}@{}", self.domain)
        } else {
            format!("{name}{times}@{}", self.domain)
        }
    }

    fn pick(&mut self, names: &'static [Name]) -> Name {
        names[self.random.below(names.len())]
    }
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        // The remainder is smaller than `limit`, which is a usize.
        usize::try_from(self.next() % limit as u64).unwrap_or_default()
    }

    fn percent(&mut self) -> u64 {
        self.next() % 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn as_many_as_asked_for_with_unique_names_and_earlier_managers() {
        for count in [20, 60, 2000] {
            let people = people(count, "contoso.example");
            assert_eq!(people.len(), count);
            let names: HashSet<&str> = people
                .iter()
                .map(|it| it.user_principal_name.as_str())
                .collect();
            assert_eq!(names.len(), count);
            for (at, person) in people.iter().enumerate() {
                assert!(person.manager.map_or(at == 0, |manager| manager < at));
            }
        }
    }

    #[test]
    fn it_is_lifelike_and_the_same_every_time() {
        let company = people(2000, "contoso.example");
        assert_eq!(company, people(2000, "contoso.example"));
        assert!(
            company
                .iter()
                .any(|it| !it.enabled && it.rank == Rank::Lead),
            "a manager has left"
        );
        let gone = company.iter().filter(|it| !it.enabled).count();
        assert!((100..300).contains(&gone), "{gone}");
        assert!(company.iter().any(|it| it.surname == "Nguyễn"));
    }
}
