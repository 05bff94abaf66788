//! Where iam-simulate 0.1.173 decides otherwise, and why we don't.

use std::net::IpAddr;

use super::Case;
use crate::condition::{Condition, Operator, SetQualifier};
use crate::document::{Document, Version};
use crate::evaluate::ContextValue;
use crate::evaluate::comparison::ConditionValue;
use crate::evaluate::template::Template;
use crate::resource::ResourcePattern;
use crate::statement::{Resources, Statement};

/// Holds a reason for disagreements.
pub(super) struct Known {
    /// What iam-simulate does.
    pub(super) theirs: &'static str,
    /// What AWS does, and which page of the IAM User Guide says so.
    #[expect(dead_code, reason = "it is for who reads this list")]
    pub(super) right: &'static str,
    /// Tells whether it can make a difference in a case.
    pub(super) applies: fn(&Case) -> bool,
}

pub(super) const KNOWN: [Known; 16] = [
    Known {
        theirs: "leaves the escapes `${*}`, `${?}` and `${$}` as they are in operators without wildcards",
        right: "They are variables with fixed values (reference_policies_variables, \"Special characters\").",
        applies: |case| {
            case.tests()
                .any(|test| test.is_text_without_wildcards() && test.asks(has_escape))
        },
    },
    Known {
        theirs: "lets no operator hold when a variable has no value",
        right: "It is null, which equals nothing: negated operators hold (reference_policies_variables, \"Policy variables \
            with no value\").",
        applies: |case| {
            let mut tests = case.tests();
            tests.any(|test| test.operator.comparison().is_negated() && test.has_null(case))
        },
    },
    Known {
        theirs: "lets a statement apply to nothing when a variable in its NotResource has no value",
        right: "It is the resource with that variable that matches nothing (the same section).",
        applies: |case| {
            let context = case.context();
            let has_null = |version, pattern: &ResourcePattern| {
                Template::of_resource(pattern, version)
                    .parts(&context)
                    .is_none()
            };
            case.not_resources()
                .any(|(version, pattern)| has_null(version, pattern))
        },
    },
    Known {
        theirs: "compares the empty string of a multivalued key as any other",
        right: "It is a null data set: ForAllValues holds, ForAnyValue doesn't (reference_policies_condition-single-vs-\
            multi-valued-context-keys).",
        applies: |case| {
            let is_null = |value: &ContextValue| value.values().iter().all(String::is_empty);
            let mut tests = case.tests();
            tests.any(|test| {
                test.operator.qualifier().is_some() && test.given(case).is_some_and(is_null)
            })
        },
    },
    Known {
        theirs: "forgets IfExists behind ForAnyValue",
        right: "It goes with every operator but Null (reference_policies_elements_condition_operators, \"...IfExists\").",
        applies: |case| {
            let asks = |operator: Operator| {
                operator.qualifier() == Some(SetQualifier::ForAnyValue) && operator.if_exists()
            };
            case.tests()
                .any(|test| asks(test.operator) && test.given(case).is_none())
        },
    },
    Known {
        theirs: "replaces variables in the old version of the language",
        right: "They are literal strings there (reference_policies_elements_version).",
        applies: |case| {
            let mut documents = case.documents();
            documents.any(|document| {
                document.version() == Version::V2008_10_17 && document.to_json().contains("${")
            })
        },
    },
    Known {
        theirs: "splits an ARN in a condition before it replaces the variables",
        right: "A variable can stand for any part of a value (reference_policies_variables, \"Condition element\").",
        applies: |case| {
            case.tests()
                .any(|test| test.asks(|value| value == "${aws:PrincipalArn}"))
        },
    },
    Known {
        theirs: "knows no wildcard for the service of an action",
        right: "IAM accepts `*:*` in a policy, where it can only mean `*`.",
        applies: |case| {
            let mut patterns = case
                .statements()
                .flat_map(|(_, statement)| statement.actions().patterns());
            patterns.any(|pattern| pattern.service() == "*" && pattern.as_str() != "*")
        },
    },
    Known {
        theirs: "minds no case in the partition, service, region and account of an ARN",
        right: "Nothing says that any part of it is compared without regard to case.",
        applies: |case| case.resources().any(|pattern| pattern.contains(":IAM:")),
    },
    Known {
        theirs: "lets no `*` in a resource reach beyond a colon",
        right: "At the end of a part of the ARN it can (reference_policies_elements_resource, \"Using wildcards in resource \
            ARNs\").",
        applies: |case| case.resources().any(|pattern| pattern.contains("*:")),
    },
    Known {
        theirs: "lets a statement apply to nothing when an ARN in its NotResource ends early and doesn't match",
        right: "The ARN is completed with `*` (reference_policies_grammar, \"Policy grammar notes\").",
        applies: |case| {
            let mut patterns = case.not_resources();
            patterns.any(|(_, pattern)| ends_early(pattern))
        },
    },
    Known {
        theirs: "refuses an ARN that ends early in a service control policy while it decides",
        right: "Such a policy is refused when it is written, or else completed as any other (the same notes).",
        applies: |case| {
            let statements = case
                .service_control
                .iter()
                .flatten()
                .flat_map(Document::statements);
            let mut lists = statements.filter_map(Statement::resources);
            lists.any(|list| list.patterns().iter().any(ends_early))
        },
    },
    Known {
        theirs: "takes seconds since 1970 for milliseconds",
        right: "An epoch time is in seconds (reference_policies_elements_condition_operators, \"Date condition operators\").",
        applies: |case| {
            let is_epoch = |value: &&str| value.parse::<i64>().is_ok();
            let is_mixed =
                |values: Vec<&str>| values.iter().any(is_epoch) && !values.iter().all(is_epoch);
            case.tests()
                .any(|test| test.compares("Date") && is_mixed(test.compared(case)))
        },
    },
    Known {
        theirs: "compares binary values as text, even what is not in Base64",
        right: "The value of a policy is in Base64 (the same page, \"Binary condition operators\").",
        applies: |case| {
            case.tests()
                .any(|test| test.compares("Binary") && test.asks(|value| value.contains(' ')))
        },
    },
    Known {
        theirs: "has no address in the range 0.0.0.0/0",
        right: "It is the range of all (RFC 4632, which the same page refers to in \"IP address condition operators\").",
        applies: |case| {
            case.tests()
                .any(|test| test.asks(|value| value == "0.0.0.0/0"))
        },
    },
    Known {
        theirs: "compares an address without a prefix as text",
        right: "It is the range of that address alone, however written (the same section).",
        applies: |case| {
            let is_address = |value: &str| value.parse::<IpAddr>().is_ok();
            let mut tests = case.tests();
            tests.any(|test| {
                (test.compares("IpAddress") || test.compares("NotIpAddress"))
                    && test.asks(is_address)
            })
        },
    },
];

/// Holds one test of a condition.
struct Test<'a> {
    version: Version,
    operator: Operator,
    key: &'a str,
    values: &'a [String],
}

impl Case {
    fn statements(&self) -> impl Iterator<Item = (Version, &Statement)> {
        self.documents().flat_map(|document| {
            document
                .statements()
                .map(|statement| (document.version(), statement))
        })
    }

    fn tests(&self) -> impl Iterator<Item = Test<'_>> {
        self.statements().flat_map(|(version, statement)| {
            let tests = statement.condition().into_iter().flat_map(Condition::tests);
            tests.map(move |(operator, key, values)| Test {
                version,
                operator,
                key: key.as_str(),
                values,
            })
        })
    }

    fn not_resources(&self) -> impl Iterator<Item = (Version, &ResourcePattern)> {
        self.statements().flat_map(|(version, statement)| {
            let negated = statement
                .resources()
                .filter(|resources| resources.is_negated());
            let patterns = negated.map(Resources::patterns).unwrap_or_default();
            patterns.iter().map(move |pattern| (version, pattern))
        })
    }

    fn resources(&self) -> impl Iterator<Item = &str> {
        let lists = self
            .statements()
            .filter_map(|(_, statement)| statement.resources());
        lists.flat_map(|list| list.patterns().iter().map(ResourcePattern::as_str))
    }
}

impl Test<'_> {
    fn given<'a>(&self, case: &'a Case) -> Option<&'a ContextValue> {
        let given = case
            .context
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(self.key));
        given
            .map(|(_, value)| value)
            .filter(|value| !value.values().is_empty())
    }

    /// Returns the values of both sides.
    fn compared<'a>(&'a self, case: &'a Case) -> Vec<&'a str> {
        let given = self
            .given(case)
            .map(ContextValue::values)
            .unwrap_or_default();
        self.values
            .iter()
            .chain(given)
            .map(String::as_str)
            .collect()
    }

    /// Tells whether a value of the condition is of some kind.
    fn asks(&self, is: impl Fn(&str) -> bool) -> bool {
        self.values.iter().any(|value| is(value))
    }

    fn compares(&self, kind: &str) -> bool {
        self.operator.comparison().as_str().starts_with(kind)
    }

    fn is_text_without_wildcards(&self) -> bool {
        let comparison = self.operator.comparison().as_str();
        comparison.starts_with("String") && !comparison.ends_with("Like")
    }

    /// Tells whether a value has a variable that has none.
    fn has_null(&self, case: &Case) -> bool {
        let context = case.context();
        let is_null = |template: &Template| template.parts(&context).is_none();
        self.values.iter().any(|value| {
            match ConditionValue::read(self.operator.comparison(), value, self.version) {
                ConditionValue::Text(template)
                | ConditionValue::TextIgnoringCase(template)
                | ConditionValue::Arn(template) => is_null(&template),
                _ => false,
            }
        })
    }
}

fn has_escape(value: &str) -> bool {
    ["${*}", "${?}", "${$}"]
        .iter()
        .any(|escape| value.contains(escape))
}

fn ends_early(pattern: &ResourcePattern) -> bool {
    pattern.as_str() != "*" && pattern.as_str().matches(':').count() < 5
}
