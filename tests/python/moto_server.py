"""Serves moto on a free port of 127.0.0.1, prints the port, and ends when its standard input does.

moto doesn't speak to CloudWatch as the Rust SDK does (rpc-v2-cbor), but as boto3 does (awsJson 1.0): requests are
translated on the way in, and their answers on the way out. A refusal for want of permission is XML whatever was
spoken; it becomes JSON too. An access key of twelve digits stands for that account, as in the sandbox.
https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
"""

import datetime
import io
import json
import os
import re
import sys
import threading
import xml.etree.ElementTree

# moto reads this when it is imported: without it the policies that AWS manages don't exist, with it every account is slow.
if "--aws-policies" in sys.argv:
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

import botocore.session
import cbor2
from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

MAX_BODY = 1 << 20  # bytes; a dashboard is the largest thing that is sent
ACCOUNT = re.compile(r"Credential=(\d{12})/")
OPERATION = re.compile(r"/service/(\w+)/operation/(\w+)")
CLOUDWATCH = botocore.session.get_session().get_service_model("cloudwatch")


class Translator:
    """Wraps moto's WSGI application, one request at a time: it isn't made for two at once."""

    def __init__(self, moto):
        self.moto = moto
        self.turn = threading.Lock()

    def __call__(self, environ, start_response):
        operation = OPERATION.fullmatch(environ["PATH_INFO"])
        if account := ACCOUNT.search(environ.get("HTTP_AUTHORIZATION", "")):
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = account[1]
        with self.turn:
            if operation:
                status, headers, body = self.in_cbor(environ, *operation.groups())
            elif "HTTP_X_AMZ_TARGET" in environ:
                status, headers, body = self.in_json(environ)
            else:
                status, headers, body = self.ask(environ)
        kept = [pair for pair in headers if pair[0].lower() != "content-length"]
        start_response(status, [*kept, ("Content-Length", str(len(body)))])
        return [body]

    def ask(self, environ):
        """Returns status, headers and body of moto's answer."""
        started = []
        body = b"".join(self.moto(environ, lambda status, headers, exc_info=None: started.extend((status, headers))))
        return *started, body

    def in_json(self, environ):
        status, headers, body = self.ask(environ)
        if not body.startswith(b"<?xml"):
            return status, headers, body
        error = xml.etree.ElementTree.fromstring(body).find(".//Error")
        answer = {"__type": error.findtext("Code") + "Exception", "message": error.findtext("Message")}
        return status, [("Content-Type", "application/x-amz-json-1.1")], json.dumps(answer).encode()

    def in_cbor(self, environ, service, name):
        body = environ["wsgi.input"].read(min(int(environ.get("CONTENT_LENGTH") or 0), MAX_BODY))
        body = json.dumps(cbor2.loads(body), default=seconds).encode()
        status, headers, body = self.in_json(environ | {
            "PATH_INFO": "/",
            "CONTENT_TYPE": "application/x-amz-json-1.0",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_AMZ_TARGET": f"{service}.{name}",
            "wsgi.input": io.BytesIO(body),
        })
        answer = json.loads(body or b"{}")
        if status.startswith("200"):
            answer = in_shape(answer, CLOUDWATCH.operation_model(name).output_shape)
        kept = [pair for pair in headers if pair[0].lower() in ("x-amzn-requestid", "x-amzn-query-error")]
        spoken = [("Content-Type", "application/cbor"), ("Smithy-Protocol", "rpc-v2-cbor")]
        return status, kept + spoken, cbor2.dumps(answer)


def seconds(value):
    """Returns a time as awsJson writes it."""
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    raise TypeError(f"{type(value)} in a request")


def in_shape(value, shape):
    """Returns an answer with what CBOR has and JSON hasn't: times, and no members that are null."""
    match shape and shape.type_name:
        case "structure":
            members = shape.members
            return {key: in_shape(item, members.get(key)) for key, item in value.items() if item is not None}
        case "list":
            return [in_shape(item, shape.member) for item in value]
        case "timestamp":
            return cbor2.CBORTag(1, time(value))
    return value


def time(value):
    """Returns a time of awsJson, a number or in ISO 8601, as seconds."""
    if isinstance(value, str):
        return datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
    return value


class Quiet(MotoRequestHandler):
    """Handles requests without a line for each."""

    def log_request(self, *_):
        pass


def end_with_input():
    """Ends the process when whoever started it closes its end of the pipe, or dies."""
    sys.stdin.buffer.read()
    os._exit(0)


# moto has no service-specific credentials. mfactl asks for those of a user who is to be deleted: there are none.
IamResponse.list_service_specific_credentials = lambda self: ActionResult({"ServiceSpecificCredentials": []})

if __name__ == "__main__":
    application = Translator(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    threading.Thread(target=end_with_input, daemon=True).start()
    print(server.port, flush=True)
    server.serve_forever()
