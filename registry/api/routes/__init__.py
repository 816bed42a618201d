"""The addresses of the service: a router for each subject, listed here once."""

from __future__ import annotations

from fastapi import APIRouter


def versioned() -> list[APIRouter]:
    """The routers under ``/v1``, in the order in which the description shows them."""
    from registry.api.routes import (
        acts,
        agreements,
        commitments,
        dossiers,
        organisations,
        proposals,
        register,
        sessions,
        writing,
    )

    subjects = (organisations, agreements, acts, proposals, commitments, register, writing, sessions, dossiers)
    return [one.router for one in subjects]


def plain() -> list[APIRouter]:
    """The routers for whoever runs the service, which are no part of the API."""
    from registry.api.routes import health

    return [health.router]
