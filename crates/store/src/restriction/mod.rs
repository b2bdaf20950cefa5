//! A predicate as the store can answer it: by ids, unique values and references, which are what it
//! has indexes on. The answer is a superset: whoever satisfies the predicate is in it, and what is
//! in it must still be evaluated.
//!
//! ```text
//! userPrincipalName eq 'a@x' and city eq 'Bern'   the holder of one key
//! id eq '…' or mail eq 'a@x'                      one id, the holder of one key
//! manager eq '…'                                  who refers to an object
//! city eq 'Bern'                                  everybody: no index helps
//! ```

mod derive;
mod leaf;
mod sql;

use syncline_model::{EntityKind, ObjectId, Predicate, TenantId};

use crate::directory::objects;
use crate::driver::Row;
use crate::{Key, ObjectState, Reader, Result, Scanned};
use leaf::Leaf;

/// Which objects of one kind and state may satisfy a predicate, as they are stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Restriction {
    kind: EntityKind,
    state: ObjectState,
    found: Found,
}

/// Where to look.
#[derive(Clone, Debug, PartialEq)]
enum Found {
    Everybody,
    /// Whom any of these finds; nobody, when there is none.
    Union(Vec<Leaf>),
}

/// Beyond, a walk through everybody is as good.
const MAX_LEAVES: usize = 1_024;

/// Objects whose sizes are not worth asking for.
const FEW: usize = 4;

impl Restriction {
    /// What a predicate says of objects of this kind and state.
    pub fn of(predicate: &Predicate, kind: EntityKind, state: ObjectState) -> Self {
        let found = derive::Derivation::new(kind, state).of(predicate);
        let found = match found {
            Found::Union(leaves) if leaves.len() > MAX_LEAVES => Found::Everybody,
            found => found,
        };
        Self { kind, state, found }
    }

    /// Whether nothing is gained: every object may satisfy the predicate.
    pub fn is_everybody(&self) -> bool {
        self.found == Found::Everybody
    }

    /// The unique values one of which everybody holds who satisfies the predicate, when that is all
    /// there is to know. For pages of look-ups, whose keys are asked for together.
    pub fn keys(&self) -> Option<Vec<&Key>> {
        let Found::Union(leaves) = &self.found else {
            return None;
        };
        leaves
            .iter()
            .map(|leaf| match leaf {
                Leaf::Key(key) => Some(key),
                _ => None,
            })
            .collect()
    }
}

impl Reader<'_> {
    /// Objects that may satisfy a predicate, in order of id, after `after`: up to `limit`. Where no index helps, those of
    /// the next `limit` that are in the state asked for.
    pub fn candidates(
        &self,
        tenant: TenantId,
        restriction: &Restriction,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Scanned> {
        let Restriction { kind, state, found } = restriction;
        match found {
            Found::Everybody => self.scan(tenant, *kind, *state, after, limit),
            Found::Union(leaves) if leaves.is_empty() => Ok(Scanned::default()),
            Found::Union(leaves) => {
                let tenant_no = self.tenant_no(tenant)?;
                let (statement, params) =
                    sql::page(sql::WHOLE, tenant_no, *kind, *state, leaves, after, limit);
                let read = |row: &Row<'_>| objects::read(*kind, row);
                let found = self.connection.query(&statement, &params, read)?;
                Ok(Scanned::of(found, limit))
            }
        }
    }

    /// How many of the first of these have together no more than so many bytes as they are stored, as
    /// [`Reader::fitting`] tells of all objects.
    pub fn candidates_fitting(
        &self,
        tenant: TenantId,
        restriction: &Restriction,
        after: Option<ObjectId>,
        limit: usize,
        bytes: usize,
    ) -> Result<usize> {
        let Restriction { kind, state, found } = restriction;
        match found {
            Found::Everybody if *state == ObjectState::Deleted => {
                self.recycled_fitting(tenant, *kind, after, limit, bytes)
            }
            Found::Everybody => self.fitting(tenant, *kind, after, limit, bytes),
            // Each finds one at most.
            Found::Union(leaves) if leaves.len() <= FEW && leaves.iter().all(Leaf::is_unique) => {
                Ok(limit)
            }
            Found::Union(leaves) => {
                let tenant_no = self.tenant_no(tenant)?;
                let (statement, params) =
                    sql::page(sql::SIZE, tenant_no, *kind, *state, leaves, after, limit);
                let sizes: Vec<usize> = self
                    .connection
                    .query(&statement, &params, |row| row.number(0))?;
                Ok(objects::fitting::fitting(&sizes, bytes).unwrap_or(limit))
            }
        }
    }
}
