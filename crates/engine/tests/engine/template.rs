use syncline_engine::schema::{SynchronizationSchema, compile};
use syncline_engine::template;
use syncline_model::{EntityKind, Schema};

use crate::support::{RULE_ID, default_schema};

#[test]
fn compiles_into_a_users_rule_and_a_groups_rule_that_is_off() {
    let rules = compile(&default_schema(), Schema::core()).unwrap();
    let [users, groups] = rules.as_slice() else {
        panic!("{}", rules.len())
    };
    assert_eq!(
        (users.source, users.target, users.enabled),
        (EntityKind::User, EntityKind::User, true)
    );
    assert_eq!(
        (groups.source, groups.target, groups.enabled),
        (EntityKind::Group, EntityKind::Group, false)
    );
    assert_eq!(users.id, RULE_ID.to_string());
    assert_eq!(users.mappings.len(), 23);
}

#[test]
fn round_trips_through_json() {
    let schema = default_schema();
    let json = serde_json::to_value(&schema).unwrap();
    let again: SynchronizationSchema = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(again, schema);
    assert_eq!(serde_json::to_value(&again).unwrap(), json);
}

#[test]
fn default_mappings_in_the_order_of_the_portal() {
    let schema = default_schema();
    let mappings: Vec<(String, String)> = schema.synchronization_rules[0].object_mappings[0]
        .attribute_mappings
        .iter()
        .map(|it| {
            let source = it.source.as_ref().unwrap().expression.clone().unwrap();
            (source, it.target_attribute_name.clone().unwrap())
        })
        .collect();
    let same = |name: &str| (format!("[{name}]"), name.to_owned());
    let mut expected = vec![(
        "AltSecIdFromNetId([netId])".to_owned(),
        "alternativeSecurityIds".to_owned(),
    )];
    for name in [
        "IsSoftDeleted",
        "accountEnabled",
        "streetAddress",
        "city",
        "state",
        "postalCode",
        "country",
    ] {
        expected.push(same(name));
    }
    for name in [
        "department",
        "employeeId",
        "displayName",
        "givenName",
        "jobTitle",
        "mailNickname",
    ] {
        expected.push(same(name));
    }
    for name in [
        "physicalDeliveryOfficeName",
        "preferredLanguage",
        "surname",
        "telephoneNumber",
        "userPrincipalName",
    ] {
        expected.push(same(name));
    }
    expected.push(("\"true\"".to_owned(), "showInAddressList".to_owned()));
    expected.push(same("mail"));
    expected.push(("\"Member\"".to_owned(), "userType".to_owned()));
    expected.push(same("manager"));
    assert_eq!(mappings, expected);
}

#[test]
fn names_and_metadata_are_entras() {
    let json = serde_json::to_value(default_schema()).unwrap();
    assert_eq!(json["version"], "v1.2");
    let rule = &json["synchronizationRules"][0];
    assert_eq!(rule["name"], "USER_INBOUND_USER");
    assert_eq!(rule["priority"], 1);
    assert_eq!(rule["editable"], true);
    assert_eq!(rule["sourceDirectoryName"], "Azure Active Directory");
    assert_eq!(
        rule["targetDirectoryName"],
        "Azure Active Directory (target tenant)"
    );
    let keys = |pairs: &serde_json::Value| -> Vec<String> {
        pairs
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| pair["key"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        keys(&rule["metadata"]),
        ["defaultSourceObjectMappings", "supportsProvisionOnDemand"]
    );
    let defaults: serde_json::Value =
        serde_json::from_str(rule["metadata"][0]["value"].as_str().unwrap()).unwrap();
    assert_eq!(defaults[0]["FlowTypes"], 7);
    assert_eq!(defaults[0]["AttributeMappings"][0]["MatchingPriority"], 1);
    let mapping = &rule["objectMappings"][0];
    assert_eq!(mapping["name"], "Provision Azure Active Directory Users");
    assert_eq!(
        keys(&mapping["metadata"]),
        [
            "IsCustomerDefined",
            "DisableMonitoringForChanges",
            "Disposition",
            "ExcludeFromReporting",
            "EscrowBehavior",
            "Unsynchronized"
        ]
    );
    assert_eq!(mapping["scope"], serde_json::Value::Null);
}

#[test]
fn directories_define_every_attribute_the_mappings_name() {
    let schema = template::azure2azure("Azure2Azure", RULE_ID);
    let rule = &schema.synchronization_rules[0];
    for mapping in &rule.object_mappings {
        let defined = |directory: usize, name: &str| {
            let object = schema.directories[directory]
                .objects
                .iter()
                .find(|object| Some(&object.name) == mapping.source_object_name.as_ref())
                .unwrap();
            object
                .attributes
                .iter()
                .any(|attribute| attribute.name == name)
        };
        for attribute in &mapping.attribute_mappings {
            assert!(
                defined(1, attribute.target_attribute_name.as_ref().unwrap()),
                "{attribute:?}"
            );
            let source = attribute.source.as_ref().unwrap();
            if source.expression.as_deref().unwrap().starts_with('[') {
                assert!(defined(0, source.name.as_ref().unwrap()), "{attribute:?}");
            }
        }
    }
    for directory in &schema.directories {
        for object in &directory.objects {
            assert_eq!(
                object.attributes.iter().filter(|it| it.anchor).count(),
                1,
                "{}",
                object.name
            );
        }
    }
}
