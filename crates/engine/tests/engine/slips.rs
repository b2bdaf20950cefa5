//! Members whose names are a slip away from others, where a schema comes in.

use serde_json::{Value as Json, json};
use syncline_engine::SynchronizationSchema;
use syncline_engine::schema::{SchemaDiagnostic, compile, compile_with, received};
use syncline_expression::Limits;
use syncline_model::Schema;

use crate::support::default_schema;

const USERS: &str = "/synchronizationRules/0/objectMappings/0";

fn users(change: impl FnOnce(&mut Json)) -> SynchronizationSchema {
    let mut schema = serde_json::to_value(default_schema()).unwrap();
    change(schema.pointer_mut(USERS).unwrap());
    received(schema).unwrap()
}

fn problems(schema: &SynchronizationSchema) -> Vec<SchemaDiagnostic> {
    let incoming = compile_with(schema, Schema::core(), &Limits::DEFAULT);
    incoming.err().unwrap_or_default()
}

/// The one problem of the users' mapping, whose path ends so and whose message has this; and the
/// same schema, stored before anybody looked, compiles.
#[track_caller]
fn refused(change: impl FnOnce(&mut Json), path: &str, message: &str) {
    let schema = users(change);
    let found = problems(&schema);
    let [only] = found.as_slice() else {
        panic!("{found:?}");
    };
    let users = "synchronizationRules[0].objectMappings[0].";
    assert_eq!(only.path.strip_prefix(users), Some(path));
    assert!(only.message.contains(message), "{only}");
    assert!(compile(&schema, Schema::core()).is_ok());
}

fn sales() -> Json {
    json!({"name": "g", "clauses": [{
        "sourceOperandName": "proxyAddresses", "operatorName": "EQUALS",
        "targetOperand": {"values": ["Sales"]},
    }]})
}

#[test]
fn a_filter_under_a_misspelt_name_is_refused_not_dropped() {
    for (name, meant) in [
        ("group", "groups"),
        ("inputFilterGroup", "inputFilterGroups"),
        ("CategoryFilterGroup", "categoryFilterGroups"),
    ] {
        let mut path = format!("scope.{name}");
        path = path.replace("scope.C", "scope.c");
        refused(
            |it| it["scope"] = json!({name: [sales()], "groups": []}),
            &path,
            &format!("did you mean `{meant}`?"),
        );
    }
    refused(
        |it| it["scope"] = json!({"departments": ["Sales"]}),
        "scope.departments",
        "is not a member of a filter; it has categoryFilterGroups, groups, inputFilterGroups",
    );
}

#[test]
fn so_is_a_member_of_a_group_a_clause_or_its_operand() {
    let with = |place: &'static str, name: &'static str, value: Json| {
        move |it: &mut Json| {
            it["scope"] = json!({"groups": [sales()]});
            it.pointer_mut(place).unwrap()[name] = value;
        }
    };
    refused(
        with("/scope/groups/0", "clause", json!([])),
        "scope.groups[0].clause",
        "did you mean `clauses`?",
    );
    refused(
        with(
            "/scope/groups/0/clauses/0",
            "multivaluedComparisionType",
            json!("Any"),
        ),
        "scope.groups[0].clauses[0].multivaluedComparisionType",
        "did you mean `multivaluedComparisonType`?",
    );
    refused(
        with(
            "/scope/groups/0/clauses/0/targetOperand",
            "value",
            json!(["Legal"]),
        ),
        "scope.groups[0].clauses[0].targetOperand.value",
        "did you mean `values`?",
    );
}

#[test]
fn mappings_refuse_a_near_miss() {
    refused(
        |it| it["scop"] = json!({"groups": [sales()]}),
        "scop",
        "did you mean `scope`?",
    );
    refused(
        |it| it["attributeMappings"][3]["defaultVale"] = json!("x"),
        "attributeMappings[3].defaultVale",
        "did you mean `defaultValue`?",
    );
    // Both the slip and what it leaves out are told.
    let schema = users(|it| {
        let mapping = it["attributeMappings"][3].as_object_mut().unwrap();
        let name = mapping.remove("targetAttributeName").unwrap();
        mapping.insert("targetAtributeName".to_owned(), name);
    });
    let found = problems(&schema);
    let said: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(
        said.iter()
            .any(|it| it.contains("targetAttributeName is missing"))
            && said
                .iter()
                .any(|it| it.contains("did you mean `targetAttributeName`?")),
        "{said:?}"
    );
}

/// Only mappings have defaults. Clients send an empty one with whatever they have read.
#[test]
fn a_default_in_the_definition_of_an_attribute_is_refused() {
    let with = |default: Json| {
        let mut schema = serde_json::to_value(default_schema()).unwrap();
        let attribute = schema.pointer_mut("/directories/1/objects/0/attributes/2");
        attribute.unwrap()["defaultValue"] = default;
        received(schema).unwrap()
    };
    for nothing in [Json::Null, json!("")] {
        assert_eq!(problems(&with(nothing)), []);
    }
    let schema = with(json!("none"));
    let found = problems(&schema);
    let [only] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(only.code, SchemaDiagnostic::NOT_SUPPORTED);
    assert_eq!(
        only.path,
        "directories[1].objects[0].attributes[2].defaultValue"
    );
    let name = &schema.directories[1].objects[0].attributes[2].name;
    let message = format!("in the attribute mapping that fills `{name}`");
    assert!(only.message.contains(&message), "{only}");
    assert!(compile(&schema, Schema::core()).is_ok());
}

#[test]
fn what_clients_and_later_versions_put_beside_the_members_passes() {
    let schema = users(|it| {
        it["somethingNew"] = json!({"a": 1});
        it["attributeMappings"][3]["reviewedBy"] = json!("Ana");
        let mut group = sales();
        group["@odata.type"] = json!("#microsoft.graph.filterGroup");
        group["AdditionalProperties"] = json!({"@odata.type": "x"});
        group["clauses"][0]["AdditionalData"] = Json::Null;
        group["clauses"][0]["later"] = Json::Null;
        it["scope"] = json!({"groups": [group], "@odata.type": "#microsoft.graph.filter"});
    });
    assert_eq!(problems(&schema), []);
    let written = serde_json::to_value(&schema).unwrap();
    let users = written.pointer(USERS).unwrap();
    assert_eq!(users["somethingNew"]["a"], 1);
    assert_eq!(users["attributeMappings"][3]["reviewedBy"], "Ana");
}

#[test]
fn what_is_of_another_shape_is_told_in_plain_words() {
    for (body, path, message) in [
        (json!([]), "", "the schema must be an object, `{…}`"),
        (
            json!({"synchronizationRules": {}}),
            "synchronizationRules",
            "synchronizationRules must be a list, `[…]`",
        ),
        (
            json!({"synchronizationRules": [null]}),
            "synchronizationRules[0]",
            "must be an object",
        ),
        (
            json!({"synchronizationRules": [{"objectMappings": [{"scope": {"groups": [{"clauses": [
                {"targetOperand": {"values": [5]}}
            ]}]}}]}]}),
            "synchronizationRules[0].objectMappings[0].scope.groups[0].clauses[0].targetOperand.values[0]",
            ".values[0] must be a text",
        ),
        (
            json!({"synchronizationRules": [{"objectMappings": [{"enabled": "yes"}]}]}),
            "synchronizationRules[0].objectMappings[0].enabled",
            "must be true or false",
        ),
        (
            json!({"synchronizationRules": [{"priority": 1.5}]}),
            "synchronizationRules[0].priority",
            "must be a whole number",
        ),
    ] {
        let problem = received(body).unwrap_err();
        assert_eq!(problem.path, path);
        assert!(problem.message.contains(message), "{problem}");
    }
}
