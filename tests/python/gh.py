"""Stands in for GitHub's `gh`: `gh api` with what the workflows use of it, on a repository that is a JSON file.

It refuses what the job's token may not do, and fails on what it doesn't know.
"""

import argparse
import json
import os
import re
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jq

STATE = Path(os.environ["FAKE_GITHUB"])
BOT = {"login": "github-actions[bot]"}
LONGEST = 65536


def fail(message):
    sys.exit(f"gh: {message}")


def may(*scopes):
    """Asks for one of the scopes, such as `issues: write`; what may be written may be read."""
    permissions = json.loads(os.environ["FAKE_PERMISSIONS"])
    granted = {f"{name}: {level}" for name, level in permissions.items()}
    granted |= {scope.replace("write", "read") for scope in granted}
    if not granted & set(scopes):
        fail(f"Resource not accessible by integration (HTTP 403): one of {scopes} is needed")


def parse():
    parser = argparse.ArgumentParser(prog="gh")
    parser.add_argument("command", choices=["api"])
    parser.add_argument("endpoint")
    parser.add_argument("--method")
    parser.add_argument("--jq")
    parser.add_argument("--paginate", action="store_true")
    parser.add_argument("--silent", action="store_true")
    parser.add_argument("--field", action="append", default=[])
    parser.add_argument("--raw-field", action="append", default=[])
    return parser.parse_args()


def fields(arguments):
    named = dict(field.split("=", 1) for field in arguments.raw_field)
    for field in arguments.field:
        name, value = field.split("=", 1)
        if not value.startswith("@"):
            fail(f"this knows fields of files only, not {field}")
        named[name] = Path(value[1:]).read_text()
    for value in named.values():
        if len(value) > LONGEST:
            fail("Validation Failed (HTTP 422): the body is too long")
    return named


def call(state, method, path, given):
    """Does one call, and returns what answers it."""
    issues = {issue["number"]: issue for issue in state["issues"]}
    comments = [comment for issue in issues.values() for comment in issue["comments"]]

    def writes(issue):
        may("pull-requests: write" if "pull_request" in issue else "issues: write")

    match (method, *path.split("/")):
        case ("GET", "commits", commit, "pulls"):
            may("pull-requests: read")
            return [issue for issue in issues.values() if issue.get("pull_request") == commit]
        case ("GET", "issues"):
            may("issues: read", "pull-requests: read")
            return [issue for issue in reversed(state["issues"]) if issue["state"] == "open"]
        case ("POST", "issues"):
            may("issues: write")
            issue = {"number": len(issues) + 1, "user": BOT, "state": "open", "comments": []}
            state["issues"].append(issue | {"title": given["title"], "body": given["body"]})
        case ("PATCH", "issues", "comments", id):
            comment = next(comment for comment in comments if str(comment["id"]) == id)
            writes(issues[comment["on"]])
            comment |= given
        case ("PATCH", "issues", number):
            writes(issues[int(number)])
            issues[int(number)] |= given
        case ("GET", "issues", number, "comments"):
            may("issues: read", "pull-requests: read")
            return issues[int(number)]["comments"]
        case ("POST", "issues", number, "comments"):
            writes(issues[int(number)])
            comment = {"id": len(comments) + 1, "on": int(number), "user": BOT, "body": given["body"]}
            issues[int(number)]["comments"].append(comment)
        case _:
            fail(f"Not Found (HTTP 404): {method} {path}")
    return {}


def main():
    if os.environ.get("GH_TOKEN") != "token of the job":
        fail("To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN environment variable.")
    arguments = parse()
    url = urlsplit(arguments.endpoint)
    path = re.fullmatch(r"repos/acme/aws-access/(.+)", url.path)
    given = fields(arguments)
    method = arguments.method or ("POST" if given else "GET")
    state = json.loads(STATE.read_text())
    answer = call(state, method, path[1] if path else fail(f"Not Found (HTTP 404): {url.path}"), given)
    STATE.write_text(json.dumps(state, indent=1))
    pages = [answer]
    if isinstance(answer, list):
        size = int(parse_qs(url.query).get("per_page", ["30"])[0])
        pages = [answer[at : at + size] for at in range(0, len(answer), size)] or [[]]
    for page in pages if arguments.paginate else pages[:1]:
        if not arguments.silent:
            for result in jq.compile(arguments.jq or ".").input_value(page):
                print(result if isinstance(result, str) else json.dumps(result))


main()
