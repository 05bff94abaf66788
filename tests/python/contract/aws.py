"""What the tests say often: documents, refusals, pages, and the credential report."""

import contextlib
import csv
import io
import json

import pytest
from botocore.exceptions import ClientError


def document(*statements, **elements):
    """Returns an identity policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **elements})


def allow(action="s3:GetObject", resource="*", **elements):
    """Returns a statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def sized(size):
    """Returns a policy of exactly so many characters, white space not counted."""
    shortest = len(document(allow(resource="arn:aws:s3:::")).replace(" ", ""))
    return document(allow(resource="arn:aws:s3:::" + "x" * (size - shortest)))


def airy(text):
    """Returns JSON with more white space."""
    return text.replace('": ', '" :\n\t ')


ALLOW = document(allow())
TRUST = document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
PASSWORD = "Correct-Horse-9"


@contextlib.contextmanager
def refused(*codes):
    """Asserts that a call is refused with one of the codes, as the service's model spells it."""
    with pytest.raises(ClientError) as caught:
        yield
    code = caught.value.response["Error"]["Code"]
    assert code in codes, caught.value


def pages(call, key, *, more="Marker", **parameters):
    """Returns the pages of a list, each as a list, by following the tokens; fails at more than a hundred."""
    found = []
    for _ in range(100):
        answer = call(**parameters)
        found.append(answer[key])
        if more not in answer:
            return found
        parameters[more] = answer[more]
    raise AssertionError(f"the pages don't end: {found}")


def credential_report(iam):
    """Returns the rows of a new credential report by user."""
    iam.generate_credential_report()
    iam.generate_credential_report()
    found = iam.get_credential_report()
    assert found["ReportFormat"] == "text/csv"
    return {row["user"]: row for row in csv.DictReader(io.StringIO(found["Content"].decode()))}
