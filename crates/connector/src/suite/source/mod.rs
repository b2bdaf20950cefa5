//! What every source does.

mod ask;
mod by_id;
mod changes;
mod walk;

use syncline_model::ObjectId;
use syncline_store::Store;

use super::behaviours;
use crate::Source;

/// A source system with nobody in it, and the means to change it. Every change is visible to the
/// source when the method returns.
pub trait SourceFixture {
    /// A store whose transactions the source is asked in.
    fn store(&self) -> &Store;

    /// The source, opened anew: whatever it must remember is in cursors and watermarks.
    fn source(&self) -> Box<dyn Source>;

    /// Adds a user.
    fn create_person(&mut self, alias: &str) -> ObjectId;

    /// Adds a group without members.
    fn create_group(&mut self, name: &str) -> ObjectId;

    /// Sets `jobTitle`.
    fn set_title(&mut self, person: ObjectId, title: &str);

    fn set_manager(&mut self, person: ObjectId, manager: ObjectId);

    fn remove_manager(&mut self, person: ObjectId);

    /// Gives a user a role of the configuration.
    fn assign(&mut self, person: ObjectId);

    /// Takes the role away.
    fn unassign(&mut self, person: ObjectId);

    /// Moves a user into the recycle bin.
    fn soft_delete(&mut self, person: ObjectId);

    /// Takes a user out of the recycle bin.
    fn restore(&mut self, person: ObjectId);

    /// Deletes a user in the recycle bin for good.
    fn hard_delete(&mut self, person: ObjectId);
}

/// A name and what is checked under it.
pub type Behaviour = (&'static str, fn(&mut dyn SourceFixture));

/// Everything that is asked of a source.
pub const BEHAVIOURS: &[Behaviour] = behaviours! {
    walk::every_live_object_comes_once_whatever_the_page_size
    walk::a_walk_shows_the_kinds_asked_for_and_no_others
    walk::a_walk_goes_on_behind_an_object_that_was_deleted_meanwhile
    walk::the_parts_of_a_walk_show_together_what_the_walk_shows
    walk::a_strange_cursor_is_refused
    walk::live_objects_are_counted
    changes::the_watermark_never_goes_back_and_stands_still_without_a_change
    changes::nothing_changed_after_no_change
    changes::every_change_names_whom_it_concerns_and_nobody_else
    changes::many_changes_come_in_pages_of_any_size
    changes::changes_show_subjects_as_they_are_now
    changes::changes_of_other_kinds_are_left_out
    changes::changes_after_the_end_wait_for_the_next_walk
    by_id::subjects_come_in_the_order_asked
    by_id::a_subject_asked_for_twice_is_answered_twice
    by_id::the_unknown_are_hard_deleted
    by_id::lifecycles_are_told_apart
    by_id::a_subject_shows_its_attributes_its_manager_and_its_roles
    by_id::the_manager_who_is_gone_for_good_is_nobodys_manager
    by_id::those_who_refer_to_somebody_are_all_told_or_none
};

/// Makes a `#[test]` of every behaviour; the expression makes the fixture.
#[macro_export]
macro_rules! source_suite {
    ($fixture:expr) => {
        $crate::behaviour_tests! {
            $crate::suite::source::BEHAVIOURS, $fixture;
            every_live_object_comes_once_whatever_the_page_size
            a_walk_shows_the_kinds_asked_for_and_no_others
            a_walk_goes_on_behind_an_object_that_was_deleted_meanwhile
            the_parts_of_a_walk_show_together_what_the_walk_shows
            a_strange_cursor_is_refused
            live_objects_are_counted
            the_watermark_never_goes_back_and_stands_still_without_a_change
            nothing_changed_after_no_change
            every_change_names_whom_it_concerns_and_nobody_else
            many_changes_come_in_pages_of_any_size
            changes_show_subjects_as_they_are_now
            changes_of_other_kinds_are_left_out
            changes_after_the_end_wait_for_the_next_walk
            subjects_come_in_the_order_asked
            a_subject_asked_for_twice_is_answered_twice
            the_unknown_are_hard_deleted
            lifecycles_are_told_apart
            a_subject_shows_its_attributes_its_manager_and_its_roles
            the_manager_who_is_gone_for_good_is_nobodys_manager
            those_who_refer_to_somebody_are_all_told_or_none
        }
    };
}
