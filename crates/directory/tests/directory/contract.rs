//! A hosted tenant keeps the contract of sources and of targets.

use std::sync::Arc;

use syncline_connector::suite::source::SourceFixture;
use syncline_connector::suite::target::TargetFixture;
use syncline_connector::{Source, Target};
use syncline_directory::{LocalSource, LocalTarget, app_role_assignments, deleted_items};
use syncline_directory::{policy, users};
use syncline_model::{Attr, Attrs, ObjectId, Value};
use syncline_store::{Store, Stored};

use crate::applications::configuration;
use crate::assignments::{assign, role};
use crate::policy::allow;
use crate::target::mapped;
use crate::world::{World, new_user, world};

mod source {
    syncline_connector::source_suite!(super::Contoso::with_a_configuration());
}

mod target {
    syncline_connector::target_suite!(super::Fabrikam::that_lets_contoso_in());
}

/// Contoso as a source.
struct Contoso {
    world: World,
    configuration: Stored,
}

impl Contoso {
    fn with_a_configuration() -> Self {
        let world = world();
        let (_, configuration) = configuration(&world);
        Self {
            world,
            configuration,
        }
    }
}

impl SourceFixture for Contoso {
    fn store(&self) -> &Store {
        &self.world.store
    }

    fn source(&self) -> Box<dyn Source> {
        let configuration = self.configuration.entry.id;
        Box::new(LocalSource::new(self.world.contoso.id, configuration))
    }

    fn create_person(&mut self, alias: &str) -> ObjectId {
        self.world.user(alias)
    }

    fn create_group(&mut self, name: &str) -> ObjectId {
        self.world.group(name, &[])
    }

    fn set_title(&mut self, person: ObjectId, title: &str) {
        let title = Some(Value::text(title));
        self.world
            .update_user(person, Attr::JOB_TITLE, title)
            .unwrap();
    }

    fn set_manager(&mut self, person: ObjectId, manager: ObjectId) {
        self.world.set_manager(person, manager);
    }

    fn remove_manager(&mut self, person: ObjectId) {
        self.world
            .write(|tx, context| users::remove_manager(tx, context, person))
            .unwrap();
    }

    fn assign(&mut self, person: ObjectId) {
        let configuration = &self.configuration;
        let role = role(configuration);
        assign(&self.world, configuration.entry.id, person, role).unwrap();
    }

    fn unassign(&mut self, person: ObjectId) {
        let held = self
            .world
            .store
            .read(|reader| reader.assignments_of_principal(self.world.contoso.id, person))
            .unwrap();
        self.world
            .write(|tx, context| app_role_assignments::unassign(tx, context, &held[0]))
            .unwrap();
    }

    fn soft_delete(&mut self, person: ObjectId) {
        self.world.delete_user(person);
    }

    fn restore(&mut self, person: ObjectId) {
        self.world
            .write(|tx, context| {
                deleted_items::restore(tx, context, person, deleted_items::Restoration::default())
            })
            .unwrap();
    }

    fn hard_delete(&mut self, person: ObjectId) {
        self.world
            .write(|tx, context| deleted_items::purge(tx, context, person))
            .unwrap();
    }
}

/// Fabrikam as a target of contoso's users.
struct Fabrikam {
    world: World,
}

impl Fabrikam {
    fn that_lets_contoso_in() -> Self {
        let world = world();
        allow(&world);
        Self { world }
    }
}

impl TargetFixture for Fabrikam {
    fn store(&self) -> &Store {
        &self.world.store
    }

    fn target(&self) -> Box<dyn Target> {
        Box::new(LocalTarget::new(
            self.world.contoso.id,
            self.world.fabrikam.id,
            Arc::clone(&self.world.ids) as _,
            Arc::clone(&self.world.clock) as _,
        ))
    }

    fn person(&self, alias: &str) -> Attrs {
        mapped(alias)
    }

    fn create_own(&mut self, alias: &str) -> ObjectId {
        let name = format!("{alias}@fabrikam.example");
        let named = Attrs::new().with(Attr::USER_PRINCIPAL_NAME, name);
        self.world
            .write_in(&self.world.fabrikam, |tx, context| {
                users::create(tx, context, new_user(alias, named))
            })
            .unwrap()
            .entry
            .id
    }

    fn permit(&mut self, allowed: bool) {
        if allowed {
            allow(&self.world);
            return;
        }
        let (source, target) = (self.world.contoso.id, self.world.fabrikam.id);
        self.world
            .write(|tx, _| policy::delete_partner(tx, target, source))
            .unwrap();
    }
}
