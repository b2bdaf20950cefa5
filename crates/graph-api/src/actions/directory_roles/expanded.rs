//! `$expand=members` of directory roles.

use serde_json::Value as Json;
use syncline_access::DirectoryRole;
use syncline_access::roles::RoleAssignment;
use syncline_model::Problem;
use syncline_odata::QueryOptions;
use syncline_store::Reader;

use super::members::holders;
use crate::Call;
use crate::actions::cast::PRINCIPALS;
use crate::actions::role_management::given;
use crate::list::{Shape, Sight, first_shown, rows};

/// What `$expand` may name.
pub(super) const EXPANDED: &[&str] = &[MEMBERS];
const MEMBERS: &str = "members";

/// `$expand`, bound once for all roles of an answer.
pub(super) struct Members {
    /// `None`: nobody asked for them.
    shape: Option<Shape>,
    given: Vec<RoleAssignment>,
}

impl Members {
    pub(super) fn bind(
        call: &Call<'_>,
        reader: &Reader<'_>,
        options: &QueryOptions,
    ) -> Result<Self, Problem> {
        let Some(expansion) = options.expand.first() else {
            return Ok(Self {
                shape: None,
                given: Vec::new(),
            });
        };
        let options = QueryOptions {
            select: expansion.select.clone(),
            ..QueryOptions::default()
        };
        let (schema, sight) = (reader.schema(call.tenant())?, Sight::of(call));
        Ok(Self {
            shape: Some(Shape::bind(call, &schema, &options, &PRINCIPALS, sight)?),
            given: given::all(call, reader)?,
        })
    }

    /// Adds to a role what was asked for.
    pub(super) fn add(
        &self,
        call: &Call<'_>,
        reader: &Reader<'_>,
        role: DirectoryRole,
        json: &mut Json,
    ) -> Result<(), Problem> {
        let Some(shape) = &self.shape else {
            return Ok(());
        };
        let holders = holders(call, reader, &self.given, role, &PRINCIPALS)?;
        let rows = rows::of_ids_at_hand(reader, call.tenant(), &holders, &PRINCIPALS);
        let shown = first_shown(call, &rows)?;
        let items = shown
            .iter()
            .map(|it| shape.item(call, reader, it, true)?.json())
            .collect::<Result<_, Problem>>()?;
        json[MEMBERS] = Json::Array(items);
        Ok(())
    }
}
