//! The permissions of Microsoft Graph that we serve, with the published ids under which clients
//! look them up. A tenant's Microsoft Graph service principal offers exactly these, and callers are
//! judged by exactly these.

use uuid::{Uuid, uuid};

/// One permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// `value` of the scope and of the role.
    pub name: &'static str,
    /// Id of the delegated permission (`oauth2PermissionScope`).
    pub scope: Option<Uuid>,
    /// Id of the application permission (`appRole`).
    pub role: Option<Uuid>,
}

const fn both(name: &'static str, scope: Uuid, role: Uuid) -> Permission {
    Permission {
        name,
        scope: Some(scope),
        role: Some(role),
    }
}

/// All of them, in the order of Microsoft's permission reference.
pub const PERMISSIONS: &[Permission] = &[
    both(
        "Synchronization.Read.All",
        uuid!("7aa02aeb-824f-4fbe-a3f7-611f751f5b55"),
        uuid!("5ba43d2f-fa88-4db2-bd1c-a67c5f0fb1ce"),
    ),
    both(
        "Synchronization.ReadWrite.All",
        uuid!("7bb27fa3-ea8f-4d67-a916-87715b6188bd"),
        uuid!("9b50c33d-700f-43b1-b2eb-87e89b703581"),
    ),
    both(
        "Policy.Read.All",
        uuid!("572fea84-0151-49b2-9301-11cb16974376"),
        uuid!("246dd0d5-5bd0-4def-940b-0421030a5b68"),
    ),
    both(
        "Policy.ReadWrite.CrossTenantAccess",
        uuid!("014b43d0-6ed4-4fc6-84dc-4b6f7bae7d85"),
        uuid!("338163d7-f101-4c92-94ba-ca46fe52447c"),
    ),
    both(
        "Application.Read.All",
        uuid!("c79f8feb-a9db-4090-85f9-90d820caa0eb"),
        uuid!("9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30"),
    ),
    both(
        "Application.ReadWrite.All",
        uuid!("bdfbf15f-ee85-4955-8675-146e8e5296b5"),
        uuid!("1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9"),
    ),
    Permission {
        name: "Application.ReadWrite.OwnedBy",
        scope: None,
        role: Some(uuid!("18a4783c-866b-4cc7-a460-3d5e5662c884")),
    },
    both(
        "Directory.Read.All",
        uuid!("06da0dbc-49e2-44d2-8312-53f166ab848a"),
        uuid!("7ab1d382-f21e-4acd-a863-ba3e13f7da61"),
    ),
    both(
        "Directory.ReadWrite.All",
        uuid!("c5366453-9fb0-48a5-a156-24f0c49a4b84"),
        uuid!("19dbc75e-c2e2-444c-a770-ec69d8559fc7"),
    ),
    both(
        "AuditLog.Read.All",
        uuid!("e4c9e354-4dc5-45b8-9e7c-e1393b0b1a20"),
        uuid!("b0afded3-3588-46d8-8b3d-9842eff778da"),
    ),
    both(
        "ProvisioningLog.Read.All",
        uuid!("95aec97b-cf27-4a8d-a67d-42f60b5b38ef"),
        uuid!("091937d3-3e38-47a1-8649-b2f99d3035f1"),
    ),
    both(
        "AppRoleAssignment.ReadWrite.All",
        uuid!("84bccea3-f856-4a8a-967b-dbe0a3d53a64"),
        uuid!("06b708a9-e830-4db3-a914-8e69da51d44f"),
    ),
    Permission {
        name: "User.Read",
        scope: Some(uuid!("e1fe6dd8-ba31-4d61-89e7-88639da4683d")),
        role: None,
    },
    both(
        "User.ReadBasic.All",
        uuid!("b340eb25-3456-403f-be2f-af7a0d370277"),
        uuid!("97235f07-e226-4f63-ace3-39588e11d3a1"),
    ),
    both(
        "User.Read.All",
        uuid!("a154be20-db9c-4678-8ab7-66f6cc099a59"),
        uuid!("df021288-bdef-4463-88db-98f22de89214"),
    ),
    both(
        "User.ReadWrite.All",
        uuid!("204e0828-b5ca-4ad8-b9f3-f32a958e7cc4"),
        uuid!("741f803b-c850-494e-b5df-cde7c675a1ca"),
    ),
    both(
        "User.EnableDisableAccount.All",
        uuid!("f92e74e7-2563-467f-9dd0-902688cb5863"),
        uuid!("3011c876-62b7-4ada-afa2-506cbbecc68c"),
    ),
    both(
        "User.RevokeSessions.All",
        uuid!("fc30e98b-8810-4501-81f5-c20a3196387b"),
        uuid!("77f3a031-c388-4f99-b373-dc68676a979e"),
    ),
    both(
        "User.Invite.All",
        uuid!("63dd7cd9-b489-4adf-a28c-ac38b9a0f962"),
        uuid!("09850681-111b-4a89-9bed-3f2cae46d706"),
    ),
    both(
        "User.DeleteRestore.All",
        uuid!("4bb440cd-2cf2-4f90-8004-aa2acd2537c5"),
        uuid!("eccc023d-eccf-4e7b-9683-8813ab36cecc"),
    ),
    Permission {
        name: "Group.Create",
        scope: None,
        role: Some(uuid!("bf7b1a76-6e77-406b-b258-bf5c7720e98f")),
    },
    both(
        "Group.Read.All",
        uuid!("5f8c59db-677d-491f-a6b8-5f174b11ec1d"),
        uuid!("5b567255-7703-4780-807c-7be8301ae99b"),
    ),
    both(
        "Group.ReadWrite.All",
        uuid!("4e46008b-f24c-477d-8fff-7bb4ec7aafe0"),
        uuid!("62a82d76-70ea-41e2-9197-370581804d09"),
    ),
    both(
        "GroupMember.Read.All",
        uuid!("bc024368-1153-4739-b217-4326f2e966d0"),
        uuid!("98830695-27a2-44f7-8c18-0c3ebc9698f6"),
    ),
    both(
        "GroupMember.ReadWrite.All",
        uuid!("f81125ac-d3b7-4573-a3b2-7099cc39df9e"),
        uuid!("dbaae8cf-10b5-4b86-a4a1-f871c94c6695"),
    ),
    both(
        "MultiTenantOrganization.ReadBasic.All",
        uuid!("225db56b-15b2-4daa-acb3-0eec2bbe4849"),
        uuid!("f9c2b2a7-3895-4b2e-80f6-c924b456e50b"),
    ),
    both(
        "MultiTenantOrganization.Read.All",
        uuid!("526aa72a-5878-49fe-bf4e-357973af9b06"),
        uuid!("4f994bc0-31bb-44bb-b480-7a7c1be8c02e"),
    ),
    both(
        "MultiTenantOrganization.ReadWrite.All",
        uuid!("77af1528-84f3-4023-8d90-d219cd433108"),
        uuid!("920def01-ca61-4d2d-b3df-105b46046a70"),
    ),
    both(
        "CrossTenantInformation.ReadBasic.All",
        uuid!("81594d25-e88e-49cf-ac8c-fecbff49f994"),
        uuid!("cac88765-0581-4025-9725-5ebc13f729ee"),
    ),
    both(
        "Organization.Read.All",
        uuid!("4908d5b9-3fb2-4b1e-9336-1888b7937185"),
        uuid!("498476ce-e0fe-48b0-b801-37ba7e2685c6"),
    ),
    both(
        "Domain.Read.All",
        uuid!("2f9ee017-59c1-4f1d-9472-bd5529a7b311"),
        uuid!("dbb9058a-0e50-45d7-ae91-66909b5d4664"),
    ),
    both(
        "RoleManagement.Read.All",
        uuid!("48fec646-b2ba-4019-8681-8eb31435aded"),
        uuid!("c7fbd983-d9aa-4fa7-84b8-17382c103bc4"),
    ),
    both(
        "RoleManagement.Read.Directory",
        uuid!("741c54c3-0c1e-44a1-818b-3f97ab4e8c83"),
        uuid!("483bed4a-2ad3-4361-a73b-c83ccdbdc53c"),
    ),
    both(
        "RoleManagement.ReadWrite.Directory",
        uuid!("d01b97e9-cbc0-49fe-810a-750afd5527a3"),
        uuid!("9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"),
    ),
    both(
        "DelegatedPermissionGrant.ReadWrite.All",
        uuid!("41ce6ca6-6826-4807-84f1-1c82854f7ee5"),
        uuid!("8e8e4742-1d95-4f68-9d56-6ee75648c72a"),
    ),
    both(
        "LicenseAssignment.ReadWrite.All",
        uuid!("f55016cc-149c-447e-8f21-7cf3ec1d6350"),
        uuid!("5facf0c1-8979-4e95-abcf-ff3d079771c0"),
    ),
    both(
        "Device.Read.All",
        uuid!("951183d1-1a61-466f-a6d1-1fde911bfd95"),
        uuid!("7438b122-aefc-4978-80ed-43db9fcc7715"),
    ),
    both(
        "OrgContact.Read.All",
        uuid!("08432d1b-5911-483c-86df-7980af5cdee0"),
        uuid!("e1a88a34-94c4-4418-be12-c87b00e26bea"),
    ),
    both(
        "SynchronizationData-User.Upload",
        uuid!("1a2e7420-4e92-4d2b-94cb-fb2952e9ddf7"),
        uuid!("db31e92a-b9ea-4d87-bf6a-75a37a9ca35a"),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_are_unique() {
        for (at, one) in PERMISSIONS.iter().enumerate() {
            for other in &PERMISSIONS[..at] {
                assert_ne!(one.name, other.name);
                assert!(
                    one.scope.is_none() || one.scope != other.scope,
                    "{}",
                    one.name
                );
                assert!(one.role.is_none() || one.role != other.role, "{}", one.name);
            }
        }
    }
}
