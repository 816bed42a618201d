"""What the fuzzer knows of this service: names that stand for something, and what no schema can say.

Runs in the fuzzer's environment, not in the project's.
"""

import json
import os
import random
import urllib.request

import schemathesis

_SERVICE = os.environ["FUZZED_SERVICE"] + "/v1"


def _ask(path):
    with urllib.request.urlopen(_SERVICE + path, timeout=20) as answer:
        return json.load(answer)


def _known():
    agreements = _ask("/agreements?limit=50")["items"]
    proposals = _ask("/proposals?limit=50")["items"]
    organisations = _ask("/organisations")["items"]
    hashes = [one["agreement"] for one in agreements]
    acts = [one["head"] for one in agreements] + [one["actHash"] for one in proposals]
    shown = [_ask("/acts/" + one) for one in hashes[:20]]
    last = [_ask("/acts/" + one["head"]) for one in _ask("/agreements?text=voorbeeld&limit=50")["items"]]
    keys = [each["signatory"] for one in shown for each in one["approvals"]]
    return {
        "agreement": hashes,
        "actHash": hashes + acts,
        "organisationId": [one["organisation"]["id"] for one in organisations],
        "signatory": keys,
        "root": [one["act"]["dossier"] for one in shown + last],
        "index": [0, 1, 2],
    }


_KNOWN = _known()
_CURSORS = [one for one in (_ask(f"/{name}?limit=1")["next"] for name in ("agreements", "events", "proposals")) if one]


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Half of the time something that is there: what nobody recorded is answered soon."""
    if path_parameters and random.random() < 0.5:
        return {
            name: random.choice(_KNOWN[name]) if _KNOWN.get(name) else value for name, value in path_parameters.items()
        }
    return path_parameters


@schemathesis.check
def no_refusal_for_the_form_of_what_has_it(ctx, response, case):
    """What the description allows is never refused as if it did not."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code != 400:
        return
    problem = response.json()
    assert not problem["type"].endswith(":invalid-input"), problem["detail"]
