//! The executor: applies a plan, and nothing but the plan.
