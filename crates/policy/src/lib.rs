//! The IAM policy language: documents parsed, compared and printed.
