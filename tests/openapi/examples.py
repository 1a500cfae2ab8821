"""examples.py DOCUMENT: each example of a body in that OpenAPI document has to be as its schema says. Ends with 1 and tells
which is not; with 0 and how many there are."""
import json
import sys

import jsonschema
import referencing
import referencing.jsonschema

ADDRESS = "urn:openapi"

with open(sys.argv[1], encoding="utf-8") as file:
    document = json.load(file)
registry = referencing.Registry().with_resource(ADDRESS, referencing.jsonschema.DRAFT202012.create_resource(document))


def contents(node, place):
    """Each member of a `content`, and where it stands, as a JSON pointer."""
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, each in members:
        here = f"{place}/{str(name).replace('~', '~0').replace('/', '~1')}"
        if place.endswith("/content"):
            yield each, here
        yield from contents(each, here)


examples = wrong = 0
for content, place in contents(document, ""):
    validator = jsonschema.Draft202012Validator({"$ref": f"{ADDRESS}#{place}/schema"}, registry=registry,
                                                format_checker=jsonschema.FormatChecker())
    given = [each["value"] for each in content.get("examples", {}).values()]
    for example in given + [content[name] for name in ("example",) if name in content]:
        examples += 1
        for error in validator.iter_errors(example):
            wrong += 1
            print(f"{place}: {error.message}")
print(f"{examples} examples, {wrong} wrong")
sys.exit(1 if wrong else 0)
