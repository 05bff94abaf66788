"""Makes a user who may use IAM and nothing else, prints their access key, and lets moto look at permissions."""

import json
import os
import urllib.request

import boto3

iam = boto3.client("iam")
iam.create_user(UserName="iam-only")
iam.put_user_policy(
    UserName="iam-only", PolicyName="iam-only",
    PolicyDocument=json.dumps({
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": ["iam:*", "sts:GetCallerIdentity"], "Resource": "*"},
    }))
key = iam.create_access_key(UserName="iam-only")["AccessKey"]
# https://docs.getmoto.org/en/latest/docs/iam.html: so many more calls go without a look at permissions.
urllib.request.urlopen(urllib.request.Request(
    os.environ["AWS_ENDPOINT_URL"] + "/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}))
print(key["AccessKeyId"], key["SecretAccessKey"])
