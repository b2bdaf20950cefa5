//! Application templates: the gallery of one.

use syncline_model::Problem;

/// The template of a cross-tenant synchronization configuration.
pub const CROSS_TENANT_SYNCHRONIZATION: &str = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";

/// `applicationTemplate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    pub id: &'static str,
    pub display_name: &'static str,
    pub publisher: &'static str,
    pub description: &'static str,
    pub categories: &'static [&'static str],
    /// `sync`: accounts are provisioned.
    pub supported_provisioning_types: &'static [&'static str],
    pub supported_single_sign_on_modes: &'static [&'static str],
    pub home_page_url: &'static str,
}

const ALL: &[Template] = &[Template {
    id: CROSS_TENANT_SYNCHRONIZATION,
    display_name: "Azure Active Directory (target tenant)",
    publisher: "Syncline",
    description: "Cross-tenant synchronization: keeps users of this tenant in step as external users of another tenant.",
    categories: &["itInfrastructure"],
    supported_provisioning_types: &["sync"],
    supported_single_sign_on_modes: &[],
    home_page_url: HOME_PAGE,
}];

/// Graph's home page of a configuration; its `metadata` tail says what the application is, and
/// clients look for it.
pub(super) const HOME_PAGE: &str = "https://account.activedirectory.windowsazure.com:444/applications/default.aspx?metadata=aad2aadsync|ISV9.1|primary|z";

/// Every template.
pub fn templates() -> &'static [Template] {
    ALL
}

/// The template with this id (any case); 404 otherwise.
pub fn template(id: &str) -> Result<&'static Template, Problem> {
    ALL.iter()
        .find(|template| template.id.eq_ignore_ascii_case(id))
        .ok_or_else(|| Problem::not_found(id))
}
