//! The CloudWatch Logs filter pattern language: parsed and matched.
