//! The spec: YAML to desired state, with every check that needs no AWS.
