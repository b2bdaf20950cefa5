//! What an answer shows of each object: `$select` and `$expand`.

use syncline_model::{Attr, EntityKind, EntityType, Problem, Schema};
use syncline_odata::{QueryOptions, Selection};
use syncline_store::{Reader, Stored};

use super::Sight;
use super::expand::Expansions;
use crate::Call;
use crate::wire::entity_out::{Columns, Object};

/// What is shown of each kind a collection may hold.
#[derive(Debug)]
pub struct Shape {
    columns: Vec<(EntityKind, Columns)>,
    /// The same of objects that the caller may not read as a whole.
    limited: Vec<(EntityKind, Columns)>,
    sight: Sight,
    /// Of a kind that the collection was not said to hold: nothing.
    none: Columns,
    expansions: Expansions,
    /// The names of `$select`, for the context.
    names: Vec<String>,
}

impl Shape {
    /// Binds `$select` and `$expand` by the tenant's schema. In a mixed collection a name must be known to
    /// one kind. `sight` is the caller's of these objects; what is expanded in them is seen as its
    /// permissions give it.
    pub fn bind(
        call: &Call<'_>,
        schema: &Schema,
        options: &QueryOptions,
        kinds: &[EntityKind],
        sight: Sight,
    ) -> Result<Self, Problem> {
        let select = |names: &[String], kind: EntityKind| select(names, schema.of(kind));
        for name in &options.select {
            let mut refusals = kinds
                .iter()
                .map(|kind| select(std::slice::from_ref(name), *kind).err());
            let first = refusals.next().flatten();
            if let Some(problem) = first.filter(|_| refusals.all(|it| it.is_some())) {
                return Err(problem);
            }
        }
        sight.check_expand(&options.expand, kinds)?;
        let mut columns = Vec::new();
        let mut limited = Vec::new();
        for kind in kinds {
            let entity = schema.of(*kind);
            let selection = selection(&options.select, entity)?;
            let left = sight.limited(*kind, &selection);
            columns.push((*kind, Columns::of(entity, &selection)));
            limited.push((*kind, Columns::of(entity, &left)));
        }
        Ok(Self {
            columns,
            limited,
            sight,
            none: Columns::default(),
            expansions: Expansions::bind(call, schema, &options.expand, kinds)?,
            names: options.select.clone(),
        })
    }

    /// What is shown of objects of a kind, and so is all that need be read of them.
    pub(super) fn attrs(&self, kind: EntityKind) -> Vec<Attr> {
        self.of_kind(&self.columns, kind).attrs().collect()
    }

    /// How many objects an answer may have, so that what is expanded in them stays bounded.
    pub fn most_objects(&self) -> usize {
        self.expansions.most_objects()
    }

    fn of_kind<'s>(
        &'s self,
        columns: &'s [(EntityKind, Columns)],
        kind: EntityKind,
    ) -> &'s Columns {
        columns
            .iter()
            .find(|(it, _)| *it == kind)
            .map_or(&self.none, |(_, columns)| columns)
    }

    /// An item of a collection; `typed`: with its `@odata.type`.
    pub fn item<'s>(
        &'s self,
        call: &Call<'_>,
        reader: &Reader<'_>,
        stored: &'s Stored,
        typed: bool,
    ) -> Result<Object<'s>, Problem> {
        let mut object = self.object(call, reader, stored)?;
        if typed {
            object.insert_type();
        }
        Ok(object)
    }

    /// The object itself.
    pub fn object<'s>(
        &'s self,
        call: &Call<'_>,
        reader: &Reader<'_>,
        stored: &'s Stored,
    ) -> Result<Object<'s>, Problem> {
        let kind = stored.entry.kind;
        if !self.sight.is_whole(stored) {
            return Ok(Object::new(stored, self.of_kind(&self.limited, kind)));
        }
        let mut object = Object::new(stored, self.of_kind(&self.columns, kind));
        crate::wire::credentials::fill(call, reader, stored, &mut object)?;
        self.expansions.add(call, reader, stored, &mut object)?;
        Ok(object)
    }

    /// `users` or `users(displayName,id)`.
    pub fn context(&self, set: &str) -> String {
        if self.names.is_empty() {
            set.to_owned()
        } else {
            format!("{set}({})", self.names.join(","))
        }
    }
}

/// What `$select` chooses of one kind among several.
fn selection(names: &[String], entity: &EntityType) -> Result<Selection, Problem> {
    let known = |name: &&String| select(std::slice::from_ref(*name), entity).is_ok();
    let here: Vec<String> = names.iter().filter(known).cloned().collect();
    if here.is_empty() && !names.is_empty() {
        // Names that only other kinds know select nothing here, which is not the default set.
        return Ok(Selection {
            explicit: true,
            attrs: Vec::new(),
            navigation: Vec::new(),
        });
    }
    select(&here, entity)
}

fn select(names: &[String], entity: &EntityType) -> Result<Selection, Problem> {
    QueryOptions {
        select: names.to_vec(),
        ..QueryOptions::default()
    }
    .selection(entity)
}
