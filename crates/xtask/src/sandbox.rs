//! The table of the sandbox's operations in its documentation, from the sandbox itself.

use std::fmt::Write as _;
use std::fs;

use ::sandbox::OperationInfo;

use crate::cargo::Workspace;
use crate::step;

const PATH: &str = "docs/sandbox.md";
const START: &str = "<!-- operations: written by `cargo xtask docs` -->\n";
const END: &str = "<!-- end of operations -->\n";

/// Writes the table into the page.
///
/// # Errors
///
/// When the page can't be read or written, or has no place for the table.
pub(crate) fn write(workspace: &Workspace) -> step::Result {
    let path = workspace.root().join(PATH);
    let page = with_table(&fs::read_to_string(&path)?)?;
    Ok(fs::write(path, page)?)
}

/// Checks that the table in the page is what the sandbox says.
///
/// # Errors
///
/// When it isn't.
pub(crate) fn check(workspace: &Workspace) -> step::Result {
    let page = fs::read_to_string(workspace.root().join(PATH))?;
    if with_table(&page)? == page {
        Ok(())
    } else {
        Err(format!("{PATH} is out of date; run `cargo xtask docs`").into())
    }
}

/// Returns the page with the table as it should be.
fn with_table(page: &str) -> step::Result<String> {
    let parts = page
        .split_once(START)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let Some((before, after)) = parts else {
        return Err(format!("{PATH} has no place for the operations").into());
    };
    Ok(format!("{before}{START}{}\n{END}{after}", tables()))
}

/// Returns a table for each service.
fn tables() -> String {
    let operations = ::sandbox::operations();
    let services = [
        ("iam", "IAM"),
        ("sts", "STS"),
        ("cloudwatch", "CloudWatch"),
        ("logs", "CloudWatch Logs"),
        ("s3", "S3"),
        ("cloudtrail", "CloudTrail"),
    ];
    let tables = services.map(|(prefix, name)| {
        let of_service = operations.iter().filter(|it| it.service == prefix);
        table(name, &of_service.collect::<Vec<_>>())
    });
    tables.concat()
}

fn table(service: &str, operations: &[&OperationInfo]) -> String {
    let mut text = format!(
        "\n### {service}: {} operations\n\n| Operation | Unlike AWS |\n|---|---|\n",
        operations.len()
    );
    for operation in operations {
        // Writing to a string can't fail.
        let _ = writeln!(
            text,
            "| {} | {} |",
            operation.name,
            operation.unlike.unwrap_or_default()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_operation_of_the_sandbox() {
        check(&Workspace::find().unwrap()).unwrap();
    }

    #[test]
    fn every_operation_has_a_service_with_a_table() {
        let rows = tables()
            .lines()
            .filter(|line| line.starts_with("| ") && !line.starts_with("| Operation |"))
            .count();
        assert_eq!(rows, ::sandbox::operations().len());
    }
}
