//! One list of routes, found by walking a tree: names before placeholders, so `/users/delta` is not
//! the user called `delta`.

use std::collections::HashMap;
use std::fmt;

use super::captures::{Captures, Key};
use super::pattern::{Element, literal_forms};
use super::{Pattern, PatternError, Segment};

/// All routes of one API. `T` is what a route leads to, usually a handler.
#[derive(Debug)]
pub struct Router<T> {
    routes: Vec<Route<T>>,
    root: Node,
}

#[derive(Debug)]
struct Route<T> {
    method: &'static str,
    pattern: Pattern,
    target: T,
}

/// A step in the tree. Routes are indexes into the list.
#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, Node>,
    /// Placeholders: few per node, tried in the order key, cast, arguments.
    others: Vec<(Element, Node)>,
    routes: Vec<usize>,
}

/// The answer to "which route is this?".
#[derive(Debug)]
pub enum Found<'a, T> {
    Route {
        target: &'a T,
        pattern: &'a Pattern,
        captures: Captures,
    },
    /// The path exists, but not with this method.
    MethodNotAllowed { allowed: Vec<&'static str> },
    /// No route has this path; the index of the first segment that no route goes on with.
    /// Equal to the number of segments when the path only stops too early.
    NotFound { segment: usize },
}

/// A route that can not be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteError {
    Pattern(PatternError),
    /// Another route has the same method and an equivalent pattern.
    Duplicate {
        method: &'static str,
        pattern: String,
    },
}

impl fmt::Display for RouteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pattern(_) => f.write_str("route cannot be added"),
            Self::Duplicate { method, pattern } => {
                write!(f, "route `{method} {pattern}` is there twice")
            }
        }
    }
}

impl std::error::Error for RouteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Pattern(error) => Some(error),
            Self::Duplicate { .. } => None,
        }
    }
}

impl<T> Default for Router<T> {
    fn default() -> Self {
        Self {
            routes: Vec::new(),
            root: Node::default(),
        }
    }
}

impl<T> Router<T> {
    pub fn new() -> Self {
        Self::default()
    }

    /// Builds the tree from the list of routes.
    ///
    /// # Errors
    /// As [`Router::add`].
    pub fn from_routes(
        routes: impl IntoIterator<Item = (&'static str, &'static str, T)>,
    ) -> Result<Self, RouteError> {
        let mut router = Self::new();
        for (method, pattern, target) in routes {
            router.add(method, pattern, target)?;
        }
        Ok(router)
    }

    /// Adds one route.
    ///
    /// # Errors
    /// When the pattern can not be read, or the method already has an equivalent one.
    pub fn add(
        &mut self,
        method: &'static str,
        pattern: &str,
        target: T,
    ) -> Result<(), RouteError> {
        let pattern = Pattern::parse(pattern).map_err(RouteError::Pattern)?;
        let mut node = &mut self.root;
        for element in pattern.elements() {
            node = node.child(element);
        }
        if node
            .routes
            .iter()
            .any(|at| self.routes[*at].method == method)
        {
            return Err(RouteError::Duplicate {
                method,
                pattern: pattern.as_str().to_owned(),
            });
        }
        node.routes.push(self.routes.len());
        self.routes.push(Route {
            method,
            pattern,
            target,
        });
        Ok(())
    }

    /// Every route, in the order added.
    pub fn routes(&self) -> impl Iterator<Item = (&'static str, &Pattern, &T)> {
        self.routes
            .iter()
            .map(|route| (route.method, &route.pattern, &route.target))
    }

    /// The route of a request.
    pub fn find(&self, method: &str, segments: &[Segment]) -> Found<'_, T> {
        let mut search = Search {
            router: self,
            method,
            keys: Vec::new(),
            allowed: Vec::new(),
            deepest: 0,
        };
        if let Some(route) = search.walk(&self.root, segments, 0) {
            let route = &self.routes[route];
            let captures = Captures::named(route.pattern.names(), search.keys);
            return Found::Route {
                target: &route.target,
                pattern: &route.pattern,
                captures,
            };
        }
        if search.allowed.is_empty() {
            return Found::NotFound {
                segment: search.deepest,
            };
        }
        search.allowed.sort_unstable();
        search.allowed.dedup();
        Found::MethodNotAllowed {
            allowed: search.allowed,
        }
    }
}

impl Node {
    fn child(&mut self, element: &Element) -> &mut Node {
        if let Element::Literal(text) = element {
            return self.literals.entry(text.clone()).or_default();
        }
        let at = match self.others.iter().position(|(known, _)| known == element) {
            Some(at) => at,
            None => {
                self.others.push((element.clone(), Node::default()));
                self.others.len() - 1
            }
        };
        &mut self.others[at].1
    }
}

/// One walk down the tree, with steps back when a name leads nowhere.
struct Search<'a, T> {
    router: &'a Router<T>,
    method: &'a str,
    keys: Vec<Key>,
    allowed: Vec<&'static str>,
    deepest: usize,
}

impl<T> Search<'_, T> {
    fn walk(&mut self, node: &Node, segments: &[Segment], at: usize) -> Option<usize> {
        self.deepest = self.deepest.max(at);
        let Some(segment) = segments.get(at) else {
            let routes = &self.router.routes;
            let route = node
                .routes
                .iter()
                .find(|it| routes[**it].method.eq_ignore_ascii_case(self.method));
            if route.is_none() {
                self.allowed
                    .extend(node.routes.iter().map(|it| routes[*it].method));
            }
            return route.copied();
        };
        if let Segment::Name(text) = segment {
            for form in literal_forms(text) {
                if let Some(next) = node.literals.get(&form) {
                    let route = self.walk(next, segments, at + 1);
                    if route.is_some() {
                        return route;
                    }
                }
            }
        }
        for (element, next) in &node.others {
            let before = self.keys.len();
            if element.accepts(segment, &mut self.keys) {
                let route = self.walk(next, segments, at + 1);
                if route.is_some() {
                    return route;
                }
            }
            self.keys.truncate(before);
        }
        None
    }
}
