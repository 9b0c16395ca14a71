"""What is remembered: facts, constraints and triggers; no workflows."""

from overlays.models.ai_model import AIModel, ModelStatusChange, ModelVersion, Poster
from overlays.models.audit import AuditEntry
from overlays.models.change import Change
from overlays.models.decision import DisplayReceipt, RenderDecision
from overlays.models.decision_key import DecisionKey
from overlays.models.launch import Launch
from overlays.models.overlay import Overlay
from overlays.models.review import Review
from overlays.models.source import SourceInstance
from overlays.models.stored_bytes import StoredBytes
from overlays.models.stored_instance import StoredInstance
from overlays.models.study import Series, Study
from overlays.models.version import OverlayVersion, SourceReference

__all__ = [
    "AIModel",
    "AuditEntry",
    "Change",
    "DecisionKey",
    "DisplayReceipt",
    "Launch",
    "ModelStatusChange",
    "ModelVersion",
    "Overlay",
    "OverlayVersion",
    "Poster",
    "RenderDecision",
    "Review",
    "Series",
    "SourceInstance",
    "SourceReference",
    "StoredBytes",
    "StoredInstance",
    "Study",
]
