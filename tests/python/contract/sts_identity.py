"""Who calls. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""


def test_the_administrator_is_the_accounts_root(sts, account):
    found = sts.get_caller_identity()
    assert (found["Account"], found["Arn"]) == (account, f"arn:aws:iam::{account}:root")


def test_an_access_key_is_its_users(iam, client, account):
    user = iam.create_user(UserName="alice", Path="/people/")["User"]
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    found = client("sts", key["AccessKeyId"], key["SecretAccessKey"]).get_caller_identity()
    assert (found["Account"], found["Arn"], found["UserId"]) == (account, user["Arn"], user["UserId"])
