//! Passwords that people try.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use syncline_access::SignInResult;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    result: &'static str,
}

/// Figures about sign-ins.
#[derive(Clone)]
pub struct SignIns(Family<Labels, Counter>);

impl SignIns {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let figures = Self(Family::default());
        registry.register(
            "sign_ins",
            "Passwords that people typed, by `result` (`right`; `wrong`, also of names that nobody has; `locked`: not looked at, since too many before it were wrong; `busy`: not looked at, since too many sign in at once)",
            figures.0.clone(),
        );
        for result in SignInResult::ALL {
            // Rates see the first one only when there was a 0 before.
            drop(figures.of(result));
        }
        figures
    }

    pub fn count(&self, result: SignInResult) {
        self.of(result).inc();
    }

    fn of(&self, result: SignInResult) -> Counter {
        let labels = Labels {
            result: result.name(),
        };
        self.0.get_or_create_owned(&labels)
    }
}

#[cfg(test)]
mod tests {
    use crate::app::{App, Settings};
    use crate::data_dir::DataDir;

    #[test]
    fn what_comes_of_a_password_is_a_figure() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = App::open(data, Settings::default()).unwrap();
        let guess = || {
            app.access
                .sign_in(None, None, "ann@contoso.example", "guess")
        };
        for _ in 0..12 {
            guess().unwrap_err();
        }
        let figures = app.metrics.render(&app).unwrap();
        for (result, count) in [("right", 0), ("wrong", 10), ("locked", 2), ("busy", 0)] {
            let line = format!("syncline_sign_ins_total{{result=\"{result}\"}} {count}\n");
            assert!(figures.contains(&line), "{line}{figures}");
        }
    }
}
