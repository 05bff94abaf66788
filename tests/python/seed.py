"""Prints the seed of a virtual MFA device, which moto tells and AWS doesn't."""

import base64
import sys

import boto3

for device in boto3.client("iam").list_virtual_mfa_devices()["VirtualMFADevices"]:
    if device["SerialNumber"].endswith(f":mfa/{sys.argv[1]}"):
        seed = device["Base32StringSeed"]  # boto3 decodes Base64, which AWS wraps the seed in
        print(seed.decode() if isinstance(seed, bytes) else base64.b64decode(seed).decode())
