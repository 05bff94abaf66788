//! `SOURCE 'app' | fields @timestamp, user | filter ok = 1 | stats count(*) as n by user | sort n desc | limit 5`: what a query consists of.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html>

use regex_lite::Regex;

/// Holds the commands of a query, in their order.
pub(super) struct Query {
    /// The names of the log groups, as the queries of dashboards begin with them.
    pub(super) sources: Vec<String>,
    pub(super) commands: Vec<Command>,
}

pub(super) enum Command {
    Fields(Vec<Column>),
    Filter(Expression),
    Stats {
        aggregates: Vec<(Aggregate, String)>,
        by: Vec<Column>,
    },
    Sort(Vec<(Expression, Direction)>),
    Limit(usize),
}

/// Holds an expression and what its values are called.
pub(super) struct Column {
    pub(super) expression: Expression,
    pub(super) name: String,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Direction {
    Up,
    Down,
}

pub(super) enum Aggregate {
    CountAll,
    Of(Summary, Expression),
}

#[derive(Clone, Copy)]
pub(super) enum Summary {
    Count,
    CountDistinct,
    Sum,
    Average,
    Minimum,
    Maximum,
}

pub(super) const SUMMARIES: &[(&str, Summary)] = &[
    ("count", Summary::Count),
    ("count_distinct", Summary::CountDistinct),
    ("sum", Summary::Sum),
    ("avg", Summary::Average),
    ("min", Summary::Minimum),
    ("max", Summary::Maximum),
];

pub(super) enum Expression {
    Field(String),
    Text(String),
    Number(f64),
    Compare(Box<Expression>, Comparison, Box<Expression>),
    Like(Box<Expression>, Regex),
    In(Box<Expression>, Vec<Expression>),
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Coalesce(Vec<Expression>),
    IsPresent(Box<Expression>),
    /// The beginning of the period, so many milliseconds long, that an event falls into.
    Bin(i64),
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

pub(super) const COMPARISONS: &[(&str, Comparison)] = &[
    ("!=", Comparison::NotEqual),
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("=", Comparison::Equal),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];
