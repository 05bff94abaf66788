"""Prints the serial numbers of a user's MFA devices."""

import sys

import boto3

devices = boto3.client("iam").list_mfa_devices(UserName=sys.argv[1])["MFADevices"]
print([device["SerialNumber"] for device in devices])
