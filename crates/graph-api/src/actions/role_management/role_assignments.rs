//! `/roleManagement/directory/roleAssignments`: who holds which role.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use syncline_access::DirectoryRole;
use syncline_access::roles::{self, RoleAssignment};
use syncline_model::schema::Filter;
use syncline_model::{
    Attr, EntityKind, EntityType, ObjectId, Problem, ProblemKind, Property, PropertyType,
};
use syncline_odata::{QueryOptions, Rules};
use syncline_store::{ObjectState, Reader};

use super::{given, role_definitions};
use crate::actions::cast::PRINCIPALS;
use crate::actions::groups::role_assignable;
use crate::list::{Shape, Sight, small};
use crate::{Call, Reply};

const SET: &str = "roleManagement/directory/roleAssignments";

/// What typed clients send as null, and is nothing else here.
const UNUSED: [&str; 3] = ["appScopeId", "condition", "principalOrganizationId"];

/// What `$expand` may name.
const EXPANDED: &[&str] = &[PRINCIPAL, ROLE_DEFINITION];
const PRINCIPAL: &str = "principal";
const ROLE_DEFINITION: &str = "roleDefinition";

static TABLE: LazyLock<EntityType> = LazyLock::new(|| {
    let property = |attr, name: &'static str| Property {
        name: name.into(),
        filter: Filter::Basic,
        ..Property::new(attr, PropertyType::Text, "A property of a role assignment.").by_default()
    };
    let properties = vec![
        property(Attr::ID, "id"),
        property(Attr::ASSIGNMENT_RESOURCE_ID, "directoryScopeId"),
        property(Attr::ASSIGNMENT_PRINCIPAL_ID, "principalId"),
        property(Attr::ASSIGNMENT_APP_ROLE_ID, "roleDefinitionId"),
        property(Attr::ASSIGNMENT_PRINCIPAL_DISPLAY_NAME, "principal"),
        property(Attr::ASSIGNMENT_RESOURCE_DISPLAY_NAME, "roleDefinition"),
    ];
    EntityType::new(EntityKind::AppRoleAssignment, properties)
});

/// `GET /roleManagement/directory/roleAssignments`
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| {
        let assignments = given::all(call, reader)?;
        let items = assignments.iter().map(json).collect();
        let of_id: BTreeMap<String, _> = assignments
            .iter()
            .map(|it| (it.id.to_string(), it))
            .collect();
        // Of the page alone: each principal is an object to read.
        let bind = |options: &QueryOptions| {
            let expansions = Expansions::bind(call, reader, options)?;
            let of_id = &of_id;
            let fill: Box<small::Fill<'_>> =
                Box::new(
                    move |item| match item["id"].as_str().and_then(|id| of_id.get(id)) {
                        Some(assignment) => expansions.add(call, reader, assignment, item),
                        None => Ok(()),
                    },
                );
            Ok(fill)
        };
        let expand = small::Expand {
            names: EXPANDED,
            bind: &bind,
        };
        small::reply_expanded(call, SET, &TABLE, &Rules::directory(), items, &expand)
    })
}

/// `GET /roleManagement/directory/roleAssignments/{id}`
pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| {
        let found = find(call, reader)?;
        let mut json = json(&found);
        small::check_expand(&call.query, EXPANDED)?;
        Expansions::bind(call, reader, &call.query)?.add(call, reader, &found, &mut json)?;
        let mut json = small::select_expanded(&call.query, &TABLE, json, EXPANDED)?;
        json["@odata.context"] = call.context(&format!("{SET}/$entity")).into();
        Ok(Reply::ok(json))
    })
}

/// `POST /roleManagement/directory/roleAssignments`
pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("unifiedRoleAssignment")?;
    body.only(
        &[
            &["roleDefinitionId", "principalId", "directoryScopeId"],
            &UNUSED[..],
        ]
        .concat(),
    )?;
    if let Some(name) = UNUSED.into_iter().find(|name| body.value(name).is_some()) {
        return Err(body.invalid(name));
    }
    if body.required_text("directoryScopeId")? != "/" {
        return Err(body.invalid("directoryScopeId"));
    }
    let principal = ObjectId(body.required_guid("principalId")?);
    let role = body.required_guid("roleDefinitionId")?;
    let role = DirectoryRole::from_template(role).ok_or_else(|| Problem::not_found(role))?;
    let made = call.write(|tx, context| {
        let holder = tx.object(call.tenant(), principal)?.filter(|it| it.state == ObjectState::Live);
        let Some(holder) = holder.filter(|it| PRINCIPALS.contains(&it.entry.kind)) else {
            return Err(Problem::not_found(principal));
        };
        role_assignable::check_holder(&holder)?;
        if roles::is_given(tx, call.tenant(), (holder.entry.kind, principal), role)? {
            return Err(Problem::new(
                ProblemKind::Conflict,
                "RoleAssignmentExists",
                "A conflicting object with one or more of the specified property values is present in the directory.",
            ));
        }
        roles::check_room(tx, call.tenant(), (holder.entry.kind, principal))?;
        Ok(roles::grant(tx, call.tenant(), context.ids, principal, role)?)
    })?;
    let mut json = json(&made);
    json["@odata.context"] = call.context(&format!("{SET}/$entity")).into();
    Ok(Reply::created(json))
}

/// `DELETE /roleManagement/directory/roleAssignments/{id}`
pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    // Looked for before, and only taken away where others wait.
    let found = call.read(|reader| find(call, reader))?;
    call.write(
        |tx, _| match roles::revoke_assignment(tx, call.tenant(), &found)? {
            true => Ok(()),
            false => Err(Problem::not_found(found.id)),
        },
    )?;
    Ok(Reply::no_content())
}

fn find(call: &Call<'_>, reader: &Reader<'_>) -> Result<RoleAssignment, Problem> {
    let text = call.key("id")?.value();
    let id = text.parse().map_err(|_| Problem::not_found(text))?;
    given::find(call, reader, id)?.ok_or_else(|| Problem::not_found(text))
}

/// `unifiedRoleAssignment`
fn json(assignment: &RoleAssignment) -> Json {
    json!({
        "id": assignment.id.to_string(),
        "directoryScopeId": "/",
        "principalId": assignment.principal.to_string(),
        "roleDefinitionId": assignment.role.template_id().to_string(),
    })
}

/// `$expand`, bound once for all assignments of an answer.
struct Expansions {
    principal: Option<Shape>,
    role_definition: Option<QueryOptions>,
}

impl Expansions {
    fn bind(call: &Call<'_>, reader: &Reader<'_>, options: &QueryOptions) -> Result<Self, Problem> {
        let mut bound = Self {
            principal: None,
            role_definition: None,
        };
        for expansion in &options.expand {
            let options = QueryOptions {
                select: expansion.select.clone(),
                ..QueryOptions::default()
            };
            if expansion.property().eq_ignore_ascii_case(PRINCIPAL) {
                let (schema, sight) = (reader.schema(call.tenant())?, Sight::of(call));
                let shape = Shape::bind(call, &schema, &options, &PRINCIPALS, sight)?;
                bound.principal = Some(shape);
            } else {
                bound.role_definition = Some(options);
            }
        }
        Ok(bound)
    }

    /// Adds to an assignment what was asked for.
    fn add(
        &self,
        call: &Call<'_>,
        reader: &Reader<'_>,
        assignment: &RoleAssignment,
        json: &mut Json,
    ) -> Result<(), Problem> {
        if let Some(shape) = &self.principal {
            call.has_read(1)?;
            let principal = reader.object(call.tenant(), assignment.principal)?;
            json[PRINCIPAL] = match principal.filter(|it| it.state == ObjectState::Live) {
                None => Json::Null,
                Some(it) => shape.item(call, reader, &it, true)?.json()?,
            };
        }
        if let Some(options) = &self.role_definition {
            json[ROLE_DEFINITION] = role_definitions::selected(options, assignment.role)?;
        }
        Ok(())
    }
}
