//! Writes the made-up company into a tenant.

use syncline_directory::Context;
use syncline_directory::groups::{self, NewGroup};
use syncline_directory::users::{self, NewUser};
use syncline_model::{Attr, Attrs, ObjectId, Problem, Timestamp, Value};
use syncline_store::Tenant;

use super::names::DEPARTMENTS;
use super::population::Person;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::{Progress, Step};

const PAGE: usize = 2000;

/// Creates the people, their managers, and a security group per department with those who have
/// not left.
pub fn write(
    app: &App,
    tenant: &Tenant,
    people: &[Person],
    progress: &dyn Progress,
) -> Result<(), Failure> {
    let mut ids: Vec<ObjectId> = Vec::with_capacity(people.len());
    for page in people.chunks(PAGE) {
        let made = app.store.write(|tx| {
            let context = Context {
                tenant,
                now: app.clock.now(),
                ids: app.ids.as_ref(),
            };
            let results = users::create_many(tx, &context, page.iter().map(new_user).collect())?;
            let made: Vec<ObjectId> = results.into_iter().collect::<Result<_, Problem>>()?;
            let known = |at: usize| ids.get(at).or_else(|| made.get(at - ids.len())).copied();
            let managers: Vec<(ObjectId, ObjectId)> = page
                .iter()
                .zip(&made)
                .filter_map(|(person, id)| Some((*id, known(person.manager?)?)))
                .collect();
            users::set_managers(tx, &context, &managers)?;
            Ok::<_, Failure>(made)
        })?;
        ids.extend(made);
        progress.step(Step {
            label: "making people up".to_owned(),
            done: ids.len() as u64,
            total: people.len() as u64,
        });
    }
    for (place, department) in DEPARTMENTS.iter().enumerate() {
        let members: Vec<ObjectId> = people
            .iter()
            .zip(&ids)
            .filter(|(person, _)| person.department == Some(place) && person.enabled)
            .map(|(_, id)| *id)
            .collect();
        app.store.write(|tx| {
            let context = Context {
                tenant,
                now: app.clock.now(),
                ids: app.ids.as_ref(),
            };
            let alias: String = department
                .name
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .collect();
            let attrs = Attrs::new()
                .with(Attr::DISPLAY_NAME, department.name)
                .with(Attr::MAIL_NICKNAME, alias)
                .with(Attr::MAIL_ENABLED, false)
                .with(Attr::SECURITY_ENABLED, true);
            groups::create(
                tx,
                &context,
                NewGroup {
                    attrs,
                    members,
                    owners: Vec::new(),
                },
            )
        })?;
    }
    Ok(())
}

fn new_user(person: &Person) -> NewUser {
    let alias = person
        .user_principal_name
        .split('@')
        .next()
        .unwrap_or_default();
    let mut attrs = Attrs::new()
        .with(
            Attr::USER_PRINCIPAL_NAME,
            person.user_principal_name.as_str(),
        )
        .with(Attr::MAIL, person.user_principal_name.as_str())
        .with(Attr::MAIL_NICKNAME, alias)
        .with(
            Attr::DISPLAY_NAME,
            format!("{} {}", person.given_name, person.surname),
        )
        .with(Attr::GIVEN_NAME, person.given_name)
        .with(Attr::SURNAME, person.surname)
        .with(Attr::JOB_TITLE, person.job_title.as_str())
        .with(Attr::CITY, person.city)
        .with(Attr::OFFICE_LOCATION, person.city)
        .with(Attr::COUNTRY, person.country)
        .with(Attr::USAGE_LOCATION, person.country)
        .with(Attr::PREFERRED_LANGUAGE, person.language)
        .with(
            Attr::BUSINESS_PHONES,
            Value::List(vec![Value::text(person.telephone.as_str())]),
        )
        .with(Attr::COMPANY_NAME, "Contoso")
        .with(Attr::EMPLOYEE_ID, person.employee_id.as_str())
        .with(Attr::EMPLOYEE_TYPE, "Employee")
        .with(Attr::ACCOUNT_ENABLED, person.enabled);
    attrs.put(
        Attr::DEPARTMENT,
        person
            .department
            .map(|place| Value::text(DEPARTMENTS[place].name)),
    );
    attrs.put(
        Attr::EMPLOYEE_HIRE_DATE,
        Timestamp::parse(&person.hired).map(Value::Time),
    );
    NewUser { attrs }
}
