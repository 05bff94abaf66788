mod enforcement;
mod open;
mod principals;
mod state;
mod world;
