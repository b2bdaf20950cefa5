//! What the store finds for a predicate is a superset of whoever satisfies it, and what is left of it
//! after evaluating is exactly that: on random people, groups and predicates, on both databases.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use syncline_model::predicate::{Attributes, Case, Operand, Operator, Path, TextFunction};
use syncline_model::{
    Attr, Attrs, EntityKind, Entry, Ids, ObjectId, Predicate, TenantId, Timestamp, Value,
};
use syncline_store::{
    Domain, Edge, EdgeKind, Key, KeyName, ObjectState, Restriction, StoreError, Stored, Tenant,
};
use syncline_testkit::few;
use uuid::Uuid;

use crate::world::{NOW, World};

/// Texts that fold to each other, and texts that only look so: sharp s, dotted and dotless i,
/// composed and decomposed letters, the Kelvin sign, prefixes.
const TEXTS: [&str; 18] = [
    "stra\u{df}e",
    "STRASSE",
    "stra\u{1e9e}e",
    "I",
    "i",
    "\u{131}",
    "\u{130}",
    "i\u{307}",
    "Zo\u{eb}",
    "zoe\u{308}",
    "ZOE\u{308}",
    "\u{212a}",
    "k",
    "SMTP:k",
    "smtp:\u{212a}",
    "x:i",
    "a@x",
    "",
];

/// Forms of ids; only those with hyphens are ids.
fn id_forms(number: u128) -> [Value; 4] {
    let id = Uuid::from_u128(number);
    [
        Value::Guid(id),
        Value::text(id.hyphenated().to_string()),
        Value::text(id.hyphenated().to_string().to_uppercase()),
        Value::text(id.braced().to_string()),
    ]
}

/// Attributes that somebody may ask for, with and without an index behind them.
const ASKED: [Attr; 13] = [
    Attr::ID,
    Attr::USER_PRINCIPAL_NAME,
    Attr::MAIL,
    Attr::PROXY_ADDRESSES,
    Attr::DEPARTMENT,
    Attr::ACCOUNT_ENABLED,
    Attr::UNIQUE_NAME,
    Attr::MANAGER,
    Attr::MEMBER_OF,
    Attr::DELETED_DATE_TIME,
    Attr::CREATED_DATE_TIME,
    Attr::HOME_TENANT_ID,
    Attr::ALTERNATIVE_SECURITY_IDS,
];

const PEOPLE: u128 = 6;
/// The home tenants and groups of a population are numbered from here.
const GROUPS: u128 = 100;
const HOMES: u128 = 200;

#[derive(Clone, Debug)]
struct Drawn {
    is_group: bool,
    state: u8,
    texts: [Option<usize>; 5],
    proxies: Vec<usize>,
    enabled: Option<bool>,
    home: Option<u128>,
    manager: Option<u128>,
    groups: Vec<u128>,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let text = || prop::option::weighted(0.7, 0..TEXTS.len());
    (
        prop::bool::weighted(0.3),
        0..3u8,
        [text(), text(), text(), text(), text()],
        prop::collection::vec(0..TEXTS.len(), 0..3),
        prop::option::of(any::<bool>()),
        prop::option::of(0..2u128),
        prop::option::of(1..=PEOPLE),
        prop::collection::vec(0..2u128, 0..2),
    )
        .prop_map(
            |(is_group, state, texts, proxies, enabled, home, manager, groups)| Drawn {
                is_group,
                state,
                texts,
                proxies,
                enabled,
                home,
                manager,
                groups,
            },
        )
}

fn value() -> impl Strategy<Value = Value> {
    let text = (0..TEXTS.len()).prop_map(|at| Value::text(TEXTS[at]));
    let id = (
        prop_oneof![1..=PEOPLE, GROUPS..GROUPS + 2, HOMES..HOMES + 2],
        0..4usize,
    )
        .prop_map(|(number, form)| id_forms(number)[form].clone());
    prop_oneof![
        6 => text,
        4 => id,
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Null),
        1 => Just(Value::Time(NOW)),
        1 => Just(Value::Int(1)),
    ]
}

fn operand() -> impl Strategy<Value = Operand> {
    let path = prop_oneof![
        8 => (0..ASKED.len()).prop_map(|at| Path::attr(ASKED[at])),
        3 => Just(Path::element()),
    ];
    let function = prop_oneof![
        8 => Just(None),
        1 => Just(Some(TextFunction::ToLower)),
        1 => Just(Some(TextFunction::ToUpper)),
        1 => Just(Some(TextFunction::ToInteger)),
    ];
    (path, function).prop_map(|(path, function)| Operand { path, function })
}

fn operator() -> impl Strategy<Value = Operator> {
    prop_oneof![
        8 => Just(Operator::Equal),
        3 => Just(Operator::NotEqual),
        1 => Just(Operator::Greater),
        1 => Just(Operator::LessOrEqual),
        1 => Just(Operator::StartsWith),
        1 => Just(Operator::EndsWith),
        1 => Just(Operator::Contains),
        1 => Just(Operator::ContainedIn),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    prop_oneof![Just(Case::Sensitive), Just(Case::Insensitive)]
}

/// Asks for what somebody may well have, as somebody would ask.
fn likely() -> impl Strategy<Value = Predicate> {
    let text = || (0..TEXTS.len()).prop_map(|at| Value::text(TEXTS[at]));
    let known = |attr: Attr, numbers: std::ops::RangeInclusive<u128>| {
        (Just(attr), numbers, 0..4usize)
            .prop_map(|(attr, number, form)| (attr, id_forms(number)[form].clone()))
    };
    let of_text = |attr: Attr| (Just(attr), text());
    let asked = prop_oneof![
        of_text(Attr::USER_PRINCIPAL_NAME),
        of_text(Attr::MAIL),
        of_text(Attr::PROXY_ADDRESSES),
        of_text(Attr::UNIQUE_NAME),
        known(Attr::ID, 1..=PEOPLE),
        known(Attr::MANAGER, 1..=PEOPLE),
        known(Attr::MEMBER_OF, GROUPS..=GROUPS + 1),
    ];
    let anchor = (HOMES..HOMES + 2, 0..4usize, text()).prop_map(|(home, form, anchor)| {
        Predicate::And(vec![
            Predicate::equals(Attr::HOME_TENANT_ID, id_forms(home)[form].clone()),
            Predicate::any_equals(Attr::ALTERNATIVE_SECURITY_IDS, anchor),
        ])
    });
    let equals = asked.prop_map(|(attr, value)| match attr {
        Attr::PROXY_ADDRESSES | Attr::MEMBER_OF => Predicate::any_equals(attr, value),
        _ => Predicate::equals(attr, value),
    });
    prop_oneof![4 => equals, 1 => anchor]
}

fn predicate() -> impl Strategy<Value = Predicate> {
    let compare =
        (operand(), operator(), value(), case()).prop_map(|(operand, operator, value, case)| {
            Predicate::Compare {
                operand,
                operator,
                value,
                case,
            }
        });
    let among = (operand(), prop::collection::vec(value(), 0..4), case()).prop_map(
        |(operand, values, case)| Predicate::In {
            operand,
            values,
            case,
        },
    );
    let count =
        (0..ASKED.len(), operator(), 0..3i64).prop_map(|(at, operator, value)| Predicate::Count {
            path: Path::attr(ASKED[at]),
            operator,
            value,
        });
    let leaf = prop_oneof![6 => compare, 8 => likely(), 2 => among, 1 => count];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let some = || prop::collection::vec(inner.clone(), 0..4);
        let many = (0..ASKED.len(), inner.clone(), any::<bool>()).prop_map(
            |(at, inner, any): (usize, Predicate, bool)| {
                let (path, inner) = (Path::attr(ASKED[at]), Box::new(inner));
                if any {
                    Predicate::Any { path, inner }
                } else {
                    Predicate::All { path, inner }
                }
            },
        );
        prop_oneof![
            3 => some().prop_map(Predicate::And),
            3 => some().prop_map(Predicate::Or),
            2 => inner.clone().prop_map(|it| Predicate::Not(Box::new(it))),
            3 => many,
        ]
    })
}

/// A stored object with its references, as the most knowing of readers sees it.
struct Seen<'s> {
    stored: &'s Stored,
    population: &'s Population,
}

impl Attributes for Seen<'_> {
    fn value(&self, attr: Attr) -> Option<Cow<'_, Value>> {
        let id = self.stored.entry.id;
        match attr {
            Attr::MANAGER => {
                let manager = self.population.managers.get(&id)?;
                Some(Cow::Owned(Value::Guid(manager.0)))
            }
            Attr::MEMBER_OF => {
                let groups = self.population.groups.get(&id)?;
                let groups = groups.iter().map(|it| Value::Guid(it.0)).collect();
                Some(Cow::Owned(Value::List(groups)))
            }
            attr => self.stored.value(attr),
        }
    }
}

/// The people and groups of one tenant.
struct Population {
    tenant: TenantId,
    managers: BTreeMap<ObjectId, ObjectId>,
    groups: BTreeMap<ObjectId, BTreeSet<ObjectId>>,
}

fn id(number: u128) -> ObjectId {
    ObjectId(Uuid::from_u128(number))
}

/// Keys as the directory writes them.
fn keys_of(entry: &Entry, state: ObjectState) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    let text = |attr| entry.text(attr);
    let values = |attr| entry.get(attr).map_or(&[][..], Value::as_slice);
    if let Some(Value::Guid(home)) = entry.get(Attr::HOME_TENANT_ID) {
        for anchor in values(Attr::ALTERNATIVE_SECURITY_IDS) {
            let value = format!("{}|{}", home.hyphenated(), anchor.display_text());
            keys.insert(Key::new(KeyName::SourceAnchor, &value));
        }
    }
    if state != ObjectState::Live {
        return keys;
    }
    if entry.kind == EntityKind::User {
        keys.extend(
            text(Attr::USER_PRINCIPAL_NAME).map(|it| Key::new(KeyName::UserPrincipalName, it)),
        );
    } else {
        keys.extend(
            text(Attr::UNIQUE_NAME).map(|it| Key::new(KeyName::UniqueName, &format!("group:{it}"))),
        );
    }
    keys.extend(text(Attr::MAIL).map(|it| Key::new(KeyName::ProxyAddress, it)));
    for proxy in values(Attr::PROXY_ADDRESSES) {
        let text = proxy.display_text();
        let address = text.split_once(':').map_or(text.as_str(), |(_, rest)| rest);
        keys.insert(Key::new(KeyName::ProxyAddress, address));
    }
    keys
}

fn entry_of(number: u128, drawn: &Drawn) -> Entry {
    let kind = if drawn.is_group {
        EntityKind::Group
    } else {
        EntityKind::User
    };
    let mut entry = Entry::new(kind, id(number));
    let names = [
        Attr::USER_PRINCIPAL_NAME,
        Attr::MAIL,
        Attr::DEPARTMENT,
        Attr::UNIQUE_NAME,
        Attr::ALTERNATIVE_SECURITY_IDS,
    ];
    for (attr, at) in names.into_iter().zip(drawn.texts) {
        let Some(at) = at else { continue };
        let value = Value::text(TEXTS[at]);
        if attr == Attr::ALTERNATIVE_SECURITY_IDS {
            entry.attrs.set(attr, Value::List(vec![value]));
        } else {
            entry.attrs.set(attr, value);
        }
    }
    if !drawn.proxies.is_empty() {
        let proxies = drawn.proxies.iter().map(|at| Value::text(TEXTS[*at]));
        entry
            .attrs
            .set(Attr::PROXY_ADDRESSES, Value::List(proxies.collect()));
    }
    if let Some(enabled) = drawn.enabled {
        entry.attrs.set(Attr::ACCOUNT_ENABLED, enabled);
    }
    if let Some(home) = drawn.home {
        let home = Value::Guid(Uuid::from_u128(HOMES + home));
        entry.attrs.set(Attr::HOME_TENANT_ID, home);
    }
    entry
}

/// Writes them; what another one holds is left out.
fn populate(world: &World, drawn: &[Drawn]) -> Population {
    let tenant = Tenant {
        id: TenantId(world.ids.random_uuid()),
        display_name: "random".to_owned(),
        created_at: NOW,
        domains: vec![Domain {
            name: format!("{}.example", world.ids.random_uuid()),
            is_default: true,
            is_initial: true,
        }],
    };
    let mut population = Population {
        tenant: tenant.id,
        managers: BTreeMap::new(),
        groups: BTreeMap::new(),
    };
    let mut held = BTreeSet::new();
    world
        .store
        .write(|tx| {
            tx.insert_tenant(&tenant)?;
            for (number, drawn) in (1..).zip(drawn) {
                let state = match drawn.state {
                    0 => ObjectState::Deleted,
                    _ => ObjectState::Live,
                };
                let mut entry = entry_of(number, drawn);
                let unique = |entry: &Entry, held: &BTreeSet<Key>| {
                    keys_of(entry, ObjectState::Live).is_disjoint(held)
                };
                if !unique(&entry, &held) {
                    let attrs = entry.attrs.iter();
                    let plain = [
                        Attr::DEPARTMENT,
                        Attr::ACCOUNT_ENABLED,
                        Attr::HOME_TENANT_ID,
                    ];
                    let kept: Attrs = attrs
                        .filter(|(attr, _)| plain.contains(attr))
                        .map(|(attr, value)| (attr, value.clone()))
                        .collect();
                    entry.attrs = kept;
                }
                held.extend(keys_of(&entry, ObjectState::Live));
                tx.insert_objects(tenant.id, std::slice::from_ref(&entry), NOW)?;
                let keys: Vec<_> = keys_of(&entry, state)
                    .into_iter()
                    .map(|key| (key, entry.kind, entry.id))
                    .collect();
                tx.take_keys(tenant.id, &keys)?;
                if state != ObjectState::Live {
                    tx.move_objects(tenant.id, &[entry.clone()], state, Timestamp(NOW.0 + 1))?;
                }
                let mut edges = Vec::new();
                if let (Some(manager), EntityKind::User) = (drawn.manager, entry.kind) {
                    population.managers.insert(entry.id, id(manager));
                    edges.push(Edge {
                        kind: EdgeKind::Manager,
                        from: entry.id,
                        to: id(manager),
                    });
                }
                for group in &drawn.groups {
                    let group = id(GROUPS + group);
                    let held = population.groups.entry(entry.id).or_default();
                    if held.insert(group) {
                        edges.push(Edge {
                            kind: EdgeKind::Member,
                            from: group,
                            to: entry.id,
                        });
                    }
                }
                tx.add_edges(tenant.id, &edges)?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    population
}

/// In pages of two, as a list is read.
fn candidates(world: &World, tenant: TenantId, restriction: &Restriction) -> Vec<Stored> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = world
            .store
            .read(|reader| reader.candidates(tenant, restriction, after, 2))
            .unwrap();
        assert!(page.rows.len() <= page.looked_at && page.looked_at <= 2);
        found.extend(page.rows);
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

#[test]
fn superset_and_evaluation_are_the_evaluation() {
    let world = World::new();
    let mut runner = TestRunner::new(few(300));
    let (asked, narrowed) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let people = prop::collection::vec(drawn(), 1..=PEOPLE as usize);
    let predicates = prop::collection::vec(prop_oneof![predicate(), likely()], 12);
    let outcome = runner.run(&(people, predicates), |(people, predicates)| {
        let population = populate(&world, &people);
        for kind in [EntityKind::User, EntityKind::Group] {
            for state in [ObjectState::Live, ObjectState::Deleted] {
                let all = world
                    .store
                    .read(|reader| reader.scan(population.tenant, kind, state, None, 100))
                    .unwrap()
                    .rows;
                for predicate in &predicates {
                    let satisfies = |stored: &&Stored| {
                        predicate.evaluate(&Seen {
                            stored,
                            population: &population,
                        })
                    };
                    let restriction = Restriction::of(predicate, kind, state);
                    asked.set(asked.get() + 1);
                    if !restriction.is_everybody() {
                        narrowed.set(narrowed.get() + 1);
                    }
                    let superset = candidates(&world, population.tenant, &restriction);
                    let expected: Vec<&Stored> = all.iter().filter(satisfies).collect();
                    let left: Vec<&Stored> = superset.iter().filter(satisfies).collect();
                    prop_assert_eq!(
                        left,
                        expected,
                        "{:?} {:?} {:?} by {:?}",
                        kind,
                        state,
                        predicate,
                        restriction
                    );
                }
            }
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    // Otherwise nothing was shown.
    let (asked, narrowed) = (asked.get(), narrowed.get());
    assert!(narrowed > asked / 8, "{narrowed} of {asked}");
}

#[test]
fn candidates_come_in_pages_in_order_and_once() {
    let world = World::new();
    let people: Vec<Drawn> = (0..5)
        .map(|at| Drawn {
            is_group: false,
            state: 1,
            texts: [(at < 3).then_some(at), None, None, None, None],
            proxies: Vec::new(),
            enabled: None,
            home: None,
            manager: Some(6),
            groups: vec![0],
        })
        .collect();
    let population = populate(&world, &people);
    let predicate = Predicate::Or(vec![
        Predicate::any_equals(Attr::MEMBER_OF, Value::Guid(id(GROUPS).0)),
        Predicate::equals(Attr::MANAGER, Value::Guid(id(6).0)),
        Predicate::equals(Attr::USER_PRINCIPAL_NAME, TEXTS[0]),
        Predicate::equals(Attr::ID, Value::Guid(id(5).0)),
        Predicate::equals(Attr::ID, "nobody"),
    ]);
    let restriction = Restriction::of(&predicate, EntityKind::User, ObjectState::Live);
    assert!(!restriction.is_everybody());
    let found = candidates(&world, population.tenant, &restriction);
    let found: Vec<ObjectId> = found.into_iter().map(|it| it.entry.id).collect();
    assert_eq!(found, [1, 2, 3, 4, 5].map(id));
    // Another tenant's are never found.
    assert!(candidates(&world, world.fabrikam, &restriction).is_empty());
}
