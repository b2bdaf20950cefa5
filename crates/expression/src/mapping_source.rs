//! An expression as Graph's `attributeMappingSource`: the text, and beside it the same as a tree
//! of attributes, constants and functions.

use serde::{Deserialize, Deserializer, Serialize};

use crate::ast::{Expression, ExpressionKind, Operator, Span};
use crate::diagnostic::{Code, Diagnostic};
use crate::functions;
use crate::limits::Limits;
use crate::parser;

/// One node of the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingSource {
    /// The text of this node: `[givenName]`, `"Member"` with its quotes, `Not([IsSoftDeleted])`.
    #[serde(default)]
    pub expression: Option<String>,
    /// The function, the attribute, or the constant.
    #[serde(default)]
    pub name: Option<String>,
    #[serde(rename = "type", default)]
    pub kind: MappingSourceType,
    /// A function's arguments; omitted ones are left out.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub parameters: Vec<Parameter>,
}

/// What a node is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum MappingSourceType {
    #[default]
    Attribute,
    Constant,
    Function,
}

/// One argument, under its parameter's name. A repeating parameter appears several times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    pub key: String,
    pub value: MappingSource,
}

impl<'de> Deserialize<'de> for MappingSourceType {
    /// By name in any case, as older clients write it.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        [
            (Self::Attribute, "attribute"),
            (Self::Constant, "constant"),
            (Self::Function, "function"),
        ]
        .into_iter()
        .find(|(_, known)| name.eq_ignore_ascii_case(known))
        .map(|(kind, _)| kind)
        .ok_or_else(|| {
            serde::de::Error::unknown_variant(&name, &["Attribute", "Constant", "Function"])
        })
    }
}

fn null_is_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Parameter>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Names of a comparison's two sides; Graph documents none.
const LEFT: &str = "left";
const RIGHT: &str = "right";

impl From<&Expression> for MappingSource {
    fn from(expression: &Expression) -> Self {
        let (kind, name, parameters) = match &expression.kind {
            ExpressionKind::Attribute(name) => {
                (MappingSourceType::Attribute, name.clone(), Vec::new())
            }
            ExpressionKind::Text(text) => (MappingSourceType::Constant, text.clone(), Vec::new()),
            ExpressionKind::Number(number) => {
                (MappingSourceType::Constant, number.to_string(), Vec::new())
            }
            ExpressionKind::Word(word) => (MappingSourceType::Constant, word.clone(), Vec::new()),
            ExpressionKind::Invalid => (MappingSourceType::Constant, String::new(), Vec::new()),
            ExpressionKind::Call {
                function,
                arguments,
            } => (
                MappingSourceType::Function,
                function.clone(),
                parameters_of(function, arguments),
            ),
            ExpressionKind::Comparison {
                left,
                operator,
                right,
            } => {
                let parameters = vec![
                    Parameter {
                        key: LEFT.to_owned(),
                        value: Self::from(&**left),
                    },
                    Parameter {
                        key: RIGHT.to_owned(),
                        value: Self::from(&**right),
                    },
                ];
                (
                    MappingSourceType::Function,
                    operator.symbol().to_owned(),
                    parameters,
                )
            }
        };
        Self {
            expression: Some(expression.to_string()),
            name: Some(name),
            kind,
            parameters,
        }
    }
}

fn parameters_of(function: &str, arguments: &[Option<Expression>]) -> Vec<Parameter> {
    let function = functions::find(function);
    let key = |position: usize| match function.and_then(|it| it.parameter(position)) {
        Some(parameter) => parameter.name.to_owned(),
        None => format!("argument{}", position + 1),
    };
    let given = |(position, argument): (usize, &Option<Expression>)| {
        argument.as_ref().map(|it| Parameter {
            key: key(position),
            value: MappingSource::from(it),
        })
    };
    arguments.iter().enumerate().filter_map(given).collect()
}

impl MappingSource {
    /// The node's expression: its text where it has one, else what its tree says.
    pub fn to_expression(&self) -> Result<Expression, Vec<Diagnostic>> {
        parser::parse(&self.to_text().map_err(|it| vec![it])?)
    }

    /// The node's text: as given, else printed from the tree.
    pub fn to_text(&self) -> Result<String, Diagnostic> {
        match self.given_text() {
            Some(text) => Ok(text.to_owned()),
            None => Ok(self.tree(0)?.to_string()),
        }
    }

    fn given_text(&self) -> Option<&str> {
        self.expression
            .as_deref()
            .filter(|text| !text.trim().is_empty())
    }

    fn tree(&self, depth: usize) -> Result<Expression, Diagnostic> {
        let limits = Limits::DEFAULT;
        if depth > limits.depth {
            let message = format!("functions are nested more than {} deep", limits.depth);
            return Err(Diagnostic::new(Code::TooDeep, Span::default(), message));
        }
        if let Some(text) = self.given_text() {
            // A node inside the tree may be broken; the first of its problems stands for all.
            return parser::parse_with(text, &Limits::with_length(Limits::LONGEST))
                .map_err(|mut diagnostics| diagnostics.swap_remove(0));
        }
        let name = self.name.clone().unwrap_or_default();
        let kind = match self.kind {
            MappingSourceType::Attribute => ExpressionKind::Attribute(name),
            MappingSourceType::Constant => ExpressionKind::Text(name),
            MappingSourceType::Function => match Operator::from_symbol(&name) {
                Some(operator) => self.comparison(operator, depth)?,
                None => self.call(name, depth)?,
            },
        };
        Ok(Expression {
            kind,
            span: Span::default(),
        })
    }

    fn comparison(&self, operator: Operator, depth: usize) -> Result<ExpressionKind, Diagnostic> {
        let side = |key: &str| {
            let parameter = self
                .parameters
                .iter()
                .find(|it| it.key.eq_ignore_ascii_case(key))
                .ok_or_else(|| {
                    let message =
                        format!("the comparison `{}` has no `{key}` side", operator.symbol());
                    Diagnostic::new(Code::MissingArgument, Span::default(), message)
                })?;
            Ok(Box::new(parameter.value.tree(depth + 1)?))
        };
        Ok(ExpressionKind::Comparison {
            left: side(LEFT)?,
            operator,
            right: side(RIGHT)?,
        })
    }

    /// Puts the parameters into their places. Blanks inside are kept to the end of the list, as in
    /// `Replace([x], "-", , , "_", , )`; without any, the list ends with the last argument.
    fn call(&self, name: String, depth: usize) -> Result<ExpressionKind, Diagnostic> {
        let Some(function) = functions::find(&name) else {
            return Err(functions::unknown(&name, Span::default()));
        };
        let fixed = function
            .parameters
            .iter()
            .filter(|it| !it.repeating)
            .count();
        let mut arguments: Vec<Option<Expression>> = vec![None; fixed];
        for parameter in &self.parameters {
            let value = parameter.value.tree(depth + 1)?;
            let known =
                |it: &functions::FunctionParameter| it.name.eq_ignore_ascii_case(&parameter.key);
            match function.parameters.iter().position(known) {
                Some(position) if position < fixed => arguments[position] = Some(value),
                Some(_) => arguments.push(Some(value)),
                None => {
                    let message = format!("`{name}` has no parameter `{}`", parameter.key);
                    let names: Vec<_> = function.parameters.iter().map(|it| it.name).collect();
                    return Err(
                        Diagnostic::new(Code::UnknownParameter, Span::default(), message)
                            .with_help(format!("its parameters are: {}", names.join(", "))),
                    );
                }
            }
        }
        let given = arguments
            .iter()
            .rposition(Option::is_some)
            .map_or(0, |last| last + 1);
        let blank_inside = arguments[..given].iter().any(Option::is_none);
        if !blank_inside {
            arguments.truncate(given);
        }
        Ok(ExpressionKind::Call {
            function: name,
            arguments,
        })
    }
}
