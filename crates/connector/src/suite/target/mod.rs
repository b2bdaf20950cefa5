//! What every target does.

mod ask;
mod create;
mod discover;
mod find;
mod page;
mod policy;
mod references;
mod remove;
mod update;

use syncline_model::{Attrs, ObjectId};
use syncline_store::Store;

use super::behaviours;
use crate::Target;

/// A target system with nobody in it that lets the source in, and the means to arrange what is not
/// the target's own to do.
pub trait TargetFixture {
    /// A store whose transactions the target is asked in.
    fn store(&self) -> &Store;

    /// The target, opened anew: what it wrote is in the system.
    fn target(&self) -> Box<dyn Target>;

    /// What would be mapped for a source user with this alias, nothing unique shared with any other
    /// alias: at least `alternativeSecurityIds`, `userPrincipalName` and `displayName`, and neither
    /// `jobTitle` nor `city`.
    fn person(&self, alias: &str) -> Attrs;

    /// A user that was made in the target itself, with the anchor mapped for this alias if the
    /// system lets anybody write it, and a sign-in name that is mapped for none.
    fn create_own(&mut self, alias: &str) -> ObjectId;

    /// Lets the source in, or not any more.
    fn permit(&mut self, allowed: bool);
}

/// A name and what is checked under it.
pub type Behaviour = (&'static str, fn(&mut dyn TargetFixture));

/// Everything that is asked of a target.
pub const BEHAVIOURS: &[Behaviour] = behaviours! {
    create::what_was_created_is_found_by_its_anchor_and_by_its_id
    create::an_anchor_is_created_once
    create::an_anchor_in_the_recycle_bin_is_not_created_again
    create::a_taken_sign_in_name_is_a_conflict_that_leaves_nothing
    create::without_an_anchor_nothing_is_created
    page::outcomes_come_in_order_one_for_each_operation
    page::one_bad_operation_does_not_stop_the_others
    page::an_operation_sees_what_those_before_it_did
    page::what_a_page_wrote_goes_with_its_transaction_or_stays
    update::attributes_are_set_and_cleared_and_others_stay
    update::an_update_of_what_is_not_there_is_not_found
    update::a_refused_update_changes_nothing
    remove::the_recycle_bin_keeps_everything
    remove::deleting_what_is_deleted_is_what_was_wanted
    remove::what_is_deleted_for_good_is_found_no_more
    remove::an_anchor_deleted_for_good_may_be_created_again
    remove::a_restore_sets_attributes_in_the_bin_and_out_of_it
    remove::a_restore_fails_while_the_sign_in_name_is_taken
    remove::what_is_gone_is_not_restored
    references::a_manager_replaces_the_one_before
    references::a_manager_who_is_one_already_is_told_apart
    references::only_the_manager_named_is_removed
    references::nobody_refers_to_or_from_what_is_not_there
    references::a_manager_deleted_for_good_is_nobodys_manager
    find::look_ups_are_answered_in_the_order_asked
    find::objects_of_another_kind_are_not_found
    discover::whoever_came_from_the_source_is_discovered_page_by_page
    discover::what_the_target_made_or_has_in_its_recycle_bin_is_not_discovered
    policy::a_target_that_lets_nobody_in_says_so
    policy::what_the_target_made_itself_is_neither_matched_nor_changed
};

/// Makes a `#[test]` of every behaviour; the expression makes the fixture.
#[macro_export]
macro_rules! target_suite {
    ($fixture:expr) => {
        $crate::behaviour_tests! {
            $crate::suite::target::BEHAVIOURS, $fixture;
            what_was_created_is_found_by_its_anchor_and_by_its_id
            an_anchor_is_created_once
            an_anchor_in_the_recycle_bin_is_not_created_again
            a_taken_sign_in_name_is_a_conflict_that_leaves_nothing
            without_an_anchor_nothing_is_created
            outcomes_come_in_order_one_for_each_operation
            one_bad_operation_does_not_stop_the_others
            an_operation_sees_what_those_before_it_did
            what_a_page_wrote_goes_with_its_transaction_or_stays
            attributes_are_set_and_cleared_and_others_stay
            an_update_of_what_is_not_there_is_not_found
            a_refused_update_changes_nothing
            the_recycle_bin_keeps_everything
            deleting_what_is_deleted_is_what_was_wanted
            what_is_deleted_for_good_is_found_no_more
            an_anchor_deleted_for_good_may_be_created_again
            a_restore_sets_attributes_in_the_bin_and_out_of_it
            a_restore_fails_while_the_sign_in_name_is_taken
            what_is_gone_is_not_restored
            a_manager_replaces_the_one_before
            a_manager_who_is_one_already_is_told_apart
            only_the_manager_named_is_removed
            nobody_refers_to_or_from_what_is_not_there
            a_manager_deleted_for_good_is_nobodys_manager
            look_ups_are_answered_in_the_order_asked
            objects_of_another_kind_are_not_found
            whoever_came_from_the_source_is_discovered_page_by_page
            what_the_target_made_or_has_in_its_recycle_bin_is_not_discovered
            a_target_that_lets_nobody_in_says_so
            what_the_target_made_itself_is_neither_matched_nor_changed
        }
    };
}
