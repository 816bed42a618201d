"""The service: the register over HTTP, by the NLGov API Design Rules; one process for each organisation."""

import logging

# It misses a package that would check the one e-mail address in the description, which the settings check.
logging.getLogger("fastapi").setLevel(logging.ERROR)
