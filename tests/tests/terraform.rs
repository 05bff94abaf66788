//! The sandbox by Terraform: `terraform/main.tf` is applied, planned again without changes, and destroyed.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use mfactl_tests::{Mfactl, Served, repository, terraform_file};

/// Runs Terraform in a folder, with a sandbox for its AWS and nothing to reach beyond this machine.
struct Terraform {
    folder: Mfactl,
    sandbox: Served,
}

#[expect(clippy::unwrap_used, reason = "a test that can't go on fails")]
impl Terraform {
    fn new() -> Self {
        let folder = Mfactl::new(Vec::new());
        let main = repository("tests/terraform/main.tf");
        fs::copy(main, folder.folder().join("main.tf")).unwrap();
        mirror(&folder.folder().join("mirror"));
        let sandbox = Served::start(&folder, &["--listen", "127.0.0.1:0"]);
        Self { folder, sandbox }
    }

    /// Runs a command, for five minutes at most, and returns what it prints.
    #[track_caller]
    fn run(&self, words: &str) -> String {
        let environment = self.sandbox.environment();
        let endpoint = environment.iter().find(|it| it.0 == "AWS_ENDPOINT_URL");
        let mut command = Command::new("timeout");
        command
            .args(["--signal=INT", "--kill-after=20", "300"])
            .arg(terraform_file("bin/terraform"))
            .args(words.split_whitespace())
            .args(["-no-color", "-input=false"])
            .current_dir(self.folder.folder())
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.folder())
            .env("CHECKPOINT_DISABLE", "1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("TF_VAR_endpoint", &endpoint.unwrap().1)
            .envs(environment);
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().unwrap();
        let printed = String::from_utf8_lossy(&stdout).into_owned();
        let said = String::from_utf8_lossy(&stderr);
        assert!(
            status.success(),
            "terraform {words}: {status}\n{printed}\n{said}"
        );
        printed
    }
}

/// Makes a folder that Terraform takes for the registry, with the provider in it.
#[expect(clippy::panic, reason = "a test that can't go on fails")]
fn mirror(folder: &Path) {
    const ZIP: &str = "terraform-provider-aws_3.39.0_linux_amd64.zip";
    let python = fs::read_dir(terraform_file("lib"))
        .ok()
        .and_then(|mut versions| versions.next()?.ok());
    let packages = python.map(|python| python.path().join("site-packages"));
    let zip = packages.map(|it| it.join("cloudrail/terraform_plugins").join(ZIP));
    let Some(zip) = zip.filter(|zip| zip.exists()) else {
        panic!("{ZIP} is missing in target/terraform: `cargo xtask setup` brings it");
    };
    let provider = folder.join("registry.terraform.io/hashicorp/aws");
    let made = fs::create_dir_all(&provider).and_then(|()| fs::copy(&zip, provider.join(ZIP)));
    made.unwrap_or_else(|error| panic!("{}: {error}", provider.display()));
}

/// Imports what Terraform built, which leaves nothing to change.
#[track_caller]
fn imported(Terraform { folder, sandbox }: &Terraform) {
    let run = |words: &[&str]| folder.run_in(sandbox.environment(), words).ends_with(0);
    run(&["import", "--out", "all.yaml"]);
    let plan = run(&["plan", "--detailed-exitcode", "-f", "all.yaml"]);
    assert!(plan.contains("No changes."), "{plan}");
}

#[test]
#[cfg_attr(
    not(all(target_os = "linux", target_arch = "x86_64")),
    ignore = "PyPI has Terraform's AWS provider for Linux on x86-64 only"
)]
fn what_terraform_applies_it_plans_without_changes_and_destroys() {
    let terraform = Terraform::new();
    let users = || terraform.sandbox.iam("Action=ListUsers");
    terraform.run("init -plugin-dir=mirror");
    let applied = terraform.run("apply -auto-approve");
    assert!(
        applied.contains("Apply complete! Resources: 21 added, 0 changed, 0 destroyed."),
        "{applied}"
    );
    assert!(users().contains("<UserName>alice</UserName>"));
    // It ends with 2 if there is anything to change.
    terraform.run("plan -detailed-exitcode");
    imported(&terraform);
    let destroyed = terraform.run("destroy -auto-approve");
    assert!(
        destroyed.contains("Destroy complete! Resources: 21 destroyed."),
        "{destroyed}"
    );
    assert!(!users().contains("<UserName>"));
}
