mod caller;
mod enforcement;
mod labels;
mod open;
mod principals;
mod service_control;
mod state;
mod suggestions;
pub(crate) mod world;
