use syncline_model::Clock as _;

use crate::authorization_code::{VERIFIER, address};
use crate::visitor::Visitor;
use crate::world::{PASSWORD, POWERSHELL, World};

/// Nothing that opens a door stands in the database's files in a readable form.
#[tokio::test]
async fn no_secret_is_readable_in_the_database_files() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    let mut visitor = Visitor::open(&world, &address(&world.contoso.id.to_string(), &[])).await;
    visitor.sign_in("bob@contoso.example").await;
    let code = visitor
        .left_with("http://localhost:51234")
        .remove("code")
        .unwrap();
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", POWERSHELL),
        ("code", code.as_str()),
        ("redirect_uri", "http://localhost:51234"),
        ("code_verifier", VERIFIER),
    ];
    let tokens = world.token(&world.contoso, &fields).await;
    let fields = [("client_id", POWERSHELL), ("scope", "User.Read")];
    let device = world.post("/common/oauth2/v2.0/devicecode", &fields).await;
    let refresh = tokens.text("refresh_token");
    let secrets = [
        ("client secret", world.contoso.client_secret.clone()),
        ("password", PASSWORD.to_owned()),
        ("authorization code", code.clone()),
        ("access token", tokens.text("access_token")),
        (
            "refresh token",
            refresh.split_once('.').unwrap().1.to_owned(),
        ),
        ("device code", device.text("device_code")),
        ("user code", device.text("user_code")),
    ];
    // Every row as it is stored, whichever database that is.
    let backup = world.folder.path().join("backup");
    world
        .store
        .backup(&backup, world.clock.now(), None, &mut |_, _, _| {})
        .unwrap();
    let mut read = 0;
    for file in std::fs::read_dir(world.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        read += bytes.len();
        for (what, secret) in &secrets {
            assert!(
                !bytes
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes()),
                "{what}"
            );
        }
    }
    assert!(read > 10_000);
}
