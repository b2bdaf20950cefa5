//! `GET /tenantRelationships/findTenantInformationByTenantId(tenantId='…')` and
//! `…ByDomainName(domainName='…')`: the little that everybody may know of a tenant.

use serde_json::json;
use syncline_model::{Problem, TenantId};
use syncline_store::Tenant;

use crate::actions::whole;
use crate::{Call, Reply};

pub fn by_tenant_id(call: &Call<'_>) -> Result<Reply, Problem> {
    whole::one(call)?;
    let sent = call.key("tenantId")?.value();
    let id: TenantId = sent
        .parse()
        .map_err(|_| Problem::bad_request(format!("'{sent}' is not a tenant id.")))?;
    let tenant = call.read(|reader| Ok::<_, Problem>(reader.tenant(id)?))?;
    show(call, tenant.ok_or_else(|| Problem::not_found(id))?)
}

pub fn by_domain_name(call: &Call<'_>) -> Result<Reply, Problem> {
    whole::one(call)?;
    let name = call.key("domainName")?.value();
    let tenant = call.read(|reader| Ok::<_, Problem>(reader.tenant_of_domain(name)?))?;
    show(call, tenant.ok_or_else(|| Problem::not_found(name))?)
}

fn show(call: &Call<'_>, tenant: Tenant) -> Result<Reply, Problem> {
    Ok(Reply::ok(json!({
        "@odata.context": call.context("microsoft.graph.tenantInformation"),
        "tenantId": tenant.id,
        "displayName": tenant.display_name,
        "defaultDomainName": tenant.default_domain(),
        "federationBrandName": null,
    })))
}
