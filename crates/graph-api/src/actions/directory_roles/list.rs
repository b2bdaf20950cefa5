//! `GET /directoryRoles`

use syncline_access::DirectoryRole;
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
        let bind = |options: &QueryOptions| {
            let members = Members::bind(call, reader, options)?;
            let active = &active;
            let fill: Box<small::Fill<'_>> = Box::new(move |item| {
                let is_it = |it: &&DirectoryRole| item["id"] == it.template_id().to_string();
                match active.iter().find(is_it) {
                    Some(role) => members.add(call, reader, *role, item),
                    None => Ok(()),
                }
            });
            Ok(fill)
        };
        let expand = small::Expand {
            names: EXPANDED,
            bind: &bind,
        };
        let rules = Rules::directory();
        small::reply_expanded(call, "directoryRoles", table(), &rules, items, &expand)
    })
}
