//! Workflows, scripts and other files that users copy, checked by the tools of those who read them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on fails"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mfactl_tests::{Emulator, Mfactl, Ran, Served, python, repository, succeeds};
use serde_json::Value;

/// Returns a program of the tests' Python environment, which finds the others.
fn tool(name: &str) -> Command {
    let python = python();
    let programs = Path::new(python.get_program()).parent().unwrap().to_owned();
    let mut command = Command::new(programs.join(name));
    command.env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
    command
}

fn yaml(file: &Path) -> Value {
    serde_yaml::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

fn workflows() -> Vec<PathBuf> {
    let folder = repository("examples/gitops/.github/workflows");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    files.collect()
}

#[test]
fn actionlint_and_shellcheck_find_nothing_in_the_workflows() {
    succeeds(tool("actionlint").args(workflows()));
    let folder = Mfactl::new(Vec::new());
    let broken = folder.folder().join("broken.yml");
    let plan = repository("examples/gitops/.github/workflows/plan.yml");
    let text = fs::read_to_string(plan).unwrap();
    let text = text.replace("runner.temp", "runner.tmp");
    let text = text.replace("\"$GITHUB_STEP_SUMMARY\"", "$GITHUB_STEP_SUMMARY");
    fs::write(&broken, text).unwrap();
    let found = Ran::from(tool("actionlint").arg(broken).output().unwrap()).ends_with(1);
    assert!(found.contains("\"tmp\" is not defined"), "{found}");
    assert!(found.contains("SC2086"), "shellcheck is asked: {found}");
}

#[test]
fn shellcheck_finds_nothing_in_the_action_and_the_scripts() {
    let action = yaml(&repository("action.yml"));
    let steps = action["runs"]["steps"].as_array().unwrap();
    let scripts: Vec<&str> = steps
        .iter()
        .filter_map(|step| step["run"].as_str())
        .collect();
    assert!(scripts.len() > 2);
    let folder = Mfactl::new(Vec::new());
    for (index, script) in scripts.iter().enumerate() {
        let file = folder.folder().join(format!("{index}.sh"));
        // So it is run.
        fs::write(&file, format!("set -eo pipefail\n{script}")).unwrap();
        succeeds(tool("shellcheck").args(["--shell", "bash"]).arg(file));
    }
    succeeds(tool("shellcheck").arg(repository("examples/gitops/roles/create.sh")));
}

/// Returns what the action takes from what mfactl prints: the summary and the digest.
fn taken_from(printed: &str) -> (String, String) {
    let action = yaml(&repository("action.yml"));
    let steps = action["runs"]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["id"] == "run").unwrap();
    let world = Mfactl::new(Vec::new());
    let folder = world.folder();
    fs::write(folder.join("printed"), printed).unwrap();
    let script = format!(
        "mfactl() {{ cat printed; }}\n{}",
        step["run"].as_str().unwrap()
    );
    let mut bash = Command::new("bash");
    bash.args(["-eo", "pipefail", "-c", &script])
        .current_dir(folder)
        .env("RUNNER_TEMP", folder)
        .env("GITHUB_OUTPUT", folder.join("taken"))
        .env("ARGS", "plan");
    succeeds(&mut bash);
    let taken = fs::read_to_string(folder.join("taken")).unwrap();
    let of = |name: &str| {
        let mut lines = taken.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        value.unwrap().to_owned()
    };
    (of("summary"), of("digest"))
}

#[test]
fn the_action_sums_up_text_and_markdown_alike_and_a_refusal_goes_first() {
    let plan = "Plan: 1 to add, 0 to change, 0 to destroy. Digest";
    for (printed, summary, digest) in [
        (
            format!("x\n\n{plan} 7d3a91.\nProofs: a ✓\n"),
            format!("{plan} 7d3a91."),
            "7d3a91",
        ),
        (
            format!("<!-- a -->\n### {plan} `7d3a91`.\n\nProofs: a ✓\n"),
            format!("{plan} `7d3a91`."),
            "7d3a91",
        ),
        (
            format!("{plan} 7d3a91.\nRefused for 2 reasons.\n"),
            "Refused for 2 reasons.".to_owned(),
            "7d3a91",
        ),
        (
            format!("<!-- a -->\n### `✗` Refused for 2 reasons.\n\n{plan} `7d3a91`.\n"),
            "Refused for 2 reasons.".to_owned(),
            "7d3a91",
        ),
        (
            "### `✗` Refused: this is not the plan that was reviewed.\n".to_owned(),
            "Refused: this is not the plan that was reviewed.".to_owned(),
            "",
        ),
        (
            format!("{plan} 7d3a91.\nApplied: 1 added.\n"),
            "Applied: 1 added.".to_owned(),
            "7d3a91",
        ),
        (
            "No changes. 1 object is as the spec says.\n".to_owned(),
            "No changes. 1 object is as the spec says.".to_owned(),
            "",
        ),
        ("something else\n".to_owned(), String::new(), ""),
    ] {
        assert_eq!(
            taken_from(&printed),
            (summary, digest.to_owned()),
            "{printed}"
        );
    }
}

#[test]
fn every_action_of_others_is_pinned_and_every_job_says_what_it_may() {
    for file in workflows() {
        let workflow = yaml(&file);
        assert_eq!(
            workflow["on"]["pull_request_target"],
            Value::Null,
            "{}",
            file.display()
        );
        for job in workflow["jobs"].as_object().unwrap().values() {
            assert!(job["permissions"].is_object());
            let steps = job["steps"].as_array().unwrap().iter();
            for action in steps.filter_map(|step| step["uses"].as_str()) {
                let (_, commit) = action.split_once('@').unwrap();
                assert!(commit.len() == 40, "{action} in {}", file.display());
            }
        }
    }
}

#[test]
fn the_roles_are_created_once_and_then_updated() {
    let moto = Emulator::moto();
    let folder = Mfactl::new(Vec::new());
    let aws = folder.folder().join("aws");
    let cli = "import sys, awscli.clidriver; sys.exit(awscli.clidriver.main())";
    let python = python();
    let script = format!(
        "#!/bin/sh\nexec {} -c '{cli}' \"$@\"\n",
        python.get_program().display()
    );
    fs::write(&aws, script).unwrap();
    succeeds(Command::new("chmod").arg("+x").arg(&aws));
    let create = || {
        let mut bash = Command::new("bash");
        bash.arg(repository("examples/gitops/roles/create.sh"))
            .envs(moto.environment())
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", folder.folder().display()),
            )
            .env("AWS_CONFIG_FILE", "/dev/null");
        succeeds(&mut bash)
    };
    assert!(create().contains("mfactl-apply is ready."));
    assert!(create().contains("mfactl-apply is ready."));
    let mut roles = Command::new(&aws);
    roles.args([
        "iam",
        "get-role-policy",
        "--role-name",
        "mfactl-apply",
        "--policy-name",
        "mfactl",
    ]);
    let policy = succeeds(
        roles
            .envs(moto.environment())
            .env("AWS_CONFIG_FILE", "/dev/null"),
    );
    let policy: Value = serde_json::from_str(&policy).unwrap();
    let written =
        fs::read_to_string(repository("examples/gitops/roles/apply-policy.json")).unwrap();
    let written: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(policy["PolicyDocument"], written);
}

/// Runs the script that creates roles with an AWS CLI that answers `list-roles` with what some lines of shell do, and returns
/// how it ended and the other calls that it made.
fn create_roles(list_roles: &str) -> (bool, Vec<String>) {
    let world = Mfactl::new(Vec::new());
    let (aws, calls) = (world.folder().join("aws"), world.folder().join("calls"));
    let script = format!(
        "#!/bin/bash\ncase $2 in list-roles) {list_roles} ;; list-*) ;; *) echo \"$2 $4\" >> '{}' ;; esac\n",
        calls.display()
    );
    fs::write(&aws, script).unwrap();
    succeeds(Command::new("chmod").arg("+x").arg(&aws));
    let mut bash = Command::new("bash");
    bash.arg(repository("examples/gitops/roles/create.sh"));
    bash.env(
        "PATH",
        format!("{}:/usr/bin:/bin", world.folder().display()),
    );
    let ended = bash.output().unwrap().status.success();
    let calls = fs::read_to_string(calls).unwrap_or_default();
    (ended, calls.lines().map(str::to_owned).collect())
}

#[test]
fn a_role_among_many_is_updated_and_no_other_is_taken_for_it() {
    // The AWS CLI writes a line for each page.
    let pages = r"seq -f 'other-%g' 1000 | paste -s; printf 'mfactl-apply-2\tmfactl-apply\tmy-mfactl-plan\n'";
    let (ended, calls) = create_roles(pages);
    assert!(ended);
    assert_eq!(
        calls,
        [
            "create-open-id-connect-provider https://token.actions.githubusercontent.com",
            "create-role mfactl-plan",
            "put-role-policy mfactl-plan",
            "update-assume-role-policy mfactl-apply",
            "put-role-policy mfactl-apply",
            "create-role mfactl-drift",
            "put-role-policy mfactl-drift",
        ]
    );
}

#[test]
fn no_role_is_made_where_the_roles_cannot_be_listed() {
    let (ended, calls) = create_roles("echo AccessDenied >&2; exit 254");
    assert!(!ended);
    assert_eq!(calls.len(), 1, "the provider: {calls:?}");
}

/// Runs a job's script as GitLab's runner does, in a folder with a spec, against a sandbox.
fn gitlab(folder: &Mfactl, sandbox: &Served, job: &str) -> Ran {
    let jobs = yaml(&repository("examples/gitlab/.gitlab-ci.yml"));
    let lines = [&jobs[".aws"]["before_script"], &jobs[job]["script"]];
    let lines = lines
        .into_iter()
        .flat_map(|lines| lines.as_array().unwrap());
    let script: Vec<&str> = lines.map(|line| line.as_str().unwrap()).collect();
    let path = format!(
        "{}:/usr/bin:/bin",
        Mfactl::path().parent().unwrap().display()
    );
    let mut bash = Command::new("bash");
    bash.args(["-eo", "pipefail", "-c", &script.join("\n")])
        .current_dir(folder.folder())
        .envs(sandbox.environment())
        .env("PATH", path)
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_TOKEN", "token");
    Ran::from(bash.output().unwrap())
}

#[test]
fn gitlab_plans_applies_and_looks_for_drift() {
    let folder = Mfactl::new(Vec::new());
    let spec = repository("examples/gitops/mfactl.yaml");
    fs::copy(spec, folder.folder().join("mfactl.yaml")).unwrap();
    let sandbox = Served::start(&folder, &[]);
    gitlab(&folder, &sandbox, "plan").ends_with(0);
    assert!(folder.folder().join("plan.html").exists());
    gitlab(&folder, &sandbox, "apply").ends_with(0);
    gitlab(&folder, &sandbox, "drift").ends_with(0);
    sandbox.iam("Action=DetachGroupPolicy&GroupName=people&PolicyArn=arn:aws:iam::123456789012:policy/enforce-mfa");
    let drift = gitlab(&folder, &sandbox, "drift").ends_with(2);
    assert!(
        drift.contains("- attachment/group:people:enforce-mfa"),
        "{drift}"
    );
    gitlab(&folder, &sandbox, "apply").ends_with(3);
}

#[test]
fn cron_says_nothing_where_there_is_no_drift() {
    let folder = Mfactl::new(Vec::new());
    let origin = folder.folder().join("origin");
    let spec = fs::read_to_string(repository("examples/gitops/mfactl.yaml")).unwrap();
    fs::create_dir(&origin).unwrap();
    fs::write(origin.join("mfactl.yaml"), spec).unwrap();
    let crontab = fs::read_to_string(repository("examples/cron/mfactl-drift")).unwrap();
    let line = crontab.lines().last().unwrap();
    let (_, command) = line.split_once(" mfactl ").unwrap();
    let shell = format!(
        "git init --quiet origin && git -C origin add . && git -C origin -c user.name=a -c user.email=a@b commit --quiet -m x && git clone --quiet origin clone && {}",
        command.replace("/srv/aws-access", "clone")
    );
    let sandbox = Served::start(&folder, &[]);
    let run = |script: &str| {
        let path = format!(
            "{}:/usr/local/bin:/usr/bin:/bin",
            Mfactl::path().parent().unwrap().display()
        );
        let mut bash = Command::new("sh");
        bash.args(["-c", script])
            .current_dir(folder.folder())
            .envs(sandbox.environment())
            .env("PATH", path)
            .env("AWS_CONFIG_FILE", "/dev/null");
        Ran::from(bash.output().unwrap())
    };
    let drift = run(&shell).ends_with(2);
    assert!(drift.contains("- group/people"), "{drift}");
    run("cd clone && mfactl apply --auto-approve --settle 0").ends_with(0);
    let quiet = run(&command.replace("/srv/aws-access", "clone"));
    assert_eq!(
        (quiet.code, quiet.stdout + &quiet.stderr),
        (0, String::new())
    );
}

#[test]
fn systemd_takes_the_units() {
    let folder = Mfactl::new(Vec::new());
    let mut units = Vec::new();
    for name in ["mfactl-drift.service", "mfactl-drift.timer"] {
        let unit = fs::read_to_string(repository("examples/systemd").join(name)).unwrap();
        let unit = unit.replace(
            "/usr/local/bin/mfactl",
            &Mfactl::path().display().to_string(),
        );
        // What a machine without git at its usual place would complain of.
        let unit = unit.replace("/usr/bin/git", "/bin/true");
        let file = folder.folder().join(name);
        fs::write(&file, unit).unwrap();
        units.push(file);
    }
    // A machine without systemd can't tell.
    if let Ok(output) = Command::new("systemd-analyze")
        .arg("verify")
        .args(units)
        .output()
    {
        let ran = Ran::from(output);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    }
}
