//! The planner: desired state and snapshot to an ordered plan.
