#!/usr/bin/env bash
# Creates the roles that the workflows assume, or makes them again what the files beside this say. For an administrator of
# account 123456789012, with the AWS CLI. GitHub's identity provider is added to the account if it isn't there.
set -euo pipefail
cd "$(dirname "$0")"

provider=arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com
# What is there is read first and whole: a list that can't be read ends this, and isn't an empty one.
providers=$(aws iam list-open-id-connect-providers --output text)
if ! grep --quiet --fixed-strings "$provider" <<< "$providers"; then
  aws iam create-open-id-connect-provider \
    --url https://token.actions.githubusercontent.com --client-id-list sts.amazonaws.com
fi

roles=$(aws iam list-roles --query 'Roles[].RoleName' --output text | tr '\t' '\n')
for name in plan apply drift; do
  role=mfactl-$name
  if grep --quiet --line-regexp "$role" <<< "$roles"; then
    aws iam update-assume-role-policy --role-name "$role" --policy-document "file://$name-trust.json"
  else
    aws iam create-role --role-name "$role" --description "mfactl $name, in GitHub Actions" \
      --assume-role-policy-document "file://$name-trust.json" > /dev/null
  fi
  aws iam put-role-policy --role-name "$role" --policy-name mfactl --policy-document "file://$name-policy.json"
  echo "$role is ready."
done
