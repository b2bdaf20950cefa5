//! Objects that exchange unique values, such as two people who swap their mail addresses: each wants what another one gives
//! up, so that none of them can be the first.

use std::collections::{BTreeMap, BTreeSet};

use syncline_engine::{Fault, Operation, Outcome};
use syncline_model::{Entry, ObjectId};
use syncline_store::{Key, ObjectState, Reader};

use super::Page;
use crate::target::fault;
use crate::unique::{Holder, keys_of};

/// What an object would be.
struct Wish {
    /// Of the operation.
    at: usize,
    entry: Entry,
    /// What it holds now.
    held: Vec<Key>,
    wanted: Vec<Key>,
}

impl Page<'_> {
    /// Carries out together what failed one by one for a value that another one of them gives up. `failed`: where among
    /// the operations these are.
    pub(in crate::target) fn exchange(
        &mut self,
        reader: &Reader<'_>,
        operations: &[Operation],
        failed: &[usize],
        outcomes: &mut [Outcome],
    ) -> Result<(), Fault> {
        let mut seen = BTreeSet::new();
        let wishes = failed
            .iter()
            .filter_map(|at| self.wish(*at, operations.get(*at)?))
            .filter(|wish| seen.insert(wish.entry.id))
            .collect();
        let agreed = self.agreed(wishes);
        for Wish { entry, held, .. } in &agreed {
            // Giving up takes nothing from anybody.
            let _ = self.keys.claim(entry.kind, entry.id, held, &[]);
        }
        for Wish {
            at, entry, wanted, ..
        } in agreed
        {
            let id = entry.id;
            if let Err(taken) = self.keys.claim(entry.kind, id, &[], &wanted) {
                return Err(fault::taken(&taken, self.whose(reader, &taken)?));
            }
            self.set(entry, ObjectState::Live)?;
            if let Some(outcome) = outcomes.get_mut(at) {
                *outcome = Outcome::Done(id);
            }
        }
        Ok(())
    }

    /// What an update or a restore asks for, but for the unique values.
    fn wish(&self, at: usize, operation: &Operation) -> Option<Wish> {
        let entry = match operation {
            Operation::Update { kind, target, set } => self.updated(*kind, *target, set),
            Operation::Restore { kind, target, set } => self.restored(*kind, *target, set),
            _ => return None,
        }
        .ok()?;
        let working = self.objects.get(&entry.id)?;
        Some(Wish {
            at,
            held: keys_of(&working.entry, working.state),
            wanted: keys_of(&entry, ObjectState::Live),
            entry,
        })
    }

    /// Those who can all have what they want once all of them have given up what they hold; of two who want the same, the
    /// first.
    fn agreed(&self, mut wishes: Vec<Wish>) -> Vec<Wish> {
        loop {
            let wanted_by: BTreeMap<ObjectId, &[Key]> = wishes
                .iter()
                .map(|wish| (wish.entry.id, wish.wanted.as_slice()))
                .collect();
            let gives_up = |(_, id): Holder, key: &Key| {
                let wanted = wanted_by.get(&id);
                wanted.is_some_and(|wanted| !wanted.contains(key))
            };
            let mut promised = BTreeSet::new();
            let stays: Vec<bool> = wishes
                .iter()
                .map(|wish| {
                    let is_free = |key: &Key| {
                        let holder = self.keys.holder_but(wish.entry.id, key);
                        holder.is_none_or(|holder| gives_up(holder, key)) && !promised.contains(key)
                    };
                    let agreed = wish.wanted.iter().all(is_free);
                    if agreed {
                        promised.extend(&wish.wanted);
                    }
                    agreed
                })
                .collect();
            if stays.iter().all(|stays| *stays) {
                return wishes;
            }
            let mut stays = stays.into_iter();
            wishes.retain(|_| stays.next().unwrap_or_default());
        }
    }
}
