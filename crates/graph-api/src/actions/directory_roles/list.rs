//! `GET /directoryRoles`

use serde_json::Value as Json;
use syncline_model::Problem;
use syncline_odata::{QueryOptions, Rules};

use super::expanded::{EXPANDED, Members};
use super::table::{active, json, table};
use crate::list::small;
use crate::{Call, Reply};

/// Roles that are not active are not listed.
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| {
        let active = active(call, reader)?;
        let items = active.iter().copied().map(json).collect();
        let fill = |options: &QueryOptions, page: &mut [Json]| {
            let members = Members::bind(call, reader, options)?;
            for item in page {
                let is_it = |id: &str| id == item["id"];
                let role = active
                    .iter()
                    .find(|it| is_it(&it.template_id().to_string()));
                if let Some(role) = role {
                    members.add(call, reader, *role, item)?;
                }
            }
            Ok(())
        };
        let expand = small::Expand {
            names: EXPANDED,
            fill: &fill,
        };
        let rules = Rules::directory();
        small::reply_expanded(call, "directoryRoles", table(), &rules, items, &expand)
    })
}
