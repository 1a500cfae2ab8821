"""What schemathesis cannot take from the document: requests that are valid part by part and contradict themselves as a whole."""
import json

import schemathesis
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.generation.meta import TestPhase

LOGS = ["default", "one", "two"]
OFFSETS = 20  # that are asked for in them
STARTS = ["offset", "since", "last"]  # of which a read has one at most
ACCEPTED = {"readRecords": ["application/json", "application/x-ndjson", "application/octet-stream", "*/*"],
            "getRecord": ["application/octet-stream", "application/json;q=0.5", "application/*"]}

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
RECORD = st.one_of(
    st.fixed_dictionaries({"text": TEXT}, optional={"key": TEXT}),
    st.fixed_dictionaries({"json": st.one_of(st.none(), st.integers(), TEXT, st.lists(TEXT, max_size=3))}),
    st.fixed_dictionaries({"value": st.sampled_from(["", "AAH/gA==", "b25l"])}, optional={
        "headers": st.dictionaries(st.sampled_from(["source", "trace-id"]), TEXT)}))
LINES = st.lists(RECORD.map(json.dumps), min_size=1, max_size=5).map(lambda lines: "\n".join(lines).encode())
schemathesis.openapi.media_type("application/x-ndjson", LINES)
schemathesis.openapi.media_type("application/octet-stream", st.binary(max_size=100))


def name(case):
    return case.operation.definition.raw["operationId"]


def is_positive(case):
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE


def keep_one(parameters, names):
    for each in [each for each in names if each in parameters][1:]:
        del parameters[each]


def whole(value):
    """JSON Schema takes 2.0 for a whole number, daybook does not: it is told the text of a number, and asks for digits."""
    if isinstance(value, dict):
        return {name: each if name == "json" else whole(each) for name, each in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def chosen(case):
    """A number that is the same whenever the case is."""
    return sum(str((case.path_parameters or {}).get("log", "")).encode())


def visit_logs_that_are_there(case, query):
    """A name that is made up names no log, as a rule, an id never does, and an offset is behind the end."""
    parameters = case.path_parameters or {}
    if "log" not in parameters or case.meta.phase.name == TestPhase.STATEFUL or chosen(case) % 4 == 0:
        return
    for within in parameters, query, case.body if isinstance(case.body, dict) else {}:
        for offset in "offset", "before":
            if isinstance(within.get(offset), int):
                within[offset] %= OFFSETS
    parameters["log"] = LOGS[chosen(case) % 4 - 1]
    query.pop("log_id", None)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Bodies that are not JSON are made here; schemathesis takes no example for them, which would be a string."""
    content = raw_schema["paths"]["/v1/logs/{log}/records"]["post"]["requestBody"]["content"]
    for media_type in "application/x-ndjson", "application/octet-stream":
        content[media_type].pop("examples")


@schemathesis.hook
def filter_case(context, case):
    """Drops what calls itself valid and is not: with a part that was made to be wrong for want of a right one, or a number for
    entity tags."""
    if not is_positive(case):
        return True
    return (not any(part.mode.is_negative for part in case.meta.components.values())
            and not str((case.headers or {}).get("If-Match", "*")).isdigit())


@schemathesis.hook
def map_case(context, case):
    if is_positive(case):
        if name(case) in ACCEPTED:
            case.headers["Accept"] = ACCEPTED[name(case)][chosen(case) % len(ACCEPTED[name(case)])]
        if isinstance(case.body, dict):
            case.body = whole(case.body)
        visit_logs_that_are_there(case, case.query or {})
    return case


def take_contradictions_out(case, query, headers):
    """Whatever goes well alone and not together."""
    if name(case) == "readRecords":
        query.pop("last_event_id", None)  # without an event stream
        keep_one(query, STARTS)
    if name(case) == "appendRecords" and case.media_type != "application/octet-stream":
        query.pop("key", None)
    if name(case) == "putCursor":
        keep_one(headers, ["If-Match", "If-None-Match"])


@schemathesis.hook
def before_call(context, case, kwargs):
    query, headers, path = case.query or {}, case.headers or {}, case.path_parameters or {}
    # What is taken from answers: numbers for header fields, and the patterns of paths that GET /v1 has as `log` and `cursor`.
    for field, value in headers.items():
        headers[field] = str(value)
    for parameter, value in path.items():
        if value in (f"{{{parameter}}}", f"%7B{parameter}%7D"):
            path[parameter] = LOGS[0]
    if query.get("follow") == "sse":  # an event stream has no end
        del query["follow"]
    if name(case) == "readRecords":
        headers.pop("Last-Event-ID", None)
    if is_positive(case):
        take_contradictions_out(case, query, headers)


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    return value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.hook
def filter_failure(context, failure, case, response):
    # A method that a server does not know is a 501, not a 405 (RFC 9110 section 15.6.2).
    unknown_method = response.status_code == 501 and response.request.method == "QUERY"
    # How far a log reaches stands in no schema: an offset behind its end is the fault of the body.
    behind_the_end = (response.status_code == 400 and failure.title == "Schema-valid request rejected"
                      and name(case) in ("trimLog", "putCursor") and "next_offset" in response.json())
    return not unknown_method and not behind_the_end
