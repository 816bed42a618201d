"""The only part that talks to a node: connect, deploy, read, send, and turn logs into events."""

from registry.chain.connect import Chain, connect
from registry.chain.deploy import Deployment, deploy, find_deployment
from registry.chain.register import Register, Sent

__all__ = ["Chain", "Deployment", "Register", "Sent", "connect", "deploy", "find_deployment"]
