"""Reads OpenAPI 3.1 documents with openapi-spec-validator, which knows OpenAPI's own schema.

    read_openapi.py FILE...    prints what is wrong, and exits 1 if anything is
"""

import json
import sys

from openapi_spec_validator import OpenAPIV31SpecValidator

mistakes = 0
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    for mistake in OpenAPIV31SpecValidator(document).iter_errors():
        print(f"{path}: {mistake.message}")
        mistakes += 1
print(f"{len(sys.argv) - 1} documents, {mistakes} mistakes")
sys.exit(1 if mistakes else 0)
