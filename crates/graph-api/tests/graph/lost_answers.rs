//! Who writes while the connection to the database is lost is told what became of it.

use syncline_store::StoreError;

use crate::world::{World, each, security_group};

#[test]
fn a_group_is_made_once_and_told_of_when_the_answer_of_the_database_is_lost() {
    let Some((proxy, world)) = World::behind_a_network() else {
        return;
    };
    let contoso = world.contoso();
    proxy.lose_answers_to_commits(1);
    contoso
        .post("/v1.0/groups", security_group("sales"))
        .created();
    assert_eq!(proxy.lost(), 1);
    let groups = contoso.get("/v1.0/groups").ok();
    assert_eq!(each(&groups, "displayName"), ["sales"]);
}

#[test]
fn nobody_is_asked_to_send_again_what_may_be_done() {
    let Some((proxy, world)) = World::behind_a_network() else {
        return;
    };
    let contoso = world.contoso();
    proxy.fall_silent_at_a_commit();
    let lost = contoso.post("/v1.0/groups", security_group("sales"));
    lost.problem(500, StoreError::UNANSWERED);
    assert_eq!(lost.header("retry-after"), "");
    let message = lost.json()["error"]["message"].to_string();
    assert!(
        message.contains("Look before you send it again"),
        "{message}"
    );
}
