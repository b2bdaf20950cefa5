//! The built-in directory roles we know, with the template ids that Entra publishes.

use serde::{Deserialize, Serialize};
use uuid::{Uuid, uuid};

macro_rules! directory_roles {
    ($($variant:ident $id:literal $name:literal $description:literal;)*) => {
        /// A built-in directory role.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum DirectoryRole {
            $(#[doc = $description] $variant,)*
        }

        impl DirectoryRole {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The id in `wids`, `roleTemplateId` and `roleDefinitionId`.
            pub const fn template_id(self) -> Uuid {
                match self {
                    $(Self::$variant => uuid!($id),)*
                }
            }

            pub fn display_name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            pub fn description(self) -> &'static str {
                match self {
                    $(Self::$variant => $description,)*
                }
            }
        }
    };
}

directory_roles! {
    GlobalAdministrator "62e90394-69f5-4237-9190-012177145e10" "Global Administrator" "May do everything in the tenant.";
    SecurityAdministrator "194ae4cb-b126-40b2-bd5b-6091b380977d" "Security Administrator" "Manages security settings and cross-tenant access.";
    HybridIdentityAdministrator "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2" "Hybrid Identity Administrator" "Manages synchronization and provisioning.";
    CloudApplicationAdministrator "158c047a-c907-4556-b7ef-446551a6b5f7" "Cloud Application Administrator" "Manages applications and their assignments.";
    ApplicationAdministrator "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3" "Application Administrator" "Manages applications, their assignments and application proxy.";
    SecurityReader "5d6b6bb7-de71-4623-b4af-96380a352509" "Security Reader" "Reads security settings and logs.";
    SecurityOperator "5f2222b1-57c3-48ba-8ad5-d4759f1fde6f" "Security Operator" "Handles security events and reads logs.";
    GlobalReader "f2ef992c-3afb-46b9-b7cf-a126ee74c451" "Global Reader" "Reads everything that a Global Administrator can read.";
    ReportsReader "4a5d8f65-41da-4de4-8968-e035b65339cf" "Reports Reader" "Reads sign-in, audit and provisioning logs.";
    DirectoryReaders "88d8e3e3-8f55-4a1e-953a-9b9898b8876b" "Directory Readers" "Reads basic directory information.";
    UserAdministrator "fe930be7-5e62-47db-91af-98c3a49a38b1" "User Administrator" "Manages users and groups.";
    GroupsAdministrator "fdd7a751-b60b-444a-984c-02652fe8fa1c" "Groups Administrator" "Manages groups.";
    GuestInviter "95e79109-95c0-4d8e-aee3-d01accf2d47b" "Guest Inviter" "Invites guest users.";
    PrivilegedRoleAdministrator "e8611ab8-c189-46e8-94e1-60213ab1f814" "Privileged Role Administrator" "Manages role assignments and consent to application permissions.";
}

impl DirectoryRole {
    /// The role with this template id.
    pub fn from_template(id: Uuid) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|role| role.template_id() == id)
    }

    /// The role of this display name, whatever the case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|role| role.display_name().eq_ignore_ascii_case(name))
    }

    /// May read what every member may read, where a service principal or a guest holds it. Reports Reader reads
    /// reports alone.
    pub fn reads_directory(self) -> bool {
        self != Self::ReportsReader
    }

    /// May consent on behalf of the whole tenant.
    pub fn may_consent_for_all(self) -> bool {
        matches!(
            self,
            Self::GlobalAdministrator
                | Self::PrivilegedRoleAdministrator
                | Self::CloudApplicationAdministrator
                | Self::ApplicationAdministrator
        )
    }

    /// May consent to application permissions of Microsoft Graph.
    pub fn may_consent_to_application_permissions(self) -> bool {
        matches!(
            self,
            Self::GlobalAdministrator | Self::PrivilegedRoleAdministrator
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn template_ids_are_unique_and_found() {
        for role in DirectoryRole::ALL {
            assert_eq!(
                DirectoryRole::from_template(role.template_id()),
                Some(*role)
            );
            assert_eq!(DirectoryRole::named(role.display_name()), Some(*role));
        }
    }
}
