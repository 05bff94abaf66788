"""Prints the AWS-managed policies that moto has, each as a line of JSON: its name and its document's text."""

import json

from moto.iam.aws_managed_policies import aws_managed_policies_data

for name, policy in json.loads(aws_managed_policies_data).items():
    print(json.dumps([name, json.dumps(policy["Document"])]))
