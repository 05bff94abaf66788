"""Objects and conditions on them. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html"""

import threading

import pytest
from botocore.exceptions import ClientError

from aws import refused

KEY = "locks/mfactl.lock"


@pytest.fixture
def s3(client):
    return client("s3")


@pytest.fixture
def bucket(s3, account):
    name = f"locks-{account}"
    s3.create_bucket(Bucket=name)
    return name


def put(s3, bucket, body=b"mine", key=KEY, **more):
    return s3.put_object(Bucket=bucket, Key=key, Body=body, **more)["ETag"]


def read(s3, bucket, key=KEY):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def test_an_object_is_got_as_it_was_put(s3, bucket):
    tag = put(s3, bucket, ContentType="application/json", Metadata={"holder": "alice"})
    found = s3.get_object(Bucket=bucket, Key=KEY)
    assert found["Body"].read() == b"mine"
    assert (found["ETag"], found["ContentType"], found["ContentLength"]) == (tag, "application/json", 4)
    assert found["Metadata"] == {"holder": "alice"}
    head = s3.head_object(Bucket=bucket, Key=KEY)
    assert (head["ETag"], head["LastModified"]) == (tag, found["LastModified"])


@pytest.mark.parametrize("key", ["a b", "ä/ö", "a+b", "a%2Fb", "a//b", "é?x=1"])
def test_a_key_may_have(s3, bucket, key):
    put(s3, bucket, key=key)
    assert read(s3, bucket, key) == b"mine"


def test_putting_an_object_replaces_it(s3, bucket):
    first = put(s3, bucket)
    assert put(s3, bucket, b"yours") != first
    assert read(s3, bucket) == b"yours"


def test_what_is_there_is_not_written_over_if_nothing_may_be_there(s3, bucket):
    put(s3, bucket, IfNoneMatch="*")
    with refused("PreconditionFailed"):
        put(s3, bucket, b"yours", IfNoneMatch="*")
    assert read(s3, bucket) == b"mine"


def test_of_many_who_write_if_nothing_is_there_one_does(client, s3, bucket):
    done = []

    def write(number):
        try:
            put(client("s3"), bucket, str(number).encode(), IfNoneMatch="*")
            done.append(number)
        except ClientError as error:
            assert error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict")

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner, = done
    assert read(s3, bucket) == str(winner).encode()


def test_an_object_is_written_over_if_it_is_the_one(s3, bucket):
    first = put(s3, bucket)
    second = put(s3, bucket, b"yours", IfMatch=first)
    with refused("PreconditionFailed"):
        put(s3, bucket, b"theirs", IfMatch=first)
    put(s3, bucket, b"theirs", IfMatch=second)
    assert read(s3, bucket) == b"theirs"


def test_what_is_not_there_is_not_the_one(s3, bucket):
    with refused("NoSuchKey"):
        put(s3, bucket, IfMatch='"0123456789abcdef0123456789abcdef"')


def test_an_object_is_deleted_if_it_is_the_one(s3, bucket):
    first = put(s3, bucket)
    second = put(s3, bucket, b"yours")
    with refused("PreconditionFailed"):
        s3.delete_object(Bucket=bucket, Key=KEY, IfMatch=first)
    assert read(s3, bucket) == b"yours"
    answer = s3.delete_object(Bucket=bucket, Key=KEY, IfMatch=second)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("NoSuchKey"):
        read(s3, bucket)


def test_what_is_not_there_is_deleted_without_a_condition_only(s3, bucket):
    s3.delete_object(Bucket=bucket, Key=KEY)
    with refused("NoSuchKey"):
        s3.delete_object(Bucket=bucket, Key=KEY, IfMatch='"0123456789abcdef0123456789abcdef"')


def test_after_it_is_deleted_it_may_be_put_again(s3, bucket):
    put(s3, bucket, IfNoneMatch="*")
    s3.delete_object(Bucket=bucket, Key=KEY)
    put(s3, bucket, IfNoneMatch="*")


def test_an_object_is_read_if_it_is_the_one_or_another(s3, bucket):
    first = put(s3, bucket)
    assert s3.get_object(Bucket=bucket, Key=KEY, IfMatch=first)["ETag"] == first
    with refused("304"):
        s3.get_object(Bucket=bucket, Key=KEY, IfNoneMatch=first)
    put(s3, bucket, b"yours")
    with refused("PreconditionFailed"):
        s3.get_object(Bucket=bucket, Key=KEY, IfMatch=first)
    assert s3.get_object(Bucket=bucket, Key=KEY, IfNoneMatch=first)["ContentLength"] == 5


def test_what_is_not_there_is_not_found(s3, bucket, account):
    with refused("NoSuchKey"):
        read(s3, bucket)
    with refused("404"):
        s3.head_object(Bucket=bucket, Key=KEY)
    for call in (s3.put_object, s3.get_object, s3.delete_object):
        with refused("NoSuchBucket"):
            call(Bucket=f"none-{account}", Key=KEY)


def test_a_body_that_is_not_what_was_sent_is_refused(s3, bucket):
    with refused("BadDigest"):
        put(s3, bucket, ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
    with refused("BadDigest"):
        put(s3, bucket, ChecksumCRC32="AAAAAA==")


def test_a_key_has_1024_bytes_at_most(s3, bucket):
    put(s3, bucket, key="k" * 1024)
    with refused("KeyTooLongError"):
        put(s3, bucket, key="k" * 1025)


@pytest.mark.parametrize("name", ["-a-bucket", "a..bucket", "192.168.5.4"])
def test_a_bucket_may_not_be_named(s3, name):
    with refused("InvalidBucketName"):
        s3.create_bucket(Bucket=name)


def test_a_bucket_is_in_one_region(s3, account, bucket):
    with refused("IllegalLocationConstraintException"):
        s3.create_bucket(Bucket=f"eu-{account}", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    assert s3.head_bucket(Bucket=bucket)["BucketRegion"] == "us-east-1"
