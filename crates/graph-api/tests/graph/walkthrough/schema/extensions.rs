//! Directory extensions in schemas: discovered, mapped, refused.

use serde_json::{Value as Json, json};
use syncline_store::StoreError;

use super::super::setup::configure_in;
use super::*;
use crate::world::{World, each, id};

const SOURCE: &str = "Azure Active Directory";
const TARGET: &str = "Azure Active Directory (target tenant)";

/// Registers an extension of users in a tenant and says its name.
fn register(world: &World, tenant: &str, name: &str, data_type: &str, many: bool) -> String {
    let client = everything(world, tenant);
    let application = client
        .post("/v1.0/applications", json!({"displayName": "Personnel"}))
        .created();
    let url = format!(
        "/v1.0/applications/{}/extensionProperties",
        id(&application)
    );
    let body = json!({"name": name, "dataType": data_type, "isMultiValued": many, "targetObjects": ["User"]});
    text(&client.post(&url, body).created(), "name")
}

/// What `discover` says of an attribute of users.
fn discovered(job: &Job<'_>, directory: &str, attribute: &str) -> Option<Json> {
    let schema = job.schema();
    let known = schema["directories"].as_array().unwrap();
    let known = known.iter().find(|it| it["name"] == directory).unwrap();
    let url = format!("/schema/directories/{}/discover", text(known, "id"));
    let found = job
        .client
        .post(&job.configuration.job_url(&url), json!({}))
        .ok();
    assert_eq!(
        (&found["id"], &found["name"]),
        (&known["id"], &known["name"])
    );
    assert_eq!(
        found["discoverabilities"],
        "AttributeNames, AttributeDataTypes"
    );
    assert!(!found["discoveryDateTime"].is_null() && !found["version"].is_null());
    assert_eq!(
        each(&json!({"value": found["objects"]}), "name"),
        ["User", "Group"]
    );
    let attributes = found["objects"][0]["attributes"].as_array().unwrap();
    assert!(
        attributes
            .iter()
            .any(|it| it["name"] == "userPrincipalName")
    );
    attributes
        .iter()
        .find(|it| it["name"] == attribute)
        .cloned()
}

fn add(schema: &mut Json, expression: &str, target: &str) {
    let mut copy = mapping(schema, "department").clone();
    copy["targetAttributeName"] = target.into();
    copy["source"] =
        json!({"expression": expression, "name": null, "parameters": [], "type": "Function"});
    users(schema)["attributeMappings"]
        .as_array_mut()
        .unwrap()
        .push(copy);
}

#[test]
fn both_directories_list_what_is_registered_now() {
    let world = World::new();
    let job = Job::new(&world);
    for (data_type, kind) in [
        ("Binary", "Binary"),
        ("Boolean", "Boolean"),
        ("DateTime", "DateTime"),
        ("Integer", "Integer"),
        ("LargeInteger", "Integer"),
        ("String", "String"),
    ] {
        for (tenant, directory, other) in
            [("contoso", SOURCE, TARGET), ("fabrikam", TARGET, SOURCE)]
        {
            for many in [false, true] {
                let name = register(&world, tenant, "x", data_type, many);
                let found = discovered(&job, directory, &name).unwrap();
                assert_eq!(
                    (&found["type"], &found["multivalued"], &found["mutability"]),
                    (&json!(kind), &json!(many), &json!("ReadWrite"))
                );
                assert_eq!(discovered(&job, other, &name), None);
            }
        }
    }
    let url = job.configuration.url(&format!(
        "/templates/Azure2Azure/schema/directories/{SOURCE}/discover"
    ));
    let found = job.client.post(&url.replace(' ', "%20"), json!({})).ok();
    assert!(!found.to_string().contains("extension_"));
    let url = job
        .configuration
        .job_url("/schema/directories/nobody/discover");
    job.client
        .post(&url, json!({}))
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn a_mapping_may_read_one_and_fill_one() {
    let world = World::new();
    let job = Job::new(&world);
    let skills = register(&world, "contoso", "skills", "String", true);
    let code = register(&world, "contoso", "code", "String", false);
    let target = register(&world, "fabrikam", "code", "String", false);
    let mut schema = job.schema();
    add(
        &mut schema,
        &format!("Join(\", \", [{skills}], [{code}])"),
        &target,
    );
    job.put(&schema).no_content();

    let bad = |expression: &str, target: &str| {
        let mut schema = job.schema();
        users(&mut schema)["attributeMappings"]
            .as_array_mut()
            .unwrap()
            .pop();
        add(&mut schema, expression, target);
        schema
    };
    let mut wrong = bad(&format!("[{}]", code.replace("_code", "_coed")), &target);
    let path = path_of(&mut wrong, &target);
    let error = job.put(&wrong).problem(400, "schemaInvalid");
    assert!(
        error
            .to_string()
            .contains(&format!("did you mean `[{code}]`?")),
        "{error:#}"
    );
    job.refuses(
        &bad(&format!("[{skills}]"), &target),
        "schemaInvalid",
        &format!("{path}.source.expression"),
        "takes one value",
    );
    // The target's is none of the source's, nor the other way round.
    assert_eq!(job.put(&bad(&format!("[{target}]"), &target)).status, 400);
    job.refuses(
        &bad(&format!("[{code}]"), &code),
        "schemaInvalid",
        &format!("{path}.targetAttributeName"),
        "no such directory extension",
    );
}

#[test]
fn an_expression_may_be_tried_on_one() {
    let world = World::new();
    let job = Job::new(&world);
    let code = register(&world, "contoso", "code", "String", false);
    let url = job.configuration.job_url("/schema/parseExpression");
    let body = json!({"expression": format!("ToUpper([{code}])"), "testInputObject": {"properties": [{"key": code, "value": "dev"}]}});
    assert_eq!(
        job.client.post(&url, body).ok()["evaluationResult"],
        json!(["DEV"])
    );
    // Known, and without a value; never the value of another attribute.
    let body = json!({"expression": format!("IIF(IsNull([{code}]), \"none\", \"some\")"), "testInputObject": {"properties": [{"key": "own", "value": "x"}]}});
    assert_eq!(
        job.client.post(&url, body).ok()["evaluationResult"],
        json!(["none"])
    );
    let body = json!({"expression": "[extension_nobodys]"});
    assert_eq!(job.client.post(&url, body).ok()["parsingSucceeded"], false);
}

/// Fabrikam lets nobody in: what it registered stays its own affair.
#[test]
fn a_tenant_that_is_not_let_in_learns_nothing() {
    let world = World::new();
    let job = Job {
        client: everything(&world, "contoso"),
        configuration: configure_in(&world, "contoso", "fabrikam"),
    };
    let code = register(&world, "fabrikam", "code", "String", false);
    assert_eq!(discovered(&job, TARGET, &code), None);
    let mut schema = job.schema();
    add(&mut schema, "[department]", &code);
    let path = path_of(&mut schema, &code);
    job.refuses(
        &schema,
        "schemaInvalid",
        &format!("{path}.targetAttributeName"),
        "no such directory extension",
    );
    trust(&world);
    assert!(discovered(&job, TARGET, &code).is_some());
    job.put(&schema).no_content();
}

/// Contoso, whom Fabrikam never let in, names an extension of Fabrikam in a job and keeps its own tenant
/// busy, on another node. Nobody in Fabrikam waits for that.
#[test]
fn whoever_names_one_of_another_tenant_is_in_nobodys_way_there() {
    if !syncline_testkit::on_postgres() {
        eprintln!("not run: in a file all writers take turns, whatever they write in");
        return;
    }
    let world = World::new();
    let job = Job {
        client: everything(&world, "contoso"),
        configuration: configure_in(&world, "contoso", "fabrikam"),
    };
    let fabrikam = everything(&world, "fabrikam");
    let application = fabrikam
        .post("/v1.0/applications", json!({"displayName": "Personnel"}))
        .created();
    let application = format!("/v1.0/applications/{}", id(&application));
    let properties = format!("{application}/extensionProperties");
    let body = json!({"name": "code", "dataType": "String", "targetObjects": ["User"]});
    let made = fabrikam.post(&properties, body.clone()).created();
    let mut schema = job.schema();
    mapping(&mut schema, "department")["source"] = json!({
        "expression": format!("\"{}\"", text(&made, "name")),
        "name": null,
        "parameters": [],
        "type": "Function",
    });
    job.put(&schema).no_content();

    let busy = world.another_node().write(|tx| {
        tx.enter(&[world.tenants.contoso.id])?;
        let one = format!("{properties}/{}", id(&made));
        fabrikam.delete(&one).no_content();
        fabrikam.post(&properties, body).created();
        fabrikam.delete(&application).no_content();
        let bin = application.replace("applications", "directory/deletedItems");
        fabrikam.post(&format!("{bin}/restore"), json!({})).ok();
        fabrikam.delete(&application).no_content();
        fabrikam.delete(&bin).no_content();
        Ok::<_, StoreError>(())
    });
    busy.unwrap();
}
