//! Made-up people have made-up names, from several languages, as in a real company. Each name has
//! the spelling that sign-in names use: letters without accents.

/// (as written, in a sign-in name)
pub type Name = (&'static str, &'static str);

pub const FIRST: &[Name] = &[
    ("Ana", "ana"),
    ("Zoë", "zoe"),
    ("Björn", "bjorn"),
    ("Małgorzata", "malgorzata"),
    ("François", "francois"),
    ("Siobhán", "siobhan"),
    ("José", "jose"),
    ("Ingrid", "ingrid"),
    ("Søren", "soren"),
    ("Łukasz", "lukasz"),
    ("Chloé", "chloe"),
    ("Jürgen", "jurgen"),
    ("Nuño", "nuno"),
    ("Aiko", "aiko"),
    ("Priya", "priya"),
    ("Tomáš", "tomas"),
    ("Ayşe", "ayse"),
    ("Thành", "thanh"),
    ("Olga", "olga"),
    ("Mohamed", "mohamed"),
    ("Grace", "grace"),
    ("Kwame", "kwame"),
    ("Inês", "ines"),
    ("Žofie", "zofie"),
    ("Matteo", "matteo"),
    ("Elif", "elif"),
    ("Hans-Peter", "hans-peter"),
    ("Maeve", "maeve"),
    ("Rania", "rania"),
    ("Dmitri", "dmitri"),
    ("Yuki", "yuki"),
    ("Noémi", "noemi"),
    ("Pål", "pal"),
    ("Lucía", "lucia"),
    ("Arjun", "arjun"),
    ("Ewa", "ewa"),
    ("Stefan", "stefan"),
    ("Amara", "amara"),
    ("Jesús", "jesus"),
    ("Tereza", "tereza"),
    ("William", "william"),
    ("Mei", "mei"),
    ("Håkon", "hakon"),
    ("Fatima", "fatima"),
    ("Ștefania", "stefania"),
    ("Oluwaseun", "oluwaseun"),
    ("Greta", "greta"),
    ("Raúl", "raul"),
    ("Anaïs", "anais"),
    ("Viktor", "viktor"),
];

pub const LAST: &[Name] = &[
    ("Souza", "souza"),
    ("Müller", "muller"),
    ("Nguyễn", "nguyen"),
    ("O'Brien", "o'brien"),
    ("Kowalczyk", "kowalczyk"),
    ("García", "garcia"),
    ("Sørensen", "sorensen"),
    ("Dvořák", "dvorak"),
    ("Lefèvre", "lefevre"),
    ("Yılmaz", "yilmaz"),
    ("Tanaka", "tanaka"),
    ("Okafor", "okafor"),
    ("Rossi", "rossi"),
    ("Åberg", "aberg"),
    ("Schäfer", "schafer"),
    ("Patel", "patel"),
    ("Ferreira", "ferreira"),
    ("Núñez", "nunez"),
    ("Łuczak", "luczak"),
    ("Petrov", "petrov"),
    ("van der Berg", "vanderberg"),
    ("Ionescu", "ionescu"),
    ("Çelik", "celik"),
    ("Haddad", "haddad"),
    ("Smith", "smith"),
    ("Große", "grosse"),
    ("Mbeki", "mbeki"),
    ("Virtanen", "virtanen"),
    ("Marić", "maric"),
    ("Chen", "chen"),
    ("D'Angelo", "dangelo"),
    ("Kim", "kim"),
    ("Horváth", "horvath"),
    ("Bélanger", "belanger"),
    ("Singh", "singh"),
    ("Jansen", "jansen"),
    ("Öztürk", "ozturk"),
    ("Novák", "novak"),
    ("Papadopoulos", "papadopoulos"),
    ("Walsh", "walsh"),
    ("Castro", "castro"),
    ("Bakker", "bakker"),
    ("Þorsson", "thorsson"),
    ("Mäkinen", "makinen"),
    ("Silva", "silva"),
    ("Fontaine", "fontaine"),
    ("Weiß", "weiss"),
    ("Adeyemi", "adeyemi"),
    ("Murphy", "murphy"),
    ("Krüger", "kruger"),
];

/// City, country, language, telephone prefix.
pub const PLACES: &[(&str, &str, &str, &str)] = &[
    ("Zürich", "CH", "de-CH", "+41 44 555"),
    ("Lisboa", "PT", "pt-PT", "+351 21 555"),
    ("Gdańsk", "PL", "pl-PL", "+48 58 555"),
    ("Montréal", "CA", "fr-CA", "+1 514 555"),
    ("Dublin", "IE", "en-IE", "+353 1 555"),
    ("Århus", "DK", "da-DK", "+45 86 55"),
];

/// A department: its share of the people in a thousand, and what its people are called.
pub struct Department {
    pub name: &'static str,
    pub share: u32,
    pub staff: &'static [&'static str],
    /// Works with the target tenant: its group is assigned to the configuration.
    pub assigned: bool,
}

pub const DEPARTMENTS: &[Department] = &[
    Department {
        name: "Sales",
        share: 270,
        staff: &["Account Manager", "Sales Representative"],
        assigned: true,
    },
    Department {
        name: "Engineering",
        share: 230,
        staff: &["Engineer", "Senior Engineer"],
        assigned: true,
    },
    Department {
        name: "Production",
        share: 160,
        staff: &["Technician", "Shift Planner"],
        assigned: true,
    },
    Department {
        name: "Customer Support",
        share: 130,
        staff: &["Support Agent", "Support Analyst"],
        assigned: true,
    },
    Department {
        name: "Marketing",
        share: 90,
        staff: &["Editor", "Campaign Manager"],
        assigned: true,
    },
    Department {
        name: "Finance",
        share: 60,
        staff: &["Accountant", "Controller"],
        assigned: true,
    },
    Department {
        name: "Human Resources",
        share: 35,
        staff: &["People Partner", "Recruiter"],
        assigned: false,
    },
    Department {
        name: "Legal",
        share: 25,
        staff: &["Counsel", "Paralegal"],
        assigned: false,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_in_spellings_are_plain() {
        for (_, plain) in FIRST.iter().chain(LAST) {
            assert!(
                plain
                    .bytes()
                    .all(|it| it.is_ascii_lowercase() || b"'-".contains(&it)),
                "{plain}"
            );
        }
    }

    #[test]
    fn shares_make_a_whole() {
        assert_eq!(DEPARTMENTS.iter().map(|it| it.share).sum::<u32>(), 1000);
    }
}
