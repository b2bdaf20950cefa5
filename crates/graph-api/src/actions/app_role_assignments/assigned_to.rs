//! `/servicePrincipals/{id}/appRoleAssignedTo`

use serde_json::Value as Json;
use syncline_directory::app_role_assignments as assignments;
use syncline_directory::service_principals;
use syncline_model::predicate::Attributes;
use syncline_model::{Attr, Attrs, EntityKind, Entry, ObjectId, Problem, Schema, Value};
use syncline_odata::skiptoken::{PageToken, expired_page};
use syncline_odata::{QueryOptions, Rules};
use syncline_store::{Assignment, Reader, Stored};
use uuid::Uuid;

use super::{permission, request};
use crate::actions::lookup;
use crate::call::Tail;
use crate::list::{page_size, small};
use crate::wire::assignment;
use crate::wire::collection::Collection;
use crate::{Call, Reply};

/// Assignments read at a time.
const CHUNK: usize = 500;

/// Assignments a request may read for a filter before it answers with what it has.
const BUDGET: usize = 20_000;

type Position = (ObjectId, Uuid);

/// Assignments of one page with their principals, and the position after it.
type Page = (Vec<(Assignment, Stored)>, Option<Position>);

/// `GET /servicePrincipals/{id}/appRoleAssignedTo` and its `/$count`
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let entity = Schema::core().of(EntityKind::AppRoleAssignment);
    call.read(|reader| {
        let resource = lookup::service_principal(call, reader)?;
        let context = context(&resource);
        let token = call
            .query
            .skiptoken
            .as_deref()
            .map(|it| PageToken::decode(it, &context, call.tenant()))
            .transpose()?;
        let options = match &token {
            Some(token) => QueryOptions::from_texts(&token.texts)?,
            None => call.query.clone(),
        };
        small::check_expand(&options, &[])?;
        let query = options.bind(entity, &Rules::directory())?;
        let keeps = |it: &Assignment, principal: &Stored| match &query.predicate {
            Some(predicate) => predicate.evaluate(&row(it, principal) as &dyn Attributes),
            None => true,
        };
        if call.tail == Tail::Count {
            let count = count(call, reader, &resource, &keeps)?;
            return Ok(Reply::text(count.to_string()));
        }
        let count = match options.texts.count && token.is_none() {
            true => Some(count(call, reader, &resource, &keeps)?),
            false => None,
        };
        let after = token.map(|it| position(&it.last_key)).transpose()?;
        let (page, next) = page(
            call,
            reader,
            &resource,
            after,
            page_size(call, query.top),
            &keeps,
        )?;
        let item = |(it, principal): &(Assignment, Stored)| {
            small::select(&options, entity, assignment::json(it, principal, &resource))
        };
        let items: Vec<Json> = page.iter().map(item).collect::<Result<_, _>>()?;
        let next = next.map(|(principal, role)| {
            let last_key = [*principal.as_bytes(), *role.as_bytes()].concat();
            let token = PageToken {
                resource: context.clone(),
                last_key,
                texts: options.texts.clone(),
            };
            call.link(&options.next_link_query(&token.encode(call.tenant())))
        });
        Ok(Collection::new(call, &context, items)
            .count(count)
            .next_link(next)
            .reply())
    })
}

/// How many of them there are; reads them all.
fn count(
    call: &Call<'_>,
    reader: &Reader<'_>,
    resource: &Stored,
    keeps: &dyn Fn(&Assignment, &Stored) -> bool,
) -> Result<u64, Problem> {
    let (mut count, mut after) = (0, None);
    loop {
        let batch =
            assignments::of_resource(reader, call.tenant(), resource.entry.id, after, CHUNK)?;
        call.has_read(batch.len())?;
        count += batch
            .iter()
            .filter(|(it, principal)| keeps(it, principal))
            .count() as u64;
        match batch.last() {
            Some((it, _)) if batch.len() == CHUNK => after = Some((it.principal(), it.role)),
            _ => return Ok(count),
        }
    }
}

fn page(
    call: &Call<'_>,
    reader: &Reader<'_>,
    resource: &Stored,
    mut after: Option<Position>,
    size: usize,
    keeps: &dyn Fn(&Assignment, &Stored) -> bool,
) -> Result<Page, Problem> {
    let mut page = Vec::new();
    let mut seen = 0;
    loop {
        let batch =
            assignments::of_resource(reader, call.tenant(), resource.entry.id, after, CHUNK)?;
        call.has_read(batch.len())?;
        let ended = batch.len() < CHUNK;
        for (it, principal) in batch {
            seen += 1;
            let here = (it.principal(), it.role);
            if keeps(&it, &principal) {
                if page.len() == size {
                    return Ok((page, after));
                }
                page.push((it, principal));
            }
            after = Some(here);
        }
        if ended {
            return Ok((page, None));
        }
        if seen >= BUDGET {
            return Ok((page, after));
        }
    }
}

/// An assignment as a predicate sees it.
fn row(assignment: &Assignment, principal: &Stored) -> Entry {
    let mut attrs = Attrs::new()
        .with(
            Attr::ASSIGNMENT_PRINCIPAL_ID,
            Value::Guid(assignment.principal().0),
        )
        .with(
            Attr::ASSIGNMENT_RESOURCE_ID,
            Value::Guid(assignment.resource.0),
        );
    attrs.put(
        Attr::ASSIGNMENT_PRINCIPAL_DISPLAY_NAME,
        principal.entry.get(Attr::DISPLAY_NAME).cloned(),
    );
    Entry {
        id: assignment.principal(),
        kind: EntityKind::AppRoleAssignment,
        attrs,
    }
}

fn position(bytes: &[u8]) -> Result<Position, Problem> {
    let (principal, role) = bytes.split_at_checked(16).ok_or_else(expired_page)?;
    let bytes = |it: &[u8]| <[u8; 16]>::try_from(it).map_err(|_| expired_page());
    Ok((
        ObjectId::from_bytes(bytes(principal)?),
        Uuid::from_bytes(bytes(role)?),
    ))
}

/// `GET /servicePrincipals/{id}/appRoleAssignedTo/{assignmentId}`
pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| {
        let resource = lookup::service_principal(call, reader)?;
        let found = find(call, reader, &resource)?;
        let principal = reader
            .object(call.tenant(), found.principal())?
            .ok_or_else(|| Problem::not_found(found.principal()))?;
        let mut json = assignment::json(&found, &principal, &resource);
        json["@odata.context"] = call
            .context(&format!("{}/$entity", context(&resource)))
            .into();
        Ok(Reply::ok(json))
    })
}

/// `POST /servicePrincipals/{id}/appRoleAssignedTo`
pub fn assign(call: &Call<'_>) -> Result<Reply, Problem> {
    let new = request::read(call)?;
    let (assignment, principal, resource) = call.write(|tx, directory| {
        let resource = lookup::service_principal(call, tx)?;
        if new.resource != resource.entry.id {
            // An id that is no service principal here is unknown, rather than in contradiction.
            service_principals::find(tx, call.tenant(), &new.resource.to_string())?;
            return Err(request::contradicts_path("resourceId", resource.entry.id));
        }
        permission::check(call, &resource)?;
        let assignment = assignments::assign(tx, directory, new.resource, new.principal, new.role)?;
        let principal = tx
            .object(call.tenant(), new.principal)?
            .ok_or_else(|| Problem::not_found(new.principal))?;
        Ok((assignment, principal, resource))
    })?;
    let mut json = assignment::json(&assignment, &principal, &resource);
    json["@odata.context"] = call
        .context(&format!("{}/$entity", context(&resource)))
        .into();
    Ok(Reply::created(json))
}

/// `DELETE /servicePrincipals/{id}/appRoleAssignedTo/{assignmentId}`
pub fn unassign(call: &Call<'_>) -> Result<Reply, Problem> {
    call.write(|tx, directory| {
        let resource = lookup::service_principal(call, tx)?;
        permission::check(call, &resource)?;
        let found = find(call, tx, &resource)?;
        assignments::unassign(tx, directory, &found)
    })?;
    Ok(Reply::no_content())
}

fn find(call: &Call<'_>, reader: &Reader<'_>, resource: &Stored) -> Result<Assignment, Problem> {
    let text = call.key("assignmentId")?.value();
    let id = assignments::parse_id(text).ok_or_else(|| Problem::not_found(text))?;
    let found = assignments::find(reader, call.tenant(), &id)?;
    if found.resource == resource.entry.id {
        Ok(found)
    } else {
        Err(Problem::not_found(text))
    }
}

fn context(resource: &Stored) -> String {
    format!(
        "servicePrincipals('{}')/appRoleAssignedTo",
        resource.entry.id
    )
}
