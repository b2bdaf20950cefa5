//! Steps 2 to 12 in three variants, each with delegated and with app-only tokens. That all of them
//! pass with no more than the scopes and roles of [`super::callers`] is lines 1.4 and 1.5.

use crate::world::World;

use super::walk::{Tokens, Versions, Walk};
use super::{
    step_02_allow_synchronization, step_03_redeem_inbound, step_04_redeem_outbound,
    step_05_configuration, step_06_test_connection, step_07_create_job, step_08_credentials,
    step_09_assign, step_10_on_demand, step_11_start, step_12_monitor,
};

fn walk(versions: Versions, tokens: Tokens) {
    let world = World::new();
    let mut walk = Walk::new(&world, versions, tokens);
    step_02_allow_synchronization::run(&walk);
    step_03_redeem_inbound::run(&walk);
    step_04_redeem_outbound::run(&walk);
    step_05_configuration::run(&mut walk);
    step_06_test_connection::run(&walk);
    step_07_create_job::run(&mut walk);
    step_08_credentials::run(&walk);
    step_09_assign::run(&mut walk);
    step_10_on_demand::run(&walk);
    step_11_start::run(&walk);
    step_12_monitor::run(&mut walk);
}

#[test]
fn as_printed_with_delegated_tokens() {
    walk(Versions::AsPrinted, Tokens::Delegated);
}

#[test]
fn as_printed_with_app_only_tokens() {
    walk(Versions::AsPrinted, Tokens::AppOnly);
}

#[test]
fn all_v1_with_delegated_tokens() {
    walk(Versions::AllV1, Tokens::Delegated);
}

#[test]
fn all_v1_with_app_only_tokens() {
    walk(Versions::AllV1, Tokens::AppOnly);
}

#[test]
fn all_beta_with_delegated_tokens() {
    walk(Versions::AllBeta, Tokens::Delegated);
}

#[test]
fn all_beta_with_app_only_tokens() {
    walk(Versions::AllBeta, Tokens::AppOnly);
}
