//! `/roleManagement/directory/roleAssignments`: who holds which role.

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

use super::role_definitions;
use crate::actions::cast::PRINCIPALS;
use crate::actions::directory_roles::table::assignments;
use crate::actions::groups::role_assignable;
use crate::list::{Shape, Sight, small};
use crate::{Call, Reply};

const SET: &str = "roleManagement/directory/roleAssignments";

/// What `$expand` may name.
const EXPANDED: &[&str] = &["principal", "roleDefinition"];

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
    let items = call.read(|reader| {
        assignments(call, reader)?
            .iter()
            .map(|it| expanded(call, reader, it))
            .collect::<Result<_, _>>()
    })?;
    small::reply_expanded(call, SET, &TABLE, &Rules::directory(), items, EXPANDED)
}

/// `GET /roleManagement/directory/roleAssignments/{id}`
pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| {
        let found = find(call, reader)?;
        let json = expanded(call, reader, &found)?;
        let mut json = small::select_expanded(&call.query, &TABLE, json, EXPANDED)?;
        json["@odata.context"] = call.context(&format!("{SET}/$entity")).into();
        Ok(Reply::ok(json))
    })
}

/// `POST /roleManagement/directory/roleAssignments`
pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("unifiedRoleAssignment")?;
    body.only(&["roleDefinitionId", "principalId", "directoryScopeId"])?;
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
        if roles::given(tx, call.tenant(), principal)?.contains(&role) {
            return Err(Problem::new(
                ProblemKind::Conflict,
                "RoleAssignmentExists",
                "A conflicting object with one or more of the specified property values is present in the directory.",
            ));
        }
        Ok(roles::grant(tx, call.tenant(), context.ids, principal, role)?)
    })?;
    let mut json = json(&made);
    json["@odata.context"] = call.context(&format!("{SET}/$entity")).into();
    Ok(Reply::created(json))
}

/// `DELETE /roleManagement/directory/roleAssignments/{id}`
pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    call.write(|tx, _| {
        let found = find(call, tx)?;
        roles::revoke(tx, call.tenant(), found.principal, found.role)?;
        Ok(())
    })?;
    Ok(Reply::no_content())
}

fn find(call: &Call<'_>, reader: &Reader<'_>) -> Result<RoleAssignment, Problem> {
    let text = call.key("id")?.value();
    let id = text.parse().map_err(|_| Problem::not_found(text))?;
    roles::find(reader, call.tenant(), id)?.ok_or_else(|| Problem::not_found(text))
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

/// With what `$expand` names: `principal`, `roleDefinition`.
fn expanded(
    call: &Call<'_>,
    reader: &Reader<'_>,
    assignment: &RoleAssignment,
) -> Result<Json, Problem> {
    let mut json = json(assignment);
    for expansion in &call.query.expand {
        let options = QueryOptions {
            select: expansion.select.clone(),
            ..QueryOptions::default()
        };
        let name = expansion.property();
        if name.eq_ignore_ascii_case("principal") {
            json["principal"] = match reader.object(call.tenant(), assignment.principal)? {
                None => Json::Null,
                Some(it) => {
                    let (schema, sight) = (reader.schema(call.tenant())?, Sight::of(call));
                    let shape = Shape::bind(call, &schema, &options, &PRINCIPALS, sight)?;
                    shape.item(call, reader, &it, true)?.json()?
                }
            };
        } else if name.eq_ignore_ascii_case("roleDefinition") {
            json["roleDefinition"] = role_definitions::selected(&options, assignment.role)?;
        }
    }
    Ok(json)
}
