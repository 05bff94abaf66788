"""Makes a bucket with an object in it: locked.py BUCKET KEY BODY. An empty body makes the bucket only."""

import os
import sys

import boto3

bucket, key, body = sys.argv[1:]
s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
s3.create_bucket(Bucket=bucket)
if body:
    s3.put_object(Bucket=bucket, Key=key, Body=body.encode())
