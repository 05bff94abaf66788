"""Serves moto on a free port of 127.0.0.1, prints the port, and ends when its standard input does.

moto doesn't speak to CloudWatch as the Rust SDK does (rpc-v2-cbor), but as boto3 does (awsJson 1.0);
requests are translated on the way in, and their answers on the way out.
https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
"""

import datetime
import io
import json
import os
import re
import sys
import threading

import botocore.session
import cbor2
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

MAX_BODY = 1 << 20  # bytes; a dashboard is the largest thing that is sent
OPERATION = re.compile(r"/service/(\w+)/operation/(\w+)")
CLOUDWATCH = botocore.session.get_session().get_service_model("cloudwatch")


class CloudWatchInCbor:
    """Wraps a WSGI application that speaks awsJson 1.0, so that it speaks rpc-v2-cbor too."""

    def __init__(self, application):
        self.application = application
        self.turn = threading.Lock()  # moto isn't made for two requests at once

    def __call__(self, environ, start_response):
        operation = OPERATION.fullmatch(environ["PATH_INFO"])
        with self.turn:
            if not operation:
                return list(self.application(environ, start_response))
            return [self.translated(operation, environ, start_response)]

    def translated(self, operation, environ, start_response):
        service, name = operation.groups()
        body = environ["wsgi.input"].read(min(int(environ.get("CONTENT_LENGTH") or 0), MAX_BODY))
        body = json.dumps(cbor2.loads(body) if body else {}, default=seconds).encode()
        environ = environ | {
            "PATH_INFO": "/",
            "REQUEST_URI": "/",
            "RAW_URI": "/",
            "CONTENT_TYPE": "application/x-amz-json-1.0",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_AMZ_TARGET": f"{service}.{name}",
            "wsgi.input": io.BytesIO(body),
        }
        environ.pop("HTTP_SMITHY_PROTOCOL", None)
        status, headers = None, None

        def started(line, pairs, exc_info=None):
            nonlocal status, headers
            status, headers = line, pairs

        answer = json.loads(b"".join(self.application(environ, started)) or b"{}")
        if status.startswith("200"):
            answer = in_shape(answer, CLOUDWATCH.operation_model(name).output_shape)
        body = cbor2.dumps(answer)
        kept = [pair for pair in headers if pair[0].lower() in ("x-amzn-requestid", "x-amzn-query-error")]
        start_response(status, kept + [
            ("Content-Type", "application/cbor"),
            ("Content-Length", str(len(body))),
            ("Smithy-Protocol", "rpc-v2-cbor"),
        ])
        return body


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


if __name__ == "__main__":
    application = CloudWatchInCbor(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    threading.Thread(target=end_with_input, daemon=True).start()
    print(server.port, flush=True)
    server.serve_forever()
