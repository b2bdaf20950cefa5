//! Directory roles that were given and do not count.

use syncline_access::DirectoryRole;
use syncline_access::roles::{self, RoleAssignment};
use syncline_model::{Attr, Attrs, EntityKind, Entry, ObjectId, Timestamp};
use syncline_store::ObjectState;
use uuid::Uuid;

use super::{found, healthy, on_its_database, restored, stored};
use crate::support::stdout;

#[test]
fn roles_that_were_given_to_groups_and_do_not_count_are_found() {
    let (_kept, backup) = healthy();
    let copy = restored(&backup);
    let [strong, plain, lone, gone] = [1, 2, 3, 4].map(|number| ObjectId::from_bytes([number; 16]));
    let role = DirectoryRole::UserAdministrator;
    let assignment = Uuid::from_u128(7);
    stored(&copy, |tx, job| {
        let group = |id, for_roles, name: &str| Entry {
            id,
            kind: EntityKind::Group,
            attrs: Attrs::new()
                .with(Attr::DISPLAY_NAME, name)
                .with(Attr::IS_ASSIGNABLE_TO_ROLE, for_roles),
        };
        let groups = [
            group(strong, true, "strong"),
            group(plain, false, "plain"),
            group(gone, true, "gone"),
        ];
        let now = Timestamp::from_seconds(1_700_000_000);
        tx.insert_objects(job.tenant, &groups, now)?;
        tx.move_objects(job.tenant, &groups[2..], ObjectState::Deleted, now)?;
        // That of one who is no group counts.
        for principal in [strong, plain, lone, gone] {
            let old = RoleAssignment {
                id: assignment,
                principal,
                role,
                to_group: false,
            };
            let key = format!("{principal}/{}", role.template_id());
            tx.put_document(Some(job.tenant), &key, &old, None)?;
        }
        Ok(())
    });
    let output = on_its_database(&copy, &["doctor", "--output", "json"]);
    assert_eq!(
        found(&output),
        [format!(
            "directory roles of contoso.example: given to groups by an older version, without counting for anybody: User Administrator to 'strong' ({strong}); User Administrator to 'plain' ({plain}); User Administrator to 'gone' ({gone})"
        )]
    );
    let said = stdout(&on_its_database(&copy, &["doctor"]));
    for advice in [
        format!(
            "POST /v1.0/directoryRoles/{}/members/$ref",
            role.template_id()
        ),
        format!("DELETE /v1.0/roleManagement/directory/roleAssignments/{assignment}"),
        "'gone' is in the recycle bin: take it away".to_owned(),
    ] {
        assert!(said.contains(&advice), "{said}");
    }
    // The command that it names.
    stored(&copy, |tx, job| {
        roles::revoke(tx, job.tenant, strong, role)?;
        Ok(())
    });
    let said = stdout(&on_its_database(&copy, &["doctor"]));
    assert!(
        said.contains("without counting for anybody: User Administrator to 'plain'"),
        "{said}"
    );
    assert!(
        said.contains("cannot hold roles") && !said.contains("POST /v1.0/directoryRoles"),
        "{said}"
    );
}
