//! The documents in force for a principal.

use crate::document::{Document, Version};
use crate::evaluate::{Layer, Source};
use crate::statement::{Effect, Statement};

/// Holds the documents in force for a principal, by what each of them can do.
#[derive(Clone, Debug, Default)]
pub struct Layers<'a> {
    /// Those that grant: attached and inline policies, of the principal itself and of its groups.
    pub identity: Vec<&'a Document>,
    /// The permissions boundary, if there is one.
    pub boundary: Option<&'a Document>,
    /// The service control policies of each level of the organization, where they are known.
    pub service_control: Vec<Vec<&'a Document>>,
}

/// Holds a statement in force with its place.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// Where it is.
    pub source: Source,
    /// The statement.
    pub statement: &'a Statement,
}

/// Holds a statement that requests are compared with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) statement: &'a Statement,
    /// The version of the language that its document is written in.
    pub(crate) version: Version,
    pub(crate) home: Home,
}

/// Says what a statement is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// It is in force.
    InForce(Source),
    /// It is of the set with this place, and names requests.
    Set(usize),
}

impl<'a> Layers<'a> {
    pub(crate) fn entries(&self) -> Vec<Entry<'a>> {
        let Self {
            identity,
            boundary,
            service_control,
        } = self;
        let mut layers = vec![
            (Layer::Identity, identity.as_slice()),
            (Layer::Boundary, boundary.as_slice()),
        ];
        let levels = service_control.iter().enumerate();
        layers.extend(
            levels.map(|(level, documents)| (Layer::ServiceControl(level), documents.as_slice())),
        );
        let mut entries = Vec::new();
        for (layer, documents) in layers {
            for (policy, document) in documents.iter().enumerate() {
                let home = |statement| {
                    Home::InForce(Source {
                        layer,
                        policy,
                        statement,
                    })
                };
                entries.extend(Entry::of_document(document, home));
            }
        }
        entries
    }
}

impl<'a> Entry<'a> {
    /// Lists the statements of a document, each with the home that its place in the document gives it.
    pub(crate) fn of_document(
        document: &'a Document,
        home: impl Fn(usize) -> Home,
    ) -> impl Iterator<Item = Self> {
        let version = document.version();
        let statements = document.statements().enumerate();
        statements.map(move |(index, statement)| Self {
            statement,
            version,
            home: home(index),
        })
    }

    /// Returns the layer of a statement in force.
    pub(crate) fn layer(&self) -> Option<Layer> {
        match self.home {
            Home::InForce(source) => Some(source.layer),
            Home::Set(_) => None,
        }
    }

    /// Returns the statement with its place, if it is in force.
    pub(crate) fn placed(&self) -> Option<Placed<'a>> {
        match self.home {
            Home::InForce(source) => Some(Placed {
                source,
                statement: self.statement,
            }),
            Home::Set(_) => None,
        }
    }

    pub(crate) fn allows(&self) -> bool {
        self.statement.effect() == Effect::Allow
    }
}
