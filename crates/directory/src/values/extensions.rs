//! What holds for the directory extensions of an object together.

use syncline_model::schema::extension::MOST_VALUES;
use syncline_model::{Attr, Attrs, EntityKind, Problem, Schema};

/// The attributes without values of extensions that were deleted.
pub(crate) fn remembered(schema: &Schema, stored: &Attrs) -> Attrs {
    let mut attrs = stored.clone();
    let forgotten: Vec<Attr> = stored
        .iter()
        .map(|(attr, _)| attr)
        .filter(|attr| schema.forgot(*attr))
        .collect();
    for attr in forgotten {
        attrs.remove(attr);
    }
    attrs
}

/// Refuses more values than an object may hold.
pub(crate) fn check_number(kind: EntityKind, attrs: &Attrs) -> Result<(), Problem> {
    let values: usize = attrs
        .iter()
        .filter(|(attr, _)| attr.is_extension())
        .map(|(_, value)| value.as_slice().len())
        .sum();
    if values > MOST_VALUES {
        return Err(Problem::bad_request(format!(
            "The resource '{}' would hold {values} extension values. At most {MOST_VALUES} are allowed on one object; clear some of them first.",
            kind.engine_name()
        )));
    }
    Ok(())
}
