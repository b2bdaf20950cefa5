//! Made-up people, the same for the same seed, each computed from a number: no list of them is
//! ever kept, so that the generator costs no memory however many there are.
//!
//! A person is known by *rank*. Rank 0 leads the company, the next few lead a department each, and
//! everybody else reports to somebody of a lower rank: a tree, in which some lead very many people.
//! People arrive in the directory in another order than that of their ranks ([`Population::arrival`]),
//! so that about half of them come before their manager.

use syncline_model::job::Counts;
use syncline_model::{Attr, Attrs, Timestamp, Value};

/// Domain of the source tenant.
pub const DOMAIN: &str = "contoso.example";

/// One in so many people has left: the account is disabled.
const LEAVER_ONE_IN: u64 = 8;
/// Of the others, one in so many reports to the head of a department directly.
const TO_HEAD_ONE_IN: u64 = 20;
/// Only one in so many people leads anybody.
const MANAGER_ONE_IN: u64 = 8;

/// Departments and their weights: how many of those who report to a head report to this one.
const DEPARTMENTS: [(&str, u64); 12] = [
    ("Production", 30),
    ("Development", 22),
    ("Sales", 16),
    ("Customer Service", 9),
    ("Logistics", 7),
    ("Research", 5),
    ("Marketing", 4),
    ("Quality Management", 2),
    ("Human Resources", 2),
    ("Finance", 1),
    ("Legal", 1),
    ("Communications", 1),
];

/// Given names, and how they are spelled in an address.
const GIVEN_NAMES: [(&str, &str); 24] = [
    ("Adèle", "adele"),
    ("Amara", "amara"),
    ("Björn", "bjorn"),
    ("Carmen", "carmen"),
    ("Dmitri", "dmitri"),
    ("Elif", "elif"),
    ("Françoise", "francoise"),
    ("Georgi", "georgi"),
    ("Hiroko", "hiroko"),
    ("Ingrid", "ingrid"),
    ("José", "jose"),
    ("Katarzyna", "katarzyna"),
    ("Łukasz", "lukasz"),
    ("Mary", "mary"),
    ("Nguyễn", "nguyen"),
    ("Oluwaseun", "oluwaseun"),
    ("Parto", "parto"),
    ("Renée", "renee"),
    ("Søren", "soren"),
    ("Tzvetan", "tzvetan"),
    ("Ursula", "ursula"),
    ("Wei", "wei"),
    ("Yusuf", "yusuf"),
    ("Zoë", "zoe"),
];

const SURNAMES: [(&str, &str); 24] = [
    ("Andersson", "andersson"),
    ("Bamford", "bamford"),
    ("Černý", "cerny"),
    ("Demeyer", "demeyer"),
    ("Erdoğan", "erdogan"),
    ("Facello", "facello"),
    ("García", "garcia"),
    ("Håkansson", "hakansson"),
    ("Ivanova", "ivanova"),
    ("Jørgensen", "jorgensen"),
    ("Koblick", "koblick"),
    ("López", "lopez"),
    ("Müller", "muller"),
    ("Nakamura", "nakamura"),
    ("Okafor", "okafor"),
    ("Peac", "peac"),
    ("Quispe", "quispe"),
    ("Řezník", "reznik"),
    ("Simmel", "simmel"),
    ("Tanaka", "tanaka"),
    ("Ünal", "unal"),
    ("Van den Berg", "vandenberg"),
    ("Wiśniewski", "wisniewski"),
    ("Zielinski", "zielinski"),
];

/// Office, city, state, country, language, usage location.
const PLACES: [[&str; 6]; 6] = [
    ["NYC-4", "New York", "NY", "United States", "en-US", "US"],
    ["BER-2", "Berlin", "BE", "Germany", "de-DE", "DE"],
    ["PAR-1", "Paris", "IDF", "France", "fr-FR", "FR"],
    ["WAW-3", "Warszawa", "MZ", "Poland", "pl-PL", "PL"],
    ["SAO-1", "São Paulo", "SP", "Brazil", "pt-BR", "BR"],
    ["TYO-7", "Tokyo", "13", "Japan", "ja-JP", "JP"],
];

const TITLES: [&str; 8] = [
    "Staff",
    "Senior Staff",
    "Engineer",
    "Senior Engineer",
    "Technique Leader",
    "Assistant Engineer",
    "Analyst",
    "Team Leader",
];

/// So many people of one seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Population {
    pub people: u64,
    pub seed: u64,
}

impl Population {
    pub fn new(people: u64, seed: u64) -> Self {
        Self { people, seed }
    }

    /// The rank of the person who arrives at this place, each rank once.
    pub fn arrival(self, place: u64) -> u64 {
        spread(place, self.people)
    }

    /// The rank this person reports to.
    pub fn manager(self, rank: u64) -> Option<u64> {
        let heads = DEPARTMENTS.len() as u64;
        if rank == 0 {
            return None;
        }
        if rank <= heads {
            return Some(0);
        }
        let below = rank - heads - 1;
        if below == 0 || self.draw(rank, "head").is_multiple_of(TO_HEAD_ONE_IN) {
            return Some(1 + self.weighted_department(rank));
        }
        // The square of a uniform number prefers low ranks: some lead very many.
        let uniform = self.draw(rank, "manager") % 1_000_000;
        let chosen = u128::from(below) * u128::from(uniform * uniform) / 1_000_000_000_000;
        let chosen = u64::try_from(chosen).unwrap_or(0);
        Some(1 + heads + chosen - chosen % MANAGER_ONE_IN)
    }

    /// Whether the account is disabled. Nobody who leads a department has left.
    pub fn has_left(self, rank: u64) -> bool {
        rank > DEPARTMENTS.len() as u64 && self.draw(rank, "left").is_multiple_of(LEAVER_ONE_IN)
    }

    /// The department, which is that of the manager.
    pub fn department(self, rank: u64) -> &'static str {
        let mut rank = rank;
        while rank > DEPARTMENTS.len() as u64 {
            rank = self.manager(rank).unwrap_or(0);
        }
        match rank {
            0 => "Executive Board",
            head => DEPARTMENTS[index(head - 1)].0,
        }
    }

    pub fn user_principal_name(self, rank: u64) -> String {
        let ((_, given), (_, surname)) = self.name(rank);
        format!("{given}.{surname}.{rank}@{DOMAIN}")
    }

    /// The attributes a directory knows of a person.
    pub fn attrs(self, rank: u64) -> Attrs {
        let ((given, given_plain), (surname, surname_plain)) = self.name(rank);
        let [office, city, state, country, language, location] =
            PLACES[self.pick(rank, "place", PLACES.len())];
        let title = TITLES[self.pick(rank, "title", TITLES.len())];
        let name = self.user_principal_name(rank);
        let number = self.draw(rank, "phone");
        let hired =
            500_000_000 + i64::try_from(self.draw(rank, "hired") % 1_200_000_000).unwrap_or(0);
        let day = 24 * 60 * 60;
        Attrs::new()
            .with(Attr::ACCOUNT_ENABLED, !self.has_left(rank))
            .with(
                Attr::BUSINESS_PHONES,
                Value::List(vec![Value::text(format!(
                    "+1 555 {:07}",
                    number % 10_000_000
                ))]),
            )
            .with(Attr::CITY, city)
            .with(Attr::COMPANY_NAME, "Contoso")
            .with(Attr::COUNTRY, country)
            .with(Attr::DEPARTMENT, self.department(rank))
            .with(Attr::DISPLAY_NAME, format!("{given} {surname}"))
            .with(
                Attr::EMPLOYEE_HIRE_DATE,
                Value::Time(Timestamp::from_seconds(hired - hired % day)),
            )
            .with(Attr::EMPLOYEE_ID, (10_000 + rank).to_string())
            .with(Attr::GIVEN_NAME, given)
            .with(Attr::JOB_TITLE, title)
            .with(Attr::MAIL, name.clone())
            .with(
                Attr::MAIL_NICKNAME,
                format!("{given_plain}.{surname_plain}.{rank}"),
            )
            .with(Attr::OFFICE_LOCATION, office)
            .with(
                Attr::POSTAL_CODE,
                format!("{:05}", self.draw(rank, "postal") % 100_000),
            )
            .with(Attr::PREFERRED_LANGUAGE, language)
            .with(Attr::STATE, state)
            .with(
                Attr::STREET_ADDRESS,
                format!("{} Market Street", 1 + self.draw(rank, "street") % 400),
            )
            .with(Attr::SURNAME, surname)
            .with(Attr::USAGE_LOCATION, location)
            .with(Attr::USER_PRINCIPAL_NAME, name)
            .with(Attr::USER_TYPE, "Member")
    }

    /// What the first cycle must count when everybody is in scope. A reference to somebody who has
    /// left waits.
    pub fn expected(self) -> Counts {
        let mut expected = Counts::default();
        for rank in 0..self.people {
            if self.has_left(rank) {
                expected.skipped += 1;
                continue;
            }
            expected.created += 1;
            match self.manager(rank) {
                Some(manager) if self.has_left(manager) => expected.references_pending += 1,
                Some(_) => expected.references_set += 1,
                None => {}
            }
        }
        expected
    }

    fn name(self, rank: u64) -> ((&'static str, &'static str), (&'static str, &'static str)) {
        (
            GIVEN_NAMES[self.pick(rank, "given", GIVEN_NAMES.len())],
            SURNAMES[self.pick(rank, "surname", SURNAMES.len())],
        )
    }

    /// Which department's head, by weight.
    fn weighted_department(self, rank: u64) -> u64 {
        let total: u64 = DEPARTMENTS.iter().map(|(_, weight)| weight).sum();
        let mut left = self.draw(rank, "department") % total;
        for (department, (_, weight)) in (0..).zip(DEPARTMENTS) {
            if left < weight {
                return department;
            }
            left -= weight;
        }
        0
    }

    fn pick(self, rank: u64, what: &str, of: usize) -> usize {
        index(self.draw(rank, what)) % of
    }

    /// A number that looks random, always the same for one person and question.
    fn draw(self, rank: u64, what: &str) -> u64 {
        let question = what
            .bytes()
            .fold(self.seed, |hash, byte| mixed(hash ^ u64::from(byte)));
        mixed(question ^ mixed(rank))
    }
}

/// Visits `0..count` in an order far from ascending, each number once.
pub fn spread(place: u64, count: u64) -> u64 {
    if count < 2 {
        return 0;
    }
    // A step near the golden ratio that shares no divisor with the count visits everything.
    let mut step = count * 618 / 1000;
    while divisor(step, count) != 1 {
        step += 1;
    }
    let at = (u128::from(place) * u128::from(step) + u128::from(count / 3)) % u128::from(count);
    u64::try_from(at).unwrap_or(0)
}

fn divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { divisor(b, a % b) }
}

/// The finalizer of SplitMix64.
pub fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const PEOPLE: Population = Population {
        people: 5_000,
        seed: 1,
    };

    #[test]
    fn managers_form_a_tree_in_which_some_lead_many() {
        let mut reports = vec![0_u64; 5_000];
        for rank in 1..PEOPLE.people {
            let manager = PEOPLE.manager(rank).unwrap();
            assert!(manager < rank);
            reports[index(manager)] += 1;
        }
        assert!(*reports.iter().max().unwrap() > 50);
        assert!(reports.iter().filter(|count| **count > 0).count() > 100);
    }

    #[test]
    fn everybody_arrives_once_and_many_before_their_manager() {
        let order: Vec<u64> = (0..PEOPLE.people)
            .map(|place| PEOPLE.arrival(place))
            .collect();
        assert_eq!(order.iter().collect::<HashSet<_>>().len(), 5_000);
        let mut place = vec![0; 5_000];
        for (at, rank) in order.iter().enumerate() {
            place[index(*rank)] = at;
        }
        let early = (1..5_000)
            .filter(|rank| place[*rank] < place[index(PEOPLE.manager(*rank as u64).unwrap())]);
        assert!(early.count() > 1_500);
    }

    #[test]
    fn departments_are_of_very_different_size() {
        let size = |name: &str| {
            (0..PEOPLE.people)
                .filter(|rank| PEOPLE.department(*rank) == name)
                .count()
        };
        let mut sizes: Vec<usize> = DEPARTMENTS.iter().map(|(name, _)| size(name)).collect();
        sizes.sort_unstable();
        assert!(sizes[0] > 0);
        assert!(sizes[11] > 5 * sizes[5]);
    }

    #[test]
    fn names_are_unique() {
        let names: HashSet<String> = (0..PEOPLE.people)
            .map(|rank| PEOPLE.user_principal_name(rank))
            .collect();
        assert_eq!(names.len(), 5_000);
    }
}
