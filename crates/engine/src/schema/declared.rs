//! The directory extensions that a schema's own directory definitions list: what is known of them
//! where no tenant can be asked.

use syncline_model::schema::{ExtensionProperty, ExtensionTarget, ExtensionType, Extensions};
use syncline_model::{ObjectId, Schema};

use super::{AttributeType, DirectoryDefinition, SynchronizationSchema};

/// The entity tables of source and target with the extensions that the definitions of the two
/// directories list.
pub fn declared(schema: &SynchronizationSchema) -> (Schema, Schema) {
    let rules = &schema.synchronization_rules;
    let sources = rules.iter().map(|it| it.source_directory_name.as_deref());
    let targets = rules.iter().map(|it| it.target_directory_name.as_deref());
    (
        of_directories(schema, &sources.flatten().collect::<Vec<_>>()),
        of_directories(schema, &targets.flatten().collect::<Vec<_>>()),
    )
}

fn of_directories(schema: &SynchronizationSchema, names: &[&str]) -> Schema {
    let mut extensions = Extensions::default();
    for directory in &schema.directories {
        if names.contains(&directory.name.as_str()) {
            add(directory, &mut extensions);
        }
    }
    extensions.schema()
}

fn add(directory: &DirectoryDefinition, extensions: &mut Extensions) {
    for (target, attribute) in directory.objects.iter().flat_map(|object| {
        let target = ExtensionTarget::named(&object.name);
        let attributes = object.attributes.iter();
        attributes.filter_map(move |it| Some((target?, it)))
    }) {
        if !is_extension(&attribute.name) {
            continue;
        }
        if let Some(known) = extensions.named_mut(&attribute.name) {
            known.targets.push(target);
            continue;
        }
        let Some(attr) = extensions.next_attr() else {
            return;
        };
        extensions.add(ExtensionProperty {
            id: ObjectId::NIL,
            application: ObjectId::NIL,
            attr,
            name: attribute.name.clone(),
            data_type: match attribute.kind {
                AttributeType::Integer => ExtensionType::LargeInteger,
                AttributeType::Binary => ExtensionType::Binary,
                AttributeType::Boolean => ExtensionType::Boolean,
                AttributeType::DateTime => ExtensionType::DateTime,
                AttributeType::String | AttributeType::Reference | AttributeType::Unknown(_) => {
                    ExtensionType::String
                }
            },
            multi_valued: attribute.multivalued,
            targets: vec![target],
            suspended: false,
        });
    }
}

/// `extension_<32 hexadecimal digits>_<name>`.
fn is_extension(name: &str) -> bool {
    name.strip_prefix("extension_")
        .and_then(|rest| rest.split_once('_'))
        .is_some_and(|(app, name)| {
            app.len() == 32 && app.bytes().all(|it| it.is_ascii_hexdigit()) && !name.is_empty()
        })
}
