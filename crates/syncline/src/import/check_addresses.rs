//! Checks the mail addresses that somebody else of the tenant has: he may give them up in the same file.

use std::collections::BTreeMap;

use syncline_directory::users;
use syncline_model::{Attr, EntityKind, IdMap, IdSet, ObjectId};

use super::check_users::{Candidate, Check};
use super::left_behind::given_up;
use super::moves::{self, Move, Together};
use super::problems::name;
use super::row::{Person, Wrong};
use super::rows::Hashed;
use super::table::Table;
use super::{End, PAGE, columns, known_users};
use crate::failure::Failure;
use crate::progress::Progress;

/// A row that is good if the one who has its mail address gives it up.
#[derive(Debug)]
pub(super) struct Waiting {
    pub index: u64,
    pub line: u64,
    pub name: Hashed,
    pub mail: String,
    /// Who has it.
    pub holder: ObjectId,
    /// Who is known by the name of the row.
    pub own: Option<ObjectId>,
}

/// Somebody whose row says another mail address than he has.
struct Giver {
    index: u64,
    user_principal_name: String,
    /// The one that he gets.
    mail: String,
    gives_up: Vec<Hashed>,
}

/// By id.
type Givers = IdMap<ObjectId, Giver>;

impl Check<'_> {
    /// Leaves out the rows whose mail address stays another's, and notes what is to be handed over. Of all other rows it is
    /// known by now whether they are good.
    pub(super) fn addresses(&mut self, progress: &dyn Progress) -> Result<(), End> {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.retain(|it| !self.people.is_bad(it.index));
        if waiting.is_empty() {
            return Ok(());
        }
        let givers = self.givers(&waiting, progress)?;
        let mut refused = Refused::new(&waiting);
        for (at, it) in waiting.iter().enumerate() {
            let giver = givers.get(&it.holder);
            let is_given_up = giver.is_some_and(|giver| {
                !self.people.is_bad(giver.index)
                    && giver.gives_up.contains(&Hashed::address(&it.mail))
            });
            if !is_given_up {
                refused.add(at, None);
            }
        }
        let ordered = loop {
            let ordered = ordered(&waiting, &refused);
            let long = ordered.iter().find(|it| it.moves.len() > PAGE);
            let Some(ring) = long else { break ordered };
            let ring: IdSet<ObjectId> = ring.moves.iter().copied().collect();
            for (at, it) in waiting.iter().enumerate() {
                if it.own.is_some_and(|own| ring.contains(&own)) {
                    refused.add(at, Some(ring.len()));
                }
            }
        };
        for (at, ring) in &refused.rows {
            if let Some(it) = waiting.get(*at) {
                let wrong = match ring {
                    None => self.taken(&it.mail),
                    Some(rows) => self.wrong(Attr::MAIL, in_a_ring(*rows)),
                };
                self.leave_out_row(it.index, it.line, it.name, &wrong);
            }
        }
        let step = |id: ObjectId| {
            let giver = givers.get(&id)?;
            Some(Move {
                id,
                user_principal_name: giver.user_principal_name.clone(),
                mail: giver.mail.clone(),
            })
        };
        let moves: Vec<Together<Move>> = ordered.into_iter().map(|it| it.map(step)).collect();
        let moved = moves.iter().flat_map(|it| &it.moves);
        self.people.moved = moved
            .map(|it| Hashed::name(&it.user_principal_name))
            .collect();
        self.people.moves = moves;
        Ok(())
    }

    /// Whoever of those who have the addresses gives some up. Reads the file again: whose rows are to be asked is known
    /// only now.
    fn givers(&mut self, waiting: &[Waiting], progress: &dyn Progress) -> Result<Givers, End> {
        let names = self.names(waiting)?;
        let mut givers = Givers::default();
        if names.is_empty() {
            return Ok(givers);
        }
        let mut table = Table::open(self.file)?;
        let label = format!("checking who gives up addresses in {}", name(self.file));
        let name_at = columns::position(&self.columns, Attr::USER_PRINCIPAL_NAME);
        let mut page = Vec::new();
        while let Some(line) = table.next(&label, progress)? {
            let Ok(cells) = &line.cells else { continue };
            let name = name_at.and_then(|at| cells.get(at)).unwrap_or_default();
            if self.people.is_bad(line.index) || !names.contains(&Hashed::name(name)) {
                continue;
            }
            // It was good a moment ago; should it no longer be, the file is being changed, which writing it tells.
            if let Ok(person) = Person::read(&self.columns, cells) {
                page.push((line.index, person));
            }
            if page.len() == PAGE {
                self.give_up(&std::mem::take(&mut page), &mut givers)?;
            }
        }
        self.give_up(&page, &mut givers)?;
        Ok(givers)
    }

    /// The names of the users among those who have the addresses.
    fn names(&self, waiting: &[Waiting]) -> Result<IdSet<Hashed>, Failure> {
        let mut holders: Vec<ObjectId> = waiting.iter().map(|it| it.holder).collect();
        holders.sort_unstable();
        holders.dedup();
        let mut names = IdSet::default();
        for some in holders.chunks(PAGE) {
            let attrs = [Attr::USER_PRINCIPAL_NAME];
            let users = self
                .app
                .store
                .read(|reader| reader.peek(self.tenant.id, EntityKind::User, some, attrs))?;
            let found = users.iter().flat_map(|it| &it.values).flatten();
            names.extend(found.filter_map(|it| it.as_text()).map(Hashed::name));
        }
        Ok(names)
    }

    fn give_up(&self, mut page: &[(u64, Person)], givers: &mut Givers) -> Result<(), Failure> {
        while !page.is_empty() {
            let people = page.iter().map(|(_, person)| person);
            let known = self
                .app
                .store
                .read(|reader| known_users::read(reader, self.tenant, &self.people, people))?;
            let (some, rest) = page.split_at(known.len());
            for ((index, person), stored) in some.iter().zip(known) {
                let (Some(stored), Some(mail)) = (stored, person.attrs.text(Attr::MAIL)) else {
                    continue;
                };
                let changes = known_users::changes(person, &stored);
                let updated = users::check_update(self.schema, &self.context(), &stored, &changes);
                let Ok(attrs) = updated else { continue };
                let id = stored.entry.id;
                let giver = Giver {
                    index: *index,
                    user_principal_name: person.user_principal_name.clone(),
                    mail: mail.to_owned(),
                    gives_up: given_up(&stored, attrs),
                };
                givers.insert(id, giver);
            }
            page = rest;
        }
        Ok(())
    }

    /// Notes a row whose mail address another one has.
    pub(super) fn wait(&mut self, candidate: &Candidate, holder: ObjectId, own: Option<ObjectId>) {
        let person = &candidate.person;
        self.waiting.push(Waiting {
            index: candidate.index,
            line: candidate.line,
            name: Hashed::name(&person.user_principal_name),
            mail: person.attrs.text(Attr::MAIL).unwrap_or_default().to_owned(),
            holder,
            own,
        });
    }

    fn taken(&self, mail: &str) -> Wrong {
        self.wrong(
            Attr::MAIL,
            format!(
                "`{}` is the address of another user or group of the tenant",
                super::value::shorten(mail)
            ),
        )
    }
}

/// Rows that are left out, by their place among those that wait, and in a ring of how many rows.
struct Refused<'w> {
    waiting: &'w [Waiting],
    by_holder: IdMap<ObjectId, Vec<usize>>,
    rows: BTreeMap<usize, Option<usize>>,
}

impl<'w> Refused<'w> {
    fn new(waiting: &'w [Waiting]) -> Self {
        let mut by_holder: IdMap<ObjectId, Vec<usize>> = IdMap::default();
        for (at, it) in waiting.iter().enumerate() {
            by_holder.entry(it.holder).or_default().push(at);
        }
        Self {
            waiting,
            by_holder,
            rows: BTreeMap::new(),
        }
    }

    /// Whoever's row is left out gives nothing up either.
    fn add(&mut self, at: usize, ring: Option<usize>) {
        let mut next = vec![at];
        while let Some(at) = next.pop() {
            if self.rows.contains_key(&at) {
                continue;
            }
            self.rows.insert(at, ring);
            let own = self.waiting.get(at).and_then(|it| it.own);
            let depend = own.and_then(|own| self.by_holder.get(&own));
            next.extend(depend.into_iter().flatten());
        }
    }
}

/// Those who give addresses up that good rows get, in the order in which that is done.
fn ordered(waiting: &[Waiting], refused: &Refused<'_>) -> Vec<Together<ObjectId>> {
    let good = waiting.iter().enumerate();
    let good = good.filter(|(at, _)| !refused.rows.contains_key(at));
    let good: Vec<&Waiting> = good.map(|(_, it)| it).collect();
    let holders: IdSet<ObjectId> = good.iter().map(|it| it.holder).collect();
    let waits_for = good
        .iter()
        .filter_map(|it| Some((it.own.filter(|own| holders.contains(own))?, it.holder)))
        .collect();
    moves::ordered(good.iter().map(|it| it.holder), &waits_for)
}

fn in_a_ring(rows: usize) -> String {
    format!(
        "{rows} rows hand their mail addresses on in a ring, and no more than {PAGE} can at once; give one of these people another address first, and import the file again"
    )
}
