//! `GET /policies/crossTenantAccessPolicy/partners`. Not paged by the caller, as in Graph; partners
//! are few.

use serde_json::Value as Json;
use syncline_directory::policy;
use syncline_model::policy::Partner;
use syncline_model::{Problem, TenantId};

use super::{check_options, context, show};
use crate::wire::collection::Collection;
use crate::{Call, Reply};

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    check_options(call)?;
    let partners = all(call)?;
    let count = call.query.texts.count.then_some(partners.len() as u64);
    let items = partners
        .iter()
        .map(|partner| Json::Object(show(call, partner)))
        .collect();
    Ok(Collection::new(call, &context(call), items)
        .count(count)
        .reply())
}

/// All partners that pass `$filter`: `tenantId eq '…'`, `isServiceProvider eq …`,
/// `isInMultiTenantOrganization eq …`.
pub(super) fn all(call: &Call<'_>) -> Result<Vec<Partner>, Problem> {
    let mut partners = call.read(|reader| policy::partners(reader, call.tenant()))?;
    if let Some(filter) = &call.query.texts.filter {
        let (property, value) = equality(filter)?;
        partners.retain(|partner| match property.as_str() {
            "tenantid" => value
                .parse::<TenantId>()
                .is_ok_and(|id| id == partner.tenant_id),
            "isserviceprovider" => {
                super::blocks::show(&partner.blocks_json)["isServiceProvider"].as_bool()
                    == value.parse().ok()
            }
            // No multitenant organizations yet, so no partner is in one.
            _ => value == "false",
        });
    }
    Ok(partners)
}

/// `property eq value`, the only form Graph documents here.
fn equality(filter: &str) -> Result<(String, String), Problem> {
    let refused = || {
        Problem::unsupported_query(format!(
            "The filter '{filter}' is not supported here. Supported: tenantId eq '…', isServiceProvider eq true, isInMultiTenantOrganization eq true."
        ))
    };
    let mut words = filter.split_whitespace();
    let (Some(property), Some(operator), Some(value), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(refused());
    };
    let property = property.to_ascii_lowercase();
    let known = [
        "tenantid",
        "isserviceprovider",
        "isinmultitenantorganization",
    ]
    .contains(&property.as_str());
    if !known || !operator.eq_ignore_ascii_case("eq") {
        return Err(refused());
    }
    let value = value.to_ascii_lowercase();
    if property == "tenantid" {
        return Ok((property, value.trim_matches('\'').to_owned()));
    }
    // A text is no Boolean.
    if !["true", "false", "null"].contains(&value.as_str()) {
        return Err(refused());
    }
    Ok((property, value))
}
