"""Says whether somebody may do an operation in an AWS HealthImaging data store, and under which IAM role."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from overlays.governance.actor import Actor
from overlays.governance.permissions import Action, Scope, may

ACTION_OF_OPERATION: Mapping[str, Action] = {
    "SearchDICOMStudies": Action.RETRIEVE_CLINICAL,
    "SearchDICOMSeries": Action.RETRIEVE_CLINICAL,
    "SearchDICOMInstances": Action.RETRIEVE_CLINICAL,
    "GetDICOMInstance": Action.RETRIEVE_CLINICAL,
    "GetDICOMInstanceFrames": Action.RETRIEVE_CLINICAL,
    "GetDICOMInstanceMetadata": Action.RETRIEVE_CLINICAL,
    "GetDICOMSeriesMetadata": Action.RETRIEVE_CLINICAL,
    "GetDICOMBulkdata": Action.RETRIEVE_CLINICAL,
    "StoreDICOM": Action.STORE_SOURCES,
    "StoreDICOMStudy": Action.STORE_SOURCES,
}
"""The DICOMweb operations of HealthImaging, and what each is here; an operation that is not a key is nobody's."""

DATA_STORE = re.compile(r"[0-9a-z]{32}", re.ASCII)
ROLE = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]{1,512}", re.ASCII)

Roles = Mapping[str, Mapping[str, str]]
"""By data store: the ARN of the IAM role for each scope."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """The answer: a role, empty where it is a denial, and the word for it in the log."""

    role: str
    why: str


def access(actor: Actor, *, data_store: str, operation: str, roles: Roles) -> Access:
    """Under which role the actor may do the operation: that of the first scope in the data store's table which the actor has, and which
    allows it.

    A grant that is narrowed to studies is denied: the archive is not told of the study, so nobody would hold to it.
    """
    action = ACTION_OF_OPERATION.get(operation)
    if action is None:
        return Access(role="", why="no such operation")
    if data_store not in roles:
        return Access(role="", why="no such data store")
    if actor.studies is not None:
        return Access(role="", why="narrowed to studies")
    for scope, role in roles[data_store].items():
        if Scope(scope) in actor.scopes and may(frozenset({Scope(scope)}), action):
            return Access(role=role, why="let in")
    return Access(role="", why="not allowed")


def checked_roles(configured: Mapping) -> Roles:
    """The table as it is configured. Raises ValueError for what is no data store, scope or role."""
    for data_store, by_scope in configured.items():
        if not DATA_STORE.fullmatch(data_store) or not isinstance(by_scope, dict):
            raise ValueError("a data store has 32 small letters and digits, and an object of roles by scope")
        for scope, role in by_scope.items():
            if scope not in set(Scope) or not isinstance(role, str) or not ROLE.fullmatch(role):
                raise ValueError(f"{scope!r} is no scope, or its role is no ARN of an IAM role")
    return configured
