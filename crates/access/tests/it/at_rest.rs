use syncline_model::Clock as _;

use crate::world::{PASSWORD, World};

/// Nothing that opens a door stands in the database's files in a readable form.
#[test]
fn no_secret_is_readable_in_the_database_files() {
    let world = World::new();
    let token = world.app_token(&world.contoso);
    // Every row as it is stored, whichever database that is.
    let backup = world.folder.path().join("backup");
    world
        .store
        .backup(&backup, world.clock.now(), None, &mut |_, _, _| {})
        .unwrap();
    let mut files = 0;
    for file in std::fs::read_dir(world.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        files += 1;
        for (what, secret) in [
            ("client secret", world.contoso.secret.as_str()),
            ("password", PASSWORD),
            ("token", &token),
            ("password hash", "$argon2id$"),
            ("private key", "pkcs8"),
        ] {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{what}");
        }
    }
    assert!(files > 0);
}
