mod enforcement;
mod labels;
mod open;
mod principals;
mod state;
mod world;
