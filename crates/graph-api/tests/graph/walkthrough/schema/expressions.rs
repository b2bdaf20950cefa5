//! Functions, filter operators, and expressions tried before they are saved.

use serde_json::{Value as Json, json};

use super::*;
use crate::world::World;

fn parse(job: &Job<'_>, body: Json) -> Json {
    job.client
        .post(&job.configuration.job_url("/schema/parseExpression"), body)
        .ok()
}

/// The example of Graph's page.
#[test]
fn an_expression_is_read_and_tried() {
    let world = World::new();
    let job = Job::new(&world);
    let answer = parse(
        &job,
        json!({
            "expression": "Replace([preferredLanguage], \"-\", , , \"_\", , )",
            "targetAttributeDefinition": null,
            "testInputObject": {
                "definition": null,
                "properties": [
                    {"key": "objectId", "value": "66E4A8CC-1B7B-435E-95F8-F06CEA133828"},
                    {"key": "IsSoftDeleted", "value": "false"},
                    {"key": "accountEnabled", "value": "true"},
                    {"key": "preferredLanguage", "value": "EN-US"},
                    {"key": "proxyAddresses", "value@odata.type": "#Collection(String)", "value": ["a", "b"]},
                ],
            },
        }),
    );
    assert!(
        text(&answer, "@odata.context")
            .ends_with("$metadata#microsoft.graph.parseExpressionResponse")
    );
    let constant = |text: &str| json!({"expression": format!("\"{text}\""), "name": text, "parameters": [], "type": "Constant"});
    assert_eq!(
        without(answer, &["@odata.context"]),
        json!({
            "error": null,
            "evaluationSucceeded": true,
            "evaluationResult": ["EN_US"],
            "parsingSucceeded": true,
            "parsedExpression": {
                "expression": "Replace([preferredLanguage], \"-\", , , \"_\", , )",
                "name": "Replace",
                "type": "Function",
                "parameters": [
                    {"key": "source", "value": {"expression": "[preferredLanguage]", "name": "preferredLanguage", "parameters": [], "type": "Attribute"}},
                    {"key": "Find", "value": constant("-")},
                    {"key": "Replacement", "value": constant("_")},
                ],
            },
        })
    );
}

#[test]
fn results_of_every_shape() {
    let world = World::new();
    let job = Job::new(&world);
    let object = json!({"properties": [
        {"key": "mail", "value": "ada@contoso.example"},
        {"key": "otherMails", "value": ["a", "b"]},
        {"key": "city", "value": null},
    ]});
    for (expression, result) in [
        ("[otherMails]", json!(["a", "b"])),
        ("IsPresent([city])", json!(["False"])),
        ("[city]", json!([])),
        ("IgnoreFlowIfNullOrEmpty([city])", json!([])),
        ("DefaultDomain()", json!(["contoso.example"])),
        // Known without being sent.
        ("[department]", json!([])),
    ] {
        let answer = parse(
            &job,
            json!({"expression": expression, "testInputObject": object}),
        );
        assert_eq!(answer["evaluationSucceeded"], true, "{answer:#}");
        assert_eq!(answer["evaluationResult"], result, "{expression}");
    }
    // Nothing to try it on.
    let answer = parse(&job, json!({"expression": "[mail]"}));
    assert_eq!(answer["parsingSucceeded"], true);
    assert_eq!(answer["evaluationSucceeded"], false);
    assert_eq!(answer["error"], Json::Null);
}

#[test]
fn everything_wrong_is_told_with_its_place() {
    let world = World::new();
    let job = Job::new(&world);
    let expression = r#"Join("é𝒜", Foo([emial]), tolower([mail]))"#;
    let answer = parse(&job, json!({"expression": expression}));
    assert_eq!(answer["parsingSucceeded"], false);
    assert_eq!(answer["parsedExpression"], Json::Null);
    assert_eq!(answer["evaluationResult"], json!([]));
    let details = answer["error"]["details"].as_array().unwrap();
    let targets: Vec<&str> = details
        .iter()
        .map(|it| it["target"].as_str().unwrap())
        .collect();
    assert_eq!(targets, ["Foo", "[emial]", "tolower"]);
    // By what clients in JavaScript or C# index their texts.
    let before = expression.split("tolower").next().unwrap();
    let start = before.encode_utf16().count();
    assert_eq!(
        details[2]["span"],
        json!({"start": start, "end": start + 7})
    );
    assert_eq!(details[2]["suggestion"]["replacement"], "ToLower");
    assert!(text(&answer["error"], "message").contains("unknown function `Foo`"));
}

#[test]
fn what_fails_on_the_object_or_does_not_fit_the_target() {
    let world = World::new();
    let job = Job::new(&world);
    let object = json!({"properties": [{"key": "mail", "value": "x"}, {"key": "otherMails", "value": ["a", "b"]}]});
    for (expression, target, message) in [
        ("CDate([mail])", Json::Null, "is not a date"),
        (
            "[otherMails]",
            json!({"name": "mail", "type": "String", "multivalued": false}),
            "`mail` takes one value, not 2",
        ),
        (
            "[mail]",
            json!({"name": "age", "type": "Integer"}),
            "`age` takes a value of type Integer",
        ),
        // More than 32 bits.
        (
            "99999999999",
            json!({"name": "age", "type": "Integer"}),
            "`age` takes a value of type Integer",
        ),
    ] {
        let answer = parse(
            &job,
            json!({"expression": expression, "testInputObject": object, "targetAttributeDefinition": target}),
        );
        assert_eq!(answer["parsingSucceeded"], true, "{answer:#}");
        assert_eq!(answer["evaluationSucceeded"], false, "{answer:#}");
        assert!(
            text(&answer["error"], "message").contains(message),
            "{answer:#}"
        );
    }
}

#[test]
fn what_a_target_takes_fits_it() {
    let world = World::new();
    let job = Job::new(&world);
    let object = json!({"properties": [
        {"key": "mail", "value": "x"},
        {"key": "employeeHireDate", "value": "2024-02-01T00:00:00Z"},
    ]});
    for (expression, kind, result) in [
        (
            r#"DateAdd("d", 7, CDate([employeeHireDate]))"#,
            "DateTime",
            "2/8/2024 12:00:00 AM",
        ),
        (r#"IIF([mail] = "a", "True", "")"#, "Boolean", ""),
        ("2147483647", "Integer", "2147483647"),
    ] {
        let answer = parse(
            &job,
            json!({"expression": expression, "testInputObject": object, "targetAttributeDefinition": {"name": "it", "type": kind}}),
        );
        assert_eq!(answer["evaluationSucceeded"], true, "{answer:#}");
        assert_eq!(answer["evaluationResult"], json!([result]), "{answer:#}");
    }
}

/// Attributes of a target or source that this directory does not know.
#[test]
fn a_definition_names_further_attributes() {
    let world = World::new();
    let job = Job::new(&world);
    let body = json!({
        "expression": "Left([shoeSize], 1)",
        "testInputObject": {
            "definition": {"name": "User", "attributes": [{"name": "shoeSize", "type": "String"}]},
            "properties": [],
        },
    });
    let answer = parse(&job, body);
    assert_eq!(answer["parsingSucceeded"], true, "{answer:#}");
    let answer = parse(&job, json!({"expression": "[shoeSize]"}));
    assert_eq!(answer["parsingSucceeded"], false, "{answer:#}");
}

/// As PowerShell writes names.
#[test]
fn names_may_begin_with_a_capital_letter() {
    let world = World::new();
    let job = Job::new(&world);
    let body = json!({
        "Expression": "Left([shoeSize], 1)",
        "TestInputObject": {
            "Definition": {"Name": "User", "Attributes": [{"Name": "shoeSize", "Type": "String"}]},
            "Properties": [],
        },
    });
    let answer = parse(&job, body);
    assert_eq!(answer["parsingSucceeded"], true, "{answer:#}");
    let body = json!({
        "Expression": "[mail]",
        "TargetAttributeDefinition": {"@odata.type": "#x", "Name": "age", "Type": "Integer"},
        "TestInputObject": {"Properties": [{"Key": "mail", "Value": "x"}]},
    });
    let answer = parse(&job, body);
    let message = text(&answer["error"], "message");
    assert!(
        message.contains("`age` takes a value of type Integer"),
        "{answer:#}"
    );
}

#[test]
fn bodies_that_can_not_be_read_are_refused() {
    let world = World::new();
    let job = Job::new(&world);
    let url = job.configuration.job_url("/schema/parseExpression");
    for body in [
        json!({}),
        json!({"expression": 7}),
        json!({"expression": "[mail]", "testInputObject": 7}),
        json!({"expression": "[mail]", "testInputObject": {"properties": [{"value": 1}]}}),
        json!({"expression": "[mail]", "targetAttributeDefinition": 7}),
        json!({"expression": "[mail]", "shoeSize": 7}),
    ] {
        let answer = job.client.post(&url, body.clone());
        assert_eq!(answer.status, 400, "{body}");
    }
}

#[test]
fn functions_are_listed_with_their_parameters() {
    let world = World::new();
    let job = Job::new(&world);
    for url in [
        job.configuration.job_url("/schema/functions"),
        job.configuration
            .url("/templates/Azure2Azure/schema/functions"),
    ] {
        let answer = job.client.get(&url).ok();
        assert!(text(&answer, "@odata.context").ends_with("$metadata#functions"));
        let functions = answer["value"].as_array().unwrap();
        let find = |name: &str| {
            functions
                .iter()
                .find(|it| it["id"] == name && it["name"] == name)
                .unwrap_or_else(|| panic!("{name}"))
        };
        assert_eq!(
            find("Mid")["parameters"][1],
            json!({"name": "start", "type": "Integer", "required": true, "allowMultipleOccurrences": false})
        );
        assert_eq!(
            find("Join")["parameters"][1]["allowMultipleOccurrences"],
            true
        );
        for name in ["SelectUniqueValue", "AppRoleAssignmentsComplex", "Prepend"] {
            find(name);
        }
    }
    job.client
        .get(&job.configuration.url("/templates/Slack/schema/functions"))
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn filter_operators_are_listed() {
    let world = World::new();
    let job = Job::new(&world);
    let answer = job
        .client
        .get(&job.configuration.job_url("/schema/filterOperators"))
        .ok();
    assert!(text(&answer, "@odata.context").ends_with("$metadata#filterOperators"));
    let operators = answer["value"].as_array().unwrap();
    assert_eq!(
        operators[4],
        json!({"id": "IS TRUE", "name": "IS TRUE", "arity": "Unary", "multivaluedComparisonType": "All", "supportedAttributeTypes": ["Boolean"]})
    );
    // Each of them compiles, on an attribute of each type it names.
    for operator in operators {
        for kind in operator["supportedAttributeTypes"].as_array().unwrap() {
            let name = operator["id"].as_str().unwrap();
            let id = "6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111";
            let (attribute, value) = match kind.as_str().unwrap() {
                "String" => ("department", "1"),
                "Boolean" => ("accountEnabled", "x"),
                "DateTime" => ("employeeHireDate", "2026-01-31"),
                "Reference" if name == "IsMemberOf" => ("memberOf", id),
                "Reference" => ("manager", id),
                // No attribute of a user is of these types.
                "Integer" | "Binary" => continue,
                other => panic!("{other}"),
            };
            let values = match operator["arity"].as_str().unwrap() {
                "Unary" => Json::Null,
                _ => json!([value]),
            };
            let mut schema = job.schema();
            users(&mut schema)["scope"] = filter(name, attribute, values);
            job.put(&schema).no_content();
        }
    }
}

#[test]
fn what_a_mapping_can_not_do_is_refused_with_its_place() {
    let world = World::new();
    let job = Job::new(&world);
    for (target, expression, flow, message) in [
        ("city", "Guid()", "Always", "another value each time"),
        (
            "displayName",
            "[givenName]",
            "Always",
            "there may be no value here",
        ),
        (
            "city",
            "ToLower([otherMails], [city]",
            "Always",
            "not closed",
        ),
    ] {
        let mut schema = job.schema();
        let path = path_of(&mut schema, target);
        mapping(&mut schema, target)["source"] =
            json!({"expression": expression, "type": "Function"});
        mapping(&mut schema, target)["flowType"] = flow.into();
        let path = format!("{path}.source.expression");
        job.refuses(&schema, "schemaInvalid", &path, message);
        let error = job.put(&schema).problem(400, "schemaInvalid");
        assert!(error["details"][0]["span"]["end"].is_number(), "{error:#}");
    }
    let mut schema = job.schema();
    mapping(&mut schema, "city")["source"] =
        json!({"expression": r#"Join("é𝒜", Foo([mail]))"#, "type": "Function"});
    let error = job.put(&schema).problem(400, "schemaInvalid");
    let detail = &error["details"][0];
    assert_eq!(detail["span"], json!({"start": 12, "end": 15}), "{error:#}");
    assert!(text(detail, "message").ends_with(" at character 12"));
    let mut schema = job.schema();
    mapping(&mut schema, "city")["source"] = json!({"expression": "Guid()", "type": "Function"});
    mapping(&mut schema, "city")["flowType"] = "ObjectAddOnly".into();
    job.put(&schema).no_content();
}

#[test]
fn a_null_policy_is_stored_and_followed() {
    use crate::walkthrough::setup::employee;
    let world = World::new();
    let job = Job::new(&world);
    let ada = employee(&world, "ada", "Marketing");
    job.configuration.assign(&world, &ada);
    let mut schema = job.schema();
    mapping(&mut schema, "department")["nullPolicy"] = "ignore".into();
    job.put(&schema).no_content();
    assert_eq!(
        mapping(&mut job.schema(), "department")["nullPolicy"],
        "ignore"
    );
    job.configuration.start(&world);
    job.configuration.cycle(&world);
    job.client
        .patch(&format!("/v1.0/users/{ada}"), json!({"department": null}))
        .no_content();
    assert_eq!(job.configuration.cycle(&world).counts.updated, 0);
    mapping(&mut schema, "department")["nullPolicy"] = "sometimes".into();
    let path = path_of(&mut schema, "department");
    let path = format!("{path}.nullPolicy");
    job.refuses(&schema, "schemaInvalid", &path, "is not a null policy");
}

/// Two people of one name: the second gets the second rule's address.
#[test]
fn a_unique_value_is_looked_up_in_the_target() {
    use crate::walkthrough::setup::employee;
    let world = World::new();
    let job = Job::new(&world);
    let there = everything(&world, "fabrikam");
    let mut own = crate::world::person("local");
    own["userPrincipalName"] = "local@fabrikam.example".into();
    let own = there.post("/v1.0/users", own).created();
    there
        .patch(
            &format!("/v1.0/users/{}", text(&own, "id")),
            json!({"mail": "ada@contoso.example"}),
        )
        .no_content();
    let ada = employee(&world, "ada", "Marketing");
    job.configuration.assign(&world, &ada);
    let mut schema = job.schema();
    mapping(&mut schema, "mail")["source"] = json!({
        "expression": r#"SelectUniqueValue(Append([mailNickname], "@contoso.example"), Append([mailNickname], "2@contoso.example"))"#,
        "type": "Function",
    });
    mapping(&mut schema, "mail")["flowType"] = "ObjectAddOnly".into();
    job.put(&schema).no_content();
    job.configuration.start(&world);
    assert_eq!(job.configuration.cycle(&world).counts.created, 1);
    let found = there.all("/v1.0/users?$filter=creationType eq 'Invitation'&$select=mail");
    assert_eq!(found[0]["mail"], "ada2@contoso.example", "{found:?}");
}

#[test]
fn an_expression_longer_than_the_setting_allows_is_refused() {
    let world = World::new();
    let job = Job::new(&world);
    let long = format!("Append([city], \"{}\")", "x".repeat(10_000));
    let answer = parse(&job, json!({"expression": long}));
    assert!(
        text(&answer["error"], "message").contains("at most 10000"),
        "{answer:#}"
    );
    let mut schema = job.schema();
    let path = path_of(&mut schema, "city");
    mapping(&mut schema, "city")["source"] = json!({"expression": long, "type": "Function"});
    let path = format!("{path}.source.expression");
    job.refuses(&schema, "schemaInvalid", &path, "at most 10000");
}
