"""Says who may do what: one table from scope to actions, and one question asked of it."""

from enum import StrEnum


class Scope(StrEnum):
    """What an access token, or a group of people, is allowed: the scopes of OAuth 2.0 (RFC 6749 3.3)."""

    STORE = "overlays.store"
    VIEW = "overlays.view"
    REVIEW = "overlays.review"
    MANAGE = "models.manage"
    AUDIT = "audit.export"
    AUTHORIZE = "archive.authorize"


class Action(StrEnum):
    """Everything anybody can ask of the registry; an address, a page and a service each name one."""

    STORE_INSTANCES = "store instances"
    STORE_CORRECTION = "store a correction"
    STORE_SOURCES = "store source images"
    DECIDE_CLINICAL = "ask for render decisions, clinical purpose"
    DECIDE_REVIEW = "ask for render decisions, review purpose"
    DECIDE_RESEARCH = "ask for render decisions, research purpose"
    RETRIEVE_CLINICAL = "search and retrieve, clinical purpose"
    RETRIEVE_REVIEW = "search and retrieve, review purpose"
    RECORD_DISPLAY = "record what was displayed"
    READ_CHANGES = "follow what may change render decisions"
    LAUNCH_VIEWER = "launch a viewer"
    READ_OVERLAYS = "read overlays and versions"
    READ_REVIEWS = "read reviews"
    REVIEW = "review a version"
    READ_MODELS = "read models"
    MANAGE_MODELS = "register models, set their status and who may post for them"
    READ_LINEAGE = "read lineage"
    READ_AUDIT = "read the audit log"
    AUTHORIZE_ARCHIVE = "ask on behalf of an archive what a token allows there"


PERSONAL: frozenset[Action] = frozenset({Action.REVIEW, Action.STORE_CORRECTION})
"""What only a person can do, whatever scopes a machine was given: nobody else can be the reader or the author."""

GROUP_OF_SCOPE: dict[Scope, str] = {
    Scope.STORE: "Pipelines",
    Scope.VIEW: "Clinicians",
    Scope.REVIEW: "Radiologists",
    Scope.MANAGE: "AI stewards",
    Scope.AUDIT: "Auditors",
}
"""The Django group that grants a person each scope."""

OF_MACHINES: frozenset[Scope] = frozenset({Scope.AUTHORIZE})
"""Scopes that no group grants: clients alone have them."""

_VIEW = frozenset(
    {
        Action.DECIDE_CLINICAL,
        Action.DECIDE_RESEARCH,
        Action.RETRIEVE_CLINICAL,
        Action.RECORD_DISPLAY,
        Action.READ_CHANGES,
        Action.LAUNCH_VIEWER,
        Action.READ_OVERLAYS,
        Action.READ_MODELS,
    }
)

ACTIONS_OF_SCOPE: dict[Scope, frozenset[Action]] = {
    Scope.STORE: frozenset({Action.STORE_INSTANCES, Action.STORE_SOURCES, Action.READ_OVERLAYS, Action.READ_MODELS}),
    Scope.VIEW: _VIEW,
    Scope.REVIEW: _VIEW
    | {
        Action.DECIDE_REVIEW,
        Action.RETRIEVE_REVIEW,
        Action.REVIEW,
        Action.READ_REVIEWS,
        Action.READ_LINEAGE,
        Action.STORE_CORRECTION,
    },
    Scope.MANAGE: frozenset(
        {
            Action.READ_CHANGES,
            Action.READ_OVERLAYS,
            Action.READ_REVIEWS,
            Action.READ_MODELS,
            Action.MANAGE_MODELS,
            Action.READ_LINEAGE,
        }
    ),
    Scope.AUDIT: frozenset(
        {
            Action.READ_CHANGES,
            Action.READ_OVERLAYS,
            Action.READ_REVIEWS,
            Action.READ_MODELS,
            Action.READ_LINEAGE,
            Action.READ_AUDIT,
        }
    ),
    Scope.AUTHORIZE: frozenset({Action.AUTHORIZE_ARCHIVE}),
}
"""Every scope, and all that it allows. A scope that is not a key allows nothing."""


def may(scopes: frozenset[Scope], action: Action) -> bool:
    """Whether any of the scopes allows the action.

    Raises ValueError for an action that is not in the table's vocabulary: a misspelt permission must never pass as a refusal.
    """
    wanted = Action(action)
    return any(wanted in ACTIONS_OF_SCOPE[scope] for scope in scopes)
