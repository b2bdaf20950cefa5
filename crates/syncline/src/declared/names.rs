//! Whom and what a file names, found in one walk through those of each kind.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use syncline_model::fold::fold;
use syncline_model::{EntityKind, ObjectId, TenantId};
use syncline_store::{ObjectState, Reader, Scanned};

use super::ends::Ends;
use super::file::Configuration;
use crate::failure::Failure;
use crate::named::named;

/// By the tenant and the folded name.
type Found = HashMap<(TenantId, String), Vec<ObjectId>>;

#[derive(Debug, Default)]
pub struct Names {
    service_principals: Found,
    /// Those in the recycle bin.
    recycled: Found,
    groups: Found,
}

impl Names {
    pub fn read(reader: &Reader<'_>, all: &[(&Configuration, Ends)]) -> Result<Self, Failure> {
        let mut wanted: BTreeMap<TenantId, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
        for (configuration, ends) in all {
            let (configurations, groups) = wanted.entry(ends.source.id).or_default();
            configurations.insert(fold(&configuration.name));
            configurations.extend(configuration.renamed_from.as_deref().map(fold));
            let named = configuration.assigned.as_ref();
            let named = named
                .and_then(|it| it.groups.as_ref())
                .into_iter()
                .flatten();
            let named = named.filter(|it| it.trim().parse::<ObjectId>().is_err());
            groups.extend(named.map(|it| fold(it.trim())));
        }
        let mut names = Self::default();
        for (tenant, (configurations, groups)) in wanted {
            let configurations: Vec<String> = configurations.into_iter().collect();
            let groups: Vec<String> = groups.into_iter().collect();
            let kind = EntityKind::ServicePrincipal;
            let live = named(kind, &configurations, |after, page| {
                reader.scan(tenant, kind, ObjectState::Live, after, page)
            })?;
            let recycled = named(kind, &configurations, |after, page| {
                Ok(Scanned::of(
                    reader.recycled(tenant, kind, after, page)?,
                    page,
                ))
            })?;
            let found = named(EntityKind::Group, &groups, |after, page| {
                reader.scan(tenant, EntityKind::Group, ObjectState::Live, after, page)
            })?;
            let of = |names: Vec<String>, ids: Vec<Vec<ObjectId>>| {
                let names = names.into_iter().map(move |name| (tenant, name));
                names.zip(ids)
            };
            names.recycled.extend(of(configurations.clone(), recycled));
            names.service_principals.extend(of(configurations, live));
            names.groups.extend(of(groups, found));
        }
        Ok(names)
    }

    pub fn service_principals(&self, tenant: TenantId, name: &str) -> &[ObjectId] {
        of(&self.service_principals, tenant, name)
    }

    pub fn recycled(&self, tenant: TenantId, name: &str) -> &[ObjectId] {
        of(&self.recycled, tenant, name)
    }

    pub fn groups(&self, tenant: TenantId, name: &str) -> &[ObjectId] {
        of(&self.groups, tenant, name)
    }
}

fn of<'f>(found: &'f Found, tenant: TenantId, name: &str) -> &'f [ObjectId] {
    let found = found.get(&(tenant, fold(name.trim())));
    found.map_or(&[], Vec::as_slice)
}
