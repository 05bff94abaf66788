"""Customer managed policies and their versions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import re
import urllib.parse

import pytest

from aws import ALLOW, TRUST, airy, allow, document, pages, refused, sized


@pytest.fixture
def policy(iam):
    return iam.create_policy(PolicyName="read", PolicyDocument=ALLOW)["Policy"]["Arn"]


def versions(iam, policy):
    """Returns the versions, the default one with a star; AWS doesn't say in which order it lists them."""
    found = iam.list_policy_versions(PolicyArn=policy)["Versions"]
    return sorted(version["VersionId"] + "*" * version["IsDefaultVersion"] for version in found)


def test_a_policy_has_an_id_an_arn_and_a_first_version(iam, account):
    made = iam.create_policy(PolicyName="read", Path="/teams/", PolicyDocument=ALLOW, Description="Reads.")["Policy"]
    assert re.fullmatch("ANPA[A-Z0-9]{16,}", made["PolicyId"])
    assert made["Arn"] == f"arn:aws:iam::{account}:policy/teams/read"
    found = iam.get_policy(PolicyArn=made["Arn"])["Policy"]
    assert {key: found[key] for key in ("DefaultVersionId", "AttachmentCount", "IsAttachable", "Description")} == {
        "DefaultVersionId": "v1", "AttachmentCount": 0, "IsAttachable": True, "Description": "Reads."}


def test_policy_names_are_unique_without_regard_to_case_and_path(iam, policy):
    with refused("EntityAlreadyExists"):
        iam.create_policy(PolicyName="READ", Path="/other/", PolicyDocument=ALLOW)


def test_a_policy_that_does_not_exist_is_not_found(iam, account):
    with refused("NoSuchEntity"):
        iam.get_policy(PolicyArn=f"arn:aws:iam::{account}:policy/none")


def test_the_description_is_not_in_the_list_of_policies(iam):
    iam.create_policy(PolicyName="read", PolicyDocument=ALLOW, Description="Reads.")
    assert "Description" not in iam.list_policies(Scope="Local")["Policies"][0]


@pytest.mark.parametrize("text", [
    pytest.param("{", id="no JSON"),
    pytest.param('{"Version": "2012-10-17"}', id="no statement"),
    pytest.param(document({"Action": "s3:*", "Resource": "*"}), id="no effect"),
    pytest.param(document({"Effect": "allow", "Action": "s3:*", "Resource": "*"}), id="an effect in lower case"),
    pytest.param(document({"Effect": "Allow", "Resource": "*"}), id="no action"),
    pytest.param(document({"Effect": "Allow", "Action": "s3:*"}), id="no resource"),
    pytest.param(document(allow("GetObject")), id="an action without a service"),
    pytest.param(document(allow(resource="bucket")), id="a resource that is no ARN"),
    pytest.param(document(allow(Principal="*")), id="a principal"),
    pytest.param(document(allow(Sid="a b")), id="a Sid with a space"),
    pytest.param(document(allow(Sid="a"), allow(Sid="a")), id="a Sid twice"),
    pytest.param(document(allow(Colour="red")), id="an unknown element"),
    pytest.param(document(allow(Condition={"Likes": {"aws:username": "a"}})), id="an unknown operator"),
    pytest.param(document(allow(), Version="2020-01-01"), id="an unknown version"),
    pytest.param(document(allow(NotAction="s3:*")), id="Action and NotAction"),
])
def test_a_policy_is_refused_for(iam, text):
    with refused("MalformedPolicyDocument"):
        iam.create_policy(PolicyName="bad", PolicyDocument=text)


@pytest.mark.parametrize("text", [
    pytest.param('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}', id="one statement, no version"),
    pytest.param(document({"Effect": "Deny", "NotAction": ["iam:*"], "NotResource": "arn:aws:s3:::b/*"}), id="Not"),
    pytest.param(document(allow(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})), id="a condition"),
    pytest.param(document(allow(), Id="mine"), id="an Id"),
])
def test_a_policy_may_have(iam, text):
    arn = iam.create_policy(PolicyName="good", PolicyDocument=text)["Policy"]["Arn"]
    iam.get_policy_version(PolicyArn=arn, VersionId="v1")


def test_a_policy_has_6144_characters_at_most(iam):
    iam.create_policy(PolicyName="longest", PolicyDocument=sized(6144))
    with refused("LimitExceeded"):
        iam.create_policy(PolicyName="longer", PolicyDocument=sized(6145))


def test_white_space_of_a_policy_is_not_counted(iam):
    iam.create_policy(PolicyName="airy", PolicyDocument=airy(sized(6144)))


def test_a_version_is_the_default_only_when_asked_for(iam, policy):
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=ALLOW)
    assert versions(iam, policy) == ["v1*", "v2"]
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=ALLOW, SetAsDefault=True)
    assert versions(iam, policy) == ["v1", "v2", "v3*"]
    assert iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"] == "v3"


def test_the_default_version_is_set(iam, policy):
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=ALLOW)
    iam.set_default_policy_version(PolicyArn=policy, VersionId="v2")
    assert versions(iam, policy) == ["v1", "v2*"]
    with refused("NoSuchEntity"):
        iam.set_default_policy_version(PolicyArn=policy, VersionId="v7")


def test_a_sixth_version_is_over_the_limit(iam, policy):
    for _ in range(4):
        iam.create_policy_version(PolicyArn=policy, PolicyDocument=ALLOW)
    with refused("LimitExceeded"):
        iam.create_policy_version(PolicyArn=policy, PolicyDocument=ALLOW)


def test_numbers_of_versions_go_on(iam, policy):
    for _ in range(4):
        iam.create_policy_version(PolicyArn=policy, PolicyDocument=ALLOW)
    iam.delete_policy_version(PolicyArn=policy, VersionId="v5")
    made = iam.create_policy_version(PolicyArn=policy, PolicyDocument=ALLOW)["PolicyVersion"]
    assert made["VersionId"] == "v6"


def test_the_default_version_is_not_deleted(iam, policy):
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=ALLOW, SetAsDefault=True)
    with refused("DeleteConflict"):
        iam.delete_policy_version(PolicyArn=policy, VersionId="v2")
    iam.delete_policy_version(PolicyArn=policy, VersionId="v1")
    assert versions(iam, policy) == ["v2*"]


def test_a_version_that_does_not_exist_is_not_found(iam, policy):
    with refused("NoSuchEntity"):
        iam.get_policy_version(PolicyArn=policy, VersionId="v2")


def test_a_malformed_version_is_refused(iam, policy):
    with refused("MalformedPolicyDocument"):
        iam.create_policy_version(PolicyArn=policy, PolicyDocument="{}")


def test_the_document_of_a_version_is_as_it_was_given(iam):
    given = document(allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::büro/${aws:username}/*", Sid="Own"))
    arn = iam.create_policy(PolicyName="own", PolicyDocument=given)["Policy"]["Arn"]
    found = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
    assert document(*found["Statement"]) == given


def test_a_policy_with_more_than_one_version_is_not_deleted(iam, policy):
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=ALLOW)
    with refused("DeleteConflict"):
        iam.delete_policy(PolicyArn=policy)
    iam.delete_policy_version(PolicyArn=policy, VersionId="v2")
    iam.delete_policy(PolicyArn=policy)
    with refused("NoSuchEntity"):
        iam.get_policy(PolicyArn=policy)


def attach(iam, policy, kind):
    """Attaches a policy to a new user, group or role."""
    create = {"user": {}, "group": {}, "role": {"AssumeRolePolicyDocument": TRUST}}[kind]
    name = {f"{kind.title()}Name": f"a-{kind}"}
    getattr(iam, f"create_{kind}")(**name, **create)
    getattr(iam, f"attach_{kind}_policy")(**name, PolicyArn=policy)


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_a_policy_is_not_deleted_while_attached_to_a(iam, policy, kind):
    attach(iam, policy, kind)
    with refused("DeleteConflict"):
        iam.delete_policy(PolicyArn=policy)


def test_a_policy_is_not_deleted_while_it_is_a_boundary(iam, policy):
    iam.create_user(UserName="alice", PermissionsBoundary=policy)
    with refused("DeleteConflict"):
        iam.delete_policy(PolicyArn=policy)


def test_a_policy_counts_its_attachments_and_its_use_as_a_boundary(iam, policy):
    attach(iam, policy, "user")
    attach(iam, policy, "group")
    iam.create_user(UserName="limited", PermissionsBoundary=policy)
    found = iam.get_policy(PolicyArn=policy)["Policy"]
    assert (found["AttachmentCount"], found["PermissionsBoundaryUsageCount"]) == (2, 1)


def test_the_entities_of_a_policy_are_listed_by_kind(iam, policy):
    for kind in ("user", "group", "role"):
        attach(iam, policy, kind)
    found = iam.list_entities_for_policy(PolicyArn=policy)
    assert [[item[name] for item in found[key]] for key, name in [
        ("PolicyUsers", "UserName"), ("PolicyGroups", "GroupName"), ("PolicyRoles", "RoleName")]
    ] == [["a-user"], ["a-group"], ["a-role"]]
    only = iam.list_entities_for_policy(PolicyArn=policy, EntityFilter="Group")
    assert (len(only["PolicyUsers"]), len(only["PolicyGroups"]), len(only["PolicyRoles"])) == (0, 1, 0)


def test_the_entities_of_a_policy_are_listed_by_use(iam, policy):
    attach(iam, policy, "user")
    iam.create_user(UserName="limited", PermissionsBoundary=policy)
    found = iam.list_entities_for_policy(PolicyArn=policy, PolicyUsageFilter="PermissionsBoundary")
    assert [user["UserName"] for user in found["PolicyUsers"]] == ["limited"]


def test_policies_are_listed_by_scope_path_and_attachment(iam, policy):
    other = iam.create_policy(PolicyName="write", Path="/teams/", PolicyDocument=ALLOW)["Policy"]["Arn"]
    attach(iam, policy, "user")

    def found(**filters):
        return sorted(item["Arn"] for item in iam.list_policies(Scope="Local", **filters)["Policies"])

    assert found() == sorted([policy, other])
    assert found(PathPrefix="/teams/") == [other]
    assert found(OnlyAttached=True) == [policy]


def test_policies_are_listed_in_pages(iam):
    for number in range(3):
        iam.create_policy(PolicyName=f"policy-{number}", PolicyDocument=ALLOW)
    found = pages(iam.list_policies, "Policies", Scope="Local", MaxItems=2)
    assert [len(page) for page in found] == [2, 1]


@pytest.mark.parametrize("name", ["AdministratorAccess", "ReadOnlyAccess", "IAMUserChangePassword", "SecurityAudit"])
def test_aws_has_a_managed_policy(iam, name):
    arn = f"arn:aws:iam::aws:policy/{name}"
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    assert found["PolicyName"] == name
    version = iam.get_policy_version(PolicyArn=arn, VersionId=found["DefaultVersionId"])["PolicyVersion"]
    assert version["Document"]["Statement"]


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 129], ids=["empty", "space", "slash", "129 characters"])
def test_a_policy_may_not_be_named(iam, name):
    with refused("ValidationError"):
        iam.create_policy(PolicyName=name, PolicyDocument=ALLOW)


def test_documents_come_url_encoded(iam):
    text = document(allow(resource="arn:aws:s3:::a+b/*"))
    arn = iam.create_policy(PolicyName="read", PolicyDocument=text)["Policy"]["Arn"]
    bodies = []
    iam.meta.events.register("before-parse.iam.GetPolicyVersion", lambda response_dict, **_: bodies.append(response_dict["body"]))
    iam.get_policy_version(PolicyArn=arn, VersionId="v1")
    assert urllib.parse.quote(text, safe="") in bodies[0].decode()
